"""A made-up country in both cycles of PIAAC, written as the OECD writes its files: for what no file here shows.

No number in it is of a real person or country. People sit in pairs of units; replicates are a paired jackknife.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

# As in the files of cycle 1: their names in cycle 2.
CYCLE_2 = {
    "EDCAT6": "EDCAT6_TC1",
    "C_D05": "C2_D05",
    "D_Q04": "D2_Q04",
    "D_Q06a": "D2_Q07a",
    "D_Q09": "D2_Q10_C",
    "D_Q11a": "H2_Q08a",
    "D_Q11b": "H2_Q08b",
    "D_Q11c": "H2_Q08c",
    "D_Q11d": "H2_Q08d",
    "D_Q13a": "H2_Q09a",
    "D_Q13b": "H2_Q09b",
    "D_Q13c": "H2_Q09c",
    "FE12": "FE12C2",
    "NFE12": "NFE12C2",
    "NFE12JR": "NFE12JRC2",
    "AETPOP": "AETPOPC2",
}
NEW = ("H2_Q10", "H2_Q13b", "H2_Q13c", "H2_Q14a", "H2_Q14b", "H2_Q17")


def made_up(cycle: int, *, pairs: int = 20, per_unit: int = 5, country: int = 56, seed: int = 1) -> pd.DataFrame:
    """A file of a cycle: 2 x `pairs` x `per_unit` people, JK2 with a replicate a pair."""
    draw = np.random.default_rng([seed, cycle, country])
    n = 2 * pairs * per_unit
    pair, half = np.repeat(np.arange(pairs), 2 * per_unit), np.tile(np.repeat([0, 1], per_unit), pairs)
    scale = lambda: draw.integers(1, 6, n)  # noqa: E731 - one line a question
    education = draw.choice(6, n, p=[0.3, 0.3, 0.1, 0.1, 0.1, 0.1]) + 1
    trained = (draw.random(n) < np.where(education >= 4, 0.7, 0.4)).astype(int)
    self_employed = draw.random(n) < 0.15
    frame = pd.DataFrame(
        {
            "CNTRYID": country,
            "SEQID": np.arange(n) + 1,
            "AGE_R": draw.integers(25, 66, n),
            "GENDER_R": draw.integers(1, 3, n),
            "EDCAT6": education,
            "C_D05": np.where(draw.random(n) < 0.9, 1, 2),
            "D_Q04": np.where(self_employed, 2, 1),
            "D_Q06a": np.where(self_employed, np.nan, scale()),
            "D_Q09": np.where(self_employed, np.nan, draw.integers(1, 4 if cycle == 2 else 7, n)),
            **{name: scale() for name in ("D_Q11a", "D_Q11b", "D_Q11c", "D_Q11d", "D_Q13a", "D_Q13b", "D_Q13c")},
            "F_Q05a": scale(),
            "F_Q05b": scale(),
            "FE12": (draw.random(n) < 0.1).astype(int),
            "NFE12": trained,
            "NFE12JR": trained * (draw.random(n) < 0.8),
            "AETPOP": 1,
            "VEMETHODN": 2,
            "VENREPS": pairs,
            "SPFWT0": np.round(draw.uniform(50, 150, n), 3),
        }
    )
    frame["FNFAET12"] = np.maximum(frame["FE12"], frame["NFE12"])
    weights = frame["SPFWT0"].to_numpy()
    for r in range(pairs):
        kept = r % 2  # of a pair one unit counts double
        frame[f"SPFWT{r + 1}"] = np.where(pair == r, np.where(half == kept, 2 * weights, 0.0), weights)
    if cycle == 2:
        frame = frame.rename(columns=CYCLE_2).drop(columns=["F_Q05a", "F_Q05b", "FNFAET12"])
        for name in NEW:
            frame[name] = scale()
        frame["H2_Q18b"], frame["H2_Q19a"], frame["B2_Q08a"] = (
            draw.integers(1, 3, n),
            draw.integers(1, 4, n),
            2 - trained,
        )
    return frame


def write_as_oecd(frame: pd.DataFrame, folder: Path, name: str) -> Path:
    """The file as the OECD writes it: cycle 2 with semicolons and quotes, missing as a letter after a point."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    if "p2" not in name:
        frame.to_csv(path, index=False, lineterminator="\n")
        return path
    told: Any = frame.astype(object).where(frame.notna(), ".v")
    told.to_csv(path, index=False, sep=";", quoting=csv.QUOTE_ALL, lineterminator="\n")
    return path
