"""Fairlie's parts against loops over all orders, the linear law, replicates that pair anew, and what is refused."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.decomposition.fairlie import Players, paired
from llo_research.numerics.families import family_of
from tests.decomposition import oracle
from tests.decomposition.people import GROUPS, frame, replicated, survey

EXACT = 1e-10  # sums in another order, and Newton's steps to 1e-14
FORMULA = "y ~ x + C(c)"
TERMS = ("x", "C(c)[T.q]", "C(c)[T.r]")
oaxaca = llo.decomposition.oaxaca_blinder


def by_loops(data: pd.DataFrame, weights: np.ndarray, kind: Any, family: str) -> dict[str, float]:
    """Each term's part: two queues of people in order of their predictions, emptied together; all orders one by one."""
    x, y, w, b = {}, {}, {}, {}
    for name, level in (("of", "a"), ("minus", "b")):
        rows = (data["g"] == level).to_numpy()
        x[name], y[name], w[name] = oracle.matrix(data[rows]), data["y"].to_numpy(float)[rows], weights[rows]
        b[name] = oracle.fitted(x[name], y[name], w[name], family)
    star = oracle.reference(kind, x, y, w, b, family)
    queues = {}
    for name in x:
        order = sorted(range(len(x[name])), key=lambda i, n=name: float(x[n][i] @ star))
        queues[name] = [(x[name][i], w[name][i] / w[name].sum()) for i in order]
    out = dict.fromkeys(TERMS, 0.0)
    orders, i, j = list(permutations((1, 2, 3))), 0, 0
    left = {name: queue[0][1] for name, queue in queues.items()}
    while True:
        mass = min(left.values())
        for order in orders:
            at = queues["minus"][j][0].copy()
            for k in order:
                before = oracle.mean(float(at @ star), family)
                at[k] = queues["of"][i][0][k]
                out[TERMS[k - 1]] += mass * (oracle.mean(float(at @ star), family) - before) / len(orders)
        left = {name: value - mass for name, value in left.items()}
        if left["of"] <= 1e-14:
            i += 1
        if left["minus"] <= 1e-14:
            j += 1
        if i == len(queues["of"]) or j == len(queues["minus"]):
            return out
        left["of"] = queues["of"][i][1] if left["of"] <= 1e-14 else left["of"]
        left["minus"] = queues["minus"][j][1] if left["minus"] <= 1e-14 else left["minus"]


@pytest.mark.parametrize("family", ["logit", "probit", "poisson"])
@pytest.mark.parametrize("reference", ["minus", "pooled", "cotton"])
def test_plain_loops_give_every_part(family: str, reference: Any) -> None:
    data = frame(family)
    made = oaxaca(FORMULA, survey(data), **GROUPS, family=family, reference=reference, nonlinear="fairlie")
    found = dict(zip(made.labels, made.estimate, strict=True))
    for term, value in by_loops(data, data["w"].to_numpy(), reference, family).items():
        assert found[f"explained:{term}"] == pytest.approx(value, abs=EXACT)
    assert "unexplained:x" not in found


@pytest.mark.parametrize("family", ["logit", "probit"])
def test_totals_are_those_of_yun_with_the_same_errors(family: str) -> None:
    svy = survey(frame(family))
    one = oaxaca(FORMULA, svy, **GROUPS, family=family, nonlinear="fairlie").to_frame()
    other = oaxaca(FORMULA, svy, **GROUPS, family=family).to_frame()
    columns = ["component", "estimate", "std_error", "df"]
    one, other = (f[f["term"] == "total"][columns].reset_index(drop=True) for f in (one, other))
    pd.testing.assert_frame_equal(one, other, rtol=1e-10)


def test_the_sum_of_the_parts_is_the_explained_part_in_every_sample() -> None:
    made = oaxaca(FORMULA, survey(frame("logit")), **GROUPS, family="logit", nonlinear="fairlie")
    parts = [i for i, label in enumerate(made.labels) if label.startswith("explained:")]
    total = made.labels.index("explained")
    assert made.influence[:, parts].sum(axis=1) == pytest.approx(made.influence[:, total], abs=1e-12)


