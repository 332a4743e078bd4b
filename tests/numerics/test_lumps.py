"""Proves that quantiles by passes over lumps are those of all rows, for every rule and however the values lie."""

from __future__ import annotations

import numpy as np
import pytest

from llo_research.numerics import lumps as by_lumps
from llo_research.numerics.groups import Codes, Floats
from llo_research.numerics.lumps import Lumps, breakpoints, narrowed, needed
from llo_research.numerics.quantiles import RULES, ordered, quantiles


class InMemory:
    """An engine that adds up in memory and counts its passes."""

    def __init__(self, cells: Codes, values: Floats, weights: Floats) -> None:
        self.cells, self.values_, self.weights, self.passes = cells, values, weights, 0

    def _grouped(self, group: Floats, rows: np.ndarray) -> Lumps:
        self.passes += 1
        keys, at = np.unique(np.column_stack([self.cells[rows], group[rows]]), axis=0, return_inverse=True)
        low, high = np.full(len(keys), np.inf), np.full(len(keys), -np.inf)
        np.minimum.at(low, at, self.values_[rows])
        np.maximum.at(high, at, self.values_[rows])
        counts = np.bincount(at).astype(float)
        return Lumps(keys[:, 0].astype(np.intp), low, high, np.bincount(at, self.weights[rows]), counts).sorted()

    def ends(self) -> Lumps:
        return self._grouped(np.zeros(len(self.cells)), np.ones(len(self.cells), dtype=bool))

    def _of(self, lumps: Lumps, number: int) -> Floats:
        out = np.full(len(self.cells), -1.0)
        for i, (cell, low, high) in enumerate(zip(lumps.cells, lumps.low, lumps.high, strict=True)):
            inside = (self.cells == cell) & (self.values_ >= low) & (self.values_ <= high)
            piece = np.floor((self.values_[inside] - low) * (number / (high - low)))
            out[inside] = i * number + np.minimum(piece, number - 1)
        return out

    def pieces(self, lumps: Lumps, number: int) -> Lumps:
        group = self._of(lumps, number)
        return self._grouped(group, group >= 0)

    def values(self, lumps: Lumps) -> Lumps:
        return self._grouped(self.values_, self._of(lumps, 2) >= 0)


def draws(kind: str, rng: np.random.Generator, n: int) -> Floats:
    """Values that lie in different ways."""
    return {
        "smooth": rng.normal(size=n),
        "ties": rng.integers(0, 12, n).astype(float),
        "heavy": np.exp(6 * rng.normal(size=n)),
        "two clouds": np.where(rng.random(n) < 0.5, 0.0, 1e9) + rng.random(n),
        "one value": np.full(n, 3.0),
    }[kind]


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule != "hf3"])
@pytest.mark.parametrize("kind", ["smooth", "ties", "heavy", "two clouds", "one value"])
def test_every_rule_gives_the_order_statistic_of_all_rows(
    rule: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(by_lumps, "FEW", 20)
    rng, n, k = np.random.default_rng(7), 3_000, 3
    cells, values = rng.integers(0, k, n), draws(kind, rng, n)
    weights = np.where(rng.random(n) < 0.3, 1.0, rng.integers(1, 4, n) / 2)
    wanted = np.array([[0.0, 0.1, 0.5, 0.73, 1.0], [1 / 3, 0.25, 0.5, 0.9, 0.999], [0.5, 0.5, 0.001, 0.2, 0.8]])
    engine = InMemory(cells, values, weights)
    made = narrowed(engine, engine.ends(), lambda cell: wanted[cell], rule)
    assert made is not None and engine.passes <= 16
    assert made.totals.sum() == pytest.approx(weights.sum(), rel=1e-12) and made.rows.sum() == n
    cuts = breakpoints(made, needed(made, lambda cell: wanted[cell], rule), k)
    place = (values[:, None] > cuts[cells]).sum(axis=1)
    coarse = cuts[cells, place]
    expected = quantiles(ordered(cells, k, values, weights != 0), weights[:, None], wanted, rule)
    found = quantiles(ordered(cells, k, coarse, weights != 0), weights[:, None], wanted, rule)
    np.testing.assert_allclose(found, expected, rtol=1e-10)  # cumulative sums in another order
    if kind in ("smooth", "heavy"):
        assert len(np.unique(coarse)) < len(np.unique(values)) / 4, "it is a coarse copy, not the rows"


def test_values_that_no_pieces_part_are_given_up() -> None:
    values = 2.0 ** -np.arange(0, 1_000, 2)
    values = np.repeat(np.append(values, 1e300), 3_000 // 500)
    engine = InMemory(np.zeros(len(values), dtype=np.intp), values, np.ones(len(values)))
    made = narrowed(engine, engine.ends(), lambda cell: np.array([0.01]), "math")
    assert made is None or engine.passes <= by_lumps.MOST_PASSES + 1
