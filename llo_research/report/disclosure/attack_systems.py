"""Which numbers of several tables add up to which, from their identifiers alone, and what follows for those withheld.

Everybody who answered a question is in one class by all classifications of the tables together. A row tells the number
in some of these classes, or, of an answer, a share of it. Tables of too many classes together are each taken with its
own classes, tied by what they have in common.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product
from typing import TypeAlias

import numpy as np
from scipy import sparse

from llo_research.errors import DataError
from llo_research.numerics.brackets import Brackets, brackets
from llo_research.report.disclosure.attack_reading import Line, People
from llo_research.report.disclosure.attack_sums import Sum

_MANY = 20_000  # classes taken together; above it tables are tied
_ELSE = "(else)"  # a class of those who are in no group that the tables name
_NO = "(no)"
_FOUR_DIGITS = 5e-4
_DIGITS = 1e-9  # numbers of files hold twelve digits at least
Key: TypeAlias = tuple[tuple[str, str], ...]
Bound: TypeAlias = tuple[np.ndarray, float, float]  # a combination of classes, and its ends


@dataclass(frozen=True)
class Classes:
    """Classes of people.

    names : the classifications. tables : of each block of classes, which classifications it is by.
    codes : of each block (classes, names of the block) texts. starts : where each block begins.
    """

    tables: tuple[tuple[str, ...], ...]
    codes: tuple[np.ndarray, ...]
    starts: tuple[int, ...]

    @property
    def size(self) -> int:
        """How many classes there are."""
        return self.starts[-1]

    def row(self, people: People) -> np.ndarray:
        """(a,) 1 for the classes of these people, in the first block that tells them."""
        out = np.zeros(self.size)
        for names, codes, start in zip(self.tables, self.codes, self.starts, strict=False):
            if set(people) <= set(names):
                out[start : start + len(codes)] = _of(codes, names, people)
                return out
        raise DataError("No table is by these classifications.", found=", ".join(people))

    def ties(self) -> np.ndarray:
        """(r, a) combinations that are 0: what two blocks have in common is the same in both."""
        rows = []
        for i, j in combinations(range(len(self.tables)), 2):
            names = [name for name in self.tables[i] if name in self.tables[j]]
            places = [[self.tables[k].index(name) for name in names] for k in (i, j)]
            keys = [[tuple(code) for code in self.codes[k][:, at]] for k, at in zip((i, j), places, strict=True)]
            for key in sorted({*keys[0], *keys[1]}):
                row = np.zeros(self.size)
                for k, own, sign in zip((i, j), keys, (1, -1), strict=True):
                    row[self.starts[k] : self.starts[k + 1]] = sign * np.array([one == key for one in own])
                rows.append(row)
        return np.array(rows).reshape(-1, self.size)


def _of(codes: np.ndarray, names: Sequence[str], people: People) -> np.ndarray:
    """(classes,) bool: those of these people."""
    out = np.ones(len(codes), dtype=bool)
    for name, value in people.items():
        out &= codes[:, names.index(name)] == value
    return out


def classes(lines: Sequence[Line], *, loose: bool) -> Classes:
    """The classes by all classifications of rows about one variable.

    loose : there may be people in no group that is named, and in combinations that no table lists. That is so of the
    classifications of a table that has rows that it does not name, unless another table names all of them.
    """
    listed: dict[tuple[str, ...], set[tuple[str, ...]]] = {}
    whole: dict[tuple[str, ...], bool] = {}
    unnamed: set[str] = set()
    for line in lines:
        people = line.part
        names = tuple(sorted(people))
        listed.setdefault(names, set()).add(tuple(people[name] for name in names))
        whole[names] = whole.get(names, False) or not line.others
        unnamed.update(names if line.others else ())
        if line.answer == "yes":
            no = {**people, line.variable: _NO}
            listed[names].add(tuple(no[name] for name in names))
    levels: dict[str, set[str]] = {}
    for names, rows in listed.items():
        for at, name in enumerate(names):
            levels.setdefault(name, set()).update(row[at] for row in rows)
    for name in levels if loose else unnamed:
        levels[name].add(_ELSE)
    everything = tuple(sorted(levels))
    together = np.prod([len(levels[name]) for name in everything], dtype=np.float64) <= _MANY
    tables = [everything] if together else _widest(listed)
    closed = {names: rows for names, rows in listed.items() if whole[names]}
    codes = [_combinations(names, levels, {} if loose else closed) for names in tables]
    starts = (0, *np.cumsum([len(one) for one in codes]).tolist())
    return Classes(tuple(tables), tuple(codes), starts)


def _widest(listed: Mapping[tuple[str, ...], object]) -> list[tuple[str, ...]]:
    """Classifications of tables that are not within another's."""
    return sorted(names for names in listed if not any(set(names) < set(other) for other in listed))


