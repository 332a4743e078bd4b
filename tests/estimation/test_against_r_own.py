"""Our public calls give R's numbers on the invented samples of tests/reference, design by design."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import llo_research as llo
from tests.reference import expected

HERE = expected.HERE
VALUES = expected.read_values(HERE / "survey_expected.csv")
BY_HAND = expected.read_values(HERE / "by_hand_expected.csv")
DESIGNS = {d["design"]: d for d in expected.read_designs("designs.csv")}
REPLICATES = {d["design"]: d for d in expected.read_designs("replicate_designs.csv")}
CASES = expected.by_case(VALUES)
for name, extra in expected.by_case(BY_HAND).items():
    CASES[name] = CASES.get(name, []) + extra

EXACT = 1e-9  # relative; both programs add up a hundred rows, in another order
ITERATED = {"logit": 1e-6, "likelihood": 1e-6}  # R stops the iteration of the model behind them there
COLUMN = {"est": "estimate", "se": "std_error", "ci_lo": "conf_low", "ci_hi": "conf_high", "deff": "deff"}
INTERVALS = {"mean": "wald"}  # R's name of the method, where ours differs
DOMAIN = "inside == 1 & x > 6"
DOMAINS = ("subset_mean", "subset_total", "by_mean2", "contrast_lin", "mean_missing")


def _frame(name: str) -> pd.DataFrame:
    frame = pd.read_csv(HERE / name)
    frame["g"] = pd.Categorical(frame["g"], categories=["low", "middle", "high"], ordered=True)
    return frame


def _survey(design: dict[str, str], *, proportional: bool = False) -> llo.Survey:
    frame = _frame("stages.csv")
    frame = frame[frame["stratum"].isin(list(design["keep"]))].reset_index(drop=True)
    if proportional:
        frame[design["weights"]] /= frame[design["weights"]].mean()
    stages, counts = design["ids"].split(), design["fpc"].split()
    keywords: dict[str, Any] = {
        "weights": design["weights"] or None,
        "strata": design["strata"] or None,
        "psu": (stages if len(stages) > 1 else stages[0]) if stages else None,
        "fpc": (counts if len(counts) > 1 else counts[0]) if counts else None,
        "lonely_psu": design["lonely"],
        "weight_kind": "proportional" if proportional else "expansion",
    }
    return llo.Survey(frame, **keywords)


def _replicate_survey(design: dict[str, str]) -> llo.Survey:
    frame = _frame("pairs.csv")
    count = sum(c.startswith(design["prefix"]) for c in frame)
    rscales = {"": None, "ramp": [(r + 1) / 10 for r in range(count)], "0.5": [0.5] * count}[design["rscales"]]
    return llo.Survey(
        frame,
        weights="w",
        replicate_weights=f"{design['prefix']}[1-{count}]",
        replicate_method=design["ours"],
        replicate_scale=float(design["scale"]) if design["scale"] else None,
        replicate_rscales=rscales,
        fay=float(design["fay"]) if design["fay"] else None,
        mse=design["mse"] == "TRUE",
    )


def _rows_of(frame: pd.DataFrame, part: str, term: str) -> pd.Series:
    """The rows that a number of a replicate design speaks of."""
    if part.startswith("subset"):
        return (frame["inside"] == 1) & (frame["x"] > 6)
    if part == "by_mean2":
        g, h = term.split(".")
        return (frame["g"] == g) & (frame["h"] == h)
    return frame["g"].isin(["high", "low"]) if part == "contrast_lin" else frame["z"].notna()


def _rank(columns: np.ndarray) -> int:
    """R's degf: columns that are no combination of those before, to 1e-5 of their length."""
    kept = np.zeros((len(columns), 0))
    for column in columns.T:
        own = column - (kept @ np.linalg.lstsq(kept, column, rcond=None)[0] if kept.shape[1] else 0.0)
        if np.linalg.norm(own) > 1e-5 * np.linalg.norm(column):
            kept = np.column_stack([kept, column])
    return kept.shape[1]


