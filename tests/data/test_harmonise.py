"""Proves the harmonised variables on rows worked out by hand, and that files keep their own columns and order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo


def frame_of(path: Any, instrument: str = "piaac", **options: Any) -> pd.DataFrame:
    return llo.read_microdata(path, instrument=instrument, **options).frame


def test_own_columns_keep_names_codes_and_order(piaac: Any, write: Any) -> None:
    raw = piaac().iloc[::-1].reset_index(drop=True)
    frame = frame_of(write(raw))
    assert list(frame.columns[: raw.shape[1]]) == list(raw.columns)
    assert frame["SEQID"].tolist() == raw["SEQID"].tolist()
    np.testing.assert_array_equal(frame["EDCAT6"], raw["EDCAT6"])


def test_education_contract_and_groups_by_hand(piaac: Any, write: Any) -> None:
    frame = frame_of(write(piaac()))
    assert frame["education"].tolist()[:6] == ["low", "middle", "middle", "high", "high", "high"]
    assert frame["education"].cat.ordered and list(frame["education"].cat.categories) == ["low", "middle", "high"]
    # rows 1-6: D_Q09 1, 2, 3, self-employed, 5, unemployed
    assert frame["contract"].tolist()[:5] == ["permanent", "flexible", "flexible", "self-employed", "flexible"]
    assert pd.isna(frame["contract"][5])
    assert frame["startkwalificatie"].tolist()[:2] == [0.0, 1.0]
    assert frame["age_group"].tolist()[:4] == ["under 25", "under 25", "25-34", "25-34"]
    assert frame["sex"].tolist()[:2] == ["male", "female"]
    assert frame["employed"].tolist()[:6] == [1, 1, 1, 1, 1, 0]
    assert frame["year"].eq(2012).all() and frame["person"].tolist() == frame["SEQID"].tolist()


def test_weekly_learning_by_hand(piaac: Any, write: Any) -> None:
    # D_Q13b: 3 4 5 1 2 3 ...; D_Q13c: 5 1 2 3 4 5 ...; row 6 is unemployed
    frame = frame_of(write(piaac()))
    assert frame["learn_by_doing"].tolist()[:5] == [0, 1, 1, 0, 0] and np.isnan(frame["learn_by_doing"][5])
    assert frame["keep_up_to_date"].tolist()[:5] == [1, 0, 0, 0, 1]
    assert frame["informal_learning"].tolist()[:5] == [1, 1, 1, 0, 1]


def test_a_missing_item_decides_only_when_the_other_does_not(piaac: Any, write: Any) -> None:
    raw = piaac()
    raw.loc[[0, 3], "D_Q13b"] = np.nan
    frame = frame_of(write(raw))
    assert frame["informal_learning"][0] == 1.0  # keeps up to date weekly: the other item cannot change that
    assert np.isnan(frame["informal_learning"][3])  # the answered item says no, the other is unknown


def test_text_codes_are_categoricals_in_the_codebooks_order(piaac: Any, write: Any) -> None:
    frame = frame_of(write(piaac()))
    assert list(frame["ISIC1C"].cat.categories) == list("ABCDEFGHIJKLMNOPQRSTU")
    assert frame["ISIC1C"].tolist()[:4] == ["Q", "C", "R", "A"]  # R and A are sectors here, not missing
    assert frame["sector"].tolist()[:3] == ["Q", "C", "R"]


def test_every_way_of_writing_missing(piaac: Any, write: Any) -> None:
    raw = piaac().astype({"EDCAT6": object, "AGE_R": object, "D_Q13b": object, "ISIC1C": object})
    raw.loc[0:6, "EDCAT6"] = [".", ".n", "N", "V", "96", "99", ""]
    raw.loc[0:3, "AGE_R"] = [97, 99, "D", ".v"]
    raw.loc[0:4, "D_Q13b"] = [6, 7, 8, 9, "R"]
    raw.loc[0:4, "ISIC1C"] = ["9995", "9996", "9999", ".", ""]
    frame = frame_of(write(raw))
    assert frame["EDCAT6"].isna().tolist() == [True] * 7 + [False] * 5
    assert frame["AGE_R"].isna().tolist() == [True] * 4 + [False] * 8
    assert frame["D_Q13b"].isna().tolist() == [True] * 5 + [False] * 7
    assert frame["ISIC1C"].isna().tolist() == [True] * 5 + [False] * 7


def test_97_may_be_a_valid_number(piaac: Any, write: Any) -> None:
    raw = piaac().assign(D_Q10=97.0, NFEHRS=96.0)
    frame = frame_of(write(raw))
    assert frame["D_Q10"].eq(97).all() and frame["NFEHRS"].eq(96).all()


def test_cycle_2_header(piaac: Any, write: Any) -> None:
    names = {"EDCAT6": "EDCAT6_TC1", "C_D05": "C2_D05", "D_Q04": "D2_Q04", "NFE12JR": "NFE12JRC2"}
    raw = piaac().rename(columns=names).drop(columns=["D_Q09", "D_Q06a", "D_Q13a", "D_Q13b", "D_Q13c", "FNFAET12"])
    dotted = raw.astype(object).where(raw.notna(), ".")
    svy = llo.read_microdata(write(dotted, "prgnldp2.csv", separator=";"), instrument="piaac")
    frame, source = svy.frame, svy.source
    assert (
        source["cycle"] == 2
        and source["edition"] == {"nl": "cyclus 2, 2022-23", "en": "cycle 2, 2022-23"}
        and frame["year"].eq(2023).all()
    )
    assert "EDCAT6_TC1" in frame and frame["education"].tolist()[:3] == ["low", "middle", "middle"]
    assert frame["training_job_related"].tolist() == raw["NFE12JRC2"].tolist()
    assert source["not_carried"]["firm_size"] == "not in the file: D_Q06a"
    assert "firm_size" not in frame and "training" not in frame


def test_unknown_codes_of_cycle_2_are_told_and_not_used(piaac: Any, write: Any) -> None:
    raw = piaac().rename(columns={"EDCAT6": "EDCAT6_TC1", "C_D05": "C2_D05"})
    raw.loc[0, "C2_D05"] = 5
    with pytest.warns(llo.LloWarning, match="C2_D05 holds a value that the codebook does not know"):
        svy = llo.read_microdata(write(raw, "prgnldp2.csv", separator=";"), instrument="piaac")
    assert svy.frame["C2_D05"].tolist()[0] == 5
    assert svy.source["not_carried"]["employed"] == "unknown codes in C_D05"
    assert "employed" not in svy.frame and "contract" not in svy.frame and "education" in svy.frame


def test_lower_case_names_of_stata_files_are_known(piaac: Any, write: Any) -> None:
    raw = piaac().rename(columns=str.lower)
    frame = frame_of(write(raw, "nld.dta"))
    assert "edcat6" in frame and frame["education"].tolist()[:3] == ["low", "middle", "middle"]


def test_outside_the_netherlands_there_is_no_startkwalificatie(piaac: Any, write: Any) -> None:
    svy = llo.read_microdata(write(piaac(country=56), "prgbelp1.csv"), instrument="piaac")
    assert "startkwalificatie" not in svy.frame
    assert svy.source["not_carried"]["startkwalificatie"] == "defined for nld only"


@pytest.mark.parametrize(("country", "letters", "year"), [(300, "grc", 2015), (604, "per", 2017), (203, "cze", 2012)])
def test_year_is_that_of_the_countrys_round(country: int, letters: str, year: int, piaac: Any, write: Any) -> None:
    assert frame_of(write(piaac(country=country), f"prg{letters}p1.csv"))["year"].eq(year).all()


def test_two_american_files_have_their_own_year(piaac: Any, write: Any) -> None:
    assert frame_of(write(piaac(country=840), "prgusap1_2017.csv"))["year"].eq(2017).all()


def test_a_year_is_given_or_contradicted(piaac: Any, gss: Any, write: Any) -> None:
    assert frame_of(write(piaac()), year=2011)["year"].eq(2011).all()
    with pytest.raises(llo.DataError, match="not a file of 2016"):
        frame_of(write(gss(), "gss.csv"), "gss", year=2016)


def test_a_column_in_the_way_of_a_harmonised_one_is_kept_beside_it(gss: Any, write: Any) -> None:
    raw = gss()
    svy = llo.read_microdata(write(raw, "gss.csv"), instrument="gss")
    frame = svy.frame
    assert frame["sex_own"].tolist() == raw["sex"].tolist() and frame["sex"].tolist()[:2] == ["male", "female"]
    assert svy.source["kept_own"] == {"sex": "sex_own"}
    assert frame["age"].tolist() == raw["age"].tolist() and "age_own" not in frame


def test_gss_scales_are_reversed_so_that_more_is_more(gss: Any, write: Any) -> None:
    frame = frame_of(write(gss(), "gss.csv"), "gss")
    # row 1: wkfreedm 1, wkdecide 2, supcares 1, suphelp 1, workdiff 1
    assert frame["autonomy"][0] == 3.5 and frame["supervisor_support"][0] == 4.0 and frame["variety"][0] == 4.0
    assert frame["person"].is_unique and frame["person"][0] == "2014-1"
    # wrktype 1 2 3 4 5, wrkstat 1 2 3 4 5: only the first three have a job
    assert frame["contract"].tolist()[:3] == ["self-employed", "flexible", "flexible"]
    assert frame["contract"][3:5].isna().all()
    assert frame["training"].tolist()[:3] == [1, 0, 1]


def test_mapping_of_names_and_codes(piaac: Any, write: Any, tmp_path: Any) -> None:
    raw = piaac().rename(columns={"SPFWT0": "weight", "EDCAT6": "opl"})
    raw["opl"] = raw["opl"].map({1: "L", 2: "M", 3: "M", 4: "H", 5: "H", 6: "H"})
    toml = tmp_path / "map.toml"
    toml.write_text(
        '[columns]\nweight = "SPFWT0"\nopl = "education"\n[values.education]\nL = "low"\nM = "middle"\nH = "high"\n',
        encoding="utf-8",
    )
    svy = llo.read_microdata(write(raw), instrument="piaac", mapping=toml)
    assert svy.frame["education"].tolist()[:4] == ["low", "middle", "middle", "high"]
    assert svy.source["mapping"] == {"weight": "SPFWT0", "opl": "education"}
    csv = tmp_path / "map.csv"
    csv.write_text("file,ours\nweight,SPFWT0\n", encoding="utf-8")
    assert len(llo.read_microdata(write(raw), instrument="piaac", mapping=csv)) == 12
    with pytest.raises(llo.DataError, match="mapped onto education"):
        llo.read_microdata(write(raw), instrument="piaac", mapping={"weight": "SPFWT0", "opl": "education"})
    with pytest.raises(llo.DataError, match="which the mapping names"):
        llo.read_microdata(write(raw), instrument="piaac", mapping={"wieght": "SPFWT0"})


def test_columns_limit_what_is_read(piaac: Any, write: Any) -> None:
    frame = frame_of(write(piaac()), columns=["PVLIT*", "contract"])
    assert {"PVLIT1", "PVLIT2", "contract", "D_Q09", "C_D05", "SPFWT4"} <= set(frame.columns)
    assert "EDCAT6" not in frame and "education" not in frame
    assert "PVLIT2" not in frame_of(write(piaac()), columns="PVLIT1")
    with pytest.raises(llo.DataError, match="asks nothing about support"):
        frame_of(write(piaac()), columns=["supervisor_support"])
    with pytest.raises(llo.DataError, match="cannot carry autonomy"):
        frame_of(write(piaac()), columns=["autonomy"])
