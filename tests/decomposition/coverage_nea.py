"""Coverage on the synthetic NEA: stratified samples of its 2016 and 2021, of all whose answers are complete.

The full synthetic samples of both years (50,998 and 51,439 people) are the population here: what they answered is the
truth, whatever the generator meant. Each sample draws 1,800 people a year, with replacement within the strata of the
NEA (industry by education, and the young and people of non-western origin apart), in numbers that go with the size of
the stratum to the power 0.6, at least four; weights are calibrated by year to age, sex and contract.

    python -m tests.decomposition.coverage_nea [samples]     writes coverage_nea.csv beside this file
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

import llo_research as llo
from tests.decomposition.coverage import FLEXIBLE, World, write

TABLE = Path(__file__).with_name("coverage_nea.csv")
SEED, YEARS, SIZE, LEAST, POWER = 20231201, (2016, 2021), 1800, 4, 0.6
NUMBERS = ("autonomy", "variety", "supervisor_support")
MARGINS = ("age_group", "sex", "contract")


def population() -> pd.DataFrame:
    """All people of both years with complete answers, ordered by year and stratum."""
    frame = llo.synthetic("nea", years=list(YEARS), n="full").frame
    frame = frame[["year", "stratum", "education", "training", *NUMBERS, *MARGINS, "firm_size"]].dropna()
    frame["contract"] = frame["contract"].cat.remove_unused_categories()
    frame["large"] = (frame["firm_size"] == "250+").astype(float)
    return frame.sort_values(["year", "stratum"], kind="stable").reset_index(drop=True)


def nea() -> World:
    """The synthetic NEA as it is seen by calibrated samples."""
    people = population()
    count = people.groupby(["year", "stratum"]).size().to_numpy()
    start, year = np.cumsum(count) - count, people.groupby(["year", "stratum"]).size().index.get_level_values("year")
    share = count**POWER
    own = pd.Series(share).groupby(year).transform("sum").to_numpy()
    n = np.maximum(LEAST, np.rint(SIZE * share / own).astype(int))
    totals = {
        int(when): {name: part[name].value_counts().astype(float).to_dict() for name in MARGINS}
        for when, part in people.groupby("year")
    }

    def surveys(seed: int) -> dict[str, llo.Survey]:
        rng = np.random.default_rng((SEED, seed))
        rows = np.repeat(start, n) + (rng.uniform(size=n.sum()) * np.repeat(count, n)).astype(int)
        drawn = people.iloc[rows].reset_index(drop=True).assign(weight=np.repeat(count / n, n))
        svy = llo.Survey(drawn, weights="weight", strata=["year", "stratum"], time="year")
        return {"calibrated": llo.calibrate(svy, totals, by="year")}

    terms = {**{name: name for name in NUMBERS}, **FLEXIBLE, "large": "large"}
    formula = "training ~ autonomy + variety + supervisor_support + C(contract) + large"
    return World(people, formula, terms, YEARS, surveys)


if __name__ == "__main__":
    write(nea(), TABLE)
