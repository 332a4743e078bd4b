"""Totals as users write them, matched with the survey's rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from llo_research.errors import CalibrationError
from llo_research.numerics.groups import Codes, Floats
from llo_research.options import nearest, same_spelling
from llo_research.survey.variables import Variable, variable

# Margins of one population may differ by rounding; beyond this share they contradict each other.
_SAME_POPULATION = 1e-9


@dataclass(frozen=True)
class EstimatedTotals:
    """Totals that were themselves estimated, with their covariance.

    Parameters
    ----------
    totals : mapping
        As for :func:`calibrate`.
    cov : array or DataFrame (m, m)
        Covariance of the totals, in the order in which they flatten: margin by margin, level by level as given. A
        DataFrame goes by its labels, in any order: levels (``"low"``; ``"low:north"`` or a tuple of a crossing; the
        column of a number), or with the margin where levels of several margins are alike (``"education:low"``).

        Where totals follow from others, `cov` must know it: all margins add up to one population, so that the levels of
        an estimated margin beside a known one have a covariance of which rows add up to zero. Shares of a survey times
        a known population have one; independent variances have not, and are refused with the covariance given the
        dependence, C - C A'(A C A')^+ A C, A t = 0 (also the attribute ``covariance`` of the error).

    Notes
    -----
    The covariance of an estimate with regression coefficients B on the auxiliaries grows by B' cov B (Deville, J.-C.
    (2000). Simultaneous calibration of several surveys. Proceedings of Statistics Canada Symposium 1999, 207-212). On
    replicate designs each replicate is calibrated to totals of its own, t + A q_r / sqrt(scale rscales_r) with
    A A' = cov and q orthonormal over the replicates, so that their spread is cov [1]_ [2]_. The q are the same for the
    same replicates and names of totals, whatever the order of rows, margins and levels, spread over all replicates, and
    orthogonal to the deviations of the replicate weights as far as there is room (``jkn``: one direction for each
    stratum; ``bootstrap``: replicates minus degrees of freedom; ``jk1``: one); beyond that, products of both remain, of
    the order of 1 / (2 sqrt(R)) of the standard error and nothing on average. There must be as many replicates as
    independent totals, one more with ``mse=False``.

    References
    ----------
    .. [1] Fuller, W. A. (1998). Replication variance estimation for the two-phase sample. Statistica Sinica, 8,
       1153-1164.
    .. [2] Opsomer, J. D. and Erciulescu, A. L. (2021). Replication variance estimation after sample-based calibration.
       Survey Methodology, 47, 265-277.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"sex": ["m", "v", "v"], "y": [1.0, 2.0, 6.0], "w": [1.0, 1.0, 1.0]})
    >>> totals = llo.EstimatedTotals({"sex": {"m": 5, "v": 8}}, [[1.0, 0.0], [0.0, 4.0]])
    >>> llo.calibrate(llo.Survey(frame, weights="w"), totals).weights.round(9).tolist()
    [5.0, 4.0, 4.0]
    """

    totals: Mapping[Any, Any]
    cov: Any


@dataclass(frozen=True)
class Margin:
    """One margin: a category (codes and a total for each level) or a numeric auxiliary (values and one total).

    names : the columns; label : how messages call it.
    levels : the levels in the order of the totals; one unnamed level for a number.
    codes : (n,) level of each row, -1 where it has none; empty for a number.
    values : (n,) the numbers; empty for a category.
    totals : one for each level.
    """

    names: tuple[str, ...]
    levels: tuple[Any, ...]
    codes: Codes
    values: Floats
    totals: Floats

    @property
    def label(self) -> str:
        """Names joined as people write a crossing."""
        return " x ".join(self.names)

    @property
    def numeric(self) -> bool:
        """Whether this is a numeric auxiliary."""
        return len(self.codes) == 0

    def level_label(self, number: int) -> str:
        """How messages call a total of this margin."""
        return self.label if self.numeric else f"{self.label}, level {self.levels[number]!r}"


def columns_of_totals(totals: Any, by: str | None) -> list[str]:
    """The columns that totals speak of, each once; with `by` those of each level's totals."""
    plain = totals.totals if isinstance(totals, EstimatedTotals) else totals
    if not isinstance(plain, Mapping):
        return []
    if by is not None:
        return list(dict.fromkeys(name for own in plain.values() for name in columns_of_totals(own, None)))
    return list(dict.fromkeys(name for key in plain for name in (key if isinstance(key, tuple) else (key,))))


