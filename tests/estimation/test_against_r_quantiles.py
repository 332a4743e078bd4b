"""Quantiles, variances and tests of independence give R's numbers: on our invented samples, and on R's example data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import llo_research as llo
from tests.estimation import test_against_r_api as api
from tests.estimation import test_against_r_own as own
from tests.reference import expected

EXACT = 1e-9  # relative; the same arithmetic in another order
ROOTS = 1e-7  # R's Brent and Newton iterations inside qbeta
CASES = expected.by_case(expected.read_values(expected.HERE / "survey_quantiles_expected.csv"))
FULL = [name for name, design in own.DESIGNS.items() if design["set"] == "full"]
RULES = ["math", "school", *(f"hf{k}" for k in range(1, 10))]
CELLS = ["low", "middle", "high"]
Q = [0.1, 0.25, 0.5, 0.75]


def _survey(name: str) -> llo.Survey:
    svy = own._survey(own.DESIGNS[name])
    return svy.assign(whole=lambda d: (d["y"] / 5).round())


def _check(values: list[expected.Value], frame: pd.DataFrame, *, key: str = "quantile", x: Any = ()) -> int:
    """Compare a case; an end that R does not have is nan here too, and its standard error is ours.

    For a share smaller than that of the smallest value, R 4.1.1 gives the second smallest (of 1 to 10, equal weights,
    its 5 % quantile is 2); with the values `x` of the domain that is recognised, and the width that hangs on it.
    """
    rows = frame.set_index(frame[key].map(lambda v: f"{v:g}" if isinstance(v, float) else str(v)))
    smallest = np.unique(np.asarray(x, dtype=float))[:2].tolist()
    second = set()
    for _, stat, term, wanted in values:
        found = rows.loc[term, own.COLUMN[stat]]
        if np.isnan(wanted):
            assert "open_interval" in rows.loc[term, "flag"], (stat, term)
            assert found >= 0 if stat == "se" else np.isnan(found), (stat, term)
        elif stat == "ci_lo" and smallest == [found, wanted]:
            second.add(term)
        elif stat != "se" or term not in second:
            assert found == pytest.approx(wanted, rel=EXACT, abs=1e-12), (stat, term)
    return len(values) - 2 * len(second)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("name", FULL)
def test_quantiles_by_every_rule(name: str, rule: str) -> None:
    result = llo.quantile("y", _survey(name), q=Q, rule=rule)
    assert _check(CASES[f"{name}:quantile:{rule}"], result.to_frame()) == 16


@pytest.mark.parametrize("rule", ["math", "school", "hf3"])
@pytest.mark.parametrize("name", FULL)
def test_quantiles_with_ties(name: str, rule: str) -> None:
    result = llo.quantile("whole", _survey(name), q=Q, rule=rule)
    assert _check(CASES[f"{name}:ties:{rule}"], result.to_frame()) == 16


@pytest.mark.parametrize("method", ["xlogit", "beta", "asin"])
@pytest.mark.parametrize("name", FULL)
def test_intervals_of_quantiles(name: str, method: str) -> None:
    result = llo.quantile("y", _survey(name), q=Q, interval=method)
    assert _check(CASES[f"{name}:quantileci:{method}"], result.to_frame()) == 16


@pytest.mark.parametrize("name", FULL)
def test_quantiles_and_variances_of_domains(name: str) -> None:
    svy = _survey(name)
    result = llo.quantile("y", svy, q=Q, by="g").to_frame()
    data = svy.frame[svy.weights > 0]
    for cell in CELLS:
        values = CASES[f"{name}:by_quantile:{cell}"]
        compared = _check(values, result[result["g"] == cell], x=data.loc[data["g"] == cell, "y"])
        assert compared in (len(values), len(values) - 2)
    assert _check(CASES[f"{name}:by_var"], llo.variance("y", svy, by="g").to_frame(), key="g") == 6


@pytest.mark.parametrize("name", FULL)
def test_variances(name: str) -> None:
    assert _check(CASES[f"{name}:var"], llo.variance(["y", "x"], _survey(name)).to_frame(), key="variable") == 4


def _independent(case: str, svy: llo.Survey, row: str, column: str, cases: dict[str, list[expected.Value]]) -> int:
    table, compared = llo.crosstab(row, column, svy), 0
    for statistic in ("F", "Chisq", "Wald"):
        test = table.test({"F": "F", "Chisq": "chisq", "Wald": "wald"}[statistic])
        told = {(v.stat, v.term): v.value for v in cases.get(f"{case}:chisq:{statistic}", [])}
        if statistic == "Wald" and told:
            # ours is R's adjWald: (nu - k + 1) / nu of it, on k and nu - k + 1 degrees of freedom
            k, nu = (value for (stat, _), value in told.items() if stat == "df")
            adjusted = told["stat", "stat"] * (nu - k + 1) / nu
            new = {("df", 1): k, ("df", 2): nu - k + 1, ("stat", "stat"): adjusted}
            told = new | {("p", "p"): float(stats.f.sf(adjusted, k, nu - k + 1))}
        df = [value for (stat, _), value in told.items() if stat == "df"]
        found = [test.df, test.df_denominator][: len(df)]
        assert found == pytest.approx(df, rel=EXACT)
        for stat, value in (("stat", test.statistic), ("p", test.p_value)):
            if (stat, stat) in told:
                assert value == pytest.approx(told[stat, stat], rel=ROOTS if stat == "p" else EXACT)
        compared += len(told)
    return compared


@pytest.mark.parametrize("name", FULL)
def test_independence(name: str) -> None:
    assert _independent(name, _survey(name), "g", "h", CASES) == 11


@pytest.mark.parametrize("name", own.REPLICATES)
def test_replicate_designs(name: str) -> None:
    case, svy = f"replicates:{name}", own._replicate_survey(own.REPLICATES[name])
    assert _check(CASES[f"{case}:quantile_rep"], llo.quantile("y", svy, q=Q).to_frame()) == 16
    by_rule = llo.quantile("y", svy, q=Q, rule="hf6", interval="replicate")
    assert _check(CASES[f"{case}:quantile_rep_hf6"], by_rule.to_frame()) == 16
    result = llo.quantile("y", svy, q=Q, interval="mean")
    assert _check(CASES[f"{case}:quantileci:mean"], result.to_frame(), x=svy.frame["y"]) in (14, 16)
    assert _check(CASES[f"{case}:var"], llo.variance(["y", "x"], svy).to_frame(), key="variable") == 4
    assert _independent(case, svy, "g", "h", CASES) == 11


def _equal() -> llo.Survey:
    frame = own._frame("pairs.csv").assign(one=1.0)
    return llo.Survey(frame, weights="one", strata="stratum", psu="psu")


@pytest.mark.parametrize("rule", RULES)
def test_equal_weights_with_ties_in_every_rule(rule: str) -> None:
    assert _check(CASES[f"equal:quantile:{rule}"], llo.quantile("x", _equal(), q=Q, rule=rule).to_frame()) == 16


def test_score_intervals_with_equal_weights() -> None:
    result = llo.quantile("y", _equal(), q=Q, interval="score")
    assert _score(CASES["equal:quantileci:score"], result, _equal(), "y") == (7, 5)


# -- R's example data -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def basic(reference_dir: Path) -> dict[str, list[expected.Value]]:
    return expected.by_case(expected.read_values(reference_dir / "survey" / "01_basic.csv"))


@pytest.fixture(scope="module")
def replicates(reference_dir: Path) -> dict[str, list[expected.Value]]:
    return expected.by_case(expected.read_values(reference_dir / "survey" / "04_replicates.csv"))


def _probabilities(values: list[expected.Value]) -> list[float]:
    return sorted({float(value.term) for value in values})


# With unequal weights (strat) R's interpolating rules depend on the order of tied rows: left out.
@pytest.mark.parametrize(
    ("name", "rule"),
    [(name, rule) for name in ("strat", "strat_nofpc") for rule in RULES[:5]] + [("clus1", rule) for rule in RULES],
)
def test_rules_on_the_example_data(name: str, rule: str, reference_dir: Path, basic: Any) -> None:
    values = basic[f"{name}:quantile:{rule}"]
    result = llo.quantile("api00", api._survey(reference_dir, name), q=_probabilities(values), rule=rule)
    assert _check(values, result.to_frame()) == 20


@pytest.mark.parametrize("method", ["beta", "xlogit", "asin"])
@pytest.mark.parametrize("name", ["strat", "strat_nofpc", "clus1"])
def test_intervals_on_the_example_data(name: str, method: str, reference_dir: Path, basic: Any) -> None:
    values = basic[f"{name}:quantileci:{method}"]
    result = llo.quantile("api00", api._survey(reference_dir, name), q=_probabilities(values), interval=method)
    assert _check(values, result.to_frame()) == 9


@pytest.mark.parametrize("name", ["strat", "strat_nofpc", "clus1", "srs"])
def test_variances_on_the_example_data(name: str, reference_dir: Path, basic: Any) -> None:
    result = llo.variance("api00", api._survey(reference_dir, name))
    assert _check(basic[f"{name}:var"], result.to_frame(), key="variable") == 2


def test_independence_on_the_example_data(reference_dir: Path, basic: Any) -> None:
    values = basic["strat:chisq:F"] + basic["strat:chisq:Chisq"]
    svy = api._survey(reference_dir, "strat")
    assert _independent("strat", svy, "sch.wide", "stype", basic) == len(values) == 7


@pytest.mark.parametrize("case", api.REPLICATED)
def test_replicates_on_the_example_data(case: str, reference_dir: Path, replicates: Any) -> None:
    told = {v.stat: v.value for v in replicates[case]}
    svy = api._replicate_survey(reference_dir, case, told["scale"])
    values = replicates[f"{case}:quantile_rep"]
    assert _check(values, llo.quantile("api00", svy, q=_probabilities(values)).to_frame()) == 6


@pytest.mark.parametrize("step", ["greg", "ps"])
def test_replicates_of_calibrated_example_data(step: str, reference_dir: Path, replicates: Any) -> None:
    scale = {v.stat: v.value for v in replicates["clus1:JK1"]}["scale"]
    svy = api._replicate_survey(reference_dir, "clus1:JK1", scale)
    totals: dict[Any, Any] = {"stype": {"E": 4421, "H": 755, "M": 1018}}
    if step == "greg":
        totals["api99"] = 3914069
    values = replicates[f"clus1:JK1:{step}:quantile_rep"]
    result = llo.quantile("api00", llo.calibrate(svy, totals), q=_probabilities(values))
    assert _check(values, result.to_frame()) == 6


# -- where R is wrong: the score interval -----------------------------------------------------------------------------


def _score(values: list[expected.Value], result: Any, svy: llo.Survey, name: str) -> tuple[int, int]:
    """How many numbers of a score interval are R's, and how many R's error explains.

    R finds the two values at which the test just rejects, by a root finder that may stop just below a jump (one value
    short of the closed interval), and turns them into probabilities with `mean(x <= root)`, without the weights. Done
    by hand from our ends, that is R's number.
    """
    x, w = svy.frame[name].to_numpy(float), svy.weights.to_numpy()
    rows = {f"{row.quantile:g}": row for row in result.to_frame().itertuples()}
    points = np.unique(x)
    same = by_hand = 0
    for _, stat, term, wanted in values:
        found = getattr(rows[term], own.COLUMN[stat])
        if found == pytest.approx(wanted, rel=EXACT):
            same += 1
            continue
        assert stat in ("ci_lo", "ci_hi", "se"), (stat, term)
        if stat == "se":
            continue
        place = int(np.searchsorted(points, found))
        roots = points[max(place - 1, 0) : place + 1]
        shares = [np.mean(x <= root) for root in roots]
        cumulative = np.cumsum([w[x == point].sum() for point in points]) / w.sum()
        at = [points[np.searchsorted(cumulative, share - 1e-12)] for share in shares]
        assert wanted in at, (stat, term, wanted, at)
        by_hand += 1
    return same, by_hand


@pytest.mark.parametrize(("name", "same"), [("strat", 3), ("strat_nofpc", 3), ("clus1", 5)])
def test_score_intervals_of_r_leave_the_weights_out(name: str, same: int, reference_dir: Path, basic: Any) -> None:
    svy = api._survey(reference_dir, name)
    values = basic[f"{name}:quantileci:score"]
    result = llo.quantile("api00", svy, q=_probabilities(values), interval="score")
    assert _score(values, result, svy, "api00") == (same, 9 - same)


def test_how_many_values_are_compared(capsys: pytest.CaptureFixture[str]) -> None:
    compared = sum(len(values) for values in CASES.values())
    with capsys.disabled():
        print(f"\nnumbers of R on our own samples for quantiles, variances and tests of independence: {compared}")
    assert compared > 4900
