"""Scripts that were held against a program's manual, word for word; run as a command it writes them anew.

    python -m tests.results.receipts.golden write

After it, read what changed against the manual before it is committed: the files are all that proves the syntax.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"
# program -> the module whose `calls(survey())` are written, the method, the ending
PROGRAMS = {"spss": ("tests.results.receipts.test_spss", "to_spss", ".sps")}


def compared(program: str, ending: str, scripts: Mapping[str, str]) -> None:
    """Each script is the file of its name, and no file is left over."""
    folder = FOLDER / program
    assert {path.stem for path in folder.glob(f"*{ending}")} == set(scripts)
    for name, text in scripts.items():
        kept = (folder / f"{name}{ending}").read_text(encoding="utf-8")
        assert text == kept, f"{program}/{name}{ending} changed: python -m tests.results.receipts.golden write"


def main() -> None:
    """Writes all files."""
    for program, (module, method, ending) in PROGRAMS.items():
        made = importlib.import_module(module)
        folder = FOLDER / program
        folder.mkdir(parents=True, exist_ok=True)
        for path in folder.glob(f"*{ending}"):
            path.unlink()
        for name, result in made.calls(made.survey()).items():
            (folder / f"{name}{ending}").write_text(getattr(result, method)(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    if sys.argv[1:] != ["write"]:
        sys.exit(__doc__)
    main()