def read_margins(frame: pd.DataFrame, totals: Mapping[Any, Any], used: np.ndarray) -> list[Margin]:
    """The margins of a mapping of totals; `used` marks the rows with a weight, which must all have a level."""
    if not isinstance(totals, Mapping) or not totals:
        raise CalibrationError(
            "Totals are a mapping of margins.",
            found=repr(totals)[:80],
            expected="{'education': {'low': 2.1e6, ...}, ('sex', 'age_group'): Series, 'income': 3.9e11}",
        )
    margins = [_margin(frame, key, value, used) for key, value in totals.items()]
    _same_population(margins)
    return margins


def _margin(frame: pd.DataFrame, key: Any, value: Any, used: np.ndarray) -> Margin:
    """One margin of the mapping."""
    names = tuple(key) if isinstance(key, tuple) else (key,)
    typed = [variable(frame, name, f"margin {key!r}") for name in names]
    if isinstance(value, pd.Series | Mapping):
        return _category(typed, value, used)
    if isinstance(value, Real | Decimal | np.number) and not isinstance(value, bool):
        return _number(typed, float(value), used)
    raise CalibrationError(
        "A margin's totals are a mapping or Series of levels, or a number for a numeric auxiliary.",
        where=f"margin {key!r}",
        found=type(value).__name__,
    )


def _number(found: list[Variable], total: float, used: np.ndarray) -> Margin:
    """A numeric auxiliary."""
    label = " x ".join(v.name for v in found)
    if len(found) > 1 or found[0].kind == "category":
        raise CalibrationError(
            f"{label!r} is a category; its totals are one for each level.",
            where=f"margin {label!r}",
            found=total,
            expected=f"a total for each of {found[0].levels[:6]}",
        )
    missing = found[0].missing & used
    if missing.any():
        raise CalibrationError(
            "An auxiliary is missing.",
            where=f"margin {label!r}, first at row {int(missing.argmax())}",
            found=f"{int(missing.sum())} rows with a weight",
            todo="impute it, or leave the margin out",
        )
    if not np.isfinite(total):
        raise CalibrationError("A total is not a number.", where=f"margin {label!r}", found=total)
    values = np.nan_to_num(found[0].values, nan=0.0)
    return Margin((found[0].name,), (None,), np.empty(0, dtype=np.intp), values, np.array([total]))


def _category(found: list[Variable], value: Any, used: np.ndarray) -> Margin:
    """A categorical margin, perhaps crossed."""
    names = tuple(v.name for v in found)
    label = " x ".join(names)
    given = _as_written(value) if isinstance(value, Mapping) else _in_order(value, names)
    keys = [key if isinstance(key, tuple) else (key,) for key in given.index]
    totals = _numbers(given, label)
    for key, total in zip(keys, totals, strict=True):
        if len(key) != len(found):
            raise CalibrationError(
                "A level of a crossed margin has the wrong length.",
                where=f"margin {label!r}",
                found=key,
                expected=f"one level of each of {names}",
            )
        if not (np.isfinite(total) and total >= 0):
            raise CalibrationError(
                "A total is negative or missing, or infinite.",
                where=f"margin {label!r}, level {_shown(key)!r}",
                found=total,
            )
    if len(set(keys)) < len(keys):
        raise CalibrationError("A level is given twice.", where=f"margin {label!r}")
    number = {key: i for i, key in enumerate(keys)}
    codes, present = _codes(found, number, used, label)
    for i, key in enumerate(keys):
        if present[i] and totals[i] == 0:
            raise CalibrationError(
                "A total of zero would set the weights of people to zero.",
                where=f"margin {label!r}, level {_shown(key)!r}",
                found=f"{int((codes[used] == i).sum())} people, total 0",
                todo="leave these people out of the survey's population first, or give the right total",
            )
        if totals[i] > 0 and not present[i]:
            raise CalibrationError(
                "Nobody in the survey has this level, so that its total cannot be reached.",
                where=f"margin {label!r}, level {_shown(key)!r}",
                found=f"0 people, total {totals[i]:g}",
                todo="join it with another level",
            )
    return Margin(names, tuple(_shown(key) for key in keys), codes, np.empty(0), totals)


def _numbers(given: pd.Series, label: str) -> Floats:
    """The totals of a margin."""
    wrong = [(key, value) for key, value in given.items() if not _is_number(value)]
    if wrong:
        raise CalibrationError(
            "Totals are numbers.",
            where=f"margin {label!r}, level {wrong[0][0]!r}",
            found=", ".join(repr(value) for _, value in wrong[:5]),
            expected="numbers, as 12_000 or 12.5",
            todo="convert text first, and mind its separators: '12.000' may be twelve thousand or twelve",
        )
    try:
        return np.array([np.nan if pd.isna(value) else float(value) for value in given], dtype=np.float64)
    except OverflowError:
        raise CalibrationError("A total is too large for a number.", where=f"margin {label!r}") from None


