"""Proves that a wheel which does not belong into a bundle is named, with what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from llo_research.errors import DataError
from llo_research.sealed.choose import chosen
from llo_research.sealed.lock import Pin, read_lock
from llo_research.sealed.standards import Requirement
from llo_research.sealed.target import Target, target_of
from llo_research.sealed.wheels import LONGEST, ROOM, faults, read_wheel
from tests.sealed.made_up import lock, nothing, wheel

WINDOWS = target_of("win_amd64", "3.11")
ROOT = [Requirement("top")]


def _faults(*paths: Path, pins: Sequence[Pin] | None = None, target: Target = WINDOWS) -> list[str]:
    own = [read_wheel(path) for path in paths]
    return faults(own, lock(*paths) if pins is None else pins, target, "ours", ROOT)


def test_a_sound_set_passes(tmp_path: Path) -> None:
    top = wheel(tmp_path, "top", needs=["low>=1,<2", "unix; sys_platform != 'win32'", "more; extra == 'all'"])
    assert _faults(top, wheel(tmp_path, "low", "1.5", "cp311-cp311-win_amd64")) == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (
            {"tag": "cp311-cp311-manylinux_2_17_x86_64"},
            "low-1.0-cp311-cp311-manylinux_2_17_x86_64.whl is not for win_amd64",
        ),
        ({"tag": "cp312-cp312-win_amd64"}, "is not for win_amd64 with Python 3.11"),
        ({"version": "2.0"}, "does not fit top, which needs low<2"),
        ({"told": ["License-Expression: GPL-3.0-or-later"]}, "is under GPL-3.0-or-later"),
        (
            {"told": ["Classifier: License :: OSI Approved :: GNU Affero General Public License v3"]},
            "takes nothing under the GPL",
        ),
        ({"told": ["Requires-Python: >=3.12"]}, "asks for Python >=3.12, not 3.11.0"),
        ({"needs": ["gone"]}, "gone is absent; low needs it"),
        ({"needs": ["gone; sys_platform == 'win32'"]}, "gone is absent; low needs it"),
        (
            {"also": ["low/" + "deep/" * 40 + "x.py"]},
            "has a name that is too long for Windows: llo/.venv/Lib/site-packages/low/",
        ),
    ],
)
def test_each_fault_is_told(tmp_path: Path, changed: dict[str, object], said: str) -> None:
    found = _faults(wheel(tmp_path, "top", needs=["low<2"]), wheel(tmp_path, "low", **changed))
    assert found and said in found[0]


def test_a_lesser_licence_and_a_long_name_elsewhere_pass(tmp_path: Path) -> None:
    deep = ["low/" + "deep/" * 40 + "x.py"]
    lesser = ["Classifier: License :: OSI Approved :: GNU Lesser General Public License v2 (LGPLv2)"]
    low = wheel(tmp_path, "low", told=lesser, also=deep)
    assert len(deep[0]) + ROOM > LONGEST
    assert _faults(wheel(tmp_path, "top", needs=["low"]), low, target=target_of("linux_x86_64", "3.11")) == []


def test_a_file_that_the_lock_does_not_name_is_told(tmp_path: Path) -> None:
    top, low = wheel(tmp_path, "top", needs=["low"]), wheel(tmp_path, "low")
    pins = lock(top, low)
    low.write_bytes(low.read_bytes() + b"\0")
    assert "is not the file that requirements.lock names" in _faults(top, low, pins=pins)[0]


def test_an_extra_brings_what_it_needs(tmp_path: Path) -> None:
    top = wheel(tmp_path, "top", needs=["low[fast]"])
    low = wheel(tmp_path, "low", needs=["quick; extra == 'fast'", "slow; extra == 'other'"])
    assert _faults(top, low)[0].startswith("quick is absent; low needs it")
    everything = [top, low, wheel(tmp_path, "quick"), wheel(tmp_path, "slow")]
    found = chosen(ROOT, lock(*everything), WINDOWS, tmp_path, nothing)
    assert [one.name for one in found] == ["low", "quick", "top"]


def test_the_patch_of_a_python_may_ask_for_two_versions(tmp_path: Path) -> None:
    older = wheel(tmp_path, "soup", "2.0")
    newer = wheel(tmp_path, "soup", "4.0", told=["Requires-Python: >=3.11.5"])
    paths = [wheel(tmp_path, "top", needs=["soup"]), older, newer]
    pins = lock(*paths, soup_2="python_full_version < '3.11.5'", soup_4="python_full_version >= '3.11.5'")
    found = chosen(ROOT, pins, WINDOWS, tmp_path, nothing)
    assert [(one.name, one.version) for one in found] == [("soup", "2.0"), ("soup", "4.0"), ("top", "1.0")]
    assert faults(found, pins, WINDOWS, "ours", ROOT) == []
    assert "asks for Python >=3.11.5" in faults(found[1:], lock(*paths[:1], newer), WINDOWS, "ours", ROOT)[0]


def test_the_best_wheel_is_taken(tmp_path: Path) -> None:
    tags = ("py3-none-any", "cp311-cp311-win_amd64", "cp311-cp311-manylinux_2_17_x86_64", "cp311-cp311-win32")
    paths = [wheel(tmp_path, "top", tag=tag) for tag in tags]
    assert [one.path.name for one in chosen(ROOT, lock(*paths), WINDOWS, tmp_path, nothing)] == [paths[1].name]


def test_a_package_without_a_wheel_says_what_to_do(tmp_path: Path) -> None:
    top = wheel(tmp_path, "top", needs=["built", "fine"])
    fine, built = wheel(tmp_path, "fine"), wheel(tmp_path, "built", tag="cp312-cp312-win_amd64")
    with pytest.raises(
        DataError, match=r"(?s)no wheels for win_amd64, Python 3.11.*found: built 1.0\n.*--python"
    ) as told:
        chosen(ROOT, lock(top, fine, built), WINDOWS, tmp_path, nothing)
    assert "fine" not in str(told.value.found)
    with pytest.raises(DataError, match="does not name built"):
        chosen(ROOT, lock(top, fine), WINDOWS, tmp_path, nothing)


@pytest.mark.parametrize(
    ("told", "licence", "origin"),
    [
        (["License-Expression: BSD-3-Clause", "License: no"], "BSD-3-Clause", "License-Expression"),
        (["Classifier: License :: OSI Approved :: MIT License", "License: a long text"], "MIT License", "classifiers"),
        (["License: ISC license"], "ISC license", "License"),
        (["License: UNKNOWN"], "", ""),
        ([], "", ""),
    ],
)
def test_the_licence_is_in_the_words_of_its_makers(tmp_path: Path, told: list[str], licence: str, origin: str) -> None:
    found = read_wheel(wheel(tmp_path, "top", told=told))
    assert (found.licence, found.origin) == (licence, origin)


def test_the_head_of_a_licence_stands_for_one_that_is_not_told(tmp_path: Path) -> None:
    found = read_wheel(wheel(tmp_path, "top", told=[], also=["top-1.0.dist-info/licenses/LICENSE.txt"]))
    assert (found.licence, found.origin) == ("x", "the head of its licence")


def test_example_data_of_makers_are_counted(tmp_path: Path) -> None:
    also = ["top/a.csv", "top/b.csv.bz2", "top/c.py", "top/D.DTA", "top/e.csv.py"]
    assert read_wheel(wheel(tmp_path, "top", also=also)).data_files == 3


def test_a_lock_is_read_and_written_as_it_was(root: Path, tmp_path: Path) -> None:
    pins = read_lock(root / "requirements.lock")
    (tmp_path / "again.lock").write_text("".join(pin.line(pin.hashes) for pin in pins), encoding="utf-8")
    assert read_lock(tmp_path / "again.lock") == pins
