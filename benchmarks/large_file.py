"""A large synthetic survey as Parquet files, one folder a year; made in pieces, the same from the same seed.

    python benchmarks/large_file.py 1e8 FOLDER

A rotating panel over 18 years: a cohort enters each year and stays for six. A person lives in one of 4,000 PSUs in 200
strata and keeps sex, education and region; work and outcomes are drawn anew each year. Nobody in it exists.
"""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

SEED, FIRST, YEARS, STAYS = 20231130, 2005, 18, 6
STRATA, PSUS = 200, 4_000
LEVELS = {
    "sex": ("man", "woman"),
    "education": ("low", "middle", "high"),
    "region": ("north", "east", "west", "south"),
    "age": ("15-24", "25-34", "35-44", "45-54", "55-64", "65+"),
    "contract": ("permanent", "flexible", "self-employed"),
    "sector": tuple(f"sector {letter}" for letter in "ABCDEFGHIJ"),
    "size": ("small", "medium", "large"),
    "shift": ("no", "yes"),
}
NUMBERS = ("hours", "tenure", "autonomy", "pressure", "distance")
FIXED = ("sex", "education", "region")
# Bytes of a row on disk at most: what a run asks of the disk before it begins.
BYTES = 40
# People of a cohort are made so many at a time (about 200 MB).
PIECE = 500_000


def rows_of(rows: float) -> int:
    """The number of rows that is made: the next multiple of years by cohorts of a year."""
    return -(-int(rows) // (YEARS * STAYS)) * YEARS * STAYS


def make(rows: float, folder: Path) -> Path:
    """Write the file, or leave one that is whole; a run that was stopped leaves nothing that looks whole."""
    if folder.is_dir():
        return folder
    people = rows_of(rows) // (YEARS * STAYS)
    folder.parent.mkdir(parents=True, exist_ok=True)
    free, needed = shutil.disk_usage(folder.parent).free, BYTES * rows_of(rows)
    if free < needed:
        raise SystemExit(
            f"{rows_of(rows):,} rows need up to {needed / 1e9:.1f} GB of disk; {free / 1e9:.1f} GB is free"
        )
    part = folder.with_name(folder.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    cohorts = np.random.SeedSequence(SEED).spawn(YEARS + STAYS - 1)
    own = [cohort.spawn(-(-people // PIECE)) for cohort in cohorts]
    for year in range(YEARS):
        target = part / f"year={FIRST + year}"
        target.mkdir(parents=True)
        with pq.ParquetWriter(target / "rows.parquet", _schema(), compression="zstd") as writer:
            for cohort in range(year, year + STAYS):
                for piece, seed in enumerate(own[cohort]):
                    number = min(PIECE, people - piece * PIECE)
                    first = cohort * people + piece * PIECE
                    writer.write_table(_rows(seed, year - cohort + STAYS - 1, year, first, number))
    part.rename(folder)
    return folder


def _schema() -> pa.Schema:
    """The columns; the year is the folder's name."""
    fields = [("person", pa.int32()), ("stratum", pa.int16()), ("psu", pa.int16()), ("w", pa.float64())]
    fields += [(name, pa.dictionary(pa.int8(), pa.string())) for name in LEVELS]
    fields += [("training", pa.int8())] + [(name, pa.float64()) for name in NUMBERS]
    return pa.schema(fields)


def _rows(seed: np.random.SeedSequence, wave: int, year: int, first: int, number: int) -> pa.Table:
    """The rows of some people of a cohort in a year; who they are is drawn from the same seed each year."""
    who, yearly = (
        np.random.default_rng(np.random.SeedSequence(seed.entropy, spawn_key=(*seed.spawn_key, key)))
        for key in (0, 1 + wave)
    )
    psu = who.integers(0, PSUS, number)
    codes = {name: (who if name in FIXED else yearly).integers(0, len(LEVELS[name]), number) for name in LEVELS}
    bent = who.normal(size=number)  # what a person brings that no column holds
    place = 0.3 * np.sin(psu * 12.9898)  # and what a PSU brings
    numbers = {name: np.round(yearly.normal(size=number) + 0.3 * bent, 2) for name in NUMBERS}
    hours = np.clip(np.round(34 + 8 * numbers["hours"] - 6 * (codes["sex"] == 1)), 1, 80)
    numbers["hours"] = hours
    numbers["tenure"] = np.round(np.exp(1 + 0.8 * numbers["tenure"]), 1)
    linear = -0.6 + 0.35 * codes["education"] - 0.25 * codes["contract"] + 0.04 * codes["sector"] - 0.12 * codes["age"]
    linear += 0.2 * numbers["autonomy"] + 0.01 * hours + 0.02 * year * (codes["education"] == 2) + 0.5 * bent + place
    training = (yearly.random(number) < 1 / (1 + np.exp(-linear))).astype(np.int8)
    stratum = psu % STRATA
    weight = (50 + 100 * np.modf(stratum * 0.618034)[0]) * (1 + 0.1 * codes["sex"]) * (1 + year / 100)
    columns = [np.arange(first, first + number, dtype=np.int32), stratum.astype(np.int16), psu.astype(np.int16), weight]
    columns += [
        pa.DictionaryArray.from_arrays(pa.array(codes[name].astype(np.int8)), list(LEVELS[name])) for name in LEVELS
    ]
    columns += [training] + [numbers[name] for name in NUMBERS]
    return pa.Table.from_arrays([pa.array(column) for column in columns], schema=_schema())


if __name__ == "__main__":
    started = time.perf_counter()
    print(make(float(sys.argv[1]), Path(sys.argv[2])), f"{time.perf_counter() - started:.1f} s")
