"""Calibration: weights that reproduce known totals, and the residuals that make their variances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from llo_research.design.recipe import KeepsFields, Regression
from llo_research.errors import CalibrationError
from llo_research.numerics.auxiliaries import Apart, Dense, Regressors
from llo_research.numerics.calibration import Distance, Solution
from llo_research.numerics.groups import Codes, Floats
from llo_research.numerics.trimming import solve_cut
from llo_research.options import nearest
from llo_research.survey.collapsed import admitted
from llo_research.survey.lazy import is_lazy
from llo_research.survey.variables import variable
from llo_research.weighting.account import crosses_units, told_totals
from llo_research.weighting.bounds import not_reached
from llo_research.weighting.dependence import given_dependence
from llo_research.weighting.margins import EstimatedTotals, Margin, columns_of_totals, read_margins
from llo_research.weighting.options import (
    check_clusters,
    check_iteration,
    check_negative,
    check_not_shares,
    clusters_of,
    covariance_of,
    distance_of,
    scale_of,
)
from llo_research.weighting.perturbation import replicate_totals
from llo_research.weighting.steps import check_whole_survey, in_group
from llo_research.weighting.system import System, make_system

if TYPE_CHECKING:
    from llo_research.design.replicates import Replicates
    from llo_research.survey.survey import Survey

# how `scale` is told where it is no column
A_SERIES = "one's own numbers"
# Totals that differ from the number of rows by more than this share count a population.
_SAME_SIZE = 1e-6


@dataclass(frozen=True, eq=False)
class Calibration(KeepsFields):
    """A calibration step: one system for each group of rows.

    before, after : (n,) weights before and after the step.
    systems : the equations of each group.
    cov : covariance of estimated totals for each group, None when they are known.
    groups : level of `by` of each group, None without `by`.
    """

    systems: tuple[System, ...]
    distance: Distance
    before: Floats
    after: Floats
    cov: tuple[Floats | None, ...]
    tol: float
    max_iter: int
    told: dict[str, Any]
    groups: tuple[Any, ...] = (None,)

    @cached_property
    def regression(self) -> Regression:
        """Of u = z / w on the auxiliaries, weighted with d q; residuals w (u - x'B)."""
        auxiliaries = [system.auxiliaries for system in self.systems]
        ends = np.cumsum([0, *(system.n_cells for system in self.systems)])
        cell, q = np.full(len(self.before), ends[-1], dtype=np.intp), np.zeros(len(self.before))
        for system, first in zip(self.systems, ends, strict=False):
            cell[system.rows], q[system.rows] = system.cell + first, system.scale[system.cell]
        x = auxiliaries[0] if len(auxiliaries) == 1 else Apart(tuple(auxiliaries))
        enters = q * _ratio(self.before, self.after)
        return Regression(cell, x, enters, -self.after, self._solved, self._added_covariance, self._members())

    def _members(self) -> tuple[Codes, Regressors] | None:
        """The auxiliaries of the members of clusters: g is that of the cluster's mean, totals are those of people."""
        own = [system.members for system in self.systems if system.members is not None]
        if not own:
            return None
        cell, first = np.full(len(self.before), sum(len(members.x) for members in own), dtype=np.intp), 0
        for system, members in zip(self.systems, own, strict=True):
            cell[system.rows] = first + np.arange(len(members.x))
            first += len(members.x)
        parts = tuple(Dense(members.x) for members in own)
        return cell, parts[0] if len(parts) == 1 else Apart(parts)

    def _solved(self, sums: Floats) -> Floats:
        """The coefficients (p x k), groups below each other."""
        return np.vstack([np.linalg.solve(g, own) for g, own in zip(self._grams, self._split(sums), strict=True)])

    @cached_property
    def _grams(self) -> list[Floats]:
        """X' diag(d q) X of each group."""
        sums = [system.cell_sums(self.before[:, None])[:, 0] * system.scale for system in self.systems]
        pairs = zip(self.systems, sums, strict=True)
        return [system.auxiliaries.grams(own[:, None])[0] for system, own in pairs]

    def _added_covariance(self, coefficients: Floats) -> Floats | None:
        """B' cov B of totals that were estimated."""
        added = [
            b.T @ cov[np.ix_(system.columns, system.columns)] @ b
            for system, cov, b in zip(self.systems, self.cov, self._split(coefficients), strict=True)
            if cov is not None
        ]
        return np.sum(added, axis=0) if added else None

    def redo(self, weights: Floats, replicates: Replicates | None = None) -> Floats:
        """Calibrate other weights (n x R): to the same totals, or estimated ones that vary over the replicates."""
        out = weights.copy()
        wanted = replicate_totals(self.systems, self.cov, self.groups, self.before, weights, replicates)
        for level, system, totals in zip(self.groups, self.systems, wanted, strict=True):
            solution = self._at(system, weights, totals)
            if not solution.converged.all():
                now = system.at_weights(weights[:, int((~solution.converged).argmax())])
                raise self._unreached(level, now, totals, solution, now.cell_sums(weights))
            out[system.rows] *= solution.g[system.cell]
        return out

    def redo_cells(self, replicates: Replicates) -> tuple[Codes, Floats] | None:
        """Cell of each row (n,) and g (C, R) of the cells at the replicates.

        None where a cell has no one g, where totals move with the replicates, or where cells are about as many as rows.
        """
        n, number = len(self.before), 0
        moving = any(system.members is not None for system in self.systems) or any(cov is not None for cov in self.cov)
        if moving or 2 * sum(system.n_cells for system in self.systems) > n:
            return None
        cell, parts = np.full(n, -1, dtype=np.intp), []
        for level, system in zip(self.groups, self.systems, strict=True):
            own = np.full(n, system.n_cells, dtype=np.intp)
            own[system.rows] = system.cell
            old = replicates.totals(own, np.ones((n, 1)), system.n_cells)[:, :, 0].T
            solution = solve_cut(
                system.auxiliaries,
                old,
                system.scale,
                system.totals,
                self.distance,
                tol=self.tol,
                max_iter=self.max_iter,
            )
            if not solution.converged.all():
                raise self._unreached(level, system, system.totals, solution, old)
            cell[system.rows] = system.cell + number
            number += system.n_cells
            parts.append(solution.g)
        cell[cell < 0] = number
        return cell, np.concatenate([*parts, np.ones((1, replicates.n_replicates))])

    def _unreached(
        self, level: Any, system: System, totals: Floats, solution: Solution, old: Floats
    ) -> CalibrationError:
        """The refusal of totals that some replicate does not reach; `old` are the sums (C, R) before."""
        r = int((~solution.converged).argmax())
        own = replace(system, totals=totals if totals.ndim == 1 else totals[:, r])
        where = f"replicate {r + 1} ({int((~solution.converged).sum())} of {old.shape[1]} replicates), "
        where += "" if level is None else f"group {level!r}: "
        return not_reached(own, old[:, r], solution.reached[:, r], self.distance, solution.iterations, where)

    def _at(self, system: System, weights: Floats, totals: Floats) -> Solution:
        """The solution at other weights (n x R); clusters, whose means change with the weights, one after the other."""
        if system.members is not None and weights.shape[1] > 1:
            of_each = np.broadcast_to(totals.reshape(len(totals), -1), (len(totals), weights.shape[1]))
            own = [self._at(system, weights[:, [r]], of_each[:, r]) for r in range(weights.shape[1])]
            parts = ([part.g for part in own], [part.reached for part in own], [part.converged for part in own])
            g, reached, converged = (np.concatenate(part, axis=-1) for part in parts)
            return Solution(g, reached, converged, max(part.iterations for part in own))
        now, old = system.at_weights(weights[:, 0]), system.cell_sums(weights)
        return solve_cut(now.auxiliaries, old, now.scale, totals, self.distance, tol=self.tol, max_iter=self.max_iter)

    def describe(self) -> dict[str, Any]:
        """For ``.meta``."""
        return dict(self.told)

    def _split(self, coefficients: Floats) -> list[Floats]:
        """The coefficients of each group."""
        ends = np.cumsum([len(system.totals) for system in self.systems])
        return np.split(coefficients, ends[:-1])


def _ratio(before: Floats, after: Floats) -> Floats:
    """before / after, zero where the weight became zero."""
    return np.divide(before, after, out=np.zeros_like(after), where=after != 0)


def calibrate(
    svy: Survey,
    totals: Mapping[Any, Any] | EstimatedTotals,
    *,
    method: str | Distance = "linear",
    bounds: tuple[float, float] | None = None,
    by: str | None = None,
    cluster: str | None = None,
    scale: str | Sequence[float] | None = None,
    tol: float = 1e-10,
    max_iter: int = 200,
) -> Survey:
    """Change the weights as little as possible so that they reproduce known totals.

    Parameters
    ----------
    svy : Survey
        The whole survey (not a domain of it).
    totals : mapping or EstimatedTotals
        ``{"education": {"low": 2.1e6, ...}, ("sex", "age_group"): Series with MultiIndex, "income": 3.9e11}``: a
        mapping or Series with all levels for a category or crossing, a number for a numeric auxiliary.
        With `by`: ``{level: totals}``.
    method : {"linear", "raking", "logit", "truncated"} or Distance
        Distance between old and new weights: chi-square (GREG; weights may become negative), multiplicative, logistic
        within `bounds`, linear cut at `bounds`, or one of your own (``llo.weighting.Distance``). All but ``linear``
        need weights that are not negative.
    bounds : (low, high), optional
        Of g = new weight / old weight, with low < 1 < high; for ``logit`` and ``truncated``.
    by : str, optional
        Column (a wave, a half of the sample) of which each level has its own totals and calibration.
    cluster : str, optional
        Column of households or sampling units that get one g (integrated weighting).
    scale : str or array, optional
        The q of each row: how freely its weight may move (1 over the variance of the outcome around its regression).
    tol : float
        Largest relative miss of a total.
    max_iter : int
        Newton steps before giving up.

    Returns
    -------
    Survey
        With new weights and the step in its recipe: linearised variances use residuals from the auxiliaries, with the
        weights before the step; replicate weights are calibrated too. Proportional weights that were calibrated to the
        counts of a population are expansion weights afterwards.

    Raises
    ------
    CalibrationError
        Levels without people or without a total, totals that contradict each other, a covariance of estimated totals
        that ignores their dependence, bounds that cannot be met (with the narrowest ones that can), no convergence
        (with margin, level and group, what was wanted and what was reached).

    Notes
    -----
    Minimises sum d_i G(w_i/d_i)/q_i subject to sum w_i x_i = t; then w_i = d_i F(q_i x_i' lambda). The variance of an
    estimate with influence w_i u_i is that of w_i (u_i - x_i' B), B = (sum d q x x')^-1 sum d q x u [1]_ [2]_. With
    `cluster` the regression is that of the clusters' means, weighted with d; x_i stays that of the row. Replicates take
    the means at their own weights, so that each of them reaches the totals.

    References
    ----------
    .. [1] Deville, J.-C. and Sarndal, C.-E. (1992). Calibration estimators in survey sampling. Journal of the American
       Statistical Association, 87, 376-382.
    .. [2] Deville, J.-C., Sarndal, C.-E. and Sautory, O. (1993). Generalized raking procedures in survey sampling.
       Journal of the American Statistical Association, 88, 1013-1020.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"sex": ["m", "v", "v", "m"], "w": [1.0, 1.0, 1.0, 1.0]})
    >>> svy = llo.calibrate(llo.Survey(frame, weights="w"), {"sex": {"m": 6, "v": 10}})
    >>> svy.weights.round(9).tolist()
    [3.0, 5.0, 5.0, 3.0]
    """
    if is_lazy(svy):
        return _later(dict(locals()))
    known, svy = getattr(svy, "_collapsed", None), _admitted(svy, cluster, scale)
    check_whole_survey(svy, "calibrate")
    check_iteration(tol, max_iter)
    (distance, told_method), used = distance_of(method, bounds), svy._weights != 0
    groups = _groups(svy, totals, by, used)
    check_negative(svy._weights, told_method, "calibrate")
    q, (clusters, named) = scale_of(svy, scale), clusters_of(svy, cluster)
    check_clusters(clusters, [rows for _, _, rows in groups], named, f"cluster={cluster!r}, by={by!r}")
    before, after = svy._weights, svy._weights.copy()
    systems, covs, told, people = [], [], [], 0.0
    for level, given, rows in groups:
        with in_group(level):
            margins = _margins(svy, given, rows)
            system = make_system(margins, rows, before, q, clusters)
            cov = covariance_of(given, margins)
            covs.append(cov if cov is None else given_dependence(cov, system))
            after[rows] = before[rows] * _solve(system, before, distance, tol, max_iter)[system.cell]
        people += max((float(m.totals.sum()) for m in margins if not m.numeric), default=np.nan)
        systems.append(system)
        told.append(told_totals(level, margins, covs[-1]))
    account = {
        "step": "calibrate",
        "method": told_method,
        "bounds": bounds,
        "by": by,
        "cluster": cluster,
        "margins": [str(key) for key in _first_totals(groups)],
        "estimated_totals": any(cov is not None for cov in covs),
        "totals": told,
        "scale": scale if scale is None or isinstance(scale, str) else A_SERIES,
        "tol": tol,
        **_of_rows(svy, clusters, used),
    }
    levels = tuple(level for level, _, _ in groups)
    step = Calibration(tuple(systems), distance, before, after, tuple(covs), tol, max_iter, account, levels)
    return _counting(svy._weighted(step, after), people, svy._count(used))._with(collapsed=known)


def _of_rows(svy: Survey, clusters: Codes | None, used: np.ndarray) -> dict[str, Any]:
    """What a calibration tells of the rows: clusters across sampling units, and who has no weight or a negative one."""
    crosses = clusters is not None and crosses_units(svy.design, clusters, used)
    return {"crosses_units": crosses, "no_weight": svy._count(~used), "negative": svy._count(svy._weights < 0)}


def _admitted(svy: Survey, cluster: str | None, scale: str | Sequence[float] | None) -> Survey:
    """Collapsed rows are calibrated as the people they stand for, by columns of their patterns."""
    return svy if cluster is not None or not (scale is None or isinstance(scale, str)) else admitted(svy)


def _later(call: dict[str, Any]) -> Survey:
    """A scan that remembers the calibration of this call: each survey that it is collapsed to takes it."""
    svy, totals = call.pop("svy"), call.pop("totals")
    columns = [*columns_of_totals(totals, call["by"]), *(call[role] for role in ("by", "cluster") if call[role])]
    found: Survey = svy.then(columns, partial(calibrate, totals=totals, **call), "calibrate")
    return found


def _counting(svy: Survey, people: float, n: int) -> Survey:
    """Proportional weights that now add up to a population are expansion weights."""
    if svy.weight_kind == "expansion" or not abs(people - n) > _SAME_SIZE * n:
        return svy
    return svy._with(arguments={**svy._arguments, "weight_kind": "expansion"})


def _groups(svy: Survey, totals: Any, by: str | None, used: np.ndarray) -> list[tuple[Any, Any, Codes]]:
    """Level, totals and rows of each group."""
    if by is None:
        return [(None, totals, np.flatnonzero(used))]
    typed = variable(svy._frame, by, "by")
    if (typed.missing & used).any():
        raise CalibrationError("by is missing for people with a weight.", where=f"by={by!r}")
    if not isinstance(totals, Mapping):
        raise CalibrationError(
            "With by, totals are a mapping of its levels.",
            where=f"by={by!r}",
            found=f"a {type(totals).__name__}",
            expected=f"{{{next(iter(typed.levels), 'level')!r}: totals, ...}}",
        )
    groups = []
    for number in np.flatnonzero(np.bincount(typed.codes[used], minlength=len(typed.levels))):
        level = typed.levels[int(number)]
        if level not in totals:
            raise CalibrationError(
                "A group has no totals.",
                where=f"by={by!r}",
                found=f"{level!r}{nearest(level, totals, 'in the totals')}",
                expected=", ".join(repr(key) for key in list(totals)[:12]),
                todo="give totals for every level, written as in the data",
            )
        groups.append((level, totals[level], np.flatnonzero(used & (typed.codes == number))))
    absent = [key for key in totals if key not in [level for level, _, _ in groups]]
    if absent:
        raise CalibrationError("Totals were given for a group without people.", where=f"by={by!r}", found=absent[:5])
    return groups


def _first_totals(groups: list[tuple[Any, Any, Codes]]) -> Mapping[Any, Any]:
    """The totals of the first group."""
    first = groups[0][1]
    return dict(first.totals if isinstance(first, EstimatedTotals) else first)


def _margins(svy: Survey, given: Any, rows: Codes) -> list[Margin]:
    """The margins of a group, matched with its rows."""
    here = np.zeros(len(svy), dtype=bool)
    here[rows] = True
    margins = read_margins(svy._frame, given.totals if isinstance(given, EstimatedTotals) else given, here)
    check_not_shares(margins, float(svy._weights[rows].sum()))
    return margins


def _solve(system: System, before: Floats, distance: Distance, tol: float, max_iter: int) -> Floats:
    """The g-weights of the cells, or the reason why there are none."""
    old = system.cell_sums(before[:, None])
    solution = solve_cut(system.auxiliaries, old, system.scale, system.totals, distance, tol=tol, max_iter=max_iter)
    if not solution.converged[0]:
        raise not_reached(system, old[:, 0], solution.reached[:, 0], distance, solution.iterations)
    return solution.g[:, 0]


def poststratify(svy: Survey, cells: Mapping[Any, Any] | EstimatedTotals) -> Survey:
    """Scale the weights so that each cell of one (crossed) classification reaches its known total.

    Parameters
    ----------
    svy : Survey
    cells : mapping or EstimatedTotals
        One margin, as in :func:`calibrate`: ``{"stype": {"E": 4421, ...}}`` or ``{("sex", "age"): Series}``.

    Returns
    -------
    Survey
        With new weights, and variances from deviations around the cells' means.

    Raises
    ------
    CalibrationError
        More than one margin, a numeric one, cells without people.

    Notes
    -----
    g = N_c / sum of d in c; the same as calibration on the full cross-classification.

    References
    ----------
    Holt, D. and Smith, T. M. F. (1979). Post stratification. Journal of the Royal Statistical Society A, 142, 33-46.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"sex": ["m", "v", "v"], "w": [1.0, 1.0, 1.0]})
    >>> llo.poststratify(llo.Survey(frame, weights="w"), {"sex": {"m": 5, "v": 8}}).weights.round(9).tolist()
    [5.0, 4.0, 4.0]
    """
    plain = cells.totals if isinstance(cells, EstimatedTotals) else cells
    if not isinstance(plain, Mapping) or len(plain) != 1:
        raise CalibrationError(
            "Post-stratification takes one margin.",
            found=list(plain) if isinstance(plain, Mapping) else type(plain).__name__,
            expected="{('sex', 'age_group'): Series with a total for each cell}",
            todo="use calibrate for several margins",
        )
    if not isinstance(next(iter(plain.values())), Mapping | pd.Series):
        raise CalibrationError(
            "Post-stratification takes a category.",
            found=next(iter(plain)),
            expected="a mapping or Series with a total for each of its levels",
        )
    return calibrate(svy, cells)
