"""Results that hold no rows of the data: what they tell beside others, by what identifies their rows alone.

Cells of a breakdown add up to those of any coarser one, and to everybody. What is told of a cell by any result is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from llo_research.errors import LloError
from llo_research.report.disclosure.findings import Finding
from llo_research.results.columns import IDENTIFIERS
from llo_research.results.floors import facts_of, is_missing, withheld
from llo_research.results.profiles.profile import Rules
from llo_research.results.result import Result
from llo_research.survey.condition import evaluate

_OTHERWISE = ("crosstab", "banner")  # whose rows are cells in another way
_STACKED = "survey"  # the column of a stack
Cell = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Row:
    """A row of a result: its cell, of what it is a number, in which data and domain, and its persons.

    n : of the file, of both sides of a gap together. conditions : of the domain. times : of its people, where they are
    told. others : rows that go with it.
    """

    result: str
    number: int
    cell: Cell
    what: tuple[str, ...]
    domain: str
    people: float
    n: float
    conditions: tuple[str, ...] = ()
    times: frozenset[str] = frozenset()
    others: tuple[int, ...] = ()

    @property
    def place(self) -> tuple[str, int]:
        """Which row of which result."""
        return self.result, self.number


def beside_identified(
    results: Mapping[str, Result],
    old: Mapping[str, Result],
    apart: set[str],
    rules: Rules,
    gone: set[tuple[str, int]],
) -> list[Finding]:
    """Rows that results without rows of the data (`apart`) may not tell beside all others, new and `old`."""
    if not apart or len(results) + len(old) < 2:
        return []
    rows = [row for name, result in {**results, **old}.items() for row in _rows(name, result)]
    left = {row.place for row in rows if row.result in old}
    hidden = {place for place in gone if place not in left}
    for name, result in old.items():
        kept = withheld(result)
        hidden |= set() if kept is None else {(name, int(i)) for i in np.flatnonzero(kept.rows)}
    frames = {id(one): one for result in results.values() if result.design for one in result.design.frames}
    counted = [*rows, *_joint({**results, **old}), *_sums(rows)]
    out = [
        Finding(*place, "difference", less, rules.units)
        for place, less in _close(counted, apart, rules, hidden | left, list(frames.values()))
    ]
    hidden |= {(one.name, one.row) for one in out}
    before = len(hidden) - 1
    while before < len(hidden):
        before = len(hidden)
        for domain in {row.domain for row in rows}:
            own = [row for row in rows if row.domain == domain]
            hidden |= _more(own, hidden, left, rules, counts=True)
            for what in {row.what for row in own}:
                hidden |= _more([row for row in own if row.what == what], hidden, left, rules, counts=False)
    found = {(one.name, one.row) for one in out} | gone
    return out + [Finding(*place, "secondary") for place in sorted(hidden - found) if place[0] in results]


def _joint(results: Mapping[str, Result]) -> Iterator[Row]:
    """The rows of joint results, which add up to nothing here."""
    for name, result in results.items():
        if "result" in result.rows:
            yield from _rows(name, result, joint=True)


def _sums(rows: list[Row]) -> Iterator[Row]:
    """All cells of a breakdown together; what stays inside is the smallest of them."""
    tables: dict[tuple[str, tuple[str, ...], frozenset[str]], list[Row]] = {}
    for row in rows:
        if row.cell:
            tables.setdefault((row.result, row.what, frozenset(key for key, _ in row.cell)), []).append(row)
    for own in tables.values():
        least = min(own, key=lambda row: row.people)
        if len({row.cell for row in own}) == len(own) > 1:
            yield replace(least, cell=frozenset(), n=sum(row.n for row in own))


def _rows(name: str, result: Result, *, joint: bool = False) -> Iterator[Row]:
    """The rows of a result that are of cells."""
    call = result.meta.get("call") or {}
    if call.get("function") in _OTHERWISE or ("result" in result.rows) != joint:
        return
    people, source = facts_of(result)["n_units"].to_numpy(), result.meta.get("source") or {}
    surveys, notes = source.get("surveys") or {}, result.meta.get("domain") or []
    columns, whole = list(result.rows.columns), "term" in result.rows or "component" in result.rows
    for i, values in enumerate(result.rows.itertuples(index=False, name=None)):
        told = {str(key): str(v) for key, v in zip(columns, values, strict=True) if not is_missing(v)}
        cell = frozenset((key, value) for key, value in told.items() if key not in (*IDENTIFIERS, "result"))
        mine = [note for note in notes if note.get("result") in (None, told.get("result"))]
        what = (str(call.get("function")), *(told.get(key, "") for key in IDENTIFIERS))
        of = surveys.get(told.get(_STACKED))
        own = frozenset(pair for pair in cell if of is None or pair[0] != _STACKED)
        yield Row(
            name,
            i,
            own,
            what,
            repr([*_data(of or source), mine]),
            float(people[i]),
            float(people[i] if result.n is None else result.n[i]),
            tuple(str(note["condition"]) for note in mine if note.get("condition")),
            frozenset(str(time) for note in mine for time in note.get("times") or ()),
            tuple(range(len(people))) if whole else (i,),
        )


def _data(source: Mapping[str, Any]) -> tuple[Any, Any]:
    """By what data are known."""
    return source.get("title"), source.get("sha256")


def _close(
    rows: list[Row], apart: set[str], rules: Rules, left: set[tuple[str, int]], frames: list[Any]
) -> Iterator[tuple[tuple[str, int], float]]:
    """Of two numbers of a cell, of whatever variable, that nearly as many persons make the smaller, or the new one."""
    places: dict[Cell, list[Row]] = {}
    for row in rows:
        places.setdefault(row.cell, []).append(row)
    for same in places.values():
        ordered = sorted((row for row in same if row.n == row.n), key=lambda row: row.n)
        for i, one in enumerate(ordered):
            for other in ordered[i + 1 :]:
                less = other.n - one.n
                if less >= rules.units:
                    break
                if less > 0 and {one.result, other.result} & apart and _may_nest(one, other, frames):
                    free = [row for row in (one, other) if row.place not in left][:1]
                    yield from (((row.result, at), less) for row in free for at in row.others)


def _may_nest(one: Row, other: Row, frames: list[Any]) -> bool:
    """Whether the people of one may be some of those of the other: in another domain, and not shown to be others."""
    if one.domain == other.domain or (one.times and other.times and one.times.isdisjoint(other.times)):
        return False
    for frame in frames:
        try:
            a, b = (_inside(frame, row.conditions) for row in (one, other))
        except LloError:  # a condition that left without its values, or of other data
            continue
        return bool((a <= b).all() or (b <= a).all())
    return True


def _inside(frame: Any, conditions: tuple[str, ...]) -> np.ndarray:
    """(n,) who meets all conditions."""
    out = np.ones(len(frame), dtype=bool)
    for words in conditions:
        out &= evaluate(words, frame, {}).true
    return out


def _more(
    rows: list[Row], hidden: set[tuple[str, int]], left: set[tuple[str, int]], rules: Rules, *, counts: bool
) -> set[tuple[str, int]]:
    """Rows that must go as well: of cells that add up either none is unknown, or two at least and enough persons."""
    cells: dict[Cell, list[Row]] = {}
    for row in rows:
        cells.setdefault(row.cell, []).append(row)
    kinds = {frozenset(name for name, _ in cell) for cell in cells}
    out: set[tuple[str, int]] = set()
    for names in kinds:
        margins: set[frozenset[str]] = {names & other for other in kinds if not names <= other}
        if names:
            margins.add(frozenset())
        for margin in margins:
            groups: dict[Cell, list[Cell]] = {}
            for cell in cells:
                if frozenset(name for name, _ in cell) == names:
                    groups.setdefault(frozenset(pair for pair in cell if pair[0] in margin), []).append(cell)
            for group in groups.values():
                for cell in _cover(group, cells, hidden | out, left, rules, counts):
                    out |= {row.place for row in cells[cell]}
    return out


def _cover(
    group: list[Cell],
    cells: Mapping[Cell, list[Row]],
    hidden: set[tuple[str, int]],
    left: set[tuple[str, int]],
    rules: Rules,
    counts: bool,
) -> list[Cell]:
    """The smallest cells of a group that must go with its unknown ones."""
    people = {cell: max((row.people for row in cells[cell] if row.people == row.people), default=0.0) for cell in group}
    gone = [cell for cell in group if all(row.place in hidden for row in cells[cell])]
    if not gone or (counts and not any(people[cell] < rules.units for cell in gone)):
        return []
    free = [cell for cell in group if cell not in gone and all(row.place not in left for row in cells[cell])]
    added: list[Cell] = []
    for cell in sorted(free, key=lambda cell: (people[cell], sorted(cell))):
        if len(gone) + len(added) >= 2 and sum(people[one] for one in [*gone, *added]) >= rules.units:
            break
        added.append(cell)
    return added
