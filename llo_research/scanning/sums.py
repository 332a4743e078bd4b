"""One GROUP BY: what an engine adds up for a call, by stratum, sampling unit and pattern."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from llo_research.design.of_numbers import PLACES, SPREAD
from llo_research.errors import DataError, DesignError
from llo_research.scanning.columns import Column, series_of
from llo_research.scanning.held import Held
from llo_research.scanning.probing import counting, profiles, weight_of
from llo_research.scanning.units import Distinct, Units, units_of_strata
from llo_research.survey.describe import is_guarded
from llo_research.survey.panel import spanned
from llo_research.survey.sums import KNOWN, Sums

_MOST_ROWS = 5_000_000
_WRONG = {"lacking": "missing", "negative": "negative", "infinite": "infinite"}


@dataclass(frozen=True)
class Wanted:
    """What a call adds up.

    pattern : columns whose values make the rows, beside those of the design.
    numbers : columns kept as sums.
    together : pairs of numbers whose products are kept.
    """

    pattern: tuple[str, ...]
    numbers: tuple[str, ...]
    together: tuple[tuple[str, str], ...]


def sums_of(scan: Held, wanted: Wanted) -> Sums:
    """The sums of a scan, sorted by design and pattern; rows of weight 0 are rows of their own."""
    known_ends = profiles(scan, wanted.numbers)
    ends = {name: own.ends for name, own in known_ends.items()}
    known = {KNOWN.format(name): name for name in wanted.numbers if known_ends[name].missing}
    table, weight = scan._table, weight_of(scan, scan._table)
    columns = {name: scan._columns[name] for name in dict.fromkeys([*scan._design_keys, *wanted.pattern])}
    columns |= {flag: Column(flag, "boolean", "boolean") for flag in known}
    values = [table[known[name]].notnull() if name in known else table[name] for name in columns]
    keys = {f"k{place}": value for place, value in enumerate([*values, weight == 0])}
    numbers, inside = {name: table[name].cast("float64") for name in wanted.numbers}, counting(scan)
    offsets = {name: inside.ifelse(own - ends[name][0], own * 0.0) for name, own in numbers.items()}
    sums = {**_sums(weight, offsets, wanted.together), **_ends(numbers, inside), **_checks(scan, table, weight)}
    sums |= _people(scan, weight, numbers, offsets, inside)
    answer = scan._reading.read(table.group_by(**keys).agg(n=table.count(), **sums).limit(_MOST_ROWS + 1), "sums")
    _check(scan, answer, len(answer))
    own = {column.name: series_of(answer[f"k{i}"], column) for i, column in enumerate(columns.values())}
    frame = pd.DataFrame(own, index=range(len(answer)))
    order = sorted_rows(frame.assign(**{"weight is 0": answer[f"k{len(columns)}"].to_pandas().to_numpy(dtype=bool)}))
    answer, frame = answer.take(order), frame.iloc[order].reset_index(drop=True)
    frame.index = pd.RangeIndex(len(answer))
    _check_design(scan, frame)
    units = None
    if scan._unit_alone:
        units = Units(scan, keys, answer, frame, {"": weight, **{name: weight * d for name, d in offsets.items()}})
    counts = _numbers(answer, "n")
    return Sums(
        frame=frame,
        counts=counts,
        weights=_numbers(answer, "w"),
        squares=_numbers(answer, "w2"),
        heaviest=_numbers(answer, "heaviest") if "heaviest" in answer.column_names else None,
        moments=_moments(answer, wanted),
        ends=ends,
        **_of_each(answer, wanted.numbers),
        units_per_stratum=_units_per_stratum(scan, frame, counts),
        pairs=units.pairs() if units else None,
        distinct=Distinct(units) if units else None,
        units=int(units_of_strata(scan).attrs["all"]) if units else None,
        together=wanted.together,
    )


def _sums(weight: Any, offsets: dict[str, Any], together: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """The sums of weights, of squares, and of the numbers' moments from their least value."""
    made = {"w": weight.sum(), "w2": (weight * weight).sum()}
    for i, d in enumerate(offsets.values()):
        made |= {
            f"m{i}_0": (weight * d).sum(),
            f"m{i}_1": (weight * d * d).sum(),
            f"m{i}_2": (weight * weight * d).sum(),
            f"m{i}_3": (weight * weight * d * d).sum(),
            f"m{i}_4": d.count(),
        }
    for i, (a, b) in enumerate(together):
        product = offsets[a] * offsets[b]
        made |= {f"c{i}_0": (weight * product).sum(), f"c{i}_1": (weight * weight * product).sum()}
    return made


