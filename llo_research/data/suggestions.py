"""Which column of a file may be which variable of a codebook: by name, label, value labels and answers together."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from llo_research.data.instrument import CodebookVariable, Instrument, instrument_of, table_of
from llo_research.data.meaning import book_of_variable
from llo_research.data.readers import Table
from llo_research.data.wording import STOP, Book, bare, means_missing

# What the label, the labels of codes and the name tell together; a pair below the least is not proposed.
_LABEL, _CODES, _NAME, _LEAST = 0.6, 0.25, 0.15, 0.4
# A pair is sure when its label is nearly the codebook's, or its codes are and the label is half of it, and when no
# other column and no other variable comes near.
_SAME_LABEL, _HALF_LABEL, _SAME_CODES, _AHEAD = 0.8, 0.5, 0.95, 0.1
_SAME_NAME = 0.95
_FEW_ANSWERS = 60
_FEW_COLUMNS = 4  # that are surely those of an instrument make it likely
_SAID = 0.75  # of a label, or of the labels of a column
_MOST = 0.95  # of the answers must be possible
_ALL = 0.99
_SHORTEST = 3  # letters of an abbreviation
_ASKED = 0.55  # of a name that may be an abbreviation, in a file without labels: enough to ask, never sure
_STEM = 5
_YEARS = (1990, 2100)
_UNKNOWN_WORD = 0.25  # of the weight of others: a word that no variable is called by, such as "in three classes"
_BY_CODES, _FEW_SUCH = 0.45, 2  # codes that fit hardly any other variable stand for half a label
# fmt: off
_FILLERS = {
    "jaar", "jaren", "aantal", "code", "klasse", "klassen", "welke", "welk", "wat", "hoe", "hoeveel", "bent", "heeft",
    "year", "years", "number", "classes", "which", "what", "how", "many", "are", "have", "your", "you", "deze", "dit",
}
# What labels call things that the codebook calls otherwise.
_SYNONYMS = {
    "dienstverband": "contract", "arbeidsrelatie": "contract", "arbeidscontract": "contract", "aanstelling": "contract",
    "arbeidsovereenkomst": "contract", "vestigingsgrootte": "grootte", "bedrijfsomvang": "grootte",
    "personeelsomvang": "grootte", "vestiging": "grootte", "bedrijfsgrootte": "grootte", "grootteklasse": "grootte",
    "sbi": "branche", "bedrijfstak": "branche", "sector": "branche", "sekse": "geslacht", "gender": "sex",
    "scholing": "opleiding", "leeftijdsjaren": "leeftijd", "opleidingsniveau": "opleidingsniveau",
}
# fmt: on
_SHORT = {"lft": "leeftijd", "lftd": "leeftijd", "gsl": "geslacht", "bedrgr": "bedrijfsgrootte"}
# What columns of the design are called, by the role that they have.
_DESIGN = {
    "weight": ("ophooggewicht", "gewicht", "weegfactor", "weging", "ophoogfactor", "weight", "wgt", "weeg", "weegf"),
    "year": ("jaar", "peiljaar", "enquetejaar", "onderzoeksjaar", "meetjaar", "golf", "year", "wave", "meting"),
    "id": (
        "respondentnummer",
        "respondent",
        "resp",
        "respnr",
        "persoonsnummer",
        "respid",
        "id",
        "nummer",
        "caseid",
        "rnr",
    ),
    "stratum": ("stratum", "strata", "strat", "steekproefstratum", "trekkingsstratum"),
}


@dataclass(frozen=True)
class Target:
    """A variable that a column may be.

    name : ours.
    texts : what it is called.
    books : its codes and what each is called, those of the variable itself first; none for a number.
    classes : code of the last book -> class, for a harmonised variable that is made of a coded one.
    limits : smallest and largest plausible number.
    role : of the design: weight, year, id or stratum; else nothing.
    missing : codes that the codebook takes for no answer.
    """

    name: str
    texts: tuple[str, ...]
    books: tuple[Book, ...] = ()
    classes: Mapping[Hashable, str] = field(default_factory=dict)
    limits: tuple[float, float] | None = None
    role: str = ""
    missing: tuple[int, ...] = ()

    def meaning(self, label: str, labels: Sequence[str]) -> list[Hashable]:
        """The codes or classes that a label of the file means: one, several, or none."""
        found = self.books[0].meaning(label, labels) if self.books else []
        if found or not self.classes:
            return found
        said = self.books[1].meant(label, labels)
        return list(dict.fromkeys(self.classes[code] for code, (part, _) in said.items() if part >= _SAID))

    @property
    def size(self) -> int:
        """Number of codes or classes."""
        return len(set(self.classes.values())) if self.classes else len(self.books[0].wordings) if self.books else 0


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
    """

    column: str
    variable: str
    sure: bool
    codes: Mapping[Any, Hashable]
    open: Mapping[Any, str]
    label: str = ""
    years: tuple[int, ...] = ()
    missing: tuple[Any, ...] = ()


