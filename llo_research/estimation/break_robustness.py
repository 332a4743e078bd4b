"""How large a method break would have to be to undo a change, beside what is known of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from llo_research.errors import DataError
from llo_research.numerics.groups import Floats
from llo_research.results import floors
from llo_research.results.columns import rounded
from llo_research.results.quantities import Quantity
from llo_research.results.receipts.made_of import MadeOf
from llo_research.results.result import Result
from llo_research.results.retold import RetoldAround
from llo_research.results.seen import seen

_FUNCTIONS = ("change", "gap_change")
_IDENTIFIERS = ("variable", "level", "measure", "of", "minus")


@dataclass(frozen=True, repr=False, eq=False)
class BreakRobustness(RetoldAround):
    """Break sizes that would undo each change; made by :func:`break_robustness`.

    Attributes
    ----------
    frame : DataFrame
        One row for each row of the change.
    note : str
        How to read it.
    meta : dict
        That of the change.
    change : Result
        What it was made of.
    quantity : tuple of Quantity
        What kind of number each change is.
    """

    frame: pd.DataFrame
    note: str
    meta: dict[str, Any]
    change: Result
    quantity: tuple[Quantity, ...]

    def _made_of(self) -> MadeOf:
        asked = {"log": all(quantity.on == "log" for quantity in self.quantity)}
        return MadeOf("break_robustness", "llo.break_robustness({})", asked, self.change)

    def withheld(self, disclosure: str = "auto") -> floors.Withheld | None:
        """The rows that may not be seen; None where all may."""
        return floors.withheld(self.change, disclosure)

    def seen(self, disclosure: str = "auto") -> BreakRobustness:
        """The same without the numbers of rows that may not be seen; joint intervals are those of the others."""
        hidden = self.withheld(disclosure)
        if hidden is None or not hidden:
            return self
        found = break_robustness(seen(self.change, hidden)) if self.change.simultaneous else self
        return replace(self, frame=floors.blanked(found.frame, hidden))

    def to_frame(self) -> pd.DataFrame:
        """The numbers, not rounded."""
        return self.frame.copy()

    def summary(self) -> str:
        """The table and how to read it, as text."""
        told = [f"{item['time']}: {item['what']}" for item in self.meta.get("breaks", {}).get("straddled", [])]
        told_sizes = [i["known_size"] for i in self.meta.get("breaks", {}).get("straddled", []) if "known_size" in i]
        sizes = [str(size["en"] if isinstance(size, Mapping) else size) for size in told_sizes]
        lines = ["SYNTHETIC DATA: shows method, not the population"] if self.meta.get("synthetic") else []
        lines += ["breaks: " + "; ".join(told)] if told else ["no known series break lies between the times compared"]
        lines += ["known of their size: " + "; ".join(sizes)] if sizes else []
        shown, note = self._shown()
        told = [note] if note else []
        return "\n".join([*lines, "", shown.to_string(index=False), "", self.note, *told])

    def _shown(self) -> tuple[pd.DataFrame, str]:
        """The rounded table, dots where a row may not be seen, and why."""
        hidden = self.withheld()
        return floors.for_reading(rounded(self.seen().frame), hidden), hidden.note("en") if hidden else ""

    def __str__(self) -> str:
        return self.summary()

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        shown, note = self._shown()
        told = f"<p>{escape(note)}</p>" if note else ""
        return f"{shown.to_html(index=False)}<p>{self.note}</p>{told}"


def break_robustness(change: Result) -> BreakRobustness:
    """How large a method break would have to be to undo a change, for each row of a change or a change of a gap.

    Use it beside any change that straddles a series break of unknown size: instead of asking whether the break
    mattered, it says how much it would have had to matter. A reader who knows the survey can judge whether a new
    questionnaire can move a share by so many points.

    Parameters
    ----------
    change : Result
        From :func:`change` or :func:`gap_change`, with ``breaks="flag"`` where a break is straddled; one that was
        saved and read back serves as well.

    Returns
    -------
    BreakRobustness
        ``.to_frame()`` has the identifying columns of the change, `estimate`, `std_error`, and

        - ``size_not_significant``: the smallest break (new minus old method, with its sign) at which the interval of
          what is left reaches no change; 0 where the change is not significant to begin with;
        - ``size_zero``: the break that is the whole change;
        - ``size_reversed``: the break from which on a significant change in the other direction is left;
        - ``breaks``, ``what``: the times and words of the breaks that the row straddles;
        - ``known_shift``, ``known_shift_se``: what the source knows of the size, for this very row;
        - ``net_of_shift``, ``net_low``, ``net_high``: the change without it, and its interval;
        - ``verdict``: in words.

        For a ratio or odds the sizes are factors. After ``breaks="adjust"`` they are what the method would have to
        add beyond the shift that was taken off.

    Raises
    ------
    DataError
        Something else than a change.

    Notes
    -----
    With a change d, its standard error s and critical value c, a break of size b leaves d - b with the same standard
    error: not significant from b = d - sign(d) c s on, zero at b = d, significant the other way beyond d + sign(d) c s.
    A known shift with standard error e leaves d - shift with sqrt(s^2 + e^2). The idea is that of a tipping point
    (sensitivity) analysis [1]_ [2]_.

    References
    ----------
    .. [1] Rosenbaum, P. R. (2002). Observational Studies, 2nd ed. Springer, chapter 4.
    .. [2] van den Brakel, J. A., Smith, P. A. and Compton, S. (2008). Quality procedures for survey transitions:
       experiments, time series and discontinuities. Survey Research Methods, 2, 123-141.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"year": [2020] * 4 + [2022] * 4, "hours": [1.0, 2.0, 3.0, 2.0, 7.0, 8.0, 9.0, 8.0]})
    >>> source = {"breaks": [{"time": 2022, "what": "new questionnaire"}]}
    >>> svy = llo.Survey(frame.assign(w=1.0), weights="w", strata="year", time="year", source=source)
    >>> found = llo.break_robustness(llo.change("hours", svy, time="year", base=2020, breaks="flag")).to_frame()
    >>> found[["estimate", "size_not_significant", "size_zero"]].round(2).values.tolist()
    [[6.0, 4.59, 6.0]]
    """
    _check(change)
    log = all(quantity.on == "log" for quantity in change.quantity)
    theta, error = _on_scale(change.estimate, change.std_error, log)
    margin = change.critical * error
    toward = np.sign(theta)
    significant = np.abs(theta) > margin
    back = np.exp if log else np.asarray
    shift, shift_se = (_known(change, name) for name in ("shift", "shift_se"))
    adjusted = change.meta["breaks"]["option"] == "adjust"
    if adjusted or log:
        shift, shift_se = np.full(len(theta), np.nan), np.full(len(theta), np.nan)
    net, net_margin = theta - shift, change.critical * np.sqrt(error**2 + shift_se**2)
    told = _breaks_by_row(change)
    least = np.where(significant, theta - toward * margin, np.where(np.isnan(margin), np.nan, 0.0))
    names = [name for name in change.rows if name not in _IDENTIFIERS or name in ("variable", "level")]
    names += [name for name in ("measure", "of", "minus") if name in change.rows]
    frame = (
        change.rows[names]
        .reset_index(drop=True)
        .assign(
            estimate=change.estimate,
            std_error=change.std_error,
            size_not_significant=back(least),
            size_zero=back(theta),
            size_reversed=back(theta + toward * margin),
            breaks=[", ".join(str(item["time"]) for item in items) for items in told],
            what=["; ".join(str(item["what"]) for item in items) for items in told],
            known_shift=shift,
            known_shift_se=shift_se,
            net_of_shift=net,
            net_low=net - net_margin,
            net_high=net + net_margin,
        )
    )
    frame["verdict"] = _verdicts(frame, significant, theta, told, adjusted=adjusted)
    ends = {name: getattr(change, name) for name in ("level", "simultaneous", "methods", "intervals")}
    note = _note(change, log, adjusted)
    return BreakRobustness(frame, note, {**change.meta, **ends}, change, change.quantity)


def _check(change: object) -> None:
    """A result of llo.change or llo.gap_change, as it came."""
    if isinstance(change, Result):
        function = change.meta.get("call", {}).get("function")
        if function in _FUNCTIONS and "contrast" not in change.meta and "breaks" in change.meta:
            return
        found = f"a contrast of llo.{function}" if "contrast" in change.meta else f"a result of llo.{function}"
    else:
        found = f"a {type(change).__name__}"
    raise DataError(
        "The robustness against a break is that of a change.",
        where="break_robustness",
        found=found,
        expected="the result of llo.change or llo.gap_change",
        todo="llo.break_robustness(llo.change('training', svy, time='year', base=2014, breaks='flag'))",
    )


def _on_scale(estimate: Floats, std_error: Floats, log: bool) -> tuple[Floats, Floats]:
    """The change and its standard error on the scale on which breaks add."""
    if not log:
        return estimate, std_error
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(estimate), std_error / estimate


def _known(change: Result, name: str) -> Floats:
    """What the source knows of each row's break; nan where nothing."""
    values = change.meta["breaks"].get(name) or [None] * len(change.estimate)
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _breaks_by_row(change: Result) -> list[list[dict[str, Any]]]:
    """The breaks that each row straddles."""
    straddled = change.meta["breaks"]["straddled"]
    return [[item for item in straddled if label in item["rows"]] for label in change.labels]