def _ends(values: dict[str, Any], inside: Any) -> dict[str, Any]:
    """The least and the largest value of each number among rows that count."""
    least = {f"least{i}": own.min(where=inside) for i, own in enumerate(values.values())}
    return least | {f"most{i}": own.max(where=inside) for i, own in enumerate(values.values())}


def _people(scan: Held, weight: Any, values: dict[str, Any], offsets: dict[str, Any], inside: Any) -> dict[str, Any]:
    """Of restricted data the heaviest row, and what is told of the people behind each number, as `Sums.people`."""
    import ibis

    if not is_guarded(scan._source):
        return {}
    bits = "spark" not in scan._reading.engine.lower()  # which has no or of them
    made: dict[str, Any] = {"heaviest": weight.max()}
    for i, (name, own) in enumerate(values.items()):
        size, d = weight * own.abs(), offsets[name]
        steps = own.abs() * SPREAD
        place = ((steps - steps.floor()) * PLACES).floor().cast("int64")  # what is left of 1 takes engines long
        made |= {
            f"p{i}_0": size.max(where=inside),
            f"p{i}_1": size.sum(where=inside),
            f"p{i}_2": (own != 0).sum(where=inside),
            f"p{i}_3": d.sum(),
            f"p{i}_4": (d * d).sum(),
            f"p{i}_5": (ibis.literal(1, "int64") << place).bit_or(where=inside) if bits else (place * 0).max(),
            f"p{i}_6": (place & 1).sum(where=inside),
        }
    return made


def _checks(scan: Held, table: Any, weight: Any) -> dict[str, Any]:
    """Counts of weights that cannot be, and of rows without a unit."""
    made = {}
    if scan._roles["weights"] is not None:
        made = {
            "lacking": weight.isnull().sum(),
            "negative": (weight < 0).sum(),
            "infinite": weight.isinf().sum(),
        }
    if scan._roles["unit"] is not None:
        made["nobody"] = table[scan._roles["unit"]].isnull().sum()
    return made


def _check(scan: Held, answer: Any, rows: int) -> None:
    """Weights that a Survey takes, a unit in every row, and sums that are fewer than rows."""
    if rows > _MOST_ROWS:
        raise DataError(
            "The columns of the call make too many patterns to keep.",
            where=scan._reading.words,
            found=f"more than {_MOST_ROWS:,}",
            expected="far fewer patterns than rows",
            todo="name fewer columns, or make classes of those with many values with scan.assign(...)",
        )
    if rows == 0:
        raise DataError("There are no rows.", where=scan._reading.words, expected="at least one row")
    weight = str(scan._roles["weights"])
    for name, word in _WRONG.items():
        if name in answer.column_names and (count := int(_numbers(answer, name).sum())):
            raise DesignError(
                f"{count:,} weights are {word}.",
                where=f"column {weight!r} of {scan._reading.words}",
                expected="numbers of zero or more; zero for people who do not count (non-respondents)",
                todo="leave these rows out of the file, or set their weight to 0",
            )
    if scan._roles["weights"] is not None and not (_numbers(answer, "w") > 0).any():
        raise DesignError(
            "All weights are zero.",
            where=f"column {weight!r} of {scan._reading.words}",
            expected="at least one row with a weight above zero",
            todo="check that it is the right column, and that it was filled for these rows",
        )
    if "nobody" in answer.column_names and (count := int(_numbers(answer, "nobody").sum())):
        raise _missing(scan, "unit", str(scan._roles["unit"]), count)