def suggestions(table: Table, instrument: Instrument) -> list[Suggestion]:
    """The likeliest variable of each column of a file, each variable once (or once for each year), in file order.

    Columns that have our names already are left out, and so are their variables.
    """
    ours = {name.casefold() for name in instrument.file_names(None)} | {n.casefold() for n in instrument.harmonised}
    own = {column.casefold() for column in table.header}
    columns = [column for column in table.header if column.casefold() not in ours]
    targets = [target for target in targets_of(instrument) if target.name.casefold() not in own]
    if not columns or not targets:
        return []
    likeness = _Likeness(table, targets, columns)
    scores = np.array([[likeness.score(column, target) for target in targets] for column in columns])
    years = _years_of(table, instrument, columns, targets, scores)
    later = _later(scores, columns, targets, years)
    alone = scores.copy()
    alone[list(later)] = 0.0
    made = [
        _suggestion(likeness, alone, row, col, columns, targets)
        for row, col in zip(*linear_sum_assignment(-alone), strict=True)
        if alone[row, col] >= _LEAST
    ]
    found = {one.variable for one in made}
    for row, (col, when) in later.items():
        if targets[col].name in found:
            other = _suggestion(likeness, scores, row, col, columns, targets)
            sure = likeness.label(columns[row], targets[col]) >= _HALF_LABEL and not other.open
            made.append(replace(other, sure=sure, years=when))
    made = [one for one in made if not _made_of_another(one, made, instrument)]
    place = {column: number for number, column in enumerate(table.header)}
    return sorted(made, key=lambda one: place[one.column])


def guessed(table: Table, names: Sequence[str]) -> list[tuple[str, int]]:
    """Instruments of which a file may be, with how many of its columns are surely theirs; the likeliest first."""
    found = []
    for name in names:
        instrument = instrument_of(name)
        roles = _roles(instrument)
        found.append((name, sum(one.sure and one.variable not in roles for one in suggestions(table, instrument))))
    return sorted((pair for pair in found if pair[1] >= _FEW_COLUMNS), key=lambda pair: -pair[1])


def targets_of(instrument: Instrument) -> list[Target]:
    """All variables that a column may be: those of the codebook, and classes that are made of one of them."""
    found = []
    roles = _roles(instrument)
    for name in table_of(instrument.raw, "variables"):
        variable = instrument.variable(name)
        if variable is None or "*" in name or name == instrument.identify.get("synthetic"):
            continue
        texts = tuple(text for text in (variable.question, *variable.label.values()) if text)
        books = (book_of_variable(instrument, variable),) if variable.values else ()
        role = roles.get(name, "")
        found.append(Target(name, texts, books, limits=variable.limits, role=role, missing=variable.missing))
    return found + [made for name in instrument.harmonised if (made := _harmonised(name, instrument)) is not None]


