"""Proves that a bundle installs and runs with the network cut, in a path with a space, without git, without uv."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

# A namespace begins without loopback, which a kernel talks to its notebook by; every computer has that.
LOOPBACK = """
import fcntl, os, socket, struct, sys
with socket.socket() as s:
    fcntl.ioctl(s, 0x8914, struct.pack("16sH", b"lo", 0x41))  # SIOCSIFFLAGS: up and running
os.execv(sys.argv[1], sys.argv[1:])
"""
REACHES = "import socket; socket.create_connection(('192.0.2.1', 443), 5)"
PYTHON = getattr(sys, "_base_executable", None) or sys.executable


def _cut(command: list[str], folder: Path, home: Path) -> subprocess.CompletedProcess[str]:
    """Run a command where there is no network, and nothing of this project or of pip's settings is seen."""
    env = {"PATH": "/usr/bin:/bin", "HOME": str(home), "LANG": "C.UTF-8", "PIP_CONFIG_FILE": os.devnull}
    env |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    whole = ["unshare", "-rn", sys.executable, "-c", LOOPBACK, *command]
    return subprocess.run(whole, cwd=folder, env=env, capture_output=True, text=True)


@pytest.fixture(scope="module")
def reached(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A registry for the bundle, and a way to cut the network; the test is skipped without."""
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-rn", "true"], capture_output=True).returncode:
        pytest.skip("'unshare -rn' is not possible here: the network cannot be cut")
    folder = tmp_path_factory.mktemp("reached")
    command = [PYTHON, "-m", "pip", "download", "-q", "-q", "--no-deps", "-d", str(folder), "latex2mathml>=3.77"]
    if subprocess.run(command, capture_output=True).returncode:
        pytest.skip("no package registry can be reached: there are no wheels to make a bundle of")


def _unpacked(root: Path, kind: str, folder: Path) -> Path:
    """A bundle for this computer, unpacked in a folder with a space in its name."""
    answer = subprocess.run([PYTHON, "run.py", "bundle", f"--{kind}"], cwd=root, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    made = next(line for line in reversed(answer.stdout.splitlines()) if line.endswith(f"-{kind}.zip"))
    place = folder / "a sealed place"
    with zipfile.ZipFile(made) as archive:
        archive.extractall(place)
    sums = subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=place / "llo", capture_output=True)
    assert sums.returncode == 0
    return place / "llo"


def _commands(folder: Path) -> list[list[str]]:
    """The commands that INSTALL.txt tells to type, with this Python."""
    lines = [
        line.strip() for line in (folder / "INSTALL.txt").read_text(encoding="utf-8").splitlines() if line[:4] == "    "
    ]
    python = "python{}.{}".format(*sys.version_info)
    typed = [shlex.split(line) for line in lines if line.startswith((python, "mine/bin/python"))]
    return [[PYTHON if word == python else word for word in command] for command in typed]


def _run(command: list[str], folder: Path, home: Path) -> str:
    """Run a command of INSTALL.txt without a network."""
    command = [str(folder / command[0]), *command[1:]] if command[0].startswith("mine/") else command
    answer = _cut(command, folder, home)
    assert answer.returncode == 0, f"{command}\n{answer.stdout}\n{answer.stderr}"
    return answer.stdout


def test_the_network_is_cut(reached: None, tmp_path: Path) -> None:
    answer = _cut([sys.executable, "-c", REACHES], tmp_path, tmp_path)
    assert answer.returncode == 1 and "Network is unreachable" in answer.stderr


@pytest.mark.parametrize("kind", ["core", "full"])
def test_the_bundle_for_windows_is_made(reached: None, root: Path, kind: str) -> None:
    """Every wheel of the lock as it is now fits: tags, hashes, what it needs, lengths of names, licences."""
    command = [PYTHON, "run.py", "bundle", "--platform", "win_amd64", "--python", "3.11", f"--{kind}"]
    answer = subprocess.run(command, cwd=root, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_chapter_02_runs_from_a_full_bundle(reached: None, root: Path, tmp_path: Path) -> None:
    folder = _unpacked(root, "full", tmp_path)
    chapter = next(command for command in _commands(folder) if command[1:] == ["run.py", "chapter", "02"])
    said = _run(chapter, folder, tmp_path)
    assert "installing requirements.lock" in said
    notebook = json.loads((folder / "notebooks" / "02_learning_behaviour.ipynb").read_text(encoding="utf-8"))
    shown = [
        "".join(one["data"].get("text/markdown", "")) for cell in notebook["cells"] for one in cell.get("outputs", [])
    ]
    assert sum(text.startswith("*Not here: the published figures") for text in shown) >= 3
    assert sum("SYNTHETIC" in text for text in shown) > 10, "tables of what was computed here"


def test_a_core_bundle_installs_by_its_own_note(reached: None, root: Path, tmp_path: Path) -> None:
    folder = _unpacked(root, "core", tmp_path)
    said = [_run(command, folder, tmp_path) for command in _commands(folder)]
    assert len(said) == 3 and "training" in said[-1]
    here = _cut([str(folder / "mine/bin/python"), str(root / "tests/house/on_three_packages.py")], folder, tmp_path)
    lines = dict(line.split("\t") for line in here.stdout.splitlines() if "\t" in line)
    assert {name for name, what in lines.items() if "Error" in what} == {
        *("glm", "ordered", "fixed_effects", "oaxaca_blinder", "adjust_nonresponse", "excel", "figure")
    }, here.stderr
