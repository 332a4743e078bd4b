"""A computer that wheels are chosen for: what its pip would take, and what its markers say."""

from __future__ import annotations

import platform
import re
import sys
import sysconfig
from dataclasses import dataclass

from llo_research.errors import DataError
from llo_research.sealed.standards import Tag, compatible_tags, cpython_tags, mac_platforms

# What "linux_x86_64" means: glibc 2.28 or newer (Debian 10, RHEL 8, Ubuntu 20.04). numpy and scipy ask for it.
GLIBC = 28
# Old names of manylinux, by the minor version of glibc 2.
_OLD = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
_NEW = {name: minor for minor, name in _OLD.items()}
# Markers may ask for the third number of a Python, which is not known: what holds for the first or the last is kept.
PATCHES = (0, 99)


@dataclass(frozen=True)
class Target:
    """A platform (as wheels name it) and a Python (major, minor); `platforms` are all the names its wheels may have."""

    platform: str
    python: tuple[int, int]
    platforms: tuple[str, ...]

    @property
    def cp(self) -> str:
        """The Python as wheels name it."""
        return "cp{}{}".format(*self.python)

    @property
    def version(self) -> str:
        """The Python as people name it."""
        return "{}.{}".format(*self.python)

    @property
    def windows(self) -> bool:
        """Whether it is Windows."""
        return self.platform.startswith("win")

    def tags(self) -> list[Tag]:
        """The tags of wheels that fit, the best first."""
        own = cpython_tags(self.python, [self.cp], self.platforms)
        return [*own, *compatible_tags(self.python, self.cp, self.platforms)]

    def environments(self) -> list[dict[str, str]]:
        """What markers see there, for the first and the last patch of its Python."""
        system, os_name, called = ("win32", "nt", "Windows") if self.windows else ("linux", "posix", "Linux")
        if self.platform.startswith("macosx"):
            system, called = "darwin", "Darwin"
        machine = next(one for one in ("x86_64", "aarch64", "arm64", "amd64", "win32") if self.platform.endswith(one))
        known = {
            "os_name": os_name,
            "sys_platform": system,
            "platform_system": called,
            "platform_machine": {"amd64": "AMD64", "win32": "x86"}.get(machine, machine),
            "platform_python_implementation": "CPython",
            "implementation_name": "cpython",
            "platform_release": "",
            "platform_version": "",
            "python_version": self.version,
            "extra": "",
        }
        full = [f"{self.version}.{patch}" for patch in PATCHES]
        return [{**known, "python_full_version": one, "implementation_version": one} for one in full]


def target_of(name: str | None = None, python: str | None = None) -> Target:
    """The computer that a platform and a Python name; this one without them.

    Raises
    ------
    DataError
        No such platform, or no such Python.
    """
    name = this_platform() if name is None else name
    name = f"manylinux_2_{GLIBC}_x86_64" if name == "linux_x86_64" else name
    said = re.fullmatch(r"3\.(\d+)", python or f"3.{sys.version_info[1]}")
    if not said or int(said[1]) < 11:
        raise DataError("There is no such Python for this.", where="--python", found=python, expected="3.11, 3.12, ...")
    return Target(name, (3, int(said[1])), _platforms(name))


def this_platform() -> str:
    """This computer as wheels name it."""
    given = re.sub(r"[-.]", "_", sysconfig.get_platform())
    if not given.startswith("linux_"):
        return given
    glibc = re.fullmatch(r"2\.(\d+)", platform.libc_ver()[1])
    return f"manylinux_2_{glibc[1]}_{given.removeprefix('linux_')}" if glibc else given


def _platforms(name: str) -> tuple[str, ...]:
    """All the names that wheels for a platform may have, the best first."""
    if name in ("win_amd64", "win_arm64", "win32"):
        return (name,)
    if mac := re.fullmatch(r"macosx_(\d+)_(\d+)_(arm64|x86_64)", name):
        return tuple(mac_platforms((int(mac[1]), int(mac[2])), mac[3]))
    linux = re.fullmatch(r"(manylinux_2_(?P<minor>\d+)|(?P<old>manylinux\d+))_(?P<machine>x86_64|aarch64)", name)
    if linux and (linux["minor"] or linux["old"] in _NEW):
        newest, machine = int(linux["minor"] or _NEW[linux["old"]]), linux["machine"]
        names = ((f"manylinux_2_{minor}", _OLD.get(minor)) for minor in range(newest, 4, -1))
        found = [f"{one}_{machine}" for pair in names for one in pair if one]
        return (*found, f"linux_{machine}")
    raise DataError(
        "There is no such platform.",
        where="--platform",
        found=name,
        expected="win_amd64, linux_x86_64, manylinux_2_28_x86_64 (glibc 2.28), manylinux2014_x86_64, macosx_14_0_arm64",
    )
