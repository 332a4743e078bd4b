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

    def scale() -> np.ndarray:
        return draw.integers(1, 6, n)

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


# --- a second cycle made of the first, with changes that are known

# Of those who learn, so many stop in cycle 2: of all, and of the highly educated besides. Low-educated people with more
# autonomy than the middle one come so many times more often: what moves a gap by composition alone.
STOPS, HIGH_STOPS, MORE_AUTONOMY = 0.05, 0.12, 3.0
PAIRS = 80
OUTCOME, FORMULA = "informal_learning", "informal_learning ~ autonomy + flexible + own_account"


def second_file(first: pd.DataFrame, seed: int) -> pd.DataFrame:
    """A file of cycle 2 made of one of cycle 1: six in ten of its people, fewer of whom learn by doing or keep up.

    Item a asks something else in it, to which people say a higher number.
    """
    draw = np.random.default_rng(seed)
    kept = np.sort(draw.choice(len(first), 6 * len(first) // 10, replace=False))
    names = [*CYCLE_2, "CNTRYID", "SEQID", "AGE_R", "GENDER_R", "VEMETHODN", "VENREPS", "SPFWT0"]
    names += [f"SPFWT{r}" for r in range(1, int(first["VENREPS"].iloc[0]) + 1)]
    frame = first.loc[first.index[kept], names].reset_index(drop=True)
    frame["SEQID"] = np.arange(len(frame)) + 1
    stops = draw.random(len(frame)) < STOPS + np.where(frame["EDCAT6"] >= 4, HIGH_STOPS, 0.0)
    for name in ("D_Q13b", "D_Q13c"):
        frame[name] = frame[name].mask(stops & (frame[name] > 3), 3)
    frame["D_Q13a"] = (frame["D_Q13a"] + 1).clip(upper=5)
    frame["D_Q09"] = frame["D_Q09"].clip(upper=3)
    new = pd.DataFrame(draw.integers(1, 6, (len(frame), len(NEW))), columns=list(NEW))
    return pd.concat([frame.rename(columns=CYCLE_2), new], axis=1)


def people_of(svy: Any) -> pd.DataFrame:
    """People in work, of high and low education, as the population of both cycles: what is needed of them."""
    frame = svy.frame.assign(weight=svy.weights)
    names = [OUTCOME, "autonomy", "contract", "education", "weight"]
    frame = frame.loc[frame["education"].isin(["low", "high"]), names].dropna()
    return pd.DataFrame(
        {
            OUTCOME: frame[OUTCOME].to_numpy(float),
            "autonomy": frame["autonomy"].to_numpy(float),
            "flexible": (frame["contract"] == "flexible").to_numpy(float),
            "own_account": (frame["contract"] == "self-employed").to_numpy(float),
            "high": (frame["education"] == "high").to_numpy(),
            "weight": frame["weight"].to_numpy(float),
        }
    )


def planted(people: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weights in cycle 1 and in cycle 2, and how probably each person who learns goes on to do so."""
    first = people["weight"].to_numpy()
    middle = np.median(people.loc[~people["high"], "autonomy"])
    more = (~people["high"] & (people["autonomy"] > middle)).to_numpy()
    goes_on = (1 - STOPS) * np.where(people["high"], 1 - HIGH_STOPS, 1.0)
    return first, np.where(more, MORE_AUTONOMY * first, first), goes_on


def truth(people: pd.DataFrame) -> dict[str, float]:
    """Changes of level, gap and its parts in the population, by least squares written out."""
    first, second, goes_on = planted(people)
    y, high = people[OUTCOME].to_numpy(), people["high"].to_numpy()
    x = np.column_stack([np.ones(len(y)), people[["autonomy", "flexible", "own_account"]]])
    out: dict[str, float] = {}
    parts = {}
    for cycle, weights, outcome in ((1, first, y), (2, second, y * goes_on)):
        mean, centre, slope = {}, {}, {}
        for name, group in (("high", high), ("low", ~high)):
            w = weights[group]
            mean[name] = np.average(outcome[group], weights=w)
            centre[name] = np.average(x[group], axis=0, weights=w)
            slope[name] = np.linalg.solve(x[group].T @ (w[:, None] * x[group]), x[group].T @ (w * outcome[group]))
        explained = float((centre["high"] - centre["low"]) @ slope["low"])
        gap = mean["high"] - mean["low"]
        level = float(np.average(outcome, weights=weights))
        parts[cycle] = {"level": level, **mean, "gap": gap, "explained": explained, "unexplained": gap - explained}
    for name in parts[1]:
        out[name] = float(parts[2][name] - parts[1][name])
    return out


def drawn(people: pd.DataFrame, cycle: int, n: int, draw: np.random.Generator) -> pd.DataFrame:
    """A sample of a cycle: `n` people by their weights, in 80 pairs of units, with replicates of a paired jackknife."""
    first, second, goes_on = planted(people)
    weights = first if cycle == 1 else second
    chosen = draw.choice(len(people), n, p=weights / weights.sum())
    frame = people.iloc[chosen].reset_index(drop=True)
    if cycle == 2:
        frame[OUTCOME] = frame[OUTCOME] * (draw.random(n) < goes_on[chosen])
    place = np.arange(n) % (2 * PAIRS)
    pair, half, kept = place // 2, place % 2, draw.integers(0, 2, PAIRS)
    factors = np.where(pair[:, None] == np.arange(PAIRS), 2.0 * (half[:, None] == kept), 1.0)
    replicates = pd.DataFrame(factors, columns=[f"SPFWT{r + 1}" for r in range(PAIRS)])
    education = np.where(frame["high"], "high", "low")
    frame = frame.drop(columns=["high", "weight"]).assign(education=education, cycle=cycle, year=2001 + 11 * cycle)
    return pd.concat([frame.assign(SPFWT0=1.0), replicates], axis=1)


def two_cycles(people: pd.DataFrame, n: int, seed: Any, draws: int = 1) -> Any:
    """Both cycles as independent surveys in one stack; `draws` such pairs below each other, told apart by `draw`."""
    import llo_research as llo

    both = {}
    for cycle, own in zip((1, 2), np.random.SeedSequence(seed).spawn(2), strict=True):
        each = [np.random.default_rng(one) for one in own.spawn(draws)]
        frames = [drawn(people, cycle, n, one).assign(draw=number) for number, one in enumerate(each)]
        told = {"instrument": "piaac", "kind": "synthetic", "synthetic": True}
        both[f"cycle {cycle}"] = llo.Survey(
            pd.concat(frames, ignore_index=True),
            weights="SPFWT0",
            replicate_weights="SPFWT[1-80]",
            replicate_method="jk2",
            source=told,
        )
    return llo.stack(both)
