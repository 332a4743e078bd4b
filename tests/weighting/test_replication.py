"""Proves replicate(): linearised variances where theory says so, R's numbers, steps redone, order and seed."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.errors import DesignError
from tests.reference import expected
from tests.survey import samples

EXACT = 1e-9  # relative; R wrote 15 digits and adds up in another order
SAME = 1e-12
# pairs.csv holds weights to six decimals, of about 80.
WRITTEN = 1e-7
COLUMN = {"est": "estimate", "se": "std_error", "ci_lo": "conf_low", "ci_hi": "conf_high"}
LEVELS = {"E": 4421, "H": 755, "M": 1018}
# Numbers of the reference that these tests must have compared, by case.
IN_CASE = {"clus1:JK1": 19, "clus1:JK1:ps": 19, "clus1:JK1:greg": 19, "strat:JKn": 19}
IN_CASE |= {"clus1w:JK1": 19, "clus1w:JK1mse": 19}


def _pairs(seed: int = 5) -> llo.Survey:
    """Two places in each of seven strata."""
    return llo.Survey(samples.people(seed, strata=7, places=2), weights="w", strata="stratum", psu="place")


def _totals(svy: llo.Survey) -> np.ndarray:
    """Covariance of several totals, over all and over domains."""
    one, other = llo.total(["y", "hours"], svy), llo.total("trained", svy.where("older"), by="region")
    return np.asarray(llo.joint({"all": one, "older": other}).cov)


def _same(found: np.ndarray, wanted: np.ndarray, tolerance: float) -> None:
    size = np.sqrt(np.outer(np.diag(wanted), np.diag(wanted)))
    assert (np.abs(found - wanted) <= tolerance * size).all()


@pytest.mark.parametrize("mse", [True, False])
@pytest.mark.parametrize(
    ("design", "method"),
    [
        ({}, "jk1"),
        ({"psu": "place", "strata": None}, "jk1"),
        ({"strata": "stratum"}, "jkn"),
        ({"strata": "stratum", "psu": "place"}, "jkn"),
        ({"strata": "stratum", "psu": "place", "fpc": "places"}, "jkn"),
    ],
)
def test_the_jackknife_of_totals_is_linearisation(design: dict[str, Any], method: str, mse: bool) -> None:
    svy = llo.Survey(samples.people(2), weights="w", **design)
    drawn = llo.replicate(svy, method, mse=mse)
    _same(_totals(drawn), _totals(svy), 1e-11)


@pytest.mark.parametrize("mse", [True, False])
def test_jk1_takes_the_fpc_into_its_scale(mse: bool) -> None:
    frame = samples.people(2).assign(places=20)
    svy = llo.Survey(frame.assign(place=frame["place"] + 10 * frame["home"]), weights="w", psu="place", fpc="places")
    drawn = llo.replicate(svy, "jk1", mse=mse)
    n = 12
    assert drawn.design.replicates is not None
    assert drawn.design.replicates.scale == pytest.approx((1 - n / 20) * (n - 1) / n, rel=1e-15)
    _same(_totals(drawn), _totals(svy), 1e-11)


@pytest.mark.parametrize("mse", [True, False])
@pytest.mark.parametrize(("method", "fay"), [("brr", None), ("fay", 0.3), ("fay", 0.5), ("fay", 0.0)])
def test_balanced_halves_of_totals_are_linearisation(method: str, fay: float | None, mse: bool) -> None:
    svy = _pairs()
    drawn = llo.replicate(svy, method, fay=fay, mse=mse)
    _same(_totals(drawn), _totals(svy), 1e-11)
    assert drawn.design.replicates is not None
    assert drawn.design.replicates.n_replicates == 8


BOOTSTRAPPED: dict[str, dict[str, Any]] = {
    "elements": {"strata": "stratum"},
    "elements with fpc": {"strata": "stratum", "fpc": "people"},
    "clusters": {"strata": "stratum", "psu": "place"},
    "clusters with fpc": {"strata": "stratum", "psu": "place", "fpc": "places"},
    "two stages": {"strata": "stratum", "psu": ["place", "home"], "fpc": ["places", "homes"]},
    "two stages, first complete": {"strata": "stratum", "psu": ["place", "home"], "fpc": ["all_places", "homes"]},
}


@pytest.mark.parametrize("design", BOOTSTRAPPED)
def test_the_bootstrap_of_totals_is_linearisation_on_average(design: str) -> None:
    """The mean of 10,000 squared deviations, within 4 standard errors of that mean; their mean deviation likewise."""
    frame = samples.people(6).assign(people=40, all_places=4)
    svy = llo.Survey(frame, weights="w", **BOOTSTRAPPED[design])
    names = ["y", "hours", "trained"]
    wanted = np.diag(np.asarray(llo.total(names, svy).cov))
    drawn = llo.total(names, llo.replicate(svy, "bootstrap", replicates=10_000, seed=8))
    assert drawn.replicates is not None
    deviation = drawn.replicates - drawn.estimate
    for squares, variance in zip(deviation.T**2, wanted, strict=True):
        assert abs(squares.mean() - variance) < 4 * squares.std() / np.sqrt(len(squares))
        assert squares.std() / np.sqrt(len(squares)) < 0.03 * variance
    assert (np.abs(deviation.mean(axis=0)) < 4 * deviation.std(axis=0) / np.sqrt(len(deviation))).all()
    assert drawn.std_error**2 == pytest.approx((deviation**2).mean(axis=0), rel=1e-10)


@pytest.mark.parametrize("method", ["jkn", "bootstrap"])
@pytest.mark.parametrize("design", ["clusters", "clusters with fpc", "two stages"])
def test_row_order_does_not_matter(design: str, method: str) -> None:
    frame = samples.people(4)
    mixed = frame.sample(frac=1, random_state=1)
    seed = 5 if method == "bootstrap" else None
    errors = []
    for rows in (frame, mixed):
        svy = llo.Survey(rows, weights="w", **BOOTSTRAPPED[design])
        drawn = llo.replicate(svy, method, seed=seed)
        errors.append(llo.mean(["y", "hours"], drawn, by="region").std_error)
    assert errors[0] == pytest.approx(errors[1], rel=SAME)


def test_row_order_does_not_matter_where_persons_are_the_units() -> None:
    frame = samples.people(4)
    errors = [
        llo.mean(
            "y", llo.replicate(llo.Survey(rows, weights="w", strata="stratum", unit="person"), "bootstrap", seed=5)
        ).std_error
        for rows in (frame, frame.iloc[::-1])
    ]
    assert errors[0] == pytest.approx(errors[1], rel=SAME)


@pytest.mark.parametrize("design", ["clusters", "two stages"])
def test_the_first_hundred_of_five_hundred_are_the_hundred(design: str) -> None:
    svy = llo.Survey(samples.people(4), weights="w", **BOOTSTRAPPED[design])
    few, many = (llo.replicate(svy, "bootstrap", replicates=r, seed=9).design.replicates for r in (100, 500))
    assert few is not None and many is not None
    assert (many.weights[:, :100] == few.weights).all()
    other = llo.replicate(svy, "bootstrap", replicates=100, seed=10).design.replicates
    assert other is not None
    assert (other.weights != few.weights).any()


@pytest.mark.parametrize("method", ["jkn", "bootstrap"])
def test_factors_of_units_give_the_numbers_of_full_weights(method: str) -> None:
    drawn = llo.replicate(samples.survey("two stages"), method, seed=3 if method == "bootstrap" else None)
    compact = drawn.design.replicates
    assert compact is not None and compact.unit is not None
    full = compact.with_weights(compact.weights)
    assert full.unit is None and full.factors.shape == (len(drawn), compact.n_replicates)
    columns = pd.DataFrame(compact.weights, columns=[f"r{r + 1}" for r in range(compact.n_replicates)])
    frame = pd.concat([drawn.frame, columns], axis=1)
    written = llo.Survey(
        frame,
        weights="w",
        replicate_weights=f"r[1-{compact.n_replicates}]",
        replicate_method="bootstrap",
        replicate_scale=compact.scale,
        replicate_rscales=compact.rscales.tolist(),
    )
    for call in (
        lambda s: llo.mean(["y", "gappy"], s, by="education"),
        lambda s: llo.total("hours", s.where("older")),
        lambda s: llo.ratio("y", "hours", s, by="region"),
        lambda s: llo.gap("trained", s, group="education", of="high", minus="low", scale="odds"),
    ):
        one, other = call(drawn), call(written)
        assert one.std_error == pytest.approx(other.std_error, rel=SAME)
        assert one.df.tolist() == call(samples.survey("two stages")).df.tolist()


def test_a_domain_stays_a_domain_with_the_replicates_of_the_whole() -> None:
    svy = samples.survey()
    first = llo.mean("y", llo.replicate(svy.where("older"), "bootstrap", replicates=50, seed=1))
    later = llo.mean("y", llo.replicate(svy, "bootstrap", replicates=50, seed=1).where("older"))
    assert first.std_error.tolist() == later.std_error.tolist()


def test_the_survey_itself_is_not_changed() -> None:
    svy = _pairs()
    before = svy.weights.copy()
    llo.replicate(svy, "brr")
    assert svy.design.replicates is None
    assert (svy.weights == before).all()


# -- lonely units, bad input ----------------------------------------------------------------------------------------


def _with_a_lonely_place(rule: str) -> llo.Survey:
    frame = samples.people(3)
    kept = (frame["stratum"] != "s1") | (frame["place"] == 0)
    return llo.Survey(frame[kept], weights="w", strata="stratum", psu="place", lonely_psu=rule)


@pytest.mark.parametrize("rule", ["remove", "certainty"])
def test_a_lonely_unit_keeps_its_weight(rule: str) -> None:
    svy = _with_a_lonely_place(rule)
    jackknife, bootstrap = llo.replicate(svy, "jkn"), llo.replicate(svy, "bootstrap", seed=1)
    alone = (svy.frame["stratum"] == "s1").to_numpy()
    for drawn in (jackknife, bootstrap):
        assert drawn.design.replicates is not None
        assert (drawn.design.replicates.weights[alone] == svy.weights.to_numpy()[alone, None]).all()
    _same(_totals(jackknife), _totals(svy), 1e-11)


@pytest.mark.parametrize("rule", ["error", "adjust", "average"])
@pytest.mark.parametrize("method", ["jkn", "bootstrap"])
def test_other_rules_for_lonely_units_have_no_replicates(rule: str, method: str) -> None:
    with pytest.raises(DesignError, match="single sampling unit has no replicates"):
        llo.replicate(_with_a_lonely_place(rule), method, seed=1 if method == "bootstrap" else None)


@pytest.mark.parametrize("method", ["jkn", "bootstrap"])
def test_replicates_of_a_stack_know_no_average_either(method: str) -> None:
    """What a lonely stratum adds as the mean of the others is in no replicate: refused, and not left out."""
    how = {"seed": 1} if method == "bootstrap" else {}
    for rule in ("average", "adjust", "error"):
        stacked = llo.stack({"a": _with_a_lonely_place("remove"), "b": _with_a_lonely_place(rule)})
        with pytest.raises(DesignError, match="single sampling unit has no replicates"):
            llo.replicate(stacked, method, **how)
    removed = llo.stack({"a": _with_a_lonely_place("remove"), "b": _with_a_lonely_place("certainty")})
    if method == "jkn":
        _same(_totals(llo.replicate(removed, "jkn")), _totals(removed), 1e-11)


@pytest.mark.parametrize("rule", ["error", "average"])
def test_a_lonely_home_has_no_bootstrap(rule: str) -> None:
    frame = samples.people(3)
    kept = (frame["place"] != 1) | (frame["home"] == 0)
    design = {**samples.DESIGNS["two stages"], "lonely_psu": rule}
    with pytest.raises(DesignError, match="single sampling unit has no replicates"):
        llo.replicate(llo.Survey(frame[kept], weights="w", **design), "bootstrap", seed=1)
    settled = llo.Survey(frame[kept], weights="w", **{**design, "lonely_psu": "remove"})
    drawn = llo.total("y", llo.replicate(settled, "bootstrap", seed=1, replicates=3000))
    assert drawn.std_error == pytest.approx(llo.total("y", settled).std_error, rel=0.06)


BAD = {
    "a method that is none": ("clusters", {"method": "jackknife"}, "no option 'jackknife'.*jk1, jkn, brr, fay"),
    "no seed": ("clusters", {"method": "bootstrap"}, "needs a seed"),
    "a seed without draws": ("clusters", {"method": "jkn", "seed": 1}, "determines its replicates"),
    "a number of replicates": ("clusters", {"method": "jkn", "replicates": 9}, "determines its replicates"),
    "one replicate": ("clusters", {"method": "bootstrap", "seed": 1, "replicates": 1}, "whole number of 2 or more"),
    "no replicate": ("clusters", {"method": "bootstrap", "seed": 1, "replicates": 0}, "whole number of 2 or more"),
    "a seed of text": ("clusters", {"method": "bootstrap", "seed": "a"}, "seed is a whole number.*'a'"),
    "a negative seed": ("clusters", {"method": "bootstrap", "seed": -1}, "seed is a whole number of 0 or more.*-1"),
    "half a replicate": ("clusters", {"method": "bootstrap", "seed": 1, "replicates": 10.5}, "whole number.*10.5"),
    "mse in words": ("clusters", {"method": "jkn", "mse": "no"}, "mse is True or False.*'no'"),
    "fay in words": ("clusters", {"method": "fay", "fay": "half"}, "fay is a number.*'half'"),
    "fay without its coefficient": ("clusters", {"method": "fay"}, "which needs it"),
    "fay where it has no meaning": ("clusters", {"method": "brr", "fay": 0.5}, "belongs to method='fay'"),
    "fay of one": ("clusters", {"method": "fay", "fay": 1.0}, "out of range"),
    "jk1 with strata": ("clusters", {"method": "jk1"}, "without strata.*3 strata"),
    "brr with four units": ("clusters", {"method": "brr"}, "exactly two.*4 units"),
    "a data frame": (None, {"method": "jkn"}, "Survey"),
    "replicates already": ("replicates", {"method": "jkn"}, "replicate weights already"),
    "brr with fpc": ("pairs with fpc", {"method": "brr"}, "finite population correction"),
    "three stages": ("three stages", {"method": "bootstrap", "seed": 1}, "one or two stages"),
}


def _bad_subject(name: str | None) -> Any:
    frame = samples.people(3)
    if name is None:
        return frame
    if name == "replicates":
        return samples.replicate_survey()
    if name == "pairs with fpc":
        frame = samples.people(3, places=2)
        return llo.Survey(frame, weights="w", strata="stratum", psu="place", fpc="places")
    if name == "three stages":
        stages = {"psu": ["place", "home", "person"], "fpc": ["places", "homes", "people"]}
        return llo.Survey(frame.assign(people=4), weights="w", strata="stratum", **stages)
    return samples.survey(name)


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_named(name: str) -> None:
    subject, options, message = BAD[name]
    with pytest.raises(llo.LloError) as caught:
        llo.replicate(_bad_subject(subject), **options)
    assert re.search(message, str(caught.value).replace("\n", " "))


# -- weighting steps are redone ---------------------------------------------------------------------------------------


def _margins(svy: llo.Survey, rows: np.ndarray | None = None) -> dict[str, Any]:
    """Totals that are near those of the sample, but not equal."""
    frame, w = svy.frame, svy.weights.to_numpy()
    inside = np.ones(len(svy), dtype=bool) if rows is None else rows
    sums = {}
    for name, factors in (("education", [1.2, 0.9, 1.0]), ("region", [1.1, 0.95])):
        codes = pd.Categorical(frame[name]).remove_unused_categories()
        found = np.bincount(codes.codes[inside], weights=w[inside]) * factors
        sums[name] = dict(zip(codes.categories, found * w[inside].sum() / found.sum(), strict=True))
    return sums


def _weighted(svy: llo.Survey, how: str) -> llo.Survey:
    if how == "poststratify":
        return llo.poststratify(svy, {"education": _margins(svy)["education"]})
    if how == "by":
        years = {year: _margins(svy, (svy.frame["year"] == year).to_numpy()) for year in (2014, 2018)}
        return llo.calibrate(svy, years, by="year", method="raking")
    return llo.calibrate(svy, _margins(svy), method=how)


@pytest.mark.parametrize("method", ["jkn", "bootstrap"])
@pytest.mark.parametrize("how", ["poststratify", "linear", "raking", "by"])
def test_steps_are_redone_on_each_replicate(how: str, method: str) -> None:
    svy = samples.survey("clusters", 7, size=30)
    options: dict[str, Any] = {"seed": 2, "replicates": 20} if method == "bootstrap" else {}
    before = _weighted(llo.replicate(svy, method, **options), how)
    after = llo.replicate(_weighted(svy, how), method, **options)
    assert before.design.replicates is not None and after.design.replicates is not None
    weights = after.design.replicates.weights
    assert weights == pytest.approx(before.design.replicates.weights, rel=1e-9, abs=1e-9)
    totals = {year: _margins(svy, (svy.frame["year"] == year).to_numpy()) for year in (2014, 2018)}
    for name in ("education", "region") if how != "poststratify" else ("education",):
        for level in _margins(svy)[name]:
            rows = (svy.frame[name] == level).to_numpy()
            if how == "by":
                wanted = sum(totals[year][name][level] for year in totals)
            else:
                wanted = _margins(svy)[name][level]
            assert weights[rows].sum(axis=0) == pytest.approx(wanted, rel=1e-9)
    held = llo.total("one", after.assign(one=1.0), by="education")
    assert (held.std_error < 1e-8 * held.estimate).all()


def test_a_replicate_that_cannot_be_calibrated_is_named() -> None:
    frame = samples.people(3)
    rare = ((frame["stratum"] == "s0") & (frame["place"] == 1)).map({True: "rare", False: "other"})
    svy = llo.Survey(frame.assign(kind=rare), weights="w", strata="stratum", psu="place")
    sums = svy.frame.groupby("kind")["w"].sum() * 1.1
    with pytest.raises(
        llo.CalibrationError, match=r"some replicates[\s\S]*1 of 12 replicates[\s\S]*'rare'[\s\S]*wanted"
    ):
        llo.replicate(llo.poststratify(svy, {"kind": sums}), "jkn")


@pytest.mark.parametrize("how", ["linear", "raking", "by"])
def test_linearised_and_replicate_errors_of_a_calibrated_sample_are_near(how: str) -> None:
    """120 places: the jackknife within 3 %; 1,000 bootstrap draws within 12 %, of which their own spread is 2 %."""
    svy = _weighted(samples.survey("clusters", 8, strata=6, places=20, size=10), how)
    calls = {
        "mean": lambda s: llo.mean(["y", "trained"], s),
        "domain": lambda s: llo.mean("hours", s, by="region"),
        "gap": lambda s: llo.gap("trained", s, group="education", of="high", minus="low"),
    }
    for call in calls.values():
        wanted = call(svy).std_error
        assert call(llo.replicate(svy, "jkn")).std_error == pytest.approx(wanted, rel=0.03)
        drawn = llo.replicate(svy, "bootstrap", replicates=1_000, seed=4)
        assert call(drawn).std_error == pytest.approx(wanted, rel=0.12)


# -- R's numbers ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cases(reference_dir: Path) -> dict[str, list[expected.Value]]:
    return expected.by_case(expected.read_values(reference_dir / "survey" / "04_replicates.csv"))


def _reference_survey(reference_dir: Path, case: str, *, steps_first: bool) -> llo.Survey:
    design, method, *step = case.split(":")
    name = "apistrat" if design == "strat" else "apiclus1"
    svy = llo.Survey(
        pd.read_csv(reference_dir / "survey" / "data" / f"{name}.csv"),
        weights="pw",
        strata="stype" if design == "strat" else None,
        psu=None if design == "strat" else "dnum",
        fpc=None if design == "clus1w" else "fpc",
    )

    def drawn(one: llo.Survey) -> llo.Survey:
        return llo.replicate(one, method.removesuffix("mse").lower(), mse=method.endswith("mse"))

    def weighted(one: llo.Survey) -> llo.Survey:
        if step == ["ps"]:
            return llo.poststratify(one, {"stype": LEVELS})
        return llo.calibrate(one, {"stype": LEVELS, "api99": 3914069}) if step == ["greg"] else one

    return drawn(weighted(svy)) if steps_first else weighted(drawn(svy))


@pytest.mark.parametrize("steps_first", [True, False])
@pytest.mark.parametrize("case", IN_CASE)
def test_r_gives_the_same(
    case: str, steps_first: bool, reference_dir: Path, cases: dict[str, list[expected.Value]]
) -> None:
    svy = _reference_survey(reference_dir, case, steps_first=steps_first)
    made, compared = svy.design.replicates, Counter[str]()
    assert made is not None
    facts = {"scale": made.scale, "nrep": made.n_replicates, "degf": svy.design.degrees_of_freedom()}
    for value in cases[case]:
        assert facts[value.stat] == pytest.approx(value.value, rel=EXACT)
        compared[case] += 1
    results = {
        "mean": (llo.mean(["api00", "meals"], svy), ["api00", "meals"]),
        "total": (llo.total("enroll", svy), ["enroll"]),
        "ratio": (llo.ratio("api.stu", "enroll", svy), ["r"]),
    }
    for name, (result, terms) in results.items():
        frame, cov = result.to_frame(), np.asarray(result.cov)
        for value in cases[f"{case}:{name}"]:
            at = [terms.index(term) for term in value.term.split("|") if term in terms]
            if value.stat == "vcov":
                found = cov[at[0], at[1]]
            elif value.stat == "df":
                found = result.df[0]
            else:
                found = frame[COLUMN[value.stat]].iloc[at[0]]
            assert found == pytest.approx(value.value, rel=EXACT), (case, name, value)
            compared[case] += 1
    assert compared[case] == IN_CASE[case]


def _own_pairs() -> tuple[pd.DataFrame, np.ndarray]:
    """Our invented sample with weights that R's as.svrepdesign made, and its place as a label of its own."""
    frame = pd.read_csv(expected.HERE / "pairs.csv")
    return frame, (2 * frame["stratum"] + frame["psu"]).to_numpy()


