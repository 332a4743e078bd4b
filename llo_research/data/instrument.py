"""What is known of each instrument: its TOML file as objects."""

from __future__ import annotations

import difflib
import fnmatch
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

from llo_research.data.expand import adjust, expand
from llo_research.data.rules import columns_of
from llo_research.errors import DataError

Code = int | str


@dataclass(frozen=True)
class CodebookVariable:
    """One column of an instrument's file.

    ``values`` maps a code to its labels ``{"nl": ..., "en": ...}`` (empty: not coded), ``missing`` holds the numeric
    codes that mean missing, ``limits`` the smallest and largest plausible number, ``text`` says that codes are strings.
    ``also`` holds other wordings of codes, ``short`` a label for the head of a row, ``top`` the highest code that a
    file must show where codes have not been verified.
    """

    name: str
    label: Mapping[str, str]
    values: Mapping[Code, Mapping[str, str]]
    missing: tuple[int, ...]
    limits: tuple[float, float] | None
    text: bool
    universe: str
    years: str
    wording: str
    group: str = ""
    half: int = 0
    published: str = ""
    source: str = ""
    question: str = ""
    free: bool = False
    also: Mapping[Code, tuple[str, ...]] = field(default_factory=dict)
    short: Mapping[str, str] = field(default_factory=dict)
    top: int | None = None

    def asked_in(self, year: int) -> bool:
        """Is this variable taken to have been asked in this year ('2014-2018, 2020, 2022-')?"""
        if not re.fullmatch(r"[\d\s,-]+", self.years):
            return True
        spans = [re.findall(r"\d+|-", part) for part in self.years.split(",")]
        return any(int(s[0]) <= year <= (int(s[-1]) if s[-1] != "-" else 9999) for s in spans if s)


@dataclass(frozen=True)
class Instrument:
    """One instrument: ``raw`` is its TOML file; the properties are what the data layer asks of it."""

    name: str
    raw: Mapping[str, Any]

    @property
    def about(self) -> Mapping[str, Any]:
        """Title, population, credit, licence, how to obtain."""
        return table_of(self.raw, "instrument")

    @property
    def design(self) -> Mapping[str, Any]:
        """Weight, strata, sampling units or replicate scheme."""
        return table_of(self.raw, "design")

    @property
    def identify(self) -> Mapping[str, Any]:
        """Columns that tell persons, years and countries apart."""
        return table_of(self.raw, "identify")

    @property
    def missing(self) -> Mapping[str, Any]:
        """What stands for a missing value."""
        return table_of(self.raw, "missing")

    def reserved(self, name: str) -> frozenset[int]:
        """Codes that mean missing in every column, this one included; empty for identifiers and weights."""
        kept = self.missing.get("not_in", ())
        if any(fnmatch.fnmatchcase(name.upper(), pattern) for pattern in kept):
            return frozenset()
        return frozenset(self.missing.get("everywhere", ()))

    @property
    def harmonised(self) -> Mapping[str, Mapping[str, Any]]:
        """Rules for the variables that mean the same in every instrument."""
        return table_of(self.raw, "harmonised")

    def cycle(self, number: int | None) -> Mapping[str, Any]:
        """What holds for one cycle only; empty for an instrument without cycles."""
        return {} if number is None else table_of(self.raw, "cycles").get(str(number), {})

    def why_absent(self, country: str | None, cycle: int | None) -> dict[str, str]:
        """Why there is no file of a country in a cycle, and what there is instead; empty where there is one."""
        return dict(self.cycle(cycle).get("absent", {}).get(country, {}))

    @cached_property
    def _names(self) -> dict[int | None, dict[str, str]]:
        """The names of variables in each cycle asked for so far."""
        return {}

    def file_names(self, cycle: int | None) -> dict[str, str]:
        """Name of a variable in this cycle's files -> its name in the codebook (patterns left out)."""
        names = {}
        for ours, entry in table_of(self.raw, "variables").items():
            theirs = entry.get("cycle2") if cycle == 2 else None
            if cycle == 1 and entry.get("years") == "cycle 2":
                continue
            names[theirs or ours] = ours
            if theirs:
                names.setdefault(ours, ours)
        return {theirs: ours for theirs, ours in names.items() if "*" not in theirs}

    def variable(self, name: str, cycle: int | None = None) -> CodebookVariable | None:
        """The codebook's entry for a column of this cycle's files, or None when the codebook does not know it."""
        table = table_of(self.raw, "variables")
        if cycle not in self._names:
            self._names[cycle] = self.file_names(cycle)
        ours = self._names[cycle].get(name)
        if ours is None:
            ours = next((key for key in table if "*" in key and fnmatch.fnmatchcase(name, key)), None)
        return None if ours is None else variable_of(name, table[ours], self, cycle2=cycle == 2 and name != ours)

    def half_of(self, name: str) -> int:
        """The half of a split sample that was asked this variable, or what it is made of; 0 when everyone was."""
        variables = table_of(self.raw, "variables")
        if name in variables:
            return int(variables[name].get("half", 0))
        return max((self.half_of(source) for source in self.sources_of(name) if source in variables), default=0)

    def sources_of(self, name: str) -> list[str]:
        """The file's own variables from which a harmonised one is made."""
        return [source for rule in self.harmonised.get(name, {}).get("rules", ()) for source in columns_of(rule, {})]

    def categories(self, harmonised: str) -> dict[str, Mapping[str, str]]:
        """Categories of a harmonised variable in the codebook's order; empty for numbers."""
        return {code: {key: told[key] for key in ("nl", "en")} for code, told in self._classes(harmonised).items()}

    def wordings(self, harmonised: str) -> dict[Any, tuple[str, ...]]:
        """All that the categories of a harmonised variable are called: their labels, and other words for them."""
        classes = self._classes(harmonised).items()
        return {code: (told["nl"], told["en"], *told.get("also", ())) for code, told in classes}

    def named(self, harmonised: str) -> dict[str, Mapping[str, Any]]:
        """The labels of the categories, with ``also`` the other words by which a user may name them."""
        return {code: dict(told) for code, told in self._classes(harmonised).items()}

    def _classes(self, harmonised: str) -> Mapping[str, Mapping[str, Any]]:
        """The categories as the file has them."""
        entry = self.harmonised[harmonised]
        classes = self.raw["value_sets"][entry["values_of"]] if "values_of" in entry else entry.get("values", {})
        return dict(classes)