def _with_the_domains_df(name: str) -> dict[str, list[expected.Value]]:
    """R's numbers of a replicate design, its ends of domains moved to the df that R's degf gives the subset.

    The file was written with those of the whole design.
    """
    design = REPLICATES[name]
    moved: dict[str, list[expected.Value]] = {}
    frame = _frame("pairs.csv")
    columns = frame.filter(regex=f"^{design['prefix']}").to_numpy()
    for case in [case for case in CASES if case.startswith(f"replicates:{name}:")]:
        part, moved[case] = case.rpartition(":")[2], []
        estimates = {value.term: value.value for value in CASES[case] if value.stat == "est"}
        for value in CASES[case]:
            now = value.value
            if part in DOMAINS and value.stat in ("df", "ci_lo", "ci_hi"):
                df = _rank(columns[_rows_of(frame, part, value.term).to_numpy()]) - 1
                middle = estimates.get(value.term, np.nan)
                factor = stats.t.ppf(0.975, df) / stats.t.ppf(0.975, _rank(columns) - 1)
                now = float(df) if value.stat == "df" else middle + (now - middle) * factor
            moved[case].append(value._replace(value=now))
    return moved


def _labels(frame: pd.DataFrame) -> list[str]:
    """The terms R gives the rows: by-cells joined with a dot, else the level, else the variable."""
    by = [c for c in ("g", "h") if c in frame]
    if by:
        return [".".join(str(v) for v in cell) for cell in frame[by].itertuples(index=False)]
    column = "level" if "level" in frame else "variable"
    return [str(v) for v in frame[column]]


def _check(case: str, result: Any, *, tolerance: float = EXACT, terms: list[str] | None = None) -> int:
    """Compare every number of a case with a result; how many were compared."""
    frame = result.to_frame()
    labels = terms or _labels(frame)
    at = {label: k for k, label in enumerate(labels)}
    cov = np.asarray(result.cov)
    df = np.asarray(result.df, dtype=float)
    for _, stat, term, wanted in CASES[case]:
        if stat == "vcov":
            i, j = (at[t] for t in term.split("|"))
            scale = np.sqrt(cov[i, i] * cov[j, j])
            assert cov[i, j] == pytest.approx(wanted, rel=tolerance, abs=tolerance * scale), (case, term)
        elif stat == "df":
            found = df if term == "df" else df[[at[term]]]
            assert set(found.tolist()) == {wanted}, (case, stat, term)
        else:
            found = frame[COLUMN[stat]].iloc[at[term]]
            assert found == pytest.approx(wanted, rel=tolerance, abs=tolerance**2), (case, stat, term)
    return len(CASES[case])


def _short(name: str, svy: llo.Survey) -> int:
    compared = _check(f"{name}:mean", llo.mean(["y", "x"], svy))
    compared += _check(f"{name}:total", llo.total(["y", "x"], svy))
    compared += _check(f"{name}:ratio", llo.ratio("y", "x", svy), terms=["y/x"])
    inside = svy.where(DOMAIN)
    compared += _check(f"{name}:subset_mean", llo.mean("y", inside))
    compared += _check(f"{name}:subset_total", llo.total("y", inside))
    if f"{name}:by_mean" in CASES:
        compared += _check(f"{name}:by_mean", llo.mean("y", svy, by="g"))
    return compared


def _cells(name: str, svy: llo.Survey) -> int:
    compared = _check(f"{name}:by_mean2", llo.mean("y", svy, by=["g", "h"]))
    compared += _check(f"{name}:by_total", llo.total("x", svy, by="g"))
    compared += _check(f"{name}:by_ratio", llo.ratio("y", "x", svy, by="g"))
    compared += _check(f"{name}:mean_factor", llo.mean("g", svy, interval="wald"))
    return compared + _check(f"{name}:mean_missing", llo.mean("z", svy, interval="wald"))


def _contrasts(name: str, svy: llo.Survey) -> int:
    means = llo.mean("y", svy, by="g")
    linear = means.contrast({"high": 1, "low": -1})
    compared = _check(f"{name}:contrast_lin", linear, terms=["contrast"])
    compared += _check(f"{name}:contrast_nl", means.contrast("log(high / low)"), terms=["contrast"])
    for scale in ("difference", "ratio", "odds"):
        gap = llo.gap("z", svy, group="g", of="high", minus="low", scale=scale)
        compared += _check(f"{name}:gap:{scale}", gap, terms=["gap"])
    return compared


