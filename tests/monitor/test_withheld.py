"""A chapter on real files says what they cannot show, and goes on; every other error stops it."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import llo_research as llo
from llo_research.errors import LloError
from llo_research.monitor.absent import Absent, Held
from llo_research.monitor.notebooks.runner import run_cells
from llo_research.monitor.notebooks.withheld import absent_in, names_from, reason, told
from tests.data import yearly

SURVEY = """\
import pandas as pd
import llo_research as llo
from llo_research.monitor.absent import Absent
frame = pd.DataFrame({"year": 2022, "a": [0.0, 1.0] * 20, "w": 1.0})
svy = llo.Survey(frame, weights="w", source={"kind": "restricted", "restricted": True})
late = 1"""
EMPTY = "early = 1\nlate = svy.where('year == 2014')\nafter = 2"


def _run(tmp_path: Path, *sources: str, tells: str = "en", lacking: str = "", whole: bool = False) -> list[str]:
    """What each cell shows."""
    cells: list[dict[str, Any]] = [
        {"cell_type": "code", "id": f"c{k}", "metadata": {}, "execution_count": None, "outputs": [], "source": source}
        for k, source in enumerate(sources)
    ]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    shown = run_cells(notebook, tmp_path, "chapter", tmp_path, tells=tells, lacking=lacking, whole=whole)["cells"]
    return [
        "".join(one["data"].get("text/markdown", one["data"]["text/plain"]) for one in cell["outputs"])
        for cell in shown
    ]


def test_what_real_files_cannot_show_is_said_in_its_place(tmp_path: Path) -> None:
    few = "print(llo.report.sentences('{a}', a=llo.mean('a', svy)))"
    shown = _run(tmp_path, SURVEY, few, EMPTY, "early", "late", "after", "Absent('zea').frame", "svy.frame.shape")
    assert shown == [
        "",
        "*Withheld: it rests on too few respondents to be shown.*",
        "*Withheld: the files here hold no answers for it (`year == 2014`).*",
        "1",
        *[
            f"*Withheld: it is computed from `{name}`: the files here hold no answers for it (`year == 2014`).*"
            for name in ("late", "after")
        ],
        "*Withheld: there are no files of the ZEA here.*",
        "(40, 3)",
    ]


def test_another_edition_says_which_years_it_lacks(tmp_path: Path) -> None:
    gone = "gone = llo.change('a', two, time='year', base=2014)"
    twice = "two = llo.Survey(pd.concat([frame, frame.assign(year=2024)]), weights='w')"
    once = "llo.change('a', two.where('year == 2024'), time='year', base=2024)"
    shown = _run(tmp_path, SURVEY, twice, gone, "gone", once, "two.frame.shape", lacking="2026")
    assert shown[2:] == [
        "*Not in edition 2026: answers of `2014`.*",
        "*Not in edition 2026: it is computed from `gone`: answers of `2014`.*",
        "*Not in edition 2026: a second year to compare with.*",
        "(80, 3)",
    ]
    for other in ("llo.mean('strange', svy)", "llo.load('zea', source='real')", "unknown"):
        with pytest.raises(LloError, match="stopped in code cell 2"):
            _run(tmp_path, SURVEY, other, lacking="2026")


@pytest.mark.parametrize("source", ["unknown + 1", "svy.where('strange == 1')", "1 / 0"])
def test_other_errors_stop_it(tmp_path: Path, source: str) -> None:
    with pytest.raises(LloError, match="stopped in code cell 2"):
        _run(tmp_path, SURVEY, source, "1")


# What the page says of each thing that files cannot show: the cell, and the line in both languages.
KINDS = [
    (
        "llo.mean('training', svy)",
        "the files here do not have the question *Followed training or a course, past two years* (`training`)",
        "de bestanden hier hebben de vraag *Opleiding of cursus gevolgd, afgelopen twee jaar* niet (`training`)",
    ),
    (
        "llo.monitor.estimates('11', surveys={'nea': svy})",
        "the files here do not have the question *Needs training* (`need_training`)",
        "de bestanden hier hebben de vraag *Behoefte aan opleiding of cursus* niet (`need_training`)",
    ),
    (
        "llo.monitor.latest(svy, 'engaged')",
        "the files here do not have the question *Engaged (several times a week or daily)* (`engaged`)",
        "de bestanden hier hebben de vraag *Bevlogen (een paar keer per week of dagelijks)* niet (`engaged`)",
    ),
    (
        "llo.monitor.estimates('7', surveys={'nea': svy}, years=2022).contrast({'match:2022': 1, 'match:2014': -1})",
        "the files here hold no answers for it (`match:2014`)",
        "de bestanden hier hebben er geen antwoorden voor (`match:2014`)",
    ),
    (
        "llo.change('a', svy, time='year', base=2014)",
        "the files here hold one of the years only",
        "de bestanden hier hebben maar één van de jaren",
    ),
    (
        "llo.glm('a ~ same', svy.assign(same=lambda d: 1.0 + 0 * d['a']))",
        "the files here do not suffice to estimate it",
        "de bestanden hier zijn te klein om het te schatten",
    ),
    (
        "llo.stack({'nea': svy, 'zea': absent})",
        "there are no files of the ZEA here",
        "er zijn hier geen bestanden van de ZEA",
    ),
    (
        "llo.monitor.estimates('9', surveys=held)",
        "there are no files of the ZEA here",
        "er zijn hier geen bestanden van de ZEA",
    ),
    (
        "llo.load('zea', source='real')",
        "there are no files of the ZEA here",
        "er zijn hier geen bestanden van de ZEA",
    ),
    (
        "llo.load('nea', source='real', years=[2014, 2022])",
        "the files here hold no answers for it (`2014`)",
        "de bestanden hier hebben er geen antwoorden voor (`2014`)",
    ),
    (
        "llo.read_microdata('own.sav', instrument='nea')",
        "there is no file `own.sav`",
        "er is geen bestand `own.sav`",
    ),
    *(
        (
            f"llo.load('nea', source='real', columns=['year', '{name}'])",
            f"the files here do not have the question *{english}* (`{name}`)",
            f"de bestanden hier hebben de vraag *{dutch}* niet (`{name}`)",
        )
        for name, english, dutch in (
            ("need_training", "Needs training", "Behoefte aan opleiding of cursus"),
            ("hr3", "Career advice or guidance", "Loopbaanadvies of loopbaanbegeleiding"),
        )
    ),
]


@pytest.fixture(scope="module")
def names_of_kinds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """A survey of real files without most questions, and one of which there are no files."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "nea").mkdir()
    yearly.small_nea(2022).to_csv(folder / "nea" / "nea2022.csv", index=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LLO_DATA", str(folder))
        patch.chdir(folder)
        svy = llo.load("nea", source="real").assign(a="age >= 40")
        few = [name for name in svy.frame if name not in ("training", "training_code")]
        held = Held(nea=svy)
        held.absent = ("zea",)
        yield {"llo": llo, "svy": svy._with(frame=svy.frame[few]), "absent": Absent("zea"), "held": held}


@pytest.mark.parametrize(("source", "english", "dutch"), KINDS)
def test_each_kind_is_said_in_the_language_of_the_page(
    source: str, english: str, dutch: str, names_of_kinds: dict[str, Any]
) -> None:
    with pytest.raises(llo.LloError) as caught:
        exec(source, dict(names_of_kinds))
    found = reason(caught.value, {}) or absent_in(source, 1, names_of_kinds)
    assert found is not None
    assert told(found, "en").startswith(english) and told(found, "nl").startswith(dutch)
    gone = reason(NameError("x", name="x"), {"x": found})
    assert gone == found and told(gone, "en", "x").startswith(f"it is computed from `x`: {english}")


def test_one_wave_alone_has_its_year_in_its_label(names_of_kinds: dict[str, Any]) -> None:
    one = llo.monitor.estimates("high_autonomy", surveys={"nea": names_of_kinds["svy"]})
    assert one.labels == ("2022",) and llo.monitor.undated(one).labels == ("high_autonomy",)
    beside = llo.monitor.estimates("18", surveys=names_of_kinds["held"], years=range(2021, 2023))
    assert beside.labels == ("nea:2022",), "named by its survey where the other has no files"
    assert llo.monitor.estimates("18", surveys=names_of_kinds["held"], years=2022).labels == ("2022",), "no wave of ZEA"
    figure = llo.monitor.figure("18", surveys=names_of_kinds["held"], years=range(2021, 2023), language="en")
    assert "Without self-employed (ZEA): no files of these here." in figure.alt_text


@pytest.mark.parametrize(
    "source",
    ["llo.mean('strange', svy)", "svy.use_weights('sex')", "llo.mean('a', svy, by='year', interval='odd')"],
)
def test_what_is_no_matter_of_the_files_has_no_reason(source: str, names_of_kinds: dict[str, Any]) -> None:
    with pytest.raises(llo.LloError) as caught:
        exec(source, dict(names_of_kinds))
    assert reason(caught.value, {}) is None and absent_in(source, 1, names_of_kinds) is None


def test_what_the_library_says_of_files_stands_in_the_page(tmp_path: Path) -> None:
    warn = "import warnings\nfrom llo_research.errors import LloWarning\nwarnings.warn(LloWarning('without strata'))"
    assert _run(tmp_path, warn, tells="nl") == ["*Over de bestanden: `without strata`*"]


def test_on_synthetic_data_nothing_is_withheld(tmp_path: Path) -> None:
    with pytest.raises(LloError, match="The domain is empty"):
        _run(tmp_path, SURVEY, EMPTY, tells="")


def test_names_are_lost_from_the_statement_on_that_raised() -> None:
    assert names_from("a = 1\nb = (\n  2\n)\ndef f():\n    c = 3\nd = 4", 3) == {"b", "f", "d"}
    assert reason(NameError("x", name="x"), {"y": ("few", "")}) is None
    assert reason(llo.DataError("Another."), {}) is None


def test_a_survey_without_files_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    module = importlib.import_module("llo_research.monitor.surveys")
    nea = llo.synthetic("nea", years=2022, n=2000)
    monkeypatch.setattr(module, "has_files", lambda name: name == "nea")
    monkeypatch.setattr(module, "_years_here", lambda name, marks: (2022,))
    monkeypatch.setattr(module, "load_of", lambda edition, name, source: nea)
    found = llo.monitor.surveys("2023", source="real")
    assert isinstance(found, Held) and list(found) == ["nea"] and found.absent == ("zea", "wea")
    assert "No files of ZEA, WEA: left out" in repr(
        llo.monitor.opening(found, edition="2023", columns=["year"], language="en")
    )
    whole = llo.monitor.estimates("1", surveys={"nea": nea, "zea": found["zea"]})
    assert whole.labels == llo.monitor.estimates("1", surveys=found).labels
    with pytest.raises(llo.DataError, match="no files of the ZEA"):
        found["zea"].where("year == 2021")
    with pytest.raises(KeyError):
        found["roa"]
    assert isinstance(found["wea"], Absent)
    assert list(llo.monitor.surveys("2023", source="synthetic")) == ["nea", "zea", "wea"], "only of real files"


def test_published_figures_and_true_values_that_are_not_here_are_said(tmp_path: Path) -> None:
    """As in a sealed bundle: the folders are searched and nothing is found; any other error stops the chapter."""
    nowhere = "import pathlib, sys\nfrom llo_research.data import published_files, truth\n"
    nowhere += "published_files.FILES = ('gone.csv',)\n"
    nowhere += "sys.modules[truth.__module__].folder = lambda: pathlib.Path('nowhere')"
    cells = (SURVEY, nowhere, "book = llo.published()", "book", "llo.truth('nea')", "svy.frame.shape")
    shown = _run(tmp_path, *cells, whole=True)
    figures = "the published figures, which come in a zip of their own"
    assert shown[2:] == [
        f"*Not here: {figures}.*",
        f"*Not here: it is computed from `book`: {figures}.*",
        "*Not here: the true values of the invented population, which come in a zip of their own.*",
        "(40, 3)",
    ]
    assert _run(tmp_path, *cells, tells="nl", lacking="2026")[2].startswith("*Hier niet: de gepubliceerde cijfers")
    assert _run(tmp_path, *cells)[2] == shown[2], "of real files as well"
    for other in ("llo.mean('a', svy.where('year == 2014'))", "unknown"):
        with pytest.raises(LloError, match="stopped in code cell 2"):
            _run(tmp_path, SURVEY, other, whole=True)
