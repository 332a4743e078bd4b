"""What a column of a file may be: the variables of a codebook, those of the design, and classes made of one."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from llo_research.data.instrument import CodebookVariable, Instrument, table_of
from llo_research.data.meaning import book_of_classes, book_of_variable
from llo_research.data.wording import Book, bare

SAID = 0.75  # of a label, or of the labels of a column


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
    proportional : of an expansion weight, the name of a weight with a mean of 1.
    """

    name: str
    texts: tuple[str, ...]
    books: tuple[Book, ...] = ()
    classes: Mapping[Hashable, str] = field(default_factory=dict)
    limits: tuple[float, float] | None = None
    role: str = ""
    missing: tuple[int, ...] = ()
    proportional: str = ""

    def meaning(self, label: str, labels: Sequence[str]) -> list[Hashable]:
        """The codes or classes that a label of the file means: one, several, or none."""
        book = self.books[0].wordings if self.books else {}
        same: list[Hashable] = [code for code, texts in book.items() if bare(label) == bare(texts[0])]
        if len(same) == 1:
            return same
        found = self.books[0].meaning(label, labels) if self.books else []
        if found or not self.classes:
            return found
        said = self.books[1].meant(label, labels)
        return list(dict.fromkeys(self.classes[code] for code, (part, _) in said.items() if part >= SAID))

    @property
    def size(self) -> int:
        """Number of codes or classes."""
        return len(set(self.classes.values())) if self.classes else len(self.books[0].wordings) if self.books else 0


def targets_of(instrument: Instrument) -> list[Target]:
    """All variables that a column may be: those of the codebook, and classes that are made of one of them."""
    found = []
    roles = roles_of(instrument)
    for name in table_of(instrument.raw, "variables"):
        variable = instrument.variable(name)
        if variable is None or "*" in name or name == instrument.identify.get("synthetic"):
            continue
        texts = tuple(text for text in (variable.question, *variable.label.values()) if text)
        books = (book_of_variable(instrument, variable),) if variable.values else ()
        role = roles.get(name, "")
        other = str(instrument.design.get("proportional", "")) if role == "weight" else ""
        found.append(Target(name, texts, books, {}, variable.limits, role, variable.missing, other))
    return found + [made for name in instrument.harmonised if (made := _harmonised(name, instrument)) is not None]


def roles_of(instrument: Instrument) -> dict[str, str]:
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
    own = book_of_classes(instrument, name)
    texts = (*(entry[language] for language in ("nl", "en")), *_texts(variable))
    return Target(name, texts, (own, book_of_variable(instrument, variable)), classes)


def _texts(variable: CodebookVariable) -> list[str]:
    """What a variable is called."""
    return [text for text in (variable.question, *variable.label.values()) if text]