def _check_design(scan: Held, frame: pd.DataFrame) -> None:
    """A stratum, a sampling unit and a time in every row."""
    for role in ("strata", "psu", "time"):
        for name in scan._names(role):
            if frame[name].isna().any():
                raise _missing(scan, role, name, None)
    check_times(scan, frame)


def check_times(scan: Held, frame: pd.DataFrame) -> None:
    """Without persons or PSUs the waves are independent samples: each stratum lies in one of them, as in a Survey.

    frame : the strata and times that there are.
    """
    time, strata = scan._roles["time"], scan._names("strata")
    if time is None or scan._roles["unit"] is not None or scan._names("psu"):
        return
    first = frame.groupby(strata, observed=True)[time].transform("first") if strata else frame[time].iloc[0]
    if (spans := frame[time] != first).any():
        name = "(all rows)" if not strata else ":".join(map(str, frame.loc[spans.idxmax(), strata]))
        raise spanned(time, strata, name)


def _missing(scan: Held, role: str, name: str, count: int | None) -> DesignError:
    """The error for rows without a stratum, a psu, a unit or a time."""
    return DesignError(
        f"The column of the {role} has missing values.",
        where=f"column {name!r} of {scan._reading.words}",
        found=None if count is None else f"{count:,} missing",
        todo=f"give every row its {role}, or leave these rows out of the file",
    )


def _numbers(answer: Any, name: str, nothing: float = 0.0) -> np.ndarray:
    """(n,) a column of sums; of nothing the sum is 0."""
    return np.asarray(answer[name].to_pandas().to_numpy(dtype=np.float64, na_value=nothing))


def _moments(answer: Any, wanted: Wanted) -> dict[Any, np.ndarray]:
    """By number (n, 5), by pair of numbers (n, 2)."""
    own: dict[Any, np.ndarray] = {
        name: np.column_stack([_numbers(answer, f"m{i}_{j}") for j in range(5)])
        for i, name in enumerate(wanted.numbers)
    }
    for i, pair in enumerate(wanted.together):
        own[pair] = np.column_stack([_numbers(answer, f"c{i}_{j}") for j in range(2)])
    return own


def _of_each(answer: Any, numbers: Sequence[str]) -> dict[str, dict[str, np.ndarray]]:
    """By number its ends in each row, and what is told of the people behind it, where that was asked."""
    ends, people = {}, {}
    for i, name in enumerate(numbers):
        ends[name] = np.column_stack([_numbers(answer, f"{end}{i}", np.nan) for end in ("least", "most")])
        if f"p{i}_0" in answer.column_names:
            people[name] = np.column_stack([_numbers(answer, f"p{i}_{j}") for j in range(7)])
    return {"own_ends": ends, "people": people}


def sorted_rows(frame: pd.DataFrame) -> np.ndarray:
    """The order of rows by their columns, so that the order of the files never matters."""
    keys = []
    for name in reversed(list(frame.columns)):
        series = frame[name]
        if isinstance(series.dtype, pd.CategoricalDtype):
            keys.append(series.cat.codes.to_numpy())
        else:
            keys.append(pd.factorize(series, sort=True)[0])
    return np.lexsort(keys) if keys else np.arange(len(frame))


def _units_per_stratum(scan: Held, frame: pd.DataFrame, counts: np.ndarray) -> pd.DataFrame:
    """n_h: rows, sampling units, or persons of each stratum, in the whole survey."""
    strata, psu = scan._names("strata"), scan._names("psu")
    if scan._unit_alone:
        return units_of_strata(scan)
    if not psu:
        told = frame[strata].assign(units=counts.astype(np.int64))
    else:
        told = frame[list(dict.fromkeys([*strata, psu[0]]))].drop_duplicates().assign(units=1)
    if not strata:
        return pd.DataFrame({"units": [int(told["units"].sum())]})
    return told.groupby(strata, observed=True, sort=True)["units"].sum().reset_index()
