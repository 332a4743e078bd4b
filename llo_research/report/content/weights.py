"""What a weight report shows, before it is a table or a figure: its parts, and which of them may be seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from llo_research.errors import DisclosureError
from llo_research.report.content import notes
from llo_research.report.content.content import Content
from llo_research.report.content.estimates import estimates_content
from llo_research.report.content.frames import quantities_of
from llo_research.report.content.labels import capital, is_missing, said, short_label, value_label
from llo_research.report.content.numbers import number
from llo_research.report.content.words import WEIGHTING
from llo_research.results.floors import HIDDEN, margins_without_few, withheld
from llo_research.results.quantities import Quantity
from llo_research.results.rules import AUTO, profile_for


def word(key: str, language: str) -> str:
    """A word of weight reports; the key itself where there is none."""
    return said(WEIGHTING, key, language) if key in WEIGHTING else key


def guarded(report: Any, part: str, disclosure: str) -> bool:
    """Whether the ends of weights are withheld; what shows persons one by one is refused."""
    frame = report.steps if part == "report" else report
    hides = profile_for(_meta(frame), disclosure) is not None
    if hides and part in ("largest", "distribution"):
        raise DisclosureError(
            "Weights of single persons may not be seen.",
            where=f"the part {part} of the weight report",
            found="restricted files",
            expected="the steps, the margins, or the outcomes",
            todo="llo.report.table(report); disclosure='off' shows it to you alone",
        )
    return hides


def without_few(frame: pd.DataFrame, part: str, disclosure: str) -> tuple[pd.DataFrame, int]:
    """Margins without the sums of few people, and how many those are."""
    chosen = profile_for(_meta(frame), disclosure)
    if part != "margins" or chosen is None:
        return frame, 0
    shown, hidden = margins_without_few(frame, chosen[1])
    return shown, int(hidden.sum())


def few_note(few: int, language: str) -> tuple[str, ...]:
    """How many margins are withheld."""
    if not few:
        return ()
    nl = language == "nl"
    return (f"Afgeschermd: {few} randtotalen van weinig mensen." if nl else f"Withheld: {few} margins of few people.",)


def head(key: str, language: str) -> str:
    """A head of a column; symbols stay small."""
    text = word(key, language)
    return text if len(text) == 1 or text.startswith("g,") else capital(text)


def _meta(frame: pd.DataFrame) -> dict[str, Any]:
    """What a part of the report says of its source and call."""
    return {str(name): value for name, value in frame.attrs.items()}


def places(values: np.ndarray) -> int:
    """Decimals that show three digits of the typical number, none for thousands."""
    known = np.abs(values[np.isfinite(values) & (values != 0)])
    return 0 if len(known) == 0 else int(np.clip(2 - np.floor(np.log10(np.median(known))), 0, 4))


def steps(frame: pd.DataFrame, language: str) -> list[str]:
    """Number and name of each step."""
    steps = zip(frame["step"], frame["name"], strict=True)
    return [f"{step}. {word(name, language)}" for step, name in steps]


def margins(frame: pd.DataFrame, language: str) -> list[str]:
    """Group, margin and level of each total, by their labels where they are columns of the survey."""
    labels = frame.attrs.get("labels") or {}
    parts = zip(frame["group"], frame["margin"], frame["level"], strict=True)
    return [_margin(*row, labels, language) for row in parts]


def _margin(group: Any, margin: Any, level: Any, labels: Mapping[str, Any], language: str) -> str:
    """One total in words."""
    told = [str(group), short_label(str(margin), labels, language), value_label(str(margin), level, labels, language)]
    there = [not is_missing(part) for part in (group, margin, level)]
    return ": ".join(text for text, known in zip(told, there, strict=True) if known)


def bins(frame: pd.DataFrame, language: str) -> list[str]:
    """The ends of each bin."""
    ends = frame[["low", "high"]].to_numpy(dtype=np.float64)
    places = int(np.clip(1 - np.floor(np.log10(max(float((ends[:, 1] - ends[:, 0]).min()), 1e-6))), 0, 6))
    dash = {"nl": " tot ", "en": " to "}[language]
    return [dash.join(number(end, places, language) for end in pair) for pair in ends]


def part_content(frame: pd.DataFrame, names: Sequence[str], main: str, what: str, language: str) -> Content:
    """One column of a part as a content, for captions, notes and spreadsheets."""
    values = pd.to_numeric(frame[main]).to_numpy(dtype=np.float64)
    none = np.full(len(values), np.nan)
    meta = _meta(frame)
    return Content(
        names=pd.DataFrame({"step": names}),
        heads={"step": capital(word("step", language))},
        raw=pd.DataFrame({"step": names}),
        estimate=values,
        low=none,
        high=none,
        n=None,
        quantities=(Quantity("estimate"),) * len(values),
        decimals=(places(values),) * len(values),
        flags=((),) * len(values),
        before=("",) * len(values),
        covariance=None,
        df=none,
        what=what,
        heading=head(main, language),
        notes=_notes(frame, meta, language),
        meta=meta,
        level=0.95,
        language=language,
        synthetic=bool(meta.get("synthetic")),
    )


def _notes(frame: pd.DataFrame, meta: Mapping[str, Any], language: str) -> dict[str, str]:
    """Source, weight and the word for synthetic data."""
    told = notes.of_result(frame[[]], meta, None, 0.95, language, has_interval=False)
    return {topic: told[topic] for topic in ("synthetic", "weight", "source") if topic in told}


def outcomes_content(frame: pd.DataFrame, digits: int, language: str, disclosure: str = AUTO) -> Content:
    """The outcomes after each step as estimates."""
    meta = _meta(frame)
    meta["labels"] = {**meta.get("labels", {}), "step": {"nl": word("step", "nl"), "en": word("step", "en")}}
    tidy = frame.drop(columns=["name", "deff_kish", "deff_henry"]).assign(step=steps(frame, language))
    if tidy["level"].isna().all():
        tidy = tidy.drop(columns="level")
    order = [name for name in ("variable", "level", "step") if name in tidy]
    tidy = tidy.sort_values(order[:-1], kind="stable", key=_in_order) if len(order) > 1 else tidy
    tidy = tidy.reset_index(drop=True)
    hidden = withheld(tidy, disclosure)
    means = [replace(q, kind="mean") if q.kind == "estimate" else q for q in quantities_of(tidy, meta)]
    content = estimates_content(tidy, meta, means, None, _level(meta), digits, language, hidden)
    places = [name for name in order if name in content.names]
    return replace(content, names=content.names[places], what=word("title outcomes", language))


def _in_order(values: pd.Series) -> pd.Series:
    """Values by where they first stand."""
    return pd.Series(pd.factorize(values, use_na_sentinel=False)[0], index=values.index)


def _level(meta: Mapping[str, Any]) -> float:
    """The confidence level of the report."""
    return float(meta.get("call", {}).get("level", 0.95))


def margins_content(frame: pd.DataFrame, digits: int, language: str, disclosure: str = AUTO) -> Content:
    """Differences from the targets before weighting and now, in percent."""
    frame, few = without_few(frame, "margins", disclosure)
    last = frame.drop_duplicates(["group", "margin", "level"])
    names = np.repeat(margins(last, language), 2)
    moments = [capital(word(moment, language)) for moment in ("before", "now")] * len(last)
    away = (last[["before", "now"]].to_numpy(dtype=np.float64) / last[["target"]].to_numpy(dtype=np.float64) - 1) * 100
    tidy = pd.DataFrame({"margin": names, "moment": moments, "estimate": np.round(away.ravel(), 9) + 0.0})
    content = part_content(tidy, list(names), "estimate", word("title margins", language), language)
    shown = tidy[["margin", "moment"]]
    told = {"disclosure": few_note(few, language)[0]} if few else {}
    return replace(
        content,
        names=shown,
        raw=shown,
        heads={name: capital(word(name, language)) for name in ("margin", "moment")},
        quantities=(Quantity("difference", "percent", 0.0),) * len(tidy),
        decimals=(digits,) * len(tidy),
        heading=capital(word("away", language)),
        notes={**told, **_notes(frame, _meta(frame), language)},
        meta=_meta(frame),
        synthetic=bool(frame.attrs.get("synthetic")),
        withheld=tuple("" if known else HIDDEN for known in content.defined) if few else (),
    )


def g_content(frame: pd.DataFrame, language: str) -> Content:
    """The distribution of weight over base weight: rows in each bin."""
    content = part_content(frame, bins(frame, language), "n", word("title g", language), language)
    return replace(
        content,
        names=content.names.rename(columns={"step": "g"}),
        raw=frame[["low", "high"]].reset_index(drop=True),
        heads={"g": capital(word("change", language))},
        decimals=(0,) * len(frame),
    )