def _combinations(
    names: tuple[str, ...],
    levels: Mapping[str, set[str]],
    listed: Mapping[tuple[str, ...], set[tuple[str, ...]]],
) -> np.ndarray:
    """(classes, names) all combinations but those that a table leaves out."""
    every = list(product(*(sorted(levels[name]) for name in names)))
    out = np.array(every, dtype=object).reshape(len(every), len(names))
    for inner, rows in listed.items():
        if inner and set(inner) <= set(names):
            at = [names.index(name) for name in inner]
            out = out[[tuple(code) in rows for code in out[:, at]]]
    return out


@dataclass(frozen=True)
class Found:
    """What follows for a withheld number: of which row, the group or the answer, persons or weights, and its ends."""

    result: str
    row: int
    what: str
    low: float
    high: float
    surely_low: float
    surely_high: float


def recovered(lines: Sequence[Line], sums: Sequence[Sum] = (), *, seconds: float) -> list[Found]:
    """Ends of all withheld numbers among rows, and sums of shares, about one variable of one survey."""
    if not any(line.withheld for line in lines):
        return []
    every = [*lines, *(line for one in sums for line in one.lines())]
    for loose in (False, True):
        try:
            kinds = classes(every, loose=loose)
            return _persons(lines, sums, kinds, seconds) + _weights(lines, sums, kinds)
        except DataError:
            if loose:
                raise
    return []


def unweighted(lines: Sequence[Line]) -> bool:
    """No row tells weights that are not its number of persons."""
    told = [line for line in lines if not np.isnan(line.weights - line.n)]
    own = [float(f"{line.n:.4g}") if line.rounded else line.n for line in told]
    return all(abs(line.weights - n) <= line.n_error for line, n in zip(told, own, strict=True))


def _persons(lines: Sequence[Line], sums: Sequence[Sum], kinds: Classes, seconds: float) -> list[Found]:
    """The same in persons: groups, and answers where shares are not weighted."""
    plain, told = unweighted(lines), list[Bound]()
    for line in lines:
        group = kinds.row(line.groups)
        if not np.isnan(line.n):
            told.append((group, line.n - line.n_error, line.n + line.n_error))
        if plain and line.tells_share:
            told += _share_rows(line, group, kinds.row(line.part))
    told += _people_rows(sums, kinds)
    if plain:
        sizes = {_key(line.groups): line.n for line in lines if line.n_error == 0 and line.n > 0}
        told += _sum_rows(sums, lines, sizes, 0.0, kinds)
    return _ends(kinds, told, _targets(lines, answers=plain), whole=True, seconds=seconds)


def _people_rows(sums: Sequence[Sum], kinds: Classes) -> Iterator[Bound]:
    """What sums of shares tell of the people in all their groups."""
    for one in sums:
        groups = {_key(people): people for _, people in one.terms}
        row = np.sum([kinds.row(people) for people in groups.values()], axis=0)
        if not np.isnan(one.n) and row.max(initial=0.0) == 1.0:  # nobody is in two of them
            yield row, one.n - one.n_error, one.n + one.n_error


def _sum_rows(
    sums: Sequence[Sum], lines: Sequence[Line], sizes: Mapping[Key, float], rounded: float, kinds: Classes
) -> Iterator[Bound]:
    """What sums of shares tell of who gave the answer, where the other shares, or the sizes of their groups, are told.

    sizes : of groups that are told, in the unit of what is worked out; rounded : the part by which they may differ.
    """
    shares = {_key(line.part): (line.share, line.share_error) for line in lines if line.tells_share}
    for one in sums:
        if np.isnan(one.value):
            continue
        terms = [(factor, people, {**people, one.variable: str(one.answer)}) for factor, people in one.terms]
        told = [(factor, *shares[_key(part)]) for factor, _, part in terms if _key(part) in shares]
        rest = one.value - sum(factor * share for factor, share, _ in told)
        error = one.error + sum(abs(factor) * off for factor, _, off in told) + _DIGITS
        open_ = [(factor, people, part) for factor, people, part in terms if _key(part) not in shares]
        if open_ and all(_key(people) in sizes for _, people, _ in open_):
            error += rounded * sum(abs(factor) for factor, _, _ in open_)
            row = sum((f / sizes[_key(people)] * kinds.row(part) for f, people, part in open_), np.zeros(kinds.size))
            yield row, rest - error, rest + error
        elif len(open_) == 1:
            ((factor, people, part),) = open_
            share, off = rest / factor, error / abs(factor)
            yield from _between(kinds.row(part), kinds.row(people), share, off)


