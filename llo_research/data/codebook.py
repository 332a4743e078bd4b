"""What is known of each instrument: its TOML file as objects and as frames."""

from __future__ import annotations

import difflib
import fnmatch
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import pandas as pd

from llo_research.data.expand import adjust, expand
from llo_research.data.rules import columns_of
from llo_research.errors import DataError

Code = int | str


@dataclass(frozen=True)
class Variable:
    """One column of an instrument's file.

    ``values`` maps a code to its labels ``{"nl": ..., "en": ...}`` (empty: not coded), ``missing`` holds the numeric
    codes that mean missing, ``limits`` the smallest and largest plausible number, ``text`` says that codes are strings.
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


@dataclass(frozen=True)
class Instrument:
    """One instrument: ``raw`` is its TOML file; the properties are what the data layer asks of it."""

    name: str
    raw: Mapping[str, Any]

    @property
    def about(self) -> Mapping[str, Any]:
        """Title, population, credit, licence, how to obtain."""
        return _table(self.raw, "instrument")

    @property
    def design(self) -> Mapping[str, Any]:
        """Weight, strata, sampling units or replicate scheme."""
        return _table(self.raw, "design")

    @property
    def identify(self) -> Mapping[str, Any]:
        """Columns that tell persons, years and countries apart."""
        return _table(self.raw, "identify")

    @property
    def missing(self) -> Mapping[str, Any]:
        """What stands for a missing value."""
        return _table(self.raw, "missing")

    @property
    def harmonised(self) -> Mapping[str, Mapping[str, Any]]:
        """Rules for the variables that mean the same in every instrument."""
        return _table(self.raw, "harmonised")

    def cycle(self, number: int | None) -> Mapping[str, Any]:
        """What holds for one cycle only; empty for an instrument without cycles."""
        return {} if number is None else _table(self.raw, "cycles").get(str(number), {})

    def file_names(self, cycle: int | None) -> dict[str, str]:
        """Name of a variable in this cycle's files -> its name in the codebook (patterns left out)."""
        names = {}
        for ours, entry in _table(self.raw, "variables").items():
            theirs = entry.get("cycle2") if cycle == 2 else None
            names[theirs or ours] = ours
            if theirs:
                names.setdefault(ours, ours)
        return {theirs: ours for theirs, ours in names.items() if "*" not in theirs}

    def variable(self, name: str, cycle: int | None = None) -> Variable | None:
        """The codebook's entry for a column of this cycle's files, or None when the codebook does not know it."""
        table, names = _table(self.raw, "variables"), self.file_names(cycle)
        ours = names.get(name)
        if ours is None:
            ours = next((key for key in table if "*" in key and fnmatch.fnmatchcase(name, key)), None)
        return None if ours is None else _variable(name, table[ours], self, cycle2=cycle == 2 and name != ours)

    def half_of(self, name: str) -> int:
        """The half of a split sample that was asked this variable, or what it is made of; 0 when everyone was."""
        variables = _table(self.raw, "variables")
        if name in variables:
            return int(variables[name].get("half", 0))
        entry = self.harmonised.get(name, {})
        sources = [n for rule in entry.get("rules", ()) for n in columns_of(rule, entry.get("universe", {}))]
        return max((self.half_of(source) for source in sources if source in variables), default=0)

    def categories(self, harmonised: str) -> dict[str, Mapping[str, str]]:
        """Categories of a harmonised variable in the codebook's order; empty for numbers."""
        entry = self.harmonised[harmonised]
        if "values_of" in entry:
            return dict(self.raw["value_sets"][entry["values_of"]])
        return dict(entry.get("values", {}))