@pytest.mark.parametrize(("method", "prefix"), [("jk1", "jk1_"), ("jkn", "jkn_")])
def test_jackknife_weights_are_those_of_r(method: str, prefix: str) -> None:
    frame, place = _own_pairs()
    svy = llo.Survey(frame.assign(place=place), weights="w", psu="place", strata=None if method == "jk1" else "stratum")
    drawn = llo.replicate(svy, method).design.replicates
    assert drawn is not None
    theirs = frame.filter(regex=f"^{prefix}").to_numpy()
    ours = drawn.weights
    assert ours.shape == theirs.shape
    by_size = [columns[:, np.lexsort(columns.round(4))] for columns in (ours, theirs)]
    assert by_size[0] == pytest.approx(by_size[1], rel=WRITTEN)


@pytest.mark.parametrize(("method", "prefix", "fay"), [("brr", "brr_", None), ("fay", "fay_", 0.5)])
def test_balanced_halves_are_balanced_as_those_of_r(method: str, prefix: str, fay: float | None) -> None:
    """Which Hadamard matrix is taken is free; the number of halves, factors and products of any two units are not."""
    frame, place = _own_pairs()
    drawn = llo.replicate(llo.Survey(frame, weights="w", strata="stratum", psu="psu"), method, fay=fay)
    assert drawn.design.replicates is not None
    theirs = frame.filter(regex=f"^{prefix}").to_numpy() / frame["w"].to_numpy()[:, None]
    ours = drawn.design.replicates.weights / frame["w"].to_numpy()[:, None]
    first = np.unique(place, return_index=True)[1]
    for found, wanted in ((ours, theirs), (ours[first], theirs[first])):
        assert found.shape == wanted.shape
        assert np.sort(found.ravel()) == pytest.approx(np.sort(wanted.ravel()), rel=WRITTEN)
        assert (found - 1) @ (found - 1).T == pytest.approx((wanted - 1) @ (wanted - 1).T, abs=WRITTEN)


