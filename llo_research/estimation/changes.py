"""Changes between times: of a mean, and of the gap between two groups; later minus base."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from llo_research.errors import DataError
from llo_research.estimation.assemble import Options
from llo_research.estimation.comparisons import Shifts, check_scale, compare
from llo_research.estimation.pairs import Sides, check_options, check_shares, columns_of_groups
from llo_research.estimation.series_breaks import exposure, known_shifts, refuse
from llo_research.estimation.times import as_time, refuse_group_of_times
from llo_research.estimation.waves import Plan, Waves, cells_with_time, from_base, make_waves, time_of
from llo_research.options import names_of
from llo_research.results.breaks import Exposure, account, check_option, flagged
from llo_research.results.dated import text_of
from llo_research.results.result import Result
from llo_research.survey.lazy import survey_for

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey


def change(
    variables: str | Sequence[str],
    svy: Survey,
    *,
    by: str | Sequence[str] | None = None,
    time: str,
    base: Any,
    breaks: str = "refuse",
    scale: str = "difference",
    level: float = 0.95,
    missing: str = "omit",
    simultaneous: bool = False,
) -> Result:
    """Change of a mean since a base: each later time minus the base, of all people or of each cell of `by`.

    Use it for the change between waves, whether they are independent samples, overlap in part (a rotating panel) or
    are the same persons: a Survey with ``unit`` (or a ``psu`` that persons keep) knows which rows belong together, and
    the covariance of the waves enters the standard error. For a line through all waves see :func:`trend`.

    Parameters
    ----------
    variables : str or list of str
        Numbers, booleans or conditions (their means); text and categoricals give a row for each level.
    svy : Survey
        The data of all times.
    by : str or list of str, optional
        One set of rows for each cell. A cell without people at the base or at the later time has an undefined
        change, flagged ``empty``.
    time : str
        Column of the times: numbers, dates or ordered categories. Plain text has no order and is refused.
    base : time
        The time that all later ones are compared with. Times before it are left out; ``.meta["earlier_times"]``
        counts their rows.
    breaks : {"refuse", "flag", "adjust"}
        When base and later time lie on two sides of a series break that the survey's source tells of
        (``svy.source["breaks"]``; it is placed by the survey's own times, and concerns what is made from its variables,
        their cells and domains as well): raise; return the row with the flag ``break``; or take off what the new method
        is known to add, with its uncertainty in the standard error (flag ``break_adjusted``). The last needs
        ``shift`` and ``shift_se`` in the break's entry, from a parallel run of both methods, and raises where they
        are not there: a size that nobody measured is not made up (:mod:`llo_research.results.breaks` describes the
        entries).
    scale : {"difference", "ratio", "odds"}
        Later minus base; later over base; or the odds ratio of two shares. Intervals and tests of the last two are
        made on the log scale, against a ratio of 1.
    level, missing, simultaneous
        As in :func:`mean`. ``missing="omit"`` leaves a row out at its own time only: persons with a missing value in
        one wave stay in the other.

    Returns
    -------
    Result
        A row for each cell, later time and variable: columns `by`, the time column (the later time), `variable`,
        `level`, `measure` (the scale), `of` (later time), `minus` (base), `estimate`, `std_error`, `statistic`,
        `df`, `p_value`, `conf_low`, `conf_high`, `n`, `flag`. ``.meta["breaks"]`` names the breaks that are straddled.

    Raises
    ------
    DataError
        No such column, a base that is not among the times, only one time, a series break that is straddled.

    Notes
    -----
    d = m_t - m_0, with influence z_t - z_0, so that var(d) = v_t + v_0 - 2 c_t0: the covariance c_t0 is that of the
    persons (or sampling units) in both waves, and 0 for independent samples [1]_ [2]_. After calibration of each wave
    the residuals of both calibrations take the place of z. Degrees of freedom are those of both times together. An
    adjustment gives d - s, var(d) + se(s)^2; changes that straddle the same break share the error of s; the degrees
    of freedom stay those of the survey.

    References
    ----------
    .. [1] Kish, L. (1965). Survey Sampling. Wiley, section 12.4.
    .. [2] Berger, Y. G. and Priam, R. (2016). A simple variance estimator of change for rotating repeated surveys: an
       application to the EU-SILC household surveys. Journal of the Royal Statistical Society A, 179, 251-272.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"year": [2014, 2014, 2018, 2018], "id": [1, 2, 1, 2], "hours": [1.0, 4.0, 3.0, 5.0]})
    >>> svy = llo.Survey(frame.assign(w=1.0), weights="w", unit="id", time="year")
    >>> changed = llo.change("hours", svy, time="year", base=2014).to_frame()
    >>> changed[["year", "estimate", "std_error"]].round(3).values.tolist()
    [[2018.0, 1.5, 0.5]]
    """
    names = names_of(variables, "variables")
    _check(scale, breaks)
    svy = survey_for(svy, names, cells_with_time(by, time))
    found = time_of(svy, time)
    base = as_time(base, found)
    svy, earlier = from_base(svy, found, base)
    call = {"function": "change", "variables": names, "by": by, "time": time, "base": base}
    options = Options(level, "wald", simultaneous, {**call, "breaks": breaks, "scale": scale, "missing": missing})
    waves = make_waves(names, svy, by, time, missing, options)
    return _changes(waves, base, breaks, scale, earlier)


def gap_change(
    variable: str | Sequence[str],
    svy: Survey,
    *,
    group: str | None = None,
    of: Any,
    minus: Any,
    by: str | Sequence[str] | None = None,
    time: str,
    base: Any,
    breaks: str = "refuse",
    scale: str = "difference",
    level: float = 0.95,
    missing: str = "omit",
    simultaneous: bool = False,
) -> Result:
    """Change of the gap between two groups since a base: the gap at each later time minus the gap at the base.

    Use it to say whether a gap widened. It is not the same as a gap that is significant in one year and not in
    another: the standard error here is that of the difference of the two gaps. Where the groups' shares of the
    population move (fewer low educated), a gap also moves by selection alone.

    Parameters
    ----------
    variable : str or list of str
        Numbers, booleans or conditions (their means); text and categoricals give a row for each level.
    svy : Survey
        The data of all times.
    group : str, optional
        Column of which `of` and `minus` are two levels. Without it they are conditions, as in :func:`gap`.
    of, minus : level or str
        The two groups; a gap is mean(of) - mean(minus). Nothing swaps them.
    by : str or list of str, optional
        One set of rows for each cell. Where one group has no people at one of the two times, the change is undefined
        and flagged ``empty``.
    time, base, breaks, level, simultaneous
        As in :func:`change`; a break of the groups' own definition is one as well. With ``breaks="adjust"`` a gap needs
        the shifts of both groups (``shifts`` in the break's entry), or one that is said to be ``uniform``, which leaves
        a gap as it is.
    scale : {"difference", "ratio", "odds"}
        Difference of the differences; ratio of the ratios mean(of)/mean(minus); ratio of the odds ratios. The last
        two have intervals and tests on the log scale, against 1.
    missing : {"omit", "raise"}
        As in :func:`gap`.

    Returns
    -------
    Result
        Columns `by`, the time column (the later time), `variable`, `level`, `measure`, `of`, `minus` (the groups),
        `estimate`, `std_error`, `statistic`, `df`, `p_value`, `conf_low`, `conf_high`, `n`, `flag`; the base stands in
        ``.meta["base"]``.

    Raises
    ------
    DataError
        As :func:`change` and :func:`gap`.

    Notes
    -----
    (a_t - b_t) - (a_0 - b_0), a linear map of four means with their joint covariance: persons in both waves, and
    clusters with people of both groups, count.

    References
    ----------
    Kish, L. (1965). Survey Sampling. Wiley, sections 12.4 and 12.11.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"year": [2014] * 4 + [2018] * 4, "education": ["high", "high", "low", "low"] * 2,
    ...                       "trained": [1, 0, 0, 0, 1, 1, 0, 0], "id": [1, 2, 3, 4] * 2, "w": 1.0})
    >>> svy = llo.Survey(frame, weights="w", unit="id", time="year")
    >>> llo.gap_change("trained", svy, group="education", of="high", minus="low", time="year", base=2014).estimate
    array([0.5])
    """
    names = names_of(variable, "variable")
    _check(scale, breaks)
    check_options(scale, missing, group, by)
    columns = cells_with_time(by, time)
    refuse_group_of_times(group, time)
    svy = survey_for(svy, names, [*columns, *columns_of_groups(group, of, minus)])
    found = time_of(svy, time)
    base = as_time(base, found)
    svy, earlier = from_base(svy, found, base)
    sides = Sides(group, of, minus)
    call = {"function": "gap_change", "variable": names, "group": group, "of": of, "minus": minus, "by": by}
    call |= {"time": time, "base": base, "breaks": breaks, "scale": scale, "missing": missing}
    waves = make_waves(names, svy, by, time, missing, Options(level, "wald", simultaneous, call), sides)
    return _changes(waves, base, breaks, scale, earlier)


def _check(scale: str, breaks: str) -> None:
    """Options of changes, and what they allow together."""
    check_option(breaks)
    check_scale(scale)
    if breaks == "adjust" and scale != "difference":
        raise DataError(
            "A shift is taken off a mean, so that an adjusted change is a difference.",
            where=f"breaks='adjust', scale={scale!r}",
            expected="scale='difference'",
            todo="breaks='flag' for a ratio, with the break told beside it",
        )


def _changes(waves: Waves, base: Any, breaks: str, scale: str, earlier: dict[str, int]) -> Result:
    """All later times against the base, cells outside, times next, columns inside."""
    if scale == "odds":
        check_shares(waves.target)
    first = _position(waves, base)
    base, later = waves.times[first], np.flatnonzero(np.arange(len(waves.times)) != first)
    n_cells, n_sides, p = len(waves.keys), waves.place.shape[1], len(waves.heads)
    cell, time, head = (part.ravel() for part in np.indices((n_cells, len(later), p)))
    sign = np.array([1.0, -1.0])[:n_sides]
    weights = np.zeros((len(cell), n_sides, len(waves.times)))
    weights[np.arange(len(cell)), :, later[time]] = sign
    weights[:, :, first] = -sign
    plan = Plan(cell, head, weights, weights != 0, np.zeros(len(cell), dtype=bool))
    seen = exposure(waves, plan)
    shifts = _shifts(waves, plan, seen, breaks)
    rows = _rows(waves, plan, later[time], base, scale)
    meta = {
        "time": waves.time,
        "base": base,
        "times": list(waves.times),
        "earlier_times": earlier,
        "base_levels": {**waves.means.meta["base_levels"], **_base_levels(waves, base)},
    }
    if waves.sides is not None:
        meta["gap_signs"] = _signs(waves, plan, weights, first, shifts if breaks == "adjust" else None)
    result = compare(
        waves.means,
        rows,
        plan.of(waves),
        kind="change" if waves.sides is None else "gap_change",
        scale=scale,
        shifts=shifts if breaks == "adjust" else None,
        labels=waves.labelled(rows),
        meta=meta,
    )
    return _told(result, seen, breaks, _known(waves, plan, seen))


def _signs(waves: Waves, plan: Plan, weights: np.ndarray, first: int, shifts: Shifts | None) -> dict[str, list[int]]:
    """The sign of each row's gap at the earlier and at the later time, which tell whether it widened or narrowed."""
    means = np.nan_to_num(waves.means.estimate - (0.0 if shifts is None else shifts.means))
    at = np.arange(len(waves.times)) == first
    both = {"earlier": -np.where(at, weights, 0.0), "later": np.where(at, 0.0, weights)}
    maps = {name: replace(plan, weights=own, uses=own != 0).of(waves).defined for name, own in both.items()}
    return {name: [int(sign) for sign in np.sign(own @ means)] for name, own in maps.items()}


