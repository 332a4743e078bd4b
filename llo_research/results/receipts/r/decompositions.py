"""The writers in R of all decompositions, by the name of the estimator."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from llo_research.results.receipts.r import narrowing, nested, oaxaca, oaxaca_change, standardise, unwritten
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

WRITERS: Mapping[str, Callable[[Told, Script], None]] = {
    "gelbach": nested.write,
    "narrowing": narrowing.write,
    "oaxaca_blinder": oaxaca.write,
    "oaxaca_change": oaxaca_change.write,
    "sequential": nested.write,
    "shapley_r2": nested.write,
    "standardise": standardise.write,
    **unwritten.WRITERS,
}
