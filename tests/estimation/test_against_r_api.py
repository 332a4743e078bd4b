"""Our public calls give the numbers of R survey 4.5 on its own example data, where those lie at hand.

The cases `lonely:*` of those numbers stand on a data set that is not with them: test_against_r_own.py holds
the five rules against R.
Quantiles, variances, tests and calibrated designs have test modules of their own.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from tests.reference import expected

EXACT = 1e-9  # relative; R wrote 15 digits and adds up in another order
ITERATED = {
    "logit": 1e-6,  # R stops the iteration of the model behind it there
    "likelihood": 2e-5,  # the same iteration leaves that model's standard error wrong in the fifth digit
}
NOTHING = 1e-12  # shares fixed by the strata have standard error 0 up to rounding
COLUMN = {"est": "estimate", "se": "std_error", "ci_lo": "conf_low", "ci_hi": "conf_high", "deff": "deff"}
INTERVALS = {"mean": "wald"}  # R's name of the method, where ours differs
FILES = {
    "strat": "apistrat",
    "strat_nofpc": "apistrat",
    "clus1": "apiclus1",
    "clus1w": "apiclus1",
    "srs": "apisrs",
}
BASIC = ["strat", "strat_nofpc", "clus1", "srs"]
METHODS = ["logit", "likelihood", "asin", "beta", "mean", "xlogit"]
Cases = dict[str, list[expected.Value]]


@pytest.fixture(scope="module")
def basic(reference_dir: Path) -> Cases:
    return expected.by_case(expected.read_values(reference_dir / "survey" / "01_basic.csv"))


@pytest.fixture(scope="module")
def replicates(reference_dir: Path) -> Cases:
    return expected.by_case(expected.read_values(reference_dir / "survey" / "04_replicates.csv"))


@pytest.fixture(scope="module")
def panel(reference_dir: Path) -> Cases:
    return expected.by_case(expected.read_values(reference_dir / "survey" / "05_change_panel.csv"))


def _data(reference_dir: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(reference_dir / "survey" / "data" / f"{name}.csv")


def _survey(reference_dir: Path, name: str, *, proportional: bool = False) -> llo.Survey:
    frame = _data(reference_dir, FILES[name])
    if proportional:
        frame["pw"] /= frame["pw"].mean()
    return llo.Survey(
        frame,
        weights="pw",
        strata="stype" if name.startswith("strat") else None,
        psu="dnum" if name.startswith("clus1") else None,
        fpc="fpc" if name in ("strat", "clus1", "srs") else None,
        weight_kind="proportional" if proportional else "expansion",
    )


def _check(case: str, wanted: list[expected.Value], result: Any, terms: list[str], *, tolerance: float = EXACT) -> int:
    """Compare every number of a case with the rows of a result; how many were compared."""
    frame, cov = result.to_frame(), np.asarray(result.cov)
    df = np.asarray(result.df, dtype=float)
    at = {label: k for k, label in enumerate(terms)}
    assert len(at) == len(frame)
    for _, stat, term, value in wanted:
        if stat == "vcov":
            i, j = (at[t] for t in term.split("|"))
            scale = np.sqrt(abs(cov[i, i] * cov[j, j]))
            assert cov[i, j] == pytest.approx(value, rel=tolerance, abs=tolerance * scale + NOTHING**2), (
                case,
                term,
            )
        elif stat == "df":
            assert set(df.tolist()) == {value}, (case, stat)
        else:
            found = frame[COLUMN[stat]].iloc[at[term]]
            assert found == pytest.approx(value, rel=tolerance, abs=NOTHING), (case, stat, term)
    return len(wanted)


def _factor_terms(result: Any) -> list[str]:
    """R's names of a list of numbers and categories: the variable, or variable and level run together."""
    frame = result.to_frame()
    levels = frame["level"] if "level" in frame else pd.Series([None] * len(frame))
    return [f"{v}{'' if pd.isna(level) else level}" for v, level in zip(frame["variable"], levels, strict=True)]


def _cell_terms(result: Any, *by: str) -> list[str]:
    return [".".join(str(v) for v in cell) for cell in result.to_frame()[list(by)].itertuples(index=False)]


@pytest.mark.parametrize("name", BASIC)
def test_means_and_shares(name: str, reference_dir: Path, basic: Cases) -> None:
    svy = _survey(reference_dir, name)
    result = llo.mean(["api00", "api99", "stype"], svy, interval="wald")
    assert _check(name, basic[f"{name}:mean"], result, _factor_terms(result)) == 26
    result = llo.mean(["stype", "sch.wide"], svy, interval="wald")
    assert _check(name, basic[f"{name}:mean_factor"], result, _factor_terms(result)) == 26