@pytest.mark.parametrize("mse", [True, False])
@pytest.mark.parametrize("method", ["jk1", "jkn", "brr", "fay"])
def test_errors_of_our_own_sample_are_those_of_r(method: str, mse: bool) -> None:
    """Means and ratios under brr and fay depend on the Hadamard matrix; totals do not."""
    frame, place = _own_pairs()
    strata = None if method == "jk1" else "stratum"
    svy = llo.Survey(frame.assign(place=place), weights="w", psu="place", strata=strata)
    drawn = llo.replicate(svy, method, fay=0.5 if method == "fay" else None, mse=mse)
    numbers = expected.by_case(expected.read_values(expected.HERE / "survey_expected.csv"), "replicates:")
    case = f"replicates:{method}{'_mse' if mse else ''}"
    results = {"total": llo.total(["y", "x"], drawn)}
    if method in ("jk1", "jkn"):
        results |= {"mean": llo.mean(["y", "x"], drawn), "ratio": llo.ratio("y", "x", drawn)}
    compared = 0
    for name, result in results.items():
        table = result.to_frame()
        terms = ["y/x"] if name == "ratio" else ["y", "x"]
        for value in numbers[f"{case}:{name}"]:
            if value.stat in COLUMN:
                found = table[COLUMN[value.stat]].iloc[terms.index(value.term)]
                assert found == pytest.approx(value.value, rel=WRITTEN), (case, name, value)
                compared += 1
    assert compared == (18 if method in ("jk1", "jkn") else 8)
