"""Small files of PIAAC and GSS, made by hand, for what the real files do not show."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

Writer = Callable[..., Path]


def small_piaac(rows: int = 12, replicates: int = 4, country: int = 528, method: int = 2) -> pd.DataFrame:
    """A file of cycle 1 with a few people, codes written out, no randomness."""
    i = np.arange(rows)
    frame = pd.DataFrame(
        {
            "CNTRYID": country,
            "SEQID": i + 1,
            "AGE_R": 20 + 3 * i,
            "AGEG5LFS": np.minimum(2 + i // 2, 10),
            "GENDER_R": 1 + i % 2,
            "EDCAT6": 1 + i % 6,
            "C_D05": np.where(i % 6 == 5, 2, 1),
            "D_Q04": np.where(i % 6 == 5, np.nan, np.where(i % 4 == 3, 2, 1)),
            "D_Q06a": np.where(i % 6 == 5, np.nan, np.where(i % 4 == 3, np.nan, 1 + i % 5)),
            "D_Q09": np.where(i % 6 == 5, np.nan, np.where(i % 4 == 3, np.nan, 1 + i % 6)),
            "D_Q13a": 1 + i % 5,
            "D_Q13b": 1 + (i + 2) % 5,
            "D_Q13c": 1 + (i + 4) % 5,
            "ISIC1C": ["Q", "C", "R", "A"] * (rows // 4) + ["Q"] * (rows % 4),
            "NFE12JR": i % 2,
            "FNFAET12": (i + 1) % 2,
            "VEMETHOD": {1: "JK1", 2: "JK2", 3: "BRR", 4: "FAY"}[method],
            "VEMETHODN": method,
            "VEFAYFAC": 0.3 if method == 4 else 0,
            "VENREPS": replicates,
            "PVLIT1": 250.0 + i,
            "PVLIT2": 252.0 + i,
            "SPFWT0": 10.0 + i,
        }
    )
    for r in range(1, replicates + 1):
        frame[f"SPFWT{r}"] = frame["SPFWT0"] * np.where(i % replicates == r - 1, 0.5, 1.1)
    return frame


def small_gss() -> pd.DataFrame:
    """Two years, two strata of two units each, three people a unit; ids start anew each year."""
    rows = [(y, s, p, k) for y in (2014, 2018) for s in (1, 2) for p in (1, 2) for k in (1, 2, 3)]
    frame = pd.DataFrame(rows, columns=["year", "vstrat", "vpsu", "k"])
    i = np.arange(len(frame))
    return pd.DataFrame(
        {
            "year": frame["year"],
            "id": i % 12 + 1,
            "learnnew": 1 + i % 4,
            "wkfreedm": 1 + i % 4,
            "wkdecide": 1 + (i + 1) % 4,
            "workdiff": 1 + i % 4,
            "supcares": 1 + i % 4,
            "suphelp": 1 + i % 3,
            "emptrain": 1 + i % 2,
            "wrkstat": 1 + i % 5,
            "wrkslf": 2,
            "wrktype": 1 + i % 5,
            "degree": i % 5,
            "age": 20 + i,
            "sex": 1 + i % 2,
            "wtssall": 1.0,
            "vstrat": frame["vstrat"],
            "vpsu": frame["vpsu"],
        }
    )


@pytest.fixture
def piaac() -> Callable[..., pd.DataFrame]:
    """The maker of small PIAAC frames."""
    return small_piaac


@pytest.fixture
def gss() -> Callable[[], pd.DataFrame]:
    """The maker of small GSS frames."""
    return small_gss


@pytest.fixture
def write(tmp_path: Path) -> Writer:
    """Write a frame, text or bytes as a file and return its path; the kind follows from the name."""

    def write_file(content: pd.DataFrame | str | bytes, name: str = "prgnldp1.csv", separator: str = ",") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            path.write_text(content, encoding="utf-8", newline="\n")
        elif isinstance(content, bytes):
            path.write_bytes(content)
        elif name.endswith(".sav"):
            pyreadstat = pytest.importorskip("pyreadstat")
            pyreadstat.write_sav(content, str(path))
        elif name.endswith(".dta"):
            content.to_stata(path, write_index=False, version=118)
        elif name.endswith(".parquet"):
            pytest.importorskip("pyarrow")
            content.to_parquet(path)
        else:
            content.to_csv(path, index=False, sep=separator, lineterminator="\n")
        return path

    return write_file


@pytest.fixture
def away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory outside any project, with no LLO_DATA."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.delenv("LLO_DATA", raising=False)
    return folder
