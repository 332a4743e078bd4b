"""Estimates, their smooth maps, covariances and degrees of freedom, against loops, derivatives and each other."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

import llo_research as llo
from llo_research.design.scores import Block, Scores, stacked
from llo_research.errors import DesignError
from llo_research.numerics.groups import group_sums
from llo_research.numerics.ratios import cell_means
from llo_research.results.estimates import Estimates, beside, slopes, smooth
from llo_research.results.freedom import by_cells, cells_of, counts, degrees_of_freedom, over, union
from llo_research.results.inference import infer, transported
from llo_research.results.vcov import ByCluster, OverTime, TwoWay
from tests.reference import oracle

EXACT = 1e-11  # relative; the same few hundred numbers added up in another order
N, CELLS = 120, 4
RNG = np.random.default_rng(11)
FRAME = pd.DataFrame({"h": np.repeat([0, 1, 2], 40), "p": np.arange(N) // 5, "w": RNG.uniform(1, 5, N)})
FRAME["cell"] = np.where(FRAME["p"] == 7, CELLS, RNG.integers(0, CELLS, N))  # one cluster is outside
FRAME.loc[FRAME["h"] == 2, "cell"] %= 2
FRAME.loc[3:8, "w"] = 0.0
FRAME["y"], FRAME["x"] = RNG.normal(5, 1, N), RNG.gamma(2, 1, N)
DESIGN = llo.Survey(FRAME, weights="w", strata="h", psu="p").design
CELL, W = FRAME["cell"].to_numpy(), FRAME["w"].to_numpy()


def _means(columns: list[str], codes: np.ndarray = CELL, n_cells: int = CELLS) -> Estimates:
    """Means by cell: (cell, column) is estimate cell p + column."""
    made = cell_means(codes, n_cells, FRAME[columns].to_numpy(), W)
    scores = Scores((Block(codes, made.influence, n_cells),), W)
    return Estimates(made.estimate.ravel(), scores, size=np.abs(made.estimate.ravel()) + 1)


def _whole() -> Estimates:
    """Means of all rows, in one cell."""
    return _means(["y", "x"], np.zeros(N, dtype=np.intp), 1)


def _by_hand(estimates: Estimates) -> np.ndarray:
    assert estimates.scores is not None
    z = estimates.scores.dense()
    return np.asarray(oracle.covariance(z.tolist(), units=[FRAME["p"].tolist()], strata=FRAME["h"].tolist()))


def _df(rows: np.ndarray) -> int:
    """Clusters minus strata among rows with a weight."""
    some = FRAME[rows & (W != 0)]
    return some["p"].nunique() - some["h"].nunique()


def _rows(cells: Any) -> np.ndarray:
    return np.asarray(np.isin(CELL, list(cells)) & (W != 0))


def _parts(values: np.ndarray) -> np.ndarray:
    """Three smooth functions of four means: a difference, a log ratio, and a square with slope 0 at its estimate."""
    a, b, c, d = np.moveaxis(values, -1, 0)
    return np.stack([a - b, np.log(c / a), (d - BASE.value[3]) ** 2 + 0 * a], axis=-1)


BASE = _means(["y"])


def test_a_smooth_map_has_the_slopes_of_numerical_derivatives() -> None:
    made = smooth(BASE, _parts)
    moves = 1e-6 * np.eye(4)
    numerical = np.column_stack([(_parts(BASE.value + m) - _parts(BASE.value - m)) / 2e-6 for m in moves])
    assert slopes(_parts, BASE.value) == pytest.approx(numerical, abs=1e-8)
    assert BASE.scores is not None and made.scores is not None
    assert made.scores.dense() == pytest.approx(BASE.scores.dense() @ numerical.T, abs=1e-8)
    assert made.value == pytest.approx(_parts(BASE.value), rel=EXACT)
    # The square rests on its mean although its slope is 0 there; nothing rests on what it only multiplies by 0.
    wanted = [[True, True, False, False], [True, False, True, False], [False, False, False, True]]
    assert made.scores.rests().tolist() == wanted
    assert made.magnitude[0] == pytest.approx(BASE.magnitude[:2].sum(), rel=EXACT)


@pytest.mark.parametrize("at", [0.0, 2.0])
def test_what_an_estimate_rests_on_is_looked_for_on_both_sides(at: float) -> None:
    """A slope only above, or only below, the estimate."""
    base = Estimates(np.array([at, 1.0]), BASE.scores.mapped(np.eye(4)[:2]) if BASE.scores else None)
    for side in (1, -1):

        def bent(values: np.ndarray, side: int = side) -> np.ndarray:
            beyond = side * (values[..., :1] - at)
            return np.where(beyond.real > 0, beyond, 0 * beyond)

        made = smooth(base, bent)
        assert made.scores is not None and made.scores.rests()[0, :2].tolist() == [True, False]


def test_replicates_errors_and_taken_go_through_a_map() -> None:
    rng = np.random.default_rng(1)
    base = Estimates(
        BASE.value,
        BASE.scores,
        BASE.value + rng.normal(0, 0.1, (9, 4)),
        {"break": rng.normal(size=(2, 4)), "totals": rng.normal(size=(1, 4))},
        BASE.size,
        np.array([0.0, 3.0, 1.0, 2.0]),
    )
    made = smooth(base, _parts)
    assert made.replicates is not None and base.replicates is not None
    for replicate, values in zip(made.replicates, base.replicates, strict=True):
        assert replicate == pytest.approx(_parts(values), rel=EXACT)
    jacobian = slopes(_parts, base.value)
    assert {source: loading.shape for source, loading in made.errors.items()} == {"break": (2, 3), "totals": (1, 3)}
    for source, loading in base.errors.items():
        assert made.errors[source] == pytest.approx(loading @ jacobian.T, rel=EXACT)
    assert made.spent.tolist() == [3.0, 1.0, 2.0]
    assert smooth(base, _parts, taken=np.zeros(3)).spent.tolist() == [0.0] * 3
    assert smooth(BASE, _parts).taken is None and BASE.spent.tolist() == [0.0] * 4


def test_sparse_and_dense_maps_are_one() -> None:
    jacobian = np.array([[1.0, -1, 0, 0], [0, 0, 0, 0], [0.5, 0, 0, 2]])
    base = Estimates(BASE.value, BASE.scores, None, {"a": np.arange(8.0).reshape(2, 4)}, None, np.array([1.0, 2, 5, 4]))
    value = jacobian @ base.value
    one, other = base.mapped(value, jacobian), base.mapped(value, sparse.csr_array(jacobian))
    assert one.scores is not None and other.scores is not None and base.scores is not None
    assert one.scores.dense() == pytest.approx(base.scores.dense() @ jacobian.T, rel=EXACT)
    assert other.scores.dense() == pytest.approx(one.scores.dense(), rel=EXACT)
    assert other.errors["a"].tolist() == one.errors["a"].tolist() == (base.errors["a"] @ jacobian.T).tolist()
    assert one.magnitude == pytest.approx(np.abs(jacobian) @ np.abs(base.value), rel=EXACT)
    assert other.magnitude == pytest.approx(one.magnitude, rel=EXACT)
    assert one.spent.tolist() == other.spent.tolist() == [2.0, 0.0, 4.0]
    assert other.scores.rests().tolist() == one.scores.rests().tolist() == (jacobian != 0).tolist()
    again = other.mapped(value[:1], np.array([[0.0, 1, 0]]), uses=np.array([[True, True, False]])).scores
    assert again is not None and again.rests().tolist() == [[True, True, False, False]]
    assert counts(other.scores, None).tolist() == [_rows([0, 1]).sum(), 0, _rows([0, 3]).sum()]


def test_some_of_the_estimates() -> None:
    rng = np.random.default_rng(2)
    replicates, size, taken = rng.normal(size=(5, 4)), rng.uniform(1, 2, 4), np.array([1.0, 0, 2, 3])
    base = Estimates(BASE.value, BASE.scores, replicates, {"a": rng.normal(size=(1, 4))}, size, taken)
    rows = np.array([3, 0, 3])
    some = base.only(rows)
    assert some.value.tolist() == base.value[rows].tolist()
    assert some.replicates is not None and (some.replicates == replicates[:, rows]).all()
    assert some.magnitude.tolist() == size[rows].tolist()
    assert some.spent.tolist() == [3.0, 1.0, 3.0] and (some.errors["a"] == base.errors["a"][:, rows]).all()
    assert some.scores is not None and base.scores is not None
    assert (some.scores.dense() == base.scores.dense()[:, rows]).all()
    assert degrees_of_freedom(some, DESIGN).tolist() == [_df(_rows([c])) - t for c, t in ((3, 3), (0, 1), (3, 3))]
    plain = BASE.only(rows)
    assert plain.replicates is None and plain.taken is None


def test_estimates_beside_each_other_have_their_joint_covariance() -> None:
    rng = np.random.default_rng(3)
    one = Estimates(BASE.value, BASE.scores, None, {"a": rng.normal(size=(2, 4)), "b": rng.normal(size=(1, 4))})
    whole = _whole()
    other = Estimates(whole.value, whole.scores, None, {"a": rng.normal(size=(2, 2))}, whole.size, np.array([1.0, 2.0]))
    both = beside({"one": one, "other": smooth(other, lambda v: v * 2.0)})
    assert both.value.tolist() == [*one.value, *(2 * other.value)]
    assert both.errors["a"].tolist() == np.hstack([one.errors["a"], 2 * other.errors["a"]]).tolist()
    assert both.errors["b"].tolist() == np.hstack([one.errors["b"], np.zeros((1, 2))]).tolist()
    assert both.spent.tolist() == [0, 0, 0, 0, 1, 2]
    assert both.magnitude == pytest.approx([*np.abs(one.value), *(2 * whole.magnitude)], rel=EXACT)
    made = infer(both, DESIGN)
    loadings = np.vstack(list(both.errors.values()))
    assert made.sampling == pytest.approx(_by_hand(both), rel=1e-9, abs=1e-14)
    assert made.covariance == pytest.approx(_by_hand(both) + loadings.T @ loadings, rel=1e-9, abs=1e-14)
    assert beside({"a": BASE, "b": BASE}).taken is None


def test_what_cannot_stand_together_is_refused() -> None:
    read, kept = Estimates(BASE.value), Estimates(BASE.value, BASE.scores, np.zeros((3, 4)))
    for other in (read, kept):
        with pytest.raises(DesignError, match="cannot stand together"):
            beside({"a": BASE, "b": other})
    wide = Estimates(BASE.value, errors={"a": np.zeros((2, 4))})
    with pytest.raises(ValueError, match="a is of 2 and of 3 errors"):
        beside({"a": wide, "b": Estimates(BASE.value, errors={"a": np.zeros((3, 4))})})
    for part in ({"scores": _whole().scores}, {"replicates": np.zeros((3, 5))}, {"errors": {"a": np.zeros((2, 3))}}):
        with pytest.raises(ValueError, match="estimates of 4 rows"):
            Estimates(BASE.value, **part)  # type: ignore[arg-type]  # a mapping of several types
    for part in ({"size": np.zeros(3)}, {"taken": np.zeros(5)}):
        with pytest.raises(ValueError, match="estimates of 4 rows"):
            Estimates(BASE.value, **part)  # type: ignore[arg-type]  # as above


def test_inference_is_the_design_s_with_undefined_rows_unknown() -> None:
    base = Estimates(np.where(np.arange(4) == 1, np.nan, BASE.value), BASE.scores, None, {"a": np.eye(4)[:2] * 0.3})
    made, wanted = infer(base, DESIGN), _by_hand(BASE)
    kept = [0, 2, 3]
    for matrix in (made.covariance, made.sampling):
        assert np.isnan(matrix[1]).all() and np.isnan(matrix[:, 1]).all()
    assert made.sampling[np.ix_(kept, kept)] == pytest.approx(wanted[np.ix_(kept, kept)], rel=1e-9, abs=1e-14)
    assert made.covariance[0, 0] == pytest.approx(wanted[0, 0] + 0.09, rel=EXACT)
    assert made.covariance[2, 2] == made.sampling[2, 2]
    assert made.df.tolist() == [_df(_rows([cell])) for cell in range(4)]
    assert made.vcov.name == "design" and made.facts["vcov"] == "design"


def test_replicates_come_first_and_are_needed_where_the_design_has_them() -> None:
    svy = llo.replicate(llo.Survey(FRAME, weights="w", strata="h", psu="p"), "jkn")
    rng = np.random.default_rng(4)
    assert svy.design.replicates is not None
    replicates = BASE.value + rng.normal(size=(svy.design.replicates.n_replicates, 4))
    base = Estimates(BASE.value, BASE.scores, replicates)
    wanted = svy.design.replicates.covariance(replicates, BASE.value)
    known = infer(base, svy.design)
    assert known.covariance.tolist() == wanted.tolist()
    jacobian = np.array([[1.0, -1, 0, 0]])
    half = base.mapped(jacobian @ base.value, jacobian)
    for one in (BASE, half):
        with pytest.raises(DesignError, match="hold nothing"):
            infer(one, svy.design)
    again = infer(base.mapped(jacobian @ base.value, jacobian, replicates=replicates @ jacobian.T), svy.design)
    assert again.covariance == pytest.approx(jacobian @ wanted @ jacobian.T, rel=EXACT)
    clusters = ByCluster(FRAME["p"].to_numpy(), 1.5, 20.0)
    assert infer(BASE, svy.design, clusters).covariance == pytest.approx(clusters.covariance(BASE.scores, svy.design))  # type: ignore[arg-type]  # not None
    with pytest.raises(DesignError, match="hold nothing"):
        infer(Estimates(BASE.value), DESIGN)


def test_transported_is_j_v_j() -> None:
    rng = np.random.default_rng(5)
    root = rng.normal(size=(4, 4))
    v, jacobian = root @ root.T, np.array([[1.0, 0, -2, 1], [1, 0, 3, 1], [1, 0, 0, 0]])
    for map_ in (jacobian, sparse.csr_array(jacobian)):
        assert transported(v, map_) == pytest.approx(jacobian @ v @ jacobian.T, rel=EXACT)
    v[1], v[:, 1] = np.nan, np.nan
    jacobian[0, 1] = 5.0
    # an estimate whose variance is not known leaves that of what is made of it unknown, and of nothing else
    expected = jacobian @ np.nan_to_num(v) @ jacobian.T
    expected[0], expected[:, 0] = np.nan, np.nan
    for map_ in (jacobian, sparse.csr_array(jacobian)):
        assert transported(v, map_) == pytest.approx(expected, rel=EXACT, nan_ok=True)


@pytest.mark.parametrize("mapped", [False, True])
def test_degrees_of_freedom_and_counts_are_those_of_the_union_of_cells(mapped: bool) -> None:
    """Of every set of cells; many of them at once, with and without cells in common."""
    sets = [set(some) for size in range(1, 5) for some in combinations(range(4), size)] * 2
    uses = np.array([[cell in some for cell in range(4)] for some in sets])
    jacobian = uses.astype(float)
    base = BASE if not mapped else BASE.mapped(BASE.value * 2, 2 * np.eye(4))
    made = base.mapped(jacobian @ base.value, jacobian)
    assert made.scores is not None
    assert degrees_of_freedom(made, DESIGN).tolist() == [_df(_rows(some)) for some in sets]
    assert counts(made.scores, None).tolist() == [_rows(some).sum() for some in sets]
    assert (cells_of(made.scores, slice(None)) == uses).all()
    assert [made.scores.support(np.array([i])).sum() for i in range(len(sets))] == counts(made.scores, None).tolist()
    spent = Estimates(made.value, made.scores, taken=np.arange(len(sets), dtype=float))
    assert degrees_of_freedom(spent, DESIGN).tolist() == [_df(_rows(some)) - i for i, some in enumerate(sets)]
    assert np.isnan(degrees_of_freedom(Estimates(BASE.value), DESIGN)).all()


@pytest.mark.parametrize("number", [2, 40])
def test_many_cells_are_counted_in_groups(number: int) -> None:
    codes = (np.arange(N) * 7 % (number + 1)).astype(np.intp)
    base = _means(["y", "x"], codes, number)
    assert base.scores is not None
    wanted = [((codes == cell) & (W != 0)).sum() for cell in range(number)]
    assert by_cells(base.scores, lambda c, k: np.bincount(c, minlength=k + 1)[:k].astype(float)).tolist() == [
        count for count in wanted for _ in range(2)
    ]
    pairs = np.eye(number, dtype=bool) | np.roll(np.eye(number, dtype=bool), 1, axis=1)
    found = over(base.scores, pairs, lambda c, k: group_sums(c, np.ones(N), k))
    assert found.tolist() == [sum(wanted[cell] for cell in np.flatnonzero(row)) for row in pairs]
    assert (union(pairs, np.eye(number, dtype=bool)) == pairs).all()


def test_results_of_other_cells_count_a_row_once() -> None:
    """Rows of the whole and of a cell, as those of the union; rows of two blocks in one pattern."""
    base = beside({"cells": BASE, "whole": _whole()})
    jacobian = np.array([[1.0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 1], [1, 0, 0, 0, -1, 0], [0, 1, 1, 0, 0, 0]])
    made = base.mapped(jacobian @ base.value, jacobian)
    sets = [_rows([0]), W != 0, W != 0, _rows([1, 2])]
    assert made.scores is not None
    assert counts(made.scores, None).tolist() == [rows.sum() for rows in sets]
    assert degrees_of_freedom(made, DESIGN).tolist() == [_df(rows) for rows in sets]


def _scores() -> Scores:
    """Two blocks, one of a cell in which not all rows are, followed by a map."""
    one = _means(["y", "x"])
    some = _means(["y"], np.where(FRAME["x"] > 1, 0, 1).astype(np.intp), 1)
    both = beside({"one": one, "some": some})
    jacobian = np.random.default_rng(6).normal(size=(5, 9)) * (np.random.default_rng(7).random((5, 9)) < 0.6)
    scores = both.mapped(jacobian @ both.value, jacobian).scores
    assert scores is not None
    return scores


@pytest.mark.parametrize("mapped", [False, True])
def test_scores_by_rows_and_by_groups_are_those_of_the_whole_array(mapped: bool) -> None:
    scores = _scores() if mapped else Scores(_scores().blocks, W)
    z = scores.dense()
    assert z.shape == (N, scores.size) and (scores.rows(slice(5, 40)) == z[5:40]).all()
    base = np.zeros((N, 9))
    for row in range(N):
        for block, start in zip(scores.blocks, (0, 8), strict=True):
            p = block.values.shape[1]
            if block.codes[row] < block.n_cells:
                at = start + block.codes[row] * p
                base[row, at : at + p] = block.values[row]
    wanted = base if scores.transform is None else base @ np.asarray(scores.transform).T
    assert z == pytest.approx(wanted, rel=EXACT, abs=1e-14)
    codes = np.where(FRAME["p"] % 3 == 0, 24, FRAME["p"]).astype(np.intp)
    sums = scores.sums(codes, 24)
    assert sums.shape == (24, scores.size)
    for group in range(24):
        assert sums[group] == pytest.approx(z[codes == group].sum(axis=0), rel=EXACT, abs=1e-13)
    picked = scores.only(np.array([2, 0]))
    assert picked.dense() == pytest.approx(z[:, [2, 0]], rel=EXACT, abs=1e-14) and picked.size == 2


def test_what_is_said_to_be_used_stays_through_maps_and_beside() -> None:
    """A slope that is 0 or cancels is still a use."""
    assert BASE.scores is not None
    uses = np.array([[True, True, False, False], [False, False, True, False]])
    first = BASE.scores.mapped(np.array([[1.0, 0, 0, 0], [0, 0, 1, 0]]), uses)
    assert first.rests().tolist() == uses.tolist() and first.rests(np.array([1])).tolist() == uses[1:].tolist()
    second = first.mapped(np.array([[0.0, 2.0], [1.0, 1.0]]), np.array([[True, False], [False, True]]))
    assert second.rests().tolist() == uses.tolist()
    z = first.dense()
    assert second.dense() == pytest.approx(np.column_stack([2 * z[:, 1], z[:, 0] + z[:, 1]]), rel=EXACT, abs=1e-15)
    assert first.mapped(np.array([[1.0, 1.0]])).rests().tolist() == [[True, True, True, False]]
    whole = _whole().scores
    assert whole is not None
    together = stacked([first, whole])
    assert together.rests().tolist() == [[*uses[0], False, False], [*uses[1], False, False], *np.eye(6)[4:].tolist()]
    assert together.dense() == pytest.approx(np.hstack([first.dense(), whole.dense()]), rel=EXACT, abs=1e-15)
    assert stacked([first, first]).rests().tolist() == np.kron(np.eye(2, dtype=bool), uses).tolist()
    assert first.support(np.array([0, 1])).tolist() == _rows([0, 1, 2]).tolist()
    assert BASE.scores.support(np.array([3, 1])).tolist() == _rows([1, 3]).tolist()
    assert BASE.scores.rests(np.array([2, 0])).tolist() == np.eye(4)[[2, 0]].tolist()


def test_cells_that_nothing_rests_on_may_go_and_no_others() -> None:
    """A cell with slope 0 that one of several estimates uses stays."""
    assert BASE.scores is not None
    uses = np.array([[True, False, True, False], [True, False, False, False], [False, False, False, True]])
    scores = BASE.scores.mapped(np.array([[1.0, 0, 0, 0], [2, 0, 0, 0], [0, 0, 0, 3]]), uses)
    left = scores.trimmed()
    assert (left.n_base, scores.n_base) == (3, 4)
    assert left.dense() == pytest.approx(scores.dense(), rel=EXACT)
    assert left.rests().tolist() == uses[:, [0, 2, 3]].tolist()
    assert counts(left, None).tolist() == counts(scores, None).tolist() == [_rows(c).sum() for c in ([0, 2], [0], [3])]


def test_rows_with_a_weight_in_one_part_only_stay_out_of_the_other() -> None:
    """Two parts of which each has item weights of its own: a row counts where it has a weight."""
    parts = []
    for odd in (0, 1):
        own = np.where(np.arange(N) % 2 == odd, W, 0.0)
        made = cell_means(CELL, CELLS, FRAME[["y"]].to_numpy(), own)
        parts.append(Scores((Block(CELL, made.influence, CELLS),), own))
    both = stacked(parts)
    assert (both.weights != 0).tolist() == (W != 0).tolist()
    assert counts(both, None).tolist() == [*counts(parts[0], None), *counts(parts[1], None)]
    for odd in (0, 1):
        inside = both.support(np.arange(4) + 4 * odd)
        assert inside.tolist() == ((np.arange(N) % 2 == odd) & (W != 0) & (CELL < CELLS)).tolist()


def _meat(z: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Sum over groups of z_g z_g'."""
    out = np.zeros((z.shape[1], z.shape[1]))
    for group in np.unique(codes):
        total = z[codes == group].sum(axis=0)
        out += np.outer(total, total)
    return out