def _proportions(name: str, svy: llo.Survey) -> int:
    compared = 0
    for case in [c for c in CASES if c.startswith(f"{name}:ciprop:")]:
        method = case.rsplit(":", 1)[1]
        result = llo.share("z", svy, interval=INTERVALS.get(method, method))
        tolerance = ITERATED.get(method, EXACT)
        levels = [{"0": "no", "1": "z", "0.0": "no", "1.0": "z"}[level] for level in _labels(result.to_frame())]
        compared += _check(case, result, tolerance=tolerance, terms=levels)
    return compared


def _of(name: str, part: str) -> int:
    """How many numbers the reference file has for a design."""
    return sum(len(values) for case, values in CASES.items() if case.startswith(f"{name}:{part}"))


@pytest.mark.parametrize("name", [n for n, d in DESIGNS.items() if d["set"] != "fails"])
def test_means_totals_ratios_and_domains(name: str) -> None:
    assert _short(name, _survey(DESIGNS[name])) > 20


@pytest.mark.parametrize("name", [n for n, d in DESIGNS.items() if d["set"] == "full"])
def test_cells_shares_and_missing_values(name: str) -> None:
    assert _cells(name, _survey(DESIGNS[name])) > 40


@pytest.mark.parametrize("name", [n for n, d in DESIGNS.items() if d["set"] == "full"])
def test_contrasts_and_gaps(name: str) -> None:
    assert _contrasts(name, _survey(DESIGNS[name])) == _of(name, "contrast") + _of(name, "gap")


@pytest.mark.parametrize("name", [n for n, d in DESIGNS.items() if d["set"] == "full"])
def test_intervals_of_proportions(name: str) -> None:
    assert _proportions(name, _survey(DESIGNS[name])) == _of(name, "ciprop")


@pytest.mark.parametrize("name", [n for n, d in DESIGNS.items() if d["set"] == "full"])
def test_one_call_for_several_variables_speaks_of_the_same_people(name: str) -> None:
    assert _check(f"{name}:mean_together", llo.mean(["y", "x", "z"], _survey(DESIGNS[name]), interval="wald")) == 6


@pytest.mark.parametrize("name", [n for n, d in DESIGNS.items() if d["set"] == "full" and d["weights"]])
def test_proportional_weights_compare_with_sampling_with_replacement(name: str) -> None:
    svy = _survey(DESIGNS[name], proportional=True)
    assert _check(f"{name}:mean_deffreplace", llo.mean(["y", "x"], svy)) == 2


@pytest.mark.parametrize("name", [n for n, d in DESIGNS.items() if d["set"] == "fails"])
def test_a_lonely_psu_is_refused_by_name(name: str) -> None:
    with pytest.raises(llo.DesignError, match="single sampling unit"):
        llo.mean("y", _survey(DESIGNS[name])).to_frame()


@pytest.mark.parametrize("name", REPLICATES)
def test_replicate_designs(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for moved, values in _with_the_domains_df(name).items():
        monkeypatch.setitem(CASES, moved, values)
    case, svy = f"replicates:{name}", _replicate_survey(REPLICATES[name])
    compared = _short(case, svy) + _cells(case, svy) + _contrasts(case, svy)
    assert compared == _of(case, "") - _of(case, "scale")


def test_every_case_of_the_reference_file_is_compared(capsys: pytest.CaptureFixture[str]) -> None:
    handled = {"mean", "total", "ratio", "subset_mean", "subset_total", "by_mean", "by_mean2", "by_total", "by_ratio"}
    handled |= {"mean_factor", "mean_missing", "mean_together", "mean_deffreplace", "contrast_lin", "contrast_nl"}
    kinds = {case.removeprefix("replicates:").partition(":")[2] for case in CASES}
    other = {kind for kind in kinds if not kind.startswith(("ciprop:", "gap:"))} - handled
    assert other <= {""}  # the designs themselves: those that fail, and the scales of replicates
    different = {value[:3] for value in VALUES + BY_HAND if value.stat != "scale"}
    with capsys.disabled():
        print(f"\nnumbers of our own reference files compared: {len(different)}")
