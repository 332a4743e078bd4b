"""Numbers that rest on a few persons who are unlike all others, and quantiles that lie too near each other.

What a variable is, is told by its values and not by the estimator: an index of inequality, a decomposition or a model
of a number that all but three persons have in common tells of these three, as its mean does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from llo_research.report.disclosure.findings import Finding
from llo_research.results.columns import IDENTIFIERS
from llo_research.results.floors import facts_of
from llo_research.results.profiles.profile import Rules
from llo_research.results.result import Result

_SAME = 1e-9  # of the largest influence: rounding
_SIDES = 2  # estimates that a mean or a difference is made of; a coefficient is made of all sums of its model
_OF_NUMBERS = ("inequality", "correlation", "covariance", "standardise")
_EDGE = 1e-6  # persons: 200 times 0.35 - 0.3 are ten


def near_quantiles(results: Mapping[str, Result], old: Mapping[str, Result], rules: Rules) -> Iterator[Finding]:
    """Quantiles of a group with fewer persons between them than may be told of: together they list its values."""
    told: dict[tuple[str, ...], list[float]] = {}
    for name, result in {**old, **results}.items():
        rows = result.rows.reset_index(drop=True)
        if "quantile" not in rows:
            continue
        n, source = facts_of(result)["n_units"].to_numpy(), repr(result.meta.get("domain") or [])
        for i in range(len(rows)):
            q, cell = float(rows["quantile"].iloc[i]), _cell(rows.iloc[i].to_dict(), source)
            near = [one for one in told.get(cell, []) if _EDGE < n[i] * abs(one - q) < rules.units - _EDGE]
            if near and name in results:
                found = min(n[i] * abs(one - q) for one in near)
                yield Finding(name, i, "extreme", float(np.floor(found)), rules.units)
            else:
                told.setdefault(cell, []).append(q)


def _cell(row: Mapping[Any, Any], source: str) -> tuple[str, ...]:
    """Of which group and variable a row is."""
    names = sorted(str(name) for name in row if name not in IDENTIFIERS or name == "variable")
    return (source, *(f"{name}={row[name]}" for name in names))
