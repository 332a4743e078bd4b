"""Results of pyfixest."""

from __future__ import annotations

from typing import Any

import numpy as np

from llo_research.regression.foreign.column import Column, column_of, text_of

PACKAGE = "pyfixest"


def column(result: Any, level: float) -> Column:
    """A fitted model of pyfixest: of least squares, Poisson or a generalised linear model."""
    effects = getattr(result, "_fixef", None)
    y = getattr(result, "_Y_untransformed", None)
    weights = getattr(result, "_weights", None) if getattr(result, "_has_weights", False) else None
    vcov = str(getattr(result, "_vcov_type_detail", ""))
    clusters = getattr(result, "_clustervar", None)
    footer: dict[str, Any] = {
        "n": int(result._N),
        "mean_y": None if y is None else _mean(y, weights),
        "effects": "" if effects in (None, "0") else text_of(str(effects).replace(" ", "").split("+")),
        "vcov": f"{vcov} ({text_of(clusters)})" if clusters else vcov,
        "program": PACKAGE,
    }
    for name, kind in (("_r2", "r2"), ("_pseudo_r2", "pseudo_r2")):
        value = getattr(result, name, None)
        if value is not None and np.isfinite(value):
            footer |= {"r2": float(value), "r2_kind": kind}
            break
    interval = np.asarray(result.confint(alpha=1 - level))
    df = float(getattr(result, "_df_t", np.inf))
    return column_of(result.coef(), result.se(), result.pvalue(), interval, df, footer)


def _mean(y: Any, weights: Any) -> float:
    """The mean of the response."""
    values = np.asarray(y, dtype=np.float64).ravel()
    return float(np.average(values, weights=None if weights is None else np.asarray(weights).ravel()))
