"""The writers in R of all decompositions, by the name of the estimator."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from llo_research.results.receipts.r import (
    inequality,
    narrowing,
    nested,
    oaxaca,
    oaxaca_change,
    reweight,
    rif,
    standardise,
    treated,
)
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

WRITERS: Mapping[str, Callable[[Told, Script], None]] = {
    "four_parts": treated.four_parts,
    "gap_closing": treated.gap_closing,
    "gelbach": nested.write,
    "inequality": inequality.write,
    "narrowing": narrowing.write,
    "oaxaca_blinder": oaxaca.write,
    "oaxaca_change": oaxaca_change.write,
    "reweight": reweight.write,
    "rif": rif.write,
    "sequential": nested.write,
    "shapley_r2": nested.write,
    "standardise": standardise.write,
}
