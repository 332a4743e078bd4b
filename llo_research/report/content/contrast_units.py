"""What kind of number a contrast is: percentage points only where it is a difference of shares and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from llo_research.results.linear import linear_of
from llo_research.results.quantities import Quantity, of_contrast

IsShare = Callable[[str], bool]
_PARTS = {"share": Quantity("share", "percent"), "points": Quantity("difference", "points", 0.0)}


def contrast_quantity(spec: Any, call: Mapping[str, Any], is_share: IsShare) -> Quantity:
    """The quantity of one contrast of the results of a call."""
    return of_contrast([_PARTS.get(_nature(call, is_share), Quantity("estimate"))], linear_of(spec))


def _nature(call: Mapping[str, Any], is_share: IsShare) -> str:
    """Whether all estimates behind a contrast are shares, differences of shares (``points``), or neither."""
    function = call.get("function")
    if function == "joint":
        found = {_nature(part or {}, is_share) for part in call.get("results", {}).values()}
        return found.pop() if len(found) == 1 else "number"
    if function in ("share", "crosstab"):
        return "share"
    names = call.get("variables") or call.get("variable") or []
    names = [names] if isinstance(names, str) else names
    if not names or not all(is_share(name) for name in names):
        return "number"
    if function == "mean":
        return "share"
    compared = function in ("gap", "change", "gap_change") and call.get("scale") == "difference"
    return "points" if compared else "number"
