"""Models of a scan at the replicates of its design: from sums by sampling unit, never from weights of rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from llo_research.numerics import glm as scoring
from llo_research.numerics.families import Family
from llo_research.numerics.grams import squared
from llo_research.numerics.groups import Codes, Floats, group_sums
from llo_research.numerics.pattern_sums import gradient, grams, predictor
from llo_research.regression.panel.replicates import solved
from llo_research.scanning.regressors import Regressors, beside
from llo_research.scanning.row_models import along, mean_of, rows_at
from llo_research.scanning.unit_scores import SamplingUnits
from llo_research.scanning.weighed import weight_now

# So many sums of each pattern are asked for at a time; the steps of a replicate are far smaller than its error then.
_SUMS, _STEP, _MOST_STEPS = 150, 1e-12, 50


def at_replicates(made: Regressors, family: Family, beta: Floats, units: SamplingUnits) -> Floats | None:
    """(R, p) the coefficients at each replicate, nan where there is no solution; None of a design without replicates.

    Weights of a replicate are those of the rows times a factor of their sampling unit, so that sums by unit and pattern
    give its sums by pattern: all that a linear model, or one of categories, needs.
    """
    if units.svy.design.replicates is None:
        return None
    linear = (family.name, family.link.name) == ("gaussian", "identity")
    sums = _by_unit(made, family, None if linear or not made.numbers else beta, units)
    moments = sums.moments(len(made.rows), len(made.numbers) + 1)
    if linear:
        both = [(grams(made.maps, own), grams(made.maps, own, made.y[:, :, None])[:, 0]) for own in moments]
        return solved(np.array([left for left, _ in both]), np.array([right for _, right in both]))
    if not made.numbers:
        weights = np.column_stack([own[:, 0, 0] for own in moments])
        found = scoring.fit(made.maps[:, 0], made.y[:, 0], weights, family, start=beta)
        return np.where(found.converged[:, None], found.coefficients.T, np.nan)
    return _by_passes(made, family, beta, sums, np.array([grams(made.maps, own) for own in moments]))


@dataclass(frozen=True, eq=False)
class ByUnit:
    """Sums by sampling unit and pattern.

    keys : the units as the engine has them, one row each; unit : (N,) the unit of each row of sums, pattern : (N,).
    factors : (U, R) of the units. products : (N, upper triangle) of w m m'.
    """

    units: SamplingUnits
    keys: Any
    factors: Floats
    unit: Codes
    pattern: Codes
    products: Floats

    def moments(self, patterns: int, k: int) -> Iterator[Floats]:
        """(patterns, k, k) at one replicate after the other."""
        for factor in self.factors.T:
            yield squared(group_sums(self.pattern, factor[self.unit, None] * self.products, patterns), k)


def _by_unit(made: Regressors, family: Family, beta: Floats | None, units: SamplingUnits) -> ByUnit:
    """Sums of w m m'; of w v m m', v the slope of the mean, where beta is given."""
    table: Any = made.joined({})
    w = weight_now(made.scan, table)
    if beta is not None:
        table, mean, _ = rows_at(made, family, beta)
        w = weight_now(made.scan, table) * (mean * (1 - mean) if family.share else mean)
    own, keys = made.measures(table), units.keys(table)
    sums = {f"s{a}_{b}": (w * own[a] * own[b]).sum() for a in range(len(own)) for b in range(a, len(own))}
    grouped = table.group_by(**keys, pattern=table[beside("pattern")]).agg(**sums)
    answer = made.scan._reading.read(grouped, "sums by sampling unit and pattern")
    places, first, unit = np.unique(units.places(answer), return_index=True, return_inverse=True)
    return ByUnit(
        units,
        answer.select(list(keys)).take(first),
        units.factors(places),
        unit,
        answer["pattern"].to_numpy().astype(np.intp),
        np.column_stack([answer[name].to_numpy() for name in sums]),
    )


def _by_passes(made: Regressors, family: Family, beta: Floats, sums: ByUnit, information: Floats) -> Floats:
    """(R, p) by steps with the information (R, p, p) at the full sample's solution: a pass a step for some replicates.

    What is left is multiplied at each step by how far the information at a replicate's solution is from that, a few
    hundredths: the steps end in the same solutions.
    """
    r, p = len(information), len(beta)
    out = np.full((r, p), np.nan)
    size = np.sqrt(np.maximum(np.diag(grams(made.maps, made.moments)) / made.moments[:, 0, 0].sum(), 0))
    width = max(1, _SUMS // (len(made.numbers) + 1))
    for first in range(0, r, width):
        rows = slice(first, first + width)
        own, done = np.repeat(beta[None], len(information[rows]), axis=0), np.zeros(len(information[rows]), dtype=bool)
        for _ in range(_MOST_STEPS):
            errors = _errors(made, family, own, sums, sums.factors[:, rows])
            step = solved(information[rows], np.array([gradient(made.maps, one) for one in errors]))
            own = own + step
            done = (np.abs(step) * size <= _STEP).all(axis=1)
            if (done | np.isnan(step).any(axis=1)).all():
                break
        out[rows][done] = own[done]
    return out


def _errors(made: Regressors, family: Family, beta: Floats, sums: ByUnit, factors: Floats) -> Floats:
    """(B, patterns, k + 1) sums of w f e m at B replicates, each at its own coefficients (B, p) and factors (U, B)."""
    import ibis
    import pyarrow as pa

    etas, k = [predictor(made.maps, own) for own in beta], made.maps.shape[1]
    numbers = {f"eta{j}_{a}": eta[:, a] for j, eta in enumerate(etas) for a in range(k)}
    table = made.joined({**numbers, **{f"y{a}": made.y[:, a] for a in range(k)}})
    keys = {beside(name): sums.keys[name] for name in sums.keys.column_names}
    kept = ibis.memtable(pa.table({**keys, **{beside(f"f{j}"): factors[:, j] for j in range(len(beta))}}))
    pairs = [table[name] == kept[key] for name, key in zip(sums.units.names, keys, strict=True)]
    table = table.inner_join(kept, pairs)
    own, weight = made.measures(table), weight_now(made.scan, table)
    found: dict[str, Any] = {}
    for j in range(len(beta)):
        error = (
            weight * table[beside(f"f{j}")] * (along(table, "y", own) - mean_of(family, along(table, f"eta{j}_", own)))
        )
        found |= {f"e{j}_{a}": (error * own[a]).sum() for a in range(k)}
    answer = made.scan._reading.read(table.group_by(beside("pattern")).agg(**found), "a step at replicates")
    answer = answer.sort_by(beside("pattern"))
    return np.array([[answer[f"e{j}_{a}"].to_numpy() for a in range(k)] for j in range(len(beta))]).transpose(0, 2, 1)
