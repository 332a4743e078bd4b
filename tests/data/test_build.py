"""Proves that data_processed is made from what is found, once, restricted files apart, synthetic ones marked."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import llo_research as llo
from llo_research.cli import main
from llo_research.data import build
from llo_research.data.build import build_processed
from tests.data import yearly

NO_PARQUET = "no pyarrow"


@pytest.fixture(params=["parquet", NO_PARQUET])
def suffix(request: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """With and without pyarrow."""
    if request.param == NO_PARQUET:
        monkeypatch.setattr(build.importlib.util, "find_spec", lambda name: None)
        return "csv.gz"
    pytest.importorskip("pyarrow")
    return "parquet"


def manifest(root: Path) -> dict[str, Any]:
    """The manifest's entries by file."""
    text = (root / "data_processed" / "manifest.json").read_text(encoding="utf-8")
    return {entry["file"]: entry for entry in json.loads(text)["files"]}


def test_harmonised_files_and_manifest(piaac: Any, write: Any, away: Path, suffix: str) -> None:
    write(piaac(), "elsewhere/data_raw/piaac/prgnldp1.csv")
    made, absent = build_processed(away, "real")
    assert [entry["file"] for entry in made] == [f"piaac/piaac_nld_cycle1.{suffix}"]
    assert {line.split(":")[0] for line in absent} == set(llo.instruments()["instrument"]) - {"piaac"}
    output = away / "data_processed" / "piaac" / f"piaac_nld_cycle1.{suffix}"
    first = output.read_bytes()
    frame = pd.read_parquet(output) if suffix == "parquet" else pd.read_csv(output)
    assert len(frame) == 12 and frame["education"].tolist()[:2] == ["low", "middle"]
    entry = manifest(away)[f"piaac/piaac_nld_cycle1.{suffix}"]
    assert entry["rows"] == 12 and entry["synthetic"] is False and entry["kind"] == "public"
    told = entry["source"]["files"][0]
    assert told["path"] == "piaac/prgnldp1.csv" and len(told["sha256"]) == 64
    output.unlink()
    build_processed(away, "real")
    assert output.read_bytes() == first


def test_nothing_is_made_twice_until_something_changes(away: Path) -> None:
    folder = away / "data_raw" / "nea"
    folder.mkdir(parents=True)
    for year in (2018, 2019):
        yearly.small_nea(year).to_csv(folder / f"nea{year}.csv", index=False)
    made = [entry["made"] for _ in range(2) for entry in build_processed(away, "real")[0]]
    assert made == [True, False]
    (folder / "mapping.toml").write_text("[cuts]\nhigh_variety = 2.5\n", encoding="utf-8")
    assert build_processed(away, "real")[0][0]["made"] is True
    name = build_processed(away, "real")[0][0]["file"]
    (away / "data_processed" / name).write_bytes(b"edited")
    assert build_processed(away, "real")[0][0]["made"] is True
    (folder / "nea2019.csv").unlink()
    assert build_processed(away, "real")[0][0]["rows"] == 240


def test_restricted_files_go_to_a_folder_of_their_own_and_leave_with_their_source(away: Path, capsys: Any) -> None:
    folder = away / "data_raw" / "nea"
    folder.mkdir(parents=True)
    yearly.small_nea(2019).to_csv(folder / "nea2019.csv", index=False)
    assert main(["data", "--source", "real"]) == 0
    assert "data_processed/restricted/nea." in capsys.readouterr().out
    entry = next(iter(manifest(away).values()))
    assert entry["file"].startswith("restricted/") and entry["kind"] == "restricted" and entry["source"]["restricted"]
    (folder / "nea2019.csv").unlink()
    build_processed(away, "real")
    assert manifest(away) == {} and not list((away / "data_processed" / "restricted").iterdir())


def test_synthetic_files_are_marked_in_name_column_and_manifest(away: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synthetic = import_module("llo_research.data.synthetic")  # the function of that name hides the package
    draw = synthetic.synthetic
    monkeypatch.setattr(synthetic, "synthetic", lambda name: draw(name, years=[2021], n=2000))
    (away / "data_raw" / "nea").mkdir(parents=True)
    yearly.small_nea(2019).to_csv(away / "data_raw" / "nea" / "nea2019.csv", index=False)
    entries = {entry["file"].split(".")[0]: entry for entry in build_processed(away, "auto")[0]}
    made = {"synthetic/zea_synthetic", "synthetic/wea_synthetic"}
    assert set(entries) == {"restricted/nea", *made}  # a real NEA is there, a real ZEA and WEA are not
    entries = {entry["file"].split(".")[0]: entry for entry in build_processed(away, "synthetic")[0]}
    assert set(entries) == {"synthetic/nea_synthetic", *made}
    for entry in entries.values():
        assert entry["synthetic"] is True and entry["kind"] == "synthetic"
    path = away / "data_processed" / entries["synthetic/nea_synthetic"]["file"]
    frame = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    assert frame["synthetic"].eq(1).all()


def test_a_synthetic_file_among_real_ones_is_refused(away: Path) -> None:
    folder = away / "data_raw" / "nea"
    folder.mkdir(parents=True)
    yearly.small_nea(2019).assign(synthetic=1).to_csv(folder / "nea2019.csv", index=False)
    with pytest.raises(llo.DataError, match="synthetic, and lie where real files belong"):
        build_processed(away, "real")
    with pytest.raises(llo.DataError, match="no option 'reel'"):
        build_processed(away, "reel")
