"""Proves that contrasts and joint results over imputations are worked out in each, and keep Barnard-Rubin's df."""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import llo_research as llo
from llo_research.errors import DataError
from llo_research.estimation import Result
from llo_research.numerics.rubin import barnard_rubin
from tests.survey import samples

EXACT = 1e-10  # relative; the same sums in another order
M = 5


def _rubin(estimates: np.ndarray, variances: np.ndarray, complete: float) -> tuple[float, float, float]:
    """Estimate, variance and df of one number (Rubin 1987; Barnard and Rubin 1999)."""
    m = len(estimates)
    between = sum((estimates - estimates.mean()) ** 2) / (m - 1)
    total = sum(variances) / m + (1 + 1 / m) * between
    share = (1 + 1 / m) * between / total
    observed = (complete + 1) / (complete + 3) * complete * (1 - share)
    return float(sum(estimates) / m), float(total), float(1 / (share**2 / (m - 1) + 1 / observed))


def _survey(design: str = "clusters", seed: int = 1) -> llo.Survey:
    """Two sets of plausible values whose difference varies more between draws than either of them."""
    svy = samples.replicate_survey(seed) if design == "replicates" else samples.survey(design, seed)
    rng, frame = np.random.default_rng(seed), svy.frame
    made = {}
    for m in range(1, M + 1):
        made[f"P{m}"] = frame["y"] + 0.4 * rng.normal() + rng.normal(size=len(frame))
        made[f"Q{m}"] = frame["y"] - 0.4 * rng.normal() + rng.normal(size=len(frame))
        made[f"imp{m}"] = (frame["older"] ^ (rng.random(len(frame)) < 0.1)).astype(int)
    return svy.assign(**made)


CONTRASTS: list[tuple[Any, Any]] = [
    ({"P": 1, "Q": -1}, lambda m: {f"P{m}": 1, f"Q{m}": -1}),
    ("P - Q", lambda m: f"P{m} - Q{m}"),
    ("log(P / Q)", lambda m: f"log(P{m} / Q{m})"),
    ("exp(P / 10) * Q ** 2", lambda m: f"exp(P{m} / 10) * Q{m} ** 2"),
    ("P - P", lambda m: f"P{m} - P{m}"),
]


@pytest.mark.parametrize("design", ["clusters", "replicates", "two stages"])
@pytest.mark.parametrize(("what", "of_draw"), CONTRASTS, ids=[str(c[0]) for c in CONTRASTS])
def test_a_contrast_is_rubins_of_the_contrasts_of_the_draws(what: Any, of_draw: Any, design: str) -> None:
    svy = _survey(design)
    made = llo.mean(["P*", "Q*"], svy, plausible=True).contrast(what)
    parts = [llo.mean([f"P{m}", f"Q{m}"], svy).contrast(of_draw(m)) for m in range(1, M + 1)]
    complete = parts[0].df[0]
    estimates = np.array([part.estimate[0] for part in parts])
    variances = np.array([part.covariance[0, 0] for part in parts])
    assert made.n is not None and made.n.tolist() == [len(svy)]
    if variances.max() == 0:
        assert made.std_error[0] == 0 and "zero_se" in made.flags[0]
        return
    estimate, variance, df = _rubin(estimates, variances, complete)
    assert made.estimate[0] == pytest.approx(estimate, rel=EXACT)
    assert made.covariance[0, 0] == pytest.approx(variance, rel=EXACT)
    assert made.df[0] == pytest.approx(df, rel=1e-8)
    combined = llo.combine_imputations(parts)
    assert combined.df == pytest.approx(made.df, rel=1e-8)
    assert combined.std_error == pytest.approx(made.std_error, rel=EXACT)


def test_the_df_is_not_the_smallest_of_the_rows() -> None:
    """The sampling errors of P and Q cancel, those of imputation do not: few degrees of freedom are left."""
    means = llo.mean(["P*", "Q*"], _survey(), plausible=True)
    assert means.contrast("P - Q").df[0] < means.df.min() - 1


def test_the_complete_data_df_is_that_of_the_union_of_cells() -> None:
    svy = _survey()
    means = llo.mean("P*", svy, by=["region", "education"], plausible=True)
    made = means.contrast("`north:low` - `south:high`")
    inside = svy.where("(region == 'north' & education == 'low') | (region == 'south' & education == 'high')")
    complete = llo.mean("y", inside).df[0]
    parts = [llo.mean(f"P{m}", svy, by=["region", "education"]) for m in range(1, M + 1)]
    each = [part.contrast("`north:low` - `south:high`") for part in parts]
    assert each[0].df[0] == complete > parts[0].df[list(parts[0].labels).index("north:low")]
    _, _, df = _rubin(np.array([e.estimate[0] for e in each]), np.array([e.covariance[0, 0] for e in each]), complete)
    assert made.df[0] == pytest.approx(df, rel=1e-8)


