"""Proves that each guard sees what is planted in a copy of a real notebook or file, and says where."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import llo_research as llo
from llo_research.monitor.notebooks.execute import differences
from llo_research.monitor.notebooks.normalise import normalised
from llo_research.report.figures.bundle import MIME
from tests.data import yearly
from tests.house.notebook_rules import problems
from tests.monitor import guards
from tests.monitor.conftest import ROOT
from tests.monitor.test_guards import ALLOWED, read

CHAPTER = ROOT / "notebooks" / "08_netherlands_in_piaac.ipynb"
Notebook = dict[str, Any]


@pytest.fixture
def chapter() -> Notebook:
    return read(CHAPTER)


def shows(cell: Notebook, kind: str) -> bool:
    return any(kind in output.get("data", {}) for output in cell.get("outputs", []))


def first(notebook: Notebook, fits: Callable[[Notebook], bool]) -> Notebook:
    return next(cell for cell in notebook["cells"] if fits(cell))


def is_finding(cell: Notebook) -> bool:
    return "finding" in cell["metadata"].get("tags", [])


def is_against(cell: Notebook) -> bool:
    """A finding that sets two of its numbers against each other."""
    marked = is_finding(cell) and shows(cell, "text/markdown")
    return marked and " against" in "".join(cell["outputs"][0]["data"]["text/markdown"])


def changed_finding(notebook: Notebook, pattern: str, put: str) -> None:
    data = first(notebook, is_against)["outputs"][0]["data"]
    text = "".join(data["text/markdown"])
    new, count = re.subn(pattern, put, text, count=1)
    assert count == 1 and new != text
    data["text/markdown"] = new.splitlines(keepends=True)


def two_figures(notebook: Notebook) -> list[Notebook]:
    shown = [cell["outputs"] for cell in notebook["cells"] if shows(cell, MIME)]
    return [next(one for one in outputs if MIME in one["data"]) for outputs in shown[:2]]


def swap(notebook: Notebook, *kinds: str) -> None:
    one, other = (output["data"] for output in two_figures(notebook))
    for kind in kinds:
        one[kind], other[kind] = other[kind], one[kind]


def prose_cell(notebook: Notebook, text: str) -> None:
    cell = next(cell for cell in notebook["cells"] if cell["cell_type"] == "markdown")
    cell["source"] = [*cell["source"], text]


def finding_in_prose(notebook: Notebook) -> None:
    cell = first(notebook, is_against)
    said = "".join(cell["outputs"][0]["data"]["text/markdown"])
    cell.update({"cell_type": "markdown", "source": said, "outputs": []})


def number_in_rows(notebook: Notebook) -> None:
    told = two_figures(notebook)[0]["data"][MIME]
    told["rows"] = re.sub(r"(\d\d\.\d)(\d)", r"\g<1>9\2", told["rows"], count=1)


def code(notebook: Notebook, put: str) -> None:
    cell = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"][3]
    cell["source"] = [f"{put}\n", *cell["source"]]


PLANTED: dict[str, tuple[Callable[[Notebook], None], Callable[[Notebook], Any], str]] = {
    "a sentence that states a direction by itself": (
        lambda nb: prose_cell(nb, "\n**Flexible workers train more often than permanent staff.**"),
        lambda nb: guards.typed(nb, ALLOWED[CHAPTER.stem]),
        "a direction is typed: Flexible workers train more often than permanent staff.",
    ),
    "the same in a template": (
        lambda nb: code(nb, 'told = "**Flexible workers train less often than permanent staff do.**"'),
        lambda nb: guards.typed(nb, ALLOWED[CHAPTER.stem]),
        "a direction is typed: Flexible workers train less often",
    ),
    "an estimate in prose": (
        lambda nb: prose_cell(nb, " Of the highly educated 73.3 % train."),
        lambda nb: guards.typed(nb, ALLOWED[CHAPTER.stem]),
        "an estimate is typed: ...Of the highly educated 73.3 % train....",
    ),
    "an estimate in words": (
        lambda nb: prose_cell(nb, " They train half as often."),
        lambda nb: guards.typed(nb, ALLOWED[CHAPTER.stem]),
        "They train half as often.",
    ),
    "an estimate in a title": (
        lambda nb: code(nb, 'title = "Permanent staff train with 76.6 % most of all"'),
        lambda nb: guards.typed(nb, ALLOWED[CHAPTER.stem]),
        "an estimate is typed: ...Permanent staff train with 76.6 % most of all",
    ),
    "two pictures swapped": (
        lambda nb: swap(nb, "image/svg+xml"),
        guards.pictures,
        "the picture shows other numbers",
    ),
    "two pictures swapped with their words": (
        lambda nb: swap(nb, "image/svg+xml", "text/plain"),
        guards.pictures,
        "the words of the picture are not those beside it",
    ),
    "two pictures swapped with all that is in them": (
        lambda nb: swap(nb, "image/svg+xml", "text/plain", MIME),
        guards.pictures,
        "the rows of the figure",
    ),
    "a number in the rows of a figure": (number_in_rows, guards.pictures, "are not the numbers that it says it shows"),
    "a finding turned round": (
        lambda nb: changed_finding(nb, r"\bmore often\b", "less often"),
        guards.findings,
        "the finding says less, and",
    ),
    "a finding with a number of its own": (
        lambda nb: changed_finding(nb, r"\d+\.\d%", "61.7%"),
        guards.findings,
        "the finding says 61.7%, which its figure does not show",
    ),
    "a finding whose outputs are gone": (
        lambda nb: first(nb, is_against).update({"outputs": []}),
        guards.findings,
        "a finding that shows nothing",
    ),
    "a figure of a finding whose outputs are gone": (
        lambda nb: first(nb, lambda cell: is_finding(cell) and shows(cell, MIME)).update({"outputs": []}),
        guards.findings,
        "a finding that shows nothing",
    ),
    "a finding that is typed": (finding_in_prose, guards.findings, "a finding is typed"),
    "a finding without its figure": (
        lambda nb: nb["cells"].__delitem__(slice(nb["cells"].index(first(nb, is_against)) + 1, None)),
        guards.findings,
        "a finding without a figure after it",
    ),
    "a magic": (lambda nb: code(nb, "%matplotlib inline"), guards.magics, "%matplotlib inline"),
    "a command of the system": (lambda nb: code(nb, "!pip list"), guards.magics, "!pip list"),
    "a figure that has no hash": (
        lambda nb: [one["data"].pop(MIME) and one["metadata"].pop("llo") for one in two_figures(nb)],
        guards.pictures,
        "a figure without the hash of its numbers",
    ),
}


@pytest.mark.parametrize("change", PLANTED)
def test_what_is_planted_is_found(chapter: Notebook, change: str) -> None:
    plant, guard, said = PLANTED[change]
    before = list(guard(chapter))
    plant(chapter)
    found = [one for one in guard(chapter) if one not in before]
    assert found and any(said in one for one in found), found
    assert all(re.match(r"cell-\w+: ", one) for one in found), "each says where"


LOST = {"their tags": {"metadata": {}}, "their outputs": {"outputs": []}}


@pytest.mark.parametrize("change", LOST)
def test_findings_that_left_the_front_page_are_found(chapter: Notebook, change: str) -> None:
    names = ("05_drivers_of_informal_learning", "09_published_figures")
    told = {"08": chapter} | {name[:2]: read(ROOT / "notebooks" / f"{name}.ipynb") for name in names}
    assert list(guards.front_page(told)) == []
    for cell in filter(is_finding, chapter["cells"]):
        cell.update(LOST[change])
    assert list(guards.front_page(told)) == [
        "the front page has 2 findings, expected at least 5: 05 1, 08 0, 09 1",
    ]


def test_a_number_or_a_word_of_an_output_is_found_when_it_is_executed(chapter: Notebook) -> None:
    """What nbval and ``llo monitor`` compare: a table's number, a sentence's direction."""
    cells = [cell for cell in chapter["cells"] if cell["cell_type"] == "code"]
    planted = copy.deepcopy(chapter)
    copies = [cell for cell in planted["cells"] if cell["cell_type"] == "code"]
    at, turned = (
        next(k for k, cell in enumerate(cells) if re.search(pattern, json.dumps(shown_text(cell))))
        for pattern in (r"\d\d\.\d", r"\bless often\b")
    )
    for k, pattern, put in ((at, r"(\d)(\d\.\d)", r"9\2"), (turned, r"\bless often\b", "more often")):
        data = next(output["data"] for output in copies[k]["outputs"] if "text/plain" in output.get("data", {}))
        data["text/plain"] = re.sub(pattern, put, "".join(data["text/plain"]), count=1)
    assert differences(chapter, chapter) == []
    assert differences(chapter, planted) == sorted({at + 1, turned + 1})


def shown_text(cell: Notebook) -> list[str]:
    return ["".join(output.get("data", {}).get("text/plain", "")) for output in cell.get("outputs", [])]


def test_an_unexecuted_cell_is_found(chapter: Notebook, tmp_path: Path) -> None:
    cell = [cell for cell in chapter["cells"] if cell["cell_type"] == "code"][5]
    cell.update({"execution_count": None, "outputs": []})
    path = tmp_path / CHAPTER.name
    path.write_text(json.dumps(chapter), encoding="utf-8")
    assert "cell 6: ran as number None, expected 6: run it from the top" in problems(path)


def test_a_stale_twin_is_found(chapter: Notebook) -> None:
    twins = import_module("llo_research.monitor.notebooks.twins")
    notebook = normalised(chapter)
    twin = twins.drafted(notebook, twins.Twin())
    before = twins.faults(notebook, twin)
    prose_cell(notebook, " And one thing that the twin does not say.")
    found, *_ = [one for one in twins.faults(notebook, twin) if one not in before]
    assert found.startswith("cell-01") and "its English changed since it was translated" in found


RESTRICTED = {
    "the numbers of an edition on real files": (
        "notebooks/editions/2023.json",
        lambda text: text.replace('"source": "synthetic"', '"source": "real"'),
        "2023.json: its numbers are of real files",
    ),
    "a notebook that reads real files": (
        "notebooks/02_learning_behaviour.ipynb",
        lambda text: text.replace('source = \\"synthetic\\"', 'source = \\"real\\"'),
        "reads real files",
    ),
    "a notebook that shows restricted data": (
        "notebooks/02_learning_behaviour.ipynb",
        lambda text: text.replace("Data: synthetic data", "Data: restricted data"),
        "says that its data are restricted",
    ),
}


@pytest.mark.parametrize("change", RESTRICTED)
def test_a_tracked_output_of_restricted_files_is_found(change: str) -> None:
    name, plant, said = RESTRICTED[change]
    text = (ROOT / name).read_text(encoding="utf-8")
    assert list(guards.restricted(name, text)) == []
    assert plant(text) != text
    assert any(said in one for one in guards.restricted(name, plant(text)))
    assert any("a folder of what was made" in one for one in guards.restricted(f"build/restricted/{name}", text))


@pytest.fixture(scope="module")
def stray(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Files that this library writes of restricted data, as they may be copied to anywhere."""
    folder = tmp_path_factory.mktemp("stray")
    frame = yearly.small_nea(2019)
    frame.to_csv(folder / "nea2019.csv", index=False)
    svy = llo.read_microdata(folder / "nea2019.csv", instrument="nea")
    trained = llo.mean("training", svy, by="year")
    trained.save(folder / "result")
    (folder / "table.html").write_text(llo.report.table(trained, language="en").to_html())
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nea2019.csv", "the file of a restricted instrument"),
        ("result.csv", "says that its data are restricted"),
        ("result.json", "is the result of restricted files"),
        ("table.html", "says that its data are restricted"),
    ],
)
def test_a_stray_file_says_itself_that_it_is_restricted(stray: dict[str, str], name: str, said: str) -> None:
    for place in ("tests/reference", "docs/_static", "notebooks"):
        found = list(guards.restricted(f"{place}/{name}", stray[name]))
        assert any(said in one for one in found), found