def _roles(instrument: Instrument) -> dict[str, str]:
    """The columns of the design by their role."""
    design, identify = instrument.design, instrument.identify
    roles = {str(design.get("weight")): "weight", str(identify.get("year")): "year"}
    strata = design.get("strata", ())
    for name in [strata] if isinstance(strata, str) else strata:
        roles.setdefault(str(name), "stratum")
    for name in identify.get("required", ()):
        roles.setdefault(str(name), "id")
    return {name: role for name, role in roles.items() if name != "None"}


def _harmonised(name: str, instrument: Instrument) -> Target | None:
    """Classes that are made by recoding one variable."""
    entry, categories = instrument.harmonised[name], instrument.categories(name)
    rule: Mapping[str, Any] = next((rule for rule in entry.get("rules", ()) if "recode" in rule), {})
    variable = instrument.variable(str(rule.get("recode", "")))
    if not categories or variable is None or not variable.values:
        return None
    classes = {code: category for category in categories for code in rule.get(category, ())}
    if len(set(classes.values())) == len(classes):
        return None  # as many classes as codes: the coded variable says the same
    own = Book(instrument.wordings(name))
    texts = (*(entry[language] for language in ("nl", "en")), *_texts(variable))
    return Target(name, texts, (own, book_of_variable(instrument, variable)), classes)


def _texts(variable: CodebookVariable) -> list[str]:
    """What a variable is called."""
    return [text for text in (variable.question, *variable.label.values()) if text]


