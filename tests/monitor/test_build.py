"""Proves that the monitor does nothing twice, goes on without data or internet, and says what was not verified."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llo_research.data import fetch
from llo_research.errors import DataError, LloError
from llo_research.monitor import build, rendering
from llo_research.monitor.notebooks.twin_file import path_of_twin, stamp_of
from llo_research.monitor.site.site import Rendered
from tests.data import yearly

PIAAC = {"source_class": "public", "needs_one_of": ["piaac/prgnldp1.csv"], "obtain": "Fetch it."}


class Made:
    """What was executed, built and fetched, in place of doing it."""

    def __init__(self) -> None:
        self.executed: list[str] = []
        self.told: list[str] = []
        self.sites: list[dict[str, list[Rendered]]] = []
        self.fetched: list[tuple[str, int]] = []

    def execute(self, path: Path, root: Path, parameters: dict[str, str], receipts: Path) -> dict[str, Any]:
        self.executed.append(path.stem if parameters["language"] == "en" else f"{path.stem} nl")
        self.told.append(parameters["source"])
        notebook: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return notebook

    def build_site(
        self, root: Path, rendered: dict[str, list[Rendered]], sources: Path, site: Path, *, address: str
    ) -> list[str]:
        self.sites.append(rendered)
        site.mkdir(parents=True, exist_ok=True)
        (site / "index.html").write_text("site", encoding="utf-8")
        return []

    def offline(self, country: str, cycle: int, **_: Any) -> Path:
        self.fetched.append((country, cycle))
        raise DataError("The server cannot be reached.", found="no route")


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Made:
    made = Made()
    monkeypatch.setattr(build, "execute", made.execute)
    monkeypatch.setattr(rendering, "execute", made.execute)
    monkeypatch.setattr(build, "build_site", made.build_site)
    monkeypatch.setattr(fetch, "fetch_piaac", made.offline)
    return made


def test_nothing_is_done_twice(project: Path, notebook: Callable[..., Path], made: Made) -> None:
    notebook("09_published_figures", [("code", "1")])
    index = build.build_monitor(project)
    assert index == project / "build" / "site" / "index.html"
    assert build.build_monitor(project) == index
    assert (made.executed, len(made.sites)) == (["09_published_figures"], 1)

    notebook("09_published_figures", [("code", "2")])
    build.build_monitor(project)
    assert (len(made.executed), len(made.sites)) == (2, 2)

    (project / "docs" / "page.md").write_text("# New", encoding="utf-8")
    build.build_monitor(project)
    assert (len(made.executed), len(made.sites)) == (2, 3)

    (project / "build" / "notebooks" / "09_published_figures.ipynb").write_text("{", encoding="utf-8")
    index.unlink()
    build.build_monitor(project)
    assert (len(made.executed), len(made.sites)) == (3, 4)


def test_another_citation_or_data_file_makes_the_site_anew(
    project: Path, notebook: Callable[..., Path], made: Made, capsys: pytest.CaptureFixture[str]
) -> None:
    data = project / "data_raw" / "piaac" / "prgnldp1.csv"
    for path in (data, project / "CITATION.cff"):
        path.parent.mkdir(exist_ok=True)
        path.write_text("1", encoding="utf-8")
    notebook("08", [("code", "1")], source_class="public", needs_one_of=["piaac/prgnldp1.csv"], obtain="OECD.")
    build.build_monitor(project, offline=True)
    for path, what in ((project / "CITATION.cff", "the citation"), (data, "the data")):
        path.write_text("2", encoding="utf-8")
        capsys.readouterr()
        build.build_monitor(project, offline=True)
        assert f"site: building ({what})" in capsys.readouterr().out
    assert len(made.sites) == 3


TWIN = "<!-- cell-02 {} -->\nHallo\n"
HELLO = [("code", 'language = "en"', ["parameters"]), ("markdown", "Hello"), ("code", "1")]


def with_twin(path: Path) -> Path:
    """The notebook with a twin that fits."""
    twin = path_of_twin(path)
    twin.parent.mkdir(exist_ok=True)
    twin.write_text(TWIN.format(stamp_of({"source": "Hello"})), encoding="utf-8")
    return twin


def test_both_languages_are_built_and_nothing_twice(
    project: Path, notebook: Callable[..., Path], made: Made, capsys: pytest.CaptureFixture[str]
) -> None:
    twin = with_twin(notebook("09_published_figures", HELLO))
    notebook("08_netherlands_in_piaac", [("code", "1")])
    index = build.build_monitor(project)
    assert index == project / "build" / "site" / "index.html"
    first = ["08_netherlands_in_piaac", "09_published_figures", "09_published_figures nl"]
    assert sorted(made.executed) == first
    shown = {language: [(one.about.name, one.language) for one in of] for language, of in made.sites[0].items()}
    assert shown == {"nl": [(first[0], "en"), (first[1], "")], "en": [(first[0], ""), (first[1], "")]}
    assert [one.about.language for one in made.sites[0]["nl"]] == ["en", "nl"]
    assert f"{first[0]}: in English only: {first[0]} has no Dutch twin." in capsys.readouterr().out

    build.build_monitor(project)
    assert (len(made.executed), len(made.sites)) == (3, 1)
    twin.write_text(twin.read_text(encoding="utf-8").replace("Hallo", "Dag"), encoding="utf-8")
    build.build_monitor(project)
    assert (made.executed[3:], len(made.sites)) == (["09_published_figures nl"], 1), "the fake shows no prose"
    assert "its Dutch twin" in capsys.readouterr().out
    notebook("09_published_figures", [*HELLO[:1], ("markdown", "Hello you"), HELLO[2]])
    build.build_monitor(project)
    assert made.executed[4:] == ["09_published_figures"]
    assert "its English changed" in capsys.readouterr().out
    assert [one.language for one in made.sites[-1]["nl"]] == ["en", "en"]


def test_one_language_has_a_site_of_its_own(project: Path, notebook: Callable[..., Path], made: Made) -> None:
    with_twin(notebook("09_published_figures", HELLO))
    folder = project / "build" / "2023"
    assert build.build_monitor(project, language="en") == folder / "en" / "real" / "site" / "index.html"
    assert build.build_monitor(project, language="nl") == folder / "nl" / "real" / "site" / "index.html"
    assert [list(site) for site in made.sites] == [["en"], ["nl"]]
    build.build_monitor(project)
    assert len(made.executed) == 2, "chapters made for one language are those of both"


def test_two_run_together_and_progress_counts_them_as_they_are_ready(
    project: Path, notebook: Callable[..., Path], made: Made, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    for name in ("08_netherlands_in_piaac", "09_published_figures"):
        with_twin(notebook(name, HELLO))
    arrived = threading.Event()

    def execute(path: Path, root: Path, parameters: dict[str, str], receipts: Path) -> dict[str, Any]:
        is_first = (path.stem[:2], parameters["language"]) == ("08", "nl")
        assert arrived.wait(60) if is_first else not arrived.set()  # the first waits for another: they run together
        return made.execute(path, root, parameters, receipts)

    monkeypatch.setattr(rendering, "execute", execute)
    monkeypatch.setattr(rendering.os, "cpu_count", lambda: 2)
    with caplog.at_level("INFO", logger="llo_research.progress"):
        build.build_monitor(project)
    events = [record.msg for record in caplog.records]
    done = [event for event in events if event.work == "chapters" and not event.begins]
    assert [(event.done, event.total) for event in done] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    names = ["08_netherlands_in_piaac", "09_published_figures"]
    assert {event.step for event in done} == {f"{name} ({language})" for name in names for language in ("nl", "en")}


def test_a_notebook_that_stopped_is_executed_again(
    project: Path, notebook: Callable[..., Path], made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook("09_published_figures", [("code", "1")])
    build.build_monitor(project)

    def stop(*_: Any) -> None:
        raise LloError("Notebook 09 stopped in code cell 1.")

    notebook("09_published_figures", [("code", "2")])
    with monkeypatch.context() as context, pytest.raises(LloError, match="code cell 1"):
        context.setattr(rendering, "execute", stop)
        build.build_monitor(project)
    build.build_monitor(project)
    assert len(made.executed) == 2


def test_without_their_data_chapters_are_shown_as_committed_and_one_file_is_asked_for_once(
    project: Path, notebook: Callable[..., Path], made: Made, capsys: pytest.CaptureFixture[str]
) -> None:
    notebook("05_drivers_of_informal_learning", [("code", "1")], **PIAAC)
    notebook("08_netherlands_in_piaac", [("code", "1")], **PIAAC)
    build.build_monitor(project)
    said = capsys.readouterr().out
    assert made.fetched == [("nld", 1)]
    assert "05_drivers_of_informal_learning, 08_netherlands_in_piaac: fetching an open data file (piaac, nld" in said
    assert "not fetched, going on without it. The server cannot be reached. (no route)" in said
    assert "NOT VERIFIED: 08_netherlands_in_piaac" in said
    assert "Fetch it." in said
    assert made.executed == []
    assert "Fetch it." in made.sites[0]["en"][0].not_verified


def test_offline_fetches_nothing(project: Path, notebook: Callable[..., Path], made: Made) -> None:
    notebook("08_netherlands_in_piaac", [("code", "1")], **PIAAC)
    build.build_monitor(project, offline=True)
    assert made.fetched == []


def test_data_that_arrive_are_used(project: Path, notebook: Callable[..., Path], made: Made) -> None:
    notebook("08_netherlands_in_piaac", [("code", "1")], **PIAAC)
    build.build_monitor(project, offline=True)
    file = project / "data_raw" / "piaac" / "prgnldp1.csv"
    file.parent.mkdir()
    file.write_text("1", encoding="utf-8")
    build.build_monitor(project)
    assert made.fetched == []
    assert made.executed == ["08_netherlands_in_piaac"]
    assert made.sites[-1]["en"][0].not_verified == ""


def test_other_combinations_go_elsewhere(project: Path, notebook: Callable[..., Path], made: Made) -> None:
    path = notebook("09_published_figures", [("code", "1")])
    index = build.build_monitor(project, edition="2025", language="nl")
    assert index == project / "build" / "2025" / "nl" / "real" / "site" / "index.html"
    assert build.build_monitor(project, edition="2025") == project / "build" / "2025" / "site" / "index.html"
    before = path.read_bytes()
    other = build.build_chapter(project, "09_published_figures", language="nl")
    assert other == project / "build" / "2023" / "nl" / "real" / "notebooks" / "09_published_figures.ipynb"
    assert path.read_bytes() == before


def test_each_chapter_has_its_own_source_and_real_files_are_asked_for(
    project: Path, notebook: Callable[..., Path], made: Made
) -> None:
    method = notebook("06m_changing_gaps_method", [("code", "source = 1")], source_class="synthetic")
    notebook("09_published_figures", [("code", "1")])
    build.build_monitor(project)
    assert build.build_chapter(project, method.stem) == build.build_chapter(project, method.stem, source="synthetic")
    before = method.read_bytes()
    later = build.build_chapter(project, method.stem, edition="2025")
    assert later.relative_to(project).parts[:4] == ("build", "2025", "en", "synthetic"), "named by its source"
    restricted = build.build_chapter(project, method.stem, source="real")
    folder = project / "build" / "restricted" / "2023" / "en" / "real"
    assert restricted == folder / "notebooks" / "06m_changing_gaps_method.ipynb"
    assert method.read_bytes() == before
    assert list(zip(made.executed, made.told, strict=True)) == [
        ("06m_changing_gaps_method", "synthetic"),
        ("09_published_figures", "real"),
        *[("06m_changing_gaps_method", told) for told in ("synthetic", "synthetic", "synthetic", "real")],
    ]
    with pytest.raises(DataError, match="00_data_and_method with source 'real' is not built yet"):
        build.build_chapter(project, "00_data_and_method", source="real")


@pytest.mark.parametrize("choice", [{"source": "synthetic"}])
def test_what_would_change_nothing_is_not_built_yet(
    project: Path, notebook: Callable[..., Path], made: Made, choice: dict[str, str]
) -> None:
    notebook("09_published_figures", [("code", "1")])
    with pytest.raises(DataError, match="is not built yet"):
        build.build_monitor(project, **choice)
    with pytest.raises(DataError, match="is not built yet"):
        build.build_chapter(project, "09_published_figures", **choice)
    assert (made.executed, made.sites) == ([], [])


def test_a_chapter_is_saved_in_place(project: Path, notebook: Callable[..., Path], made: Made) -> None:
    path = notebook("09_published_figures", [("code", "1")])
    assert build.build_chapter(project, "09_published_figures.ipynb") == path
    build.build_monitor(project)
    assert made.executed == ["09_published_figures"], "the monitor takes what the chapter made"
    dutch = build.build_chapter(project, "09_published_figures", language="nl")
    assert dutch == project / "build" / "2023" / "nl" / "real" / "notebooks" / path.name


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        ({"edition": "2024"}, "2022-1, 2022-2, 2023, 2025"),
        ({"language": "de"}, "nl, en"),
        ({"source": "all"}, "real, synthetic"),
    ],
)
def test_options_are_checked(project: Path, choice: dict[str, str], said: str) -> None:
    with pytest.raises(DataError, match=said):
        build.build_monitor(project, **choice)
    with pytest.raises(DataError, match=said):
        build.build_chapter(project, "09", **choice)


def test_an_unknown_chapter_is_refused(project: Path, notebook: Callable[..., Path]) -> None:
    notebook("09_published_figures", [("code", "1")])
    with pytest.raises(DataError, match=r"no notebook 10_more[\s\S]*09_published_figures"):
        build.build_chapter(project, "10_more")
    with pytest.raises(DataError, match=r"no notebook 9\.[\s\S]*'9'; did you mean '09_published_figures'"):
        build.build_chapter(project, "9")


def test_the_whole_monitor_on_somebodys_own_files(
    project: Path, notebook: Callable[..., Path], made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("00_data_and_method", "02_learning_behaviour", "09_published_figures"):
        notebook(name, [("code", "1")])
    (project / "data_raw" / "nea").mkdir(parents=True)
    with pytest.raises(DataError, match="No file of Netherlands Working Conditions Survey"):
        build.build_monitor(project, language="en", source="real")
    assert (made.executed, made.sites) == ([], []), "nothing is built of what is not there"

    own = project / "data_raw" / "nea" / "nea2022.csv"
    yearly.small_nea(2022).to_csv(own, index=False)
    monkeypatch.delenv("LLO_DATA", raising=False)
    monkeypatch.chdir(project)
    folder = project / "build" / "restricted" / "2023"
    assert build.build_monitor(project, language="en", source="real") == folder / "en" / "real" / "site" / "index.html"
    assert sorted(zip(made.executed, made.told, strict=True)) == [
        ("00_data_and_method", "synthetic"),
        ("02_learning_behaviour", "real"),
        ("09_published_figures", "real"),
    ]
    kinds = {one.about.name[:2]: one.about.source_class for one in made.sites[0]["en"]}
    assert kinds["02"] == "restricted" and kinds["09"] != "restricted" and kinds["00"] != "restricted"
    inside = sorted(path.relative_to(project).parts[:2] for path in (project / "build").rglob("*.*"))
    assert {parts[1] for parts in inside} == {"restricted"}, "nothing of it lies elsewhere"

    build.build_monitor(project, language="en", source="real")
    assert len(made.executed) == 3, "nothing twice"
    yearly.small_nea(2022, rows=250).to_csv(own, index=False)
    build.build_monitor(project, language="en", source="real")
    assert made.executed[3:] == ["02_learning_behaviour"], "another file"
    assert build.build_monitor(project, language=None, source="real") == folder / "site" / "index.html"
    build.build_monitor(project, language="en")
    assert made.told[-3:].count("synthetic") == 2, "without it each chapter has its own source"
