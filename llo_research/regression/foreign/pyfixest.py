"""Results of pyfixest."""

from __future__ import annotations

from typing import Any

import numpy as np

from llo_research.regression.foreign.column import Column, column_of

PACKAGE = "pyfixest"


def column(result: Any, level: float) -> Column:
    """A fitted model of pyfixest."""
    effects = getattr(result, "_fixef", None)
    footer = {
        "n": int(result._N),
        "effects": "" if effects in (None, "0") else str(effects).replace("+", ", "),
        "r2": float(getattr(result, "_r2", np.nan)),
        "vcov": str(getattr(result, "_vcov_type_detail", "")),
        "program": PACKAGE,
    }
    interval = np.asarray(result.confint(alpha=1 - level))
    df = float(getattr(result, "_df_t", np.inf))
    return column_of(result.coef(), result.se(), result.pvalue(), interval, df, footer)
