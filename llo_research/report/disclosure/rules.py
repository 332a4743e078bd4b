"""The rules that a row breaks by itself, counted in persons, and the sets of persons that may not be told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from llo_research.report.disclosure.findings import Finding
from llo_research.report.disclosure.tables import Claim, Key, Tables, cell
from llo_research.results.floors import ENDS, broken_rules
from llo_research.results.profiles.profile import Rules
from llo_research.results.result import Result


@dataclass(frozen=True)
class Rest:
    """Persons of whom several numbers tell together: those of some claims (by key), less those of others in them.

    width : persons by which their number must be able to be more or less. variables : of which it is told.
    """

    of: tuple[Key, ...]
    without: tuple[Key, ...]
    width: int
    variables: tuple[str, ...]


@dataclass(eq=False)
class Unsafe:
    """What may not be told of a survey's sets of persons.

    claims : by number, the persons by which each must be able to be more or less; 0 for one that is only hidden, since
    what it would tell is the rest of a group, which is among the others. values : those of which only the
    value is unsafe (one person makes it up), not the count. others : what nobody tells but must stay unknown.
    """

    claims: dict[int, int] = field(default_factory=dict)
    values: dict[int, int] = field(default_factory=dict)
    others: list[Rest] = field(default_factory=list)

    def add(self, claim: int, width: int) -> None:
        """A claim that may not be told."""
        self.claims[claim] = max(width, self.claims.get(claim, 0))


def by_facts(name: str, result: Result, facts: pd.DataFrame, rules: Rules) -> list[Finding]:
    """The rules that rows break by the counts of their cells, as a look at them shows."""
    rows = result.rows.reset_index(drop=True)
    out = []
    for rule, hit in broken_rules(rows, facts, rules, result.meta).items():
        for i in np.flatnonzero(hit):
            out.append(Finding(name, int(i), rule, *_numbers(rule, facts.iloc[i], rules, rows.iloc[i])))
    if ENDS in facts:
        ends = facts[ENDS].to_numpy()
        for i in np.flatnonzero(ends < rules.complement):
            out.append(Finding(name, int(i), "extreme", float(ends[i]), rules.complement))
    out += [
        Finding(name, int(i), "extreme", 1.0, rules.units) for i in np.flatnonzero(_of_smallest(result, facts, rules))
    ]
    return out


def _of_smallest(result: Result, facts: pd.DataFrame, rules: Rules) -> np.ndarray:
    """(k,) indices of Atkinson of so large an aversion that they tell the smallest value.

    The equal shares that they tell lie between it and n ** (1 / (aversion - 1)) times it: no wider than `units` times.
    """
    call = result.meta.get("call") or {}
    aversion = max(float((one or {}).get("aversion") or 0) for one in (call, *(call.get("results") or {}).values()))
    n = np.maximum(facts["n_units"].to_numpy(dtype=np.float64), 1.0)
    return np.asarray((np.log(n) < (aversion - 1) * np.log(rules.units)) & (aversion > 1))


def _numbers(rule: str, facts: pd.Series, rules: Rules, row: pd.Series) -> tuple[float, float]:
    """What was found, and the limit."""
    if rule == "few":
        small = facts["n_units"] < rules.units
        return float(facts["n_units"] if small else facts["n_nonzero"]), rules.units
    if rule == "complement":
        return float(min(facts["n_nonzero"], facts["n_complement"])), rules.complement
    if rule == "dominance":
        return float(facts["largest_share"]), rules.largest_share
    if rule == "extreme":
        q = float(row["quantile"])
        return float(np.floor(facts["n_units"] * min(q, 1 - q) + 0.5)), rules.complement
    return (1.0, rules.one_category) if rule == "one_category" else (float("nan"), float("nan"))


def by_persons(tables: Tables, rules: Rules) -> tuple[list[tuple[int, str, float, float]], Unsafe]:
    """The rules that sets of persons break: (claim, rule, found, limit), and what may not be told."""
    found: list[tuple[int, str, float, float]] = []
    unsafe = Unsafe()
    counts = tables.counts()
    for number, claim in enumerate(tables.claims):
        if claim.of < 0 and 0 < counts[claim.set] < rules.units:
            found.append((number, "few", float(counts[claim.set]), rules.units))
            unsafe.add(number, rules.width)
        if claim.of >= 0:
            for rule, value, limit, (inside, outside) in _of_answer(tables, claim, counts, rules):
                found.append((number, rule, value, limit))
                unsafe.add(number, inside)
                if outside:
                    unsafe.others.append(Rest((cell(claim.of),), (claim.key,), outside, claim.variables))
    for number, share, rest in _margins(tables, rules):
        found.append((number, "one_category", share, rules.one_category))
        unsafe.add(number, 0)
        unsafe.others.append(rest)
    return found, unsafe


def _of_answer(
    tables: Tables, claim: Claim, counts: np.ndarray, rules: Rules
) -> Iterator[tuple[str, float, float, tuple[int, int]]]:
    """The rules that an answer breaks within those who were asked: (rule, found, limit, persons to move by).

    Those to move by are told of both sides: of those with the answer, and of those without it.
    """
    inside, total = int(counts[claim.set]), int(counts[claim.of])
    rest = np.setdiff1d(tables.sets[claim.of], tables.sets[claim.set], assume_unique=True)
    outside = tables.people(rest)
    if 0 < total < rules.units:
        yield "few", total, rules.units, (0, 0)
    few = min(inside, outside) if claim.yes_or_no or inside > 0 else outside
    if total and few < rules.complement:
        sides = (inside < rules.complement, outside < rules.complement)
        yield "complement", few, rules.complement, (rules.width * sides[0], rules.width * sides[1])
    most = max(inside, outside) if claim.yes_or_no else inside
    if total and rules.one_sided(most, total) and not claim.modelled:
        away = _away(most, total, rules)
        yield "one_category", most / total, rules.one_category, (0, away) if most == inside else (away, 0)


def _away(most: int, total: int, rules: Rules) -> int:
    """Persons by which a category that holds too many must be able to be smaller, and the others larger."""
    away = most - rules.one_category * total
    if rules.one_category_others is not None:
        away = min(away, rules.one_category_others - (total - most))
    return max(rules.width, int(np.ceil(away)))


def _margins(tables: Tables, rules: Rules) -> Iterator[tuple[int, float, Rest]]:
    """Cells of crosstabs that hold too many of their row or column: (claim, share, all others there)."""
    margins: dict[tuple[int, tuple[str, str]], list[int]] = {}
    for number, claim in enumerate(tables.claims):
        if len(claim.answer) > 1:
            for side in claim.answer:
                margins.setdefault((claim.of, side), []).append(number)
    for members in (some for some in margins.values() if len(some) > 1):
        total = tables.people(np.unique(np.concatenate([tables.sets[tables.claims[i].set] for i in members])))
        for number in members:
            own = tables.people(tables.sets[tables.claims[number].set])
            if rules.one_sided(own, total):
                others = tuple(tables.claims[i].key for i in members if i != number)
                variables = tables.claims[number].variables
                yield number, own / total, Rest(others, (), _away(own, total, rules), variables)
