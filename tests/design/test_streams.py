"""Proves the kernel against loops over rows: streamed values, strata of two, sets of columns, maps that permute."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pytest
from scipy import sparse

from llo_research.design import unit_sums
from llo_research.design.components import column_labels, components
from llo_research.design.kernel import covariance, quadratic, streamed_covariance
from llo_research.design.moments import pair_sums
from llo_research.design.occasions import Occasions
from llo_research.design.scores import Block, Scores
from llo_research.design.stages import Stage
from llo_research.design.unit_sums import from_stream, from_unit_sums

# Sums of a few dozen numbers in another order.
AGREE = 1e-12
RNG = np.random.default_rng(7)


def stage_of(stratum: list[int], unit: list[int] | None, fraction: float = 0.0) -> Stage:
    """One stage; strata and units are numbered from 0."""
    rows = np.array(stratum, dtype=np.intp)
    codes = None if unit is None else np.array(unit, dtype=np.intp)
    number = int(rows.max()) + 1
    pairs = set(zip(stratum, range(len(stratum)) if unit is None else unit, strict=True))
    sizes = np.array([sum(h == own for own, _ in pairs) for h in range(number)], dtype=np.float64)
    return Stage(codes, rows, sizes, np.full(number, fraction), np.ones(number), np.arange(number).astype(str))


def loop(z: np.ndarray, stage: Stage, lonely: str = "remove") -> np.ndarray:
    """The formula of the kernel, stratum by stratum and unit by unit."""
    out = np.zeros((z.shape[1],) * 2)
    unit = np.arange(len(z)) if stage.unit is None else stage.unit
    everyone = sum(z[unit == u].sum(axis=0) for u in np.unique(unit)) / len(np.unique(unit))
    for h in range(len(stage.units_per_stratum)):
        own = [z[(stage.stratum == h) & (unit == u)].sum(axis=0) for u in np.unique(unit[stage.stratum == h])]
        centre = everyone if len(own) == 1 and lonely == "adjust" else np.mean(own, axis=0)
        factor = (1 - stage.fraction[h]) * (1 if len(own) == 1 else len(own) / (len(own) - 1))
        for total in own:
            out += factor * np.outer(total - centre, total - centre)
    return out


@dataclass
class Values:
    """Influence values that are there, given away in pieces of four rows."""

    values: np.ndarray

    @property
    def scores(self) -> Scores:
        """As one cell."""
        return Scores((Block(np.zeros(len(self.values), dtype=np.intp), self.values, 1),), np.ones(len(self.values)))

    def rows(self, rows: slice | np.ndarray) -> np.ndarray:
        """Those of these rows."""
        return np.asarray(self.values[rows])

    def pieces(self) -> Iterator[tuple[slice, np.ndarray]]:
        """All of them."""
        for first in range(0, len(self.values), 4):
            piece = slice(first, min(first + 4, len(self.values)))
            yield piece, self.values[piece]


STRATUM = [0, 1, 2, 0, 1, 0, 2, 1, 0, 1, 2, 0, 1, 3, 3, 3]
UNIT = [0, 3, 5, 1, 4, 2, 6, 3, 0, 4, 5, 1, 3, 7, 7, 7]  # of two rows and more, in no order; stratum 3 has one unit
Z = RNG.normal(3, 1, (len(STRATUM), 2))
DESIGNS = {
    "units": stage_of(STRATUM, UNIT),
    "rows": stage_of(STRATUM[:14], None),
    "part": stage_of(STRATUM, UNIT, 0.25),
}


@pytest.mark.parametrize("piece", [1, 3, 7, 4_000_000])
@pytest.mark.parametrize("lonely", ["remove", "adjust"])
@pytest.mark.parametrize("design", DESIGNS)
def test_streams_and_blocks_are_the_loop(design: str, lonely: str, piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sums of strata too, which lonely units are taken from."""
    stage = DESIGNS[design]
    z = Z[: len(stage.stratum)]
    monkeypatch.setattr(unit_sums, "_PIECE", piece)
    sums, made = from_stream(Values(z), stage)
    wanted = loop(z, stage, lonely)
    totals = np.array([z[stage.stratum == h].sum(axis=0) for h in range(4)])
    assert sums == pytest.approx(totals, rel=AGREE)
    assert made == pytest.approx(loop(z, stage), rel=AGREE)
    assert from_unit_sums(Values(z).scores.blocks, stage) == pytest.approx(made, rel=AGREE)
    assert streamed_covariance(Values(z), (stage,), lonely) == pytest.approx(wanted, rel=AGREE)
    assert covariance(Values(z).scores, (stage,), lonely) == pytest.approx(wanted, rel=AGREE)


