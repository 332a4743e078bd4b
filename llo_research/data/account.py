"""What a frame is and where it comes from: labels, and the source that travels into every result."""

from __future__ import annotations

from typing import Any

import pandas as pd

from llo_research.data.part import Part, Request
from llo_research.data.provenance import file_record
from llo_research.data.sample import round_of


def labels(frame: pd.DataFrame, part: Part) -> dict[str, dict[str, Any]]:
    """Labels in Dutch and English of every column that the codebook knows; coded ones with ``values``."""
    instrument, result = part.layout.instrument, {}
    for column in frame.columns:
        if column in instrument.harmonised:
            entry = instrument.harmonised[column]
            result[column] = {"nl": entry["nl"], "en": entry["en"]}
            if instrument.categories(column):
                result[column]["values"] = instrument.categories(column)
            continue
        name = next((own for own, kept in part.kept_own.items() if kept == column), column)
        variable = instrument.variable(part.layout.names.get(name, name), part.layout.cycle)
        if variable is not None:
            result[column] = dict(variable.label)
            if variable.values:
                result[column]["values"] = dict(variable.values)
    return result


def source(frame: pd.DataFrame, parts: list[Part], request: Request) -> dict[str, Any]:
    """Where the data come from, for ``.meta["source"]`` of every result."""
    first = parts[0]
    instrument, cycle = first.layout.instrument, first.layout.cycle
    entry, about = instrument.cycle(cycle), instrument.about
    edition = about.get("edition", "")
    if entry:
        edition = f"{entry['edition']}, {entry['period'][round_of(entry, first.country)]}"
    periods = {
        name: item["reference_period"] for name, item in instrument.harmonised.items() if "reference_period" in item
    }
    result: dict[str, Any] = {
        "instrument": instrument.name,
        "title": dict(about["title"]),
        "edition": edition,
        "cycle": cycle,
        "country": first.country,
        "years": sorted(int(year) for year in frame["year"].dropna().unique()),
        "files": [file_record(part.table) for part in parts],
        "synthetic": about["kind"] == "synthetic",
        "kind": about["kind"],
        "credit": about["credit"],
        "licence": about["licence"],
        "population": dict(about["population"]),
        "reference_period": {name: dict(text) for name, text in periods.items() if name in frame},
        "definition": {n: item["definition"] for n, item in instrument.harmonised.items() if n in frame},
        "proxies": [n for n, item in instrument.harmonised.items() if item.get("wording") == "proxy" and n in frame],
        "not_carried": first.not_carried,
        "kept_own": first.kept_own,
        "breaks": list(instrument.design.get("breaks", ())),
    }
    if request.mapping.columns:
        result["mapping"] = dict(request.mapping.columns)
    return result
