"""The rules of Python packages (versions, markers, tags): of `packaging`, or of the copy that every pip carries."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from packaging.markers import Marker
    from packaging.requirements import Requirement
    from packaging.specifiers import SpecifierSet
    from packaging.tags import Tag, compatible_tags, cpython_tags, mac_platforms
    from packaging.utils import canonicalize_name, parse_wheel_filename
    from packaging.version import Version
else:  # run.py is started by any Python, which has pip
    _WHERE = "packaging" if find_spec("packaging") else "pip._vendor.packaging"
    Marker = import_module(f"{_WHERE}.markers").Marker
    Requirement = import_module(f"{_WHERE}.requirements").Requirement
    SpecifierSet = import_module(f"{_WHERE}.specifiers").SpecifierSet
    Version = import_module(f"{_WHERE}.version").Version
    _tags, _utils = import_module(f"{_WHERE}.tags"), import_module(f"{_WHERE}.utils")
    Tag, compatible_tags, cpython_tags, mac_platforms = (
        getattr(_tags, name) for name in ("Tag", "compatible_tags", "cpython_tags", "mac_platforms")
    )
    canonicalize_name, parse_wheel_filename = _utils.canonicalize_name, _utils.parse_wheel_filename

__all__ = [
    "Marker",
    "Requirement",
    "SpecifierSet",
    "Tag",
    "Version",
    "canonicalize_name",
    "compatible_tags",
    "cpython_tags",
    "mac_platforms",
    "parse_wheel_filename",
]
