"""Proves that what a country's file has a place for and nobody in is said, and that JK1 and fewer replicates count."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo

FOLDER = "elsewhere/data_raw/piaac"


def _loop(frame: pd.DataFrame, replicates: int, scale: float) -> tuple[float, float]:
    """The weighted mean of PVLIT1 and its standard error, replicate by replicate, by hand."""
    means = [
        sum(w * y for w, y in zip(frame[f"SPFWT{r}"], frame["PVLIT1"], strict=True)) / sum(frame[f"SPFWT{r}"])
        for r in range(replicates + 1)
    ]
    return means[0], (scale * sum((mean - means[0]) ** 2 for mean in means[1:])) ** 0.5


@pytest.mark.parametrize(
    ("method", "used", "scale"),
    [(1, 5, 4 / 5), (2, 5, 1.0), (1, 3, 2 / 3), (2, 3, 1.0)],  # JK1: (R - 1) / R, R the number that counts; JK2: 1
)
def test_the_standard_error_beside_a_plain_loop(
    method: int, used: int, scale: float, piaac: Any, write: Any, away: Path
) -> None:
    frame = piaac(rows=15, replicates=5, method=method).assign(VENREPS=used)
    write(frame, f"{FOLDER}/prgnldp1.csv")
    svy = llo.load("piaac", country="nld")
    result = llo.mean("PVLIT1", svy)
    np.testing.assert_allclose([result.estimate[0], result.std_error[0]], _loop(frame, used, scale), rtol=1e-12)
    assert svy.source["replicates"] == {"method": f"jk{method}", "used": used, "columns": 5}
    said = "3 of 5 replicate weights count, as the file says"
    assert (said in svy.describe().problems) == (used == 3)


def test_methods_and_numbers_that_differ_stand_together(piaac: Any, write: Any, away: Path) -> None:
    write(jk2 := piaac(rows=12), f"{FOLDER}/prgnldp1.csv")
    write(jk1 := piaac(rows=16, country=276, replicates=7, method=1).assign(VENREPS=6), f"{FOLDER}/prgdeup1.csv")
    svy = llo.load("piaac", country=["nld", "deu"])
    result = llo.mean("PVLIT1", svy, by="country")
    expected = [_loop(jk2, 4, 1.0), _loop(jk1, 6, 5 / 6)]
    np.testing.assert_allclose(np.column_stack([result.estimate, result.std_error]), expected, rtol=1e-12)
    assert "10 replicate weights (jk2 + jk1" in str(svy.describe())
    assert "deu: 6 of 7 replicate weights count, as the file says" in svy.describe().problems
    assert result.meta["source"]["surveys"]["deu"]["replicates"] == {"method": "jk1", "used": 6, "columns": 7}


def test_a_country_without_single_years_of_age(piaac: Any, write: Any, away: Path) -> None:
    write(piaac(rows=12), f"{FOLDER}/prgnldp1.csv")
    write(piaac(rows=12, country=40).assign(AGE_R="."), f"{FOLDER}/prgautp1.csv")
    with pytest.warns(llo.LloWarning, match=r"prgautp1.csv has no answers to age: .* use age_group") as caught:
        svy = llo.load("piaac", country=["nld", "aut"], columns=["age", "age_group"])
    assert len(caught) == 1
    assert svy.frame["age"].isna().tolist() == [False] * 12 + [True] * 12 and svy.frame["age_group"].notna().all()
    assert svy.source["surveys"]["aut"]["no_answers"] == ["age", "AGE_R"]
    assert "aut: no answers in any row: age, AGE_R" in svy.describe().problems
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        llo.load("piaac", country=["nld", "aut"], columns=["age_group"])


def test_a_column_that_was_asked_for_and_is_empty(piaac: Any, write: Any, away: Path) -> None:
    write(piaac(rows=12).assign(ISCO2C="9999", VARSTRAT="."), f"{FOLDER}/prgnldp1.csv")
    with pytest.warns(llo.LloWarning, match="no answers to ISCO2C: missing in every row"):
        llo.load("piaac", country="nld", columns=["isco2c"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        svy = llo.load("piaac", country="nld")
    assert svy.source["no_answers"] == ["ISCO2C", "VARSTRAT"]


def test_codes_that_a_country_does_not_give(piaac: Any, write: Any, away: Path) -> None:
    write(piaac(rows=12), f"{FOLDER}/prgnldp1.csv")
    write(frame := piaac(rows=12, country=40), f"{FOLDER}/prgautp1.csv")
    frame = frame.assign(EDCAT6=np.where(frame["EDCAT6"] == 1, np.nan, frame["EDCAT6"]))
    write(frame, f"{FOLDER}/prgautp1.csv")
    svy = llo.load("piaac", country=["nld", "aut"], columns=["education"])
    parts = svy.source["surveys"]
    assert parts["nld"]["no_people"] == {} and parts["aut"]["no_people"] == {"education": ["low"]}
    assert "aut: nobody in education: low" in svy.describe().problems
    assert llo.mean("education", svy, by="country").meta["source"]["surveys"]["aut"]["no_people"]["education"] == [
        "low"
    ]


def test_other_instruments_say_nothing_of_it(gss: Any, write: Any, away: Path) -> None:
    write(gss(), "elsewhere/data_raw/gss/gss_qwl_2010_2014_2018.csv")
    assert not {"no_answers", "no_people", "replicates"} & set(llo.load("gss").source)
