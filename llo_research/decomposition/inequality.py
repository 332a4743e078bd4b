"""How unequally something is spread: within and between groups, or along a ranking and what goes with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from llo_research.decomposition.parts import TOTAL
from llo_research.decomposition.plausible import drawn
from llo_research.decomposition.ranked import ranked
from llo_research.decomposition.spread import Spread, check_amounts, check_someone
from llo_research.design.scores import Block, Scores
from llo_research.errors import DataError
from llo_research.estimation.target import Target, make_target
from llo_research.numerics.groups import Codes, Floats
from llo_research.numerics.inequality import GROUPED, RANKED, Index, grouped_scores
from llo_research.options import check_level, check_option, check_switch
from llo_research.results.dated import text_of
from llo_research.results.decomposition import Decomposition
from llo_research.results.estimates import Estimates, slopes, smooth
from llo_research.survey.lazy import cells_of, survey_for

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey


def inequality(
    variable: str,
    svy: Survey,
    *,
    by: str | Sequence[str] | None = None,
    measure: str = "theil",
    rank: str | None = None,
    aversion: float = 1.0,
    bounds: tuple[float, float] | None = None,
    level: float = 0.95,
    missing: str = "omit",
    plausible: bool = False,
) -> Decomposition:
    """Inequality of an amount, within and between groups, or along a ranking of people.

    Use it to ask who takes the hours of training: how much of their inequality is between the higher and lower
    educated, and how much among people of the same education; or whether they go to those who earn more, and what that
    goes together with.

    Parameters
    ----------
    variable : str
        An amount that is never negative (hours, wages). With `rank` also a formula, ``"hours ~ age + C(contract)"``,
        which lays the index to its terms.
    svy : Survey
        The data.
    by : str or list of str, optional
        Groups within and between which the inequality is; of the measures without `rank`.
    measure : str
        ``"theil"``, ``"mld"`` (mean log deviation), ``"atkinson"``, ``"gini"``; with `rank` ``"concentration"``
        (concentration index), ``"erreygers"`` or ``"wagstaff"`` (corrected for outcomes with bounds).
    rank : str, optional
        A number, or an ordered category, by which people are ranked from low to high; those who rank alike share the
        middle of their ranks.
    aversion : float
        Of Atkinson's measure, above 0.
    bounds : (low, high), optional
        Of the outcome, for ``erreygers`` and ``wagstaff``; (0, 1) where it is 0 or 1.
    level, missing, plausible
        As in :func:`llo.mean`.

    Returns
    -------
    Decomposition
        `component` ``total``; with `by` ``within`` and ``between`` (of Gini's coefficient also ``overlap``); of a
        formula ``explained`` with a `term` each, and ``residual``. `share_of_gap` is the share of the total. Of groups
        ``.meta["groups"]`` tells share of people, share of the amount, mean, and the measure of each.

    Raises
    ------
    DataError
        Negative amounts or nothing but zeros; zeros where a logarithm is taken (``mld``, ``atkinson`` with an aversion
        of 1 and more); a ranking without an order; an outcome outside its bounds.

    Notes
    -----
    With f_k the share of people of group k, s_k its share of the amount, mu_k its mean [1]_ [2]_:

        theil     sum w y log(y/mu) / (W mu);  within sum s_k T_k, between sum s_k log(mu_k/mu)
        mld       sum w log(mu/y) / W;         within sum f_k L_k, between sum f_k log(mu/mu_k)
        atkinson  1 - EDE/mu;                  within 1 - sum f_k EDE_k/mu, between (sum f_k EDE_k - EDE)/mu
        gini      sum sum w_i w_j abs(y_i - y_j) / (2 W^2 mu);  within sum f_k s_k G_k, between that of the means

    (the rest of Gini's coefficient is overlap [3]_). EDE is the amount that, equal for all, would do as well: the mean
    of y^(1-e) to the power 1/(1-e), at e = 1 exp(mean of log y).

    With the fractional rank R the concentration index is C = 2 cov(y, R)/mu, between -1 (all with the lowest) and 1.
    Of outcomes with bounds a and b Erreygers' [4]_ is 4 mu C/(b - a), Wagstaff's mu (b - a) C/((b - mu)(mu - a)). With
    y = x'beta + e of a linear model it is the sum of beta_k 2 cov(x_k, R) and 2 cov(e, R), times the same factor [5]_.

    All of it is a smooth function of sums over people, of which those over pairs (Gini's, ranks) have influence values
    that count everybody's rank as estimated. Nothing is held fixed.

    References
    ----------
    .. [1] Shorrocks, A. F. (1980). The class of additively decomposable inequality measures. Econometrica, 48, 613-625.
    .. [2] Blackorby, C., Donaldson, D. and Auersperg, M. (1981). A new procedure for the measurement of inequality
       within and among population subgroups. Canadian Journal of Economics, 14, 665-685.
    .. [3] Lambert, P. J. and Aronson, J. R. (1993). Inequality decomposition analysis and the Gini coefficient
       revisited. Economic Journal, 103, 1221-1227.
    .. [4] Erreygers, G. (2009). Correcting the concentration index. Journal of Health Economics, 28, 504-515. Wagstaff,
       A. (2005). The bounds of the concentration index when the variable of interest is binary, with an application to
       immunization inequality. Health Economics, 14, 429-432.
    .. [5] Wagstaff, A., van Doorslaer, E. and Watanabe, N. (2003). On decomposing the causes of health sector
       inequalities with an application to malnutrition inequalities in Vietnam. Journal of Econometrics, 112, 207-223.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"hours": [1.0, 3.0, 4.0, 8.0], "education": ["low", "low", "high", "high"], "w": 1.0})
    >>> parts = llo.decomposition.inequality("hours", llo.Survey(frame, weights="w"), by="education", measure="gini")
    >>> parts.to_frame()[["component", "estimate"]].round(3).values.tolist()
    [['total', 0.344], ['within', 0.094], ['between', 0.25], ['overlap', 0.0]]
    """
    check_level(level)
    check_option(missing, "missing", ("omit", "raise"))
    check_switch(plausible, "plausible")
    check_option(measure, "measure", (*GROUPED, *RANKED))
    index = _checked(variable, by, measure, rank, aversion, bounds)
    if plausible:
        given = {"variable": variable}
        options: dict[str, Any] = {"by": by, "measure": measure, "rank": rank, "aversion": aversion, "bounds": bounds}
        return drawn(inequality, [variable], svy, given, **options, level=level, missing=missing)
    call: dict[str, Any] = {"function": "inequality", "variable": variable, "by": by, "measure": measure}
    call |= {"rank": rank, "missing": missing, "plausible": plausible}
    call |= {"aversion": float(aversion)} if measure == "atkinson" else {}
    call |= {"bounds": None if bounds is None else list(bounds)} if measure in RANKED[1:] else {}
    if rank is not None:
        return ranked(variable, svy, rank, measure, bounds, missing).result(call, level)
    return _grouped(variable, svy, by, index, missing).result(call, level)


def _checked(variable: Any, by: Any, measure: str, rank: Any, aversion: Any, bounds: Any) -> Index:
    """The measure of a call, with what belongs to it and nothing else."""
    if not isinstance(variable, str):
        raise DataError("One variable is looked at a time.", where="variable", found=repr(variable)[:60])
    if (measure in RANKED) != (rank is not None):
        raise DataError(
            "A ranking belongs to the concentration indices, and they to a ranking.",
            where=f"measure={measure!r}, rank={rank!r}",
            expected=f"rank= with {', '.join(RANKED)}; none with {', '.join(GROUPED)}",
        )
    if rank is not None and by is not None:
        raise DataError(
            "A concentration index is laid to terms, not to groups.",
            where=f"by={by!r}, measure={measure!r}",
            todo="write a formula, 'hours ~ C(education)'; or call it for each group with svy.where(...)",
        )
    if rank is None and "~" in variable:
        raise DataError(
            "A formula lays a concentration index to its terms: other measures are split by groups.",
            where=f"variable={variable!r}, measure={measure!r}",
            todo="name the column alone, with by=; or give rank= and measure='concentration'",
        )
    if isinstance(aversion, bool) or not isinstance(aversion, Real) or not 0 < float(aversion) < np.inf:
        raise DataError("The aversion to inequality is a number above 0.", where="aversion", found=repr(aversion)[:40])
    if bounds is not None and measure not in RANKED[1:]:
        raise DataError("Only erreygers and wagstaff have bounds.", where=f"bounds, measure={measure!r}")
    return Index(measure, float(aversion))


def _grouped(variable: str, svy: Survey, by: Any, index: Index, missing: str) -> Spread:
    """The parts of a measure within and between groups."""
    target = make_target(survey_for(svy, [], [variable, *cells_of(by)]), [variable], by, missing, "variable")
    found = target.variables[0]
    if found.kind == "category":
        raise DataError(
            f"{variable!r} is not a number.", where="variable", found="text or categories", expected="an amount"
        )
    k, weights = target.cells.number, target.weights
    codes = np.where(weights != 0, target.cells.codes, k)
    y = np.nan_to_num(np.asarray(found.values, dtype=np.float64))
    rows = np.flatnonzero(codes < k)
    present = np.unique(codes[rows])
    check_someone(rows, variable)
    check_amounts(y[rows], variable)
    _check_zeros(y[rows], index, variable)
    place = np.searchsorted(present, codes[rows])
    sums, own, whole = grouped_scores(index, y[rows], weights[rows], place, len(present))

    def everywhere(columns: Floats) -> Floats:
        out = np.zeros((len(codes), columns.shape[1]))
        out[rows] = columns
        return out

    outside = np.full(len(codes), len(present), dtype=np.intp)
    outside[rows] = place
    blocks = [Block(outside, everywhere(own), len(present))]
    if whole.shape[1]:
        blocks.append(Block((codes >= k).astype(np.intp), everywhere(whole), 1))
    at = None
    if (replicates := target.svy.design.replicates) is not None:
        at = np.stack([grouped_scores(index, y[rows], w, place, len(present))[0] for w in replicates.at(rows).T])
    base, split = Estimates(_in_range(sums, index), Scores(tuple(blocks), weights), at), by is not None
    chosen: Callable[[Any], Any] = index.values if split else lambda numbers: index.values(numbers)[..., :1]
    # where groups are alike `between` has its least value, and slopes that differences cannot confirm
    components = ("total", *index.parts) if split else ("total",)
    uses = np.ones((len(components), len(sums)), dtype=bool)
    made = smooth(base, chosen, jacobian=slopes(chosen, sums), uses=uses)
    meta = {"groups": _told(target, present, index, sums)} if split else {}
    told = (components, (TOTAL,) * len(components), target.left_out, meta)
    return Spread(target.svy, outside, len(present), y, made, *told)


def _in_range(sums: Floats, index: Index) -> Floats:
    """The sums, of which Atkinson's powers must be numbers that the machine has."""
    powers = sums[2::3]
    if index.name == "atkinson" and index.aversion != 1 and not (np.isfinite(powers) & (powers > 0)).all():
        raise DataError(
            "The aversion to inequality is too large for these amounts: powers of them leave the range of numbers.",
            where="aversion",
            found=f"{index.aversion:g}",
            expected="a number as 0.5, 1 or 2",
            todo="take a smaller aversion, or measure the amounts in a unit in which they are near 1",
        )
    return sums


def _check_zeros(y: Floats, index: Index, variable: str) -> None:
    """Zeros are refused where a logarithm is taken."""
    zeros = int((y == 0).sum())
    if zeros and index.of_logarithms:
        raise DataError(
            "Zeros have no logarithm: the measure would be as large as can be, whatever the others have.",
            where=f"variable {variable!r}, measure={index.name!r}",
            found=f"{zeros} of {len(y)} people have zero",
            expected="amounts above zero",
            todo="measure='theil' or 'gini' take zeros, atkinson with an aversion below 1; or restrict to those who "
            "have some: svy.where(...)",
        )


def _told(target: Target, present: Codes, index: Index, sums: Floats) -> list[dict[str, Any]]:
    """Each group's share of people and of the amount, its mean and its own inequality."""
    keys, names = target.cells.keys, list(target.cells.keys.columns)
    groups = sums[: 3 * len(present)].reshape(-1, 3)
    out = []
    for (n, s, u), code in zip(groups, present, strict=True):
        own = np.array([n, s, u, u]) if index.name == "gini" else np.array([n, s, u])
        inside = float(index.values(own)[0]) if s > 0 else 0.0
        level = {name: text_of(keys[name].iloc[code]) for name in names}
        shares = {"people": n / groups[:, 0].sum(), "amount": s / groups[:, 1].sum()}
        out.append({**level, **{name: float(v) for name, v in shares.items()}, "mean": float(s / n), "measure": inside})
    return out
