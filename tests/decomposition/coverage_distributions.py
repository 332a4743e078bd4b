"""Coverage of decompositions of distributions, on the synthetic NEA of 2021, under informative sampling.

The full synthetic sample of 2021 with complete answers is the population: what it holds is the truth. Hours are told
in whole numbers, so that a median lies on a heap and is refused; here they are spread evenly within the hour, once.
Samples are drawn with replacement within the strata of the NEA and, in each, within those above and below 32 hours, in
numbers that go with the size to the power 0.6, twice as many of the former: weights go with the outcome.

    python -m tests.decomposition.coverage_distributions [samples]           writes its table beside this file
    python -m tests.decomposition.coverage_distributions [samples] terms     that of the terms of RIFs of quantiles
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

import llo_research as llo

TABLE = Path(__file__).with_name("coverage_distributions.csv")
SEED, SIZE, LEAST, POWER = 20231203, 1800, 4, 0.6
GROUPS = {"group": "education", "of": "high", "minus": "low"}
MODEL = "hours ~ autonomy + C(sex) + C(age_group)"
D = llo.decomposition
TERMS: dict[str, Callable[[llo.Survey], llo.Result]] = {
    f"rif {measure}, terms": partial(lambda s, measure: D.rif(MODEL, s, **GROUPS, measure=measure), measure=measure)
    for measure in ("q50", "iqr")
}
CASES: dict[str, Callable[[llo.Survey], llo.Result]] = {
    "rif q50": lambda s: D.rif(MODEL, s, **GROUPS, measure="q50", detail=False),
    "rif gini": lambda s: D.rif(MODEL, s, **GROUPS, measure="gini", detail=False),
    "reweight": lambda s: D.reweight(MODEL, s, **GROUPS, measures=["mean", "q50"]),
    "reweight, doubly robust": lambda s: D.reweight(MODEL, s, **GROUPS, method="doubly-robust"),
    "fairlie": lambda s: D.oaxaca_blinder(
        "training ~ autonomy + C(sex) + hours", s, **GROUPS, family="logit", nonlinear="fairlie"
    ),
    "inequality": lambda s: D.inequality("hours", s, by="education", measure="gini"),
    "gap_closing": lambda s: D.gap_closing(
        "training ~ autonomy + C(sex) + C(age_group)", s, **GROUPS, intervene="supervisor_support > 3"
    ),
    "four_parts": lambda s: D.four_parts(
        "training ~ autonomy + C(sex) + C(age_group)", s, **GROUPS, treatment="supervisor_support > 3"
    ),
}


def population() -> pd.DataFrame:
    """Everybody of 2021 with complete answers, by stratum and long or short hours."""
    frame = llo.synthetic("nea", years=[2021], n="full").frame
    names = ["stratum", "education", "training", "hours", "autonomy", "supervisor_support", "sex", "age_group"]
    frame = frame[names].dropna().reset_index(drop=True)
    frame["hours"] = frame["hours"] + np.random.default_rng(SEED).uniform(size=len(frame))
    frame["long"] = frame["hours"] > 32
    frame["draw"] = frame["stratum"].astype(str) + "/" + frame["long"].astype(str)
    return frame.sort_values("draw", kind="stable").reset_index(drop=True)


def samples(people: pd.DataFrame) -> Callable[[int], llo.Survey]:
    """The survey of each sample by its number."""
    groups = people.groupby("draw")
    count = groups.size().to_numpy()
    start, size = np.cumsum(count) - count, count**POWER * (1 + groups["long"].first().to_numpy())
    n = np.maximum(LEAST, np.rint(SIZE * size / size.sum()).astype(int))

    def drawn(number: int) -> llo.Survey:
        rng = np.random.default_rng((SEED, number))
        rows = np.repeat(start, n) + (rng.uniform(size=n.sum()) * np.repeat(count, n)).astype(int)
        frame = people.iloc[rows].reset_index(drop=True).assign(weight=np.repeat(count / n, n))
        return llo.Survey(frame, weights="weight", strata="draw")

    return drawn


def table(number: int, cases: Mapping[str, Callable[[llo.Survey], llo.Result]] = CASES) -> pd.DataFrame:
    """Truth, mean estimate, spread, mean error and coverage of every row, over so many samples."""
    people = population()
    whole = llo.Survey(people.assign(one=1.0), weights="one")
    truth = {name: case(whole) for name, case in cases.items()}
    draw = samples(people)
    seen: dict[str, list[tuple[np.ndarray, np.ndarray, np.ndarray]]] = {name: [] for name in cases}
    for r in range(number):
        svy = draw(r)
        for name, case in cases.items():
            made = case(svy)
            low, high = made.ends
            seen[name].append(
                (made.estimate, made.std_error, (low <= truth[name].estimate) & (truth[name].estimate <= high))
            )
    parts = []
    for name, found in seen.items():
        estimate, error, held = (np.array([one[i] for one in found], dtype=float) for i in range(3))
        parts.append(
            pd.DataFrame(
                {
                    "case": name,
                    "part": truth[name].labels,
                    "truth": truth[name].estimate,
                    "mean": estimate.mean(axis=0),
                    "spread": estimate.std(axis=0, ddof=1),
                    "std_error": np.sqrt((error**2).mean(axis=0)),
                    "coverage": held.mean(axis=0),
                    "samples": number,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


if __name__ == "__main__":
    terms = "terms" in sys.argv
    found = table(int(sys.argv[1]) if len(sys.argv) > 1 else 1000, TERMS if terms else CASES)
    path = TABLE.with_name("coverage_rif_terms.csv") if terms else TABLE
    found.round(6).to_csv(path, index=False, lineterminator="\n")
    print(found.to_string())
