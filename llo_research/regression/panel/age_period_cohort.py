"""Age, period and cohort: what the data identify of their effects, and bounds on the rest under stated assumptions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from llo_research.errors import DataError, IdentificationError
from llo_research.numerics.age_period_cohort import WAYS, Levels, Table, limits, of_slope
from llo_research.numerics.groups import Codes, Floats
from llo_research.options import check_level, check_option
from llo_research.regression.model_data import ModelData, model_data
from llo_research.regression.panel.call import check_not_negative
from llo_research.regression.panel.cell_means import means_of_cells
from llo_research.regression.panel.replicates import solved
from llo_research.regression.panel.solution import check_independent
from llo_research.results.estimates import Estimates
from llo_research.results.making import result_of
from llo_research.results.quantities import Quantity
from llo_research.results.result import Result
from llo_research.results.simultaneous import critical_values
from llo_research.survey.variables import variable

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey

_MOST_LEVELS = 150
_DIRECTIONS = ("up", "down")
_SUMS = ("age + period", "cohort + period", "age - cohort")


@dataclass(frozen=True, repr=False, eq=False)
class AgePeriodCohort(Result):
    """What is identified of age, period and cohort; made by :func:`age_period_cohort`.

    Parameters
    ----------
    table : Table, optional
        The levels and the columns of the regression; none of a result read from a file.
    base : Estimates, optional
        Its coefficients, with the slope of period at 0.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame([(a, p) for a in range(4) for p in range(4) for _ in range(3)], columns=["age", "year"])
    >>> frame["y"] = 2.0 * frame["age"] + 0.1 * (frame.index % 3)
    >>> svy = llo.Survey(frame.assign(w=1.0), weights="w")
    >>> found = llo.panel.age_period_cohort("y", svy, age="age", period="year")
    >>> found.bounds(period="up", cohort="up").round(3)[["variable", "low", "high"]].values.tolist()
    [['age', 2.0, 2.0], ['period', 0.0, 0.0], ['cohort', 0.0, 0.0]]
    """

    table: Table | None = None
    base: Estimates | None = None

    def bounds(
        self,
        *,
        age: str | None = None,
        period: str | None = None,
        cohort: str | None = None,
        level: float | None = None,
    ) -> pd.DataFrame:
        """Bounds on the three slopes when effects are assumed to be monotone.

        Parameters
        ----------
        age, period, cohort : {"up", "down"}, optional
            That the effect never falls, or never rises, from one level to the next. None assumes nothing.
        level : float, optional
            Confidence level; default that of the result.

        Returns
        -------
        DataFrame
            A row for each `variable`: ``low`` and ``high`` of its slope (infinite without a bound), ``conf_low`` and
            ``conf_high`` of an interval that holds the whole range with at least this confidence, and ``kind``:
            ``bounded``, ``one side``, ``nothing known``, or ``contradicted`` where low lies above high: no slopes have
            all that was assumed.

        Raises
        ------
        DataError
            A direction that is none; a result read from a file.

        Notes
        -----
        If the effect of age rises between levels j and j + 1, alpha + d_j is not negative, d_j the rise of its
        deviations over a step; alpha = (alpha + pi) - pi makes of it an upper bound on pi, and so on [1]_. The estimate
        of a bound is the sharpest of these; the interval takes the joint critical value of all of them off each before
        the sharpest is taken, so that it errs on the wide side [2]_.

        References
        ----------
        .. [1] Fosse, E. and Winship, C. (2019). Bounding analyses of age-period-cohort effects. Demography, 56,
           1975-2004.
        .. [2] Chernozhukov, V., Lee, S. and Rosen, A. M. (2013). Intersection bounds: estimation and inference.
           Econometrica, 81, 667-737.
        """
        own = self.level if level is None else level
        check_level(own)
        assumed = {way: given for way, given in zip(WAYS, (age, period, cohort), strict=True) if given is not None}
        for way, given in assumed.items():
            check_option(given, way, _DIRECTIONS)
        if self.table is None or self.base is None:
            raise DataError(
                "A result read from a file has no bounds.", where="bounds", todo="make the result again from the data"
            )
        rows = [self._bounded(k, assumed, own) for k in range(len(WAYS))]
        told = pd.DataFrame(rows)
        told.attrs["assumed"] = ", ".join(f"{way} never {_never(given)}" for way, given in assumed.items()) or "nothing"
        return told

    def _bounded(self, way: int, assumed: Mapping[str, str], level: float) -> dict[str, Any]:
        """The bounds of one slope."""
        assert self.table is not None and self.base is not None
        parts = []
        for k, name in enumerate(WAYS):
            if name in assumed:
                parts.append(of_slope(self.table, way, *limits(self.table, k, assumed[name] == "up")))
        out: dict[str, Any] = {"variable": WAYS[way], "low": -np.inf, "high": np.inf}
        out |= {"conf_low": -np.inf, "conf_high": np.inf, "kind": "nothing known"}
        if not parts:
            return out
        numbers = np.vstack([part for part, _ in parts])
        above = np.concatenate([np.full(len(part), up) for part, up in parts])
        value, covariance, df = self._of(numbers)
        error = critical_values(covariance, df, level) * np.sqrt(np.maximum(np.diag(covariance), 0.0))
        if above.any():
            out |= {"high": float(value[above].min()), "conf_high": float((value + error)[above].min())}
        if not above.all():
            out |= {"low": float(value[~above].max()), "conf_low": float((value - error)[~above].max())}
        bounded = np.isfinite([out["low"], out["high"]]).sum()
        out["kind"] = ("nothing known", "one side", "bounded")[int(bounded)]
        if out["low"] > out["high"] + 1e-9 * max(1.0, abs(out["high"])):
            out["kind"] = "contradicted"
        return out

    def _of(self, numbers: Floats) -> tuple[Floats, Floats, Floats]:
        """Values, covariance and df of linear combinations (j, columns) of the coefficients."""
        assert self.base is not None
        base = self.base
        replicates = None if base.replicates is None else base.replicates @ numbers.T
        uses = np.ones(numbers.shape, dtype=bool)
        zeros = np.zeros(len(numbers))
        made = base.mapped(numbers @ base.value, numbers, replicates=replicates, uses=uses, taken=zeros)
        rows = pd.DataFrame({"term": np.arange(len(numbers))})
        result = result_of(rows, made, self.design, quantity=Quantity("bound"), meta=self.meta)
        return result.estimate, result.covariance, result.df

    @classmethod
    def restored(cls, result: Result, own: Mapping[str, Any], rebuilt: Callable[[dict[str, Any]], Result]) -> Result:
        """The estimates back, without the table."""
        return cls(**result.as_fields())


def _never(direction: str) -> str:
    """What a monotone effect never does."""
    return "falls" if direction == "up" else "rises"


def age_period_cohort(
    variable: str,
    svy: Survey,
    *,
    age: str,
    period: str,
    level: float = 0.95,
    missing: str = "omit",
) -> AgePeriodCohort:
    """Age, period and cohort: what is identified of their effects on a mean, and nothing else.

    Use it when a share differs by age and by year, and the question is whether people change as they grow older, times
    change, or newer cohorts differ. Of three straight lines no data can tell: cohort is period less age. This function
    gives what every fit has in common; :meth:`~AgePeriodCohort.bounds` what follows from an assumption that you state.
    No constraint is imposed in silence. Experimental.

    Parameters
    ----------
    variable : str
        The outcome: a number, boolean, or condition.
    svy : Survey
        Repeated cross-sections or a panel.
    age, period : str
        Columns of numbers in one unit (years); cohort is period less age. Ages in classes need a width that periods
        share, else neighbouring cohorts overlap.
    level : float
        Confidence level.
    missing : {"omit", "raise"}
        As in :func:`llo_research.glm`.

    Returns
    -------
    AgePeriodCohort
        Rows by `measure`. ``slope``: of ``age + period`` (what a cohort goes through each year), ``cohort + period``
        (how each age group changes a year) and ``age - cohort`` (how ages differ at one time, with sign turned for
        cohorts). ``deviation``: each level of age, period and cohort from a line through that effect's levels (each
        level counted once). ``bend``: the slope after an inner level less that before it, whatever the lines are.

    Raises
    ------
    DataError
        Columns that are no numbers, or have more than 150 levels.
    IdentificationError
        Fewer than three ages or periods; cells that leave deviations undetermined.

    Notes
    -----
    y = mu + alpha a + pi p + gamma c + deviations + error; c = p - a, so that only alpha + pi and gamma + pi are
    identified, and the deviations, which are orthogonal to a line over their levels [1]_. Weighted least squares of the
    cells' means, the regression of all rows; the influence is the exact derivative through means and weights of the
    cells, df that of the design. Effects are additive: that an age group's change differs by more than its cohort is
    assumed away, as in every such model [2]_.

    References
    ----------
    .. [1] Fosse, E. and Winship, C. (2019). Analyzing age-period-cohort data: a review and critique. Annual Review of
       Sociology, 45, 467-492; Holford, T. R. (1983). The estimation of age, period and cohort effects for vital rates.
       Biometrics, 39, 311-324.
    .. [2] Luo, L. (2013). Assessing validity and application scope of the intrinsic estimator approach to the
       age-period-cohort problem. Demography, 50, 1945-1967.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame([(a, p) for a in range(4) for p in range(4) for _ in range(3)], columns=["age", "year"])
    >>> frame["y"] = 2.0 * frame["age"] - 1.0 * frame["year"] + 0.1 * (frame.index % 3)
    >>> svy = llo.Survey(frame.assign(w=1.0), weights="w")
    >>> found = llo.panel.age_period_cohort("y", svy, age="age", period="year")
    >>> found.to_frame().head(3)[["variable", "estimate"]].round(3).values.tolist()
    [['age + period', 1.0], ['cohort + period', -1.0], ['age - cohort', 2.0]]
    """
    check_level(level)
    data = model_data(f"{variable} ~ 1", svy, missing=missing, also=[age, period])
    check_not_negative(data)
    table, cell = _table(data, age, period)
    base, weights, means = means_of_cells(data, data.y[:, None], cell, len(table.age.codes))
    _check_told_apart(table, weights)
    fit = _fitted(base, table, weights, means[:, 0])
    rows, numbers = _identified(table)
    replicates = None if fit.replicates is None else fit.replicates @ numbers.T
    uses = np.ones(numbers.shape, dtype=bool)
    made = fit.mapped(numbers @ fit.value, numbers, replicates=replicates, uses=uses, taken=np.zeros(len(numbers)))
    call = {"function": "panel.age_period_cohort", "variable": variable, "age": age, "period": period}
    counts = np.bincount(table.cohort.codes)
    told: dict[str, Any] = {"formula": data.formula, "n_cells": len(weights)}
    told["cohorts_of_one_cell"] = int((counts == 1).sum())
    told["n_identified"] = len(rows)
    told["not_identified"] = "slopes of age, period and cohort by themselves"
    result = result_of(
        rows,
        made,
        data.svy.design,
        quantity=Quantity("coefficient", "number", 0.0),
        labels=_labels(rows),
        meta=data.meta({**call, "missing": missing}, told),
        level=level,
    )
    return AgePeriodCohort(**result.as_fields(), table=table, base=fit)


def _labels(rows: pd.DataFrame) -> list[str]:
    """``age:25:deviation``; of slopes ``age + period:slope``."""
    levels = ["" if level is None else f":{level:.15g}" for level in rows["level"]]
    return [f"{v}{at}:{m}" for v, at, m in zip(rows["variable"], levels, rows["measure"], strict=True)]


def _table(data: ModelData, age: str, period: str) -> tuple[Table, Codes]:
    """The occupied cells of age by period, and the cell (m,) of each row."""
    columns = [_numbers(data, name, role) for name, role in ((age, "age"), (period, "period"))]
    (ages, of_age), (periods, of_period) = (np.unique(values, return_inverse=True) for values in columns)
    for name, levels in ((age, ages), (period, periods)):
        if not 3 <= len(levels) <= _MOST_LEVELS:
            raise (DataError if len(levels) > _MOST_LEVELS else IdentificationError)(
                f"{name!r} has {len(levels)} levels.",
                where=f"column {name!r}",
                expected=f"3 to {_MOST_LEVELS}",
                todo="classes of ages as wide as the time between periods" if len(levels) > 3 else "take more waves",
            )
    pairs, cell = np.unique(of_age * np.intp(len(periods)) + of_period, return_inverse=True)
    age_codes, period_codes = pairs // len(periods), pairs % len(periods)
    born = np.round(periods[period_codes] - ages[age_codes], 9)
    cohorts, cohort_codes = np.unique(born, return_inverse=True)
    table = Table(Levels(ages, age_codes), Levels(periods, period_codes), Levels(cohorts, cohort_codes.ravel()))
    return table, cell.ravel().astype(np.intp)


def _numbers(data: ModelData, name: str, role: str) -> Floats:
    """(m,) the numbers of a column."""
    found = variable(data.svy._frame, name, role)
    if found.kind != "number":
        raise DataError(
            f"{role} is a column of numbers.",
            where=f"{role}={name!r}",
            found="a boolean" if found.kind == "boolean" else "categories",
            expected="years, so that cohort is period less age",
            todo="the middle of each class as a number, in svy.assign",
        )
    return np.asarray(data.svy._frame[name].to_numpy(dtype=np.float64, na_value=np.nan)[data.rows])


def _check_told_apart(table: Table, weights: Floats) -> None:
    """Deviations of all three are determined: cohorts of one period are met again in others."""
    try:
        check_independent((table.columns * weights[:, None]).T @ table.columns, _names(table))
    except IdentificationError as error:
        raise IdentificationError(
            "The cells do not tell the deviations of age, period and cohort apart.",
            where="age, period",
            found=f"{len(weights)} cells, {len(table.cohort.values)} cohorts",
            expected="cohorts that are met at several ages, in steps that ages and periods share",
            todo="single years of age, or classes as wide as the time between periods, from a domain of such periods",
        ) from error


def _names(table: Table) -> Sequence[str]:
    """Names of the columns, for messages."""
    inner = [f"{name} {value:g}" for name, way in zip(WAYS, table.ways(), strict=True) for value in way.values[1:-1]]
    return ["constant", "slope of age", "slope of cohort", *inner]


def _fitted(base: Estimates, table: Table, weights: Floats, means: Floats) -> Estimates:
    """Coefficients as a map of the cells' weights and means."""
    x = table.columns
    inverse = np.linalg.inv((x * weights[:, None]).T @ x)
    beta = inverse @ ((x * weights[:, None]).T @ means)
    slopes = np.empty((len(beta), 2 * len(means)))
    slopes[:, 0::2] = inverse @ (x * (means - x @ beta)[:, None]).T
    slopes[:, 1::2] = inverse @ (x * weights[:, None]).T
    at = None
    if base.replicates is not None:
        w, y = base.replicates[:, 0::2], base.replicates[:, 1::2]
        left = np.einsum("ki,rk,kj->rij", x, w, x, optimize=True)
        at = solved(left, np.einsum("ki,rk->ri", x, w * y))
    uses = np.ones(slopes.shape, dtype=bool)
    return base.mapped(beta, slopes, replicates=at, uses=uses, taken=np.zeros(len(beta)))


def _identified(table: Table) -> tuple[pd.DataFrame, Floats]:
    """What is identified: identifying columns, and maps (k, columns) of the coefficients."""
    told: list[dict[str, Any]] = [{"variable": name, "level": None, "measure": "slope"} for name in _SUMS]
    numbers = [table.slopes()]
    for measure in ("deviation", "bend"):
        for k, (name, way) in enumerate(zip(WAYS, table.ways(), strict=True)):
            own = table.deviations(k)
            numbers.append(own if measure == "deviation" else way.bends @ own)
            values = way.values if measure == "deviation" else way.values[1:-1]
            told += [{"variable": name, "level": float(value), "measure": measure} for value in values]
    levels = np.array([row["level"] for row in told], dtype=object)
    return pd.DataFrame(told).assign(level=levels), np.vstack(numbers)
