"""The rows of a decomposition as linear maps of coefficients and means, in R."""

from __future__ import annotations

from collections.abc import Sequence

from llo_research.results.receipts.r.words import text, vector
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told


def listing(told: Told, script: Script) -> bool:
    """How terms become rows, and whether coefficients are normalised."""
    if normalised := told.meta.get("normalized"):
        script.say("Coefficients of categories as deviations from their mean (B), and means of all levels (M).")
        script.add(*_matrix("B", normalised["coefficients"]), *_matrix("M", normalised["means"]))
    if laid_to := told.meta.get("laid_to"):
        script.add(
            f"laid_to <- {vector(laid_to)}", "sums <- function(x) tapply(x, factor(laid_to, unique(laid_to)), sum)"
        )
    return bool(normalised)


def mapped(words: str, matrix: str | None) -> str:
    """A vector of R times a matrix."""
    return words if matrix is None else f"drop({matrix} %*% ({words}))"


def _matrix(name: str, rows: Sequence[Sequence[float]]) -> list[str]:
    """A matrix in R, a line each row."""
    lines = [f"  {vector(row) if len(row) > 1 else text(row[0])}" for row in rows]
    return [f"{name} <- rbind(", *(f"{line}," for line in lines[:-1]), lines[-1] + ")"]
