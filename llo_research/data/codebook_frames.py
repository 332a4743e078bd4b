"""Instruments and their codebooks as frames to read: harmonised variables first, then the file's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from llo_research.data.cycles import CYCLES, over_cycles
from llo_research.data.instrument import (
    Instrument,
    cycle2_status,
    in_english,
    instrument_names,
    instrument_of,
    table_of,
    variable_of,
)

_ORDER = "variable label_nl label_en values years_asked weight wording_status kind universe reference_period definition"
_MORE = "group half years_published source question codes_nl codes_en"


def instruments() -> pd.DataFrame:
    """The instruments this library can read, one row each.

    Returns
    -------
    DataFrame
        Columns ``instrument``, ``title_nl``, ``title_en``, ``kind`` (public, restricted, published, synthetic),
        ``population_nl``, ``population_en``, ``reference_period``, ``weight``, ``licence``, ``credit``,
        ``how_to_obtain``, ``weight_kind`` (expansion or proportional) and ``breaks`` (what changed, and when).

    Examples
    --------
    >>> import llo_research as llo
    >>> "piaac" in set(llo.instruments()["instrument"])
    True
    """
    rows = []
    for name in instrument_names():
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
                "credit": in_english(about.get("credit", "")),
                "how_to_obtain": about.get("how_to_obtain", ""),
                "weight_kind": item.design.get("weight_kind", ""),
                "breaks": "; ".join(f"{one['time']}: {one['what']['en']}" for one in item.design.get("breaks", []))
                or "none known to the library",
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
        for numbers), ``years_asked``, ``weight`` (the weight to use: that of its half for a question asked of half the
        sample), ``wording_status`` (``verified``, ``unverified``; elsewhere ``codebook``, ``approximation``, ``proxy``,
        ``not verified``; ``not asked``), ``kind`` (``harmonised`` or ``own``), ``universe``, ``reference_period``,
        ``definition``, ``group``, ``half`` (0: everyone), ``years_published``, ``source`` of the wording, ``question``,
        and ``codes_nl`` and ``codes_en`` to read. Of an instrument with cycles also ``cycle1`` and ``cycle2`` (the
        question in each, empty where it was not asked), ``cycle2_label``, ``cycle2_status`` (verified, inferred, name
        only, unverified) and ``comparable`` (whether the cycles may be set beside each other, as far as is known).
        Harmonised variables that the instrument cannot carry are there too, with the reason.

    Raises
    ------
    DataError
        When there is no such instrument.

    Examples
    --------
    >>> import llo_research as llo
    >>> llo.codebook("nea").set_index("variable").loc["autonomy2", "codes_en"]
    '1 no; 2 yes, sometimes; 3 yes, regularly'
    >>> book = llo.codebook("piaac").set_index("variable")
    >>> book.loc["education", "label_nl"]
    'Opleidingsniveau'
    """
    return book_of(instrument_of(instrument))


def book_of(item: Instrument) -> pd.DataFrame:
    """The codebook of an instrument, one row a variable."""
    rows = [_harmonised_row(item, name, entry) for name, entry in item.harmonised.items()]
    rows += [
        {"variable": name, "wording_status": "not asked", "kind": "harmonised", "definition": reason, "values": {}}
        for name, reason in item.about.get("not_carried", {}).items()
    ]
    rows += [_own_row(item, name) for name in table_of(item.raw, "variables") if not _is_copy(item, name)]
    for row in rows:
        weighted = row["wording_status"] != "not asked" and row.get("group") != "design"
        row["weight"] = _weight(item, int(row.get("half", 0))) if weighted else ""
        row |= {f"codes_{language}": codes(row["values"], language) for language in ("nl", "en")}
    more = _MORE.split()
    if item.raw.get("cycles"):
        rows = [{**row, **over_cycles(item, str(row["variable"]))} for row in rows]
        more += CYCLES.split()
    order = list(table_of(item.raw, "groups"))
    if order:
        place = {name: number for number, name in enumerate(order)}
        rows.sort(key=lambda row: (row["kind"] == "own", place.get(str(row.get("group", "")), len(order))))
    frame = pd.DataFrame(rows).reindex(columns=[*_ORDER.split(), *more])
    frame["half"] = frame["half"].fillna(0).astype(int)
    return frame.fillna("")


def codes(values: Mapping[Any, Mapping[str, str]], language: str) -> str:
    """Codes and their labels in one line: '1 no; 2 yes, sometimes; 3 yes, regularly'."""
    parts = [(code, label[language]) for code, label in values.items()]
    return "; ".join(
        f"{code} {label}" if isinstance(code, int) else label if code == label else f"{code}: {label}"
        for code, label in parts
    )


def _weight(item: Instrument, half: int) -> str:
    """The weight to use for a question of this half of the sample."""
    weight = item.design.get("weight", "")
    return str(item.design["halves"][str(half)] if half else weight)


def _years_of(item: Instrument, name: str, entry: Mapping[str, Any]) -> dict[str, str]:
    """Years asked and years published of a harmonised variable: its own, else those that its sources share."""
    variables = table_of(item.raw, "variables")
    sources = [variables[source] for source in item.sources_of(name) if source in variables]
    told = {}
    for key, default in (("years", item.about.get("years", "all")), ("published", "")):
        found = {str(source[key]) for source in sources if key in source}
        told[key] = str(entry.get(key, found.pop() if len(found) == 1 else default))
    return told


def _harmonised_row(item: Instrument, name: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    """A harmonised variable as a row of the codebook."""
    years = _years_of(item, name, entry)
    return {
        "variable": name,
        "label_nl": entry["nl"],
        "label_en": entry["en"],
        "values": item.categories(name),
        "years_asked": years["years"],
        "years_published": years["published"],
        "wording_status": entry.get("wording", item.about.get("default_wording", "codebook")),
        "kind": "harmonised",
        "universe": entry.get("asked_of", "everyone"),
        "reference_period": entry.get("reference_period", {}).get("en", ""),
        "definition": entry.get("definition", ""),
        "group": entry.get("group", ""),
        "half": item.half_of(name),
        "source": entry.get("source", ""),
    }


def _is_copy(item: Instrument, name: str) -> bool:
    """Is the harmonised variable of this name the file's own column as it stands?"""
    return {"copy": name} in item.harmonised.get(name, {}).get("rules", [])


def _own_row(item: Instrument, name: str) -> dict[str, Any]:
    """A variable of the file as a row of the codebook."""
    entry = item.raw["variables"][name]
    variable = variable_of(name, entry, item, cycle2=False)
    also = f"in cycle 2: {entry['cycle2']} ({cycle2_status(entry)})" if "cycle2" in entry else ""
    return {
        "variable": f"{name}_own" if name in item.harmonised else name,
        "label_nl": variable.label["nl"],
        "label_en": variable.label["en"],
        "values": dict(variable.values),
        "years_asked": variable.years,
        "years_published": variable.published,
        "wording_status": variable.wording,
        "kind": "own",
        "universe": variable.universe,
        "reference_period": "",
        "definition": also,
        "group": variable.group,
        "half": variable.half,
        "source": variable.source,
        "question": variable.question,
    }
