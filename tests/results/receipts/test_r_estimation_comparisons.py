"""Proves that R prints the same gaps, changes, trends, contrasts and joint results from the scripts of results."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from tests.results.receipts.r_people import designs, people
from tests.results.receipts.r_runs import answers, differences, in_r, r_with, told

# R sums in another order; p-values near 0 carry the rounding of their statistic
DIGITS = 1e-9
GROUPS: dict[str, Any] = {"group": "education", "of": "high", "minus": "low"}
TIMES: dict[str, Any] = {"time": "year", "base": 2014}


def comparisons(svy: llo.Survey) -> dict[str, Any]:
    """Every comparison of means."""
    some = svy.where("year > 2014 | education == 'high'")  # nobody of the other group in 2014
    return {
        "gap": llo.gap(["training", "hours"], svy, by="year", **GROUPS),
        "ratio": llo.gap("hours", svy, by="sex", scale="ratio", **GROUPS).adjusted("holm"),
        "odds": llo.gap("training", svy, by="sex", scale="odds", **GROUPS).equivalence(1.5),
        "conditions": llo.gap("hours", svy.where("sex == 'm'"), of="age >= 55", minus="age < 35"),
        "of levels": llo.gap("sex", svy, **GROUPS).adjusted("benjamini-hochberg"),
        "of numbers": llo.gap("hours", svy, group="year", of=2018, minus=2014),
        "without people": llo.gap("hours", some, by="year", **GROUPS),
        "ratio without people": llo.gap("hours", some, by="year", scale="ratio", **GROUPS),
        "change": llo.change("training", svy, by="education", **TIMES),
        "change of own people": llo.change(["hours", "training"], svy, missing="available", **TIMES),
        "change as ratio": llo.change("hours", svy, by="education", time="year", base=2016, scale="ratio"),
        "gap change": llo.gap_change("training", svy, **GROUPS, **TIMES),
        "gap change of odds": llo.gap_change("training", svy, by="sex", scale="odds", **GROUPS, **TIMES),
        "trend": llo.trend(["hours", "training"], svy, time="year", by="education"),
    }


def beside(svy: llo.Survey) -> dict[str, Any]:
    """Contrasts, and results beside each other."""
    means, hours = llo.mean("training", svy, by="education"), llo.mean("hours", svy.where("age >= 30"), by="sex")
    gaps = llo.gap("hours", svy, by="year", **GROUPS)
    together = llo.joint({"a": means, "b": hours, "c": gaps, "one": llo.mean("age >= 55", svy)})
    others = {"t": llo.total("hours", svy, by="sex"), "r": llo.ratio("hours", "worked", svy)}
    others |= {"v": llo.variance("hours", svy), "c": llo.correlation(["hours", "worked"], svy)}
    return {
        "linear": means.contrast({"high": 1, "low": -1}),
        "linear and smooth": means.contrast({"a": {"high": 1, "low": -1}, "b": "log(high / middle)"}),
        "smooth": means.contrast(["high / low - 1", "logit(high) - logit(low)", "high**2"]),
        "of contrasts": means.contrast({"a": "high - low", "b": "middle - low"}).contrast({"c": "a / b"}),
        "of gaps": gaps.contrast("`2018` - `2014`"),
        "joint": together,
        "of a joint result": together.contrast({"x": "`a:high` - `b:m` / 10", "y": "one + `c:2018`"}),
        "joint contrasts": llo.joint({"p": means.contrast("high - low"), "q": llo.gap("training", svy, **GROUPS)}),
        "joint within joint": llo.joint({"o": llo.joint({"a": means, "b": hours}), "x": llo.mean("hours", svy)}),
        "others": llo.joint(others).contrast({"x": "`t:m` / `t:v` - r", "y": "sqrt(v) * c"}),
    }


def check(made: dict[str, Any], svy: llo.Survey, folder: Path) -> None:
    """R gives the same numbers."""
    found = answers(made, svy, folder)
    wrong = {name: own for name in made if max((own := differences(made[name], found[name])).values()) > DIGITS}
    assert not wrong, told(wrong)


@pytest.mark.parametrize("design", ["clusters", "two stages", "replicates", "raked", "calibrated replicates"])
@r_with()
def test_comparisons(tmp_path: Path, design: str) -> None:
    svy = designs()[design]
    check(comparisons(svy), svy, tmp_path)


@pytest.mark.parametrize("design", ["clusters", "replicates", "raked", "bootstrap"])
@r_with()
def test_contrasts_and_joint_results(tmp_path: Path, design: str) -> None:
    svy = designs()[design]
    check(beside(svy), svy, tmp_path)


def waves(**design: Any) -> llo.Survey:
    """Three waves of the same persons."""
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"person": np.tile(np.arange(300), 3), "year": np.repeat([2014, 2016, 2018], 300)})
    frame["w"], frame["h"] = rng.gamma(4, 25, 900), np.where(frame["person"] % 2 == 0, "x", "y")
    frame["y"] = rng.normal(0, 1, 900) + 0.3 * (frame["year"] == 2016) + rng.normal(0, 1, 300)[frame["person"]]
    frame["g"] = pd.Categorical(rng.choice(["a", "b"], 900))
    return llo.Survey(frame[rng.random(900) < 0.9].reset_index(drop=True), weights="w", time="year", **design)


@r_with()
def test_waves_that_share_persons(tmp_path: Path) -> None:
    svy = waves(strata="h", unit="person")
    made = {
        "change": llo.change("y", svy, by="g", **TIMES),
        "gap change": llo.gap_change("y", svy, group="g", of="a", minus="b", **TIMES),
        "trend": llo.trend("y", svy, time="year", by="g"),
    }
    check(made, svy, tmp_path)


@r_with()
def test_series_breaks(tmp_path: Path) -> None:
    known = {"time": 2016, "what": "new questionnaire", "shift": {"y": 0.2}, "shift_se": {"y": 0.05}}
    svy = waves(strata=["year", "h"], source={"breaks": [known]})
    made = {
        "flagged": llo.change("y", svy, by="g", breaks="flag", **TIMES),
        "adjusted": llo.change("y", svy, breaks="adjust", **TIMES),
        "steps": llo.trend("y", svy, time="year", by="g"),
    }
    made["of steps"] = made["steps"].contrast({"x": {made["steps"].labels[1]: 1.0}})
    check(made, svy, tmp_path)


@pytest.mark.parametrize("replicated", [False, True])
@r_with()
def test_shifts_that_are_taken_off(tmp_path: Path, replicated: bool) -> None:
    """Rows that take off the same shift share its error, in lines, contrasts and joint results too."""
    uniform = {"time": 2016, "what": "new questionnaire", "shift": {"y": 0.2}, "shift_se": {"y": 0.3}, "uniform": True}
    apart = [{"variable": "y", "g": g, "shift": s, "shift_se": e} for g, s, e in (("a", 0.1, 0.2), ("b", 0.3, 0.4))]
    for known in (uniform, {"time": 2016, "what": "new questionnaire", "series": ["y"], "shifts": apart}):
        svy = waves(strata=["year", "h"], source={"breaks": [known]})
        if replicated:
            svy = llo.replicate(svy, "bootstrap", replicates=30, seed=1)
        lines = llo.trend("y", svy, time="year", by="g", breaks="adjust")
        changes = llo.change("y", svy, by="g", breaks="adjust", **TIMES)
        a, b, *_ = changes.labels
        made = {"lines": lines, "changes": changes, "smooth": changes.contrast({"x": f"exp(`{a}`) / exp(`{b}`)"})}
        made["of lines"] = lines.contrast({"x": {lines.labels[0]: 1.0, lines.labels[2]: -0.5}})
        made["contrast"] = changes.contrast({"x": f"`{a}` + `{b}`", "y": f"`{a}` - `{b}`"})
        made["of contrasts"] = made["contrast"].contrast({"z": "x - 2 * y"})
        made["joint"] = llo.joint({"lines": lines, "changes": changes, "mean": llo.mean("y", svy)})
        made["of joint"] = made["joint"].contrast({"x": f"`changes:{a}` - 2 * `lines:{lines.labels[0]}`"})
        made["joint contrast"] = llo.joint({"c": made["contrast"], "mean": llo.mean("y", svy, by="g")})
        check(made, svy, tmp_path)


@pytest.mark.parametrize("replicated", [False, True])
@r_with()
def test_joint_results_of_contrasts_and_of_shares_that_nobody_has(tmp_path: Path, replicated: bool) -> None:
    """A contrast of a few rows of joint contrasts is of those rows; exact intervals stand beside others."""
    svy = designs()["clusters"]
    svy = llo.replicate(svy, "jkn") if replicated else svy
    joined = llo.joint({"hours": llo.mean("hours", svy, by="sex"), "age": llo.mean("age", svy, by="sex")})
    first = joined.contrast({f"{name} twice": {name: 2.0} for name in joined.labels})
    again = joined.contrast({f"{name} half": f"`{name}` / 2" for name in joined.labels})
    both = llo.joint({"twice": first, "half": again})
    last = both.labels[3], both.labels[6]
    made = {
        "of contrasts": both.contrast({"x": {last[0]: 1.0, last[1]: -1.0}}),
        "smooth": both.contrast({"x": f"`{last[1]}` / `{last[0]}`"}),
        "exact": llo.joint({"all": llo.mean("age > 0", svy), "some": llo.mean("training", svy)}),
    }
    check(made, svy, tmp_path)


def everything(svy: llo.Survey) -> dict[str, Any]:
    """A result of each kind that others can be made of."""
    d, model = llo.decomposition, "hours ~ sex + age"
    return {
        "mean": llo.mean(["training", "hours"], svy, by="education"),
        "total": llo.total("age", svy, by="sex"),
        "correlation": llo.correlation(["hours", "age"], svy),
        "gap": llo.gap("hours", svy, by="sex", **GROUPS),
        "table": llo.crosstab("education", "sex", svy),
        "model": llo.glm("hours ~ C(education) * sex", svy),
        "margins": llo.glm("training ~ education + age", svy, family="binomial").margins("education"),
        "ordered": llo.ordered("education ~ age + sex", svy),
        "oaxaca": d.oaxaca_blinder(model, svy, **GROUPS),
        "shapley": d.shapley_r2(model, svy),
        "banner": llo.banner(["hours", "training"], svy, by=["sex", "education"]),
    }


@pytest.mark.slow
@pytest.mark.parametrize("design", ["clusters", "replicates"])
@r_with()
def test_contrasts_of_some_rows_of_anything(tmp_path: Path, design: str) -> None:
    """A contrast of the last row of one result and a middle one of another, and one of what that is joined to."""
    svy = designs()[design]
    results, made = everything(svy), {}
    names = list(results)
    for one, other in zip(names, [*names[1:], names[0]], strict=True):
        both = llo.joint({"a": results[one], "b": results[other]})
        there = [label for label, value in zip(both.labels, both.estimate, strict=True) if np.isfinite(value)]
        a, b = ([label for label in there if label.split(":")[0] == side] for side in "ab")
        made[f"{one}, {other}"] = both.contrast({"x": {a[-1]: 1.0, b[len(b) // 2]: -0.5}, "y": {a[0]: 1.0}})
        again = llo.joint({"c": made[f"{one}, {other}"], "m": llo.mean("hours", svy)})
        made[f"again {one}, {other}"] = again.contrast({"z": {"c:x": 1.0, "m": -0.1}})
    check(made, svy, tmp_path)


@r_with()
def test_stacks(tmp_path: Path) -> None:
    other = llo.Survey(people(4), weights="w", strata="h", psu="psu")
    svy = llo.stack({"one": designs()["clusters"], "two": other.where("age > 20")})
    made = {"means": llo.mean("hours", svy, by="survey"), "gaps": llo.gap("training", svy, by="survey", **GROUPS)}
    made["difference"] = made["means"].contrast("one - two")
    check(made, svy, tmp_path)


@r_with()
def test_columns_with_names_of_the_script(tmp_path: Path) -> None:
    names = ["cell", "side", "y", "people", "column", "j", "answer", "theta", "above", "rows", "own", "values", "t"]
    frame = people().assign(**{name: np.arange(600) % (3 + i) for i, name in enumerate(names)})
    svy = llo.Survey(frame, weights="w", strata="h", psu="psu").assign(**{"monthly or more": "age > 40"})
    made = {
        "means": llo.mean(["cell", "y", "monthly or more"], svy, by=["side", "sex"]),
        "gap": llo.gap("cell", svy, by="side", **GROUPS),
        "change": llo.change("y", svy, by="cell", **TIMES).contrast("`1:2018` - `2:2018`"),
        "quantile": llo.quantile("answer", svy, q=0.5, by="people", rule="school"),
        "score": llo.quantile("theta", svy, q=0.5, by="j", interval="score"),
        "ratio": llo.ratio("above", "theta", svy, by="own"),
        "table": llo.crosstab("column", "cell", svy.where("rows > 1")),
        "joint": llo.joint({"a": llo.mean("monthly or more", svy), "b": llo.mean("isna(training)", svy)}),
    }
    check(made, svy, tmp_path)


@r_with("mitools")
def test_imputed_surveys_have_a_file_each(tmp_path: Path) -> None:
    surveys = [designs()["clusters"].assign(literacy=f"PV{m} > 250") for m in (1, 2, 3)]
    gaps = [llo.gap("hours", svy, group="literacy", of=True, minus=False) for svy in surveys]
    made = {"gap": llo.combine_imputations(gaps)}
    for m, svy in enumerate(surveys, 1):
        svy.to_file(tmp_path / f"data_{m}.csv")
    found = in_r({name: own.to_r(str(tmp_path / "data.csv")) for name, own in made.items()}, tmp_path)
    assert max(differences(made["gap"], found["gap"]).values()) < DIGITS
    assert "data_1.csv to data_3.csv" in made["gap"].to_r().replace("\n# ", " ")
