"""Tables of coverage studies in Markdown, and which of their rows do not hold 95 %."""

from __future__ import annotations

import numpy as np
import pandas as pd

PROMISE = 0.95
# Three Monte-Carlo standard errors of a coverage of 95 %: beyond them a row is said not to hold it.
_FAR = 3.0


def far(samples: int) -> float:
    """How far a coverage may be off before a page says that it is not 95 %."""
    return float(_FAR * np.sqrt(PROMISE * (1 - PROMISE) / samples))


def off(table: pd.DataFrame) -> pd.Series:
    """Which rows do not hold 95 %."""
    return (table["coverage"] - PROMISE).abs() > table["samples"].map(far)


def rows(table: pd.DataFrame, names: list[str], truth: str, middle: str = "mean") -> list[str]:
    """A line for each row: names, truth, estimate, bias and error in standard deviations, coverage."""
    spread = table["spread"]
    numbers = pd.DataFrame(
        {
            "truth": table[truth].map(_number),
            "estimate": table[middle].map(_number),
            "bias": ((table[middle] - table[truth]) / spread).map("{:.2f}".format),
            "error": (table["std_error"] / spread).map("{:.2f}".format),
            "coverage": [
                f"**{100 * held:.1f}**" if wrong else f"{100 * held:.1f}"
                for held, wrong in zip(table["coverage"], off(table), strict=True)
            ],
        }
    ).replace({"nan": "", "-0.00": "0.00", "-0.000": "0.000"})
    told = pd.concat([table[names].astype(str), numbers], axis=1)
    return [f"| {' | '.join(line)} |" for line in told.to_numpy().tolist()]


def _number(value: float) -> str:
    """Three decimals, two of what is above ten."""
    return f"{value:.2f}" if abs(value) >= 10 else f"{value:.3f}"