def _position(waves: Waves, base: Any) -> int:
    """The base among the times; somebody has a value there."""
    if base in waves.times and waves.there[..., waves.times.index(base)].any():
        return waves.times.index(base)
    with_values = [time for t, time in enumerate(waves.times) if waves.there[..., t].any()]
    raise DataError(
        "Nobody has a value at the base.",
        where=f"{', '.join(str(head['variable']) for head in waves.heads[:5])}, base={text_of(base)!r}",
        found=f"values at {', '.join(str(text_of(time)) for time in with_values) or 'no time'}",
        expected="a base at which the question was asked",
        todo="choose one of the times with values as the base",
    )


def _shifts(waves: Waves, plan: Plan, seen: Exposure, breaks: str) -> Shifts | None:
    """What is to be taken off the means; a straddled break is refused here when it may not be."""
    if breaks == "refuse":
        what = "The change" if waves.sides is None else "The change of the gap"
        refuse(seen, waves, what=what)
    if breaks != "adjust" or not seen.breaks:
        return None
    needed = abs(plan.of(waves).linear[seen.rows]).sum(axis=0) != 0
    return known_shifts(waves, seen.breaks, needed=needed)[0]


def _known(waves: Waves, plan: Plan, seen: Exposure) -> dict[str, list[float | None]]:
    """The shift of each row and its standard error, where the source gives them."""
    shifts, unknown = known_shifts(waves, seen.breaks, needed=None)
    matrix = plan.of(waves).linear
    lacking = abs(matrix) @ unknown.astype(np.float64) > 0
    size = matrix @ shifts.means
    net = matrix @ shifts.design
    error = np.sqrt(np.where(net != 0, net**2 * shifts.std_error**2, 0.0).sum(axis=1))
    known = seen.rows & ~lacking
    return {
        "shift": [float(s) if k else None for s, k in zip(size, known, strict=True)],
        "shift_se": [float(e) if k and np.isfinite(e) else None for e, k in zip(error, known, strict=True)],
    }


