"""Packages that parts of the library need, and that may be absent: numbers stand on numpy, pandas and scipy alone."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from llo_research.errors import DataError

# What each is for, in words that begin a sentence.
USES = {
    "formulaic": "A formula",
    "duckdb": "A scan of files",
    "ibis": "A scan",
    "matplotlib": "A figure",
    "openpyxl": "Writing Excel files",
}
# What to install where that is not the name of the package.
_INSTALLED_AS = {"duckdb": '"llo-research[scale]"', "ibis": '"llo-research[scale]"'}


def need(name: str) -> None:
    """Refuse, with what to ask for, where a package of :data:`USES` is not installed."""
    if find_spec(name) is not None:
        return
    raise DataError(
        f"{USES[name]} needs the package {name}, which is not installed.",
        todo=f"pip install {_INSTALLED_AS.get(name, name)}; in a sealed environment ask for the full bundle "
        f"(llo_research-...-full.zip), or for {name} and what it needs; packages.csv of the full bundle lists them",
    )


class Package:
    """Stands for a package that is imported when something of it is used: ``Package("formulaic").Formula``."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        need(self._name)
        return getattr(import_module(self._name), attribute)
