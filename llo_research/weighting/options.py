"""Options of a calibration, checked: distance and bounds, q of the rows, covariance of the totals, kind of totals."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from llo_research.errors import CalibrationError
from llo_research.numerics import calibration as numerics
from llo_research.numerics.calibration import Distance
from llo_research.numerics.groups import Codes, Floats
from llo_research.options import check_option
from llo_research.survey.variables import variable
from llo_research.weighting.margins import EstimatedTotals, Margin
from llo_research.weighting.steps import nth_row

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey

METHODS = ("linear", "raking", "logit", "truncated")
_BOUNDED = ("logit", "truncated")
# Totals of exactly these sums, where the weights add up to something else altogether, are shares or percentages.
_SHARES = (1.0, 100.0)
_ALTOGETHER = 10.0
_ROUNDING = 1e-6
# A covariance may have negative eigenvalues by rounding, of this share of the largest.
_INDEFINITE = 1e-8


def check_iteration(tol: Any, max_iter: Any) -> None:
    """Numbers that make sense."""
    numbers = all(isinstance(v, int | float | np.number) and not isinstance(v, bool) for v in (tol, max_iter))
    if not (numbers and 0 < tol < 1 and 1 <= max_iter < np.inf and int(max_iter) == max_iter):
        raise CalibrationError(
            "tol and max_iter must be positive numbers.",
            found=f"tol={tol!r}, max_iter={max_iter!r}",
            expected="tol a relative miss, as 1e-10; max_iter a whole number of steps",
        )


def distance_of(method: str | Distance, bounds: Any) -> tuple[Distance, str]:
    """The distance by its name, with its bounds."""
    if isinstance(method, Distance):
        if bounds is not None:
            raise CalibrationError(
                "A distance of one's own takes no bounds.", where="bounds", found=repr(bounds), todo="build them into g"
            )
        return method, method.name
    check_option(method, "method", METHODS, error=CalibrationError, also="an llo.weighting.Distance")
    if method not in _BOUNDED:
        if bounds is not None:
            raise CalibrationError(
                f"method={method!r} takes no bounds.", where="bounds", found=repr(bounds), todo="use logit or truncated"
            )
        return (numerics.linear() if method == "linear" else numerics.raking()), method
    low, high = _bounds(method, bounds)
    return (numerics.logit if method == "logit" else numerics.truncated)(low, high), method


def _bounds(method: str, bounds: Any) -> tuple[float, float]:
    """Two numbers around 1."""
    pair = tuple(bounds) if isinstance(bounds, tuple | list) else ()
    numbers = [float(v) for v in pair if isinstance(v, Real | Decimal) and not isinstance(v, bool)]
    finite = method == "truncated" or all(np.isfinite(v) for v in numbers)
    if len(pair) != 2 or len(numbers) != 2 or not finite or not numbers[0] < 1 < numbers[1]:
        raise CalibrationError(
            f"method={method!r} needs bounds on g.",
            where="bounds",
            found=repr(bounds),
            expected="(low, high) with low < 1 < high, as (0.3, 3)",
        )
    return numbers[0], numbers[1]


def check_negative(weights: Floats, method: str, where: str) -> None:
    """Distances other than the linear one are for weights that are not negative."""
    if method != "linear" and (weights < 0).any():
        raise CalibrationError(
            "Some current weights are negative, for which this method has no meaning.",
            where=f"{where}, method={method!r}",
            found=nth_row(weights < 0),
            expected="weights of 0 or more",
            todo="make the step before with a method that keeps weights positive (raking, logit); only calibrate with "
            "method='linear' takes such weights",
        )


def scale_of(svy: Survey, scale: str | Sequence[float] | None) -> Floats | None:
    """The q of each row."""
    if scale is None:
        return None
    if isinstance(scale, str):
        typed = variable(svy._frame, scale, "scale")
        values = None if typed.kind == "category" else typed.values
    else:
        _check_index(svy, scale)
        given = np.asarray(scale)
        values = given.astype(np.float64) if given.dtype.kind in "biuf" else None
    wrong = np.ones(len(svy), dtype=bool)
    if values is not None and values.shape == (len(svy),):
        wrong = ~(np.isfinite(values) & (values > 0)) & (svy._weights != 0)
    if values is None or wrong.any():
        raise CalibrationError(
            "scale must be a positive number for each row with a weight.",
            where=f"scale={scale!r}" if isinstance(scale, str) else "scale",
            found=nth_row(wrong) if values is not None and values.shape == (len(svy),) else "no such numbers",
            expected=f"{len(svy)} numbers above 0",
        )
    return np.nan_to_num(values, nan=1.0, posinf=1.0)


def _check_index(svy: Survey, scale: Sequence[float]) -> None:
    """A Series stands beside the rows it was made from."""
    if isinstance(scale, pd.Series) and not scale.index.equals(svy._frame.index):
        raise CalibrationError(
            "The index of scale is not that of the data, so that rows might be mixed up.",
            where="scale",
            found=f"a Series of {len(scale)} values",
            expected=f"the index of svy.frame, {len(svy)} rows",
            todo="give the name of a column, or an array in the order of the rows: scale.to_numpy()",
        )


def clusters_of(svy: Survey, cluster: str | None) -> tuple[Codes | None, list[Any]]:
    """The cluster of each row, and what the clusters are called."""
    if cluster is None:
        return None, []
    typed = variable(svy._frame, cluster, "cluster")
    missing = typed.missing & (svy._weights != 0)
    if missing.any():
        raise CalibrationError(
            "The cluster is missing for people with a weight.",
            where=f"cluster={cluster!r}",
            found=nth_row(missing),
            todo="give those who live alone a cluster of their own",
        )
    return typed.codes, typed.levels


def check_clusters(cluster: Codes | None, groups: list[Codes], labels: Any, where: str) -> None:
    """A cluster that is to have one g lies in one group."""
    if cluster is None or len(groups) < 2:
        return
    home = np.full(int(cluster.max()) + 1, -1, dtype=np.intp)
    for number, rows in enumerate(groups):
        torn = rows[(home[cluster[rows]] >= 0) & (home[cluster[rows]] != number)]
        if len(torn):
            raise CalibrationError(
                "A cluster lies in several groups, each with a calibration of its own, and would get several g.",
                where=where,
                found=f"cluster {labels[int(cluster[torn[0]])]!r}",
                expected="all members of a cluster in one group",
                todo="leave cluster out, or use labels that differ between the groups (household and wave)",
            )
        home[cluster[rows]] = number


def covariance_of(given: Any, margins: list[Margin]) -> Floats | None:
    """The covariance of estimated totals, in the order in which they flatten."""
    if not isinstance(given, EstimatedTotals):
        return None
    size = sum(len(margin.totals) for margin in margins)
    covariance = _labelled(given.cov, margins) if isinstance(given.cov, pd.DataFrame) else given.cov
    try:
        cov = np.asarray(covariance)
        numbers = all(isinstance(value, Real | Decimal) for value in cov.ravel()) if cov.dtype.kind == "O" else True
        cov = cov.astype(np.float64) if numbers and cov.dtype.kind in "iufO" else np.full((0, 0), np.nan)
    except (TypeError, ValueError):
        cov = np.full((0, 0), np.nan)
    if cov.shape != (size, size) or not np.isfinite(cov).all() or not np.allclose(cov, cov.T, rtol=1e-8, atol=0):
        raise CalibrationError(
            "The covariance of the totals has the wrong shape, holds missing values or is not symmetric.",
            where="EstimatedTotals",
            found=f"shape {cov.shape}" + ("" if np.isfinite(cov).all() else ", with missing values"),
            expected=f"({size}, {size}), one row for each total, in the order of the totals",
        )
    values = np.linalg.eigvalsh(cov)
    if values.min() < -_INDEFINITE * max(values.max(), 0.0):
        raise CalibrationError(
            "The covariance of the totals is not one: it gives a negative variance.",
            where="EstimatedTotals",
            found=f"smallest eigenvalue {values.min():.6g}, smallest variance {np.diag(cov).min():.6g}",
            todo="check the order of rows and columns, and that it holds variances",
        )
    return cov


def _labelled(cov: pd.DataFrame, margins: list[Margin]) -> Floats:
    """A labelled covariance in the order of the totals; labels that are mere row numbers tell nothing."""
    rows: list[Any] = list(cov.index)
    columns: list[Any] = list(cov.columns)
    forms = _label_forms(margins)
    for form in forms:
        if len(set(form)) == len(form) == len(rows) == len(columns) and set(form) == set(rows) == set(columns):
            return cov.to_numpy()[np.ix_([rows.index(key) for key in form], [columns.index(key) for key in form])]
    numbered = list(range(len(cov)))
    if rows == numbered and columns == numbered:
        return cov.to_numpy()
    wanted = next((forms[k] for k in (1, 3, 0) if len(set(forms[k])) == len(forms[k])), forms[2])
    lost = [key for key in wanted if key not in rows or key not in columns]
    beyond = [key for key in dict.fromkeys([*rows, *columns]) if key not in wanted]
    raise CalibrationError(
        "The covariance has other labels than the totals.",
        where="EstimatedTotals",
        found=f"labels {', '.join(map(repr, rows[:12]))}"
        + (f"; without {', '.join(map(repr, lost[:6]))}" if lost else "")
        + (f"; unknown {', '.join(map(repr, beyond[:6]))}" if beyond else ""),
        expected=", ".join(repr(key) for key in wanted[:12]) + ", once each, in rows and columns",
        todo="choose these rows and columns, or give an array in the order of the totals",
    )


def _label_forms(margins: list[Margin]) -> list[list[Any]]:
    """The ways in which people label totals: level, level as text, (margin, level), "margin:level"."""
    pairs = [(margin, margin.names[0] if margin.numeric else level) for margin in margins for level in margin.levels]
    texts = [":".join(map(str, level)) if isinstance(level, tuple) else str(level) for _, level in pairs]
    names = [":".join(margin.names) for margin, _ in pairs]
    return [
        [level for _, level in pairs],
        texts,
        [(margin.names if len(margin.names) > 1 else margin.names[0], level) for margin, level in pairs],
        [
            text if margin.numeric else f"{name}:{text}"
            for (margin, _), name, text in zip(pairs, names, texts, strict=True)
        ],
    ]


def check_not_shares(margins: list[Margin], weights: float) -> None:
    """Totals count people; shares would make weights that add up to 1."""
    for margin in margins:
        total = float(margin.totals.sum())
        far = not weights / _ALTOGETHER <= total <= weights * _ALTOGETHER
        if not margin.numeric and far and any(abs(total - sum_) <= _ROUNDING * sum_ for sum_ in _SHARES):
            raise CalibrationError(
                f"The totals add up to {total:g}: these are shares, not totals.",
                where=f"margin {margin.label!r}",
                found=f"a sum of {total:g}; the weights add up to {weights:.6g}",
                todo="multiply the shares with the size of the population",
            )
