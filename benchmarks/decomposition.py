"""Time the decomposition of a gap beside statsmodels with a bootstrap and with replicates, and its change over waves.

    OPENBLAS_NUM_THREADS=1 python benchmarks/decomposition.py [--rows N] [--bootstraps N] [--no-peers] [--no-change]

Writes decomposition.md beside this file. Processor seconds of one thread, the best of three runs.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import llo_research as llo
from llo_research.survey import formulas

HERE = Path(__file__).resolve().parent
REGRESSORS, UNITS, REPLICATES, RUNS = 15, 2_000, 200, 3
FORMULA = "y ~ " + " + ".join(f"x{j}" for j in range(REGRESSORS))
# Estimates of two programs for one model and group differ by rounding.
AGREE = 1e-8
GAPS: dict[str, tuple[str, str, str]] = {
    "education": ("high", "low", "C(contract) + C(firm_size) + C(age_group)"),
    "contract": ("permanent", "flexible", "C(education) + C(firm_size) + C(age_group)"),
    "firm_size": ("250+", "1-9", "C(education) + C(contract) + C(age_group)"),
    "age_group": ("25-34", "55+", "C(education) + C(contract) + C(firm_size)"),
    "sex": ("male", "female", "C(education) + C(contract) + C(firm_size) + C(age_group)"),
}


def people(rows: int) -> pd.DataFrame:
    """Two groups that differ in fifteen numbers and in what these bring."""
    rng = np.random.default_rng(7)
    g = rng.integers(0, 2, rows)
    x = rng.normal(size=(rows, REGRESSORS)) + 0.2 * g[:, None]
    y = x @ rng.normal(0.1, 0.05, REGRESSORS) + 0.3 * g + 0.05 * g * x[:, 0] + rng.normal(size=rows)
    frame = pd.DataFrame(x, columns=[f"x{j}" for j in range(REGRESSORS)])
    return frame.assign(y=y, g=g, w=1.0, unit=rng.integers(0, UNITS, rows))


def seconds(call: Callable[[], Any]) -> tuple[float, Any]:
    """Processor seconds of a call, and what it gives."""
    started = time.process_time()
    found = call()
    return time.process_time() - started, found


def best(call: Callable[[], Any]) -> tuple[float, Any]:
    """The same of the best of several runs: others use this machine too."""
    return min((seconds(call) for _ in range(RUNS)), key=lambda made: made[0])


def gap(svy: llo.Survey) -> Any:
    """Twofold, coefficients of the group that is subtracted."""
    return llo.decomposition.oaxaca_blinder(FORMULA, svy, group="g", of=1, minus=0, reference="minus")


def statsmodels(data: pd.DataFrame, bootstraps: int) -> Any:
    """The same parts with bootstrap errors (its `bifurcate` column is the group)."""
    from statsmodels.stats.oaxaca import OaxacaBlinder

    exog = data[[*(f"x{j}" for j in range(REGRESSORS)), "g"]]
    return OaxacaBlinder(data["y"], exog, "g", hasconst=False).two_fold(
        std=True, two_fold_type="self_submitted", submitted_weight=0.0, n=bootstraps
    )


def one_gap(rows: int, bootstraps: int, peers: bool) -> list[str]:
    """Rows of the table about one gap."""
    data = people(rows)
    svy = llo.Survey(data, weights="w", psu="unit")
    own, found = best(lambda: gap(svy))
    lines = [f"| one gap, linearised errors | {rows:,} | {own:.2f} | 1 |"]
    replicated = llo.replicate(svy, "bootstrap", replicates=REPLICATES, seed=1)
    with_replicates, _ = best(lambda: gap(replicated))
    ratio = with_replicates / own
    lines.append(
        f"| one gap, {REPLICATES} replicates of {UNITS:,} units | {rows:,} | {with_replicates:.2f} | {ratio:.1f} |"
    )
    if peers:
        theirs, result = seconds(lambda: statsmodels(data, bootstraps))
        mine = found.to_frame().set_index(["component", "term"])["estimate"]
        known = [result.params[0], result.params[1], result.params[2]]
        ours = [mine[part, "total"] for part in ("unexplained", "explained", "gap")]
        print("statsmodels", known, "ours", ours)
        if not max(abs(a - b) for a, b in zip(ours, known, strict=True)) < AGREE:
            raise SystemExit("statsmodels gives other parts: not compared")
        lines.append(f"| statsmodels, {bootstraps} bootstraps | {rows:,} | {theirs:.1f} | {theirs / own:.0f} |")
    return lines


def calibrated() -> llo.Survey:
    """The full synthetic NEA, each wave calibrated to sex and age."""
    nea = llo.load("nea", n="full", source="synthetic")
    frame, totals = nea.frame, {}
    for year in frame["year"].unique():
        own = frame["year"] == year
        totals[int(year)] = {}
        for number, name in enumerate(("sex", "age_group")):
            sums = frame[own].groupby(name, observed=True)["weight"].sum()
            moved = sums * (1 + 0.03 * np.cos(np.arange(len(sums)) + number))
            totals[int(year)][name] = moved * sums.sum() / moved.sum()
    return llo.calibrate(nea, totals, by="year")


def five_changes() -> list[str]:
    """Rows of the table about the change of five gaps, with the share of formula handling."""
    import llo_research.decomposition.support as support
    import llo_research.regression.model_data as model_data

    svy, spent = calibrated(), [0.0]

    def timed(plain: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            own, found = seconds(lambda: plain(*arguments, **options))
            spent[0] += own
            return found

        return call

    vars(support)["matrices"] = vars(model_data)["matrices"] = timed(formulas.matrices)
    setattr(formulas.Matrix, "at", timed(formulas.Matrix.at))  # noqa: B010  # a method, which cannot be assigned to

    def all_gaps() -> float:
        spent[0] = 0.0
        for name, (of, minus, drivers) in GAPS.items():
            text = f"training ~ autonomy + variety + {drivers}"
            options: dict[str, Any] = {"group": name, "of": of, "minus": minus, "time": "year", "base": 2007}
            llo.decomposition.oaxaca_change(text, svy, **options, breaks="flag")
        return spent[0]

    whole, formula = best(all_gaps)
    share = f"of which formulas {formula:.1f} ({formula / whole:.0%})"
    return [f"| change of five gaps over 18 waves, calibrated by wave; {share} | {len(svy):,} | {whole:.1f} | |"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--bootstraps", type=int, default=200)
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--no-change", action="store_true")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    lines = [
        "# Decompositions",
        "",
        f"`python benchmarks/decomposition.py`: {REGRESSORS} regressors; from a Survey and a formula to parts with",
        "errors. Processor seconds of one thread, the best of three runs (statsmodels: one), on a machine that others",
        "used too; times the first row's.",
        "",
        "| what | rows | seconds | times |",
        "|---|---:|---:|---:|",
        *one_gap(arguments.rows, arguments.bootstraps, not arguments.no_peers),
        *([] if arguments.no_change else five_changes()),
    ]
    text = "\n".join(lines) + "\n"
    (HERE / "decomposition.md").write_text(text, encoding="utf-8", newline="\n")
    print(text)


if __name__ == "__main__":
    main()
