"""Derivatives of the regressors of a formula in a column of the data."""

from __future__ import annotations

import numpy as np
import pandas as pd

from llo_research.errors import DataError
from llo_research.numerics.groups import Floats
from llo_research.survey.formulas import Matrix, new_values

# Steps of a difference with an error of the fourth order, relative to the size of the value: what is left out
# (1e-12 of the fifth derivative) and what rounding adds (1e-16 / 1e-3) are about the same.
_STEP = 1e-3
# Values near 0 are moved on the scale of the column.
_FLOOR = 1e-3
# Coefficients of f(x + j h) in 12 h f'(x).
_STENCIL = {-2: 1.0, -1: -8.0, 1: 8.0, 2: -1.0}


def design_slopes(matrix: Matrix, frame: pd.DataFrame, name: str) -> Floats:
    """(m, p) derivatives of the columns of a matrix in one column of the data, row by row.

    Exact to rounding for polynomials up to the fourth degree, to about 1e-11 for logarithms, roots and splines.
    """
    x = frame[name].to_numpy(dtype=np.float64)
    spread = float(np.abs(x).max(initial=0.0)) or 1.0
    step = _STEP * np.maximum(np.abs(x), _FLOOR * spread)
    # a power of two: x + h and x - h are then as far apart as they should be
    step = 2.0 ** np.round(np.log2(step))
    out = np.zeros((len(x), len(matrix.names)))
    for times, weight in _STENCIL.items():
        out += weight * new_values(matrix, frame.assign(**{name: x + times * step}))
    out /= 12 * step[:, None]
    if not np.isfinite(out).all():
        row = int((~np.isfinite(out)).any(axis=1).argmax())
        raise DataError(
            "The mean has no slope for some people.",
            where=f"column {name!r}, first where it is {x[row]:g}",
            found=f"{int((~np.isfinite(out)).any(axis=1).sum())} rows",
            expected="a formula that is smooth in the column",
            todo="leave these rows out of the domain, or take another transformation",
        )
    return out
