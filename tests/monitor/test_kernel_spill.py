"""What a chapter's kernel, and R, keep for a moment stands in the project's folder for restricted data."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest

from llo_research.data.spill import PLACE
from llo_research.monitor.notebooks.runner import run_cells
from llo_research.monitor.verify import r_session

_SAYS = """import tempfile
from pathlib import Path
from IPython.paths import get_ipython_dir
print(*[Path(path).parts[-5:-2] for path in (tempfile.gettempdir(), get_ipython_dir())])"""


def test_a_kernel_keeps_its_files_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And where it listens is not written elsewhere either."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "not there"))
    cell: dict[str, Any] = {"cell_type": "code", "id": "a", "metadata": {}, "execution_count": None, "outputs": []}
    notebook = {"cells": [cell | {"source": _SAYS}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    shown = run_cells(notebook, tmp_path, "chapter", tmp_path)["cells"][0]["outputs"][0]["text"]
    assert shown.strip() == f"{PLACE.parts} {PLACE.parts}"


@pytest.mark.skipif(bool(r_session.missing()), reason="no R here")
def test_r_keeps_its_files_beside_the_files_that_it_reads(tmp_path: Path) -> None:
    script = "answer <- data.frame(estimate = nchar(tempdir()), place = basename(dirname(tempdir())))\n"
    answer = r_session.in_r({"one": script}, tmp_path)["one"]
    assert answer.table is not None, answer.error
    assert list(answer.table["place"]) == [tmp_path.name]


@pytest.mark.skipif(bool(r_session.missing()), reason="no R here")
def test_a_script_may_call_its_variables_as_it_likes(tmp_path: Path) -> None:
    """One that had a `kept` of its own made the session forget which packages were R's."""
    names = ("kept", "degrees", "once", "read_once", "text_columns", "script", "out", "began", "tried", "loaded")
    script = "".join(f"{name} <- 1\n" for name in names) + "answer <- data.frame(estimate = length(ls()))\n"
    found = r_session.in_r(dict.fromkeys("abc", script), tmp_path)
    assert [one.error for one in found.values()] == [""] * 3
    # nothing of the script before is left
    assert {int(one.table["estimate"][0]) for one in found.values() if one.table is not None} == {len(names) + 1}
