"""What a safe file tells of a call: names and choices; no counts of people, no places of files, no values of people.

What is not named here does not leave: a new entry of ``meta`` stays inside until somebody has thought about it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from llo_research.results.receipts.closed import COUNTED, closed_data, closed_design, closed_steps

# names of columns, levels, terms and texts of the codebook; choices of the user; what a model consists of
_AS_IT_IS = (
    *("version", "synthetic", "weight", "weight_kind", "unit_weights", "by", "unit", "base_levels", "derived_from"),
    *(
        "labels",
        "spoken",
        "time",
        "base",
        "response",
        "terms",
        "category_levels",
        "family",
        "link",
        "formula",
        "levels",
    ),
    *("lines", "laid_to", "focal_column", "p_adjusted", "plausible_values", "imputations", "imputed_variables"),
    *("contrast", "contrast_of", "estimand", "means_of", "means_equal", "weights_vary_within_units", "shares"),
    *("of_surveys", "definitions", "survey_definitions", "measured"),
)
# numbers about all rows together: they leave when every row does; not the mean of what is explained, which is a number
# of its own about people
_OF_ALL_ROWS = ("nobs", "r2_within", "r2_between", "r2", "gap_signs", "call")
_PER_ROW = ("imputation_share_of_variance",)
_OF_SOURCE = (
    *("instrument", "title", "edition", "cycle", "country", "years", "synthetic", "kind", "restricted", "credit"),
    *("licence", "population", "reference_period", "definition", "breaks", "publication_floor", "unverified"),
)
_ERA = range(1900, 2101)  # numbers that are years, and no dates of people


def safe_meta(
    meta: Mapping[str, Any], labels: Sequence[str], gone: np.ndarray, units: int, *, lost: np.ndarray | None = None
) -> dict[str, Any]:
    """The account of a call without what may not leave.

    labels : (k) of the rows. gone : (k,) rows that are withheld. units : counts under this are not told.
    lost : (k,) rows that leave without their error, and so without what gives it back; those withheld if not told.
    """
    out = {name: meta[name] for name in _AS_IT_IS if name in meta}
    out |= {name: meta[name] for name in _OF_ALL_ROWS if name in meta and (not gone.any() or name == "call")}
    out |= {name: _masked(meta[name], gone if lost is None else lost) for name in _PER_ROW if name in meta}
    out["source"] = safe_source(meta.get("source") or {})
    out["domain"] = [condition(note) for note in meta.get("domain") or ()]
    out["left_out"] = safe_counts(meta.get("left_out") or {}, units)
    out |= {"empty_cells": 0, "survey": {}} if "survey" in meta else {"empty_cells": 0}
    design = dict(meta.get("design") or {})
    steps = closed_steps(design.get("steps") or ())
    stacked = {"stacked": design["stacked"]} if "stacked" in design else {}
    out["design"] = {**closed_design(design), **stacked, **({"steps": steps} if steps else {})}
    if isinstance(meta.get("vcov"), Mapping):
        out["vcov"] = safe_facts(meta["vcov"])
    if isinstance(meta.get("effects"), Mapping):
        out["effects"] = dict.fromkeys(meta["effects"])
    if "times" in meta:
        out["times"] = [value for value in meta["times"] if not isinstance(value, float) or _is_year(value)]
    if "breaks" in meta:
        out["breaks"] = _breaks(meta["breaks"], labels, gone)
    if "tests" in meta:
        out["tests"] = meta["tests"]
    return out


def safe_source(source: Mapping[str, Any]) -> dict[str, Any]:
    """What a source says of itself in public; a title that is the name of a file is none."""
    known = {name: source[name] for name in _OF_SOURCE if name in source}
    title = known.get("title")  # of the codebook in both languages, or a text that may be the name of a file
    if isinstance(title, str) and not closed_data({"title": title, "files": files_of(source)}, {})["title"]:
        known["title"] = source.get("edition") or ""
    if inner := source.get("surveys"):
        known["surveys"] = {str(name): safe_source(own) for name, own in inner.items()}
    return known


def safe_counts(counts: Mapping[str, Any], units: int) -> dict[str, int]:
    """Counts of rows left out, to whole tens (the profile's floor); small ones not at all."""
    return {str(name): int(units * round(n / units)) for name, n in counts.items() if n and n >= units}


def safe_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """What a covariance says of itself, without the numbers of clusters and rows."""
    texts = {name: COUNTED.sub("", value).rstrip(", ") for name, value in facts.items() if isinstance(value, str)}
    return {**texts, **{name: value for name, value in facts.items() if name == "lags"}}


def files_of(source: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The files of a source."""
    return [file for file in source.get("files") or () if isinstance(file, Mapping)]


def condition(note: Mapping[str, Any]) -> dict[str, Any]:
    """A condition, and between which years its people are; not how many they are."""
    kept = {name: note[name] for name in ("condition", "use_weights", "result", "survey") if name in note}
    times = list(note.get("times") or ())
    return {**kept, "times": times} if times and all(map(_is_year, times)) else kept


def _is_year(value: Any) -> bool:
    """A whole number that is a year."""
    return isinstance(value, int | float | np.number) and float(value) in _ERA


def _masked(values: Any, gone: np.ndarray) -> Any:
    """A list by row without the numbers of rows that are withheld; nothing of another length."""
    values = list(values)
    if len(values) != len(gone):
        return [None] * len(values)
    return [None if out else value for value, out in zip(values, gone, strict=True)]


def _breaks(told: Any, labels: Sequence[str], gone: np.ndarray) -> Any:
    """Series breaks, with the rows on two sides of them that are shown."""
    if not isinstance(told, Mapping):
        return {}
    kept = {label for label, out in zip(labels, gone, strict=True) if not out}
    straddled = [
        {**one, "rows": [label for label in one["rows"] if label in kept]} if "rows" in one else dict(one)
        for one in told.get("straddled") or ()
    ]
    shifts = {name: _masked(told[name], gone) for name in ("shift", "shift_se") if name in told}
    return {"option": told.get("option"), "straddled": straddled, **shifts}
