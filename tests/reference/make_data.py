"""Make the two invented samples that the reference numbers stand on: `stages.csv` and `pairs.csv`.

Run `python tests/reference/make_data.py` to write them again; the seed makes the files the same each time.
Nobody in them exists. What the columns are stands in the README.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
SEED = 20231130

# stratum: (PSUs in the population, [(second-stage units in the PSU, of which sampled), ...])
STAGES = {
    "a": (12, [(5, 3), (4, 2), (6, 3), (3, 3), (8, 2)]),  # one PSU taken whole
    "b": (9, [(4, 2), (7, 4), (2, 2), (5, 3)]),
    "c": (3, [(6, 3), (1, 1), (5, 2)]),  # certainty: all PSUs taken; one PSU holds a single unit
    "d": (6, [(5, 3)]),  # a lonely PSU
    "e": (1, [(7, 3)]),  # the only PSU there is: certain, sampled within
    "f": (8, [(3, 1), (6, 3)]),  # a PSU with one second-stage unit of three
}
PAIR_STRATA = 7
OUTCOMES = ["y", "x", "z", "g", "h", "inside"]


def _write(path: Path, header: list[str], rows: list[list[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def _person(rng: np.random.Generator, level: float) -> list[object]:
    """Outcomes of one invented person: y, x (positive), z (0/1, some missing), g, h, inside."""
    x = round(float(rng.gamma(4.0, 2.5) + 1.0), 3)
    y = round(float(level + 1.7 * x + rng.normal(0.0, 6.0)), 3)
    z = int(rng.random() < 1 / (1 + np.exp(-(y - 30) / 12)))
    g = ["low", "middle", "high"][min(2, int(rng.random() * 2.2 + 0.02 * max(0.0, y - 20)))]
    h = "yes" if rng.random() < 0.3 + 0.02 * x else "no"
    inside = int(rng.random() < 0.55)
    return [y, x, "" if rng.random() < 0.04 else z, g, h, inside]


def stages(rng: np.random.Generator) -> None:
    """Three stages: PSUs in strata, second-stage units in PSUs, persons in those; labels repeat."""
    header = ["stratum", "psu", "ssu", "person", "area", "fpc1", "fpc2", "fpc3", "f1", "f2", "f3", "fpc0"]
    header += ["w", "w0", *OUTCOMES]
    rows: list[list[object]] = []
    for stratum, (population, psus) in STAGES.items():
        level = float(rng.normal(20.0, 6.0))
        for psu, (units, sampled) in enumerate(psus, start=1):
            psu_level = level + float(rng.normal(0.0, 4.0))
            for ssu in range(1, sampled + 1):
                taken = int(rng.integers(2, 6))
                inhabitants = taken + int(rng.integers(0, 5)) * (ssu % 3 != 0)
                for person in range(1, taken + 1):
                    weight = population / len(psus) * units / sampled * inhabitants / taken
                    w = round(weight * float(rng.uniform(0.8, 1.25)), 4)
                    w0 = 0 if rng.random() < 0.05 else w
                    labels = [stratum, psu, ssu, person, f"{stratum}{psu}"]
                    counts = [population, units, inhabitants]
                    fractions = [len(psus) / population, sampled / units, taken / inhabitants]
                    rows.append([*labels, *counts, *fractions, 0, w, w0, *_person(rng, psu_level)])
    for stratum in STAGES:  # persons per stratum in the population, for the designs without clusters
        mine = [row for row in rows if row[0] == stratum]
        size = round(sum(float(str(row[12])) for row in mine)) + 3
        for row in mine:
            row[11] = size
    _write(HERE / "stages.csv", header, rows)


def _hadamard(order: int) -> np.ndarray:
    """Sylvester's matrix of +1 and -1."""
    matrix = np.ones((1, 1), dtype=int)
    while len(matrix) < order:
        matrix = np.block([[matrix, matrix], [matrix, -matrix]])
    return matrix


def _multipliers(stratum: np.ndarray, half: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Replicate multipliers (rows x replicates) of each method for two PSUs in each stratum."""
    signs = _hadamard(8)[:, 1:]  # 8 replicates, 7 strata
    plus = np.where(half[:, None] == 0, 1, -1) * signs[:, stratum].T
    psu = 2 * stratum + half
    n = 2 * PAIR_STRATA
    jk1 = np.where(psu[:, None] == np.arange(n), 0.0, n / (n - 1))
    dropped = np.arange(n)
    jkn = np.where(stratum[:, None] == dropped // 2, 2.0 * (psu[:, None] != dropped), 1.0)
    jk2 = jkn[:, ::2]  # one PSU of each pair
    counts = np.array([[rng.integers(0, 2) for _ in range(20)] for _ in range(PAIR_STRATA)])
    boot = 2.0 * (half[:, None] == counts[stratum])  # n_h - 1 = 1 draw a stratum, rescaled by 2
    big = _hadamard(16)[1:]
    sdr = 1 + 2**-1.5 * (big[psu] - big[(psu + 1) % n])
    return {
        "jk1_": jk1,
        "jkn_": jkn,
        "jk2_": jk2,
        "brr_": 1.0 + plus,
        "fay_": 1 + 0.5 * plus,
        "boot_": boot,
        "sdr_": sdr,
    }


def pairs(rng: np.random.Generator) -> None:
    """Two PSUs in each of seven strata, with replicate weights of seven methods."""
    base: list[list[object]] = []
    for stratum in range(PAIR_STRATA):
        level = float(rng.normal(20.0, 6.0))
        for half in range(2):
            psu_level = level + float(rng.normal(0.0, 4.0))
            for _ in range(int(rng.integers(4, 7))):
                base.append([stratum, half, round(float(rng.uniform(20, 90)), 2), *_person(rng, psu_level)])
    multipliers = _multipliers(np.array([row[0] for row in base]), np.array([row[1] for row in base]), rng)
    header = ["stratum", "psu", "w", *OUTCOMES]
    rows = [list(row) for row in base]
    for prefix, factor in multipliers.items():
        header += [f"{prefix}{r}" for r in range(1, factor.shape[1] + 1)]
        for row, multiplier in zip(rows, factor, strict=True):
            row += [f"{float(str(row[2])) * m:.6f}".rstrip("0").rstrip(".") for m in multiplier]
    _write(HERE / "pairs.csv", header, rows)


if __name__ == "__main__":
    stages(np.random.default_rng(SEED))
    pairs(np.random.default_rng(SEED + 1))
