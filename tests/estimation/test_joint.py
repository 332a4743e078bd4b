"""Proves that results stand together with all their covariances, and that what cannot be joined is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

import llo_research as llo
from llo_research.errors import DataError, DesignError
from tests.survey import samples

EXACT = 1e-12
GROUP = {"group": "education", "of": "high", "minus": "low"}


@pytest.mark.parametrize("design", ["elements", "clusters", "two stages", "replicates"])
def test_joint_results_are_one_call(design: str) -> None:
    svy = samples.replicate_survey(1) if design == "replicates" else samples.survey(design, 1)
    together = llo.mean(["y", "hours"], svy)
    joint = llo.joint({"a": llo.mean("y", svy), "b": llo.mean("hours", svy)})
    assert joint.estimate == pytest.approx(together.estimate, rel=EXACT)
    assert joint.covariance == pytest.approx(together.covariance, rel=1e-11)
    assert joint.df.tolist() == together.df.tolist()


def test_blocks_keep_their_own_covariance_and_their_place() -> None:
    svy = samples.survey()
    parts = {
        "gap": llo.gap("trained", svy, **GROUP, by="region"),
        "share": llo.share("education", svy.where("older")),
        "ratio": llo.ratio("y", "hours", svy),
        "contrast": llo.mean("y", svy, by="education").contrast("high - low"),
    }
    joint = llo.joint(parts)
    start = 0
    for result in parts.values():
        stop = start + len(result.estimate)
        size = max(np.abs(result.covariance).max(), 1e-300)
        assert np.abs(joint.covariance[start:stop, start:stop] - result.covariance).max() <= 1e-11 * size
        assert joint.influence[:, start:stop] == pytest.approx(result.influence, rel=1e-12, abs=1e-15)
        start = stop
    assert joint.labels == (
        *("gap:north", "gap:south", "share:low", "share:middle", "share:high", "share:unknown", "ratio", "contrast"),
    )
    assert joint.to_frame()["result"].tolist() == ["gap"] * 2 + ["share"] * 4 + ["ratio", "contrast"]


def test_a_domain_against_all_carries_the_part_in_common() -> None:
    svy = samples.survey()
    pair = {"all": llo.mean("y", svy), "older": llo.mean("y", svy.where("older"))}
    difference = llo.joint(pair).contrast("older - all")
    w = svy.frame["w"]
    share = w[svy.frame["older"]].sum() / w.sum()
    # mean(older) - mean(all) = (1 - share of older) * gap between older and the others
    gap = llo.gap("y", svy, of="older", minus="~older")
    assert difference.estimate[0] == pytest.approx((1 - share) * gap.estimate[0], rel=1e-10)
    naive = np.sqrt(sum(r.std_error[0] ** 2 for r in pair.values()))
    assert difference.std_error[0] < naive


def test_joint_of_the_same_result_has_no_difference() -> None:
    mean = llo.mean("y", samples.survey())
    difference = llo.joint({"a": mean, "b": mean}).contrast("a - b")
    assert difference.estimate.tolist() == [0.0]
    assert difference.std_error == pytest.approx([0.0], abs=1e-12)


def test_intervals_and_tests_stay_those_of_the_results() -> None:
    svy = samples.survey()
    ratios = [llo.gap(v, svy, **GROUP, scale="ratio") for v in ("trained", "hours")]
    joint = llo.joint({"a": ratios[0], "b": ratios[1]}).to_frame()
    for i, ratio in enumerate(ratios):
        row = ratio.to_frame().iloc[0]
        for column in ("conf_low", "conf_high", "statistic", "p_value"):
            assert joint[column][i] == pytest.approx(row[column], rel=1e-10)
    shares = llo.joint({"a": llo.share("older", svy), "b": llo.share("region", svy)}).to_frame()
    alone = llo.share("older", svy).to_frame()
    assert shares["conf_low"][:2].to_numpy() == pytest.approx(alone["conf_low"].to_numpy(), rel=1e-10)


def test_each_row_keeps_its_interval_and_its_test() -> None:
    svy = samples.survey()
    parts = {
        "ratio": llo.gap("hours", svy, **GROUP, scale="ratio"),
        "gap": llo.gap("y", svy, **GROUP),
        "change": llo.mean("hours", svy, by="region").contrast("north - south"),
    }
    mixed = llo.joint(parts)
    assert mixed.interval == ("log", "wald", "wald")
    for i, part in enumerate(parts.values()):
        for column in ("conf_low", "conf_high", "df", "statistic", "p_value"):
            assert mixed.to_frame()[column][i] == pytest.approx(part.to_frame()[column][0], rel=1e-10)
    with_mean = llo.joint({**parts, "mean": llo.mean("trained", svy)})
    assert "p_value" not in with_mean.to_frame()
    assert with_mean.interval == ("log", "wald", "wald", "logit")


@pytest.mark.parametrize("interval", ["woodruff", "beta", "asin", "score"])
def test_own_ends_hold_at_their_level_only(interval: str) -> None:
    svy = samples.survey()
    median = llo.quantile("hours", svy, q=[0.3, 0.5], by="region", interval=interval)
    mean = llo.mean("hours", svy)
    same = llo.joint({"m": mean, "q": median})
    assert same.interval == ("wald", *(interval,) * 4)
    assert same.to_frame()["conf_low"][1:].tolist() == median.to_frame()["conf_low"].tolist()
    for other in (
        llo.joint({"q": median, "m": mean}, level=0.8),
        llo.joint({"q": median, "m": mean}, simultaneous=True),
    ):
        assert other.interval == "wald"
        half = other.critical * other.std_error
        assert np.array(other.ends) == pytest.approx(
            np.array([other.estimate - half, other.estimate + half]), rel=1e-12
        )
    at_80 = llo.quantile("hours", svy, q=[0.3, 0.5], by="region", interval=interval, level=0.8)
    assert llo.joint({"q": at_80}, level=0.8).ends[0].tolist() == at_80.ends[0].tolist()
    # a part of another level than the joint one: its rows are symmetric, the others' ends stay
    two = llo.joint({"95": median, "80": at_80})
    assert two.level == 0.95 and two.interval == (*(interval,) * 4, *("wald",) * 4)
    half = stats.t.ppf(0.975, at_80.df) * at_80.std_error
    assert two.ends[1][4:] == pytest.approx(at_80.estimate + half, rel=1e-12)


def test_what_is_joint_and_what_is_not() -> None:
    svy = samples.survey("clusters", 1, places=8)
    joint_ends = llo.quantile("hours", svy, q=[0.3, 0.5], simultaneous=True)
    assert joint_ends.simultaneous and joint_ends.interval == "woodruff"
    one = joint_ends.contrast("`0.5` - `0.3`")
    assert not one.simultaneous and one.interval == "wald"
    pointwise = llo.joint({"a": joint_ends, "b": llo.mean("y", svy, by="region", simultaneous=True)})
    assert not pointwise.simultaneous and pointwise.interval == "wald"
    half = stats.t.ppf(0.975, pointwise.df) * pointwise.std_error
    assert pointwise.ends[1] == pytest.approx(pointwise.estimate + half, rel=1e-12)


def test_counts_stay_where_another_result_has_none() -> None:
    svy = samples.survey()
    mean, gap = llo.mean("y", svy, by="region"), llo.gap("y", svy, **GROUP)
    joint = llo.joint({"mean": mean, "gap": gap}).to_frame()
    assert joint["sum_weights"][:2].tolist() == mean.to_frame()["sum_weights"].tolist()
    assert np.isnan(joint["sum_weights"][2])
    assert joint["n"].tolist() == [*mean.to_frame()["n"], *gap.to_frame()["n"]]


def test_halves_with_weights_of_their_own_keep_their_counts() -> None:
    frame = samples.people(2)
    first = frame.index % 2 == 0
    frame["one"], frame["two"] = frame["w"].where(first, 0.0) * 2, frame["w"].where(~first, 0.0) * 2
    frame["a"], frame["b"] = frame["y"].where(first), frame["hours"].where(~first)
    svy = llo.Survey(frame, weights="w", strata="stratum", psu="place", item_weights={"a": "one", "b": "two"})
    a, b = llo.mean("a", svy, by="region"), llo.mean("b", svy, by="region")
    both = llo.joint({"a": a, "b": b})
    for column in ("n", "sum_weights", "df", "n_eff", "deff", "conf_low"):
        wanted = [*a.to_frame()[column], *b.to_frame()[column]]
        assert both.to_frame()[column].tolist() == pytest.approx(wanted, rel=1e-12), column
    for start, part in ((0, a), (2, b)):
        assert both.covariance[start : start + 2, start : start + 2] == pytest.approx(part.covariance, rel=1e-12)
    # sums by stratum and place of both halves' influence values, written out
    z = np.column_stack([a.influence, b.influence])
    sums = [z[frame["stratum"].eq(h) & frame["place"].eq(p)].sum(axis=0) for h in ("s0", "s1", "s2") for p in range(4)]
    wanted = np.zeros((4, 4))
    for h in range(3):
        block = np.array(sums[4 * h : 4 * h + 4])
        wanted += 4 / 3 * (block - block.mean(axis=0)).T @ (block - block.mean(axis=0))
    assert both.covariance == pytest.approx(wanted, rel=1e-10)


def test_counts_and_disclosure_facts_are_kept() -> None:
    svy = samples.survey()
    parts = {"a": llo.mean("y", svy, by="region"), "b": llo.total("trained", svy.where("older"))}
    joint = llo.joint(parts)
    assert joint.n is not None
    assert joint.n.tolist() == [*parts["a"].n, *parts["b"].n]
    for column in ("n", "n_nonzero", "largest_share"):
        assert joint.cells[column].tolist() == [*parts["a"].cells[column], *parts["b"].cells[column]]
    for column in ("sum_weights", "deff"):
        wanted = [*parts["a"].to_frame()[column], *parts["b"].to_frame()[column]]
        assert joint.to_frame()[column].tolist() == pytest.approx(wanted, rel=1e-12)


def test_cells_come_first_in_the_table() -> None:
    svy = samples.survey()
    columns = list(llo.joint({"a": llo.mean("y", svy, by="region"), "b": llo.mean("y", svy, by="older")}).to_frame())
    assert columns[:4] == ["result", "region", "older", "variable"]


def test_names_may_be_numbers() -> None:
    svy = samples.survey()
    joint = llo.joint({year: llo.mean("y", svy.where(f"year == {year}")) for year in (2014, 2018)})
    assert joint.labels == ("2014", "2018")
    assert joint.contrast("`2018` - `2014`").estimate[0] == pytest.approx(np.diff(joint.estimate)[0], rel=EXACT)


def test_joint_results_of_joint_results() -> None:
    svy = samples.survey()
    inner = llo.joint({"a": llo.mean("y", svy), "b": llo.mean("hours", svy)})
    outer = llo.joint({"x": inner, "y": llo.total("y", svy)})
    assert outer.labels == ("x:a", "x:b", "y")
    assert outer.covariance[:2, :2] == pytest.approx(inner.covariance, rel=1e-12)


REFUSED: dict[str, tuple[Any, type[Exception], str]] = {
    "a list": (lambda s, p: [llo.mean("y", s)], DataError, "mapping of names"),
    "nothing": (lambda s, p: {}, DataError, "mapping of names"),
    "a number": (lambda s, p: {"a": llo.mean("y", s), "b": 5}, DataError, "mapping of names"),
    "a result": (lambda s, p: llo.mean("y", s), DataError, "mapping of names"),
    "another design": (
        lambda s, p: {"a": llo.mean("y", s), "b": llo.mean("y", samples.survey("strata"))},
        DesignError,
        "different surveys",
    ),
    "the same call on another Survey": (
        lambda s, p: {"a": llo.mean("y", s), "b": llo.mean("y", samples.survey())},
        DesignError,
        "different surveys",
    ),
    "a saved result": (
        lambda s, p: {"a": llo.mean("y", s), "b": llo.read_result(llo.mean("y", s).save(p / "r"))},
        DesignError,
        "without influence values",
    ),
    "other numbers of imputations": (
        lambda s, p: {"a": llo.mean("PV[1-2]", s, plausible=True), "b": llo.mean("PV*", s, plausible=True)},
        DataError,
        "different numbers of imputations",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_joined_is_refused(name: str, tmp_path: Any) -> None:
    make, error, words = REFUSED[name]
    with pytest.raises(error, match=words) as caught:
        llo.joint(make(samples.survey(), tmp_path))
    assert len(str(caught.value)) < 600


def test_domains_and_weights_are_those_of_their_own_results() -> None:
    """The first result's domain is not that of all; neither is its weight."""
    frame = samples.survey().frame.assign(w=2.0, v=lambda d: 1 + d["hours"])
    svy = llo.Survey(frame, weights="w", item_weights={"hours": "v"})
    older = svy.where("trained == 1")
    both = llo.joint(
        {
            "part": llo.mean("y", older.where("education == 'high'")),
            "all": llo.mean("y", older),
            "v": llo.mean("hours", older),
        }
    )
    told = [(note.get("condition"), note.get("result")) for note in both.meta["domain"] if "condition" in note]
    assert told == [("trained == 1", None), ("education == 'high'", "part")]
    assert both.meta["weight"] == "w (part, all), v (v)"
    alike = llo.joint({"a": llo.mean("y", older), "b": llo.mean("y", older, by="education")})
    assert alike.meta["weight"] == "w" and alike.meta["domain"] == older._meta()["domain"]
    assert "part: education == 'high'" in llo.report.table(both, language="en").to_markdown()