def in_english(text: Any) -> str:
    """The English of a text that may stand in both languages."""
    return str(text["en"] if isinstance(text, Mapping) else text)


def table_of(raw: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A table of the TOML file, empty when absent."""
    table = raw.get(name, {})
    return table if isinstance(table, Mapping) else {}


def variable_of(name: str, entry: Mapping[str, Any], instrument: Instrument, *, cycle2: bool) -> CodebookVariable:
    """Build one variable; ``cycle2``: the column has its cycle-2 name, whose codes may differ."""
    set_name = (entry.get("cycle2_values") if cycle2 else None) or entry.get("values")
    text = bool(entry.get("text", False))
    labels = instrument.raw["value_sets"][set_name] if set_name else {}
    values: dict[Code, Mapping[str, str]] = {}
    also: dict[Code, tuple[str, ...]] = {}
    for written, told in labels.items():
        code: Code = written if text else int(written)
        values[code] = {language: told[language] for language in ("nl", "en")}
        if "also" in told:
            also[code] = tuple(told["also"])
    missing = set(entry.get("missing", ()))
    if instrument.missing.get("reserved") and values and not text:
        missing |= _reserved([code for code in values if isinstance(code, int)])
    missing |= instrument.reserved(name) - set(values)
    limits = entry.get("range")
    default = instrument.about.get("default_wording", "codebook")
    if cycle2 or (entry.get("years") == "cycle 2" and "cycle2_status" in entry):
        default = f"cycle 2: label {cycle2_status(entry)}, codes not verified"
    return CodebookVariable(
        name,
        {"nl": entry["nl"], "en": entry["en"]},
        values,
        tuple(sorted(missing)),
        (float(limits[0]), float(limits[1])) if limits else None,
        text,
        entry.get("universe", "everyone"),
        entry.get("years", instrument.about.get("years", "all")),
        entry.get("wording", default),
        entry.get("group", ""),
        int(entry.get("half", 0)),
        entry.get("published", ""),
        entry.get("source", ""),
        entry.get("question", ""),
        bool(entry.get("free", False)),
        also,
        entry.get("short", {}),
        entry.get("top"),
    )


def cycle2_status(entry: Mapping[str, Any]) -> str:
    """How sure the name and label of a column of cycle 2 are."""
    return str(entry.get("cycle2_status", "unverified"))


def _reserved(codes: list[int]) -> set[int]:
    """The codes 6-9, 96-99, 996-999 or 9996-9999 kept for missing values beyond these valid codes."""
    for base in (0, 90, 990, 9990):
        block = set(range(base + 6, base + 10))
        if max(codes) < base + 6:
            return block
    return set()


@cache
def instrument_names() -> tuple[str, ...]:
    """The names of all instruments, in the order of the alphabet."""
    folder = files("llo_research.data") / "instruments"
    return tuple(sorted(entry.name[:-5] for entry in folder.iterdir() if entry.name.endswith(".toml")))


def instrument_of(name: str) -> Instrument:
    """The instrument of this name.

    Raises
    ------
    DataError
        When no instrument has this name; the message names the nearest ones.
    """
    if not isinstance(name, str) or name not in instrument_names():
        near = difflib.get_close_matches(str(name).lower(), instrument_names(), n=1)
        raise DataError(
            f"There is no instrument named {name!r}.",
            found=repr(name),
            expected=", ".join(instrument_names()),
            todo=f"Did you mean {near[0]!r}?" if near else "See llo.instruments() for what there is.",
        )
    return _instrument(str(name))


@cache
def _instrument(name: str) -> Instrument:
    """The instrument, its file read once."""
    raw = _file(name)
    return Instrument(name, expand(raw, _file(raw["inherit"]["from"]) if "inherit" in raw else None))


def instrument_with(name: str, choices: Mapping[str, Mapping[str, Any]], where: str = "mapping") -> Instrument:
    """The instrument with a user's choices of cuts, minimum numbers of answers, and halves."""
    item = instrument_of(name)
    return Instrument(name, expand(adjust(item.raw, choices, where))) if any(choices.values()) else item


def _file(name: str) -> dict[str, Any]:
    """The TOML file of an instrument as it stands."""
    text = (files("llo_research.data") / "instruments" / f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
