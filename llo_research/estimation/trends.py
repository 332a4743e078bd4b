"""Trends: the line through the means of all waves, with and without a step at each series break."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from llo_research.errors import DataError
from llo_research.estimation.assemble import Options
from llo_research.estimation.comparisons import Shifts, compare
from llo_research.estimation.lines import line_weights, wald
from llo_research.estimation.series_breaks import after_by_wave, concerned_by, exposure, known_shifts, refuse
from llo_research.estimation.target import check_survey
from llo_research.estimation.times import DATE, time_variable
from llo_research.estimation.waves import Plan, Waves, cells_with_time, make_waves, time_of
from llo_research.numerics.groups import Floats
from llo_research.numerics.wald import Outcome
from llo_research.options import names_of
from llo_research.results import floors
from llo_research.results.breaks import Break, account, breaks_in, check_option, flagged
from llo_research.results.columns import rounded
from llo_research.results.dated import number, text_of
from llo_research.results.result import Result
from llo_research.survey.lazy import survey_for

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey

WITHOUT, WITH = "without break term", "with break term"
# each break, the cells and columns (G, p) that get a step, and the share after it of each wave (G, p, T)
Steps = Sequence[tuple[Break, np.ndarray, Floats]]


@dataclass(frozen=True, repr=False, eq=False)
class Trend(Result):
    """Slopes and steps, with the tests of any change and of the straight line in :attr:`tests`."""

    @property
    def tests(self) -> pd.DataFrame:
        """Joint tests of the waves, one row for each cell, variable and test.

        `any change`: all waves are equal. `straight line`: the waves lie on one line (lack of fit).
        `straight line with steps`: they do once each break has its step. Columns `statistic` (F), `df`,
        `df_denominator`, `p_value`, `flag`; nan and ``no_test`` where there are too few waves or degrees of freedom.
        """
        return pd.DataFrame(self.meta["tests"])

    @classmethod
    def restored(cls, result: Result, own: Mapping[str, Any], rebuilt: Callable[[dict[str, Any]], Result]) -> Trend:
        """A trend, with the tests that lie in its ``.meta``."""
        if not isinstance(result.meta["tests"], list):
            raise ValueError("a trend without its tests")
        return cls(**result.as_fields())

    def summary(self) -> str:
        """The result as text, with the tests below the table."""
        tests = floors.blanked_like(rounded(self.tests), self.rows, floors.withheld(self))
        return f"{super().summary()}\n\n{tests.to_string(index=False)}"


def trend(
    variable: str | Sequence[str],
    svy: Survey,
    *,
    time: str,
    by: str | Sequence[str] | None = None,
    breaks: str = "flag",
    level: float = 0.95,
    missing: str = "omit",
    simultaneous: bool = False,
) -> Trend:
    """Slope of the line through the means of all waves, with and without a step at each series break.

    Use it to say whether a series moves, and whether the answer rests on a change of method: a line through a break
    mixes method and reality. Beside the slope of the plain line stand the slope net of the steps, and the steps.

    Parameters
    ----------
    variable : str or list of str
        Numbers or booleans (their means); text and categoricals give rows for each level.
    svy : Survey
        The data of all times.
    time : str
        Column of the times, numbers; the slope is per unit of it.
    by : str or list of str, optional
        One line for each cell, through the waves in which it has people.
    breaks : {"flag", "refuse", "adjust"}
        At a series break between the first and the last wave (``svy.source["breaks"]``): flag the plain slope
        with ``break`` and give the model with steps beside it; raise; or take the known shift off all waves after
        the break first, as :func:`change` does (the steps are then what is left).
    level, missing, simultaneous
        As in :func:`mean`.

    Returns
    -------
    Trend
        A :class:`Result` with rows for each cell, variable and model: columns `by`, `variable`, `level`, `term`
        (``slope``, ``step 2022``, ...), `measure` (``without break term``, ``with break term``), `estimate`,
        `std_error`, `statistic`, `df`, `p_value`, `conf_low`, `conf_high`, `n`, `flag`. Terms that the waves cannot
        tell apart are flagged ``not_identified``; those of a model with as many terms (the constant included) as
        waves, ``saturated``: it fits whatever happened, and takes all of the last wave for its step where that is
        the only one after a break. ``.tests`` holds the joint tests.

    Raises
    ------
    DataError
        No such column, times that are not numbers, only one time, a break with ``breaks="refuse"``.

    Notes
    -----
    The terms are b = (X'X)^-1 X'm, ordinary least squares on the T wave means m with X = (1, t, steps): each is a
    linear contrast of the waves with known weights, so that var(b) = (X'X)^-1 X'V X(X'X)^-1 takes V, the design
    covariance of the means (overlap and calibration included), as it is [1]_. Weights that depend on an estimated V
    (generalised least squares) would be somewhat more precise, but let the noise of V choose the years that count.
    Tests of r restrictions Cm = 0 are Wald tests, F = (d - r + 1)/(d r) m'C'(CVC')^-1 Cm on r and d - r + 1 degrees
    of freedom, d those of the design [2]_. A step is what the series does at the break beyond its line: method, and
    whatever really happened in that year.

    References
    ----------
    .. [1] Kish, L. (1965). Survey Sampling. Wiley, section 12.4; Liang, K.-Y. and Zeger, S. L. (1986). Longitudinal
       data analysis using generalized linear models. Biometrika, 73, 13-22.
    .. [2] Korn, E. L. and Graubard, B. I. (1990). Simultaneous testing of regression coefficients with complex survey
       data: use of Bonferroni t statistics. The American Statistician, 44, 270-276.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"year": [2014, 2014, 2016, 2016, 2018, 2018], "hours": [1.0, 3.0, 2.0, 6.0, 5.0, 7.0]})
    >>> svy = llo.Survey(frame.assign(w=1.0), weights="w", strata="year", time="year")
    >>> llo.trend("hours", svy, time="year").to_frame()[["term", "estimate"]].round(3).values.tolist()
    [['slope', 1.0]]
    """
    names = names_of(variable, "variable")
    check_option(breaks)
    svy = survey_for(svy, names, cells_with_time(by, time))
    check_survey(svy)
    _check_numbers(svy, time)
    time_of(svy, time)
    call = {"function": "trend", "variable": names, "by": by, "time": time, "breaks": breaks, "missing": missing}
    waves = make_waves(names, svy, by, time, missing, Options(level, "wald", simultaneous, call))
    steps = _steps(waves)
    plan, rows = _plan(waves, steps)
    seen = exposure(waves, plan)
    if breaks == "refuse":
        refuse(seen, waves, what="The trend")
    shifts = None
    if breaks == "adjust" and seen.breaks:
        needed = np.isfinite(waves.means.estimate)
        shifts = known_shifts(waves, seen.breaks, needed=needed & _concerned(waves, seen.breaks))[0]
    result = compare(
        waves.means,
        rows,
        plan.of(waves),
        kind="trend",
        shifts=shifts,
        labels=waves.labelled(rows),
        meta={"time": time, "times": list(waves.times), "tests": _tests(waves, steps, shifts)},
    )
    plain = (rows["measure"] == WITHOUT).to_numpy() & seen.rows
    flags = tuple("not_identified" if flag == "empty" else flag for flag in result.extra_flags)
    flags = flagged(flags, plain, "break_adjusted" if breaks == "adjust" else "break")
    flags = flagged(flags, _saturated(plan, rows), "saturated")
    meta = {**result.meta, "breaks": account(seen, breaks, result.labels)}
    return replace(Trend(**result.as_fields()), extra_flags=flags, meta=meta)


def _check_numbers(svy: Survey, name: str) -> None:
    """A slope is per unit of a number."""
    found = time_variable(svy._frame, name)
    if found.kind == "number":
        return
    levels = list(found.levels)
    made = f"d[{name!r}].map({{{levels[0]!r}: 2014, ...}}).astype(float)" if levels else "..."
    if found.kind == DATE:
        made = f"d[{name!r}].dt.year" if hasattr(svy._frame[name], "dt") else f"pd.to_datetime(d[{name!r}]).dt.year"
    elif levels and all(number(level) is not None for level in levels):
        made = f"d[{name!r}].astype(str).astype(float)"
    raise DataError(
        "A slope needs times that are numbers.",
        where=f"time={name!r}",
        found=f"{found.kind}, such as {str(text_of(levels[0]))!r}" if levels else found.kind,
        expected="a column of numbers",
        todo=f"svy.assign(t=lambda d: {made}), and time='t'",
    )


def _steps(waves: Waves) -> Steps:
    """The breaks that lie between waves, and which cells and columns get a step."""
    out = []
    for known in breaks_in(waves.target.svy.source):
        named = np.array([concerned_by(known, waves.target.svy, waves.columns(j)) for j in range(len(waves.heads))])
        if not named.any():
            continue
        after, there = after_by_wave(waves, known)[:, :, 0], waves.there[:, 0]
        later, earlier = (np.asarray((there & side).any(axis=2)) for side in (after > 0, ~(after > 0)))
        involved = np.asarray(np.isfinite(after).any(axis=(1, 2)))
        mask = involved[:, None] & ((later & earlier).any(axis=0) & named)
        if mask.any():
            out.append((known, mask, np.nan_to_num(after)))
    return out


def _concerned(waves: Waves, breaks: Sequence[Break]) -> np.ndarray:
    """(m,) the means that one of these breaks concerns."""
    svy = waves.target.svy
    heads = [any(concerned_by(known, svy, waves.columns(j)) for known in breaks) for j in range(len(waves.heads))]
    return np.tile(np.array(heads), len(waves.means.estimate) // len(heads))


def _models(waves: Waves, steps: Steps, g: int, j: int) -> list[tuple[str, list[str], Floats]]:
    """The models of a column in a cell: name, terms, and the T x q columns after the constant."""
    t = np.array(waves.times, dtype=np.float64)[:, None]
    own = [(known, after[g, j]) for known, mask, after in steps if mask[g, j]]
    models = [(WITHOUT, ["slope"], t)]
    if own:
        columns = np.column_stack([t, *[after for _, after in own]])
        models.append((WITH, ["slope", *[f"step {known.time}" for known, _ in own]], columns))
    return models


def _plan(waves: Waves, steps: Steps) -> tuple[Plan, pd.DataFrame]:
    """The rows: each term of each model of each variable in each cell, as weights of the waves."""
    cells, heads, weights, uses, told = [], [], [], [], []
    there = waves.there[:, 0]
    for g in range(len(waves.keys)):
        for j, head in enumerate(waves.heads):
            for measure, terms, columns in _models(waves, steps, g, j):
                for term, row in zip(terms, line_weights(columns, there[g, j]), strict=True):
                    cells.append(g)
                    heads.append(j)
                    weights.append(row)
                    uses.append(there[g, j])
                    told.append({**head, "term": term, "measure": measure})
    rows = waves.keys.iloc[cells].reset_index(drop=True)
    for name in ("variable", "level", "term", "measure"):
        if any(name in item for item in told):
            values = [item.get(name) for item in told]
            rows[name] = pd.Series(values, dtype=object if name == "level" else None)
    table = np.array(weights)[:, None, :]
    undefined = np.isnan(table).any(axis=(1, 2))
    if undefined.all():
        raise DataError(
            "No cell has two waves.",
            where=f"time={waves.time!r}",
            found=f"the times {', '.join(str(time) for time in waves.times)}, no cell at two of them",
            expected="a cell with people at two times at least",
            todo="choose coarser cells in by, or a domain with more times",
        )
    table[undefined] = 0
    cell, column = np.array(cells, dtype=np.intp), np.array(heads, dtype=np.intp)
    return Plan(cell, column, table, np.array(uses)[:, None, :], undefined), rows


def _saturated(plan: Plan, rows: pd.DataFrame) -> np.ndarray:
    """(k,) rows of models with as many terms, the constant included, as waves: they fit whatever the waves are."""
    models = pd.DataFrame({"cell": plan.cell, "head": plan.head, "measure": rows["measure"].to_numpy()})
    terms = models.groupby(["cell", "head", "measure"])["cell"].transform("size").to_numpy()
    return np.asarray((plan.uses.sum(axis=(1, 2)) == terms + 1) & ~plan.undefined)


def _tests(waves: Waves, steps: Steps, shifts: Shifts | None) -> list[dict[str, Any]]:
    """The joint tests of each cell and column."""
    moving = np.where(waves.means.vanishing, 0.0, 1.0)
    covariance = np.nan_to_num(waves.means.covariance) * np.outer(moving, moving)
    means = np.nan_to_num(waves.means.estimate, nan=0.0)
    if shifts is not None:
        means = means - shifts.means
        for loading in shifts.errors.values():
            covariance = covariance + loading.T @ loading
    out: list[dict[str, Any]] = []
    p = len(waves.heads)
    df = _design_df(waves)
    for g in range(len(waves.keys)):
        key = {str(name): waves.keys[name].iloc[g] for name in waves.keys.columns}
        for j, head in enumerate(waves.heads):
            there = waves.there[g, 0, j]
            at = waves.place[g, 0, there] * p + j
            m, v = means[at], covariance[np.ix_(at, at)]
            models = _models(waves, steps, g, j)
            constraints = [("any change", np.ones((there.sum(), 1)))]
            for name, (_, _, columns) in zip(("straight line", "straight line with steps"), models, strict=False):
                constraints.append((name, np.column_stack([np.ones(there.sum()), columns[there]])))
            for name, fitted in constraints:
                test = wald(m, v, fitted, df[g])
                out.append({**key, **head, "test": name, **_told(test)})
    return out


def _design_df(waves: Waves) -> Floats:
    """(G,) degrees of freedom of the rows of each cell at all times."""
    target, number = waves.target, len(waves.keys)
    owner = np.full(target.cells.number + 1, number, dtype=np.intp)
    for g in range(number):
        owner[waves.place[g][waves.place[g] >= 0]] = g
    codes = np.where(target.weights != 0, target.cells.codes, target.cells.number)
    return target.svy.design.cell_degrees_of_freedom(owner[codes], number)


def _told(test: Outcome) -> dict[str, Any]:
    """A test as columns."""
    return {
        "statistic": test.statistic,
        "df": test.df,
        "df_denominator": test.df_denominator,
        "p_value": test.p_value,
        "flag": "no_test" if np.isnan(test.statistic) else "",
    }