@pytest.mark.parametrize("name", BASIC)
def test_design_effect_with_replacement(name: str, reference_dir: Path, basic: Cases) -> None:
    result = llo.mean("api00", _survey(reference_dir, name, proportional=True))
    assert _check(name, basic[f"{name}:mean_deffreplace"], result, ["api00"]) == 6


@pytest.mark.parametrize("name", BASIC)
def test_totals_and_ratio(name: str, reference_dir: Path, basic: Cases) -> None:
    svy = _survey(reference_dir, name)
    result = llo.total(["enroll", "api.stu"], svy)
    assert _check(name, basic[f"{name}:total"], result, ["enroll", "api.stu"]) == 14
    result = llo.ratio("api.stu", "enroll", svy)
    terms = [basic[f"{name}:ratio"][0].term]
    assert _check(name, basic[f"{name}:ratio"], result, terms) == 2


@pytest.mark.parametrize("name", BASIC)
def test_domains(name: str, reference_dir: Path, basic: Cases) -> None:
    svy = _survey(reference_dir, name)
    result = llo.mean("api00", svy, by="stype")
    assert _check(name, basic[f"{name}:by_mean"], result, _cell_terms(result, "stype")) == 12
    result = llo.total("enroll", svy, by=["stype", "sch.wide"])
    assert _check(name, basic[f"{name}:by_total"], result, _cell_terms(result, "stype", "sch.wide")) == 12
    result = llo.ratio("api.stu", "enroll", svy, by="stype")
    assert _check(name, basic[f"{name}:by_ratio"], result, _cell_terms(result, "stype")) == 6
    inside = svy.where("`sch.wide` == 'Yes' & api00 > 600")
    assert _check(name, basic[f"{name}:subset_mean"], llo.mean("api00", inside), ["api00"]) == 5


@pytest.mark.parametrize("name", BASIC)
def test_contrasts(name: str, reference_dir: Path, basic: Cases) -> None:
    means = llo.mean(["api00", "api99"], _survey(reference_dir, name))
    linear = means.contrast({"api00": 1, "api99": -1})
    assert _check(name, basic[f"{name}:contrast_lin"], linear, ["contrast"]) == 2
    smooth = means.contrast("log(api00 / api99)")
    assert _check(name, basic[f"{name}:contrast_nl"], smooth, ["contrast"]) == 2


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", BASIC)
def test_intervals_of_proportions(name: str, method: str, reference_dir: Path, basic: Cases) -> None:
    result = llo.share("sch.wide", _survey(reference_dir, name), interval=INTERVALS.get(method, method))
    terms = ["p" if level == "No" else level for level in result.to_frame()["level"]]
    tolerance = ITERATED.get(method, EXACT)
    case = f"{name}:ciprop:{method}"
    assert _check(case, basic[case], result, terms, tolerance=tolerance) == 3


def _jackknife_of_strata(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[float]]:
    """Leave one school out, its stratum's others up; each replicate's factor (n - 1) / n (1 - n / N)."""
    size = frame.groupby("stype")["stype"].transform("size").to_numpy()
    columns = {}
    for k in range(len(frame)):
        same = (frame["stype"] == frame["stype"].iloc[k]).to_numpy()
        factor = np.where(same, size / (size - 1), 1.0)
        factor[k] = 0.0
        columns[f"r{k + 1}"] = frame["pw"].to_numpy() * factor
    rscales = (size - 1) / size * (1 - size / frame["fpc"].to_numpy())
    return pd.DataFrame(columns), rscales.tolist()


def _replicate_survey(reference_dir: Path, case: str, scale: float) -> llo.Survey:
    name, method = case.split(":")
    frame, rscales = _data(reference_dir, FILES[name]), None
    if method == "JKn":
        weights, rscales = _jackknife_of_strata(frame)
    else:
        file = {"JK1": "clus1_JK1", "JK1mse": "clus1_JK1", "canty_davison": "clus1w_boot"}.get(method, "clus1w_preston")
        weights = _data(reference_dir, f"repw_{file}").filter(like="X").add_prefix("r")
        weights.columns = [c.replace("rX", "r") for c in weights]
    if method == "preston":
        rscales = [1 / (weights.shape[1] - 1)] * weights.shape[1]
    return llo.Survey(
        pd.concat([frame, weights], axis=1),
        weights="pw",
        replicate_weights=f"r[1-{weights.shape[1]}]",
        replicate_method={"J": "jk1", "c": "bootstrap", "p": "bootstrap"}[method[0]] if method != "JKn" else "jkn",
        replicate_scale=scale,
        replicate_rscales=rscales,
        mse=method == "JK1mse",
    )


