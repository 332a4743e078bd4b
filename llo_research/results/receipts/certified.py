"""Against what the statistic of a result was held, and to how many digits: read from what the tests wrote."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from llo_research.results.receipts.told import Told


def certified(told: Told) -> list[dict[str, Any]]:
    """The comparisons of this estimator on designs of this kind, the most numbers first.

    A line of ``certified.json`` holds `reference`, `statistic`, `numbers`, `digits` (or `decimals`), and `functions`:
    the estimators by the designs on which they were compared.
    """
    asked = {(function, design) for function, design in _asked(told.meta)}
    found = []
    for line in table():
        held = {(name, design) for name, designs in line["functions"].items() for design in designs}
        if asked & held:
            found.append({name: value for name, value in line.items() if name != "functions"})
    return sorted(found, key=lambda line: -line["numbers"])


@cache
def table() -> list[dict[str, Any]]:
    """All comparisons, as ``tests/certify.py`` wrote them."""
    text = (files("llo_research.results.receipts") / "certified.json").read_text(encoding="utf-8")
    lines: list[dict[str, Any]] = json.loads(text)
    return lines


def kind_of_design(meta: Mapping[str, Any]) -> str:
    """``replicates``, ``calibrated`` (any weighting step) or ``linearised``, with ``imputed`` over draws."""
    design = meta.get("design") or {}
    kind = "replicates" if design.get("replicates") else "calibrated" if design.get("steps") else "linearised"
    return f"imputed {kind}" if "imputations" in meta else kind


def _asked(meta: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The estimators behind a result, each with its kind of design."""
    call, kind = meta.get("call") or {}, kind_of_design(meta)
    for inner in (call.get("results") or {"": call}).values():
        told = inner or {}
        if told.get("results"):
            yield from _asked({**meta, "call": told})
        elif told.get("function"):
            yield str(told["function"]), kind
