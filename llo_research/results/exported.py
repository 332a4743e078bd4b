"""Results that left a secure environment: what is shown of them, and what has to be asked for inside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from llo_research.errors import DataError

EXPORTED = "exported"


def is_exported(meta: Mapping[str, Any]) -> bool:
    """Whether these are numbers that left a secure environment, read back from their safe file."""
    return isinstance(meta.get(EXPORTED), Mapping)


def rows_of_export(meta: Mapping[str, Any], name: str, k: int) -> np.ndarray:
    """(k,) the rows of which an export says `withheld` or `ends`; none of what was worked out of it outside."""
    told = (meta.get(EXPORTED) or {}).get(name) or [False] * k
    if len(told) != k:
        raise ValueError("an export of other rows")
    return np.array(told, dtype=bool)


def of_what_is_made(meta: Mapping[str, Any]) -> dict[str, Any]:
    """What a number that is worked out of an exported result says of the export: all but its rows."""
    if not is_exported(meta):
        return {}
    return {EXPORTED: {name: value for name, value in meta[EXPORTED].items() if name not in ("withheld", "ends")}}


def not_outside(meta: Mapping[str, Any], what: str, todo: str, where: str | None = None) -> DataError:
    """What cannot be done with an exported result, and what to do inside instead."""
    told = meta.get(EXPORTED) or {}
    return DataError(
        f"{what} cannot be made of an exported result.",
        where=where or str((meta.get("call") or {}).get("function")),
        found=f"a result that left a secure environment under the profile {told.get('profile')}",
        expected="a result with the people behind it",
        todo=f"inside, before the next export: {todo}",
    )


def no_influence(meta: Mapping[str, Any]) -> DataError:
    """Influence values are never saved."""
    if is_exported(meta):
        return not_outside(meta, "Influence values", "what they were wanted for: a contrast, or llo.joint")
    return DataError(
        "This result holds no influence values.",
        where=str((meta.get("call") or {}).get("function")),
        todo="they are never saved; call the estimator again on the survey",
    )
