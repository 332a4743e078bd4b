"""What a safe file keeps of a kind of results beyond the fields of all; of a kind that is not known here, nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from llo_research.estimation.banner import Banner
from llo_research.estimation.crosstabs import CrossTab
from llo_research.estimation.trends import Trend
from llo_research.report.disclosure.digits import rounded_covariance, significant, to_part
from llo_research.report.disclosure.passing import Passing
from llo_research.results.decomposition import CLOSED, Decomposition
from llo_research.results.floors import breakdowns
from llo_research.results.result import Result
from llo_research.results.storage import packed, plain

Safe = Callable[..., dict[str, Any]]
# the results that stand in a result, by their names in what is decided
DIFFERENCES, TOTAL = "differences", "total"


def inner_of(result: Result) -> dict[str, Result]:
    """The results that stand in a result, whose numbers leave with it; not differences of its own rows."""
    if isinstance(result, Banner):
        return {} if result.total is None else {TOTAL: result.total}
    if isinstance(result, CrossTab):
        return {of: facts() for of, facts in result.conditional.items()}
    return {}


def of_cells(table: CrossTab, own: Passing, inside: dict[str, Passing]) -> Passing:
    """A crosstab in which a cell that is withheld in one reading (of all, of its row, of its column) is in all."""
    keys = {"": _cells(table, table), **{of: _cells(table, facts()) for of, facts in table.conditional.items()}}
    parts = {"": own, **inside}
    gone = {key for of, part in parts.items() for key, out in zip(keys[of], part.gone, strict=True) if out}
    made = {}
    for of, part in parts.items():
        out = np.array([key in gone for key in keys[of]], dtype=bool)
        made[of] = replace(part, gone=out, ends=part.ends & ~out)
    return replace(made.pop(""), inner=made)


def of_breakdowns(rows: pd.DataFrame, own: Passing) -> Passing:
    """Differences of cells from the rest, which tell of all cells of their breakdown what the cells may not."""
    block = breakdowns(rows.reset_index(drop=True))
    same = (block[:, None] == block).astype(np.float64)
    ends, coarse = (same @ alone > 0 for alone in (own.ends, own.coarse))
    return replace(own, ends=ends & ~own.gone, coarse=coarse, apart=same @ own.apart @ same > 0)


def _cells(table: CrossTab, shares: Result) -> list[tuple[str, ...]]:
    """(k,) the cell of each row, whichever way the table is read."""
    rows = shares.rows
    by = [name for name in table.rows.columns if name not in (table.row, table.column)]
    names = [*by, table.row, table.column]
    return [
        tuple(str(row[name] if name in row.index else row["level"]) for name in names) for _, row in rows.iterrows()
    ]


def own_of(result: Result, passing: Passing, kept: np.ndarray, safe: Safe) -> tuple[str, dict[str, Any]]:
    """The kind of a result, and what is kept of it; rows that are left out make a table of unequal rows a plain one."""
    whole = len(kept) == len(passing.gone)
    if isinstance(result, Trend):
        return "Trend", {}
    if isinstance(result, Decomposition):
        return "Decomposition", _decomposition(result, passing, kept)
    if isinstance(result, CrossTab) and whole:
        return "CrossTab", _crosstab(result, passing, safe)
    if isinstance(result, Banner):
        return "Banner", _banner(result, passing, kept, safe)
    own = result.kept() if hasattr(result, "wild") else {}
    if "p_value" in own:  # of the wild bootstrap
        own = {"p_value": _shown(np.asarray(own["p_value"]), passing.lost, kept)}
    return (type(result).__name__, own) if hasattr(result, "wild") else ("Result", {})


def _shown(values: np.ndarray, gone: np.ndarray, kept: np.ndarray) -> list[Any]:
    """Numbers of some rows, none of those that are withheld."""
    return list(plain(np.where(gone, np.nan, values)[kept]))


def _banner(book: Banner, passing: Passing, kept: np.ndarray, safe: Safe) -> dict[str, Any]:
    """A table book: its differences from the rest, and everybody."""
    assert book.differences is not None and book.effect is not None
    apart = passing.inner[DIFFERENCES]
    total = None
    if book.total is not None and not passing.inner[TOTAL].gone.all():
        total = safe(book.total, passing.inner[TOTAL])
    effect = _shown(significant(np.asarray(book.effect)), apart.lost, kept)
    return {"differences": safe(book.differences, apart, kept), "effect": effect, "total": total}


def _crosstab(table: CrossTab, passing: Passing, safe: Safe) -> dict[str, Any]:
    """A table: shares within rows and columns; the totals that its tests are made of where all cells leave."""
    k = len(table.estimate)
    values, covariance = np.full(k, np.nan), np.full((k, k), np.nan)
    if not passing.lost.any() and table.totals is not None:
        found = table.totals()
        covariance = rounded_covariance(found[1], {"call": {"formula": ""}})
        values = to_part(np.asarray(found[0]).ravel(), np.sqrt(np.diag(covariance)))
    return {
        "row": table.row,
        "column": table.column,
        "shape": list(table.shape),
        "conditional": {of: safe(facts(), passing.inner[of]) for of, facts in table.conditional.items()},
        "totals": {"values": plain(values), "covariance": packed(covariance)},
    }


def _decomposition(result: Decomposition, passing: Passing, kept: np.ndarray) -> dict[str, Any]:
    """Which row each is a part of; not the support, whose rows are counts of people and their weights.

    Of the size of the outcome only whether the gap is closed in it.
    """
    if result.whole is None:
        return {"whole": None, "outcome": None, "support": None}
    place = {int(old): new for new, old in enumerate(kept)}
    whole = [place.get(int(i), -1) if i >= 0 else -1 for i in result.whole[kept]]
    gap = np.abs(result.estimate[result.whole])
    size = gap if result.outcome is None else result.outcome
    closed = ~(gap > CLOSED * size)
    return {"whole": whole, "outcome": plain(np.where(closed, np.inf, 0.0)[kept]), "support": None}