@pytest.mark.parametrize("what", ["`P:north` - `P:south`", "log(`P:north` / `Q:south`)"])
def test_a_contrast_of_a_result_read_back_from_a_file(what: str, tmp_path: Path) -> None:
    means = llo.mean(["P*", "Q*"], _survey(), by="region", plausible=True)
    again = llo.read_result(means.save(tmp_path / "means"))
    one, other = means.contrast(what), again.contrast(what)
    assert other.estimate == pytest.approx(one.estimate, rel=EXACT)
    assert other.std_error == pytest.approx(one.std_error, rel=1e-8)
    # the file knows no cells: the complete-data df are those of the smaller row
    least = min(draw.df[i] for draw in means.draws for i in (0, 3 if "Q" in what else 2))
    share = one.meta["imputation_share_of_variance"][0]
    assert other.df[0] == pytest.approx(
        1 / (share**2 / (M - 1) + 1 / ((least + 1) / (least + 3) * least * (1 - share)))
    )
    assert other.df[0] <= one.df[0]
    twice = llo.read_result(one.save(tmp_path / "contrast"))
    assert twice.to_frame()["df"].tolist() == pytest.approx(one.df.tolist()) and len(twice.draws) == M


def test_contrasts_of_contrasts() -> None:
    means = llo.mean(["P*", "Q*"], _survey(), by="region", plausible=True)
    gaps = means.contrast({"p": "`P:north` - `P:south`", "q": "`Q:north` - `Q:south`"})
    made, direct = gaps.contrast("p - q"), means.contrast("`P:north` - `P:south` - `Q:north` + `Q:south`")
    assert made.estimate == pytest.approx(direct.estimate, rel=EXACT)
    assert made.std_error == pytest.approx(direct.std_error, rel=1e-9)
    assert made.df == pytest.approx(direct.df, rel=1e-8) and made.meta["imputations"] == M


def _domains(svy: llo.Survey, order: tuple[int, ...]) -> list[Result]:
    return [llo.mean("y", svy.where(f"imp{m} == 1"), by="region") for m in order]


def test_the_order_of_imputations_does_not_matter() -> None:
    """Domains of other people in each imputation have other complete-data df; the smallest counts."""
    frame = samples.people(1)
    for m in (1, 2, 3):
        frame[f"imp{m}"] = (frame["place"] <= m).astype(int)  # 2, 3 and 4 places a stratum
    svy = llo.Survey(frame, weights="w", strata="stratum", psu="place")
    parts = {m: llo.mean("y", svy.where(f"imp{m} == 1")) for m in (1, 2, 3)}
    assert len({part.df[0] for part in parts.values()}) == 3
    wanted = _rubin(
        np.array([p.estimate[0] for p in parts.values()]),
        np.array([p.covariance[0, 0] for p in parts.values()]),
        min(part.df[0] for part in parts.values()),
    )
    for order in permutations((1, 2, 3)):
        combined = llo.combine_imputations([parts[m] for m in order])
        found = (combined.estimate[0], combined.covariance[0, 0], combined.df[0])
        assert found == pytest.approx(wanted, rel=EXACT)
        assert combined.n is not None and combined.n[0] == min(p.n[0] for p in parts.values() if p.n is not None)
    svy = _survey()
    one, other = (
        llo.combine_imputations(_domains(svy, order)).contrast("north - south") for order in ((1, 2, 3), (3, 1, 2))
    )
    assert one.df == pytest.approx(other.df, rel=EXACT) and one.std_error == pytest.approx(other.std_error, rel=EXACT)


def test_the_order_of_columns_of_plausible_values_does_not_matter() -> None:
    svy, names = _survey(), [f"P{m}" for m in range(1, M + 1)]
    frame = svy.frame
    for order in (names[::-1], [names[i] for i in (2, 0, 4, 1, 3)]):
        other = llo.Survey(
            frame[[c for c in frame.columns if c not in names] + order], weights="w", strata="stratum", psu="place"
        )
        one, two = (llo.mean("P*", s, by="region", plausible=True) for s in (svy, other))
        assert two.estimate.tolist() == one.estimate.tolist() and two.df == pytest.approx(one.df, rel=EXACT)
        assert two.meta["plausible_values"] == {"P*": names}
        assert two.contrast("north - south").df == pytest.approx(one.contrast("north - south").df, rel=EXACT)


def test_imputed_data_sets_are_contrasted_in_each() -> None:
    """Without one survey for all, the draws still know their designs: the df of the union of cells."""
    frames = [
        samples.people(1).assign(y=lambda d, m=m: d["y"] + np.random.default_rng(m).normal(size=len(d)))
        for m in range(4)
    ]
    surveys = [llo.Survey(frame, weights="w", strata="stratum", psu="place") for frame in frames]
    parts = [llo.mean("y", svy, by="region") for svy in surveys]
    combined, gap = llo.combine_imputations(parts), [part.contrast("north - south") for part in parts]
    made = combined.contrast("north - south")
    wanted = _rubin(np.array([g.estimate[0] for g in gap]), np.array([g.covariance[0, 0] for g in gap]), gap[0].df[0])
    assert (made.estimate[0], made.covariance[0, 0], made.df[0]) == pytest.approx(wanted, rel=EXACT)
    assert combined.scores is None and combined.design is None


