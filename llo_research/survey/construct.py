"""From columns to a design: strata, units of each stage, sampling fractions, weights; every contradiction named."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from llo_research.design.occasions import Occasions
from llo_research.design.replicates import METHODS, Replicates, default_factors
from llo_research.design.stages import Stage
from llo_research.errors import DataError, DesignError
from llo_research.numerics.groups import Codes, Floats, codes_of_pairs
from llo_research.options import check_option, nearest
from llo_research.survey.exact import check_codes
from llo_research.survey.variables import column, spelled

Names = str | Sequence[str] | None
_BLOCK_OF_ROWS = 2048


def as_names(value: Names, role: str = "names") -> list[str]:
    """A name or a list of names, as a list."""
    if value is None:
        return []
    if isinstance(value, str):
        return [value]
    if not isinstance(value, list | tuple) or not all(isinstance(name, str) for name in value):
        raise DataError(
            f"{role} takes the name of a column, or a list of names.",
            where=role,
            found=f"a {type(value).__name__}" if not isinstance(value, list | tuple) else repr(value)[:80],
            expected=f"text, as {role}='region' or {role}=['region', 'size']",
            todo="put the data into the frame as a column, and give the name of that column",
        )
    return list(value)


def crossed_codes(frame: pd.DataFrame, names: list[str], role: str) -> tuple[Codes, np.ndarray]:
    """Codes 0..G-1 of the crossed labels of these columns, ordered by label, and the labels as text."""
    codes, labels = np.zeros(len(frame), dtype=np.intp), np.array([""], dtype=object)
    for name in names:
        series = column(frame, name, role)
        check_codes(series, role)
        missing = series.isna().to_numpy()
        if missing.any():
            raise DesignError(
                f"The column of the {role} has missing values.",
                where=f"column {name!r}, first at row {int(missing.argmax())}",
                found=f"{int(missing.sum())} missing of {len(frame)} rows",
                todo=f"give every row its {role}, or leave these rows out before making the Survey",
            )
        if isinstance(series.dtype, pd.CategoricalDtype):
            own_labels, turn = _sorted_labels(series.cat.categories)
            own = turn[series.cat.codes.to_numpy()]
        else:
            own, uniques = pd.factorize(series, sort=True)
            own_labels = np.asarray(uniques)
        codes, kept = codes_of_pairs(codes, own.astype(np.intp), len(labels), len(own_labels))
        first = labels[kept // len(own_labels)]
        second = own_labels[kept % len(own_labels)]
        labels = np.array([f"{a}:{b}" if a else str(b) for a, b in zip(first, second, strict=True)], dtype=object)
    return codes, labels


def _sorted_labels(declared: pd.Index) -> tuple[np.ndarray, Codes]:
    """Labels in order, whatever order was declared, and the place of each declared one: draws are keyed on them."""
    labels = np.asarray(declared)
    try:
        order = np.argsort(labels, kind="stable")
    except TypeError:
        order = np.argsort(labels.astype(str), kind="stable")
    place = np.empty(len(labels), dtype=np.intp)
    place[order] = np.arange(len(labels))
    return labels[order], place


@dataclass(frozen=True)
class Sampling:
    """Stages of the design and the first-stage labels."""

    stages: tuple[Stage, ...]
    weights: Floats | None


def sampling_stages(
    frame: pd.DataFrame,
    strata: list[str],
    psu: list[str],
    fpc: list[str],
    *,
    nest: bool,
    role: str = "psu",
    time: str | None = None,
) -> Sampling:
    """Stages from the strata, the sampling units of each stage and the finite population corrections.

    With `time` among the strata each wave was drawn by itself; units whose labels are not nested may return.
    """
    n = len(frame)
    stratum, names = crossed_codes(frame, strata, "strata")
    returning = bool(psu) and not nest and time in strata
    n_stages = max(1, min(len(psu), len(fpc)) if fpc else 1)
    if len(fpc) > max(1, len(psu)):
        raise DesignError(
            "There are more finite population corrections than stages.",
            where="fpc",
            found=f"{len(fpc)} fpc columns, {max(1, len(psu))} stages",
            expected="one fpc column for each stage of psu",
            todo="name the sampling units of each stage in psu, or drop the fpc columns that have no stage",
        )
    if fpc and len(psu) > len(fpc):
        n_stages = len(fpc) + 1
    carry = np.ones(len(names))
    stages: list[Stage] = []
    for s in range(n_stages):
        unit: Codes | None = None
        if s == 0 and returning:
            unit, labels, who = units_of_waves(frame, psu[0], strata, str(time), stratum, role)
        elif s < len(psu):
            unit, labels = units_of(frame, psu[s], stratum, nest=nest or s > 0, role=role)
        per_stratum = np.bincount(_stratum_of_units(unit, stratum), minlength=len(names)).astype(np.float64)
        fraction = np.zeros(len(names))
        if s < len(fpc):
            fraction = sampling_fractions(frame, fpc[s], stratum, per_stratum, names)
        occasions = None
        if s == 0 and returning and who[-1] + 1 < len(who):
            home = _home_of_cells(frame, [name for name in strata if name != time], stratum)
            occasions = Occasions(who, _stratum_of_units(unit, stratum), home, per_stratum, fraction)
        stages.append(Stage(unit, stratum, per_stratum, fraction, carry, names, occasions=occasions))
        if s + 1 < n_stages and unit is not None:
            carry = (carry * fraction)[_stratum_of_units(unit, stratum)]
            names, stratum = np.array([f"{psu[s]} {label}" for label in labels], dtype=object), unit
    weights = None
    if fpc:
        weights = np.prod([1 / np.where(s.fraction > 0, s.fraction, 1)[s.stratum] for s in stages[: len(fpc)]], axis=0)
    assert all(len(s.stratum) == n for s in stages)
    return Sampling(tuple(stages), weights)


def _stratum_of_units(unit: Codes | None, stratum: Codes) -> Codes:
    """The stratum of each unit."""
    if unit is None:
        return stratum
    out = np.empty(int(unit.max()) + 1 if len(unit) else 0, dtype=np.intp)
    out[unit] = stratum
    return out


def units_of(frame: pd.DataFrame, name: str, stratum: Codes, *, nest: bool, role: str) -> tuple[Codes, np.ndarray]:
    """Codes and labels of the sampling units; ``nest``: the same label in two strata is two units."""
    own, labels = crossed_codes(frame, [name], role)
    unit, kept = codes_of_pairs(stratum, own, int(stratum.max()) + 1, len(labels))
    if not nest and len(kept) > len(labels):
        twice = np.bincount(kept % len(labels), minlength=len(labels)) > 1
        raise DesignError(
            f"{int(twice.sum())} labels of {name!r} occur in more than one stratum.",
            where=f"column {name!r} ({role}), for example {labels[twice.argmax()]!r}",
            expected="each unit in one stratum",
            todo="a panel that was drawn once needs one stratum for each person (that of the first wave); waves that "
            "were drawn by themselves have the time among the strata: strata=[time, ...], time=...; labels that start "
            "anew in each stratum are meant by nest=True",
        )
    return unit, labels[kept % len(labels)]


def units_of_waves(
    frame: pd.DataFrame, name: str, strata: list[str], time: str, stratum: Codes, role: str
) -> tuple[Codes, np.ndarray, Codes]:
    """Codes and labels of the sampled units of stratum-by-wave cells, by label first, and the number of each label.

    In one wave a unit lies in one stratum; in the next it may lie in another.
    """
    own, labels = crossed_codes(frame, [name], role)
    unit, kept = codes_of_pairs(own, stratum, len(labels), int(stratum.max()) + 1)
    wave, waves = crossed_codes(frame, [time], "time")
    in_waves, _ = codes_of_pairs(own, wave, len(labels), len(waves))
    first = np.empty(int(in_waves.max()) + 1, dtype=np.intp)
    first[in_waves] = stratum
    torn = first[in_waves] != stratum
    if torn.any():
        row = int(torn.argmax())
        raise DesignError(
            f"{len(np.unique(own[torn]))} labels of {name!r} occur in more than one stratum of a wave.",
            where=f"column {name!r} ({role}), for example {labels[own[row]]!r} at {time} {waves[wave[row]]}",
            expected="each unit in one stratum in each wave",
            todo="check strata and labels; labels that start anew in each stratum are meant by psu=... with nest=True",
        )
    who = kept // (int(stratum.max()) + 1)
    return unit, labels[who], who


def _home_of_cells(frame: pd.DataFrame, strata: list[str], stratum: Codes) -> Codes:
    """The stratum, without its wave, of each stratum-by-wave cell."""
    home = np.empty(int(stratum.max()) + 1, dtype=np.intp)
    home[stratum] = crossed_codes(frame, strata, "strata")[0]
    return home


def sampling_fractions(
    frame: pd.DataFrame, name: str, stratum: Codes, per_stratum: Floats, names: np.ndarray
) -> Floats:
    """Sampling fraction of each stratum from population counts or fractions (all at most 1: fractions)."""
    values = numbers_of(column(frame, name, "fpc"), "finite population corrections")
    if not np.isfinite(values).all() or (values <= 0).any():
        row = int((~np.isfinite(values) | (values <= 0)).argmax())
        raise DesignError(
            "A finite population correction is missing, zero or negative.",
            where=f"column {name!r}, row {row}",
            found=values[row],
            expected="a population count (at least the sampled units) or a fraction in (0, 1]",
            todo="look the size of the stratum up, or leave fpc out (units then count as drawn with replacement)",
        )
    per = np.empty(len(per_stratum))
    per[stratum] = values
    if (per[stratum] != values).any():
        bad = int(stratum[(per[stratum] != values).argmax()])
        raise DesignError(
            "The finite population correction varies within a stratum.",
            where=f"column {name!r}, stratum {names[bad] or '(all rows)'}",
            found=f"{np.unique(values[stratum == bad])[:5]}",
            expected="one value in each stratum (of the second stage: in each unit of the first)",
            todo="give the size of the stratum, not the weight of the row; name the strata when sizes differ",
        )
    return _fractions_of(per, per_stratum, name, names)


def _fractions_of(per: Floats, per_stratum: Floats, name: str, names: np.ndarray) -> Floats:
    """Fractions from one value in each stratum, a fraction or a population count."""
    if (per <= 1).all():
        return per
    if (per < 1).any():
        raise DesignError(
            "The finite population correction mixes counts and fractions.",
            where=f"column {name!r}",
            found=f"from {per.min():g} to {per.max():g}",
            expected="population counts in all strata, or fractions in all",
            todo="turn the fractions into counts, or the counts into fractions",
        )
    if (per < per_stratum).any():
        bad = int((per < per_stratum).argmax())
        raise DesignError(
            "More units were sampled than the population holds.",
            where=f"column {name!r}, stratum {names[bad] or '(all rows)'}",
            found=f"{per_stratum[bad]:g} sampled units, population {per[bad]:g}",
            expected="at least the number of sampled units",
            todo="check that fpc counts sampling units (PSUs when there is a psu), not persons",
        )
    return per_stratum / per


def numbers_of(series: pd.Series, what: str) -> Floats:
    """A column that must hold numbers, as floats; text, booleans and categories are refused."""
    numeric = pd.api.types.is_numeric_dtype(series) and not pd.api.types.is_complex_dtype(series)
    if not numeric or pd.api.types.is_bool_dtype(series):
        raise DesignError(
            f"The {what} are not numbers.",
            where=f"column {series.name!r}",
            found=str(series.dtype),
            expected="a column of numbers",
            todo="check that it is the right column; text that means numbers is converted with pandas.to_numeric",
        )
    return np.asarray(series.to_numpy(dtype=np.float64, na_value=np.nan))


def weights_of(frame: pd.DataFrame, name: str, role: str = "weights") -> Floats:
    """A column of weights; zero is allowed, missing, negative or infinite is not."""
    values = numbers_of(column(frame, name, role), "weights")
    for wrong, word in (
        (np.isnan(values), "missing"),
        (values < 0, "negative"),
        (np.isinf(values), "infinite"),
    ):
        if wrong.any():
            raise DesignError(
                f"{int(wrong.sum())} weights are {word}.",
                where=f"column {name!r}, first at row {int(wrong.argmax())}",
                expected="numbers of zero or more; zero for people who do not count (non-respondents)",
                todo="leave these rows out before making the Survey, or set their weight to 0",
            )
    if not (values > 0).any():
        raise DesignError(
            "All weights are zero.",
            where=f"column {name!r}",
            expected="at least one row with a weight above zero",
            todo="check that it is the right column, and that it was filled for these rows",
        )
    return values


def _range_of(item: str, frame: pd.DataFrame) -> list[str]:
    """The names of a pattern; ``[01-10]`` has numbers of two digits, as the first one is written."""
    item = spelled(frame, item)
    match = re.fullmatch(r"(.*)\[(\d+)-(\d+)\](.*)", item)
    if match is None or item in frame.columns:
        return [item]
    head, low, high, tail = match.groups()
    if int(low) > int(high):
        raise DesignError(
            "A pattern's range runs backwards.",
            where=f"replicate_weights={item!r}",
            found=f"[{low}-{high}]",
            expected=f"[{high}-{low}]",
        )
    width = len(low) if low.startswith("0") else 0
    return [f"{head}{number:0{width}d}{tail}" for number in range(int(low), int(high) + 1)]


def replicate_columns(frame: pd.DataFrame, spec: Names) -> list[str]:
    """The columns of replicate weights: a list, or a pattern as ``"SPFWT[1-80]"``."""
    names = [name for item in as_names(spec, "replicate_weights") for name in _range_of(item, frame)]
    absent = [name for name in names if name not in frame.columns]
    if absent:
        raise DesignError(
            f"{len(absent)} of {len(names)} replicate weight columns are not in the data.",
            where=f"replicate_weights={spec!r}",
            found=f"no column {absent[0]!r}{nearest(absent[0], frame.columns)}",
            todo="check the pattern; every column of the range must be there",
            expected="a list of columns, or a pattern with a range of integers, as 'SPFWT[1-80]'",
        )
    if len(set(names)) < len(names):
        double = next(name for i, name in enumerate(names) if name in names[:i])
        raise DesignError(
            f"The replicate weight {double!r} is named twice.",
            where=f"replicate_weights={spec!r}",
            expected="each column once; twice would count its deviation twice",
        )
    if len(names) < 2:
        raise DesignError(
            "Replicate weights need at least two columns.",
            where=f"replicate_weights={spec!r}",
            found=names,
            expected="a list of columns, or a pattern with a range of integers, as 'SPFWT[1-80]'",
        )
    return names


def factors_of(value: Any, name: str, sizes: tuple[int, ...]) -> Floats | None:
    """Factors of the replicate variance that a user gave: finite, not negative, of the right number."""
    if value is None:
        return None
    try:
        factors = np.atleast_1d(np.asarray(value, dtype=np.float64))
    except (TypeError, ValueError):
        factors = np.array([np.nan])
    if factors.ndim != 1 or not np.isfinite(factors).all() or (factors < 0).any():
        raise DesignError(
            f"{name} must be positive.",
            where=name,
            found=repr(value)[:80],
            expected="numbers of zero or more, none missing",
            todo="look them up in the survey's documentation",
        )
    if len(factors) not in sizes:
        raise DesignError(
            f"{name} has the wrong length.", where=name, found=len(factors), expected=" or ".join(map(str, sizes))
        )
    return factors


def _side_by_side(columns: list[Floats]) -> Floats:
    """Columns as one row-major array, written in blocks of rows that stay in the processor's cache."""
    out = np.empty((len(columns[0]), len(columns)))
    for first in range(0, len(out), _BLOCK_OF_ROWS):
        for j, values in enumerate(columns):
            out[first : first + _BLOCK_OF_ROWS, j] = values[first : first + _BLOCK_OF_ROWS]
    return out


