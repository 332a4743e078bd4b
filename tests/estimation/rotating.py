"""An invented panel that rotates: three waves, half of the persons stay from one wave to the next."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

import llo_research as llo

YEARS = (2014, 2018, 2022)
BREAK = {"time": 2022, "what": "new questionnaire", "series": ["trained"]}


def frame(*, persons: int = 240, overlap: bool = True, seed: int = 20240607) -> pd.DataFrame:
    """Rows of persons and years; with `overlap` a person of an even number stays for two waves."""
    rng = np.random.default_rng(seed)
    parts = []
    for number, year in enumerate(YEARS):
        start = number * persons // 2 if overlap else number * persons
        person = np.arange(start, start + persons)
        parts.append(pd.DataFrame({"year": year, "person": person}))
    out = pd.concat(parts, ignore_index=True)
    own = rng.normal(size=out["person"].max() + 1)[out["person"]]
    out["stratum"] = out["person"] % 3
    out["education"] = pd.Categorical.from_codes((out["person"] // 3) % 3, ["low", "middle", "high"], ordered=True)
    out["sex"] = np.where(out["person"] % 2 == 0, "f", "m")
    out["hours"] = 10 + own + 0.3 * out["education"].cat.codes + rng.normal(size=len(out)) + (out["year"] - 2014) / 10
    out["trained"] = (out["hours"] + rng.normal(size=len(out)) > 10.4).astype(int)
    contract = rng.integers(0, 3, len(out))
    out["contract"] = pd.Categorical.from_codes(contract, ["fixed", "flex", "none"])
    out["w"] = 1 + (out["person"] * 7 % 11) / 4 + number_of(out["year"]) / 5
    return out


def number_of(years: pd.Series) -> pd.Series:
    """The number of each year's wave."""
    return years.map({year: number for number, year in enumerate(YEARS)})


def survey(data: pd.DataFrame | None = None, *, breaks: Any = None, **keywords: Any) -> llo.Survey:
    """The panel with persons as sampling units within strata."""
    data = frame() if data is None else data
    roles = {"weights": "w", "strata": "stratum", "unit": "person", "time": "year", **keywords}
    source = None if breaks is None else {"breaks": breaks}
    return llo.Survey(data, source=source, **roles)


def replicated(data: pd.DataFrame | None = None, *, replicates: int = 40, breaks: Any = None) -> llo.Survey:
    """The same rows with replicate weights of random groups of persons (a delete-a-group jackknife)."""
    data = (frame() if data is None else data).copy()
    group = data["person"] % replicates
    columns = {
        f"r{r + 1}": data["w"] * np.where(group == r, 0, replicates / (replicates - 1)) for r in range(replicates)
    }
    data = pd.concat([data, pd.DataFrame(columns)], axis=1)
    source = None if breaks is None else {"breaks": breaks}
    return llo.Survey(
        data, weights="w", replicate_weights=f"r[1-{replicates}]", replicate_method="jk1", time="year", source=source
    )
