"""The design of files that come a year at a time: which weight, strata or none, halves, people followed over years."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from llo_research.data.harmonised_file import HarmonisedFile
from llo_research.data.instrument import Instrument
from llo_research.data.likely_design import mean_one
from llo_research.data.sampling_units import add_product, nested_units
from llo_research.errors import DataError, LloWarning

# Weights of a half that miss the population by more than this are not scaled to it.
_FAR = 0.1


@dataclass
class Sampling:
    """Arguments of ``Survey``, and what of the design the files do not tell: word -> sentence in two languages."""

    arguments: dict[str, Any]
    lacks: dict[str, dict[str, str]] = field(default_factory=dict)
    item_weights: dict[str, str] = field(default_factory=dict)


def sampling_of(frame: pd.DataFrame, parts: Sequence[HarmonisedFile], instrument: Instrument) -> Sampling:
    """Weights, strata, halves and units of these files; the frame gets the half weights of earlier years.

    Raises
    ------
    DataError
        When files of different years give different kinds of weights, strata or persons.
    """
    design = instrument.design
    sampling = Sampling({"time": design["time"], "lonely_psu": design.get("lonely_psu", "error")})
    if "weight_product" in design:
        add_product(frame, design)
    proportional = _weights(frame, instrument, sampling)
    if "psu" in design:
        strata, unit, lacks = nested_units(frame, design, instrument.identify["person"])
        sampling.arguments |= {"strata": strata, "psu": unit}
        sampling.lacks |= lacks
    else:
        _units(frame, instrument, sampling)
    if "halves" in design:
        _halves(frame, instrument, sampling, proportional=proportional)
    return sampling


def _years(frame: pd.DataFrame, column: str) -> tuple[list[int], list[int]]:
    """Years in which a column is filled, and in which it is not."""
    years = sorted(int(year) for year in frame["year"].unique())
    if column not in frame:
        return [], years
    filled = frame[column].notna().groupby(frame["year"]).any()
    return [year for year in years if filled[year]], [year for year in years if not filled[year]]


def _weights(frame: pd.DataFrame, instrument: Instrument, sampling: Sampling) -> bool:
    """Take the expansion weight when every year has it, else the proportional one; is it proportional?"""
    design = instrument.design
    names = {"expansion": design["weight"], "proportional": design.get("proportional", "")}
    lacking = {kind: _years(frame, name)[1] for kind, name in names.items()}
    kind = next((kind for kind in names if names[kind] and not lacking[kind]), None)
    if kind is not None:
        kind_of_weight = design["weight_kind"] if kind == "expansion" else "proportional"
        if kind_of_weight == "expansion":
            _check_expansion(frame, names)
        sampling.arguments |= {"weights": names[kind], "weight_kind": kind_of_weight}
        if kind == "proportional":
            sampling.lacks["expansion weights"] = {
                "nl": "alleen proportionele gewichten: geen totalen",
                "en": "proportional weights only: no totals",
            }
        return kind == "proportional"
    if not instrument.identify["weights"] and not any(_years(frame, name)[0] for name in names.values() if name):
        frame["equal_weight"] = 1.0
        sampling.arguments |= {"weights": "equal_weight", "weight_kind": "proportional"}
        sampling.lacks["weights"] = {
            "nl": "zonder gewichten: iedereen telt even zwaar",
            "en": "no weights: everyone counts the same",
        }
        return False
    raise DataError(
        "The files of different years give different kinds of weights.",
        where="the files together",
        found="; ".join(
            f"no {names[kind]} in {', '.join(map(str, years))}" for kind, years in lacking.items() if years
        ),
        expected=f"{names['expansion']} in every year, or {names['proportional'] or 'no weights'} in every year",
        todo="Map the same kind of weight in each file, or read the years apart.",
    )


def _check_expansion(frame: pd.DataFrame, names: dict[str, str]) -> None:
    """Refuse weights with a mean of 1 that are mapped as numbers of people: totals would be wrong."""
    name, other = names["expansion"], names["proportional"]
    if mean_one(frame[name]):
        raise DataError(
            "The weights have a mean of 1: their sum is no population.",
            where=f"column {name}",
            found=f"mean {frame[name].mean():.3g}, sum {frame[name].sum():,.0f}, in {len(frame):,} rows",
            expected="expansion weights, whose sum is the population",
            todo=f"Map the column onto {other}, for proportional weights." if other else "Map the expansion weight.",
        )


def _units(frame: pd.DataFrame, instrument: Instrument, sampling: Sampling) -> None:
    """Strata as far as the files have them; people followed over years are units."""
    design, arguments = instrument.design, sampling.arguments
    strata = list(design.get("strata", ()))
    panel = design.get("panel")
    if panel and panel["column"] in frame:
        filled, empty = _years(frame, panel["column"])
        if empty or frame[panel["column"]].isna().any():
            raise DataError(
                "The files mix people who were followed over years with others.",
                where=f"column {panel['column']}",
                found=f"empty in {', '.join(map(str, empty)) or 'part of the rows'}",
                expected="a cohort file by itself",
                todo="Read the cohort and the yearly samples apart.",
            )
        arguments["unit"], strata = panel["unit"], list(panel["strata"])
    elif "unit" in design:
        arguments["unit"] = design["unit"]
    if own := next((name for name in strata if name != "year"), None):
        filled, empty = _years(frame, own)
        if filled and frame[own].isna().groupby(frame["year"]).any()[filled].any():
            part = frame["year"].isin(filled) & frame[own].isna()
            raise DataError(
                "Part of the people have no stratum.",
                where=f"column {own}, first in data row {int(part.to_numpy().argmax()) + 1}",
                found=f"rows without: {int(part.sum()):,}",
                expected="a stratum in every row, or a file without strata",
                todo="Complete it from the producer, or read without it (take its line out of the mapping).",
            )
        if empty:
            when = f" ({', '.join(map(str, empty))})" if filled else ""
            sampling.lacks[f"strata{when}"] = {
                "nl": f"bestand zonder strata{when}: marges als van een steekproef zonder stratificatie",
                "en": f"file without strata{when}: margins as of a sample without stratification",
            }
        if filled and empty:
            frame[own] = frame[own].astype(object).where(frame[own].notna(), "none")
        elif not filled:
            strata.remove(own)
    if strata:
        arguments["strata"] = strata


def _halves(frame: pd.DataFrame, instrument: Instrument, sampling: Sampling, *, proportional: bool) -> None:
    """Weights of the items of one half: since the split their half's, before it everyone's."""
    design = instrument.design
    names = {int(half): name for half, name in design["proportional_halves" if proportional else "halves"].items()}
    split = frame["year"] >= design["halves_from"]
    if not split.any():
        return
    lacking = sorted({year for name in names.values() for year in _years(frame[split], name)[1]})
    everyone = sorted(int(year) for year in frame.loc[split, "year"].unique())
    if lacking and lacking != everyone:
        raise DataError(
            f"The files of {', '.join(map(str, lacking))} lack the weights of the halves, others have them.",
            where=f"columns {' and '.join(names.values())}",
            found=f"none in {', '.join(map(str, lacking))}",
            expected=f"both in every year since {design['halves_from']}, or in none",
            todo="Map them in each file, or read those years apart.",
        )
    if lacking:
        sampling.lacks["half weights"] = {
            "nl": "bestand zonder gewichten van de helften: vragen aan één helft met het gewicht van allen",
            "en": "file without weights of the halves: questions asked of one half with the weight of all",
        }
        return
    weight = frame[sampling.arguments["weights"]]
    before = ~split & frame[list(names.values())].isna().all(axis=1)
    for name in names.values():
        frame[name] = frame[name].where(~before, weight).mask(split & frame[name].eq(0))
    _check_sums(frame[split], names, weight[split], None if proportional else sampling)
    _check_halves(frame, instrument, names)
    asked = {column: half for column in frame.columns if (half := instrument.half_of(column))}
    sampling.item_weights = {column: names[half] for column, half in asked.items()}


def _check_sums(frame: pd.DataFrame, names: dict[int, str], weight: pd.Series, sampling: Sampling | None) -> None:
    """Nobody is in two halves, and each half adds up to everyone."""
    both = frame[list(names.values())].notna().all(axis=1)
    if both.any():
        raise DataError(
            "People are in both halves of the sample.",
            where=f"columns {' and '.join(names.values())}, {int(frame.loc[both, 'year'].min())}",
            found=f"{int(both.sum()):,} rows with a weight in both",
            expected="the weight of one half in each row, the other empty or 0",
            todo="Map the weights of the halves; the weight of all is weight.",
        )
    for half, name in names.items():
        share = float(frame[name].sum() / weight.sum())
        if sampling is not None and abs(share - 1) > _FAR:
            sampling.lacks[f"weights of half {half} that add up"] = {
                "nl": f"gewichten van helft {half}: som {share:.0%} van de populatie, geen totalen",
                "en": f"weights of half {half} add up to {share:.0%} of the population: no totals of its questions",
            }


def _check_halves(frame: pd.DataFrame, instrument: Instrument, names: dict[int, str]) -> None:
    """A question of one half is answered by nobody outside it: else the codebook has the wrong half."""
    for column in frame.columns:
        half = instrument.half_of(column) if column in instrument.raw["variables"] else 0
        if not half:
            continue
        outside = frame[names[half]].isna() & frame[column].notna()
        if outside.any():
            split = frame["year"] >= instrument.design["halves_from"]
            right = 0 if (split & frame[names[half]].notna() & frame[column].notna()).any() else 3 - half
            raise DataError(
                f"{column} is answered outside the half that the codebook has for it.",
                where=f"column {column}, {int(frame.loc[outside, 'year'].min())}",
                found=f"{int(outside.sum()):,} answers without {names[half]}",
                expected=f"answers of half {half} only (not verified)",
                todo=f"Look it up in the survey's description, and write [halves] {column} = {right} in the mapping.",
            )


def tell(sampling: Sampling, where: str) -> None:
    """Warn of what the design lacks: the numbers stand at the level that the files allow."""
    for lack in sampling.lacks.values():
        warnings.warn(LloWarning(f"{where}: {lack['en']}."), stacklevel=5)
