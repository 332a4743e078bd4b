"""What a frame is and where it comes from: labels, and the source that travels into every result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from llo_research.data.countries import country_names
from llo_research.data.harmonised_file import HarmonisedFile, Request
from llo_research.data.instrument import Instrument
from llo_research.data.provenance import file_record
from llo_research.data.rules import numbers_of
from llo_research.data.sample import round_of
from llo_research.data.sampling import Sampling


def labels(frame: pd.DataFrame, parts: Sequence[HarmonisedFile]) -> dict[str, dict[str, Any]]:
    """Labels in Dutch and English of every column that the codebook knows; coded ones with ``values``."""
    instrument, result = parts[0].layout.instrument, {}
    names = {column: name for part in parts for column, name in part.layout.names.items()}
    kept_own = {kept: own for part in parts for own, kept in part.kept_own.items()}
    for column in frame.columns:
        if column in instrument.harmonised:
            entry = instrument.harmonised[column]
            result[column] = {"nl": entry["nl"], "en": entry["en"]}
            if (
                values := instrument.named(column)
                or numbers_of(entry)
                or (column == "country" and country_names(instrument))
            ):
                result[column]["values"] = values
            continue
        name = kept_own.get(column, column)
        variable = instrument.variable(names.get(name, name), parts[0].layout.cycle)
        if variable is not None:
            result[column] = dict(variable.label)
            if variable.values:
                result[column]["values"] = dict(variable.values)
            if variable.short:
                result[column]["short"] = dict(variable.short)
    return result


def source(
    frame: pd.DataFrame, parts: list[HarmonisedFile], request: Request, sampling: Sampling | None = None
) -> dict[str, Any]:
    """Where the data come from, for ``.meta["source"]`` of every result."""
    first = parts[0]
    instrument, cycle = first.layout.instrument, first.layout.cycle
    entry, about = instrument.cycle(cycle), instrument.about
    edition = about.get("edition", "")
    if entry:
        when = entry["period"][round_of(entry, first.country)]
        edition = {language: f"{text}, {when}" for language, text in entry["edition"].items()}
    result: dict[str, Any] = {
        "instrument": instrument.name,
        "title": dict(about["title"]),
        "edition": edition,
        "cycle": cycle,
        "country": first.country or (request.country if "country_within" in instrument.identify else None),
        "years": sorted(int(year) for year in frame["year"].dropna().unique()),
        "files": [file_record(part.table) for part in parts],
        "synthetic": first.synthetic,
        "kind": "synthetic" if first.synthetic else about["kind"],
        "credit": about["credit"],
        "licence": about["licence"],
        "population": dict(about["population"]),
        **_questions(instrument, frame, cycle),
        "not_carried": {n: why for part in parts for n, why in part.not_carried.items() if n not in frame},
        "kept_own": first.kept_own,
        "breaks": list(instrument.design.get("breaks", ())),
    }
    if kinds := _weight_kinds(instrument, frame):
        result["weight_kinds"] = kinds
    if sampling is not None:
        result |= _sampled(sampling, instrument, frame, edition, kind=result["kind"])
    if any(part.left_out for part in parts):
        result["without_weight"] = {part.table.path.name: dict(part.left_out) for part in parts if part.left_out}
    result |= _mapped(parts)
    if choices := {name: dict(chosen) for name, chosen in first.mapping.choices.items() if chosen}:
        result["choices"] = choices
    return result


def _questions(instrument: Instrument, frame: pd.DataFrame, cycle: int | None) -> dict[str, Any]:
    """What harmonised variables are, about which period, and which are not quite what their names say."""
    made = {name: item for name, item in instrument.harmonised.items() if name in frame}
    periods = {name: dict(item["reference_period"]) for name, item in made.items() if "reference_period" in item}
    return {
        "reference_period": periods,
        "definition": {name: _definition(item, cycle) for name, item in made.items()},
        "proxies": [name for name, item in made.items() if item.get("wording") == "proxy"],
        "assumed_codes": [name for name, item in made.items() if cycle in item.get("assumed_codes", ())],
    }


def _definition(entry: Mapping[str, Any], cycle: int | None) -> str:
    """What a harmonised variable is: of two questions under one name that of this cycle, which a stack compares."""
    return str(entry.get("definition_of_cycle", {}).get(str(cycle), entry["definition"]))


def _weight_kinds(instrument: Instrument, frame: pd.DataFrame) -> dict[str, str]:
    """The kind of each weight column that the codebook knows: expansion, or proportional (mean 1)."""
    design = instrument.design
    kind = str(design.get("weight_kind", "expansion"))
    names = [design.get("weight"), *design.get("halves", {}).values()]
    proportional = [design.get("proportional"), *design.get("proportional_halves", {}).values()]
    known = {**dict.fromkeys(names, kind), **dict.fromkeys(proportional, "proportional")}
    return {name: kind for name, kind in known.items() if name in frame}


def _mapped(parts: Sequence[HarmonisedFile]) -> dict[str, Any]:
    """What mappings did to columns and codes, as far as they did."""
    told = {
        "mapping": {theirs: ours for part in parts for theirs, ours in part.mapping.columns.items()},
        "mapping_by_year": {str(year): dict(own) for part in parts for year, own in part.given.by_year.items()},
        "mapping_codes": _codes(parts),
    }
    return {name: entries for name, entries in told.items() if entries}


def _codes(parts: Sequence[HarmonisedFile]) -> dict[str, dict[str, Any]]:
    """Codes that mappings translate or take for missing, as text."""
    values = {name: codes for part in parts for name, codes in part.given.values.items()}
    missing = {name: codes for part in parts for name, codes in part.given.missing.items()}
    told: dict[str, dict[str, Any]] = {
        "values": {name: {str(k): str(v) for k, v in codes.items()} for name, codes in values.items()},
        "missing": {name: [str(code) for code in codes] for name, codes in missing.items()},
    }
    return {table: entries for table, entries in told.items() if entries}


def _sampled(
    sampling: Sampling, instrument: Instrument, frame: pd.DataFrame, edition: Any, *, kind: str
) -> dict[str, Any]:
    """What the files tell of the design, and the same in the words that stand under every table."""
    words = {"restricted": ("besloten microdata", "restricted microdata"), "synthetic": ("synthetisch", "synthetic")}
    told = {lang: [edition[lang] if isinstance(edition, Mapping) else str(edition)] for lang in ("nl", "en")}
    for number, language in enumerate(told):
        told[language] += [words[kind][number]] if kind in words else []
        told[language] += [lack[language] for lack in sampling.lacks.values()]
    level = "complete" if not sampling.lacks else f"without {', '.join(sampling.lacks)}"
    return {
        "edition": {language: "; ".join(parts) for language, parts in told.items()},
        "design": {"level": level, "lacks": {name: dict(lack) for name, lack in sampling.lacks.items()}},
        "publication_floor": instrument.about.get("publication_floor"),
        "unverified": [n for n, item in instrument.harmonised.items() if n in frame and in_doubt(item)],
        "restricted": kind in ("restricted", "registered"),
        "halves": [name for name in frame.columns if instrument.half_of(str(name))],
    }


def in_doubt(entry: Mapping[str, Any]) -> bool:
    """Has the wording or the cut of a harmonised variable not been verified?"""
    return bool(entry.get("wording", "unverified") != "verified" and entry.get("group") != "design")
