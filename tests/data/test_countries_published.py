"""Proves that every country's file gives what OECD and NCES published, and what a plain loop over replicates gives."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import llo_research as llo

CODES = ["nld", "cze", "esp", "est", "fra", "irl", "ita", "kor", "ltu", "nor", "svk", "svn", "swe"]
PEOPLE = {
    "mean, 16-65": None,
    "mean, AGEG5LFS>=9 (55-65)": "AGEG5LFS >= 9",
    "mean, AGEG5LFS>=3 (25-65) and EDCAT6==1": "AGEG5LFS >= 3 & EDCAT6 == 1",
}
# The mean of Italian literacy was rounded to one decimal, and then to a whole number, by those who published it.
ROUNDED_TWICE = ("aut", "bel", "ita")
ITEMS = ["FNFAET12", "NFE12JR"]


@pytest.fixture(scope="module")
def folder(data_dir: Path) -> Path:
    if any(not (data_dir / "piaac" / f"{code}.csv.gz").is_file() for code in CODES):
        pytest.skip("the PIAAC files of the thirteen countries are not in LLO_DATA")
    return data_dir / "piaac"


@pytest.fixture(scope="module")
def stack(folder: Path) -> llo.Survey:
    """Thirteen countries in one call, with the columns that are needed here."""
    return llo.load("piaac", country=CODES, columns=["PVLIT*", "PVNUM*", "AGEG5LFS", "EDCAT6", *ITEMS])


@pytest.fixture(scope="module")
def anchors(folder: Path, reference_dir: Path) -> pd.DataFrame:
    """Published values; all countries for each statistic."""
    table = pd.read_csv(reference_dir / "piaac" / "published_anchors.csv", dtype={"published": str})
    table[["scale", "people"]] = table["statistic"].str.split(" ", n=1, expand=True)
    assert set(table["people"]) == set(PEOPLE) and set(table["scale"]) == {"PVLIT", "PVNUM"}
    return table


@pytest.mark.parametrize(("scale", "people"), [("PVLIT", "mean, 16-65"), *(("PVNUM", people) for people in PEOPLE)])
def test_skills_of_every_country_as_published(
    scale: str, people: str, stack: llo.Survey, anchors: pd.DataFrame
) -> None:
    condition = PEOPLE[people]
    published = anchors[(anchors["scale"] == scale) & (anchors["people"] == people)].set_index("country")["published"]
    svy = stack if condition is None else stack.where(condition)
    frame = llo.mean(f"{scale}*", svy, by="country", plausible=True).to_frame().set_index("country")
    known = [code for code in CODES if code in published.index]
    assert len(known) >= 12
    for code in known:
        value, text = frame.loc[code, "estimate"], published[code]
        digits = len(text.partition(".")[2])
        if code in ROUNDED_TWICE and scale == "PVLIT" and not digits:
            value = np.floor(round(value, 1) + 0.5)
        assert round(value, digits) == float(text), f"{code}, {scale} {people}: {value:.4f}, published {text}"


@pytest.fixture(scope="module")
def loops(folder: Path) -> dict[tuple[str, str], tuple[float, float, int]]:
    """Share with 1, its standard error and n from the files as they stand: row by row, over all replicates."""
    out = {}
    for code in CODES:
        with gzip.open(folder / f"{code}.csv.gz", "rt", encoding="utf-8") as stream:
            names = stream.readline().rstrip("\n").split(",")
            rows = [line.rstrip("\n").split(",") for line in stream]
        weights = [names.index(f"SPFWT{r}") for r in range(81)]
        for item in ITEMS:
            place, n, above, below = names.index(item), 0, np.zeros(81), np.zeros(81)
            for row in rows:
                if row[place] in ("0", "1"):
                    w = np.array([float(row[column]) for column in weights])
                    n, below, above = n + 1, below + w, above + w * int(row[place])
            share = above / below
            out[code, item] = (float(share[0]), float(np.sqrt(((share[1:] - share[0]) ** 2).sum())), n)
    return out


@pytest.mark.parametrize("item", ITEMS)
def test_learning_of_every_country_beside_a_plain_loop(
    item: str, stack: llo.Survey, loops: dict[tuple[str, str], tuple[float, float, int]]
) -> None:
    frame = llo.mean(item, stack, by="country").to_frame()
    assert frame["country"].tolist() == CODES
    found = frame[["estimate", "std_error", "n"]].to_numpy(dtype=float)
    np.testing.assert_allclose(found, [loops[code, item] for code in CODES], rtol=1e-10)


def test_a_country_in_the_stack_is_that_country_alone(stack: llo.Survey) -> None:
    alone = llo.mean("FNFAET12", llo.load("piaac", country="kor", columns=["FNFAET12"])).to_frame().iloc[0]
    among = llo.mean("FNFAET12", stack, by="country").to_frame().set_index("country").loc["kor"]
    numbers = [name for name in alone.index if isinstance(alone[name], float | int | np.integer)]
    assert {"estimate", "std_error", "n"} <= set(numbers)
    for column in numbers:
        assert alone[column] == pytest.approx(among[column], rel=1e-12), column