@pytest.mark.parametrize("fraction", [0.0, 0.4])
def test_waves_of_two_units_that_return(fraction: float) -> None:
    """Two strata in two waves, two units each: who returns in the stratum, in the other one, and not at all."""
    who = np.array([0, 0, 1, 2, 2, 3, 4, 5])
    cell = np.array([0, 2, 0, 1, 3, 1, 2, 3])  # cells 0 and 1 in the first wave, 2 and 3 in the second
    home = np.array([0, 1, 0, 1])
    two, drawn = np.full(4, 2.0), np.full(4, fraction)
    occasions = Occasions(who, cell, home, two, drawn)
    stage = Stage(np.arange(8), cell, two, drawn, np.ones(4), np.arange(4).astype(str), occasions=occasions)
    z = RNG.normal(2, 1, (8, 3))
    deviation = np.array([np.sqrt(2) * (z[i] - z[cell == cell[i]].mean(axis=0)) for i in range(8)])
    wanted = (1 - fraction) * deviation.T @ deviation
    for a, b in [(0, 1), (3, 4)]:  # one unit in both waves of a stratum: 1 - f_s n_t / n_st
        both = np.outer(deviation[a], deviation[b])
        wanted += (1 - fraction * 2 / 1) * (both + both.T)
    block = Block(np.zeros(8, dtype=np.intp), z, 1)
    assert covariance(Scores((block,), np.ones(8)), (stage,), "remove") == pytest.approx(wanted, rel=AGREE)


def test_maps_that_permute_are_no_identity() -> None:
    """None of the numbers in its own place, half of them, and all."""
    root = RNG.normal(size=(12, 12))
    middle = root @ root.T
    turned, half = np.roll(np.arange(12), 1), np.append(np.arange(6), np.arange(6, 12)[::-1])
    for order in (turned, half, np.arange(12)):
        made = quadratic(sparse.csr_array(np.eye(12)[order]), middle.copy())
        assert made == pytest.approx(middle[np.ix_(order, order)], rel=AGREE)
    for times in (np.full(12, 2.0), np.where(np.arange(12) < 5, 1.0, -3.0)):
        made = quadratic(sparse.csr_array(np.diag(times)), middle.copy())
        assert made == pytest.approx(np.outer(times, times) * middle, rel=AGREE)


def test_sets_of_columns_are_those_that_strata_join() -> None:
    """Strata 0 and 2 share a cell, 1 and 3 a cell of the other block; a cell is empty, and so is a stratum."""
    stage = stage_of([0, 0, 2, 2, 1, 1, 3, 3, 4, 4], None)
    blocks = (
        Block(np.array([0, 1, 1, 4, 2, 2, 4, 4, 4, 4]), RNG.normal(size=(10, 2)), 4),  # cell 3 has no row
        Block(np.array([3, 3, 0, 0, 1, 1, 1, 2, 3, 3]), RNG.normal(size=(10, 1)), 3),
    )
    labels = column_labels(blocks, stage)
    assert labels is not None
    assert labels.tolist() == [0, 0, 0, 0, 1, 1, -1, -1, 0, 1, 1]
    parts = list(components(blocks, stage))
    assert [part.columns.tolist() for part in parts] == [[0, 1, 2, 3, 8], [4, 5, 9, 10]]
    assert [part.stage.names.tolist() for part in parts] == [["0", "2", "4"], ["1", "3"]]
    whole = from_unit_sums(blocks, stage)
    for part in parts:
        own = whole[np.ix_(part.columns, part.columns)]
        assert from_unit_sums(part.blocks, part.stage) == pytest.approx(own, rel=AGREE, abs=AGREE)
    assert column_labels(blocks[:1], stage_of([0] * 10, None)) is None
    assert column_labels((Block(np.arange(10) % 2, RNG.normal(size=(10, 1)), 2),), stage) is None