class _Likeness:
    """How much a column and a variable are alike: words weigh the more, the fewer labels have them."""

    def __init__(self, table: Table, targets: Sequence[Target], columns: Sequence[str]) -> None:
        self.table = table
        self.told = {target.name: [_stems(text) for text in target.texts] for target in targets}
        self.labels = {column: _stems(table.labels.get(column, "")) for column in columns}
        self.answers = {column: _answers(table.frame[column]) for column in columns if column in table.frame}
        self.all = {column: _labelled(table, column, self.answers.get(column)) for column in columns}
        self.coded = {
            column: {c: t for c, t in told.items() if not means_missing(t)} for column, told in self.all.items()
        }
        self.names = {column: bare(column).replace("_", "") for column in columns}
        self.said = {target.name: " ".join(["", *map(bare, target.texts)]) for target in targets}
        each = [frozenset().union(*texts) for texts in self.told.values()]
        self.count = Counter(word for words in each for word in words)
        self.meant: dict[tuple[tuple[str, ...], str], list[list[Hashable]]] = {}
        self.fits: dict[tuple[str, str], float | None] = {}
        self.few: dict[str, int] = {}
        for column in columns:
            fits = [self._codes(column, target) for target in targets]
            self.fits |= {(column, target.name): fit for target, fit in zip(targets, fits, strict=True)}
            self.few[column] = sum(fit is not None and fit >= _SAME_CODES for fit in fits)

    def score(self, column: str, target: Target) -> float:
        """From 0 to 1; 0 where the answers cannot be those of the variable."""
        if target.role:
            return self._of_design(column, target)
        codes = self.codes(column, target)
        label, name = self.label(column, target), self.name(column, target)
        if codes is None:  # the same question, with answers that have no labels and are not all ours: asked
            return _ASKED if label >= _SAME_LABEL and target.books and not self.coded.get(column) else 0.0
        if codes >= _SAME_CODES and self.few[column] <= _FEW_SUCH:
            label = max(label, _BY_CODES)
        if not label and name < _SAME_NAME:
            return _ASKED * name if not self.table.labels.get(column) else 0.0
        weight = 0.0 if math.isnan(codes) else _CODES
        told = _LABEL * label + _NAME * name + (weight * codes if weight else 0.0)
        return max(told / (_LABEL + _NAME + weight), name if name >= _SAME_NAME else 0.0)

    def label(self, column: str, target: Target) -> float:
        """How much the labels have in common, the rarer the word the more."""
        return max((self._common(self.labels[column], words) for words in self.told[target.name]), default=0.0)

    def _common(self, one: frozenset[str], other: frozenset[str]) -> float:
        """Dice's coefficient of two sets of words."""
        total = self._weight(one) + self._weight(other)
        return 2 * self._weight(one & other) / total if total else 0.0

    def _weight(self, words: frozenset[str]) -> float:
        """What words tell together."""
        return sum(
            1 / (1 + math.log(self.count[word])) if self.count[word] else _UNKNOWN_WORD for word in sorted(words)
        )

    def name(self, column: str, target: Target) -> float:
        """Whether the names are the same, or the column's is an abbreviation of a word of the label."""
        own = self.names[column]
        if own == target.name.replace("_", ""):
            return 1.0
        letters = _SHORT.get(own.rstrip("0123456789"), own.rstrip("0123456789"))
        return 0.8 if len(letters) >= _SHORTEST and f" {letters}" in self.said[target.name] else 0.0

    def codes(self, column: str, target: Target) -> float | None:
        """How much the codes are alike, nan where nothing tells, None where they cannot be the same."""
        return self.fits[column, target.name]

    def _codes(self, column: str, target: Target) -> float | None:
        """The same, worked out."""
        told, answers = self.coded.get(column, {}), self.answers.get(column)
        labelled = len(told) > 1
        if not target.books:
            if labelled and answers is not None and answers.distinct is not None and len(told) >= len(answers.distinct):
                return None
            return math.nan if answers is None or answers.within(target.limits) else None
        if labelled:
            labels = tuple(told.values())
            if (labels, target.name) not in self.meant:
                self.meant[labels, target.name] = [target.meaning(label, labels) for label in labels]
            meant = self.meant[labels, target.name]
            one = {found[0] for found in meant if len(found) == 1}
            part = sum(len(found) == 1 for found in meant) / len(meant)
            return part * len(one) / target.size if part >= _SAID else None
        if answers is None or answers.distinct is None:
            return None
        known = {str(code) for code in target.books[0].wordings}
        return math.nan if {_plain(value) for value in answers.distinct} <= known else None

    def _of_design(self, column: str, target: Target) -> float:
        """A column of the design is told by what it is called, and by what its numbers can be."""
        words = set(bare(self.table.labels.get(column, "")).split()) | {bare(column).replace("_", " ")}
        words |= set(bare(column.replace("_", " ")).split())
        aims = {*_DESIGN[target.role], target.name}
        named = 1.0 if words & aims else 0.7 if any(w.startswith(a) for w in words for a in aims if len(a) > 3) else 0.0
        answers = self.answers.get(column)
        if target.role == "year" and _waves(self.coded.get(column, {})):
            return named
        return named if named and answers is not None and answers.may_be(target.role) else 0.0


def _waves(told: Mapping[Any, str]) -> dict[Any, str]:
    """Codes of waves whose labels are years: 1 is 2019."""
    return dict(told) if told and all(re.fullmatch(r"(?:19|20)\d\d", str(text)) for text in told.values()) else {}


@dataclass(frozen=True)
class _Answers:
    """What the numbers of a column are: the distinct ones where they are few, ends, and whether they are whole."""

    number: int
    count: int
    distinct: tuple[Any, ...] | None
    values: np.ndarray | None

    def within(self, limits: tuple[float, float] | None) -> bool:
        """Are nearly all numbers plausible?"""
        if self.values is None or not len(self.values):
            return False
        inside = True if limits is None else (self.values >= limits[0]) & (self.values <= limits[1])
        return bool(np.mean(inside) >= _MOST)

    def may_be(self, role: str) -> bool:
        """Could the numbers be weights, years, persons, strata?"""
        values = self.values
        if role == "id":
            return self.count > self.number * 0.2
        if role == "stratum":
            return self.count > 1
        if values is None or not len(values):
            return False
        if role == "year":
            whole = bool((values == np.round(values)).all())
            return whole and self.count <= _FEW_ANSWERS and _YEARS[0] <= values.min() and values.max() <= _YEARS[1]
        return bool((values >= 0).all() and self.count > 2)


