"""Event-time profiles: how an outcome moves before and after something happens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from llo_research.errors import DataError, IdentificationError
from llo_research.numerics.groups import Floats
from llo_research.regression.covariances import VcovOptions
from llo_research.regression.fit import Fit
from llo_research.regression.panel.call import Call
from llo_research.regression.panel.effects import column_of, effect_names
from llo_research.regression.panel.fixed_effects import found
from llo_research.survey.variables import column, variable

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey


def event_time(
    formula: str,
    svy: Survey,
    *,
    event: str,
    window: tuple[int, int] = (-3, 3),
    effects: str | Sequence[str] = ("unit", "time"),
    vcov: str = "design",
    cluster: str | list[str] | None = None,
    lags: int | None = None,
    small_sample: str | None = None,
    seed: int | None = None,
    draws: int = 9999,
    level: float = 0.95,
    missing: str = "omit",
    plausible: bool = False,
) -> Fit:
    """Profile of an outcome by time since an event, against the last time before it.

    Use it to see whether an outcome moved before something happened (it should not) and how it moves after.

    Parameters
    ----------
    formula : str
        ``"y ~ x"``, or ``"y ~ 1"`` for the profile alone.
    svy : Survey
        With `time`, and with `unit` for the default effects.
    event : str
        A column with the time of the event, missing for those without one; or a column of yes and no that says whether
        it happened at this time, of which each unit's first yes counts.
    window : (int, int)
        First and last time from the event that have their own term; rows beyond belong to the ends.
    effects : str or list of str
        As in :func:`fixed_effects`; for repeated cross-sections columns, as ``("sector", "year")``.
    vcov, cluster, lags, small_sample, seed, draws, level, missing, plausible
        As in :func:`fixed_effects`.

    Returns
    -------
    Fit
        Terms of the formula, and ``event[k]`` for each k of the window that occurs but the reference, the last one
        before 0 (-1 where waves are yearly), which is 0.

    Raises
    ------
    DataError
        A window that does not hold 0; an event that is neither a time nor yes and no.
    IdentificationError
        No row before, or none after the event; nobody without the event and no rows beyond the window, so that a line
        through all k cannot be told from the effects.

    Notes
    -----
    Fixed effects with dummies of k = time - event, the ends of the window holding all beyond [1]_. Where the effect
    differs between those with early and late events, a coefficient is a mixture of several k [2]_: compare the profile
    by cohort of the event.

    References
    ----------
    .. [1] Schmidheiny, K. and Siegloch, S. (2023). On event studies and distributed-lags in two-way fixed effects
       models: identification, equivalence, and generalization. Journal of Applied Econometrics, 38, 695-713.
    .. [2] Sun, L. and Abraham, S. (2021). Estimating dynamic treatment effects in event studies with heterogeneous
       treatment effects. Journal of Econometrics, 225, 175-199.

    Examples
    --------
    >>> import numpy as np, pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"who": np.repeat(range(40), 5), "year": list(range(5)) * 40, "w": 1.0})
    >>> frame["when"] = np.repeat([2.0, np.nan], 100)
    >>> frame["y"] = 3.0 * (frame["year"] >= frame["when"]) + frame["who"] + np.sin(7.0 * frame.index)
    >>> svy = llo.Survey(frame, weights="w", unit="who", time="year")
    >>> fit = llo.panel.event_time("y ~ 1", svy, event="when", window=(-2, 2))
    >>> fit.to_frame()["term"].tolist(), fit.meta["reference"]
    (['event[-2]', 'event[0]', 'event[1]', 'event[2]'], 'event[-1]')
    """
    low, high = _window(window)
    options = VcovOptions(vcov, cluster, lags, small_sample, seed, draws)  # type: ignore[arg-type]  # made a tuple there
    names = effect_names(effects, svy)
    since = _since(svy, event)
    binned = np.clip(since, low, high)
    occurring = [int(k) for k in np.unique(binned[~np.isnan(binned) & svy.domain & (svy._weights != 0)])]
    before = [k for k in occurring if k < 0]
    if not before or max(occurring) < 0:
        raise IdentificationError(
            f"There is no row {'before' if not before else 'after'} the event.",
            where=f"event {event!r}",
            found=f"times from the event: {', '.join(map(str, occurring))}",
            expected="rows before and after",
        )
    reference = max(before)
    terms = {f"event[{k}]": np.where(np.isnan(binned), 0.0, binned == k) for k in occurring if k != reference}
    text = " + ".join([formula, *(f"`{name}`" for name in terms)])
    own: dict[str, Any] = {"event": event, "window": [low, high], "effects": list(names)}
    call = Call("event_time", text, options, level, missing, plausible, own)
    told = {
        "reference": f"event[{reference}]",
        "without_event": int((np.isnan(since) & svy.domain).sum()),
        "beyond_window": int(((since < low) | (since > high))[svy.domain].sum()),
    }
    made = svy.assign(**terms)
    return call.fit(
        made, lambda data, panel: found(data, panel, names, told), also=list(names.values()), needs_unit="unit" in names
    )


def _window(window: tuple[int, int]) -> tuple[int, int]:
    """Two whole numbers around 0."""
    ends = list(window) if isinstance(window, tuple | list) else []
    if len(ends) != 2 or not all(isinstance(end, int | np.integer) for end in ends) or not ends[0] < 0 <= ends[1]:
        raise DataError(
            "The window goes from before the event to its time or after.",
            where="window",
            found=repr(window),
            expected="two whole numbers, as (-3, 3)",
        )
    return int(ends[0]), int(ends[1])


def _since(svy: Survey, event: str) -> Floats:
    """(n,) time since the event; nan for those without one."""
    when, time = variable(svy._frame, event, "event"), column(svy._frame, column_of("time", svy), "time")
    position = _positions(time)
    if when.kind == "boolean" or (when.kind == "number" and set(np.unique(when.values[~when.missing])) <= {0.0, 1.0}):
        return _since_first(svy, np.nan_to_num(when.values) == 1, position)
    if pd.api.types.is_numeric_dtype(time.dtype):
        if when.kind != "number":
            raise DataError(
                "The event is neither a time nor yes and no.",
                where=f"column {event!r}",
                found=f"{when.kind}, while {time.name!r} holds numbers",
                expected=f"the {time.name} of the event, missing where there was none; or True and False",
            )
        return np.asarray(position - when.values)
    place = dict(zip(time.cat.categories, range(len(time.cat.categories)), strict=True))
    of_event = np.array([np.nan if pd.isna(v) else place.get(v, np.nan) for v in when.series], dtype=np.float64)
    return np.asarray(position - of_event)


def _positions(time: pd.Series) -> Floats:
    """(n,) times as numbers: their own, or places among the ordered categories."""
    if pd.api.types.is_numeric_dtype(time.dtype):
        return time.to_numpy(dtype=np.float64, na_value=np.nan)
    if isinstance(time.dtype, pd.CategoricalDtype) and time.cat.ordered:
        return np.where(time.cat.codes < 0, np.nan, time.cat.codes).astype(np.float64)
    raise DataError(
        "Times from an event are counted in numbers or ordered categories.",
        where=f"time {time.name!r}",
        found=str(time.dtype),
        todo="make a column of whole numbers for the waves, with svy.assign(wave=...), before the Survey is made",
    )


def _since_first(svy: Survey, happened: np.ndarray, position: Floats) -> Floats:
    """(n,) time since the unit's first row with the event."""
    units = pd.factorize(column(svy._frame, column_of("unit", svy), "unit"))[0]
    first = np.full(int(units.max()) + 1, np.inf)
    np.minimum.at(first, units[happened], position[happened])
    first[np.isinf(first)] = np.nan
    return np.asarray(position - first[units])
