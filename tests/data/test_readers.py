"""Proves that every kind of file gives the same survey, encodings are told, and the design is the producer's."""

from __future__ import annotations

import gzip
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo


@pytest.mark.parametrize("name", ["nld.csv", "nld.csv.gz", "nld.sav", "nld.dta", "nld.parquet"])
def test_every_kind_of_file_gives_the_same_survey(name: str, piaac: Any, write: Any) -> None:
    raw = piaac()
    expected = llo.read_microdata(write(raw, "prgnldp1.csv"), instrument="piaac").frame
    content = gzip.compress(raw.to_csv(index=False).encode(), mtime=0) if name.endswith(".gz") else raw
    frame = llo.read_microdata(write(content, name), instrument="piaac").frame
    pd.testing.assert_frame_equal(frame, expected, check_dtype=False)


def test_user_missing_values_of_spss_are_missing(piaac: Any, tmp_path: Any) -> None:
    pyreadstat = pytest.importorskip("pyreadstat")
    raw = piaac()
    raw.loc[0, "EDCAT6"] = 77
    path = tmp_path / "nld.sav"
    pyreadstat.write_sav(raw, str(path), missing_ranges={"EDCAT6": [77]})
    frame = llo.read_microdata(path, instrument="piaac").frame
    assert np.isnan(frame["EDCAT6"][0]) and pd.isna(frame["education"][0])


def test_windows_text_is_read_and_told(piaac: Any, write: Any) -> None:
    raw = piaac().assign(remark="privé")
    svy = llo.read_microdata(write(raw.to_csv(index=False).encode("cp1252")), instrument="piaac")
    assert svy.frame["remark"].eq("privé").all()
    assert svy.source["files"][0]["encoding"] == "cp1252"


def test_a_byte_order_mark_is_no_part_of_the_first_name(piaac: Any, write: Any) -> None:
    frame = llo.read_microdata(write(piaac().to_csv(index=False).encode("utf-8-sig")), instrument="piaac").frame
    assert frame.columns[0] == "CNTRYID"


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_line_ends_of_other_systems(ending: str, piaac: Any, write: Any) -> None:
    content = piaac().to_csv(index=False, lineterminator=ending).encode()
    found = llo.read_microdata(write(content), instrument="piaac")
    wanted = llo.read_microdata(write(piaac()), instrument="piaac")
    assert len(found) == 12 and found.frame.equals(wanted.frame)


def test_quoted_text_may_hold_the_separator(piaac: Any, write: Any) -> None:
    raw = piaac().assign(remark='a, "b", c')
    frame = llo.read_microdata(write(raw), instrument="piaac").frame
    assert frame["remark"].eq('a, "b", c').all()


METHODS = [(1, "jk1", 3 / 4), (2, "jk2", 1.0), (3, "brr", 1 / 4), (4, "fay", 1 / (4 * 0.7**2))]


@pytest.mark.parametrize(("code", "method", "factor"), METHODS)
def test_replicate_variance_follows_the_files_own_method(
    code: int, method: str, factor: float, piaac: Any, write: Any
) -> None:
    raw = piaac(method=code)
    svy = llo.read_microdata(write(raw), instrument="piaac")
    w = raw[[f"SPFWT{r}" for r in range(5)]].to_numpy()
    means = (w * raw[["NFE12JR"]].to_numpy()).sum(axis=0) / w.sum(axis=0)
    expected = np.sqrt(factor * ((means[1:] - means[0]) ** 2).sum())
    row = llo.mean("NFE12JR", svy).to_frame().iloc[0]
    assert svy.design.replicates is not None
    assert row["std_error"] == pytest.approx(expected, rel=1e-12), method


def test_only_the_first_venreps_columns_count(piaac: Any, write: Any) -> None:
    raw = piaac(replicates=4)
    padded = raw.assign(VENREPS=3)
    svy = llo.read_microdata(write(padded), instrument="piaac")
    three = llo.read_microdata(write(padded.drop(columns="SPFWT4")), instrument="piaac")
    four = llo.read_microdata(write(raw), instrument="piaac")
    errors = [llo.mean("NFE12JR", s).to_frame()["std_error"].iloc[0] for s in (svy, three, four)]
    assert errors[0] == errors[1] != errors[2]


def test_without_venreps_all_columns_count_with_a_warning(piaac: Any, write: Any) -> None:
    with pytest.warns(llo.LloWarning, match="all 4 do"):
        svy = llo.read_microdata(write(piaac().drop(columns="VENREPS")), instrument="piaac")
    assert llo.mean("NFE12JR", svy).to_frame()["df"].iloc[0] == 3


def test_brr_with_a_fay_factor_is_fay(piaac: Any, write: Any) -> None:
    raw = piaac(method=3).assign(VEFAYFAC=0.3)
    fay = piaac(method=4)
    errors = [
        llo.mean("NFE12JR", llo.read_microdata(write(f), instrument="piaac")).to_frame()["std_error"].iloc[0]
        for f in (raw, fay)
    ]
    assert errors[0] == errors[1]
