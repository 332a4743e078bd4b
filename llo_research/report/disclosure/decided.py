"""What of a set of results may leave together, and what may not and why."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from llo_research.errors import DataError, LloWarning
from llo_research.options import nearest
from llo_research.report.disclosure.by_sums import by_weights
from llo_research.report.disclosure.by_values import unlike
from llo_research.report.disclosure.covariances import Covariances, by_pairs, covariances_of
from llo_research.report.disclosure.digits import is_model
from llo_research.report.disclosure.findings import Finding
from llo_research.report.disclosure.identified import beside_identified
from llo_research.report.disclosure.models import degrees_of_freedom
from llo_research.report.disclosure.numbering import people_of
from llo_research.report.disclosure.of_files import ends_of_files, found_of_files, is_of_file
from llo_research.report.disclosure.one_survey import OneSurvey
from llo_research.report.disclosure.quantiles import near_by_names
from llo_research.report.disclosure.rules import by_facts
from llo_research.report.disclosure.systems import System
from llo_research.report.disclosure.words import RULES
from llo_research.results.floors import facts_of, rows_to_hide
from llo_research.results.profiles.profile import Profile, Rules, strictest
from llo_research.results.result import Result
from llo_research.results.rules import GUARDED, check_profile, names_of_source, rules_for
from llo_research.results.saved import with_people, without_people

_BEFORE = "{name} (left before)"
_PART = {"result": "part"}  # what joint results and table books call the results in them
_NO_DIFFERENCES = (
    "{name}: nobody knows which people its rows rest on (read from a file, added up over many, or combined over "
    "several): beside other results it was looked at by the names and numbers of its rows; what the people themselves "
    "tell was not checked"
)
_OF_FILE = (
    "{name}: read from a file: by itself it was checked when it was saved, by rules as strict as these or stricter; "
    "beside another result of the same data nothing of it leaves"
)
_APART = (
    "these results rest on data that have no people in common, as far as their columns tell: what one tells beside "
    "another was not checked between {names}"
)


@dataclass(frozen=True)
class Decision:
    """What may leave of results that leave together.

    hidden : by name of the result, (k,) rows that may not leave.
    findings : one row for each rule that a row breaks: `result`, `name` (the same), `row` (its place in the result),
        what identifies it (`part` within a joint result), `rule`, `found`, `limit`, `why`.
    profile : the profile.
    rules : by name of the result, the rules that held for it.
    facts : by name of the result, the unweighted counts behind each row; they stay inside.
    systems : the sets of persons whose numbers add up, what of them is hidden, and what may not become known.
    checked : what could not be checked, in words.
    covariances : by name of the result, which covariances of its rows may not leave.
    """

    hidden: Mapping[str, np.ndarray]
    findings: pd.DataFrame
    profile: Profile
    rules: Mapping[str, Rules]
    facts: Mapping[str, pd.DataFrame]
    systems: tuple[System, ...] = ()
    checked: tuple[str, ...] = ()
    covariances: Mapping[str, Covariances] = field(default_factory=dict)

    def covariances_in_words(self, language: str) -> list[str]:
        """Which covariances of rows that leave do not."""
        own = self.covariances.items()
        return [line for name, one in own for line in one.in_words(name, self.hidden[name], self.rules[name], language)]


def decide(
    results: Mapping[str, Result], profile: str | Path = "cbs", *, left_before: Mapping[str, Result] | None = None
) -> Decision:
    """What of these results may leave together, beside what left before.

    Parameters
    ----------
    results : by name.
    profile : a name, or the path of the user's own.
    left_before : results whose rows are known outside; they cannot be hidden any more. Rows that the profile withholds,
        of each by itself and of all together, did not leave.
    """
    parts, before = checked_results(results), dict(left_before or {})
    chosen = _profile(profile, parts)
    rules = {name: rules_for(result.meta.get("source"), chosen) for name, result in parts.items()}
    facts = {name: facts_of(result).reset_index(drop=True) for name, result in parts.items()}
    found: list[Finding] = []
    for name, result in parts.items():
        found += _alone(name, result, facts[name], rules[name])
    found += found_of_files(parts, before, rules)
    systems: list[System] = []
    old = {_BEFORE.format(name=name): result for name, result in before.items()}
    known = {name: own for name, result in (parts | old).items() if (own := _with_rows(result)) is not None}
    told = [_NO_DIFFERENCES.format(name=name) for name in parts | old if name not in known]
    told += [_OF_FILE.format(name=name) for name in parts if is_of_file(parts[name])]
    surveys = people_of(known)
    if len(surveys) > 1:
        told.append(_APART.format(names="; ".join(", ".join(people.results) for people in surveys)))
    withheld = _withheld(before, profile)
    for people in surveys:
        held = strictest([rules[name] for name in people.results if name in rules] or [chosen.rules["restricted"]])
        one = OneSurvey(people, set(old), held, withheld)
        found += one.decided(found)
        systems += one.hiding.systems
        told += one.hiding.told
    found += _without_rows({name: parts[name] for name in parts if name not in known}, facts, rules, found)
    apart = {name for name in parts | old if name not in known}
    held = strictest([*rules.values(), chosen.rules["restricted"]])
    inside = {one.name for one in found if one.rule == "saved"}  # of which nothing is told
    some, apart = {name: parts[name] for name in parts if name not in inside}, apart - inside
    found += near_by_names(some, old, apart, held)
    found += beside_identified(some, old, apart, held, {(one.name, one.row) for one in found})
    hidden = {name: np.zeros(len(result.rows), dtype=bool) for name, result in parts.items()}
    for one_finding in found:
        hidden[one_finding.name][one_finding.row] = True
    between = {name: ends_of_files(name, parts[name], rules, own) for name, own in covariances_of(parts, rules).items()}
    frame, said = _frame(parts, found), tuple(dict.fromkeys(told))
    return Decision(hidden, frame, chosen, rules, facts, tuple(systems), said, between)


def _alone(name: str, result: Result, facts: pd.DataFrame, rules: Rules) -> list[Finding]:
    """The rules that rows of a result break, whatever else leaves."""
    found = by_facts(name, result, facts, rules)
    found += degrees_of_freedom(name, result, facts, rules)
    found += by_pairs(name, result, rules)
    found += unlike(name, result, rules)
    found += by_weights(name, with_people(result), rules)
    return found + _beside_few(name, result, rules, found)


def _beside_few(name: str, result: Result, rules: Rules, found: Sequence[Finding]) -> list[Finding]:
    """Of a model with a regressor that few persons have all rows: the others tell of it beside the means of all."""
    own = [one for one in found if one.name == name and one.rule in ("few", "complement")]
    if not own or "term" not in result.rows or "component" in result.rows or not is_model(result.meta):
        return []
    return [
        Finding(name, i, "saturated", min(one.found for one in own), rules.complement) for i in range(len(result.rows))
    ]


def _profile(profile: str | Path, results: Mapping[str, Result]) -> Profile:
    """The profile; rules of sources that nobody knows are warned of, since they hold for nothing."""
    chosen = check_profile(profile)
    known = {name for result in results.values() for name in names_of_source(result.meta.get("source"))}
    folder = files("llo_research") / "data" / "instruments"
    known |= {*GUARDED, *(entry.name.removesuffix(".toml") for entry in folder.iterdir())}
    for name in sorted(set(chosen.rules) - known):
        warnings.warn(
            f"The profile has rules for {name!r}, which is no instrument and no source of these results: they hold for "
            f"nothing{nearest(name, sorted(known), 'among them')}.",
            LloWarning,
            stacklevel=4,
        )
    return chosen


def _withheld(before: Mapping[str, Result], profile: str | Path) -> set[tuple[str, int]]:
    """Rows of results that left before which were withheld then, whether they left one by one or together."""
    if not before:
        return set()
    alone = {name: decide({name: result}, profile).hidden[name] for name, result in before.items()}
    together = decide(before, profile).hidden
    return {
        (_BEFORE.format(name=name), int(row))
        for name, gone in alone.items()
        for row in np.flatnonzero(gone & together[name])
    }


def _with_rows(result: Result) -> Result | None:
    """The result, or its first imputation, that tells which rows of the data it rests on; None where none does."""
    each = (result, *result.draws[:1])
    return next((one for one in each if one.scores is not None and one.design is not None), None)


def _without_rows(
    results: Mapping[str, Result],
    facts: Mapping[str, pd.DataFrame],
    rules: Mapping[str, Rules],
    found: Sequence[Finding],
) -> list[Finding]:
    """Rows hidden beside others of their own result, by what identifies them, where nothing else is known."""
    out = []
    gone = {(one.name, one.row) for one in found}
    for name, result in results.items():
        if is_model(result.meta):  # whose groups nobody knows any more
            out += [Finding(name, i, "unknown") for i in range(len(result.rows))]
            continue
        hit = rows_to_hide(result.rows.reset_index(drop=True), facts[name], rules[name], result.meta)
        out += [Finding(name, int(i), "secondary") for i in np.flatnonzero(hit) if (name, int(i)) not in gone]
    return out


def _frame(results: Mapping[str, Result], found: Sequence[Finding]) -> pd.DataFrame:
    """One row for each rule that a row breaks, in the order of the results and of the rules."""
    worst: dict[tuple[str, int, str], Finding] = {}
    for one in found:
        worst.setdefault((one.name, one.row, one.rule), one)
    place = {name: i for i, name in enumerate(results)}
    order = sorted(worst.values(), key=lambda one: (place[one.name], one.row, RULES.index(one.rule)))
    out = []
    for one in order:
        own = {_PART.get(str(key), str(key)): value for key, value in results[one.name].rows.iloc[one.row].items()}
        numbers = {"rule": one.rule, "found": one.found, "limit": one.limit, "why": one.why}
        out.append({"result": one.name, "name": one.name, "row": one.row, **own, **numbers})
    names = dict.fromkeys(
        _PART.get(str(name), str(name)) for result in results.values() for name in result.rows.columns
    )
    columns = ["result", "name", "row", *names, "rule", "found", "limit", "why"]
    return pd.DataFrame(out, columns=columns)


def checked_results(results: Any, where: str = "check_disclosure") -> dict[str, Result]:
    """Results by name: a single one is called ``result``, those of a list ``result_1``, ``result_2``."""
    parts: Any = {"result": results} if isinstance(results, Result) else results
    if isinstance(parts, list | tuple):
        parts = {f"result_{i}": result for i, result in enumerate(parts, start=1)}
    wrong = {} if not isinstance(parts, Mapping) else {n: r for n, r in parts.items() if not isinstance(r, Result)}
    if not isinstance(parts, Mapping) or not parts or wrong:
        name, one = next(iter(wrong.items()), (None, results))
        raise DataError(
            "What leaves is told by results.",
            where=where if name is None else f"{where}, {name!r}",
            found="nothing" if isinstance(parts, Mapping) and not parts else f"a {type(one).__name__}",
            expected="a Result, a list of them, or a mapping of names to results",
            todo="llo.report.check_disclosure({'training': result}); a frame does not tell whom its numbers rest on",
        )
    return {str(name): _of_people(result) for name, result in parts.items()}


def _of_people(result: Result) -> Result:
    """The result; of rows that stand for many without its rows, which would be counted as people."""
    many = result.design is not None and result.design.stands is not None
    return without_people(result) if many else result
