"""Proves that codes 9995 to 9999 are missing in every column of PIAAC but identifiers, weights and plausible values."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo

CODES = [9995, 9996, 9997, 9998, 9999]
KEPT = ("CNTRYID", "SEQID", "SPFWT", "PVLIT", "PVNUM", "PVPSL", "PVAPS", "VEMETHOD", "VEMETHODN", "VEFAYFAC", "VENREPS")
OUTSIDE = ["ISCO2C", "EARNHR", "EARNHRDCL", "D_Q05a2", "J_Q01", "I_Q08", "EDCAT7", "EDCAT8", "C_Q07", "C_D09"]
OUTSIDE += ["PAIDWORK12", "EDWORK", "FAET12JR", "ISCO08_C", "ISIC4_C", "CNT_BRTH", "D_Q16b", "my_own_column"]


def known() -> list[str]:
    """Columns of the codebook in which the codes mean missing, told apart by a rule of this test's own."""
    text = (files("llo_research.data") / "instruments" / "piaac.toml").read_text(encoding="utf-8")
    return [n for n in tomllib.loads(text)["variables"] if not n.startswith(KEPT)]


def with_codes(frame: pd.DataFrame, names: list[str], written: Any) -> pd.DataFrame:
    """Each of the five codes in each of the columns, in rows 1 to 5."""
    cells = {n: frame[n] if n in frame else pd.Series(1, index=frame.index) for n in names}
    columns = {n: [*(written(code) for code in CODES), *cells[n].iloc[5:]] for n in names}
    return pd.DataFrame({**{n: frame[n] for n in frame}, **columns})


@pytest.mark.parametrize("written", [int, float, str, "{}.0".format, " {}".format])
@pytest.mark.parametrize("name", ["nld.csv", "nld.parquet"])
def test_every_column_by_rule(written: Any, name: str, piaac: Any, write: Any) -> None:
    names = [*known(), *OUTSIDE]
    assert len(names) > 90
    raw = with_codes(piaac(), names, written)
    if name.endswith("parquet"):
        mixed = [n for n in names if raw[n].dtype == object]
        raw[mixed] = raw[mixed].map(lambda cell: str(cell) if pd.notna(cell) else None)
    frame = llo.read_microdata(write(raw, name), instrument="piaac").frame
    assert {n: frame[n].isna().tolist()[:5] for n in names} == {n: [True] * 5 for n in names}
    lost = [n for n in names if n not in piaac() and frame[n].iloc[5:].isna().any()]
    assert lost == []


@pytest.mark.parametrize("name", ["EDCAT6_TC1", "C2_D05", "NFE12JRC2", "D_Q10_C", "LEARNATWORKC2", "EARNHRC2"])
def test_columns_of_cycle_2(name: str, piaac: Any, write: Any) -> None:
    raw = with_codes(piaac().rename(columns={"EDCAT6": "EDCAT6_TC1"}), [name], int)
    frame = llo.read_microdata(write(raw, "prgnldp2.csv", separator=";"), instrument="piaac").frame
    assert frame[name].isna().tolist()[:5] == [True] * 5 and frame[name].iloc[5:].notna().all()


def test_a_doubtful_column_of_cycle_2_keeps_unknown_codes_and_loses_these(piaac: Any, write: Any) -> None:
    raw = with_codes(piaac().rename(columns={"C_D05": "C2_D05"}), ["C2_D05"], int)
    raw.loc[5, "C2_D05"] = 5
    with pytest.warns(llo.LloWarning, match="C2_D05 holds a value that the codebook does not know"):
        frame = llo.read_microdata(write(raw, "prgnldp2.csv", separator=";"), instrument="piaac").frame
    assert frame["C2_D05"].isna().tolist()[:5] == [True] * 5 and frame["C2_D05"].iloc[5] == 5


def test_identifiers_weights_design_and_plausible_values_are_not_touched(piaac: Any, write: Any) -> None:
    raw = piaac().assign(CNTRYID_E=9995, VARSTRAT=9996, VARUNIT=9997, PVNUM1=9998.0, MY_ID=range(9990, 10002))
    raw["SEQID"] = range(9990, 10002)
    raw.loc[0:4, "SPFWT0"] = [float(code) for code in CODES]
    raw.loc[0:4, "SPFWT2"] = CODES
    raw.loc[0:4, "PVLIT1"] = CODES
    frame = llo.read_microdata(write(raw), instrument="piaac").frame
    for name in ("CNTRYID_E", "VARSTRAT", "VARUNIT", "PVNUM1", "MY_ID", "SEQID", "SPFWT0", "SPFWT2", "PVLIT1"):
        np.testing.assert_array_equal(frame[name], raw[name])
    assert frame["person"].tolist() == list(range(9990, 10002))


def test_amounts_beside_the_codes_stay(piaac: Any, write: Any) -> None:
    values = [9994.0, 9995.5, 9996.5, 9997.0, 10000.0, 99990.0, 999.0, 99.0, 9.0, 0.0, -9997.0, 9999.01]
    frame = llo.read_microdata(write(piaac().assign(EARNMTH=values)), instrument="piaac").frame
    assert frame["EARNMTH"].isna().tolist() == [value == 9997.0 for value in values]


def test_other_instruments_keep_such_numbers(gss: Any, write: Any) -> None:
    frame = llo.read_microdata(write(gss().assign(income=9997), "gss.csv"), instrument="gss").frame
    assert frame["income"].eq(9997).all()


def test_the_dutch_file_has_none_left(data_dir: Path) -> None:
    svy = llo.read_microdata(data_dir / "piaac" / "nld.csv.gz", instrument="piaac")
    frame = svy.frame.drop(columns=["SEQID", "person"])
    left = {n: int(pd.to_numeric(frame[n].astype(object), errors="coerce").isin(CODES).sum()) for n in frame}
    assert {n: rows for n, rows in left.items() if rows} == {}
    raw = pd.read_csv(data_dir / "piaac" / "nld.csv.gz", usecols=["ISCO2C"], dtype=str)["ISCO2C"]
    assert frame["ISCO2C"].notna().tolist() == raw.str.fullmatch(r"\d\d").fillna(False).tolist()
