"""How much a column and a variable are alike, by name, label, value labels and answers."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Sequence

from llo_research.data.answers import answers_of, code_text, labelled, labelled_years
from llo_research.data.beside import parts_of_answers, waves_beside
from llo_research.data.readers import Table
from llo_research.data.targets import SAID, Target
from llo_research.data.wording import STOP, bare, means_missing

# What the label, the labels of codes and the name tell together.
_LABEL, _CODES, _NAME = 0.6, 0.25, 0.15
SAME_LABEL, SAME_CODES, SAME_NAME = 0.8, 0.95, 0.95
_SHORTEST = 3  # letters of an abbreviation
_ASKED = 0.55  # of a name that may be an abbreviation, in a file without labels: enough to ask, never sure
_STEM = 5
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


class Likeness:
    """How much a column and a variable are alike: words weigh the more, the fewer labels have them."""

    def __init__(self, table: Table, targets: Sequence[Target], columns: Sequence[str]) -> None:
        self.table = table
        self.told = {target.name: [_stems(text) for text in target.texts] for target in targets}
        self.labels = {column: _stems(table.labels.get(column, "")) for column in columns}
        self.answers = {column: answers_of(table.frame[column]) for column in columns if column in table.frame}
        self.all = {column: labelled(table, column, self.answers.get(column)) for column in columns}
        self.coded = {
            column: {c: t for c, t in told.items() if not means_missing(t)} for column, told in self.all.items()
        }
        beside = waves_beside(table.header)
        self.names = {column: bare(beside.get(column, ("", column))[1]).replace("_", "") for column in columns}
        self.parts = parts_of_answers(table, columns)
        self.said = {target.name: " ".join(["", *map(bare, target.texts)]) for target in targets}
        each = [frozenset().union(*texts) for texts in self.told.values()]
        self.count = Counter(word for words in each for word in words)
        self.weights: dict[frozenset[str], float] = {}
        self.meant: dict[tuple[tuple[str, ...], str], list[list[Hashable]]] = {}
        self.fits: dict[tuple[str, str], float | None] = {}
        self.few: dict[str, int] = {}
        for column in columns:
            fits = [self._codes(column, target) for target in targets]
            whole = {target.name for target in targets if self._tells_each(column, target)}
            fits = [None if target.made_of in whole else fit for target, fit in zip(targets, fits, strict=True)]
            self.fits |= {(column, target.name): fit for target, fit in zip(targets, fits, strict=True)}
            self.few[column] = sum(fit is not None and fit >= SAME_CODES for fit in fits)

    def score(self, column: str, target: Target) -> float:
        """From 0 to 1; 0 where the answers cannot be those of the variable."""
        if target.role:
            return self._of_design(column, target)
        codes = self.codes(column, target)
        label, name = self.label(column, target), self.name(column, target)
        if column in self.parts and label < SAME_LABEL:
            return 0.0
        if codes is None:  # the same question, with answers that have no labels and are not all ours: asked
            return _ASKED if label >= SAME_LABEL and target.books and not self.coded.get(column) else 0.0
        if codes >= SAME_CODES and self.few[column] <= _FEW_SUCH:
            label = max(label, _BY_CODES)
        if not label and name < SAME_NAME:
            return _ASKED * name if not self.table.labels.get(column) else 0.0
        weight = 0.0 if math.isnan(codes) else _CODES
        told = _LABEL * label + _NAME * name + (weight * codes if weight else 0.0)
        return max(told / (_LABEL + _NAME + weight), name if name >= SAME_NAME else 0.0)

    def label(self, column: str, target: Target) -> float:
        """How much the labels have in common, the rarer the word the more."""
        return max((self._common(self.labels[column], words) for words in self.told[target.name]), default=0.0)

    def _common(self, one: frozenset[str], other: frozenset[str]) -> float:
        """Dice's coefficient of two sets of words."""
        both = one & other
        total = self._weight(one) + self._weight(other) if both else 0.0
        return 2 * self._weight(both) / total if total else 0.0

    def _weight(self, words: frozenset[str]) -> float:
        """What words tell together."""
        if words not in self.weights:
            each = (1 / (1 + math.log(self.count[w])) if self.count[w] else _UNKNOWN_WORD for w in sorted(words))
            self.weights[words] = sum(each)
        return self.weights[words]

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
            return part * len(one) / target.size if part >= SAID else None
        if answers is None or answers.distinct is None:
            return None
        known = {str(code) for code in target.books[0].wordings}
        return math.nan if {code_text(value) for value in answers.distinct} <= known else None

    def _tells_each(self, column: str, target: Target) -> bool:
        """Whether the labels are those of all codes of a coded variable, one each: its classes would tell less."""
        meant = self.meant.get((tuple(self.coded.get(column, {}).values()), target.name), [])
        one = {found[0] for found in meant if len(found) == 1}
        return not target.classes and len(meant) == len(one) == target.size > 1

    def _of_design(self, column: str, target: Target) -> float:
        """A column of the design is told by what it is called, and by what its numbers can be."""
        words = set(bare(self.table.labels.get(column, "")).split()) | {bare(column).replace("_", " ")}
        words |= set(bare(column.replace("_", " ")).split())
        aims = {*_DESIGN[target.role], target.name}
        named = 1.0 if words & aims else 0.7 if any(w.startswith(a) for w in words for a in aims if len(a) > 3) else 0.0
        answers = self.answers.get(column)
        if target.role == "year" and labelled_years(self.coded.get(column, {})):
            return named
        return named if named and answers is not None and answers.may_be(target.role) else 0.0


def _stems(text: str) -> frozenset[str]:
    """The beginnings of the words of a label."""
    words = {word for word in bare(text).split() if word not in _FILLERS and word not in STOP}
    return frozenset(_SYNONYMS.get(word, word)[:_STEM] for word in words)
