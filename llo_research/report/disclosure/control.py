"""The documents that go with an export to the officer who checks it: they hold counts, and stay inside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from llo_research.report.disclosure.decided import Decision
from llo_research.report.disclosure.outgoing import Outgoing
from llo_research.report.disclosure.passing import Passing
from llo_research.report.disclosure.words import say, why_in_words
from llo_research.results.columns import identifiers_of
from llo_research.results.result import Result

FACTS = ("n", "n_units", "n_nonzero", "n_complement", "largest_share")


@dataclass(frozen=True)
class Control:
    """What an officer is told.

    results, passing : what was handed over, and what of it leaves, by name. parts : with the results that stand in
    them. decision : why. sources : files with the user's code. language : of the words.
    before : what left before, by name.
    """

    results: Mapping[str, Result]
    parts: Mapping[str, Result]
    passing: Mapping[str, Passing]
    decision: Decision
    sources: Sequence[Path]
    language: str
    before: Mapping[str, Result] = field(default_factory=dict)

    def before_by_names(self) -> list[str]:
        """Earlier results that do not tell which rows of the data they rest on."""
        each = self.before.items()
        return [name for name, own in each if all(one.scores is None for one in (own, *own.draws[:1]))]

    def say(self, key: str, **values: Any) -> str:
        """A text in the language."""
        return say(key, self.language, **values)

    def hidden(self) -> dict[str, np.ndarray]:
        """Which rows of each result do not leave, of those within results too."""
        out: dict[str, np.ndarray] = {}
        for name, own in self.passing.items():
            out[name] = own.gone
            out |= {f"{name}: {inner}": one.gone for inner, one in own.inner.items()}
        return {name: out[name] for name in self.parts}

    def profile_in_words(self) -> str:
        """Which rules, and whether somebody has dated them."""
        profile = self.decision.profile
        title = profile.title.get(self.language) or profile.title.get("en") or profile.name
        key = "confirmed" if profile.confirmed else "unconfirmed"
        return self.say(key, name=profile.name, title=title, date=profile.confirmed)


def readme(leaving: Sequence[Outgoing], control: Control) -> str:
    """What the folder holds, for who finds it outside."""
    rules = leaving[0].passing
    others = any(one.told["meta"]["exported"]["others"] for one in leaving)
    return control.say(
        "readme",
        confirmed=control.profile_in_words(),
        others=control.say("others") if others else "",
        units=rules.rules.units,
        rounded=control.say("rounded", n=rules.rounding) if rules.rounding > 1 else "",
        files="\n".join(f"  {one.name}.csv, {one.name}.json" for one in leaving),
    )


def counts_of(control: Control) -> pd.DataFrame:
    """The unweighted people behind every row, whether it leaves or not."""
    frames, hidden = [], control.hidden()
    for name, result in control.parts.items():
        frame = identifiers_of(result.rows).astype(object)
        facts = control.decision.facts[name]
        for fact in FACTS:
            frame[fact] = facts[fact].to_numpy() if fact in facts else np.nan
        frame["df"] = result.df
        frame["leaves"] = np.where(hidden[name], "no", "yes")
        frames.append(frame.rename(columns={"result": "part"}).assign(result=name))
    every = pd.concat(frames, ignore_index=True, sort=False)
    last = [*FACTS, "df", "leaves"]
    return every[["result", *(name for name in every if name not in ("result", *last)), *last]]


def suppressed_of(control: Control) -> pd.DataFrame:
    """Each row that does not leave, and the rules that it breaks; also what another reading hides."""
    found = control.decision.findings
    told = {(str(name), int(row)) for name, row in found[["name", "row"]].itertuples(index=False, name=None)}
    why = zip(found["rule"], found["found"], found["limit"], strict=True)
    found = found.assign(why=[why_in_words(*one, language=control.language) for one in why])
    more = []
    for name, gone in control.hidden().items():
        rows = identifiers_of(control.parts[name].rows).astype(object).drop(columns="result", errors="ignore")
        more += [
            {"result": name, **rows.iloc[i].to_dict(), "rule": "secondary", "why": control.say("same cell")}
            for i in map(int, np.flatnonzero(gone))
            if (name, i) not in told
        ]
    return pd.concat([found, pd.DataFrame(more)], ignore_index=True, sort=False).drop(columns=["name", "row"])


def one_sided_of(control: Control) -> pd.DataFrame:
    """Shares that leave though nearly all of a group are in one category, since enough people are outside it."""
    frames, hidden = [], control.hidden()
    for name, result in control.parts.items():
        facts, rules = control.decision.facts[name], control.decision.rules[name]
        if rules.one_category_others is None or not {"n_nonzero", "n_complement"} <= set(facts):
            continue
        inside, outside = facts["n_nonzero"].to_numpy(), facts["n_complement"].to_numpy()
        most, total = np.fmax(inside, outside), inside + outside
        share = np.array([one.kind == "share" for one in result.quantity])
        leaves = share & ~hidden[name] & (most > rules.one_category * total)
        frame = identifiers_of(result.rows).astype(object).rename(columns={"result": "part"})[leaves]
        shares = [f"{100 * part:.1f} %" for part in most[leaves] / total[leaves]]
        frames.append(frame.assign(result=name, share=shares, others=(total - most)[leaves]))
    none = pd.DataFrame(columns=["result", "share", "others"])
    every: pd.DataFrame = pd.concat([none, *frames], ignore_index=True, sort=False)
    return every
