"""Proves that the Dutch PIAAC figures known from elsewhere come out of a table and a figure as they should be read."""

from __future__ import annotations

from pathlib import Path

import pytest

import llo_research as llo

NBSP = "\u00a0"


@pytest.fixture(scope="module")
def employed(data_dir: Path) -> llo.Survey:
    columns = ["NFE12JR", "C_D05", "AGEG5LFS", "education"]
    return llo.load("piaac", country="nld", columns=columns).where("C_D05 == 1 & AGEG5LFS >= 3")


def test_training_by_education(employed: llo.Survey) -> None:
    result = llo.mean("NFE12JR", employed, by="education")
    frame = llo.report.table(result).to_frame()
    assert frame["Aandeel (%)"].tolist() == ["45,0", "58,7", "73,3"]
    assert frame["Opleidingsniveau"].tolist() == ["tot en met mbo-1", "havo, vwo, mbo 2-4", "hbo of wo"]
    notes = llo.report.table(result).notes
    assert any("80 replicatiegewichten (JK2)" in note for note in notes)
    assert any(note.startswith("Bron: ") and "OECD" in note for note in notes)
    drawn = llo.report.figure(result)
    told = drawn.title.replace(NBSP, " ").replace(" %", "%")
    assert told.endswith(", 2012: het hoogst bij hbo of wo (73,3%), het laagst bij tot en met mbo-1 (45,0%)")
    assert drawn.frame["n"].sum() == sum(result.to_frame()["n"])