@pytest.mark.parametrize("name", ["docs/numbers.csv", "data_processed/nea.csv", "export.xlsx", "notebooks/out.sav"])
def test_a_table_where_none_is_tracked_is_found_whatever_it_holds(name: str) -> None:
    assert [one for one in guards.restricted(name, "a,b\n1,2\n") if "where none is tracked" in one]
    assert not list(guards.restricted("tests/reference/numbers.csv", "training,estimate\n1,2\n"))


def test_a_cell_that_only_some_editions_can_show_is_found(chapter: Notebook) -> None:
    module = import_module("llo_research.monitor.editions")
    planted = copy.deepcopy(chapter)
    code(planted, 'beside(["1", "6"]); draw("2")')
    found = list(guards.editions(planted, module.edition_of("2022-1")))
    assert [one.partition(": ")[2] for one in found] == [
        "needs the tag 'needs published 1', which 2022-1 lacks",
        "needs the tag 'needs published 6', which 2022-1 lacks",
        "shows figure 2, which is not available in 2022-1, and has no tag",
    ]
    assert list(guards.editions(planted, module.edition_of("2025"))) == []
    assert list(guards.editions(chapter, module.edition_of("2022-1"))) == []


def test_a_number_of_an_edition_is_found() -> None:
    module = import_module("llo_research.monitor.edition_numbers")
    told = read(ROOT / "notebooks" / "editions" / "2025.json")
    other = copy.deepcopy(told)
    other["figures"]["1"]["rows"]["nea:2024:training"]["estimate"] += 0.001
    (found,) = module.differences(other, told)
    assert found.startswith("edition 2025, figure 1, nea:2024:training, estimate: ")
