"""Calibrated, raked, post-stratified and trimmed designs give the numbers of R survey 4.5, weights and errors.

Left out: cases `:glm` (regression has test modules of its own), and standard errors of `rake` where the design
weights differ: R's `rake` takes unweighted residuals there (its `calibrate(raking)`, here `calrake`, weighted ones).
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from tests.reference import expected

WEIGHTS = 1e-10
EXACT = 1e-9
# R's covariance of a margin that is held fixed is rounding, of the order of 1e-12 times the estimate.
NOTHING = 1e-9
COLUMN = {"est": "estimate", "se": "std_error", "ci_lo": "conf_low", "ci_hi": "conf_high"}
LEVELS = {"E": 4421, "H": 755, "M": 1018}
SCHOOL_WIDE = {"No": 1072, "Yes": 5122}
GREG = {"stype": LEVELS, "api99": 3914069}
DESIGNS = ["clus1", "clus1w", "strat"]
KINDS = ["ps", "rake", "greg", "calrake", "logit", "lintrunc"]
NOT_AT_HAND = {("clus1w", "logit"), ("clus1w", "lintrunc"), ("strat", "logit")}
OF_ONE_DESIGN = ["greg_agg", "greg_trim", "trimWeights", "trimWeights_strict"]
COMPARED: Counter[str] = Counter()
DONE: set[str] = set()
Cases = dict[str, list[expected.Value]]


@pytest.fixture(scope="module")
def cases(reference_dir: Path) -> Cases:
    return expected.by_case(expected.read_values(reference_dir / "survey" / "02_calibration.csv"))


def _design(reference_dir: Path, name: str) -> llo.Survey:
    frame = pd.read_csv(reference_dir / "survey" / "data" / f"api{'strat' if name == 'strat' else 'clus1'}.csv")
    return llo.Survey(
        frame,
        weights="pw",
        strata="stype" if name == "strat" else None,
        psu=None if name == "strat" else "dnum",
        fpc=None if name == "clus1w" else "fpc",
    )


def _weighted(svy: llo.Survey, kind: str, bounds: tuple[float, float] | None) -> llo.Survey:
    if kind == "ps":
        return llo.poststratify(svy, {"stype": LEVELS})
    if kind == "rake":
        return llo.calibrate(svy, {"stype": LEVELS, "sch.wide": SCHOOL_WIDE}, method="raking")
    if kind.startswith("trimWeights"):
        return llo.trim(llo.calibrate(svy, GREG), lower=27, upper=42, preserve="total")
    if kind == "greg_agg":
        return llo.calibrate(svy, GREG, cluster="dnum")
    method = {"calrake": "raking", "logit": "logit", "lintrunc": "truncated"}.get(kind, "linear")
    return llo.calibrate(svy, GREG, method=method, bounds=bounds)


def _compare(case: str, wanted: list[expected.Value], result: Any, terms: list[str], *, errors: bool = True) -> None:
    """Every number of a case; without `errors` the estimates and degrees of freedom only."""
    frame, cov, at = result.to_frame(), np.asarray(result.cov), {term: k for k, term in enumerate(terms)}
    for _, stat, term, value in wanted:
        if stat not in ("est", "df") and not errors:
            COMPARED["left out: standard errors of rake"] += 1
            continue
        COMPARED[case.split(":")[1]] += 1
        if stat == "vcov":
            i, j = (at[one] for one in term.split("|"))
            scale = np.sqrt(cov[i, i] * cov[j, j])
            assert cov[i, j] == pytest.approx(value, rel=EXACT, abs=EXACT * scale), (case, term)
        elif stat == "df":
            assert set(np.asarray(result.df).tolist()) == {value}, (case, stat)
        else:
            found = frame[COLUMN[stat]].iloc[at[term]]
            size = abs(frame["estimate"].iloc[at[term]])
            assert found == pytest.approx(value, rel=EXACT, abs=NOTHING * 1e-3 * size), (case, stat, term)


RUN = [(name, kind) for name in DESIGNS for kind in KINDS if (name, kind) not in NOT_AT_HAND]


@pytest.mark.parametrize(("name", "kind"), [*RUN, *(("clus1w", kind) for kind in OF_ONE_DESIGN)])
def test_weights_and_estimates(name: str, kind: str, reference_dir: Path, cases: Cases) -> None:
    case = f"{name}:{kind}"
    told = {value.term: value.value for value in cases[case] if value.stat == "bound"}
    COMPARED["bounds taken over"] += len(told)
    svy = _weighted(_design(reference_dir, name), kind, (told["lo"], told["hi"]) if told else None)
    weights = [value.value for value in cases[case] if value.stat == "weight"]
    for found, value in zip(svy.weights, weights, strict=True):
        assert found == pytest.approx(value, rel=WEIGHTS), case
    COMPARED["weights"] += len(weights)
    errors = not (kind == "rake" and name == "strat")
    _compare(case, cases[f"{case}:mean"], llo.mean(["api00", "meals"], svy), ["api00", "meals"], errors=errors)
    total = llo.total(["enroll", "ell"], svy)
    _compare(case, cases[f"{case}:total"], total, ["enroll", "ell"], errors=errors)
    _compare(case, cases[f"{case}:ratio"], llo.ratio("api.stu", "enroll", svy), ["api.stu/enroll"], errors=errors)
    by = llo.mean("api00", svy, by="sch.wide")
    _compare(case, cases[f"{case}:by"], by, by.to_frame()["sch.wide"].tolist(), errors=errors)
    DONE.add(case)


def _stratified_error(frame: pd.DataFrame, z: np.ndarray) -> float:
    """Standard error of sum z with the strata and sampling fractions of apistrat, spelled out."""
    variance = 0.0
    for _, rows in frame.groupby("stype").indices.items():
        n, size = len(rows), frame["fpc"].iloc[rows[0]]
        variance += (1 - n / size) * n / (n - 1) * ((z[rows] - z[rows].mean()) ** 2).sum()
    return float(np.sqrt(variance))


def test_errors_of_rake_by_hand(reference_dir: Path, cases: Cases) -> None:
    """R's `rake` takes residuals from regressions without weights; with the design weights they are ours."""
    frame = pd.read_csv(reference_dir / "survey" / "data" / "apistrat.csv")
    svy = _weighted(_design(reference_dir, "strat"), "rake", None)
    w = svy.weights.to_numpy()
    x = np.hstack([pd.get_dummies(frame[name]).to_numpy(float) for name in ("stype", "sch.wide")])
    ours = llo.mean(["api00", "meals"], svy).to_frame()["std_error"].tolist()
    theirs = [value.value for value in cases["strat:rake:mean"] if value.stat == "se"]
    for k, name in enumerate(["api00", "meals"]):
        u = (frame[name].to_numpy() - w @ frame[name] / w.sum()) / w.sum()
        for weights, error in ((np.ones(len(frame)), theirs[k]), (frame["pw"].to_numpy(), ours[k])):
            root = np.sqrt(weights)
            b = np.linalg.lstsq(root[:, None] * x, root * u, rcond=None)[0]
            assert _stratified_error(frame, w * (u - x @ b)) == pytest.approx(error, rel=EXACT)


