"""No file of a moment stands elsewhere than below data_processed/restricted/tmp of the project."""

from __future__ import annotations

import ast
from pathlib import Path

import pandas as pd
import pytest

import llo_research as llo

PACKAGE = Path(llo.__file__).parent
# what makes such files in the folder of the system
_MAKES = ("tempfile", "joblib", "diskcache")


def test_the_library_makes_no_temporary_files_but_there() -> None:
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            found += [f"{path.name}: {name}" for name in names if name.split(".")[0] in _MAKES]
    assert found == [], "use llo_research.data.spill"


def test_an_excel_file_is_made_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of itself openpyxl writes each sheet of a workbook, in full, into the system's temporary folder."""
    pytest.importorskip("openpyxl")
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "not there"))
    frame = pd.DataFrame({"contract": ["fixed", "flex"] * 20, "w": 1.0})
    svy = llo.Survey(frame, weights="w")
    place = llo.report.workbook({"contract": llo.share("contract", svy)}, tmp_path / "contract.xlsx")
    assert place.is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["contract.xlsx"]
