"""Collapsed rows give the numbers of the rows that they stand for: every estimator, in every design, every column."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from tests.survey.collapsed_samples import CALLS, COLUMNS, DESIGNS, collapsed, people, raked, survey

# Sums in another order differ by a few units in the last place; p-values near 0 and statistics magnify these.
CLOSE = 1e-11
COVARIANCES = 1e-12


def _same_frames(one: pd.DataFrame, other: pd.DataFrame) -> None:
    """Every column: numbers but for rounding, all else as it is."""
    assert list(one.columns) == list(other.columns)
    for name in one.columns:
        if pd.api.types.is_numeric_dtype(one[name]) and not pd.api.types.is_bool_dtype(one[name]):
            a, b = (frame[name].to_numpy(dtype=float) for frame in (one, other))
            np.testing.assert_allclose(b, a, rtol=CLOSE, atol=CLOSE * 1e-3, err_msg=name)
        else:
            assert one[name].astype(str).tolist() == other[name].astype(str).tolist(), name


def _same(one: Any, other: Any) -> None:
    """Frames, covariances, and who was left out."""
    _same_frames(one.to_frame(), other.to_frame())
    if hasattr(one, "covariance"):
        size = np.sqrt(np.outer(*[np.nan_to_num(np.diag(one.covariance))] * 2))
        assert (np.isnan(one.covariance) == np.isnan(other.covariance)).all()
        assert (np.nan_to_num(abs(one.covariance - other.covariance)) <= COVARIANCES * size + 1e-18).all()
    for told in ("left_out", "nobs", "n_psu", "n_units"):
        assert one.meta.get(told) == other.meta.get(told) or told == "n_units", told


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("call", CALLS)
def test_collapsed_rows_give_the_same(design: str, call: str) -> None:
    svy = survey(design)
    few = collapsed(svy)
    assert "person" not in few.frame and "hours" not in few.frame
    _same(CALLS[call](svy), CALLS[call](few))


@pytest.mark.parametrize("rule", ["remove", "adjust", "average", "certainty"])
def test_lonely_units_follow_their_rule(rule: str) -> None:
    frame = people()
    frame.loc[frame.index[5], "stratum"] = "alone"
    svy = survey("elements in strata", frame, lonely_psu=rule)
    for call in ("mean of yes and no", "mean of a number", "few, raked"):
        _same(CALLS[call](svy), CALLS[call](collapsed(svy)))


def test_a_lonely_unit_is_an_error_as_before() -> None:
    frame = people().assign(stratum=lambda d: np.where(d.index == 5, "alone", d["stratum"]))
    few = collapsed(survey("elements in strata", frame))
    with pytest.raises(llo.DesignError, match="single sampling unit"):
        llo.mean("sex", few)


@pytest.mark.parametrize("seed", range(6))
def test_any_sample_any_pattern(seed: int) -> None:
    """Seeded samples of other sizes and patterns, some with few people in a row."""
    rng = np.random.default_rng(seed)
    frame = people(seed + 10, int(rng.integers(60, 900)))
    design = list(DESIGNS)[int(rng.integers(len(DESIGNS)))]
    svy = survey(design, frame, lonely_psu="adjust")
    few = collapsed(svy)
    for call in ("mean of a number", "gap change", "two numbers", "trend", "total"):
        _same(CALLS[call](svy), CALLS[call](few))


def test_a_domain_may_come_first() -> None:
    for design in ("elements in strata", "psu in strata", "waves"):
        svy = survey(design).where("region == 'zuid'")
        for call in ("mean of yes and no", "change", "logit", "mean of a number"):
            one, other = CALLS[call](svy), CALLS[call](svy.collapse(COLUMNS, numbers=["hours"]))
            _same(one, other)
            assert one.meta["domain"] == other.meta["domain"]


def test_rows_keep_their_order_whatever_that_of_the_data() -> None:
    frame = people()
    mixed = frame.sample(frac=1.0, random_state=3).reset_index(drop=True)
    one, other = (collapsed(survey("waves", data)) for data in (frame, mixed))
    pd.testing.assert_frame_equal(one.frame, other.frame)


@pytest.mark.parametrize("design", ["elements in strata", "psu", "panel", "waves", "waves with fractions"])
def test_weights_may_be_calibrated_before(design: str) -> None:
    """Linear and raked, twice; a calibration after collapsing follows one before it."""
    svy = llo.calibrate(raked(survey(design)), {"region": {"noord": 2600.0, "zuid": 2500.0}})
    few = collapsed(svy)
    np.testing.assert_allclose(few.weights.sum(), svy.weights.sum())
    for call in ("mean of yes and no", "mean of a number", "two numbers", "gap change", "logit", "few, raked"):
        _same(CALLS[call](svy), CALLS[call](few))


def test_other_steps_before_are_kept() -> None:
    svy = survey("elements in strata")
    answered = svy.assign(answered=lambda d: d["hours"] > 1)
    for weighted in (
        llo.trim(svy, upper=2.5, preserve="total"),
        llo.adjust_nonresponse(answered, "answered", classes=["sex", "region"]),
    ):
        for call in ("mean of yes and no", "mean of a number", "few, raked"):
            _same(CALLS[call](weighted), CALLS[call](collapsed(weighted)))


@pytest.mark.parametrize("calibrated", [False, True])
@pytest.mark.parametrize("method", ["jkn", "bootstrap", "given"])
def test_replicates_are_added_up(method: str, calibrated: bool) -> None:
    svy = survey("psu in strata")
    if method == "given":
        frame = people()
        rng = np.random.default_rng(5)
        names = [f"r{j}" for j in range(1, 13)]
        frame = frame.assign(**{name: frame["w"] * rng.integers(0, 2, len(frame)) * 2 for name in names})
        svy = llo.Survey(frame, weights="w", replicate_weights="r[1-12]", replicate_method="brr")
    else:
        svy = llo.replicate(svy, method, **({"replicates": 30, "seed": 1} if method == "bootstrap" else {}))
    svy = raked(svy) if calibrated else svy
    few = collapsed(svy)
    for call in ("mean of yes and no", "mean of a number", "total", "gap change", "trend", "logit", "margins"):
        one, other = CALLS[call](svy), CALLS[call](few)
        _same(one, other)
        np.testing.assert_allclose(other.replicates, one.replicates, rtol=CLOSE, atol=1e-13)
    if not calibrated:
        _same(CALLS["few, raked"](svy), CALLS["few, raked"](few))


def test_what_is_asked_of_numbers_but_sums_is_refused() -> None:
    few = collapsed(survey("elements"))
    for ask in (
        lambda: llo.share("hours", few),
        lambda: llo.mean("hours > 3", few),
        lambda: few.where("hours > 3"),
        lambda: llo.mean("sex", few, by="hours"),
        lambda: llo.glm("sex ~ hours", few, family="logit"),
        lambda: llo.glm("hours ~ wage", few),
        lambda: llo.banner("hours", few, by="sex"),
        lambda: llo.calibrate(few, {"hours": 9000.0}),
    ):
        with pytest.raises(llo.LloError, match="kept as sums"):
            ask()


def test_two_numbers_need_their_products() -> None:
    few = collapsed(survey("waves"))
    with pytest.raises(llo.DataError, match="together"):
        llo.mean(["hours", "part"], few, missing="available")
    with pytest.raises(llo.DataError, match="together"):
        llo.joint({"a": llo.mean("hours", few), "b": llo.mean("part", few)})


def test_calls_that_were_not_held_to_the_rows_are_refused() -> None:
    few = collapsed(survey("waves"))
    one = {"group": "sex", "of": True, "minus": False}
    for ask in (
        lambda: llo.glm("training ~ sex", few, vcov="hc1"),
        lambda: llo.glm("training ~ sex", few, vcov="cluster"),
        lambda: llo.panel.fixed_effects("training ~ year", few),
        lambda: llo.panel.between("training ~ year", few),
        lambda: llo.decomposition.oaxaca_blinder("training ~ region", few, family="logit", nonlinear="fairlie", **one),
        lambda: llo.decomposition.gap_closing("training ~ region", few, intervene="region", seed=1, **one),
        lambda: llo.decomposition.four_parts("training ~ region", few, treatment="training", **one),
        lambda: llo.trim(few, upper=3.0),
        lambda: llo.replicate(few, "jk1"),
        lambda: llo.adjust_nonresponse(few, "sex", classes="region"),
        lambda: llo.calibrate(few, {"sex": {True: 1.0, False: 2.0}}, cluster="region"),
        lambda: llo.weight_report(few),
        lambda: few.use_weights("w"),
        lambda: few.collapse(["sex"]),
        lambda: few.assign(x=lambda d: d["year"] - d["year"].mean()),
    ):
        with pytest.raises(llo.LloError, match="collapsed"):
            ask()


@pytest.mark.parametrize("design", ["elements in strata", "psu in strata", "waves"])
def test_a_concentration_is_laid_to_terms_as_before(design: str) -> None:
    """Its parts are near 0 here, so that digits count from that of the whole."""
    svy = survey(design)
    one, other = (
        llo.decomposition.inequality("courses ~ sex + region", data, rank="education", measure="concentration")
        for data in (svy, collapsed(svy))
    )
    np.testing.assert_allclose(other.estimate, one.estimate, rtol=0, atol=1e-14)
    np.testing.assert_allclose(other.covariance, one.covariance, rtol=0, atol=1e-15)
    assert one.meta["ranks_shared"] == other.meta["ranks_shared"] and (one.df == other.df).all()


def test_functions_in_a_formula_are_refused() -> None:
    with pytest.raises(llo.DataError, match="columns as they stand"):
        llo.glm("training ~ center(year)", collapsed(survey("elements")))


def test_a_calibrated_survey_stays_as_it_is() -> None:
    few = collapsed(survey("elements"))
    with pytest.raises(llo.LloError, match="collapsed"):
        llo.weight_report(raked(few))


def test_counts_for_disclosure_are_those_of_people() -> None:
    for design in ("elements", "waves", "psu in strata"):
        svy = survey(design)
        for call in ("mean of yes and no", "mean of levels", "share of a number of levels", "crosstab", "banner"):
            one, other = CALLS[call](svy).cells, CALLS[call](collapsed(svy)).cells
            _same_frames(one.drop(columns="largest_share"), other.drop(columns="largest_share"))
            assert (other["largest_share"] >= one["largest_share"] - 1e-12).all() or other["largest_share"].isna().all()
        one, other = (CALLS["mean of a number"](data).cells for data in (svy, collapsed(svy)))
        _same_frames(one.drop(columns="largest_share"), other.drop(columns="largest_share"))
        assert (other["largest_share"] >= one["largest_share"] - 1e-12).all()


RESTRICTED = {"restricted": True, "kind": "restricted"}


def test_of_restricted_data_collapsed_rows_and_fractions_of_few_values_do_not_leave(tmp_path: Path) -> None:
    halves = survey("elements", source=RESTRICTED).assign(halves=lambda frame: (frame["hours"] > 10) + 0.5)
    few = halves.collapse(["education"], numbers=["halves"])
    result = llo.mean("halves", few, by="education")
    assert "·" in str(llo.report.table(result))
    for told in (result, result.contrast("high - low")):
        with pytest.raises(llo.DisclosureError, match="may leave"):
            llo.report.export({"a": told}, tmp_path / "out")
    told = llo.report.check_disclosure(result)
    why = told["why"][told["rule"] == "dominance"]
    assert len(why) and why.str.contains("of sums over people it is not known how much").all()
    with pytest.raises(llo.LloError):
        llo.report.export({"a": few}, tmp_path / "out")
    for write in (lambda: few.save(tmp_path / "few"), lambda: few.to_file(tmp_path / "few.csv", restricted=True)):
        with pytest.raises(llo.DataError, match="collapsed rows"):
            write()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", ["plain", "strata", "psu", "persons over waves", "psu and persons"])
@pytest.mark.parametrize("seed", range(4))
def test_the_largest_part_of_a_person_is_never_told_too_small(kind: str, seed: int) -> None:
    whole = _uneven(kind, np.random.default_rng(seed))
    rows = whole.collapse(["group", "answer"])
    for call in (
        lambda svy: llo.mean("answer", svy, by="group"),
        lambda svy: llo.total("answer", svy),
        lambda svy: llo.crosstab("group", "answer", svy),
        lambda svy: llo.gap("answer", svy, group="group", of="a", minus="b"),
    ):
        exact, bound = call(whole).cells, call(rows).cells
        known = bound["largest_share"].notna()
        assert not known.any() if kind == "psu and persons" else known.equals(exact["largest_share"].notna())
        assert (bound["largest_share"] >= exact["largest_share"] - 1e-12)[known].all()
        counts = ["n", "n_units", "n_nonzero", "n_complement"]
        if kind != "psu and persons":
            pd.testing.assert_frame_equal(bound[counts], exact[counts], check_dtype=False)


def _uneven(kind: str, draw: np.random.Generator) -> llo.Survey:
    """A survey whose weights are far apart, so that single persons make up most of some cells."""
    n = 240
    frame = pd.DataFrame(
        {
            "w": draw.pareto(0.8, n) + 0.1,
            "h": draw.integers(0, 3, n),
            "u": draw.integers(0, 40, n),
            "who": np.arange(n) // 3,
            "group": pd.Categorical(draw.choice(list("abcdef"), n, p=[0.4, 0.3, 0.2, 0.05, 0.03, 0.02])),
            "answer": draw.uniform(size=n) < 0.3,
        }
    )
    design: dict[str, dict[str, str]] = {
        "plain": {},
        "strata": {"strata": "h"},
        "psu": {"psu": "u"},
        "persons over waves": {"unit": "who"},
        "psu and persons": {"psu": "u", "unit": "who"},
    }
    if kind == "psu and persons":
        frame["u"] = frame["who"] // 4
    return llo.Survey(frame, weights="w", **design[kind])


@pytest.mark.parametrize("how", ["collapsed", "scan"])
def test_shares_of_restricted_data_leave_where_those_of_the_rows_do(how: str, tmp_path: Path) -> None:
    draw = np.random.default_rng(5)
    frame = pd.DataFrame(
        {
            "w": draw.uniform(1, 2, 900),
            "group": pd.Categorical(draw.choice(list("abc"), 900, p=[0.6, 0.39, 0.01]), categories=list("abc")),
            "answer": draw.uniform(size=900) < 0.4,
        }
    )
    frame["w"] = frame["w"].mask(frame.index == frame.index[frame["group"] == "b"][0], 5000.0)
    whole = llo.Survey(frame, weights="w", source=RESTRICTED)
    if how == "scan":
        frame.to_parquet(tmp_path / "rows.parquet")
        rows: Any = llo.scan(tmp_path / "rows.parquet", weights="w", source=RESTRICTED)
    else:
        rows = whole.collapse(["group", "answer"])
    told = llo.report.check_disclosure(llo.mean("answer", rows, by="group"))
    of_rows = llo.report.check_disclosure(llo.mean("answer", whole, by="group"))
    assert [*zip(told["group"], told["rule"], strict=True)] == [*zip(of_rows["group"], of_rows["rule"], strict=True)]
    assert {("b", "dominance"), ("c", "complement")} <= {*zip(told["group"], told["rule"], strict=True)}
    out = llo.report.export({"a": llo.mean("answer", rows, by="group")}, tmp_path / "out")
    left = llo.read_result(next(Path(out).glob("**/a.json"))).to_frame()
    assert left["estimate"].notna().tolist() == [True, False, False]


def test_it_says_what_it_is() -> None:
    svy = survey("waves")
    few = collapsed(svy)
    told, known = few.describe(), svy.describe()
    for fact in ("n", "n_domain", "n_zero_weight", "strata", "psus", "df", "sum_weights"):
        assert getattr(told, fact) == pytest.approx(getattr(known, fact)), fact
    assert f"{len(few):,} collapsed rows that stand for {len(svy):,} rows" in repr(few)
    result = llo.mean("hours", few)
    assert result.meta["collapsed"] == {"rows": len(few), "stand_for": len(svy), "numbers": ["hours"]}
    assert "collapsed rows" in str(result.to_r())


def test_receipts_are_those_of_the_rows() -> None:
    """The script reads the file of all rows; one line says what the result was made of."""
    svy = survey("psu in strata")
    few = collapsed(svy)
    for call in ("mean of a number", "variance", "rank gap", "ordered logit", "clusters", "reweighted", "oaxaca"):
        one, other = (str(CALLS[call](data).to_r()).splitlines() for data in (svy, few))
        assert [line for line in other if line not in one] == [
            "# Made of collapsed rows; the file that is read is that of the rows they stand for."
        ]
        assert [line for line in one if line not in other] == []