def test_waves_calibrated_one_by_one(reference_dir: Path) -> None:
    """The calibration of each wave to its own totals against R's joint calibration with interacted margins."""
    wanted = expected.by_case(expected.read_values(reference_dir / "survey" / "06_change_calibrated.csv"))
    frame = pd.read_csv(reference_dir / "survey" / "data" / "rotating_panel_synth.csv")
    svy = llo.Survey(frame, weights="w", strata="stratum", psu="pid", time="wave")
    totals: dict[int, dict[str, dict[int, float]]] = {1: {"edu": {}}, 2: {"edu": {}}}
    for value in wanted["panelcal"]:
        if value.stat == "total":
            wave, level = (int(part[-1]) for part in value.term.split(":"))
            totals[wave]["edu"][level] = value.value
    each = llo.calibrate(svy, totals, by="wave")
    joint = llo.calibrate(
        svy, {("wave", "edu"): pd.Series({(w, e): t for w in totals for e, t in totals[w]["edu"].items()})}
    )
    weights = [value.value for value in wanted["panelcal"] if value.stat == "weight"]
    for one, other, value in zip(each.weights, joint.weights, weights, strict=True):
        assert one == pytest.approx(value, rel=WEIGHTS)
        assert other == pytest.approx(value, rel=WEIGHTS)
    for calibrated in (each, joint):
        result = llo.mean("x", calibrated, by="wave")
        change = result.contrast({"2": 1, "1": -1}).to_frame()
        for _, stat, term, value in wanted["panelcal:x"]:
            if stat == "est":
                assert result.estimate[int(term) - 1] == pytest.approx(value, rel=EXACT)
            elif stat == "vcov":
                i, j = (int(part) - 1 for part in term.split("|"))
                assert np.asarray(result.cov)[i, j] == pytest.approx(value, rel=EXACT)
            else:
                column = "std_error" if stat == "change_se" else "estimate"
                assert change[column].iloc[0] == pytest.approx(value, rel=EXACT)
    COMPARED["waves: weights"] += len(weights)
    COMPARED["waves: totals, estimates, covariances, change"] += 6 + len(wanted["panelcal:x"])
    DONE.add("waves")


def test_every_case_is_compared_or_named(reference_dir: Path, cases: Cases, capsys: pytest.CaptureFixture[str]) -> None:
    """All numbers of both files are accounted for; the count is printed."""
    if len(DONE) < len(RUN) + len(OF_ONE_DESIGN) + 1:
        pytest.skip("counts what the tests before it compared; run the whole module")
    all_numbers = sum(len(values) for values in cases.values())
    glm = sum(len(values) for case, values in cases.items() if case.endswith(":glm"))
    population = len(cases["pop:stype*sch.wide+api99"])
    left_out = COMPARED["left out: standard errors of rake"]
    waves = sum(count for what, count in COMPARED.items() if what.startswith("waves"))
    compared = sum(COMPARED.values()) - left_out - waves
    with capsys.disabled():
        print(
            f"\n02_calibration: {compared} of {all_numbers} numbers compared; left out: {glm} of regressions, "
            f"{left_out} errors of rake, {population} population totals. 06_change_calibrated: {waves}."
        )
    assert compared + glm + left_out + population == all_numbers
    assert waves == 881 - 1
