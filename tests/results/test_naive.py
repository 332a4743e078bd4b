"""What a program prints that takes weights for counts equals statsmodels' frequency weights."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

import llo_research as llo

EXACT = 1e-10


@pytest.fixture(scope="module")
def svy() -> llo.Survey:
    """Unequal weights, clusters, two groups."""
    rng = np.random.default_rng(5)
    n = 400
    frame = pd.DataFrame({"psu": np.repeat(np.arange(40), 10), "w": rng.uniform(50, 900, n)})
    frame["sex"] = np.where(rng.random(n) < 0.4, "v", "m")
    frame["y"] = rng.normal(size=40)[frame["psu"]] + rng.normal(size=n) + (frame["sex"] == "v")
    frame["hours"] = rng.uniform(0, 3, n)
    return llo.Survey(frame, weights="w", psu="psu")


def test_weights_as_counts_are_frequency_weights(svy: llo.Survey) -> None:
    """A mean by group, and the difference of two."""
    made = llo.mean("y", svy, by="sex").naive()
    groups = {s: svy.frame[svy.frame["sex"] == s] for s in ("m", "v")}
    for i, level in enumerate(made.result.rows["sex"]):
        own = groups[level]
        assert made.counts[i] == pytest.approx(DescrStatsW(own["y"], own["w"]).std_mean, rel=EXACT)
        one = own["w"] / svy.frame["w"].mean()
        assert made.mean_one[i] == pytest.approx(DescrStatsW(own["y"], one).std_mean, rel=EXACT)
        assert made.n_counts[i] == pytest.approx(own["w"].sum())
    gap = llo.gap("y", svy, group="sex", of="v", minus="m").naive()
    both = CompareMeans(*(DescrStatsW(groups[s]["y"], groups[s]["w"]) for s in ("v", "m")))
    # the two groups have their own n / (n - 1), which at counts of 10^5 is a difference in the fifth digit
    assert gap.counts[0] == pytest.approx(both.std_meandiff_separatevar, rel=1e-4)


def test_without_a_design_and_with_equal_weights_all_readings_agree() -> None:
    """Simple random sampling, weights 1."""
    frame = pd.DataFrame({"y": np.arange(30.0) ** 2, "w": 1.0})
    made = llo.mean("y", llo.Survey(frame, weights="w")).naive().to_frame()
    assert made["std_error"].to_numpy() == pytest.approx([made["std_error"][0]] * 3, rel=EXACT)
    assert made["conf_low"].to_numpy() == pytest.approx([made["conf_low"][0]] * 3, rel=EXACT)
    assert made["reading"].tolist() == ["design", "mean one", "counts"]


def test_a_total_is_centred_over_everybody(svy: llo.Survey) -> None:
    """N s / sqrt(N) where weights are counts."""
    made = llo.total("hours", svy).naive()
    described = DescrStatsW(svy.frame["hours"], svy.frame["w"])
    assert made.counts[0] == pytest.approx(described.std_mean * svy.frame["w"].sum(), rel=EXACT)


def test_it_says_why_in_both_languages(svy: llo.Survey) -> None:
    """The sentence is filled from the numbers."""
    made = llo.mean("y", svy).naive()
    times = made.result.std_error[0] / made.counts[0]
    assert f"{times:.1f} times" in made.reason("en")
    assert f"{times:.1f}".replace(".", ",") in made.reason("nl")
    assert "counts" in made.summary() and "reading" in made._repr_html_()


def test_few_people_of_a_restricted_file_stay_withheld(svy: llo.Survey) -> None:
    """Three rows for one that may not be seen."""
    frame = svy.frame.copy()
    frame["place"] = np.where(np.arange(len(frame)) < 5, "small", "large")
    source = {"kind": "restricted", "restricted": True}
    result = llo.mean("y", llo.Survey(frame, weights="w", source=source), by="place")
    if "withheld" not in result.summary():
        pytest.fail("the survey is not restricted, so that the test shows nothing")
    hidden = result.naive().summary()
    small = result.naive().to_frame().query("place == 'small'")
    assert hidden.count("<10") == 3
    assert all(f"{value:.4f}" not in hidden for value in small["std_error"])


def test_a_saved_result_has_no_naive_errors(svy: llo.Survey, tmp_path: object) -> None:
    """No row-level values are saved."""
    result = llo.read_result(llo.mean("y", svy).save(f"{tmp_path}/r"))
    with pytest.raises(llo.DataError, match="no influence values"):
        result.naive()


def test_results_side_by_side_keep_the_weights_of_each(svy: llo.Survey) -> None:
    """Joint results and table books are read as their parts are; different weights have no one naive reading."""
    alone = llo.mean("y", svy, by="sex").naive()
    beside = llo.joint({"y": llo.mean("y", svy, by="sex"), "hours": llo.mean("hours", svy, by="sex")}).naive()
    book = llo.banner("y", svy, by="sex").naive()
    for made in (beside, book):
        which = [list(made.result.estimate).index(value) for value in alone.result.estimate]
        np.testing.assert_allclose(made.counts[which], alone.counts, rtol=EXACT)
        np.testing.assert_allclose(made.mean_one[which], alone.mean_one, rtol=EXACT)
    other = llo.Survey(svy.frame.assign(v=2 * svy.frame["w"]), weights="w", psu="psu", item_weights={"hours": "v"})
    mixed = llo.joint({"y": llo.mean("y", other), "hours": llo.mean("hours", other)})
    with pytest.raises(llo.errors.DataError, match="weights of their own"):
        mixed.naive()


def test_weights_of_mean_one_are_not_told_as_groups_of_people(svy: llo.Survey) -> None:
    """Both naive readings are the same then, and the reason says so; the other reason tells of groups."""
    one = svy.frame["w"] / svy.frame["w"].mean()
    made = llo.mean(
        "y", llo.Survey(svy.frame.assign(w=one), weights="w", psu="psu", weight_kind="proportional")
    ).naive()
    np.testing.assert_allclose(made.counts, made.mean_one, rtol=EXACT)
    assert made.reason("nl").startswith("De gewichten zijn gemiddeld 1, zodat de aantallen kloppen en beide lezingen ")
    assert made.reason("en").startswith("The weights have mean 1, so that counts are right and both readings are the ")
    assert "een groep van" in llo.mean("y", svy).naive().reason("nl")
