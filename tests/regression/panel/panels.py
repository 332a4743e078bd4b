"""Made-up panels: unbalanced, with strata, weights and effects of persons that go with the regressors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

import llo_research as llo


def frame(persons: int = 60, waves: int = 4, *, seed: int = 1, constant: bool = True, complete: bool = False) -> Any:
    """A row for each person and wave; `constant`: one weight a person; `complete`: nobody is ever absent."""
    rng = np.random.default_rng(seed)
    n = persons * waves
    who = np.repeat(np.arange(persons), waves)
    lasting = rng.normal(size=persons)[who]
    out = pd.DataFrame({"who": who + 100, "year": np.tile(np.arange(2014, 2014 + waves), persons)})
    out["stratum"] = (who % 3).astype(int)
    out["group"] = (who % 12).astype(int)
    out["x"] = lasting + rng.normal(size=n)
    out["u"] = rng.normal(size=n) + 0.2 * out["year"] - 400
    out["fixed"] = np.repeat(rng.normal(size=persons), waves)
    out["level"] = np.array(["low", "middle", "high"])[rng.integers(0, 3, n)]
    out["y"] = out["x"] - 0.5 * out["u"] + 2 * lasting + 0.3 * out["fixed"] + rng.normal(size=n)
    out["yes"] = (out["x"] + lasting + rng.normal(size=n) > 0).astype(int)
    more = np.random.default_rng(seed + 1000)
    out["push"], out["pull"] = out["x"] + more.normal(size=n), out["x"] - out["u"] + 2 * more.normal(size=n)
    out["scale"] = np.digitize(out["y"], [-2.0, 0.0, 2.0])
    out["count"] = np.floor(2 * np.exp(0.15 * out["y"])).astype(int)
    own = rng.gamma(4, 1, persons)[who]
    out["w"] = own if constant else own * rng.uniform(0.5, 1.5, n)
    if complete:
        return out
    kept = rng.random(n) > 0.2
    return out[kept].reset_index(drop=True)


def survey(data: Any, **options: Any) -> llo.Survey:
    """The panel as a survey: strata, persons, waves."""
    return llo.Survey(data, **{"weights": "w", "strata": "stratum", "unit": "who", "time": "year", **options})


def dummies(*columns: Any) -> np.ndarray:
    """Indicators of all levels of all columns."""
    parts = [np.asarray(column)[:, None] == np.unique(column)[None, :] for column in columns]
    return np.hstack(parts).astype(float)