def _verdicts(
    frame: pd.DataFrame, significant: np.ndarray, theta: Floats, told: list[list[dict[str, Any]]], *, adjusted: bool
) -> list[str]:
    """What each row comes to, in words."""
    out = []
    for i, row in frame.iterrows():
        number = int(str(i))
        if not np.isfinite(theta[number]) or not np.isfinite(row["std_error"]):
            out.append("no change can be estimated")
            continue
        if not told[number]:
            known = "no known break between the times; "
        elif adjusted:
            known = "net of the known shift; beyond it, "
        elif np.isfinite(row["known_shift"]) and np.isnan(row["known_shift_se"]):
            known = f"a shift of {row['known_shift']:.4g} is known, without standard error; "
        elif np.isfinite(row["known_shift"]):
            stays = row["net_low"] > 0 if theta[number] > 0 else row["net_high"] < 0
            known = f"{'stands' if stays else 'does not stand'} after the known shift of {row['known_shift']:.4g}; "
        else:
            known = "the size of the break is not known; "
        size = f"{row['size_not_significant']:.4g}"
        undone = f"a break of {size} or more in the direction of the change would undo its significance"
        out.append(known + (undone if significant[number] else "not significant to begin with"))
    return out


def _note(change: Result, log: bool, adjusted: bool) -> str:
    """How to read the sizes."""
    kind = "factors" if log else "in the unit of the estimate"
    what = "what the new method adds (new minus old) at the same time"
    note = f"Sizes are {kind}: {what}; intervals at level {change.level:g}."
    return f"{note} They are beyond the shift that was taken off already." if adjusted else note
