"""Proves that every number of every figure of each edition is as in its file, and that a changed one is named."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import llo_research as llo
from tests.monitor.conftest import ROOT

module = import_module("llo_research.monitor.edition_numbers")
FOLDER = ROOT / "notebooks" / "editions"
EDITIONS = tuple(llo.monitor.editions()["edition"])
LARGEST = 500_000  # bytes: a file that can be read and compared line by line


@pytest.fixture(scope="module")
def surveys() -> Mapping[str, Any]:
    return module.whole_surveys(EDITIONS)


def committed(edition: str) -> dict[str, Any]:
    return json.loads((FOLDER / f"{edition}.json").read_text(encoding="utf-8"))


def test_there_is_a_file_for_each_edition() -> None:
    assert list(llo.monitor.editions()["edition"]) == sorted(path.stem for path in FOLDER.glob("*.json"))
    for edition in EDITIONS:
        told, frame = committed(edition), llo.monitor.figures(edition).set_index("number")
        assert list(told["figures"]) == list(frame.index)
        for number, figure in told["figures"].items():
            assert [figure["status"], figure["available"]] == frame.loc[number, ["status", "available"]].tolist()
            assert bool(figure.get("rows")) is (figure["available"] == "rebuilt")
            assert len(figure.get("published", [])) == frame.loc[number, "published"]
        assert set(told) == {"edition", "library", "source", "checksums", "figures"}
        assert (FOLDER / f"{edition}.json").stat().st_size < LARGEST


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_number_is_as_in_its_file(edition: str, surveys: Mapping[str, Any]) -> None:
    found = module.check(FOLDER, edition, surveys)
    assert not found, "\n".join([*found, "python -m llo_research.monitor.edition_numbers write"])


def test_what_an_edition_does_not_cover_is_not_in_it() -> None:
    years = {edition: {row[4:8] for row in committed(edition)["figures"]["1"]["rows"]} for edition in EDITIONS}
    assert max(years["2022-1"]) == "2020" and max(years["2023"]) == "2022" and max(years["2025"]) == "2024"


def changed(told: Any, *path: str, to: Any) -> None:
    for key in path[:-1]:
        told = told[key]
    told[path[-1]] = to(told[path[-1]])


ROW = ("figures", "1", "rows", "nea:2014:training")
BESIDE = ("figures", "2", "published", "Employers with more than 75 % of staff trained, 2016 (WEA_75)")
PLANTED: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "an estimate": (
        lambda told: changed(told, *ROW, "estimate", to=lambda x: x * (1 + 1e-6)),
        "edition 2023, figure 1, nea:2014:training, estimate: 0.53789",
    ),
    "a standard error": (
        lambda told: changed(told, *ROW, "std_error", to=lambda x: x + 1e-7),
        "edition 2023, figure 1, nea:2014:training, std_error:",
    ),
    "n": (lambda told: changed(told, *ROW, "n", to=lambda n: n + 1), "nea:2014:training, n: 5937 in the file"),
    "a row": (lambda told: told["figures"]["1"]["rows"].popitem(), "training: computed, and not in the file"),
    "a figure": (lambda told: told["figures"].pop("7"), "edition 2023, figure 7: computed, and not in the file"),
    "a row too many": (
        lambda told: told["figures"]["8"]["rows"].update({"2031": {"estimate": 0.2}}),
        "edition 2023, figure 8, 2031: in the file, and not computed",
    ),
    "whether it was seen": (
        lambda told: changed(told, "figures", "4", "status", to=lambda _: "seen"),
        "edition 2023, figure 4, status: 'seen' in the file, 'reconstructed' computed",
    ),
    "a published number": (
        lambda told: changed(told, *BESIDE, "theirs", to=lambda x: x + 1),
        ", theirs: 26 in the file, 25 computed",
    ),
    "whether the interval covers it": (
        lambda told: changed(told, *BESIDE, "covers", to=lambda x: not x),
        ", covers: False in the file, True computed",
    ),
    "the data": (
        lambda told: changed(told, "checksums", "zea", to=lambda _: "0" * 16),
        "edition 2023, checksums, zea: '0000000000000000' in the file",
    ),
}


@pytest.mark.parametrize("change", PLANTED)
def test_what_changed_is_named(change: str) -> None:
    plant, said = PLANTED[change]
    told = committed("2023")
    before = copy.deepcopy(told)
    plant(told)
    (found,) = module.differences(told, before)
    assert said in found


def test_noise_and_the_version_are_no_difference() -> None:
    told, other = committed("2023"), committed("2023")
    changed(other, *ROW, "estimate", to=lambda x: x * (1 + 1e-9))
    other["library"] = "9.9"
    assert module.differences(told, other) == []


def test_the_command_says_what_differs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told = committed("2022-1")
    monkeypatch.setattr(module, "whole_surveys", lambda editions: {})
    monkeypatch.setattr(module, "numbers_of", lambda edition, surveys: copy.deepcopy(told))
    assert module.main(["check", "2022-1", "--root", str(tmp_path)]) == 2
    assert "edition_numbers write" in capsys.readouterr().err
    assert module.main(["write", "2022-1", "--root", str(tmp_path)]) == 0
    path = tmp_path / "notebooks" / "editions" / "2022-1.json"
    assert path.read_bytes() == (FOLDER / "2022-1.json").read_bytes(), "what is read is written again as it was"
    assert module.main(["check", "2022-1", "--root", str(tmp_path)]) == 0
    changed(told, *ROW, "estimate", to=lambda x: x + 0.01)
    assert module.main(["check", "2022-1", "--root", str(tmp_path)]) == 1
    assert "edition 2022-1, figure 1, nea:2014:training, estimate" in capsys.readouterr().out
    assert module.main(["check", "2031", "--root", str(tmp_path)]) == 2


def test_numbers_of_restricted_files_are_not_written(tmp_path: Path) -> None:
    nea = llo.synthetic("nea", years=[2022])
    source = {"kind": "restricted", "title": "stand-in", "instrument": "nea"}
    restricted = llo.Survey(nea.frame.assign(w=1.0), weights="w", source=source)
    with pytest.raises(llo.DisclosureError, match="few people"):
        module.write(tmp_path, "2023", {"nea": restricted})
    assert not list(tmp_path.iterdir())
