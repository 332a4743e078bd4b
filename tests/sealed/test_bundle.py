"""Proves what a bundle holds: sound wheels, notes with commands and licences, nothing statistical, the same bytes."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import tomllib
import zipfile
from email import message_from_string
from pathlib import Path

import pytest

from llo_research.errors import DataError
from llo_research.sealed.bundle import LEFT_OUT, bundle, roots_of
from llo_research.sealed.notes import COLUMNS, NOT_TOLD
from llo_research.sealed.own_files import FIGURES, of_figures, of_package, of_project, statistical, without_outputs
from llo_research.sealed.standards import Requirement
from llo_research.sealed.wheels import LONGEST
from tests.sealed.made_up import lock, nothing, wheel

NUMBERS = ("numpy", "pandas", "scipy")
ADDRESS = b"://"


@pytest.fixture
def project(root: Path, tmp_path: Path) -> Path:
    """A small project with our own pyproject.toml, whose wheels lie there already; in a path with a space."""
    own = tmp_path / "a project"
    wheels = own / "build" / "bundle" / "wheels" / "win_amd64-cp311"
    needs = {"numpy": [], "pandas": ["numpy>=1.26", "tzdata; sys_platform == 'win32'"], "scipy": ["numpy"]}
    made = [wheel(wheels, name, "9.0", "cp311-cp311-win_amd64", need) for name, need in needs.items()]
    made.append(wheel(wheels, "tzdata", "2026.1", told=["Summary: Zones, see https://example.org/zones"]))
    for folder in ("llo_research/console", "data_raw/published", "data_raw/synthetic"):
        (own / folder).mkdir(parents=True)
    for name in ("pyproject.toml", "LICENSE", "llo_research/__init__.py", "data_raw/synthetic/nea.toml"):
        (own / name).write_bytes((root / name).read_bytes())
    (own / "data_raw/published/figures.csv").write_text("series,value\na,1\n", encoding="utf-8")
    (own / "data_raw/synthetic/nea_truth.csv.gz").write_bytes(b"\x1f\x8b")
    text = "".join(pin.line(pin.hashes) for pin in lock(*made))
    (own / "requirements.lock").write_text(text, encoding="utf-8", newline="\n")
    return own


def _made(project: Path, platform: str = "win_amd64") -> tuple[Path, dict[str, bytes]]:
    path = bundle(project, platform, "3.11", "core", nothing, lambda text: None)
    with zipfile.ZipFile(path) as archive:
        assert {name.split("/")[0] for name in archive.namelist()} == {"llo"}, "one folder"
        return path, {name.removeprefix("llo/"): archive.read(name) for name in archive.namelist()}


def test_what_a_bundle_holds(project: Path) -> None:
    path, files = _made(project)
    assert path == project / "build" / "bundle" / "llo_research-1.0.0-win_amd64-cp311-core.zip"
    wheels = {name.partition("/")[2].split("-")[0] for name in files if name.startswith("wheels/")}
    assert wheels == {*NUMBERS, "tzdata", "llo_research"}
    assert set(files) - {name for name in files if name.startswith("wheels/")} == {
        *("INSTALL.txt", "INSTALL-nl.txt", "packages.txt", "packages.csv", "requirements.lock", "LICENSE", "SHA256SUMS")
    }
    for line in files["SHA256SUMS"].decode().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256(files[name]).hexdigest() == digest
    for name in set(files) - {"SHA256SUMS", "LICENSE"}:
        assert name.startswith("wheels/") or ADDRESS not in files[name], name


def test_the_same_versions_give_the_same_bytes(project: Path) -> None:
    first = _made(project)[0].read_bytes()
    (project / "llo_research/__init__.py").touch()
    assert _made(project)[0].read_bytes() == first
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert archive.namelist() == sorted(archive.namelist())
        assert {one.date_time for one in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_our_wheel_asks_for_three_packages_and_says_so(project: Path) -> None:
    _, files = _made(project)
    name = next(name for name in files if "llo_research-" in name)
    assert name == "wheels/llo_research-1.0.0+core-py3-none-any.whl"
    with zipfile.ZipFile(io.BytesIO(files[name])) as archive:
        inside = set(archive.namelist())
        told = message_from_string(archive.read("llo_research-1.0.0+core.dist-info/METADATA").decode())
        record = archive.read("llo_research-1.0.0+core.dist-info/RECORD").decode()
    needs = [Requirement(one) for one in told.get_all("Requires-Dist", [])]
    assert {one.name for one in needs if one.marker is None} == set(NUMBERS)
    assert "llo_research/data/synthetic/parameters/nea.toml" in inside
    assert not any("published" in one or "truth" in one for one in inside)
    assert {line.split(",")[0] for line in record.splitlines()} == inside


def test_the_lists_of_packages_tell_licence_purpose_and_size(project: Path) -> None:
    _, files = _made(project)
    rows = {row["package"]: row for row in csv.DictReader(io.StringIO(files["packages.csv"].decode()))}
    assert set(rows) == {*NUMBERS, "tzdata"} and all(tuple(row) == COLUMNS for row in rows.values())
    assert (rows["numpy"]["licence"], rows["numpy"]["purpose"]) == ("MIT", "Made up")
    assert rows["numpy"]["needed_by"] == "llo-research, pandas, scipy"
    assert rows["tzdata"]["licence"] == NOT_TOLD, "never left out"
    assert rows["tzdata"]["purpose"] == "Zones, see"
    text = files["packages.txt"].decode()
    assert all(f"{name} " in text for name in rows) and NOT_TOLD in text
    own = files[f"wheels/{rows['scipy']['file']}"]
    assert rows["scipy"]["sha256"] == hashlib.sha256(own).hexdigest() and int(rows["scipy"]["bytes"]) == len(own)


def test_the_notes_tell_commands_of_the_system_in_two_languages(project: Path) -> None:
    _, files = _made(project)
    wheels = (project / "build" / "bundle" / "wheels" / "win_amd64-cp311").iterdir()
    names = [one for path in wheels for one in zipfile.ZipFile(path).namelist()]
    longest = max(len(f"llo\\.venv\\Lib\\site-packages\\{one}") for one in names)
    for name in ("INSTALL.txt", "INSTALL-nl.txt"):
        text = files[name].decode()
        assert "py -3.11 -m venv mine\r\n" in text and "mine\\Scripts\\python -m pip install --no-index" in text
        assert "llo_research-1.0.0-figures.zip" in text and "{" not in text and "==" not in text
        assert max(map(len, text.splitlines())) <= 120
        assert f" {LONGEST - longest - 1} " in text, "signs that the folder's path may have, without its last backslash"


def test_figures_come_by_themselves(project: Path) -> None:
    with zipfile.ZipFile(_made(project)[0].parent / "llo_research-1.0.0-figures.zip") as archive:
        assert set(archive.namelist()) == {
            "llo/FIGURES-SHA256SUMS",
            "llo/data_raw/published/figures.csv",
            "llo/data_raw/synthetic/nea_truth.csv.gz",
        }


def test_an_unsound_bundle_is_not_written(project: Path) -> None:
    tail = b"\nnumbers = 1\n"
    (project / "llo_research/console/answers.json").write_text('{"mean": 0.5}', encoding="utf-8")
    with pytest.raises(DataError, match=r"(?s)not sound.*answers.json: numbers in JSON"):
        _made(project)
    (project / "llo_research/console/answers.json").unlink()
    changed = next((project / "build/bundle/wheels/win_amd64-cp311").glob("scipy*"))
    changed.write_bytes(changed.read_bytes() + tail)
    with pytest.raises(DataError, match=r"no wheels for win_amd64.*\n.*\n.*scipy 9.0"):
        _made(project)
    assert list((project / "build" / "bundle").glob("*.zip*")) == []
    with pytest.raises(DataError, match="There is no such bundle"):
        roots_of({}, "half")


def test_a_full_bundle_leaves_out_tests_and_style_alone(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {one.name for one in roots_of(project, "full")}
    assert {*NUMBERS, "ibis-framework", "pyreadstat", "pyarrow", "openpyxl", "ipykernel", "sphinx"} <= names
    assert not names & {"pytest", "ruff", "mypy", "jupyterlab", "pyspark", "statsmodels"} and set(LEFT_OUT) < set(
        project["optional-dependencies"]
    )
    assert {one.name for one in roots_of(project, "core")} == set(NUMBERS)


def test_nothing_statistical_is_among_our_own_files(root: Path) -> None:
    project, package = of_project(root), of_package(root)
    assert len(project) > len(package) > 500 and "run.py" in project
    assert statistical(project) == [] and statistical(package) == []
    figures = of_figures(root)
    assert {Path(name).parent.as_posix() for name in figures} == {Path(one).parent.as_posix() for one in FIGURES}
    assert not set(figures) & set(project)
    assert statistical(figures), "these are figures: the look can fail"
    targets = "docs/reference/synthetic_targets.md"
    assert len(project[targets]) < 200 < len((root / targets).read_bytes()), "numbers in prose: a line in its place"
    notebooks = [name for name in project if name.endswith(".ipynb")]
    assert len(notebooks) > 12
    assert statistical({name: (root / name).read_bytes() for name in notebooks}), "as committed they have outputs"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b"x,y\n1,2\n"),
        ("a.CSV", b"x"),
        ("deep/a.dta", b""),
        ("a.parquet", b""),
        ("a.sav", b""),
        ("a.xlsx", b""),
        ("a.csv.gz", b""),
        ("picture.png", b""),
        ("innocent.txt", b"PAR1..."),
        ("innocent.md", b"\x1f\x8b..."),
        ("a.json", b'{"a": [{"b": 1.5}]}'),
        ("a.svg", b"<svg><text>12.3</text></svg>"),
        ("a.ipynb", b'{"cells": [{"cell_type": "code", "outputs": [{"data": 1}], "execution_count": null}]}'),
        ("a.ipynb", b'{"cells": [{"cell_type": "code", "outputs": [], "execution_count": 3}]}'),
        ("a.ipynb", b'{"cells": [{"cell_type": "markdown", "attachments": {"a.png": 1}}]}'),
    ],
)
def test_what_is_statistical_is_seen(name: str, content: bytes) -> None:
    assert [one.split(":")[0] for one in statistical({name: content})] == [name]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, content)
    assert statistical({"wheels/llo_research-1.0.0-py3-none-any.whl": packed.getvalue()}), "in our wheel too"
    assert statistical({"wheels/others-1.0.0-py3-none-any.whl": packed.getvalue()}) == []


def test_text_and_settings_pass() -> None:
    fine = {"a.py": b"x = 1", "a.json": b'{"a": "1", "b": true}', "a.toml": b"x = 1", "mark.svg": b"<svg><path/></svg>"}
    assert statistical(fine) == []


def test_a_notebook_keeps_its_code_alone() -> None:
    code = {"cell_type": "code", "id": "a", "metadata": {"tags": ["x"]}, "source": ["1"], "execution_count": 2}
    text = {"cell_type": "markdown", "id": "b", "metadata": {}, "source": ["hé"]}
    about = {"llo": {"source_class": "synthetic", "made_from": {"library": "1"}}}
    told = {"cells": [{**code, "outputs": [1]}, {**text, "attachments": {}}], "metadata": about, "nbformat": 4}
    kept = json.loads(without_outputs(json.dumps(told).encode()))
    assert kept["cells"] == [{**code, "outputs": [], "execution_count": None}, text]
    assert kept["metadata"] == {"llo": {"source_class": "synthetic"}}
