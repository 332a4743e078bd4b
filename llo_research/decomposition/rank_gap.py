"""Gaps between the top and the bottom of a ranking: groups of constant size, where named groups grow or shrink."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from llo_research.decomposition.plausible import drawn
from llo_research.design.scores import Block, Scores
from llo_research.errors import DataError, IdentificationError
from llo_research.estimation.means import columns_of, quantities_of
from llo_research.estimation.target import Target, make_target
from llo_research.numerics.groups import Codes, Floats, group_sums
from llo_research.options import check_level, check_option, check_switch, names_of
from llo_research.results.dated import text_of
from llo_research.results.estimates import Estimates
from llo_research.results.facts import Later, counted
from llo_research.results.making import result_of
from llo_research.results.result import Result
from llo_research.survey.lazy import cells_of, survey_for
from llo_research.survey.variables import Variable

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey


def rank_gap(
    variable: str | Sequence[str],
    svy: Survey,
    *,
    rank: str,
    share: float = 0.2,
    by: str | Sequence[str] | None = None,
    level: float = 0.95,
    missing: str = "omit",
    plausible: bool = False,
) -> Result:
    """The mean of the highest fifth minus that of the lowest, by weighted rank in an ordered variable.

    Use it beside :func:`gap` where the groups change in size: when the low educated become few, their gap also moves
    because other people are left among them. A fifth stays a fifth.

    Parameters
    ----------
    variable : str or list of str
        Numbers, booleans or conditions (their means); text and categories give a row for each level.
    svy : Survey
        The data.
    rank : str
        An ordered category, or a number, by which people are ranked.
    share : float
        Size of the two groups, above 0 and at most 0.5. People of the class on the border count in part.
    by : str or list of str, optional
        Ranked within each cell.
    level, missing
        As in :func:`llo.mean`.
    plausible : bool
        A star in the variable (``PVLIT*``) names plausible values, which are combined by Rubin's rules.

    Returns
    -------
    Result
        Rows `by`, `variable`, `level`, `measure` (``rank_gap``), `of`, `minus`.

    Raises
    ------
    DataError
        A ranking without an order, a share outside (0, 0.5].

    Notes
    -----
    With classes c in order, sums of weights W_c and means m_c, the lowest share s has the mean B = (sum_{c<b} W_c m_c +
    (s W - sum_{c<b} W_c) m_b) / (s W), b the class in which the share ends. Its influence values are
    w_i f_i (y_i - m_b) / (s W) + w_i (m_b - B) / W, f_i the part with which person i counts: the border class is held,
    and is found anew at each replicate. Where a share ends exactly between two classes the lower one is the border.

    References
    ----------
    Bound, J., Geronimus, A. T., Rodriguez, J. M. and Waidmann, T. A. (2015). Measuring recent apparent declines in
    longevity: the role of increasing educational attainment. Health Affairs, 34, 2167-2173.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"y": [0, 0, 1, 0, 1, 1, 1, 1], "years": [1, 1, 2, 2, 3, 3, 4, 4], "w": 1.0})
    >>> llo.rank_gap("y", llo.Survey(frame, weights="w"), rank="years", share=0.25).estimate.tolist()
    [1.0]
    """
    names = names_of(variable, "variable")
    check_level(level)
    check_option(missing, "missing", ("omit", "raise"))
    check_switch(plausible, "plausible")
    if plausible:

        def one(*given: Any, **options: Any) -> Result:
            *own, data = given
            return rank_gap(own, data, **options)

        return drawn(one, names, svy, {"variable": names}, rank=rank, share=share, by=by, level=level, missing=missing)
    _check_ranking(share, rank, names)
    target = make_target(survey_for(svy, [], [*names, rank, *cells_of(by)]), [*names, rank], by, missing, "variable")
    order = target.variables[-1]
    check_order(order)
    heads, columns = columns_of(target.variables[:-1], all_levels=False)
    values = np.asarray(columns, dtype=np.float64)
    codes = np.where(target.weights != 0, target.cells.codes, target.cells.number)
    estimates = _estimates(target, codes, ranks_of(order), values, float(share))
    rows = target.cells.keys.iloc[np.repeat(np.arange(target.cells.number), len(heads))].reset_index(drop=True)
    told = pd.concat([pd.DataFrame(heads)] * target.cells.number, ignore_index=True)
    rows = pd.concat([rows, told], axis=1).assign(
        measure="rank_gap", of=f"highest {share:g} of {rank}", minus=f"lowest {share:g} of {rank}"
    )
    call = {"function": "rank_gap", "variable": names, "rank": rank, "share": share, "by": by, "missing": missing}
    meta = {"call": call, **target.svy._meta(), "by": list(target.by), "left_out": target.left_out, "base_levels": {}}
    meta["labels"] = {k: text for k, text in target.svy.labels.items() if k in (*names, rank, *target.by)}
    n = np.repeat(target.counts, len(heads))
    kinds = [mean.compared("difference", "difference") for mean in quantities_of(target, heads)]
    return result_of(
        rows,
        estimates,
        target.svy.design,
        quantity=kinds * target.cells.number,
        by=target.by,
        n=n,
        meta=meta,
        level=level,
        cell_details=_details(target, codes, ranks_of(order), values, float(share), n),
    )


def _check_ranking(share: Any, rank: Any, names: Sequence[str]) -> None:
    """A share of at most a half, and a ranking that is not among the variables."""
    if isinstance(share, bool) or not isinstance(share, Real) or not 0 < float(share) <= 0.5:
        raise DataError(
            "share is the size of the highest and of the lowest group.",
            where="share",
            found=repr(share),
            expected="above 0, at most 0.5",
            todo="share=0.2 for fifths",
        )
    if not isinstance(rank, str) or rank in names:
        raise DataError(
            "rank is a column that is not among the variables.",
            where="rank",
            found=repr(rank)[:60],
            expected="a number or an ordered categorical, as 'education'",
        )


def check_order(found: Variable) -> None:
    """A ranking has an order."""
    text = found.kind == "category" and not (found.declared and found.series.cat.ordered)
    if text:
        raise DataError(
            "People are ranked by something that has an order.",
            where=f"rank={found.name!r}",
            found=f"levels without an order: {', '.join(str(level) for level in found.levels[:8])}",
            expected="a number or an ordered categorical",
            todo="declare the order: pandas.Categorical(..., categories=[lowest, ..., highest], ordered=True)",
        )


def ranks_of(found: Variable) -> Codes:
    """(n,) the place of each value in the order."""
    codes = found.codes if found.kind == "category" else np.unique(found.values, return_inverse=True)[1].ravel()
    return np.asarray(codes, dtype=np.intp)


def _estimates(target: Target, codes: Codes, ranks: Codes, values: Floats, share: float) -> Estimates:
    """(K p,) gaps of all cells and columns."""
    k, p, n = target.cells.number, values.shape[1], len(values)
    influence, gaps = np.zeros((n, p)), np.full((k, p), np.nan)
    replicates = target.svy.design.replicates
    at = None if replicates is None else np.full((replicates.n_replicates, k, p), np.nan)
    for cell in range(k):
        rows = np.flatnonzero(codes == cell)
        if not len(rows):
            continue
        ends = _Ends(np.unique(ranks[rows], return_inverse=True)[1].ravel(), values[rows], share)
        if ends.number == 1:
            raise _of_one_class(target, cell, len(rows))
        w = target.weights[rows]
        gaps[cell] = ends.gap(w[:, None])[0]
        influence[rows] = ends.influence(w)
        if at is not None and replicates is not None:
            at[:, cell] = ends.gap(replicates.at(rows))
    scores = Scores((Block(codes, influence, k),), target.weights)
    size = np.repeat(np.abs(np.nan_to_num(gaps)).max(axis=1), p)
    return Estimates(gaps.ravel(), scores, None if at is None else at.reshape(len(at), -1), {}, size, np.zeros(k * p))


def _of_one_class(target: Target, cell: int, n: int) -> IdentificationError:
    """Nobody ranks above anybody."""
    keys = target.cells.keys
    told = [f"{name} {text_of(keys[name].iloc[cell])}" for name in keys.columns]
    return IdentificationError(
        "All people have the same rank: there is no highest and no lowest.",
        where=", ".join([f"rank={target.variables[-1].name!r}", *told]),
        found=f"one class, of {n} people",
        expected="at least two",
        todo="choose another ranking, or leave the cell out with svy.where(...)",
    )


class _Ends:
    """The two ends of a ranking in one cell."""

    def __init__(self, classes: Codes, values: Floats, share: float) -> None:
        self.classes, self.values, self.share = classes, values, share
        self.number = int(classes.max()) + 1

    def gap(self, weights: Floats) -> Floats:
        """(R, p) highest minus lowest, at sets of weights (m, R)."""
        p = self.values.shape[1]
        sums = np.stack(
            [group_sums(self.classes, weights * self.values[:, [j]], self.number) for j in range(p)], axis=-1
        )
        totals = group_sums(self.classes, weights, self.number)
        low = self._end(totals, sums)[0]
        high = self._end(totals[::-1], sums[::-1])[0]
        return np.asarray(high - low)

    def _end(self, totals: Floats, sums: Floats) -> tuple[Floats, Floats, Floats]:
        """Mean (R, p) of the first share of the classes (C, R), the border class (R,), and its own mean (R, p)."""
        wanted = self.share * totals.sum(axis=0)
        below = np.cumsum(totals, axis=0)
        border = (below < wanted * (1 - 1e-12)).sum(axis=0)
        columns = np.arange(totals.shape[1])
        before = below[border, columns] - totals[border, columns]
        added = np.cumsum(sums, axis=0)[border, columns] - sums[border, columns]
        with np.errstate(invalid="ignore", divide="ignore"):
            own = sums[border, columns] / totals[border, columns][:, None]
            return (added + (wanted - before)[:, None] * own) / wanted[:, None], border, own

    def influence(self, w: Floats) -> Floats:
        """(m, p) influence values of the gap."""
        p = self.values.shape[1]
        sums = group_sums(self.classes, w[:, None] * self.values, self.number).reshape(self.number, 1, p)
        totals = group_sums(self.classes, w[:, None], self.number)
        low = self._of_end(w, self.classes, totals, sums)
        return self._of_end(w, self.number - 1 - self.classes, totals[::-1], sums[::-1]) - low

    def parts(self, w: Floats) -> tuple[Floats, Floats]:
        """(m,) the part of each person that counts in the lowest and in the highest end."""
        totals, last = group_sums(self.classes, w, self.number), self.number - 1
        return self._part(self.classes, totals), self._part(last - self.classes, totals[::-1])

    def _part(self, classes: Codes, totals: Floats) -> Floats:
        """(m,) the part of each person in the end of the first classes."""
        wanted = self.share * totals.sum()
        border = int((np.cumsum(totals) < wanted * (1 - 1e-12)).sum())
        part = (wanted - totals[:border].sum()) / totals[border]
        return np.where(classes < border, 1.0, np.where(classes == border, part, 0.0))

    def _of_end(self, w: Floats, classes: Codes, totals: Floats, sums: Floats) -> Floats:
        """(m, p) influence values of the mean of one end."""
        mean, _, own = self._end(totals, sums)
        total, counts = totals.sum(), self._part(classes, totals[:, 0])
        first = (w * counts)[:, None] * (self.values - own) / (self.share * total)
        return np.asarray(first + w[:, None] * (own - mean) / total)


def _details(target: Target, codes: Codes, ranks: Codes, values: Floats, share: float, n: Floats) -> Later:
    """Counts for disclosure control; of collapsed rows those of people alone."""
    if target.svy.design.stands is not None:
        return Later(counted, n)
    return Later(_facts, codes, ranks, target.weights, values, target.cells.number, share)


def _facts(codes: Codes, ranks: Codes, weights: Floats, values: Floats, k: int, share: float) -> pd.DataFrame:
    """Counts for disclosure control (K p rows): people of the smaller end, those with either answer of shares."""
    parts = []
    for cell in range(k):
        rows = np.flatnonzero(codes == cell)
        ends = _Ends(np.unique(ranks[rows], return_inverse=True)[1].ravel(), values[rows], share)
        parts.append(np.fmin(*(_of_end(values[rows], weights[rows] * part) for part in ends.parts(weights[rows]))))
    least = pd.DataFrame(np.concatenate(parts, axis=0), columns=["n", "n_nonzero", "n_complement", "evenly"])
    return least.assign(n_units=least["n"], largest_share=1 - least.pop("evenly"))


def _of_end(values: Floats, weights: Floats) -> Floats:
    """(p, 4) people of an end, those with a value and those without, and what the largest one leaves of the total."""
    there = weights > 0
    values, weights = values[there], weights[there]
    m, inside = len(values), (values != 0).sum(axis=0)
    share = np.asarray(np.isin(values, (0.0, 1.0)).all(axis=0))
    size = np.where(share, 1.0, np.abs(values)) * weights[:, None]
    total = size.sum(axis=0)
    largest = np.where(total > 0, size.max(axis=0, initial=0.0) / np.where(total > 0, total, 1.0), 0.0)
    inside, outside = np.where(share, inside, m), np.where(share, m - inside, m)
    return np.column_stack([np.full(len(share), m), inside, outside, 1 - largest])