def _as_written(totals: Mapping[Any, Any]) -> pd.Series:
    """Totals under their keys as they are: whole numbers beside others do not become floats."""
    keys = pd.Index(list(totals), dtype=object, tupleize_cols=False)
    return pd.Series(list(totals.values()), index=keys, dtype=object)


def _is_number(value: Any) -> bool:
    """A number, or a missing one; text that looks like a number is none."""
    return value is pd.NA or value is None or (isinstance(value, Real | Decimal) and not isinstance(value, bool))


def _in_order(given: pd.Series, names: tuple[str, ...]) -> pd.Series:
    """A crossing with its index levels in the order of the key, where they have those names."""
    told = list(given.index.names)
    if told == list(names) or len(names) < 2 or not isinstance(given.index, pd.MultiIndex):
        return given
    if len(told) == len(names) and set(told) == set(names):
        return given.reorder_levels([told.index(name) for name in names])
    if any(name in names and name != names[place] for place, name in enumerate(told[: len(names)])):
        raise CalibrationError(
            "The index of a crossed margin has its names in another order than the margin.",
            where=f"margin {names!r}",
            found=tuple(told),
            expected=f"{names} in any order, or an index without these names, in this order",
        )
    return given


def _codes(found: list[Variable], number: dict[Any, int], used: np.ndarray, label: str) -> tuple[Codes, np.ndarray]:
    """Number of each row's level among the given ones, and which of these occur; rows with a weight must have one."""
    missing = np.logical_or.reduce([v.missing for v in found]) & used
    if missing.any():
        raise CalibrationError(
            "A margin is missing for people with a weight.",
            where=f"margin {label!r}, first at row {int(missing.argmax())}",
            found=f"{int(missing.sum())} rows",
            todo="impute it, or give these people a level of their own with a total",
        )
    sizes = [max(len(v.levels), 1) for v in found]
    cell = found[0].codes if len(found) == 1 else np.ravel_multi_index([np.maximum(v.codes, 0) for v in found], sizes)
    everybody = bool(used.all())
    occurring = np.flatnonzero(np.bincount(cell if everybody else cell[used], minlength=int(np.prod(sizes))))
    lookup = np.full(int(np.prod(sizes)), -1, dtype=np.intp)
    for one in occurring:
        places = np.unravel_index(one, sizes)
        key = _spelled(tuple(v.levels[int(place)] for v, place in zip(found, places, strict=True)), number)
        if key not in number:
            raise CalibrationError(
                "People in the survey have a level that the totals do not know.",
                where=f"margin {label!r}",
                found=f"{_shown(key)!r}{nearest(_shown(key), map(_shown, number), 'in the totals')}",
                expected=", ".join(repr(_shown(k)) for k in list(number)[:12]),
                todo="give a total for every level, written as in the data",
            )
        lookup[one] = number[key]
    present = np.zeros(len(number), dtype=bool)
    present[lookup[occurring]] = True
    if not everybody:
        return np.where(used, lookup[cell], -1), present
    same = bool((lookup[occurring] == occurring).all())
    return (cell if same else lookup[cell]), present


def _spelled(key: tuple[Any, ...], number: dict[Any, int]) -> tuple[Any, ...]:
    """The levels as the totals spell them, when these have them in another Unicode form."""
    if key in number or all(str(level).isascii() for level in key):
        return key
    same = [k for k in number if all(map(same_spelling, map(str, k), map(str, key)))]
    return same[0] if len(same) == 1 else key


def _shown(key: tuple[Any, ...]) -> Any:
    """A level as messages show it: without the tuple when it is one."""
    return key[0] if len(key) == 1 else key


def _same_population(margins: list[Margin]) -> None:
    """Categorical margins add up to the same population."""
    sums = [(margin.label, float(margin.totals.sum())) for margin in margins if not margin.numeric]
    for label, total in sums[1:]:
        if abs(total - sums[0][1]) > _SAME_POPULATION * max(abs(total), abs(sums[0][1])):
            raise CalibrationError(
                "The totals contradict each other: margins add up to different populations.",
                where=f"margins {sums[0][0]!r} and {label!r}",
                found=f"{sums[0][1]:.12g} and {total:.12g}",
                todo="scale the margins to one population first",
            )
