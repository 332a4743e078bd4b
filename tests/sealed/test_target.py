"""Proves that the wheels and markers of another computer are told as its own pip and Python would."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.tags import sys_tags

from llo_research.errors import DataError
from llo_research.sealed.lock import pins_for, read_lock
from llo_research.sealed.target import target_of, this_platform


@pytest.mark.parametrize(
    ("platform", "fits", "others"),
    [
        ("win_amd64", ["cp311-cp311-win_amd64", "cp39-abi3-win_amd64", "py3-none-any", "py2.py3-none-any"], ["win32"]),
        ("linux_x86_64", ["cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64"], ["manylinux_2_34_x86_64"]),
        ("linux_x86_64", ["cp311-cp311-manylinux_2_27_x86_64.manylinux_2_28_x86_64"], ["manylinux_2_28_aarch64"]),
        (
            "manylinux2014_x86_64",
            ["cp311-cp311-manylinux1_x86_64", "cp36-abi3-manylinux2010_x86_64"],
            ["manylinux_2_27_x86_64"],
        ),
        (
            "macosx_11_0_arm64",
            ["cp311-cp311-macosx_11_0_arm64", "cp38-cp38-macosx_11_0_universal2"],
            ["macosx_12_0_arm64"],
        ),
    ],
)
def test_tags(platform: str, fits: list[str], others: list[str]) -> None:
    known = {str(tag) for tag in target_of(platform, "3.11").tags()}
    for name in fits:
        python, abi, platforms = name.split("-")
        if (python, abi) == ("cp38", "cp38"):  # of another Python
            assert f"{python}-{abi}-{platforms}" not in known
            continue
        alone = [f"{one}-{abi}-{where}" for one in python.split(".") for where in platforms.split(".")]
        assert known & set(alone), name
    assert not [tag for tag in known for other in others if tag.endswith(f"-{other}")]
    assert not [tag for tag in known if tag.startswith("cp312")]


@pytest.mark.skipif(sys.implementation.name != "cpython", reason="wheels are chosen for CPython")
def test_this_computer_is_as_packaging_sees_it() -> None:
    here = target_of()
    own, theirs = {str(tag) for tag in here.tags()}, {str(tag) for tag in sys_tags()}
    assert own <= theirs, "a wheel that is taken for this computer fits it"
    assert f"{here.cp}-{here.cp}-{this_platform()}" in own & theirs
    said, known = default_environment(), here.environments()
    patch = ("python_full_version", "implementation_version", "platform_release", "platform_version")
    for environment in known:
        assert {k: v for k, v in environment.items() if k not in (*patch, "extra")} == {
            k: v for k, v in said.items() if k not in patch
        }
    assert [one["python_full_version"] for one in known] == [f"{here.version}.0", f"{here.version}.99"]


@pytest.mark.parametrize(
    ("platform", "python"), [("plan9", None), ("manylinux2013_x86_64", None), (None, "3.10"), (None, "4.1")]
)
def test_what_there_is_not_is_refused(platform: str | None, python: str | None) -> None:
    with pytest.raises(DataError, match="There is no such"):
        target_of(platform, python)


def test_markers_are_those_of_the_other_computer(root: Path) -> None:
    """The lock names packages for Windows alone, for all but Windows, and by the patch of a Python."""
    pins = read_lock(root / "requirements.lock")
    assert len(pins) > 100 and all(pin.hashes for pin in pins)
    windows, linux = (target_of(name, "3.11") for name in ("win_amd64", "linux_x86_64"))
    there, here = (
        {name for one in target.environments() for name in pins_for(pins, one)} for target in (windows, linux)
    )
    assert {"colorama"} <= there - here and {"pexpect", "ptyprocess"} <= here - there
    first, last = (pins_for(pins, one)["soupsieve"].version for one in linux.environments())
    assert first != last, "Python 3.11.4 and 3.11.5 take different ones: a bundle has both"
    numpy = {pins_for(pins, one)["numpy"].version for one in target_of("linux_x86_64", "3.12").environments()}
    assert numpy != {pins_for(pins, one)["numpy"].version for one in linux.environments()}
