"""Estimators that need passes over the rows of a scan: which there are, and what they refuse."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from llo_research.errors import DataError
from llo_research.scanning.weighed import weight_now

if TYPE_CHECKING:
    from llo_research.scanning.scan import Scan

_ESTIMATORS = {"quantile": "breakpoints", "glm": "model_passes", "fixed_effects": "person_passes"}


def run(scan: Scan, name: str, call: Mapping[str, Any]) -> Any:
    """The result of an estimator on a scan, from its arguments by name; None where its patterns give it as well."""
    linear = call.get("family") == "gaussian" and not call.get("link")
    if name == "glm" and not scan._names("psu") and scan.collapses(call["formula"], linear=linear):
        return None
    return import_module(f"llo_research.scanning.{_ESTIMATORS[name]}").run(scan, call)


def domain_of(scan: Scan) -> Any:
    """The rows of the domain, with a weight or without."""
    table = scan._table
    for own in scan._domain:
        table = table.filter(table[own.column])
    return table


def used_rows(scan: Scan, columns: list[str]) -> Any:
    """Whether a call uses a row: it is in the domain, with a weight, and nothing is missing in these columns."""
    table = scan._table
    kept = weight_now(scan, table) != 0
    for own in scan._domain:
        kept &= table[own.column]
    for name in columns:
        kept &= table[name].notnull()
    return kept


def rows_of(scan: Scan, columns: list[str]) -> Any:
    """The rows that a call uses."""
    return scan._table.filter(used_rows(scan, columns))


def only(call: Mapping[str, Any], allowed: Mapping[str, tuple[Any, ...]], what: str, todo: str) -> None:
    """Refuse the options of a call that are not made by passes."""
    for name, values in allowed.items():
        if call[name] not in values:
            raise DataError(
                f"{what} on a scan has no {name}={call[name]!r}.",
                where=name,
                found=repr(call[name]),
                expected=" or ".join(repr(value) for value in values),
                todo=todo,
            )
