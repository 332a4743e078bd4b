"""Proves that the population has its margins, published ones among them, and the association it starts from."""

from __future__ import annotations

import numpy as np
import pytest

from llo_research.data.synthetic.parameters import parameters
from llo_research.data.synthetic.population import DIMENSIONS, population

# Whole persons in 34,000 cells: a margin of 700,000 persons is off by some dozens.
_CLOSE = 0.03


@pytest.mark.parametrize(("instrument", "year"), [("nea", 2007), ("nea", 2014), ("nea", 2024), ("zea", 2019)])
def test_margins_are_met(instrument: str, year: int) -> None:
    given = parameters(instrument)
    whole = population(given, year)
    counts = whole.counts()
    assert counts.min() > 0 and counts.sum() == whole.size
    for name in DIMENSIONS:
        if name == "education":
            continue
        wanted = given.path(name, year)
        found = 100 * np.bincount(whole.codes[name], counts, len(wanted)) / whole.size
        assert np.abs(found - 100 * wanted / wanted.sum()).max() < _CLOSE, name


def test_published_composition() -> None:
    """Employees of 2023Q4 (labour force survey), and education of 25-64 in 2011 (AES), typed from published figures."""
    given = parameters("nea")
    later, early = population(given, 2023), population(given, 2011)
    assert later.size * later.scale == 8_166_000
    counts = later.counts()
    assert 100 * counts[later.codes["contract"] == 0].sum() / later.size == pytest.approx(100 * 5449 / 8166, abs=0.05)
    adult = np.isin(early.codes["age"], [1, 2, 3, 4])
    found = np.bincount(early.codes["education"][adult], early.counts()[adult])
    assert 100 * found / found.sum() == pytest.approx([100 * n / 6615 for n in (1330, 2795, 2490)], abs=0.1)


def test_nobody_over_64_before_2014() -> None:
    given = parameters("nea")
    assert [(population(given, year).codes["age"] == 5).any() for year in (2013, 2014)] == [False, True]


def test_association_keeps_its_odds_ratios() -> None:
    """Fitting to margins leaves the ratios of the seed: education in teaching against hospitality, all else equal."""
    given = parameters("nea")
    whole = population(given, 2015)
    rows = given.raw["association"]["sector_education"]
    seed = rows["P"][2] * rows["I"][0] / (rows["P"][0] * rows["I"][2])
    sectors, levels = given.levels("sector"), given.levels("education")
    n = {}
    for sector in ("P", "I"):
        for level in ("low", "high"):
            cell = (whole.codes["sector"] == sectors.index(sector)) & (whole.codes["education"] == levels.index(level))
            n[sector, level] = {
                tuple(int(whole.codes[d][k]) for d in DIMENSIONS[2:]): count
                for k, count in zip(np.flatnonzero(cell), whole.counts()[cell], strict=True)
            }
    shared = [c for c in n["P", "low"] if c in n["P", "high"] and c in n["I", "low"] and c in n["I", "high"]]
    big = [c for c in shared if min(part[c] for part in n.values()) >= 12]
    ratios = [n["P", "high"][c] * n["I", "low"][c] / (n["P", "low"][c] * n["I", "high"][c]) for c in big]
    assert len(ratios) > 5
    assert np.median(ratios) == pytest.approx(seed, rel=0.15)


def test_strata_lie_in_order_and_hold_everybody() -> None:
    whole = population(parameters("nea"), 2020)
    sizes = whole.stratum_sizes()
    assert sizes.sum() == whole.size and sizes.min() >= 24
    first = np.append(0, whole.stratum_ends[:-1])
    attributes = whole.attributes(first)
    assert (attributes["sector"] * 1000 + attributes["education"] * 10 <= whole.strata).all()
    assert (whole.strata // 1000 == attributes["sector"]).all()


def test_the_two_kinds_of_zzp_have_no_staff() -> None:
    whole = population(parameters("zea"), 2021)
    assert (whole.codes["firm_size"][whole.codes["contract"] < 2] == 0).all()
    assert (whole.codes["firm_size"][whole.codes["contract"] == 2] > 0).all()
