"""Proves that each derived value follows from the figures, and lies as far from the truth as their rounding allows."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from llo_research.data.published import published

FOLDER = Path(__file__).resolve().parents[2] / "data_raw" / "published"
DERIVED = pd.read_csv(FOLDER / "derived.csv", dtype=str, keep_default_na=False).set_index("derived_id")
PRINTED = 0.0006  # three decimals are printed
BROAD = {
    "A-F": ["Agriculture", "Manufacturing incl energy", "Construction"],
    "G-N": ["Trade", "Accommodation and food", "Transport and communication", "Finance", "Business services"],
    "O-U": ["Public administration", "Education", "Health and welfare", "Culture and other services"],
}
BROAD_2011 = ["A-F Agriculture and industry", "G-N Commercial services", "O-U Non-commercial services"]
Interval = tuple[float, float, float]
IN_WORDS = [name for name in DERIVED.index if name.startswith(("kit_", "rest_"))]
IN_NUMBERS = [name for name in DERIVED.index if name not in IN_WORDS]


@pytest.fixture(scope="module")
def figures() -> pd.DataFrame:
    return published()


def subtract(a: Interval, b: Interval) -> Interval:
    return a[0] - b[2], a[1] - b[1], a[2] - b[0]


def corners(of: Callable[[float, float], float]) -> Callable[[Interval, Interval], Interval]:
    """Least, middle and greatest of an operation on positive intervals."""

    def apply(a: Interval, b: Interval) -> Interval:
        ends = [of(x, y) for x in (a[0], a[2]) for y in (b[0], b[2])]
        return min(ends), of(a[1], b[1]), max(ends)

    return apply


OPERATIONS: dict[type, Callable[[Interval, Interval], Interval]] = {
    ast.Sub: subtract,
    ast.Mult: corners(operator.mul),
    ast.Div: corners(operator.truediv),
}


def evaluate(node: ast.expr, steps: dict[float, float]) -> Interval:
    """Interval arithmetic on a formula: each figure is known to half its rounding step, 100 is exact."""
    if isinstance(node, ast.BinOp):
        return OPERATIONS[type(node.op)](evaluate(node.left, steps), evaluate(node.right, steps))
    assert isinstance(node, ast.Constant) and isinstance(node.value, int | float)
    number = float(node.value)
    half = 0.0 if number == 100 else steps[number] / 2  # a number that is no figure of the series: KeyError
    return number - half, number, number + half


@pytest.mark.parametrize("name", IN_NUMBERS)
def test_formula(name: str, figures: pd.DataFrame) -> None:
    line = DERIVED.loc[name]
    series, formula = line["formula"].split(": ")
    rows = figures[figures["series"] == series]
    if name.startswith("gap_edu_lfs_"):
        rows = rows[rows["year"] == int(name[-4:])]
    steps = dict(zip(rows["value"], rows["rounding"], strict=True))
    low, value, high = evaluate(ast.parse(formula, mode="eval").body, steps)
    assert value == pytest.approx(float(line["value"]), abs=PRINTED)
    assert low == pytest.approx(float(line["rounding_low"]), abs=PRINTED)
    assert high == pytest.approx(float(line["rounding_high"]), abs=PRINTED)
    assert line["unit"] == ("pp" if "gap" in name else "%")


def cells(figures: pd.DataFrame) -> pd.DataFrame:
    """Persons and participants of the three broad sectors in 2007 and 2011."""
    aes = figures[figures["series"].isin(["AES_2007_sector", "AES_2011_sector"]) & (figures["unit"] == "x1000 persons")]
    broad = {category: name for name, categories in BROAD.items() for category in categories}
    broad |= dict(zip(BROAD_2011, BROAD, strict=True))
    aes = aes.assign(broad=aes["category"].map(broad)).dropna(subset="broad")
    assert len(aes) == 2 * (12 + 3)
    return aes.pivot_table(index="broad", columns=["year", "measure"], values="value", aggfunc="sum")


def test_kitagawa_of_2007_and_2011(figures: pd.DataFrame) -> None:
    table = cells(figures)
    rate = {year: 100 * table[year]["participants"] / table[year]["persons"] for year in (2007, 2011)}
    share = {year: table[year]["persons"] / table[year]["persons"].sum() for year in (2007, 2011)}
    by_rate = (rate[2011] - rate[2007]) * (share[2007] + share[2011]) / 2
    by_composition = ((share[2011] - share[2007]) * (rate[2007] + rate[2011]) / 2).sum()
    total = {year: (rate[year] * share[year]).sum() for year in rate}
    expected = {
        "kit_aes_0711_T0": total[2007],
        "kit_aes_0711_T1": total[2011],
        "kit_aes_0711_rate": by_rate.sum(),
        "kit_aes_0711_comp": by_composition,
        **{f"kit_aes_0711_rate_{sector}": by_rate[sector] for sector in BROAD},
    }
    assert set(expected) | {"rest_tenure_2023_20plus"} == set(IN_WORDS)
    for name, value in expected.items():
        assert value == pytest.approx(float(DERIVED.loc[name, "value"]), abs=PRINTED), name
    assert total[2011] - total[2007] == pytest.approx(by_rate.sum() + by_composition, abs=1e-12)


def test_rest_of_tenure(figures: pd.DataFrame) -> None:
    wide = figures[figures["series"] == "LFS_tenure_2023"].pivot(index="category", columns="measure", values="value")
    known = wide.drop(index=["Total", "tenure 20+ years"]).sum()
    rest = wide.loc["Total"] - known
    assert rest["participants"] == float(DERIVED.loc["rest_tenure_2023_20plus", "value"]) == 380
    # the rest holds unknown tenure too, so it is no numerator for the class of 20 years and over
    assert rest["persons"] == 1622 and wide.loc["tenure 20+ years", "persons"] == 1370