def test_of_a_linear_model_it_is_oaxaca_and_blinder() -> None:
    svy = survey(frame())
    one = oaxaca(FORMULA, svy, **GROUPS, nonlinear="fairlie")
    other = oaxaca(FORMULA, svy, **GROUPS)
    assert one.estimate.tolist() == other.estimate.tolist()
    # and by the pairs themselves, with a link that bends nothing: parts, slopes and the persons' own parts
    rng = np.random.default_rng(3)
    x = (rng.normal(size=(40, 3)), rng.normal(size=(25, 3)) + 0.4)
    w, beta = (rng.uniform(1, 2, 40), rng.uniform(1, 2, 25)), np.array([0.5, -0.3, 0.8])
    eye = np.eye(3)
    link = family_of("gaussian", None).link
    made = paired(x, w, beta, Players(eye, eye, eye), link)
    difference = w[0] @ x[0] / w[0].sum() - w[1] @ x[1] / w[1].sum()
    assert len(made.mass) <= 40 + 25 - 1
    assert made.value() == pytest.approx(difference * beta, abs=1e-13)
    assert made.slopes() == pytest.approx(np.diag(difference), abs=1e-13)


def test_replicates_pair_anew() -> None:
    data = frame("logit")
    svy, weights = replicated(data, 5)
    made = oaxaca(FORMULA, svy, **GROUPS, family="logit", nonlinear="fairlie")
    for r in range(5):
        for term, value in by_loops(data, weights[:, r], "pooled", "logit").items():
            assert made.replicates[r, made.labels.index(f"explained:{term}")] == pytest.approx(value, abs=1e-9)


@pytest.mark.parametrize("family", ["logit", "poisson"])
def test_errors_agree_with_a_jackknife_that_pairs_anew(family: str) -> None:
    """What is held in the influence values (who stands beside whom) adds next to nothing to a jackknife."""
    svy = survey(frame(family, n=800))
    one = oaxaca(FORMULA, svy, **GROUPS, family=family, nonlinear="fairlie")
    other = oaxaca(FORMULA, llo.replicate(svy, "jkn"), **GROUPS, family=family, nonlinear="fairlie")
    assert one.std_error == pytest.approx(other.std_error, rel=0.15)


def test_row_order_and_scale_of_the_weights_change_nothing() -> None:
    data = frame("logit")
    options = {**GROUPS, "family": "logit", "nonlinear": "fairlie", "normalize": "c"}
    first = oaxaca(FORMULA, survey(data), **options)
    for other in (data.sample(frac=1.0, random_state=2), data.assign(w=7 * data["w"])):
        made = oaxaca(FORMULA, survey(other), **options)
        assert made.estimate == pytest.approx(first.estimate, abs=1e-10)
        assert made.std_error == pytest.approx(first.std_error, rel=1e-8)


def test_subsets_by_cells_and_a_fitted_reference() -> None:
    data = frame("logit", n=400).assign(half=lambda d: np.arange(len(d)) % 2)
    svy = survey(data)
    fit = llo.glm(f"{FORMULA} + C(g)", svy, family="binomial")
    options = {**GROUPS, "family": "logit", "nonlinear": "fairlie", "subsets": {"job": ["C(c)"]}, "by": "half"}
    made = oaxaca(FORMULA, svy, **options, reference=fit).to_frame()
    parts = made[(made["component"] == "explained")].set_index(["half", "term"])["estimate"]
    for half in (0, 1):
        assert parts[half, "x"] + parts[half, "job"] == pytest.approx(parts[half, "total"], abs=EXACT)
    assert np.isfinite(made["std_error"]).all()


def test_what_is_refused() -> None:
    data = frame("logit")
    for j in range(13):
        data[f"z{j}"] = np.random.default_rng(j).normal(size=len(data))
    svy = survey(data)
    many = "y ~ " + " + ".join(f"z{j}" for j in range(13))
    options = {**GROUPS, "family": "logit", "nonlinear": "fairlie"}
    with pytest.raises(llo.DataError, match=r"too many terms.*all orders"):
        oaxaca(many, svy, **options)
    some = {"a": [f"z{j}" for j in range(7)]}
    assert "explained:a" in oaxaca(many, svy, **options, subsets=some).labels
    with pytest.raises(llo.DataError, match="twofold"):
        oaxaca(FORMULA, svy, **options, kind="threefold")
    with pytest.raises(llo.DataError, match="errors of the design"):
        oaxaca(FORMULA, svy, **options, vcov="delta")
    assert "Fairlie" in oaxaca(FORMULA, svy, **options).to_r()