def _table(raw: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A table of the TOML file, empty when absent."""
    table = raw.get(name, {})
    return table if isinstance(table, Mapping) else {}


def _variable(name: str, entry: Mapping[str, Any], instrument: Instrument, *, cycle2: bool) -> Variable:
    """Build one variable; ``cycle2``: the column has its cycle-2 name, whose codes may differ."""
    set_name = (entry.get("cycle2_values") if cycle2 else None) or entry.get("values")
    text = bool(entry.get("text", False))
    labels = instrument.raw["value_sets"][set_name] if set_name else {}
    values: dict[Code, Mapping[str, str]] = {code if text else int(code): label for code, label in labels.items()}
    missing = set(entry.get("missing", ()))
    if instrument.missing.get("reserved") and values and not text:
        missing |= _reserved([code for code in values if isinstance(code, int)])
    limits = entry.get("range")
    default = "cycle 2 not verified" if cycle2 else instrument.about.get("default_wording", "codebook")
    return Variable(
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
    )


def _reserved(codes: list[int]) -> set[int]:
    """The codes 6-9, 96-99, 996-999 or 9996-9999 kept for missing values beyond these valid codes."""
    for base in (0, 90, 990, 9990):
        block = set(range(base + 6, base + 10))
        if max(codes) < base + 6:
            return block
    return set()


@cache
def _names() -> tuple[str, ...]:
    folder = files("llo_research.data") / "instruments"
    return tuple(sorted(entry.name[:-5] for entry in folder.iterdir() if entry.name.endswith(".toml")))


@cache
def instrument_of(name: str) -> Instrument:
    """The instrument of this name.

    Raises
    ------
    DataError
        When no instrument has this name; the message names the nearest ones.
    """
    if name not in _names():
        near = difflib.get_close_matches(str(name).lower(), _names(), n=1)
        raise DataError(
            f"There is no instrument named {name!r}.",
            found=repr(name),
            expected=", ".join(_names()),
            todo=f"Did you mean {near[0]!r}?" if near else "See llo.instruments() for what there is.",
        )
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


def instruments() -> pd.DataFrame:
    """The instruments this library can read, one row each.

    Returns
    -------
    DataFrame
        Columns ``instrument``, ``title_nl``, ``title_en``, ``kind`` (public, restricted, published, synthetic),
        ``population_nl``, ``population_en``, ``reference_period``, ``weight``, ``licence``, ``credit`` and
        ``how_to_obtain``.

    Examples
    --------
    >>> import llo_research as llo
    >>> "piaac" in set(llo.instruments()["instrument"])
    True
    """
    rows = []
    for name in _names():
        item = instrument_of(name)
        about = item.about
        rows.append(
            {
                "instrument": name,
                "title_nl": about.get("title", {}).get("nl", ""),
                "title_en": about.get("title", {}).get("en", ""),
                "kind": about.get("kind", ""),
                "population_nl": about.get("population", {}).get("nl", ""),
                "population_en": about.get("population", {}).get("en", ""),
                "reference_period": about.get("reference_period", {}).get("en", ""),
                "weight": item.design.get("weight", ""),
                "licence": about.get("licence", ""),
                "credit": about.get("credit", ""),
                "how_to_obtain": about.get("how_to_obtain", ""),
            }
        )
    return pd.DataFrame(rows)


def codebook(instrument: str) -> pd.DataFrame:
    """What each variable of an instrument means.

    Harmonised variables come first, then the file's own. Use it to look up a code, a universe or a reference period
    before writing a table note.

    Parameters
    ----------
    instrument : str
        A name of :func:`instruments`.

    Returns
    -------
    DataFrame
        Columns ``variable``, ``label_nl``, ``label_en``, ``values`` (mapping code -> ``{"nl": ..., "en": ...}``, empty
        for numbers), ``years_asked``, ``weight`` (the weight to use), ``wording_status`` (``codebook``,
        ``approximation``, ``proxy``, ``not verified``, ``not asked``), ``kind`` (``harmonised`` or ``own``),
        ``universe``, ``reference_period`` and ``definition``. Harmonised variables that the instrument cannot carry
        are there too, with the reason.

    Raises
    ------
    DataError
        When there is no such instrument.

    Examples
    --------
    >>> import llo_research as llo
    >>> book = llo.codebook("piaac").set_index("variable")
    >>> book.loc["education", "label_nl"]
    'Opleidingsniveau'
    """
    item = instrument_of(instrument)
    weight = item.design.get("weight", "")
    rows = [_harmonised_row(item, name, entry) for name, entry in item.harmonised.items()]
    rows += [
        {"variable": name, "wording_status": "not asked", "kind": "harmonised", "definition": reason, "values": {}}
        for name, reason in item.about.get("not_carried", {}).items()
    ]
    rows += [_own_row(item, name) for name in _table(item.raw, "variables") if not _is_copy(item, name)]
    frame = pd.DataFrame(rows)
    frame["weight"] = [weight if status != "not asked" else "" for status in frame["wording_status"]]
    order = "variable label_nl label_en values years_asked weight wording_status kind universe reference_period"
    return frame.reindex(columns=[*order.split(), "definition"]).fillna("")


def _harmonised_row(item: Instrument, name: str, entry: Mapping[str, Any]) -> dict[str, object]:
    """A harmonised variable as a row of the codebook."""
    return {
        "variable": name,
        "label_nl": entry["nl"],
        "label_en": entry["en"],
        "values": item.categories(name),
        "years_asked": entry.get("years", "all"),
        "wording_status": entry.get("wording", "codebook"),
        "kind": "harmonised",
        "universe": entry.get("asked_of", "everyone"),
        "reference_period": entry.get("reference_period", {}).get("en", ""),
        "definition": entry.get("definition", ""),
    }


def _is_copy(item: Instrument, name: str) -> bool:
    """Is the harmonised variable of this name the file's own column as it stands?"""
    return {"copy": name} in item.harmonised.get(name, {}).get("rules", [])


def _own_row(item: Instrument, name: str) -> dict[str, object]:
    """A variable of the file as a row of the codebook."""
    entry = item.raw["variables"][name]
    variable = _variable(name, entry, item, cycle2=False)
    also = f"in cycle 2: {entry['cycle2']} (not verified)" if "cycle2" in entry else ""
    return {
        "variable": f"{name}_own" if name in item.harmonised else name,
        "label_nl": variable.label["nl"],
        "label_en": variable.label["en"],
        "values": dict(variable.values),
        "years_asked": variable.years,
        "wording_status": variable.wording,
        "kind": "own",
        "universe": variable.universe,
        "reference_period": "",
        "definition": also,
    }