@pytest.mark.parametrize("design", ["clusters", "replicates"])
def test_joint_results_keep_the_draws(design: str, tmp_path: Path) -> None:
    svy = _survey(design)
    parts = {
        "p": llo.mean("P*", svy, plausible=True),
        "q": llo.mean("Q*", svy, plausible=True),
        "y": llo.mean("y", svy),
    }
    joint, together = llo.joint(parts), llo.mean(["P*", "Q*"], svy, plausible=True)
    assert joint.df[:2] == pytest.approx(together.df, rel=EXACT)
    assert joint.df[2] == joint.contrast("y").df[0] == parts["y"].df[0]  # nothing of it is imputed
    assert joint.covariance[:2, :2] == pytest.approx(together.covariance, rel=EXACT)
    one, other = joint.contrast("p - q"), together.contrast("P - Q")
    assert one.df == pytest.approx(other.df, rel=1e-8) and one.std_error == pytest.approx(other.std_error, rel=EXACT)
    against = joint.contrast("p - y")
    each = [llo.mean([f"P{m}", "y"], svy).contrast(f"P{m} - y") for m in range(1, M + 1)]
    wanted = _rubin(
        np.array([e.estimate[0] for e in each]), np.array([e.covariance[0, 0] for e in each]), each[0].df[0]
    )
    assert (against.estimate[0], against.covariance[0, 0], against.df[0]) == pytest.approx(wanted, rel=EXACT)
    assert len(llo.read_result(joint.save(tmp_path / "joint")).draws) == M


def test_infinite_complete_data_df_are_rubins() -> None:
    share = np.array([0.1, 0.2, 0.9, 1.0])
    wanted = 4 / share**2
    assert barnard_rubin(share, 5, np.full(4, np.inf)) == pytest.approx(wanted, rel=EXACT)
    assert barnard_rubin(share[:3], 5, np.full(3, 1e12)) == pytest.approx(wanted[:3], rel=1e-6)
    assert np.isinf(barnard_rubin(np.zeros(1), 5, np.full(1, np.inf))).all()
    assert np.isnan(barnard_rubin(share, 5, np.full(4, np.nan))).all()


def test_a_result_saved_before_draws_were_kept_has_no_contrast(tmp_path: Path) -> None:
    path = llo.mean("P*", _survey(), by="region", plausible=True).save(tmp_path / "old")
    told = json.loads(path.read_text(encoding="utf-8"))
    del told["draws"]
    path.write_text(json.dumps(told), encoding="utf-8")
    again = llo.read_result(path)
    assert len(again.to_frame()) == 2
    with pytest.raises(DataError, match="does not hold the estimates of its imputations"):
        again.contrast("north - south")


def test_what_a_combined_result_must_not_take_from_one_draw() -> None:
    """The tests and conditional shares of a crosstab or trend are of one imputation."""
    svy = _survey()
    frames = [samples.people(1).assign(c=np.random.default_rng(m).choice(["k", "l"], 72)) for m in range(3)]
    tables = [llo.crosstab("c", "region", llo.Survey(f, weights="w", psu="place", strata="stratum")) for f in frames]
    table = llo.combine_imputations(tables)
    assert type(table) is Result and not hasattr(table, "test") and table.labels[0] == "k:north"
    trend = llo.combine_imputations([llo.trend(f"P{m}", svy, time="year") for m in (1, 2)])
    assert type(trend) is Result and "tests" not in trend.meta
    quantiles = llo.combine_imputations([llo.quantile(f"P{m}", svy, q=[0.25, 0.5]) for m in (1, 2)])
    assert quantiles.interval == quantiles.meta.get("interval", "wald") == "wald" and quantiles.own_ends is None
    assert "Woodruff" not in llo.report.table(quantiles, language="en").to_markdown()
    half = quantiles.critical * quantiles.std_error
    assert quantiles.ends[1] == pytest.approx(quantiles.estimate + half, rel=EXACT)


def test_disclosure_facts_are_those_of_the_smallest_cell_over_draws() -> None:
    svy = _survey()
    parts = _domains(svy, (1, 2, 3))
    combined, facts = llo.combine_imputations(parts), [part.cells for part in parts]
    assert combined.cells["n"].tolist() == np.min([f["n"] for f in facts], axis=0).tolist()
    assert combined.cells["largest_share"].tolist() == np.max([f["largest_share"] for f in facts], axis=0).tolist()
    made = combined.contrast("north - south")
    assert made.cells["n"][0] == min(f["n"].min() for f in facts)
