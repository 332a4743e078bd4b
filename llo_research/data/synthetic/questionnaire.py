"""From answers to the columns of a file: who was asked what in which year and half, and what was left open."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import numpy.typing as npt

from llo_research.data.instrument import Instrument
from llo_research.data.synthetic.answers import Answers
from llo_research.data.synthetic.bits import Integers, choose
from llo_research.data.synthetic.drawing import Sample

Column = npt.NDArray[Any]
_AGES = {
    "15-24": (15, 10),
    "25-34": (25, 10),
    "35-44": (35, 10),
    "45-54": (45, 10),
    "55-64": (55, 10),
    "65-74": (65, 10),
}
_FIRST_CODES = {"sex": "sex_code", "origin": "origin_code", "sector": "sector_code", "firm_size": "firm_size_code"}


def years_asked(text: str) -> list[tuple[int, int]]:
    """Spans of years in the codebook's words: ``"2014-2018, 2020, 2022-"``."""
    spans = []
    for part in text.split(","):
        found = re.fullmatch(r"\s*(\d{4})\s*(-?)\s*(\d{4})?\s*", part)
        if found is None:
            return [(0, 9999)]
        first, dash, last = int(found[1]), found[2], found[3]
        spans.append((first, int(last) if last else (9999 if dash else first)))
    return spans


def is_asked(instrument: Instrument, item: str, year: int) -> bool:
    """Was an item asked in a year, by the codebook?"""
    variable = instrument.variable(item)
    spans = years_asked(variable.years) if variable is not None else []
    return any(first <= year <= last for first, last in spans)


def background(answers: Answers) -> dict[str, Column]:
    """Person and job, as codes of the codebook."""
    parameters, attributes = answers.parameters, answers.who.attributes
    columns: dict[str, Column] = {code: attributes[name] + 1 for name, code in _FIRST_CODES.items()}
    columns["education_code"] = _education(answers)
    columns["age"] = age(answers)
    columns["hours"] = _hours(answers)
    if parameters.instrument == "nea":
        columns["contract_code"] = attributes["contract"] + 1
        columns["tenure"] = _tenure(answers, columns["age"])
    else:
        columns |= _self_employed(answers, columns["age"])
    return {
        name: column.astype(np.float32 if column.dtype.kind == "f" else np.int16) for name, column in columns.items()
    }


def age(answers: Answers) -> Integers:
    """Age in years, evenly within the class at entry; a year more in each wave."""
    classes = answers.parameters.levels("age")
    first = np.array([_AGES[name][0] for name in classes])[answers.who.attributes["age"]]
    years = np.floor(answers.uniform("age") * 10).astype(np.int64)
    return first + years + (answers.who.wave - answers.who.entry)


def _education(answers: Answers) -> Integers:
    """The eight codes within the three levels."""
    u, level = answers.uniform("education_code"), answers.who.attributes["education"]
    out = np.zeros(len(u), dtype=np.int64)
    for number, name in enumerate(answers.parameters.levels("education")):
        inside = level == number
        shares = np.asarray(answers.parameters.raw["detail"]["education_code"][name], dtype=np.float64)
        out[inside] = choose(shares, u[inside]) + 1
    return out


def _hours(answers: Answers) -> Integers:
    """Working hours a week: invented, fewer for women and the young."""
    u, attributes = answers.uniform("hours"), answers.who.attributes
    low = np.where(attributes["sex"] == 0, 28, 16) - np.where(attributes["age"] == 0, 12, 0)
    return (low + np.floor(u * 20)).astype(np.int64)


def _tenure(answers: Answers, years: Integers) -> Integers:
    """Years with the employer: invented, short for the flexible."""
    u = answers.uniform("tenure")
    permanent = answers.who.attributes["contract"] == 0
    most = np.minimum(np.where(permanent, 40, 4), np.maximum(years - (answers.who.wave - answers.who.entry) - 15, 1))
    return np.floor(u * u * most).astype(np.int64) + (answers.who.wave - answers.who.entry)


def _self_employed(answers: Answers, years: Integers) -> dict[str, Column]:
    """Staff, years self-employed and the weighting variables of the ZEA."""
    attributes = answers.who.attributes
    without = attributes["contract"] < 2
    u = answers.uniform("years_self_employed")
    return {
        "staff_code": np.where(without, 1, 2),
        "contract_code": np.where(without, attributes["contract"] + 9.0, np.nan),
        "years_self_employed": np.floor(u * np.sqrt(u) * np.maximum(years - 18, 1)).astype(np.int64),
        "region_code": choose(np.array([0.10, 0.20, 0.49, 0.21]), answers.uniform("region_code")) + 1,
        "urbanicity_code": choose(np.array([0.23, 0.27, 0.18, 0.20, 0.12]), answers.uniform("urbanicity_code")) + 1,
        "household_income_code": choose(np.full(5, 0.2), answers.uniform("household_income_code")) + 1,
    }


def topics(answers: Answers, instrument: Instrument, half: Integers, also: frozenset[str]) -> dict[str, Column]:
    """Answers to the items that were asked in this year; missing outside the half, the universe, and where left open.

    ``also`` names items that were asked in years that the codebook does not list (the cohort has its own questions).
    """
    items = [*answers.parameters.raw["items"]]
    if "purpose" in answers.parameters.raw:
        items.insert(items.index("training_length_code") + 1, "training_purpose_code")
    columns: dict[str, Column] = {}
    for item in items:
        if item in also or is_asked(instrument, item, answers.who.wave):
            columns[item] = _answered(answers, instrument, item, half)
    return columns


def _answered(answers: Answers, instrument: Instrument, item: str, half: Integers) -> Column:
    """One column: codes as numbers, nan where there is no answer."""
    rates = answers.parameters.raw["item_nonresponse"]
    missing = answers.uniform_now(f"open {item}") < float(rates.get(item, rates["default"]))
    asked = answers.asked(item)
    if asked is not None:
        missing |= ~asked
        if item.startswith("training_"):
            missing |= answers.uniform_now("open training_code") < float(rates["training_code"])
    own_half = instrument.half_of(item)
    if own_half:
        missing |= (half != 0) & (half != own_half)
    code = answers.purpose() if item == "training_purpose_code" else answers.item(item)
    return np.where(missing, np.float32(np.nan), code.astype(np.float32))


def design_columns(sample: Sample) -> dict[str, Column]:
    """Year, number, mark, stratum and half."""
    columns: dict[str, Column] = {
        "year": np.full(len(sample.person), sample.year, dtype=np.int16),
        "id": (sample.person + 1).astype(np.int32),
        "synthetic": np.ones(len(sample.person), dtype=np.int8),
        "stratum": sample.stratum.astype(np.int32),
    }
    if sample.half.any():
        columns["half"] = sample.half.astype(np.int8)
    return columns
