"""Proves that data_processed is made from what is found, the same bytes each time, with a manifest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

import llo_research as llo
from llo_research.data.build import build_processed


def test_harmonised_files_and_manifest(piaac: Any, write: Any, away: Path) -> None:
    write(piaac(), "elsewhere/data_raw/piaac/prgnldp1.csv")
    made, absent = build_processed(away)
    assert [entry["file"] for entry in made] == ["piaac/piaac_nld_cycle1.csv.gz"]
    assert {line.split(":")[0] for line in absent} == set(llo.instruments()["instrument"]) - {"piaac"}
    assert absent[0].startswith("ewcts: no file found.") or absent[0].startswith("gss: no file found.")
    output = away / "data_processed" / "piaac" / "piaac_nld_cycle1.csv.gz"
    first = output.read_bytes()
    frame = pd.read_csv(output)
    assert len(frame) == 12 and frame["education"].tolist()[:2] == ["low", "middle"]
    manifest = json.loads((away / "data_processed" / "manifest.json").read_text(encoding="utf-8"))
    entry = manifest["files"][0]
    assert entry["rows"] == 12 and entry["source"]["synthetic"] is False
    assert (
        entry["source"]["files"][0]["path"] == "piaac/prgnldp1.csv" and len(entry["source"]["files"][0]["sha256"]) == 64
    )
    build_processed(away)
    assert output.read_bytes() == first
