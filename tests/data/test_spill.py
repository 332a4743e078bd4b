"""Files of a moment stand in one folder of the project, and are gone on exit, or on the next start after a kill."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from llo_research.data import spill as spilling
from llo_research.data.spill import PLACE, for_programs, spill, sweep

# writes a file, says so, and waits for a line before it goes on
_PROGRAM = """
import sys
from pathlib import Path
from llo_research.data.spill import spill
with spill(Path({root!r}), "work") as folder:
    (folder / "rows.csv").write_text("id,weight")
    print(folder, flush=True)
    sys.stdin.readline()
    {end}
"""
_SECONDS = 60


def _started(root: Path, end: str = "pass") -> tuple[subprocess.Popen[str], Path]:
    """Another process, and the folder in which it has written."""
    command = [sys.executable, "-c", _PROGRAM.format(root=str(root), end=end)]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    folder = Path(process.stdout.readline().strip())
    assert (folder / "rows.csv").is_file()
    return process, folder


def _left(root: Path) -> list[str]:
    """Everything that stands there."""
    return sorted(path.name for path in (root / PLACE).rglob("*")) if (root / PLACE).exists() else []


@pytest.mark.parametrize("end", ["pass", "raise ValueError", "sys.exit(3)"])
def test_nothing_is_left_at_the_end_however_it_comes(tmp_path: Path, end: str) -> None:
    process, folder = _started(tmp_path, end)
    assert folder.parents[1] == tmp_path / PLACE
    process.communicate("\n", timeout=_SECONDS)
    assert not (tmp_path / PLACE).exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")
def test_what_a_killed_process_left_is_removed_on_the_next_start(tmp_path: Path) -> None:
    process, folder = _started(tmp_path)
    process.send_signal(signal.SIGKILL)
    process.wait(_SECONDS)
    assert (folder / "rows.csv").is_file()  # it had no time
    other, own = _started(tmp_path)
    assert not folder.parent.exists()
    assert (own / "rows.csv").is_file()
    other.communicate("\n", timeout=_SECONDS)
    assert not (tmp_path / PLACE).exists()


def test_a_process_that_runs_is_left_alone(tmp_path: Path) -> None:
    (one, first), (two, second) = _started(tmp_path), _started(tmp_path)
    assert first.parent != second.parent
    assert sweep(tmp_path) == []
    assert (first / "rows.csv").is_file()
    assert (second / "rows.csv").is_file()
    one.communicate("\n", timeout=_SECONDS)
    assert not first.parent.exists()
    assert (second / "rows.csv").is_file()
    two.communicate("\n", timeout=_SECONDS)
    assert not (tmp_path / PLACE).exists()


def test_a_folder_whose_number_is_that_of_a_process_that_lives_is_no_obstacle(tmp_path: Path) -> None:
    """Numbers of processes come again: a folder of the same number whose lock nobody holds is of one that is gone."""
    import os

    old = tmp_path / PLACE / str(os.getpid())
    old.mkdir(parents=True)
    (old / "rows.csv").write_text("id,weight", encoding="utf-8")
    assert sweep(tmp_path) == [old.name]
    assert not (tmp_path / PLACE).exists()


def test_two_uses_of_one_process_have_a_folder_each(tmp_path: Path) -> None:
    with spill(tmp_path, "kernel") as one, spill(tmp_path, "kernel") as two:
        assert one != two
        assert one.parent == two.parent
        assert sweep(tmp_path) == []
    assert not one.exists()
    assert not two.exists()


def test_other_programs_are_told_the_folder(tmp_path: Path) -> None:
    import os

    said = "import tempfile; print(tempfile.gettempdir())"
    done = subprocess.run(
        [sys.executable, "-c", said], env={**os.environ, **for_programs(tmp_path)}, capture_output=True, text=True
    )
    assert Path(done.stdout.strip()) == tmp_path


def test_a_disk_that_cannot_lock_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from llo_research.errors import DataError

    def cannot(lock: object) -> bool:
        raise OSError(37, "No locks available")

    monkeypatch.setattr(spilling, "_takes", cannot)
    with pytest.raises(DataError, match="cannot be kept here"), spill(tmp_path, "work"):
        pass


def test_a_link_to_elsewhere_is_not_followed(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").write_text("mine", encoding="utf-8")
    (tmp_path / PLACE).mkdir(parents=True)
    try:
        (tmp_path / PLACE / "99").symlink_to(kept)
    except OSError:
        pytest.skip("no links here")
    sweep(tmp_path)
    assert (kept / "file").is_file()
