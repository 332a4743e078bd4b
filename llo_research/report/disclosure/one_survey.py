"""Results of one survey: what the persons behind their rows tell, each by itself and all together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from llo_research.report.disclosure.answers_together import answers_together
from llo_research.report.disclosure.bases import functions_of
from llo_research.report.disclosure.by_values import OF_SQUARES
from llo_research.report.disclosure.differences import Difference, differences
from llo_research.report.disclosure.findings import Finding
from llo_research.report.disclosure.levels import beside_levels
from llo_research.report.disclosure.models import told_by_models
from llo_research.report.disclosure.nearly_equal import nearly_equal
from llo_research.report.disclosure.numbering import People
from llo_research.report.disclosure.one_person import made_by_one
from llo_research.report.disclosure.quantiles import near_quantiles
from llo_research.report.disclosure.rules import Rest, Unsafe, by_persons
from llo_research.report.disclosure.same_variables import join_variables
from llo_research.report.disclosure.systems import Hiding
from llo_research.report.disclosure.tables import Tables, Values, add_result
from llo_research.report.disclosure.told_together import told_together
from llo_research.results.profiles.profile import Rules

Where: TypeAlias = frozenset[tuple[str, str]]  # levels by which a cell is made
Domain: TypeAlias = frozenset[str]


class OneSurvey:
    """Results of one survey, of which some left before, but for rows that were `withheld`."""

    def __init__(self, people: People, old: set[str], rules: Rules, withheld: set[tuple[str, int]]) -> None:
        self.results, self.old, self.rules, self.withheld = people.results, old, rules, withheld
        self.tables = Tables(people.n, people.persons)

    def decided(self, found: Sequence[Finding]) -> list[Finding]:
        """What the persons behind the rows tell, beyond what is found already."""
        tables, out = self.tables, list[Finding]()
        for name, result in self.results.items():
            add_result(tables, name, result)
            models = told_by_models(tables, name, result, self.rules)
            out += [] if name in self.old else models
        join_variables(tables)
        self._count_rows()
        for name, row, between in near_quantiles(tables, self.results, self.old, self.rules):
            out.append(Finding(name, row, "extreme", between, self.rules.units))
        broken, unsafe = by_persons(tables, self.rules)
        for claim, rule, value, limit in broken:
            out += self._findings(self.rows_of.get(claim, []), rule, value, limit)
        for name, row, _ in tables.alike:
            out += self._findings([(name, row)], "one_category", 1.0, self.rules.one_category)
        for name, row, part in made_by_one(tables, self.rules.largest_share):
            out += self._findings([(name, row)], "dominance", part, self.rules.largest_share)
        gone = {(one.name, one.row) for one in (*found, *out)} | self.withheld
        out += self._nearly_equal(gone)
        gone |= {(one.name, one.row) for one in out}
        hiding = Hiding(tables, unsafe, self._hidden([*found, *out], unsafe), self._costs(gone), self.fixed)
        apart, told = self._differences(gone, unsafe)
        self._overlapping([one for one in apart if not one.exact], hiding)
        hiding.protect(self.rules.width)
        while self._all_together(hiding, told):
            hiding.protect(self.rules.width)
        hiding.told += self.words
        self.hiding = hiding
        out += self._secondary(gone, apart)
        hidden = {(one.name, one.row) for one in (*found, *out)}
        return out + self._findings(beside_levels(tables, hidden, self.old), "secondary", np.nan, np.nan)

    def _nearly_equal(self, gone: set[tuple[str, int]]) -> list[Finding]:
        """Numbers of which a combination with those before them, or with those that left, is of a few persons."""

        def rows(one: Values) -> list[tuple[str, int]]:
            return [(one.result, i) for i in one.used or range(len(self.results[one.result].rows))]

        told = [one for one in self.tables.values if one.line and any(row not in gone for row in rows(one))]
        told.sort(key=lambda one: one.result not in self.old)
        return [
            found
            for one, people in nearly_equal(self.tables, told, self.rules)
            for found in self._findings(rows(one), "difference", people, self.rules.units)
        ]

    def _count_rows(self) -> None:
        """Which rows rest on each claim, and which claims left before."""
        self.rows_of: dict[int, list[tuple[str, int]]] = {}
        self.fixed = np.zeros(len(self.tables.claims), dtype=bool)
        for row, claims in self.tables.rests.items():
            for claim in claims:
                self.rows_of.setdefault(claim, []).append(row)
            self.fixed[claims] |= self._left(row)

    def _left(self, row: tuple[str, int]) -> bool:
        """Whether a row left before."""
        return row[0] in self.old and row not in self.withheld

    def _costs(self, gone: set[tuple[str, int]]) -> np.ndarray:
        """(c,) the persons of whose answers hiding a claim takes the numbers away, over the rows that rest on it."""
        counts, rows = self.tables.counts(), [self.rows_of.get(i, []) for i in range(len(self.tables.claims))]
        times = [max(1, sum(row not in gone for row in own)) for own in rows]
        return np.array([(1.0 + counts[one.set]) * k for one, k in zip(self.tables.claims, times, strict=True)])

    def _hidden(self, found: Sequence[Finding], unsafe: Unsafe) -> np.ndarray:
        """(c,) claims that may not be told; a number that one person or a few make up may not follow from others."""
        hidden = np.zeros(len(self.tables.claims), dtype=bool)
        hidden[list(unsafe.claims)] = True
        for one in found:
            claims = self.tables.rests.get((one.name, one.row), [])
            own = [i for i in claims if self.tables.claims[i].of >= 0] or claims
            if one.rule in ("dominance", "complement") and len(own) == 1 and self._is_sum(one, own[0]):
                unsafe.values[own[0]] = self.rules.width
                hidden[own[0]] = True
        return hidden

    def _is_sum(self, one: Finding, claim: int) -> bool:
        """Whether a number that may not be told is a sum over persons, which adds up; squares are of other numbers."""
        function = functions_of(self.results[one.name])[one.row]
        if one.rule == "complement" and (self.tables.claims[claim].of >= 0 or function == "quantile"):
            return False
        return function not in OF_SQUARES

    def _differences(self, gone: set[tuple[str, int]], unsafe: Unsafe) -> tuple[list[Difference], list[int]]:
        """What two numbers that are told tell of a few, which may not become known."""
        tables = self.tables
        there = {row for row in tables.rests if row not in gone or self._left(row)}
        told = [i for i in range(len(tables.claims)) if not there.isdisjoint(self.rows_of.get(i, []))]
        withheld = [bool(one.used) and there.isdisjoint((one.result, i) for i in one.used) for one in tables.values]
        tables.values = [one for one, out in zip(tables.values, withheld, strict=True) if not out]
        secret = {tables.claims[i].set for i in unsafe.claims}
        words: list[str] = []
        apart = [
            one
            for name, own in self._variables(told)
            for one in differences(tables, own, self.rules, secret, words, name)
        ]
        counts = [
            one
            for own in self._cells_by_domain(told)
            for one in differences(tables, own, self.rules, secret, words, "")
            if self._of_counts(one)
        ]
        apart += answers_together(tables, told, self.rules, secret, words)
        self.words = words
        unsafe.others += [
            Rest(one.of, one.without, self.rules.width, tables.claims[one.claims[0]].variables)
            for one in apart
            if one.exact
        ]
        apart += counts
        unsafe.others += [Rest(one.of, one.without, self.rules.width, ()) for one in counts]
        return apart, told

    def _cells_by_domain(self, told: Sequence[int]) -> list[list[int]]:
        """Claims about cells whose counts are laid beside each other: a group in several domains, and all of each.

        Of several variables the largest cell, which most have answered; of a domain that is told by groups alone those
        of the table with the fewest.
        """
        tables, largest = self.tables, dict[Domain, dict[tuple[Where, int], int]]()
        place = {number: i for _, members in tables.tables for i, number in enumerate(members)}
        for i in (i for i in told if tables.claims[i].of < 0):
            number = tables.claims[i].set
            own = largest.setdefault(frozenset(tables.domains.get(number, ())), {})
            where = frozenset(tables.where.get(number, {}).items())
            other = own.setdefault((where, 0 if where else place.get(number, 0)), i)
            if len(tables.sets[number]) > len(tables.sets[tables.claims[other].set]):
                own[where, 0 if where else place.get(number, 0)] = i
        groups, every = dict[Where, list[int]](), list[int]()
        for own in largest.values():
            by_names: dict[frozenset[str], list[int]] = {}
            for (where, _), i in own.items():
                by_names.setdefault(frozenset(name for name, _ in where), []).append(i)
                if where:
                    groups.setdefault(where, []).append(i)
            every += by_names.get(frozenset()) or min(by_names.values(), key=len)
        return [some for some in (every, *groups.values()) if len(some) > 1] if len(largest) > 1 else []

    def _of_counts(self, one: Difference) -> bool:
        """Whether numbers of different variables tell of a few by how many persons they are of.

        In one domain those few are persons who did not answer, of whom that is no secret.
        """
        variables = [set(self.tables.claims[i].variables) for i in one.claims]
        domains = [self.tables.domains.get(number, set()) for number, _, _ in (*one.of, *one.without)]
        return one.exact and not set.intersection(*variables) and not set.intersection(*domains)

    def _all_together(self, hiding: Hiding, told: Sequence[int]) -> bool:
        """Hide the cheapest of numbers that tell of a few only all together; whether there were any."""
        shown = [i for i in told if not hiding.hidden[i]]
        secret = {self.tables.claims[i].set for i in np.flatnonzero(hiding.hidden)}
        again = False
        for _, own in self._variables(shown):
            for one in told_together(self.tables, own, self.rules, secret):
                free = [i for i in one.claims if not self.fixed[i]]
                if free and not hiding.hidden[list(one.claims)].any():
                    hiding.hidden[min(free, key=lambda i: (hiding.costs[i], i))] = again = True
        return again

    def _findings(self, rows: Sequence[tuple[str, int]], rule: str, value: float, limit: float) -> list[Finding]:
        """A finding for each row that did not leave before."""
        return [Finding(name, row, rule, value, limit) for name, row in rows if name not in self.old]

    def _variables(self, told: Sequence[int]) -> list[tuple[str, list[int]]]:
        """The claims about each variable."""
        out: dict[str, list[int]] = {}
        for i in told:
            for name in self.tables.claims[i].variables:
                out.setdefault(name, []).append(i)
        return sorted(out.items())

    def _overlapping(self, apart: Sequence[Difference], hiding: Hiding) -> None:
        """Of two groups that differ by a few on both sides the cheaper one is hidden."""
        for one in apart:
            keys = {i: self.tables.claims[i].key for i in one.claims}
            sides = [[i for i in one.claims if keys[i] in side] for side in (one.of, one.without)]
            if not any(hiding.hidden[own].all() for own in sides):
                free = [own for own in sides if not self.fixed[own].any()] or [[]]
                hiding.hidden[min(free, key=lambda own: float(hiding.costs[own].sum()))] = True

    def _secondary(self, gone: set[tuple[str, int]], apart: Sequence[Difference]) -> list[Finding]:
        """Rows that are hidden for what they would tell beside others."""
        beside: dict[int, Difference] = {}
        for one in apart:
            for claim in one.claims:
                if claim not in beside or one.found < beside[claim].found:
                    beside[claim] = one
        out: dict[tuple[str, int], Finding] = {}
        for claim in map(int, np.flatnonzero(self.hiding.hidden)):
            for row in self.rows_of.get(claim, []):
                if row in gone or row[0] in self.old:
                    continue
                told = beside.get(claim)
                if told is not None:
                    out[row] = Finding(*row, "difference", told.found, told.limit)
                out.setdefault(row, Finding(*row, "secondary"))
        return list(out.values())
