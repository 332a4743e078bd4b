"""Derivatives of the regressors of a formula in a column of the data."""

from __future__ import annotations

import ast
import re

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
# Slopes by a step and by half of it are this near, relative to the largest, where there is a slope.
_SMOOTH = 1e-6
# What rounding adds to a slope: a few units in the last place of the column's values, over the step.
_ROUNDING = 1e-14
# Coefficients of f(x + j h) in 12 h f'(x).
_STENCIL = {-2: 1.0, -1: -8.0, 1: 8.0, 2: -1.0}


def design_slopes(matrix: Matrix, frame: pd.DataFrame, name: str) -> Floats:
    """(m, p) derivatives of the columns of a matrix in one column of the data, row by row.

    Exact to rounding for polynomials up to the fourth degree, to about 1e-11 for logarithms, roots and splines.
    """
    _check_uncut(matrix, name)
    x = frame[name].to_numpy(dtype=np.float64)
    spread = float(np.abs(x).max(initial=0.0)) or 1.0
    step = _STEP * np.maximum(np.abs(x), _FLOOR * spread)
    # a power of two: x + h and x - h are then as far apart as they should be
    step = 2.0 ** np.round(np.log2(step))
    out, half = _differences(matrix, frame, name, x, step), _differences(matrix, frame, name, x, step / 2)
    size = np.abs(out).max(axis=0, initial=0.0) + np.abs(half).max(axis=0, initial=0.0)
    rounding = _ROUNDING * np.abs(new_values(matrix, frame)).max(axis=0, initial=0.0) / step[:, None]
    broken = ~(np.abs(out - half) <= _SMOOTH * size + rounding)
    if broken.any():
        row = int(broken.any(axis=1).argmax())
        raise DataError(
            "The mean has no slope for some people.",
            where=f"column {name!r}, first where it is {x[row]:g}",
            found=f"{int(broken.any(axis=1).sum())} rows",
            expected="a formula that is smooth in the column",
            todo="leave these rows out of the domain, or take another transformation",
        )
    return out


def _differences(matrix: Matrix, frame: pd.DataFrame, name: str, x: Floats, step: Floats) -> Floats:
    """(m, p) slopes by differences with these steps."""
    out = np.zeros((len(x), len(matrix.names)))
    for times, weight in _STENCIL.items():
        out += weight * new_values(matrix, frame.assign(**{name: x + times * step}))
    return out / (12 * step[:, None])


def _check_uncut(matrix: Matrix, name: str) -> None:
    """A number that the formula compares with something is a step: it has no slope, wherever the people are."""
    for factor in dict.fromkeys(factor for term in matrix.spec.formula for factor in term.factors):
        if str(factor.eval_method.value) != "python":
            continue
        code = ast.parse(re.sub(r"`[^`]*`", _letters, factor.expr), mode="eval")
        compared = [node for node in ast.walk(code) if isinstance(node, ast.Compare)]
        names = {part.id for node in compared for part in ast.walk(node) if isinstance(part, ast.Name)}
        if name in names or _letters(name) in names:
            raise DataError(
                f"The formula cuts {name!r} in two: its effect is no slope.",
                where=f"term {factor.expr!r}",
                expected="a formula that is smooth in the column",
                todo=f'put the condition into the survey, svy.assign(above="{name} > ..."), and take its effect',
            )


def _letters(name: re.Match[str] | str) -> str:
    """A name that stands in backticks as a Python name."""
    text = name if isinstance(name, str) else name[0].strip("`")
    return "_" + text.encode("utf-8").hex()
