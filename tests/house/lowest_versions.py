"""Runs the tests on the lowest versions that pyproject.toml declares, on Python 3.11; needs uv and a network.

    python tests/house/lowest_versions.py [FOLDER] [PYTEST ARGUMENTS]

FOLDER (default: build/lowest) receives the environment. Only direct dependencies are held at their lowest
versions; what those need in turn is the newest that fits, as a user's installer would choose.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXTRAS = ("notebooks", "spss", "parquet", "excel", "test")


def requirements() -> list[str]:
    """Runtime and test requirements as declared, without the package itself."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [
        *project["dependencies"],
        *(line for extra in EXTRAS for line in project["optional-dependencies"][extra]),
    ]
    return [line for line in lines if not line.startswith(project["name"])]


def make_environment(uv: str, folder: Path) -> Path:
    """An environment with the lowest declared versions; gives its interpreter."""
    subprocess.run([uv, "venv", "--clear", "--python", "3.11", str(folder)], check=True)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    command = [
        uv,
        "pip",
        "install",
        "--python",
        str(python),
        "--resolution",
        "lowest-direct",
        *requirements(),
    ]
    subprocess.run(command, check=True)
    return python


def main(arguments: list[str]) -> int:
    """Make the environment, list the versions, run pytest."""
    uv = shutil.which("uv")
    if not uv:
        print("lowest_versions.py needs uv (pip install uv)")
        return 2
    own_folder = bool(arguments) and not arguments[0].startswith("-")
    folder = Path(arguments[0]) if own_folder else ROOT / "build" / "lowest"
    python = make_environment(uv, folder.resolve())
    names = {re.split(r"[>=]", line)[0] for line in requirements()}
    listed = subprocess.run(
        [uv, "pip", "freeze", "--python", str(python)], capture_output=True, text=True, check=True
    ).stdout
    print("\n".join(line for line in listed.splitlines() if line.split("==")[0] in names))
    rest = arguments[1:] if own_folder else arguments
    tests = [
        str(python),
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-m",
        "not slow",
        *(rest or ["tests"]),
    ]
    return subprocess.run(tests, cwd=ROOT, env=dict(os.environ, PYTHONUTF8="1", MPLBACKEND="Agg")).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
