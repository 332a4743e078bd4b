"""Chapters on the files of a holder: of one survey, without some questions, of other years; none of them stops."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import llo_research as llo
from llo_research.data.instrument import instrument_of
from llo_research.monitor.chapters import CHAPTERS
from llo_research.monitor.notebooks.execute import execute
from tests.monitor.conftest import ROOT

NOT_ASKED = ("need_training_code", "hr3", "engagement1", "learning_ability1", "training_purpose_code")
ROWS = 2500  # of a wave: most groups then exceed 200 people, small ones do not
# What somebody holds: the surveys, the years of the NEA, and what it did not ask.
HELD = {
    "nea alone": (("nea",), range(2014, 2023), ()),
    "some questions": (("nea",), range(2014, 2023), NOT_ASKED),
    "nea and zea": (("nea", "zea"), range(2014, 2025), ()),
    "one wave": (("nea",), [2022], ()),
    "two waves": (("nea",), [2017, 2018], ()),
    "zea alone": (("zea",), (), ()),
}
QUICK = ("02_learning_behaviour", "some questions")
CASES = [
    pytest.param(
        item.name, held, id=f"{item.name}, {held}", marks=[] if (item.name, held) == QUICK else pytest.mark.slow
    )
    for item in CHAPTERS
    if item.reads_real
    for held in HELD
]


def write(folder: Path, name: str, years: Sequence[int], without: Sequence[str]) -> None:
    """A file a year under names of its own, with a mapping."""
    survey, item = llo.synthetic(name, n=ROWS), instrument_of(name)
    made = set(item.harmonised) - set(item.raw["variables"])
    kept = [one for one in survey.frame if one not in {*made, *without, "year", "person", "synthetic"}]
    theirs = {one: f"V_{k:03d}" for k, one in enumerate(kept)}
    folder.mkdir(parents=True)
    for year, rows in survey.frame[["year", *kept]].groupby("year"):
        if not years or year in years:
            rows.drop(columns="year").dropna(axis=1, how="all").rename(columns=theirs).to_csv(
                folder / f"{name}{year}.csv", index=False
            )
    columns = {
        one for path in folder.glob("*.csv") for one in path.open(encoding="utf-8").readline().strip().split(",")
    }
    lines = [f'"{other}" = "{ours}"' for ours, other in theirs.items() if other in columns]
    (folder / "mapping.toml").write_text("\n".join(["[columns]", *lines, ""]), encoding="utf-8", newline="\n")


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folders of data made when they are first asked for."""
    return {}


@pytest.fixture
def held(
    request: pytest.FixtureRequest,
    projects: dict[str, Path],
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> str:
    """Somebody's files, as if they were all that is here."""
    name: str = request.param
    if name not in projects:
        projects[name] = tmp_path_factory.mktemp("data")
        surveys, years, without = HELD[name]
        for survey in surveys:
            write(projects[name] / survey, survey, years if survey == "nea" else (), without)
    monkeypatch.setenv("LLO_DATA", str(projects[name]))
    return name


def shown(notebook: dict[str, Any]) -> str:
    """All that a page shows."""
    return "\n".join(
        "".join(output.get("text", "") or output["data"].get("text/markdown", output["data"].get("text/plain", "")))
        for cell in notebook["cells"]
        for output in cell.get("outputs", [])
    )


@pytest.mark.parametrize(("chapter", "held"), CASES, indirect=["held"])
def test_a_chapter_runs_on_what_somebody_holds(chapter: str, held: str) -> None:
    told = {"edition": "2023", "language": "nl", "source": "real"}
    made = execute(ROOT / "notebooks" / f"{chapter}.ipynb", ROOT, told)
    page = "\n".join(
        [shown(made), *("".join(cell["source"]) for cell in made["cells"] if cell["cell_type"] == "markdown")]
    )
    assert "besloten microdata" in page or "Niet getoond" in page
    assert "SYNTHETISCH" not in shown(made) or "method" in chapter, "one section of 05m is synthetic, and says so"
    if held == "some questions" and chapter.startswith("02"):
        assert "de bestanden hier hebben de vraag *Doel van de opleiding of cursus* niet (`training_purpose`)" in page
        assert "*Geen bestanden hier van: ZEA.*" in page
    assert "Withheld" not in page


def test_files_of_other_years_than_the_edition_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "nea", "nea", [2023, 2024], ())
    monkeypatch.setenv("LLO_DATA", str(tmp_path))
    module = import_module("llo_research.monitor.surveys")
    with pytest.raises(llo.DataError, match="no files here of the years of edition 2023") as caught:
        module.years_of_files("2023")
    assert caught.value.found == "nea: 2023, 2024" and "nea: 2012 to 2022" in str(caught.value.expected)
    assert module.years_of_files("2025") == {"nea": {2023, 2024}}
