"""Results of statsmodels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from llo_research.regression.foreign.column import Column, column_of

PACKAGE = "statsmodels"


def column(result: Any, level: float) -> Column:
    """A fitted model of statsmodels."""
    names = list(result.model.exog_names)
    extra = [f"parameter {i}" for i in range(len(names), len(np.asarray(result.params)))]
    index = pd.Index([*names, *extra])
    params = pd.Series(np.asarray(result.params, dtype=np.float64), index=index)
    use_t = bool(getattr(result, "use_t", False))
    footer = {
        "n": int(result.nobs),
        "mean_y": float(np.average(result.model.endog, weights=getattr(result.model, "weights", None))),
        "r2": float(getattr(result, "rsquared", getattr(result, "prsquared", np.nan))),
        "vcov": str(getattr(result, "cov_type", "")),
        "program": PACKAGE,
    }
    df = float(result.df_resid_inference if getattr(result, "df_resid_inference", None) else result.df_resid)
    interval = np.asarray(result.conf_int(alpha=1 - level))
    return column_of(params, result.bse, result.pvalues, interval, df if use_t else np.inf, footer)
