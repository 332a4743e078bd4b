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


def check_covariances(meta: Mapping[str, Any], covariance: np.ndarray, uses: np.ndarray, what: str) -> None:
    """That all covariances left between estimates that are used together, each of which left with its error.

    uses : (m, k) bool, the estimates of each of m numbers.
    """
    if not is_exported(meta):
        return
    missing = np.isnan(covariance)
    missing &= ~(np.diag(missing)[:, None] | np.diag(missing))
    if not missing.any():
        return
    used = np.asarray(uses, dtype=np.float64)
    if ((used @ missing.astype(np.float64)) * used).any():
        raise DataError(
            f"{what} needs the covariance between two rows, and this covariance did not leave.",
            where=str((meta.get("call") or {}).get("function")),
            found=f"rows that few persons share, under the profile {meta[EXPORTED].get('profile')}",
            expected="rows whose covariance left",
            todo="inside, export the contrast itself: it leaves, with an error where that tells of enough persons",
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