def _share_rows(line: Line, group: np.ndarray, part: np.ndarray) -> list[Bound]:
    """What a share tells of persons."""
    error = line.share_error + _DIGITS
    if line.n_error == 0 and not np.isnan(line.n):
        return [(part, np.ceil((line.share - error) * line.n), np.floor((line.share + error) * line.n))]
    return _between(part, group, line.share, error)


def _between(part: np.ndarray, group: np.ndarray, share: float, error: float) -> list[Bound]:
    """A share of a group whose size is not told."""
    return [(part - (share + error) * group, -np.inf, 0.0), (part - (share - error) * group, 0.0, np.inf)]


def _weights(lines: Sequence[Line], sums: Sequence[Sum], kinds: Classes) -> list[Found]:
    """The same in sums of weights, as so many persons of the average weight of the smallest group around them."""
    told = [line for line in lines if not np.isnan(line.weights) and line.n > 0]
    if unweighted(lines) or not told:
        return []
    unit, bounds = sum(line.weights for line in told) / sum(line.n for line in told), list[Bound]()
    for line in (line for line in lines if not np.isnan(line.weights)):
        error = _FOUR_DIGITS * line.weights / unit if line.rounded else 0.0
        bounds.append(_near(kinds.row(line.groups), line.weights / unit, error))
        if line.tells_share:
            off = line.share_error * line.weights / unit + line.share * error
            bounds.append(_near(kinds.row(line.part), line.share * line.weights / unit, off))
    sizes = {_key(line.groups): line.weights / unit for line in told if line.weights > 0}
    bounds += _sum_rows(sums, lines, sizes, _FOUR_DIGITS, kinds)
    scaled = [replace(line, n=np.nan if line.withheld else line.weights) for line in lines]
    found = _ends(kinds, bounds, _targets(scaled, answers=True), whole=False, seconds=0.0)
    around = sorted((line.n, unit * line.n / line.weights, _key(line.groups)) for line in told if line.weights > 0)
    of = {(line.result, line.row): {*_key(line.groups)} for line in lines}
    own = {key: next((factor for _, factor, group in around if key_of >= {*group}), 1.0) for key, key_of in of.items()}
    return [_times(one, own[one.result, one.row]) for one in found]


def _near(row: np.ndarray, value: float, error: float) -> Bound:
    """A number that is told to within an error."""
    slack = error + _DIGITS * abs(value)
    return row, value - slack, value + slack


def _times(one: Found, factor: float) -> Found:
    """Ends in another unit."""
    ends = (one.low, one.high, one.surely_low, one.surely_high)
    return Found(one.result, one.row, one.what, *(end * factor for end in ends))


def _targets(lines: Sequence[Line], *, answers: bool) -> list[tuple[Line, str, People]]:
    """Withheld numbers, but those that another row tells."""
    groups = {_key(line.groups) for line in lines if not np.isnan(line.n)}
    parts = {_key(line.part) for line in lines if line.tells_share}
    out = []
    for line in lines:
        if not line.withheld:
            continue
        if np.isnan(line.n) and _key(line.groups) not in groups:
            out.append((line, "n", line.groups))
        if answers and line.answer is not None and _key(line.part) not in parts:
            out.append((line, "answer", line.part))
    return out


def _key(people: People) -> Key:
    """People as a key."""
    return tuple(sorted(people.items()))


def _ends(
    kinds: Classes, told: Sequence[Bound], targets: Sequence[tuple[Line, str, People]], *, whole: bool, seconds: float
) -> list[Found]:
    """Brackets of targets."""
    if not targets:
        return []
    bounds = [*((row, 0.0, 0.0) for row in kinds.ties()), *told]
    known = sparse.csr_array(np.array([row for row, _, _ in bounds]).reshape(-1, kinds.size))
    low, high = (np.array([bound[at] for bound in bounds], dtype=np.float64) for at in (1, 2))
    aims = sparse.csr_array(np.array([kinds.row(people) for _, _, people in targets]))
    found: Brackets = brackets(known, low, high, aims, whole=whole, seconds=seconds)
    unit = "" if whole else ", weighted"
    ends = zip(found.low, found.high, found.reached_low, found.reached_high, strict=True)
    return [
        Found(line.result, line.row, what + unit, *map(float, end))
        for (line, what, _), end in zip(targets, ends, strict=True)
    ]
