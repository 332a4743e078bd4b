"""Proves that two runs give identical files, and that a notebook which stops says where and why and is not saved."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from llo_research.errors import DataError, LloError
from llo_research.monitor.notebooks.execute import differences, execute, inputs, main
from llo_research.monitor.notebooks.normalise import to_text
from llo_research.monitor.notebooks.translate import with_parameters

LIVELY = [
    ("markdown", "# Title"),
    ("code", 'edition = "2023"\nlanguage = "nl"', ["parameters"]),
    ("code", "import os, sys\nprint(language, hash('x'), os.environ['TZ'], os.environ['OPENBLAS_NUM_THREADS'])"),
    ("code", "from pathlib import Path\nPath('.').resolve().name"),
    ("code", "import matplotlib.pyplot as plt\nplt.plot([1, 3, 2]);"),
]


def texts(notebook: dict) -> list[str]:
    """What each code cell shows as text."""
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    shown = [[*o.get("text", []), *o.get("data", {}).get("text/plain", [])] for c in code for o in c["outputs"]]
    return ["".join(lines) for lines in shown]


def test_two_runs_give_identical_files(project: Path, notebook: Callable[..., Path]) -> None:
    path = notebook("09", LIVELY)
    before = path.read_bytes()
    first, second = to_text(execute(path, project)), to_text(execute(path, project))
    assert first == second
    assert path.read_bytes() == before, "executing leaves the file alone"
    ran = json.loads(first)
    counts = [cell["execution_count"] for cell in ran["cells"] if cell["cell_type"] == "code"]
    assert counts == [1, 2, 3, 4]
    assert "execution" not in json.dumps([cell["metadata"] for cell in ran["cells"]])
    line, folder, *_ = texts(ran)
    assert line.split()[0] == "nl"
    assert line.split()[2:] == ["UTC", "1"]
    assert folder == "'notebooks'", "the kernel works in the notebook's folder, as Jupyter and nbval do"
    assert '"image/png"' in first


def test_other_parameters_are_put_in(project: Path, notebook: Callable[..., Path]) -> None:
    path = notebook("09", LIVELY[:3])
    ran = execute(path, project, {"language": "en", "source": "synthetic"})
    assert texts(ran)[0].startswith("en ")
    assert "synthetic" not in to_text(ran), "a name that the cell does not assign stays away"
    assert inputs(path, project, {"language": "en"}) != inputs(path, project, {"language": "nl"})


def test_saved_in_place_by_the_command(
    project: Path, notebook: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    path = notebook("09", [("code", "print('é')")])
    assert main(["execute", str(path), "--root", str(project)]) == 0
    assert b"\r" not in path.read_bytes()
    assert "é" in path.read_text(encoding="utf-8")
    assert "executed and saved" in capsys.readouterr().out
    assert list(path.parent.iterdir()) == [path]


STOPS = {
    "raises": ("x = 1\n1 / 0", r"Notebook 09 stopped in code cell 2\.[\s\S]*1 / 0[\s\S]*ZeroDivisionError: division"),
    "writes to stderr": ("import sys\nprint('careful', file=sys.stderr)", r"code cell 2 wrote to stderr[\s\S]*careful"),
    "shows an address": ("object()", r"code cell 2 shows an address in memory[\s\S]*at 0x"),
    "shows a path": ("from pathlib import Path\nPath.cwd()", r"code cell 2 shows a path of this computer"),
    "ends Python": ("import os\nos._exit(1)", r"stopped in code cell 2[\s\S]*Python itself ended"),
}


@pytest.mark.parametrize("case", STOPS)
def test_a_notebook_that_stops_says_where(
    project: Path, notebook: Callable[..., Path], case: str, capsys: pytest.CaptureFixture[str]
) -> None:
    source, said = STOPS[case]
    path = notebook("09", [("markdown", "text"), ("code", "1"), ("code", ""), ("code", source), ("code", "2")])
    before = path.read_bytes()
    with pytest.raises(LloError, match=said):
        execute(path, project)
    assert path.read_bytes() == before
    if case == "raises":
        assert main(["execute", str(path), "--root", str(project)]) == 2
        assert "ZeroDivisionError" in capsys.readouterr().err
        assert path.read_bytes() == before


def test_without_its_data_it_does_not_run(project: Path, notebook: Callable[..., Path]) -> None:
    path = notebook("08", [("code", "1")], source_class="public", needs_one_of=["p/a.csv"], obtain="Fetch it.")
    with pytest.raises(DataError, match=r"its data are absent[\s\S]*Fetch it\."):
        execute(path, project)


def test_every_file_it_needs_must_be_there(project: Path, notebook: Callable[..., Path]) -> None:
    said = {"source_class": "public", "needs_one_of": ["p/a.csv"], "also_needs": [["p/b.csv", "p/c.csv"]]}
    path, folder = notebook("08", [("code", "1")], **said, obtain="Fetch them."), project / "data_raw" / "p"
    folder.mkdir()
    (folder / "a.csv").write_text("1", encoding="utf-8")
    with pytest.raises(DataError, match=r"none of p/b\.csv, p/c\.csv[\s\S]*Fetch them\."):
        execute(path, project)
    (folder / "c.csv").write_text("1", encoding="utf-8")
    before = inputs(path, project, {})
    execute(path, project)
    (folder / "c.csv").write_text("2", encoding="utf-8")
    now = inputs(path, project, {})
    assert [what for what in before if now[what] != before[what]] == ["the data"]


def test_each_input_counts(project: Path, notebook: Callable[..., Path]) -> None:
    about = {"source_class": "public", "needs_one_of": ["p/a.csv"], "obtain": "Fetch it."}
    path, file = notebook("08", [("code", "1")], **about), project / "data_raw" / "p" / "a.csv"
    file.parent.mkdir()
    file.write_text("1", encoding="utf-8")
    before = inputs(path, project, {})

    def changed() -> list[str]:
        now = inputs(path, project, {})
        return [what for what in before if now[what] != before[what]]

    assert changed() == []
    file.write_text("2", encoding="utf-8")
    assert changed() == ["the data"]
    (project / "data_raw" / "published" / "x.csv").write_text("1", encoding="utf-8")
    assert changed() == ["the data", "published figures"]
    notebook("08", [("code", "2")], **about)
    assert changed() == ["the notebook", "the data", "published figures"]


def test_outputs_do_not_count_as_input(project: Path, notebook: Callable[..., Path]) -> None:
    path = notebook("09", [("code", "1")])
    before = inputs(path, project, {})
    ran = json.loads(path.read_text(encoding="utf-8"))
    ran["cells"][0]["execution_count"] = 1
    path.write_text(json.dumps(ran), encoding="utf-8")
    assert inputs(path, project, {}) == before


def test_differences_name_the_cells() -> None:
    def cell(text: str) -> dict:
        return {"cell_type": "code", "outputs": [{"output_type": "stream", "text": [text]}]}

    one, other = {"cells": [cell("a"), cell("b")]}, {"cells": [cell("a"), cell("c")]}
    assert differences(one, one) == []
    assert differences(one, other) == [2]
    assert differences(one, {"cells": [cell("a")]}) == [1, 2]


def test_only_whole_assignments_are_parameters() -> None:
    source = 'language = "nl"\nmy_language = "nl"\nprint(language)'
    code = {"cell_type": "code", "metadata": {"tags": ["parameters"]}, "source": source}
    made = with_parameters({"cells": [code]}, {"language": "en"})
    assert "".join(made["cells"][0]["source"]) == 'language = "en"\nmy_language = "nl"\nprint(language)'
    assert code["source"] == source


def test_the_kernel_needs_no_registered_kernel(
    project: Path, notebook: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    other = tmp_path / "jupyter" / "kernels" / "python3"
    other.mkdir(parents=True)
    spec = {"argv": ["no-such-program", "{connection_file}"], "display_name": "Python 3", "language": "python"}
    (other / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
    ran = execute(notebook("09", [("code", "import sys\nsys.version_info[0]")]), project)
    assert texts(ran) == ["3"]


def test_pages_withhold_by_the_floor_for_publication(project: Path, notebook: Callable[..., Path]) -> None:
    source = "from llo_research.results.rules import profile_for\n"
    source += "profile_for({'source': {'kind': 'restricted'}}, 'auto')[0].name"
    ran = execute(notebook("09", [("code", source), ("code", "len(dir()) > 0 and '_use' in dir()")]), project)
    assert texts(ran) == ["'publication'", "False"], "and leaves no name behind"
