"""Proves that R prints the same coefficients, margins and contrasts of models from the scripts that results write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pytest import approx

import llo_research as llo
from tests.results.receipts.r_models import panel, people, worst
from tests.results.receipts.r_runs import differences, in_r, r_with

# least squares by QR there, by Gram matrices here; R's working weights are those of the step before its last
DIGITS = 1e-9
# at a replicate R stops where the deviance does, and with a link that is not canonical the coefficients follow it late
REPLICATES = 1e-6
# standard errors without strata differ from ours by more than this
SEEN = 1e-3
TOTALS = {"sex": {"woman": 30000.0, "man": 20000.0}, "region": {"north": 18000.0, "south": 17000.0, "west": 15000.0}}


def plain(**options: Any) -> llo.Survey:
    return llo.Survey(people(), weights="w", strata="h", psu="psu", **options)


def check(found: dict[str, float], limit: float = DIGITS) -> None:
    assert not {name: size for name, size in found.items() if not size < limit}


@r_with("sandwich")
def test_formulas_families_and_covariances(tmp_path: Path) -> None:
    svy = plain(time="year")
    old = svy.where("age > 30")
    results = {
        "terms": llo.glm("hours ~ age*education + C(year) + flag + region + I(age**2)", svy),
        "condition": llo.glm("education == 'high' ~ age + sex", svy, family="binomial"),
        "base": llo.glm("trained ~ C(region, Treatment('south')) + education:sex + log(hours)", old, family="logit"),
        "offset": llo.glm("courses ~ age + sex", svy, family="poisson", offset="log(hours)"),
        "gamma": llo.glm("hours ~ age + sex", svy, family="gamma"),
        "probit": llo.glm("trained ~ age + sex", svy, family="probit"),
        "cloglog": llo.glm("trained ~ age + education", old, family="cloglog"),
        "no constant": llo.glm("hours ~ 0 + education + age", svy),
        "crossed": llo.glm("hours ~ C(year)*education + sex:age", svy),
        "cut": llo.glm("hours ~ C(age > 40) + I(year - 2014)", svy),
        "two-way": llo.glm("hours ~ age + sex", svy, vcov="two-way", cluster=["psu", "year"]),
        "no factor": llo.glm("hours ~ age + sex", svy, vcov="cluster", small_sample="none"),
        "gamma iid": llo.glm("hours ~ age + sex", svy, vcov="iid", family="gamma"),
    }
    for vcov in ("cluster", "driscoll-kraay", "hc1", "iid"):
        results[vcov] = llo.glm("hours ~ age + sex", svy, vcov=vcov)
        results[f"probit {vcov}"] = llo.glm("trained ~ age + sex", svy, vcov=vcov, family="probit")
    check(worst({"plain": (svy, results)}, tmp_path))


@r_with("sandwich")
def test_margins(tmp_path: Path) -> None:
    svy = plain()
    logit = llo.glm("trained ~ age*sex + education + C(year) + I(age**2)", svy, family="logit")
    poisson = llo.glm("courses ~ log(age) + flag + region", svy.where("age>30"), family="poisson", offset="log(hours)")
    probit = llo.glm("trained ~ age + sex", svy, family="probit", vcov="cluster")
    steps = llo.ordered("learns ~ age*sex + education", svy)
    results = {
        "slopes and differences": logit.margins(["age", "education", "year"]),
        "at": logit.margins(at={"education": ["low", "high"], "age": 40}),
        "by": logit.margins(["age", "sex"], by=["year", "region"]),
        "fixed": logit.margins(["age", "education"], fixed=True),
        "offset": poisson.margins(["age", "flag", "region"], by="h"),
        "cluster": probit.margins(["age", "sex"]),
        "iid": llo.glm("trained ~ age", svy, family="cloglog", vcov="iid").margins(["age"], fixed=True),
        "ordered": steps.margins(["age", "sex"]),
        "ordered at": steps.margins(at={"age": [30, 50]}, by="h"),
        "ordered fixed": steps.margins(["age"], fixed=True),
        "ordered probit": llo.ordered("learns ~ age", svy, link="probit").margins(["age"]),
    }
    check(worst({"plain": (svy, results)}, tmp_path))


@r_with()
def test_ordered_models(tmp_path: Path) -> None:
    svy = plain(time="year")
    svy = svy.assign(score=lambda d: d["courses"].clip(0, 3), many=lambda d: (d["hours"] > 9).astype(int))
    results = {
        "logit": llo.ordered("learns ~ age + education + flag", svy),
        "probit": llo.ordered("score ~ age*sex + region", svy.where("age > 30"), link="probit"),
        "unlike sizes": llo.ordered("learns ~ age + I(age**2)", svy),
        "two levels": llo.ordered("many ~ age", svy),
        **{vcov: llo.ordered("learns ~ age", svy, vcov=vcov) for vcov in ("cluster", "driscoll-kraay", "iid")},
    }
    check(worst({"plain": (svy, results)}, tmp_path))


@r_with()
def test_designs(tmp_path: Path) -> None:
    frame = people()
    frame["age"] = frame["age"].fillna(40)
    complete = llo.Survey(frame, weights="w", strata="h", psu="psu")
    groups = {}
    for name, svy in {
        "stages": llo.Survey(frame, weights="w", strata="h", psu=["psu", "one"], fpc=["N", "n2"]),
        "raked": llo.calibrate(complete, TOTALS, method="raking"),
        "replicates": llo.replicate(complete, "jkn"),
        "raked replicates": llo.calibrate(llo.replicate(complete, "jkn"), TOTALS, method="raking"),
    }.items():
        linear, logit = llo.glm("hours ~ age + education", svy), llo.glm("trained ~ age + sex", svy, family="logit")
        steps = llo.ordered("education ~ age", svy)
        own = {
            "linear": linear,
            "domain": llo.glm("trained ~ age + region", svy.where("region != 'north'"), family="logit"),
            "margins": logit.margins(["age", "sex"], by="h"),
            "ordered": steps,
            "ordered margins": steps.margins(["age"]),
            "joint": llo.joint({"linear": linear, "logit": logit}),
            "contrast": linear.contrast({"d": {"education[T.high]": 1, "education[T.middle]": -1}}),
        }
        groups[name] = (svy, own)
    check(worst(groups, tmp_path))


@r_with()
def test_replicates_of_links_that_are_not_canonical(tmp_path: Path) -> None:
    svy = llo.replicate(plain(), "jkn")
    fit = llo.glm("trained ~ age*sex", svy.where("age > 30"), family="probit")
    check(worst({"jkn": (svy, {"fit": fit, "margins": fit.margins(["age"], by="education")})}, tmp_path), REPLICATES)


@r_with("mitools", "sandwich")
def test_contrasts_joint_results_and_plausible_values(tmp_path: Path) -> None:
    svy = plain()
    linear, logit = llo.glm("hours ~ age + education", svy), llo.glm("trained ~ age + sex", svy, family="logit")
    clustered = llo.glm("hours ~ age + education", svy, vcov="cluster")
    between = {"d": {"education[T.high]": 1, "education[T.middle]": -1}}
    both = llo.joint({"a": linear, "b": logit})
    values = llo.glm("hours ~ pv*", svy, plausible=True)
    results = {
        "contrast": linear.contrast({**between, "ten years": {"age": 10}}),
        "ratio": linear.contrast({"r": "`education[T.high]` / `education[T.middle]`"}),
        "clustered": clustered.contrast(between),
        "joint": both,
        "of joint": both.contrast({"d": {"a:age": 1, "b:age": -1}}),
        "margins beside means": llo.joint({"m": logit.margins(["age"]), "x": llo.mean("hours", svy)}),
        "response": llo.glm("pv* ~ age + education", svy, plausible=True),
        "clusters": llo.glm("pv[1-5] ~ age", svy, plausible=True, vcov="cluster"),
        "regressor": values,
        "of draws": values.margins(["pv"]),
    }
    check(worst({"plain": (svy, results)}, tmp_path))


@r_with()
def test_polynomials_and_splines(tmp_path: Path) -> None:
    svy = plain()
    curve = llo.glm("hours ~ poly(age, 2)*sex", svy)
    results = {
        "polynomial": curve,
        "spline": llo.glm("hours ~ bs(age, df=5) + sex", svy.where("age > 25")),
        "quadratic": llo.glm("trained ~ bs(age, df=4, degree=2)", svy, family="logit").margins(),
        "slope": curve.margins(["age"]),
        "centred": llo.glm("hours ~ center(age)*sex + scale(np.log(age))", svy.where("age > 25")),
        "scaled": llo.glm("trained ~ I(scale(age)**2) + scale(age)", svy, family="logit").margins(["age"]),
    }
    check(worst({"plain": (svy, results)}, tmp_path))


@r_with("sandwich")
def test_hypotheses(tmp_path: Path) -> None:
    svy, waves = plain(), panel(vary=True)
    linear = llo.glm("hours ~ age + education + flag", svy)
    logit = llo.glm("trained ~ age*sex + education", svy, family="logit")
    tests = {
        "term": linear.test("education"),
        "values": logit.test("age = 0.01, `education[T.high]` = `education[T.middle]`"),
        "ordered": llo.ordered("learns ~ age + sex", svy).test("age, `sex[T.man]`"),
        "clusters": llo.glm("hours ~ age + education", svy, vcov="cluster").test("education"),
        "ratio": logit.test("education", method="lr"),
        "ratio of values": linear.test("age = 0.1", method="lr"),
        "ratio of a probit": llo.glm("trained ~ age + education", svy, family="probit").test("education", method="lr"),
    }
    svy.to_file(tmp_path / "data.csv")
    waves.to_file(tmp_path / "waves.csv")
    scripts = {name: test.to_r(str(tmp_path / "data.csv")) for name, test in tests.items()}
    tests["hausman"] = llo.panel.hausman("y ~ x + education", waves)
    scripts["hausman"] = tests["hausman"].to_r(str(tmp_path / "waves.csv"))
    found = in_r(scripts, tmp_path)
    columns = ["statistic", "df", "df_denominator", "p_value"]
    for name, test in tests.items():
        answer = found[name]
        assert not isinstance(answer, str), (name, answer)
        assert answer[columns].iloc[0].tolist() == approx(test.to_frame()[columns].iloc[0].tolist(), rel=DIGITS), name


@r_with("sandwich")
def test_models_side_by_side_and_the_wild_bootstrap(tmp_path: Path) -> None:
    svy = plain()
    models = [llo.glm("hours ~ age", svy), llo.glm("trained ~ age + sex", svy.where("age > 30"), family="logit")]
    both = llo.compare(models, labels=["hours", "training"])
    wild = llo.glm("hours ~ age + sex", svy, vcov="wild", seed=1, draws=99)
    svy.to_file(tmp_path / "data.csv")
    scripts = {"both": both.to_r(str(tmp_path / "data.csv")), "wild": wild.to_r(str(tmp_path / "data.csv"))}
    found = in_r(scripts, tmp_path)
    for name, ours in {"both": both.to_frame(), "wild": wild.to_frame()}.items():
        answer = found[name]
        assert not isinstance(answer, str), (name, answer)
        for column in ("estimate", "std_error", "statistic", "df"):
            assert answer[column].tolist() == approx(ours[column].tolist(), rel=DIGITS), (name, column)
    assert found["wild"][["conf_low", "conf_high", "p_value"]].isna().all(axis=None)  # no other number in their place
    assert "fwildclusterboot" in scripts["wild"].split("library")[0]


def test_what_r_cannot_say_stands_in_the_first_lines() -> None:
    fit = llo.glm("hours ~ C(region, contr.sum) + age", plain())
    script = fit.to_r()
    assert "contrasts of C(region, contr.sum)" in script.split("library")[0]
    assert "svyglm(" not in script


@r_with()
def test_a_script_that_gives_another_number_is_found_out(tmp_path: Path) -> None:
    svy = plain()
    fit = llo.glm("hours ~ age + education", svy)
    svy.to_file(tmp_path / "data.csv")
    script = fit.to_r(str(tmp_path / "data.csv"))
    wrong = script.replace("strata = ~h, ", "")
    assert wrong != script
    found = in_r({"wrong": wrong}, tmp_path)["wrong"]
    assert differences(fit, found)["std_error"] > SEEN


def test_the_older_name_of_a_factor_gives_the_same_script() -> None:
    fits = [llo.glm("hours ~ age", plain(), vcov="cluster", small_sample=name) for name in ("nested", "nonnested")]
    older, newer = (fit.to_r() for fit in fits)
    assert older.replace("small_sample='nested'", "small_sample='nonnested'") == newer and "nonnested" in newer
