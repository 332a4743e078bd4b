"""Both groups of a decomposition with the outcome replaced by its recentered influence function, group by group."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from llo_research.decomposition.sides import Sides
from llo_research.decomposition.two_groups import Groups, Layout, by_code, solved, standards, unstandardised
from llo_research.design.replicates import Replicates
from llo_research.errors import DataError, IdentificationError
from llo_research.numerics.groups import Floats
from llo_research.numerics.recentered import Distribution, Measure, distribution, moved, recentered

# A quantile on which more of the weight lies than this has no density that one could speak of.
_MOST = 0.05


@dataclass(frozen=True, eq=False)
class Recentred:
    """Groups of recentered values.

    groups : with these as the outcome. moved : (d, q + 1) what each distinct row moves of the sums of w x RIF and of
    w RIF.
    widths, densities : by group of each cell, for `.meta`; of the densities one for each quantile.
    """

    original: Groups
    groups: Groups
    measure: Measure
    moved: Floats
    widths: list[float]
    densities: list[list[float]]

    def told(self) -> dict[str, object]:
        """For `.meta`."""
        return {"bandwidths": self.widths, "densities": self.densities} if self.measure.density else {}

    def replicates(self, layout: Layout, replicates: Replicates) -> Floats:
        """(R, C, m) the numbers of both groups with everything but the width found anew at each replicate."""
        groups, names = self.original, layout.names
        out = np.full((replicates.n_replicates, groups.n_cells, layout.size), np.nan)
        for cell, rows in enumerate(by_code(groups.cell, 2 * groups.n_cells)):
            weights, x, y = replicates.at(groups.rows[rows]), groups.x[rows], groups.y[rows]
            c, side = cell // 2, ("of", "minus")[cell % 2]
            free = groups.free(cell)
            for r in range(weights.shape[1]):
                used = weights[:, r] > 0
                w, z = weights[used, r], x[used]
                values = recentered(distribution(y[used], w), self.measure, self.widths[cell])
                out[r, c, names[f"w_{side}"]] = w.sum()
                out[r, c, names[f"x_{side}"]] = w @ z / w.sum()
                out[r, c, names[f"y_{side}"]] = w @ values / w.sum()
                beta = np.zeros(groups.q)
                beta[free] = _least_squares(z[:, free], values, w)
                out[r, c, names[f"b_{side}"]] = beta
        return out


def _least_squares(x: Floats, y: Floats, w: Floats) -> Floats:
    """(q,) weighted coefficients; nan where there are none."""
    scale, _ = standards(x, w, None)
    z = x / scale
    return unstandardised(solved((z * w[:, None]).T @ z, (z * w[:, None]).T @ y), scale, np.zeros(len(scale)), None)


def recentre(sides: Sides, measure: Measure) -> Recentred:
    """The recentered values of both groups in every cell.

    Raises
    ------
    DataError
        Negative values for Gini's coefficient.
    IdentificationError
        Ties on a quantile, no spread around it, a mean of zero.
    """
    groups = sides.groups.distinct
    values, shifts = np.empty(len(groups.y)), np.zeros((len(groups.y), groups.q + 1))
    widths, densities = [], []
    for cell, rows in enumerate(by_code(groups.cell, 2 * groups.n_cells)):
        everybody, name = _everybody(sides, cell), sides.group_names[cell]
        if measure.name == "gini":
            check_amounts(everybody, name, sides.data.response)
        width = everybody.bandwidth() if measure.density else np.nan
        densities.append(check_density(everybody, measure, width, name, sides.data.response))
        widths.append(width)
        made = distribution(groups.y[rows], groups.weights[rows])
        values[rows] = recentered(made, measure, width)
        steep = [everybody.steepness(tau) for tau, _ in measure.at]
        x = np.column_stack([groups.x[rows], np.ones(len(rows))])
        shifts[rows] = moved(made, measure, groups.weights[rows], x, width, steep)
    every = sides.groups
    spread = every.alike.of_each(values)
    return Recentred(every, replace(every, y=spread), measure, shifts, widths, densities)


def _everybody(sides: Sides, cell: int) -> Distribution:
    """The distribution of one group, person by person: those who are alike count as the people they are."""
    rows = np.flatnonzero(sides.groups.cell == cell)
    return distribution(sides.groups.y[rows], sides.groups.weights[rows])


def check_amounts(made: Distribution, name: str, response: str) -> None:
    """Gini's coefficient is of amounts."""
    if made.y[0] < 0 or made.y[-1] <= 0:
        raise DataError(
            "Gini's coefficient is of amounts that are not negative, of which some are above zero.",
            where=f"response {response!r}, group {name}",
            found=f"from {made.y[0]:g} to {made.y[-1]:g}",
            todo="use measure='variance', or leave out what is no amount with svy.where(...)",
        )


def check_density(made: Distribution, measure: Measure, width: float, name: str, response: str) -> list[float]:
    """The densities at the quantiles of one group; refused where there is none."""
    out = []
    for tau, _ in measure.at:
        at = made.quantile(tau)
        mass = made.mass(at)
        if mass > _MOST and (made.y == at).sum() > 1:
            raise IdentificationError(
                "Too many people have the value of the quantile: it has no density there, and moves in steps.",
                where=f"measure={measure.name!r}, response {response!r}, group {name}",
                found=f"{100 * mass:.1f} % of the weight at {at:g}",
                expected=f"at most {100 * _MOST:g} %",
                todo="choose a quantile off the heap (of people with hours above zero, say: svy.where(...)), "
                "or decompose the share at or below it",
            )
        f = made.density(at, width) if width > 0 else 0.0
        if f <= 0:
            raise IdentificationError(
                "The values do not spread around the quantile: its density cannot be told.",
                where=f"measure={measure.name!r}, response {response!r}, group {name}",
                found=f"width {width:g} at {at:g}",
                expected="a spread between the 25th and the 75th percentile",
            )
        out.append(f)
    return out
