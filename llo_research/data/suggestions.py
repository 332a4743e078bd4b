"""Which column of a file may be which variable of a codebook: by name, label, value labels and answers together."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from llo_research.data.answers import code_text, labelled_years
from llo_research.data.beside import waves_beside, waves_of
from llo_research.data.instrument import Instrument, instrument_of
from llo_research.data.likely_design import mean_one
from llo_research.data.likeness import SAME_CODES, SAME_LABEL, SAME_NAME, Likeness
from llo_research.data.readers import Table
from llo_research.data.shifted import told_idle
from llo_research.data.targets import Target, roles_of, targets_of
from llo_research.data.turned import turned
from llo_research.data.wording import bare, means_missing

_LEAST = 0.4  # a pair that is less alike is not proposed
# A pair is sure when its label is nearly the codebook's, or its codes are and the label is half of it, when no other
# column and no other variable comes near, and when no word turns the label round.
_HALF_LABEL, _AHEAD = 0.5, 0.1
_ALL = 0.99
_RATHER = 3  # one pair that is much alike rather than two that are a little
_ONE_WAVE = "it is of one wave, and others stand beside it"
_FEW_COLUMNS = 4  # that are surely those of an instrument make it likely


@dataclass(frozen=True)
class Suggestion:
    """A column that may be a variable.

    column, variable : the two names.
    sure : whether it needs no second look.
    codes : code of the file -> ours, of codes with a label that says so; empty where they are the same.
    open : codes of the file, with their labels, of which the label does not say which of ours they are.
    label : what the file calls the column.
    years : the years in which it holds, where another column holds the variable in the others.
    missing : codes that occur, say by their label that there is no answer, and are not known as such.
    why : what makes a pair doubtful that is alike by its words.
    """

    column: str
    variable: str
    sure: bool
    codes: Mapping[Any, Hashable]
    open: Mapping[Any, str]
    label: str = ""
    years: tuple[int, ...] = ()
    missing: tuple[Any, ...] = ()
    why: str = ""


def suggestions(table: Table, instrument: Instrument) -> list[Suggestion]:
    """The likeliest variable of each column of a file, each variable once (or once for each year), in file order.

    Columns that have our names already are left out, and so are their variables, but for those with other values. Of
    waves beside each other only the first one is proposed, and asked.
    """
    ours = {name.casefold() for name in instrument.file_names(None)} | {n.casefold() for n in instrument.harmonised}
    ours -= _unlike(table, instrument)
    own = {column.casefold() for column in table.header if column.casefold() in ours}
    beside = waves_beside(table.header)
    later_waves = set(waves_of(beside)[1:])
    columns = [column for column in table.header if column.casefold() not in ours]
    columns = [column for column in columns if column not in beside or beside[column][0] not in later_waves]
    targets = [target for target in targets_of(instrument) if target.name.casefold() not in own]
    if not columns or not targets:
        return []
    likeness = Likeness(table, targets, columns)
    scores = np.array([[likeness.score(column, target) for target in targets] for column in columns])
    years = _years_of(table, instrument, columns, targets, scores)
    later = _later(scores, columns, targets, years)
    alone = scores.copy()
    alone[list(later)] = 0.0
    made = [
        _suggestion(likeness, alone, row, col, columns, targets)
        for row, col in zip(*linear_sum_assignment(-np.where(alone >= _LEAST, alone**_RATHER, 0)), strict=True)
        if alone[row, col] >= _LEAST
    ]
    found = {one.variable for one in made}
    for row, (col, when) in later.items():
        if targets[col].name in found:
            other = _suggestion(likeness, scores, row, col, columns, targets)
            sure = likeness.label(columns[row], targets[col]) >= _HALF_LABEL and not other.open and not other.why
            made.append(replace(other, sure=sure, years=when))
    made = [one for one in made if not _made_of_another(one, made, instrument)]
    place = {column: number for number, column in enumerate(table.header)}
    made = [replace(one, sure=False, why=one.why or _ONE_WAVE) if one.column in beside else one for one in made]
    return sorted(made, key=lambda one: place[one.column])


def _unlike(table: Table, instrument: Instrument) -> set[str]:
    """Columns with the name of a harmonised variable of classes, and other values."""
    found = set()
    for name in instrument.harmonised:
        categories = instrument.categories(name)
        if categories and name in table.frame and instrument.variable(name) is None:
            values = {code_text(value) for value in table.frame[name].dropna().unique()}
            found |= {name} if values and not values <= set(categories) else set()
    return found


def guessed(table: Table, names: Sequence[str]) -> list[tuple[str, int]]:
    """Instruments of which a file may be, with how many of its columns are surely theirs; the likeliest first."""
    found = []
    for name in names:
        instrument = instrument_of(name)
        roles = roles_of(instrument)
        found.append((name, sum(one.sure and one.variable not in roles for one in suggestions(table, instrument))))
    return sorted((pair for pair in found if pair[1] >= _FEW_COLUMNS), key=lambda pair: -pair[1])


def _suggestion(
    likeness: Likeness, scores: np.ndarray, row: int, col: int, columns: Sequence[str], targets: Sequence[Target]
) -> Suggestion:
    """One pair, whether it is sure, and how its codes go."""
    column, target = columns[row], targets[col]
    rivals = max(np.delete(scores[row], col).max(initial=0.0), np.delete(scores[:, col], row).max(initial=0.0))
    codes, unknown = _translation(likeness, column, target)
    found = likeness.codes(column, target) if not target.role else None
    like, name = likeness.label(column, target), likeness.name(column, target)
    alike = found is not None and not math.isnan(found) and found >= SAME_CODES
    sure = bool(
        scores[row, col] == 1.0
        if target.role
        else name >= SAME_NAME or like >= SAME_LABEL or (alike and like >= _HALF_LABEL)
    )
    equal = like >= _ALL or (target.role and scores[row, col] == 1.0 and scores[row, col] > rivals)
    sure = (
        sure
        and not unknown
        and (bool(target.role) or found is not None)
        and bool(equal or scores[row, col] - rivals >= _AHEAD)
    )
    label, gone = likeness.table.labels.get(column, ""), _no_answers(likeness, column, target)
    why = "; ".join(filter(None, (turned(label, target.texts), _idle(likeness, column, target))))
    if column == target.name and not target.role:
        why = why or "it has the name of ours and other values"
    weights = likeness.table.frame.get(column) if target.proportional else None
    ours = target.name if weights is None or not mean_one(weights) else target.proportional
    return Suggestion(column, ours, sure and not why, codes, unknown, label, missing=gone, why=why)


def _translation(likeness: Likeness, column: str, target: Target) -> tuple[dict[Any, Hashable], dict[Any, str]]:
    """Code of the file -> ours, where they differ, and the codes whose label does not say."""
    told = likeness.coded.get(column, {})
    if target.role == "year" and (waves := labelled_years(told)):
        return ({} if all(code_text(code) == year for code, year in waves.items()) else dict(waves)), {}
    if not target.books or not told:
        return {}, {}
    labels = list(told.values())
    meant = {code: target.meaning(label, labels) for code, label in told.items()}
    codes = {code: found[0] for code, found in meant.items() if len(found) == 1}
    answers = likeness.answers.get(column)
    occurs = None if answers is None or answers.distinct is None else set(answers.distinct)
    present = {code: bare(label) for code, label in told.items() if occurs is None or code in occurs}
    twice = {label for label, times in Counter(present.values()).items() if times > 1}  # does not tell codes apart
    unknown = {code: told[code] for code, label in present.items() if len(meant[code]) != 1 or label in twice}
    codes = {code: ours for code, ours in codes.items() if code not in unknown}
    same = not unknown and all(code_text(code) == str(ours) for code, ours in codes.items())
    return ({} if same else codes), unknown


def _idle(likeness: Likeness, column: str, target: Target) -> str:
    """That labels and codes do not fit each other, in words."""
    answers = likeness.answers.get(column)
    if not target.books or answers is None or answers.distinct is None:
        return ""
    known = [value for value in answers.distinct if value not in target.missing]
    return told_idle(likeness.table.value_labels.get(column, {}), known)


def _no_answers(likeness: Likeness, column: str, target: Target) -> tuple[Any, ...]:
    """Codes that occur and mean no answer, of which the codebook does not know it."""
    answers = likeness.answers.get(column)
    if answers is None or answers.distinct is None:
        return ()
    told = likeness.all.get(column, {})
    gone = [code for code, label in told.items() if means_missing(label) and code in answers.distinct]
    return tuple(code for code in gone if code_text(code) not in map(str, target.missing))


def _years_of(
    table: Table, instrument: Instrument, columns: Sequence[str], targets: Sequence[Target], scores: np.ndarray
) -> dict[str, tuple[int, ...]]:
    """In which years each column has answers; empty for a file without a column of the year."""
    name = next((target.name for target in targets if target.role == "year"), None)
    own = instrument.identify.get("year")
    if name is not None:
        place = [target.name for target in targets].index(name)
        best = int(scores[:, place].argmax())
        own = columns[best] if scores[best, place] >= _LEAST else None
    if own is None or own not in table.frame:
        return {}
    waves = labelled_years({c: text for c, text in table.value_labels.get(own, {}).items() if not means_missing(text)})
    years = pd.to_numeric(table.frame[own].map(waves) if waves else table.frame[own], errors="coerce")
    filled = table.frame[[c for c in columns if c in table.frame]].notna().groupby(years).any()
    return {column: tuple(int(year) for year in filled.index[filled[column]]) for column in filled.columns}


def _later(
    scores: np.ndarray, columns: Sequence[str], targets: Sequence[Target], years: Mapping[str, tuple[int, ...]]
) -> dict[int, tuple[int, tuple[int, ...]]]:
    """Columns whose likeliest variable is that of another column, which has its answers in other years."""
    best, found = scores.argmax(axis=1), {}
    for col in range(len(targets)):
        rows = [int(row) for row in np.flatnonzero((best == col) & (scores.max(axis=1) >= _LEAST))]
        if len(rows) < 2 or targets[col].role:
            continue
        rows = [row for row in rows if years.get(columns[row])]
        rows.sort(key=lambda row: (-len(years[columns[row]]), -scores[row, col], row))
        held: set[int] = set()
        for number, row in enumerate(rows):
            own = years[columns[row]]
            if number and not held & set(own):
                found[row] = (col, own)
            elif number:
                continue
            held |= set(own)
    return found


def _made_of_another(one: Suggestion, made: Sequence[Suggestion], instrument: Instrument) -> bool:
    """Is it a variable whose classes are made of another one that was found as well, or the doubtful one of the two?"""
    for other in made:
        pair = (one, other)
        for classes, coded in (pair, pair[::-1]):
            if classes.variable in instrument.harmonised and coded.variable in instrument.sources_of(classes.variable):
                keep = classes if classes.sure and not coded.sure else coded
                return keep is not one and one.variable != other.variable
    return False
