"""A table book: indicators by several breakdowns side by side, each cell against everybody else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from llo_research.errors import DataError
from llo_research.estimation.gaps import gap
from llo_research.estimation.means import mean
from llo_research.estimation.target import check_survey
from llo_research.estimation.variances import variance
from llo_research.numerics.groups import Floats
from llo_research.options import check_level, check_option, names_of
from llo_research.results.behind import smallest
from llo_research.results.columns import BREAKS
from llo_research.results.facts import Facts, Later
from llo_research.results.floors import FACTS
from llo_research.results.joint import joint, whose
from llo_research.results.result import Result
from llo_research.results.storage import plain, told_of
from llo_research.survey.variables import Variable, spelled, variable

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey

AGAINST = ("rest",)
_SIDE = "_side_of_the_banner"
_CELL, _REST = "cell", "rest"


@dataclass(frozen=True, repr=False, eq=False)
class Banner(Result):
    """The means of a table book, with the difference of each from everybody else; made by :func:`banner`.

    Attributes
    ----------
    differences : Result
        A row for each cell: its mean minus that of the rest, with the joint covariance of all of them.
    effect : (k,) array
        Cohen's h (shares) or d (other means) of each difference.
    """

    differences: Result | None = None
    effect: Floats | None = None

    def kept(self) -> dict[str, Any]:
        """The differences, and the sizes of effects."""
        assert self.differences is not None
        return {"differences": told_of(self.differences), "effect": plain(self.effect)}

    @classmethod
    def restored(cls, result: Result, own: Mapping[str, Any], rebuilt: Callable[[dict[str, Any]], Result]) -> Banner:
        """A table book, with the differences beside its means."""
        differences, effect = rebuilt(own["differences"]), np.array(own["effect"], dtype=np.float64)
        if len(differences.estimate) != len(result.estimate) or effect.shape != result.estimate.shape:
            raise ValueError("a table book with differences that do not fit its rows")
        return cls(**result.as_fields(), differences=differences, effect=effect)

    def to_frame(self) -> pd.DataFrame:
        """The means as a tidy frame, with `of` `minus` `difference` (and its ends) `p_value` `effect` beside them."""
        frame = super().to_frame()
        assert self.differences is not None and self.effect is not None
        told = self.differences.to_frame()
        beside = {"difference": "estimate", "difference_low": "conf_low", "difference_high": "conf_high"}
        new = {name: told[column].to_numpy() for name, column in [*beside.items(), ("p_value", "p_value")]}
        place = list(frame.columns).index("n")
        for number, (name, values) in enumerate({**new, "effect": self.effect}.items()):
            frame.insert(place + number, name, values)
        return frame


def banner(
    variables: str | Sequence[str],
    svy: Survey,
    *,
    by: str | Sequence[str],
    against: str = "rest",
    weak: float = 0.1,
    level: float = 0.95,
) -> Banner:
    """Indicators by several breakdowns side by side, each cell compared with everybody else: a page of a table book.

    Use it to see at once in which groups an indicator is high or low. Every cell is one that :func:`mean` gives with
    this breakdown, and every difference one that :func:`gap` gives of the cell and all others whose group is known.

    Parameters
    ----------
    variables : str or list of str
        Indicators: numbers or booleans. Each has its own people, those who answered it.
    svy : Survey
        The data.
    by : str or list of str
        The breakdowns; they are not crossed.
    against : {"rest"}
        What a cell is compared with: all others with a known level of the same breakdown.
    weak : float
        Cohen's h or d below which a difference is called weak, however certain it is.
    level : float
        Confidence level of the intervals, and of what counts as above or below.

    Returns
    -------
    Banner
        A :class:`Result` with a row for each indicator, breakdown and level: columns `variable` `group` `level` `of`
        `minus` `estimate` `std_error` ... `difference` `difference_low` `difference_high` `p_value` `effect` ...
        `flag`: ``above`` or ``below`` where the difference is beyond its uncertainty, with ``weak`` where the effect
        is smaller than `weak`. ``llo.report.table`` lays it out: indicators in rows, breakdowns side by side.

    Raises
    ------
    DataError
        Text or categories as an indicator, a breakdown with one level, an unknown option.

    Notes
    -----
    Many cells are compared: at a level of 95 % one in twenty is above or below by chance. h = 2 asin(sqrt p_1) -
    2 asin(sqrt p_2) for shares, d = difference over the pooled standard deviation for other means [1]_.

    References
    ----------
    .. [1] Cohen, J. (1988). Statistical Power Analysis for the Behavioral Sciences, 2nd ed. Erlbaum, chapters 2 and 6.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"trained": [1, 1, 1, 0, 0, 1, 0, 0], "sex": list("mmmmvvvv"), "w": 1.0})
    >>> found = llo.banner("trained", llo.Survey(frame, weights="w"), by="sex").to_frame()
    >>> found[["group", "level", "estimate", "difference", "effect"]].round(2).values.tolist()
    [['sex', 'm', 0.75, 0.5, 1.05], ['sex', 'v', 0.25, -0.5, -1.05]]
    """
    check_survey(svy)
    check_option(against, "against", AGAINST)
    check_level(level)
    if isinstance(weak, bool) or not isinstance(weak, int | float | np.number) or not weak >= 0:
        raise DataError(
            "weak is a size of effect.", where="weak", found=repr(weak)[:60], expected="0 or more", todo="weak=0.1"
        )
    names, breakdowns = names_of(variables, "variables"), names_of(by, "by")
    svy = svy._with_conditions(breakdowns)
    breakdowns = [spelled(svy._frame, name) for name in breakdowns]
    means: dict[str, Result] = {}
    gaps: dict[str, Result] = {}
    effects: list[float] = []
    rows: list[dict[str, Any]] = []
    for name in names:
        for group in breakdowns:
            found = _mean(name, svy, group, level)
            means[f"{name} by {group}"] = found
            for cell in found.rows[group]:
                sides = svy.assign(**{_SIDE: _sides(svy, group, cell)})
                difference = gap(name, sides, group=_SIDE, of=_CELL, minus=_REST, level=level)
                gaps[f"{name} by {group}: {cell}"] = difference
                effects.append(_effect(name, sides, difference))
                rows.append({"variable": name, "group": group, "level": cell, "of": str(cell), "minus": _REST})
    call = {"variables": names, "by": breakdowns, "against": against, "weak": float(weak)}
    return _made(means, gaps, effects, rows, call)


def _mean(name: str, svy: Survey, group: str, level: float) -> Result:
    """The means of an indicator by one breakdown of two levels or more."""
    found = mean(name, svy, by=group, level=level)
    if "level" in found.rows and found.rows["level"].notna().any():
        raise DataError(
            f"{name!r} is text or categories; an indicator is a number.",
            where="banner",
            found=f"a row for each of {found.rows['level'].nunique()} levels",
            expected="numbers, booleans",
            todo="make an indicator of the level that you mean: svy.assign(...)",
        )
    if len(found.rows) < 2:
        raise DataError(
            "There is nobody else to compare with.",
            where=f"by {group!r}, {name!r}",
            found=f"{len(found.rows)} level with people",
            expected="a breakdown with two or more levels",
            todo="leave it out of by, or check the domain",
        )
    return found


def _sides(svy: Survey, group: str, cell: Any) -> np.ndarray:
    """Who is in a cell, and who is in another one of the same breakdown; nothing where it is not known."""
    found: Variable = variable(svy._frame, group, "by")
    inside = found.codes == list(found.levels).index(cell)
    out = np.where(inside, _CELL, _REST).astype(object)
    out[found.missing] = None
    return out


def _effect(name: str, sides: Survey, difference: Result) -> float:
    """Cohen's h of two shares, or d of two other means."""
    both = mean(name, sides, by=_SIDE)
    order = both.rows[_SIDE].tolist()
    a, b = both.estimate[order.index(_CELL)], both.estimate[order.index(_REST)]
    if set(both.meta["unit"].values()) == {"share"}:
        return float(2 * np.arcsin(np.sqrt(a)) - 2 * np.arcsin(np.sqrt(b)))
    spread = variance(name, sides, by=_SIDE)
    assert spread.n is not None
    weights = np.maximum(spread.n - 1, 0)
    parts = np.where(weights > 0, spread.estimate, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(difference.estimate[0] / np.sqrt((weights * parts).sum() / weights.sum()))


def _made(
    means: dict[str, Result],
    gaps: dict[str, Result],
    effects: list[float],
    rows: list[dict[str, Any]],
    call: dict[str, Any],
) -> Banner:
    """The table book as one result."""
    whole, differences = joint(means), joint(gaps)
    frame, effect = pd.DataFrame(rows), np.array(effects)
    told = differences.to_frame()
    sure = (told["p_value"] < 1 - whole.level).to_numpy()
    up, small = (told["estimate"] > 0).to_numpy(), np.abs(effect) < call["weak"]
    words = [
        "" if not s else ("above" if u else "below") + (" weak" if w else "")
        for s, u, w in zip(sure, up, small, strict=True)
    ]
    none = ("",) * len(words)
    breaks = [[word for word in flag.split() if word in BREAKS] for flag in differences.extra_flags or none]
    own = [" ".join([flag, *over]) for flag, over in zip(whole.extra_flags or none, breaks, strict=True)]
    varying = [name for name in ("variable", "group", "level") if frame[name].nunique() > 1]
    labels = tuple(":".join(str(v) for v in row) for row in frame[varying].itertuples(index=False, name=None))
    weights = {r.rows["variable"].iloc[0]: r.meta.get("weight") for r in means.values()}
    meta = {**whole.meta, "call": {"function": "banner", **call, "level": whole.level}, "weight": whose(weights)}
    flags = tuple(f"{one} {other}".strip() for one, other in zip(own, words, strict=True))
    both = Later(_facts, whole.cell_details, differences.cell_details)
    shown: dict[str, Any] = {"rows": frame, "labels": labels, "meta": meta, "extra_flags": flags, "cell_details": both}
    return Banner(**{**whole.as_fields(), **shown}, differences=differences, effect=effect)


def _facts(whole: Facts, differences: Facts) -> pd.DataFrame:
    """Disclosure facts of each cell and of its difference from the rest: those of the smaller."""
    facts = pd.concat([part()[list(FACTS)] for part in (whole, differences)], ignore_index=True)
    return smallest(facts, np.hstack([np.eye(len(whole()), dtype=bool)] * 2))
