"""Synthetic establishments (WEA): the population of a year, their answers, a sample of them, and what is true of them.

Numbers come from the same streams of bits as those of people, so that they are the same on every machine.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from llo_research.data.asked import years_asked
from llo_research.data.synthetic.bits import Floats, Integers, bits, key, normals, uniforms
from llo_research.data.synthetic.parameters import along, folder
from llo_research.errors import DataError

NAME = "wea"
_HR = ("hr1", "hr2", "hr3", "hr4", "hr5")
_SIZES, _BASE = 4, 2016


@dataclass(frozen=True, eq=False)
class Establishments:
    """Everybody of a year: (N,) sector, size class, workers, code of the share of staff trained; (N, 5) HR: 1 or 0."""

    sector: Integers
    size: Integers
    workers: Integers
    trained: Integers
    hr: Integers

    def values(self) -> dict[str, Floats]:
        """(N,) indicators by name."""
        made = {"trained_over_75": (self.trained >= 5).astype(np.float64)}
        made |= {f"{name}_yes": self.hr[:, k].astype(np.float64) for k, name in enumerate(_HR)}
        return {**made, "hr_instruments": self.hr.sum(axis=1).astype(np.float64)}


@cache
def raw() -> Mapping[str, Any]:
    """What the generator is told: wea.toml, with the intercepts that meet its targets."""
    told = tomllib.loads((folder() / f"{NAME}.toml").read_text(encoding="utf-8"))
    path = folder() / f"{NAME}_fitted.toml"
    return told | (tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {"intercepts": {}})


def years() -> tuple[int, ...]:
    """The years of the survey."""
    return tuple(raw()["design"]["years"])


def chosen_years(asked: int | Iterable[int] | None) -> list[int]:
    """The years asked for, in order.

    Raises
    ------
    DataError
        Years that were not held, and the wave that was withdrawn.
    """
    chosen = list(years()) if asked is None else sorted(years_asked(asked) or [])
    withdrawn = [year for year in chosen if year in raw()["design"]["withdrawn"]]
    if withdrawn:
        raise DataError(
            f"The WEA of {withdrawn[0]} was withdrawn: its sample was drawn wrongly.",
            where="years=",
            found=str(withdrawn[0]),
            expected=", ".join(map(str, years())),
            todo="Leave this year out; there is no number of it to compare with.",
        )
    absent = [year for year in chosen if year not in years()]
    if absent:
        raise DataError(
            f"There is no synthetic {NAME} of these years.",
            where="years=",
            found=", ".join(map(str, absent)),
            expected=", ".join(map(str, years())),
        )
    return chosen


def cells(year: int) -> Integers:
    """(sectors, sizes) establishments in each cell."""
    margins = raw()["margins"]
    total = 1000 * float(along({"years": margins["years"], "values": margins["total"]}, year))
    size = np.asarray(margins["size"], dtype=np.float64)
    shares = np.asarray(margins["sector"])[:, None] / 100 * size / size.sum(axis=1, keepdims=True)
    return np.asarray(np.floor(np.round(total * shares, 6) + 0.5).astype(np.int64))


def establishments(year: int, intercept: float | None = None) -> Establishments:
    """Everybody of a year; the intercept is that of the fit when absent."""
    counts, told = cells(year).ravel(), raw()
    cell = np.repeat(np.arange(len(counts)), counts)
    sector, size, who = cell // _SIZES, cell % _SIZES, np.arange(len(cell), dtype=np.int64)
    u = uniforms(key(NAME, year, "workers"), who)
    first, span = (np.asarray(told["workers"][name]) for name in ("first", "span"))
    workers = first[size] + np.floor(u * u * span[size]).astype(np.int64)
    level = float(told["intercepts"][str(year)]) if intercept is None else intercept
    own = normals(key(NAME, year, "trained"), who)
    latent = level + np.asarray(told["trained"]["size"])[size] + np.asarray(told["trained"]["sector"])[sector] + own
    trained = 1 + np.searchsorted(np.asarray(told["trained"]["cuts"]), latent, side="right").astype(np.int64)
    return Establishments(sector, size, workers, trained, _hr(year, size, own, who))


def _hr(year: int, size: Integers, own: Floats, who: Integers) -> Integers:
    """(N, 5) which HR instruments an establishment has."""
    told = raw()["hr"]
    columns = []
    for k, name in enumerate(_HR):
        level = told["level"][k] + told["trend"][k] * (year - _BASE)
        latent = level + np.asarray(told["size"])[size] + told["trained"] * own + normals(key(NAME, year, name), who)
        columns.append(latent > 0)
    return np.column_stack(columns).astype(np.int64)


def frame_of(year: int, n: int, seed: int) -> pd.DataFrame:
    """The file of a year, under the codebook's names: a stratified sample of those who answer.

    Strata are sector by size; the weight is the number of establishments of the stratum for each that answered.
    """
    whole, design = establishments(year), raw()["design"]
    stratum = whole.sector * _SIZES + whole.size
    who = np.arange(len(stratum), dtype=np.int64)
    counts = cells(year)
    allocation = np.asarray(design["allocation"]) * n
    wanted = np.round(allocation * counts / counts.sum(axis=0), 6)
    approached = np.ceil(wanted / np.asarray(design["response"])).astype(np.int64)
    order = np.lexsort((bits(key(NAME, year, "sample", seed), who), stratum))
    starts = np.cumsum(counts.ravel()) - counts.ravel()
    place = np.empty(len(who), dtype=np.int64)
    place[order] = who - starts[stratum[order]]
    answers = uniforms(key(NAME, year, "response", seed), who) < np.asarray(design["response"])[whole.size]
    kept = np.flatnonzero((place < np.maximum(approached, 12).ravel()[stratum]) & answers)
    answered = np.bincount(stratum[kept], minlength=counts.size)
    weight = np.round(counts.ravel()[stratum[kept]] / answered[stratum[kept]], 2)
    return pd.DataFrame(_columns(year, whole, kept, weight, seed))


def _columns(year: int, whole: Establishments, kept: Integers, weight: Floats, seed: int) -> dict[str, Any]:
    """The columns of the file of those who answered."""
    workers, told = whole.workers[kept], raw()
    columns: dict[str, Any] = {
        "year": np.full(len(kept), year, dtype=np.int16),
        "id": np.arange(1, len(kept) + 1, dtype=np.int32),
        "synthetic": np.ones(len(kept), dtype=np.int8),
        "stratum": (whole.sector[kept] * 10 + whole.size[kept] + 11).astype(np.int16),
        "weight": weight,
        "weight_proportional": np.round(weight * (len(weight) / weight.sum()), 6),
        "weight_employees": np.round(weight * workers, 2),
        "sector_code": (whole.sector[kept] + 1).astype(np.int16),
        "firm_size_code": (whole.size[kept] + 1).astype(np.int16),
        "employees": workers.astype(np.int32),
    }
    answers = {"trained_share_code": (whole.trained[kept], told["trained"]["nonresponse"])}
    answers |= {name: (2 - whole.hr[kept, k], told["hr"]["nonresponse"]) for k, name in enumerate(_HR)}
    for name, (codes, rate) in answers.items():
        gone = uniforms(key(NAME, year, f"open {name}", seed), kept) < rate
        columns[name] = np.where(gone, np.nan, codes).astype(np.float32)
    return columns


@cache
def true_values() -> pd.DataFrame:
    """Totals of establishments and means of their indicators, by group and year: of establishments and of workers."""
    rows: list[dict[str, Any]] = []
    for year in years():
        whole = establishments(year)
        for group, codes, levels in _groups(whole):
            for weights, population in ((np.ones(len(codes)), "establishments"), (whole.workers * 1.0, "employees")):
                sums = np.asarray(np.bincount(codes, weights, len(levels)), dtype=np.float64)
                told = {"population": population, "group": group, "year": year}
                rows += _rows({**told, "quantity": "total", "variable": ""}, levels, sums)
                for name, values in whole.values().items():
                    means = np.bincount(codes, weights * values, len(levels)) / sums
                    rows += _rows({**told, "quantity": "mean", "variable": name}, levels, means)
    return pd.DataFrame(rows)


def _groups(whole: Establishments) -> list[tuple[str, Integers, Sequence[str]]]:
    """Everybody, and the groups: name, code of each establishment, levels."""
    levels = raw()["margins"]["levels"]
    everyone = np.zeros(len(whole.sector), dtype=np.int64)
    return [
        ("", everyone, [""]),
        ("sector", whole.sector, levels["sector"]),
        ("firm_size", whole.size, levels["firm_size"]),
    ]


def _rows(told: Mapping[str, Any], levels: Sequence[str], values: Floats) -> list[dict[str, Any]]:
    """A row for each level."""
    return [
        {**told, "level": level, "of": "", "minus": "", "term": "", "value": float(value)}
        for level, value in zip(levels, values, strict=True)
    ]


def fitted() -> dict[str, float]:
    """By year the intercept at which the target of that year holds in the population, to six decimals."""
    found = {}
    for target in (one for one in raw()["targets"] if one.get("fit")):
        low, high = -4.0, 4.0
        for _ in range(40):
            middle = (low + high) / 2
            over = float((establishments(target["year"], middle).trained >= 5).mean())
            low, high = (middle, high) if 100 * over < target["value"] else (low, middle)
        found[str(target["year"])] = round((low + high) / 2, 6)
    return found


if __name__ == "__main__":
    lines = [f"{year} = {value}" for year, value in fitted().items()]
    with (folder() / f"{NAME}_fitted.toml").open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(
            "\n".join(["# Made by python -m llo_research.data.synthetic.establishments", "[intercepts]", *lines, ""])
        )
