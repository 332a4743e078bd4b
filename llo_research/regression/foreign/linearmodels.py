"""Results of linearmodels."""

from __future__ import annotations

from typing import Any

import numpy as np

from llo_research.regression.foreign.column import Column, column_of, text_of

PACKAGE = "linearmodels"


def column(result: Any, level: float) -> Column:
    """A fitted model of linearmodels."""
    absorbed = [
        name
        for name, there in (
            ("unit", getattr(result.model, "_entity_effects", False)),
            ("time", getattr(result.model, "_time_effects", False)),
        )
        if there
    ]
    footer = {
        "n": int(result.nobs),
        "mean_y": float(np.nanmean(np.asarray(result.model.dependent.pandas, dtype=np.float64)))
        if hasattr(result.model.dependent, "pandas")
        else float(np.nanmean(np.asarray(result.model.dependent.dataframe, dtype=np.float64))),
        "effects": text_of(absorbed),
        "r2": float(result.rsquared),
        "vcov": str(getattr(result, "_cov_type", "")),
        "program": PACKAGE,
    }
    interval = np.asarray(result.conf_int(level=level))
    debiased = bool(getattr(result, "_debiased", False))
    df = float(result.df_resid) if debiased else np.inf
    return column_of(result.params, result.std_errors, result.pvalues, interval, df, footer)