def test_covariances_by_clusters_are_loops() -> None:
    scores, p, t = _scores(), FRAME["p"].to_numpy(), np.arange(N) % 8
    z = scores.dense()
    one, other, both = ByCluster(p, 1.2, 23.0), ByCluster(t, 1.1, 7.0), ByCluster(p * 8 + t, 1.05, 99.0)
    assert one.covariance(scores, DESIGN) == pytest.approx(1.2 * _meat(z, p), rel=EXACT, abs=1e-14)
    wanted = 1.2 * _meat(z, p) + 1.1 * _meat(z, t) - 1.05 * _meat(z, p * 8 + t)
    two = TwoWay(one, other, both)
    assert two.covariance(scores, DESIGN) == pytest.approx(wanted, rel=1e-9, abs=1e-12)
    assert two.df(BASE, DESIGN).tolist() == [7.0] * 4 and one.df(BASE, DESIGN).tolist() == [23.0] * 4
    assert two.facts()["factor"] == [1.2, 1.1, 1.05] and one.facts()["factor"] == 1.2


@pytest.mark.parametrize("lags", [0, 1, 3])
def test_covariances_over_time_have_bartlett_weights(lags: int) -> None:
    scores, t = _scores(), np.arange(N) % 8
    z = scores.dense()
    sums = [z[t == time].sum(axis=0) for time in range(8)]
    wanted = np.zeros((5, 5))
    for a in range(8):
        for b in range(8):
            if abs(a - b) <= lags:
                wanted += (1 - abs(a - b) / (lags + 1)) * np.outer(sums[a], sums[b])
    over_time = OverTime(t, lags, 1.3, 7.0)
    assert over_time.covariance(scores, DESIGN) == pytest.approx(1.3 * wanted, rel=1e-9, abs=1e-13)
    assert over_time.df(BASE, DESIGN).tolist() == [7.0] * 4
    assert (over_time.facts()["lags"], over_time.facts()["factor"]) == (lags, 1.3)