def _labelled(table: Table, column: str, answers: _Answers | None) -> Mapping[Any, str]:
    """The labels of the codes of a column; a column of few texts has these for labels."""
    told = table.value_labels.get(column)
    if told or answers is None or answers.distinct is None or answers.values is not None:
        return told or {}
    return {value: value for value in sorted(map(str, answers.distinct))}


def _answers(series: pd.Series) -> _Answers:
    """What the answers of a column are."""
    known = series.dropna()
    distinct = known.unique()
    numbers = pd.api.types.is_numeric_dtype(known) and not pd.api.types.is_bool_dtype(known)
    values = known.to_numpy(dtype=np.float64) if numbers else None
    return _Answers(
        len(known), len(distinct), tuple(distinct.tolist()) if len(distinct) <= _FEW_ANSWERS else None, values
    )


def _plain(value: Any) -> str:
    """A code as the codebook writes it."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _stems(text: str) -> frozenset[str]:
    """The beginnings of the words of a label."""
    words = {word for word in bare(text).split() if word not in _FILLERS and word not in STOP}
    return frozenset(_SYNONYMS.get(word, word)[:_STEM] for word in words)


def _suggestion(
    likeness: _Likeness, scores: np.ndarray, row: int, col: int, columns: Sequence[str], targets: Sequence[Target]
) -> Suggestion:
    """One pair, whether it is sure, and how its codes go."""
    column, target = columns[row], targets[col]
    rivals = max(np.delete(scores[row], col).max(initial=0.0), np.delete(scores[:, col], row).max(initial=0.0))
    codes, unknown = _translation(likeness, column, target)
    found = likeness.codes(column, target) if not target.role else None
    like, name = likeness.label(column, target), likeness.name(column, target)
    alike = found is not None and not math.isnan(found) and found >= _SAME_CODES
    sure = bool(
        scores[row, col] == 1.0
        if target.role
        else name >= _SAME_NAME or like >= _SAME_LABEL or (alike and like >= _HALF_LABEL)
    )
    equal = like >= _ALL or (target.role and scores[row, col] == 1.0 and scores[row, col] > rivals)
    sure = (
        sure
        and not unknown
        and (bool(target.role) or found is not None)
        and bool(equal or scores[row, col] - rivals >= _AHEAD)
    )
    label, gone = likeness.table.labels.get(column, ""), _no_answers(likeness, column, target)
    return Suggestion(column, target.name, sure, codes, unknown, label, missing=gone)


def _translation(likeness: _Likeness, column: str, target: Target) -> tuple[dict[Any, Hashable], dict[Any, str]]:
    """Code of the file -> ours, where they differ, and the codes whose label does not say."""
    told = likeness.coded.get(column, {})
    if target.role == "year" and (waves := _waves(told)):
        return ({} if all(_plain(code) == year for code, year in waves.items()) else dict(waves)), {}
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
    same = not unknown and all(_plain(code) == str(ours) for code, ours in codes.items())
    return ({} if same else codes), unknown


def _no_answers(likeness: _Likeness, column: str, target: Target) -> tuple[Any, ...]:
    """Codes that occur and mean no answer, of which the codebook does not know it."""
    answers = likeness.answers.get(column)
    if answers is None or answers.distinct is None:
        return ()
    told = likeness.all.get(column, {})
    gone = [code for code, label in told.items() if means_missing(label) and code in answers.distinct]
    return tuple(code for code in gone if _plain(code) not in map(str, target.missing))


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
    waves = _waves({c: text for c, text in table.value_labels.get(own, {}).items() if not means_missing(text)})
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