def test_maps_by_sets_are_the_whole_map() -> None:
    """V is 0 between sets; a column in none of them has no rows, and a V of 0."""
    labels = np.array([0, 2, 1, 0, 2, 1, -1, 2])
    root = RNG.normal(size=(8, 8))
    middle = np.where((labels[:, None] == labels) & (labels >= 0), root @ root.T, 0.0)
    full = np.vstack([np.eye(8)[:5] - np.eye(8)[3:], RNG.normal(size=(4, 8))])
    made = quadratic(sparse.csr_array(full), middle, labels)
    assert made == pytest.approx(full @ middle @ full.T, rel=AGREE, abs=AGREE)


@pytest.mark.parametrize("cells", [(1, 1), (1, 2), (2, 2), (2, 3), (3, 2)])
@pytest.mark.parametrize("widths", [(1, 1), (1, 2), (3, 1), (4, 5)])
def test_pairs_of_blocks_with_cells_of_their_own(cells: tuple[int, int], widths: tuple[int, int]) -> None:
    """As many cells, not the same ones; some rows are outside of one or of both."""
    one, other = (
        Block(RNG.integers(0, number + 1, 30), RNG.normal(size=(30, p)), number)
        for number, p in zip(cells, widths, strict=True)
    )
    weights = RNG.uniform(1, 2, 30)
    z = Scores((one, other), np.ones(30)).dense()
    wanted = z[:, : one.size].T @ (weights[:, None] * z[:, one.size :])
    assert pair_sums(one, other, weights) == pytest.approx(wanted, rel=AGREE, abs=AGREE)
    again = Block(one.codes, RNG.normal(size=(30, widths[1])), one.n_cells)
    beside = Scores((one, again), np.ones(30)).dense()
    wanted = beside[:, : one.size].T @ (weights[:, None] * beside[:, one.size :])
    assert pair_sums(one, again, weights) == pytest.approx(wanted, rel=AGREE, abs=AGREE)


@pytest.mark.parametrize("rules", [("adjust", "remove"), ("remove", "adjust"), ("remove", "remove")])
@pytest.mark.parametrize("several", [False, True])
def test_a_lonely_unit_follows_the_rule_of_its_survey(rules: tuple[str, str], several: bool) -> None:
    """Two surveys in a stack, of which one has the only unit that is alone, or both have one."""
    strata = [np.array([0, 0, 0, 1, 1, 2]), np.array([0, 0, 1, 1, 1] + [2] * several)]
    z = [RNG.normal(2, 1, (len(own), 2)) for own in strata]
    wanted = sum(loop(own, stage_of(h.tolist(), None), rule) for own, h, rule in zip(z, strata, rules, strict=True))
    stacked = stage_of(np.concatenate([strata[0], strata[1] + 3]).tolist(), None)
    survey = np.array([0, 0, 0, 1, 1, 1])[: len(stacked.units_per_stratum)]
    stage = replace(stacked, survey=survey, rules=rules)
    assert len(stage.lonely) == 1 + several
    assert covariance(Values(np.vstack(z)).scores, (stage,), "error") == pytest.approx(wanted, rel=AGREE)
