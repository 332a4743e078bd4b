"""A site of exported results: of their files alone, in both languages, with what is withheld said and not shown."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research import cli
from llo_research.monitor.exported import build_exported, read_exports
from llo_research.monitor.site import exported_pages
from tests.monitor.conftest import ROOT

SECRET = 7  # people in the smallest cell


def survey(folder: Path) -> llo.Survey:
    """Somebody's own, restricted file; one sector has few people."""
    rng = np.random.default_rng(3)
    sector = np.repeat(["A", "B", "C", "D"], [SECRET, 61, 160, 240])
    frame = pd.DataFrame(
        {"sector": sector, "trained": rng.integers(0, 2, len(sector)), "w": rng.uniform(1, 3, len(sector))}
    )
    frame["region"] = frame["sector"].map({"A": 1, "B": 2, "C": 3, "D": 4}).astype(float)
    pyreadstat = pytest.importorskip("pyreadstat")
    labels = {"region": {1: "North", 2: "East", 3: "South", 4: "West"}}
    pyreadstat.write_sav(frame, folder / "own.sav", variable_value_labels=labels)
    return llo.read_file(folder / "own.sav", weights="w")


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, llo.Result]:
    svy = survey(tmp_path_factory.mktemp("own"))
    return {
        "trained_by_sector": llo.mean("trained", svy, by="sector"),
        "trained_by_region": llo.mean("trained", svy, by="region"),
        "gap": llo.gap("trained", svy, group="sector", of="C", minus="D"),
    }


@pytest.fixture(scope="module")
def release(results: dict[str, llo.Result], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What left: without the folder that stays inside."""
    folder = llo.report.export(results, tmp_path_factory.mktemp("out") / "release")
    shutil.rmtree(folder / "control")
    return folder


@pytest.mark.parametrize("language", ["nl", "en"])
def test_each_result_has_a_page_that_says_what_is_withheld(release: Path, language: str) -> None:
    made = exported_pages.pages(ROOT, read_exports([release]), language)
    page, named = str(made["results/trained_by_sector.md"]), str(made["results/trained_by_region.md"])
    said = {
        "nl": (r"\nAfgeschermde rijen met een naam", r"Afgeschermd: \d van \d rijen\.", "profiel cbs, niet bevestigd"),
        "en": (r"\nWithheld rows with a name", r"Withheld: \d of \d rows\.", "profile cbs, unconfirmed"),
    }
    others, rows, profile = said[language]
    assert re.search(others, page) and profile in page
    assert re.search(rows, named) and {"nl": "afgeschermd", "en": "withheld"}[language] in named
    assert '<figure class="llo-figure' in page and "<table" in page and "llo-receipt" in page
    assert {"index.md", "results.md", "tables.md", "results/gap.md"} <= set(made)
    assert "trained_by_sector" in str(made["results.md"])


def test_no_page_or_file_tells_a_withheld_number(release: Path, results: dict[str, llo.Result]) -> None:
    """Neither the estimate, nor its ends, nor the count of the small cell."""
    made = exported_pages.pages(ROOT, read_exports([release]), "en")
    rows = results["trained_by_sector"].to_frame()
    small = rows[rows["n"] == SECRET].iloc[0]
    everything = "\n".join(text for name, text in made.items() if isinstance(text, str))
    for name in ("estimate", "conf_low", "conf_high", "std_error"):
        digits = f"{100 * small[name]:.1f}"
        assert not re.search(
            rf"(?<![\d.]){re.escape(digits)}(?!\d)", re.sub(r"<svg.*?</svg>", "", everything, flags=re.S)
        )
        assert f"{small[name]:.6f}"[:8] not in everything
    assert not re.search(rf"<td[^>]*>{SECRET}</td>", everything)


def test_a_profile_that_was_dated_says_when(release: Path, tmp_path: Path) -> None:
    other = tmp_path / "release"
    shutil.copytree(release, other)
    file = other / "gap.json"
    text = file.read_text(encoding="utf-8")
    assert '"confirmed": ""' in text
    file.write_text(text.replace('"confirmed": ""', '"confirmed": "2026-11-02"'), encoding="utf-8")
    page = str(exported_pages.pages(ROOT, read_exports([other]), "nl")["results/gap.md"])
    assert "nagegaan op 2 november 2026" in page


def test_files_of_one_name_in_two_exports_both_have_a_page(release: Path) -> None:
    names = ["gap", "trained_by_region", "trained_by_sector"]
    assert list(read_exports([release, release])) == [*names, *(f"{name}_2" for name in names)]


def test_what_was_saved_and_not_exported_is_refused(results: dict[str, llo.Result], tmp_path: Path) -> None:
    results["gap"].save(tmp_path / "gap")
    with pytest.raises(llo.DataError, match="was not exported"):
        read_exports([tmp_path])
    with pytest.raises(llo.DataError, match="no export here"):
        read_exports([tmp_path / "nothing"])


def test_the_command_takes_folders_and_nothing_that_asks_for_data(
    release: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    for more in (["--source", "real"], ["--edition", "2025"]):
        assert cli.main(["monitor", "--quiet", "--exported", str(release), *more]) == cli.WRONG
    assert "computes nothing" in capsys.readouterr().err


@pytest.mark.slow
def test_the_site_is_built_in_both_languages_and_needs_nothing_else(release: Path, tmp_path: Path) -> None:
    pytest.importorskip("sphinx")
    for name in ("docs", "CITATION.cff"):
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copyfile)(ROOT / name, tmp_path / name)
    index = build_exported(tmp_path, [release])
    pages = {path.relative_to(index.parent).as_posix() for path in index.parent.rglob("*.html")}
    assert {"index.html", "en/index.html", "results/gap.html", "en/results/gap.html", "tables.html"} <= pages
    for path in index.parent.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r'(?:src|href)="https?://[^"]*\.(?:js|css|woff2?|png|svg)', text), path
        for target in re.findall(r'href="([^"#:?]+\.html)', text):
            assert (path.parent / target).is_file(), f"{path.name}: {target}"