def _rows(waves: Waves, plan: Plan, time: Any, base: Any, scale: str) -> pd.DataFrame:
    """What identifies each row: cell, later time, variable, level, measure, of, minus."""
    rows = waves.keys.iloc[plan.cell].reset_index(drop=True)
    later = pd.Series([waves.times[t] for t in time])
    rows[waves.time] = later.astype(waves.stored) if isinstance(waves.stored, pd.CategoricalDtype) else later
    for name in ("variable", "level"):
        if any(name in head for head in waves.heads):
            values = [waves.heads[j].get(name) for j in plan.head]
            rows[name] = pd.Series(values, dtype=object if name == "level" else None)
    rows["measure"] = scale
    if waves.sides is None:
        return rows.assign(of=[waves.times[t] for t in time], minus=[base] * len(rows))
    return rows.assign(of=str(waves.sides.of), minus=str(waves.sides.minus))


def _base_levels(waves: Waves, base: Any) -> dict[str, Any]:
    """The base time, and the groups of a gap."""
    told = {waves.time: base}
    return told if waves.sides is None else {**told, "of": str(waves.sides.of), "minus": str(waves.sides.minus)}


def _told(result: Result, seen: Exposure, breaks: str, known: dict[str, Any]) -> Result:
    """The result with flags on the rows that straddle a break, and the breaks in ``.meta``."""
    word = "break_adjusted" if breaks == "adjust" else "break"
    meta = {**result.meta, "breaks": {**account(seen, breaks, result.labels), **known}}
    return replace(result, extra_flags=flagged(result.extra_flags, seen.rows, word), meta=meta)