REPLICATED = [
    "clus1:JK1",
    "clus1w:JK1",
    "clus1w:JK1mse",
    "clus1w:canty_davison",
    "clus1w:preston",
    "strat:JKn",
]


@pytest.mark.parametrize("case", REPLICATED)
def test_replicate_designs(case: str, reference_dir: Path, replicates: Cases) -> None:
    told = {v.stat: v.value for v in replicates[case]}
    svy = _replicate_survey(reference_dir, case, told["scale"])
    result = llo.mean(["api00", "meals"], svy)
    assert set(np.asarray(result.df).tolist()) == {told["degf"]}
    assert result.replicates.shape == (told["nrep"], 2)
    assert _check(case, replicates[f"{case}:mean"], result, ["api00", "meals"]) == 12
    assert _check(case, replicates[f"{case}:total"], llo.total("enroll", svy), ["enroll"]) == 2
    assert _check(case, replicates[f"{case}:ratio"], llo.ratio("api.stu", "enroll", svy), ["r"]) == 2


def _waves(reference_dir: Path, *, overlap: bool) -> llo.Survey:
    frame = _data(reference_dir, "rotating_panel_synth")
    if overlap:
        return llo.Survey(frame, weights="w", strata="stratum", unit="pid", time="wave")
    return llo.Survey(frame, weights="w", strata=["wave", "stratum"], time="wave")


@pytest.mark.parametrize("design", ["overlap", "indep"])
def test_waves_of_a_rotating_panel(design: str, reference_dir: Path, panel: Cases) -> None:
    svy = _waves(reference_dir, overlap=design == "overlap")
    for variable in ("y", "x"):
        case = f"panel:{design}:{variable}"
        result = llo.mean(variable, svy, by="wave")
        levels = [v for v in panel[case] if not v.stat.startswith("change")]
        assert _check(case, levels, result, _cell_terms(result, "wave")) == 5
        change = result.contrast({"2": 1, "1": -1}).to_frame().iloc[0]
        told = {v.stat: v.value for v in panel[case]}
        assert change["estimate"] == pytest.approx(told["change"], rel=EXACT)
        assert change["std_error"] == pytest.approx(told["change_se"], rel=EXACT)
    cells = llo.mean("y", svy, by=["edu", "wave"])
    case = f"panel:{design}:gap"
    assert _check(case, panel[case], cells, _cell_terms(cells, "edu", "wave")) == 27
    if design == "indep":
        gap = cells.contrast({"3:2": 1, "1:2": -1, "3:1": -1, "1:1": 1})
        assert _check(case, panel["panel:indep:gapchange"], gap, ["d"]) == 2
        relative = llo.total("y", svy, by="wave").contrast("`2` / `1` - 1")
        assert _check(case, panel["panel:indep:relchange_total"], relative, ["d"]) == 2


def test_how_many_values_are_compared(
    basic: Cases, replicates: Cases, panel: Cases, record_property: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    kinds = ("mean", "mean_factor", "total", "ratio", "by_mean", "by_total", "by_ratio", "subset_mean")
    kinds += ("contrast_lin", "contrast_nl", "mean_deffreplace", *(f"ciprop:{m}" for m in METHODS))
    counts = {
        "basic": sum(len(basic[f"{name}:{kind}"]) for name in BASIC for kind in kinds),
        "replicates": sum(
            len(replicates[f"{case}:{kind}"]) for case in REPLICATED for kind in ("mean", "total", "ratio")
        ),
        "panel": sum(len(v) for case, v in panel.items() if case.count(":") == 2),
    }
    left = {case.split(":", 1)[1] for case in basic if not case.startswith("lonely")} - set(kinds)
    assert {case.split(":")[0] for case in left} <= {
        *("quantile", "quantileci", "ranktest", "ttest", "var", "chisq", "influence", "cdf", "crosstab")
    }
    record_property("values_compared", str(counts))
    with capsys.disabled():
        print(f"\nnumbers of R survey 4.5 compared: {counts}, together {sum(counts.values())}")
    assert counts["basic"] > 400
