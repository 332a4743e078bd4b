"""Prints public results of a small made-up survey; test_hash_seed.py runs it under two hash seeds."""

from __future__ import annotations

import numpy as np
import pandas as pd

import llo_research as llo


def survey() -> llo.Survey:
    """400 persons in 8 strata with 5 PSUs each, made up from a fixed seed."""
    draw = np.random.default_rng(2023)
    n = 400
    frame = pd.DataFrame(
        {
            "stratum": [f"region {i % 8}" for i in range(n)],
            "psu": [f"area {i % 40}" for i in range(n)],
            "weight": draw.uniform(50, 150, n),
            "education": draw.choice(["low", "middle", "high"], n),
            "contract": draw.choice(["permanent", "flexible", "self-employed"], n),
            "year": draw.choice([2019, 2022], n),
            "training": draw.integers(0, 2, n),
            "hours": draw.gamma(2.0, 20.0, n),
        }
    )
    frame.loc[draw.choice(n, 20, replace=False), "training"] = np.nan
    return llo.Survey(frame, weights="weight", strata="stratum", psu="psu")


def main() -> None:
    """Print each result to the last bit, with its covariance and summary."""
    svy = survey()
    results = {
        "mean": llo.mean(["training", "hours"], svy, by=["year", "education"]),
        "share": llo.share("contract", svy, by="year"),
        "total": llo.total("training", svy.where("education == 'high'")),
        "ratio": llo.ratio("training", "hours", svy, by="contract"),
        "gap": llo.gap("training", svy, group="education", of="high", minus="low", by="year"),
    }
    results["joint"] = llo.joint({"education": results["mean"], "contract": results["share"]})
    for name, result in results.items():
        print(name, result.to_frame().to_csv(lineterminator="\n"), result.cov.to_csv(lineterminator="\n"))
        print(result.summary(), sorted(result.meta))


if __name__ == "__main__":
    main()