def replicate_design(frame: pd.DataFrame, spec: Names, options: Mapping[str, Any]) -> Replicates:
    """Replicate weights with the factors of their variance formula; the producer's factors win."""
    method = options["replicate_method"]
    check_option(
        method,
        "replicate_method",
        METHODS,
        "Replicate weights need the method that made them.",
        error=DesignError,
        todo="look it up in the survey's documentation; it decides the factor of the variance",
    )
    names = replicate_columns(frame, spec)
    weights = _side_by_side([numbers_of(column(frame, name, "replicate_weights"), "weights") for name in names])
    if not np.isfinite(weights).all():
        row, col = np.argwhere(~np.isfinite(weights))[0]
        raise DesignError(
            "A replicate weight is missing or infinite.",
            where=f"column {names[col]!r}, row {row}",
            found=weights[row, col],
            expected="a number in every row",
            todo="give only the columns that the producer filled (PIAAC: the first VENREPS)",
        )
    r = len(names)
    rscales = factors_of(options["replicate_rscales"], "replicate_rscales", (1, r))
    scale, factors = default_factors(method, r, options["fay"], None if rscales is None else np.resize(rscales, r))
    own_scale = factors_of(options["replicate_scale"], "replicate_scale", (1,))
    if own_scale is not None:
        scale = float(own_scale[0])
    if scale == 0 or not factors.any():
        raise DesignError(
            "The factors of the replicates are all zero, so that every variance would be zero.",
            where="replicate_scale, replicate_rscales",
            found=f"scale {scale:g}",
            expected="a scale above zero, and at least one rscale above zero",
        )
    return Replicates(weights, scale, factors, options["mse"], method, options["fay"], tuple(names))


def design_columns(arguments: Mapping[str, Any], replicates: Replicates | None) -> set[str]:
    """Columns that make the design, of the arguments of a survey."""
    roles = ("weights", "strata", "psu", "fpc", "unit", "time", "unit_weights")
    names = [name for role in roles for name in as_names(arguments.get(role))]
    return {*names, *arguments["item_weights"].values(), *(replicates.names if replicates is not None else ())}
