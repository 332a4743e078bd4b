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
# Values near 0 are moved on the scale of the column; no step is a larger share of its range.
_FLOOR, _SHARE = 1e-3, 1 / 32
# Slopes by several differences are this near, relative to the largest, where there is a slope.
_SMOOTH = 1e-6
# What rounding adds to a slope: some units in the last place of the column's values, over the step.
_ROUNDING = 1e-14
# Where a knot or a kink lies among the points but not at the value itself, steps this much shorter pass it by.
_CLOSER = 2.0**-6
# Weights of f(x + j h) in h f'(x): around x, with twice the step, and of one side with five points and with four.
_MIDDLE = {-2: 1 / 12, -1: -2 / 3, 1: 2 / 3, 2: -1 / 12}
_WIDER = {-4: 1 / 24, -2: -1 / 3, 2: 1 / 3, 4: -1 / 24}
_RIGHT = {0: -25 / 12, 1: 4.0, 2: -3.0, 3: 4 / 3, 4: -1 / 4}
_RIGHT_OF_FOUR = {0: -11 / 6, 1: 3.0, 2: -3 / 2, 3: 1 / 3}


def design_slopes(matrix: Matrix, frame: pd.DataFrame, name: str, ends: tuple[float, float]) -> Floats:
    """(m, p) derivatives of the columns of a matrix in one column of the data, row by row.

    Exact to rounding for polynomials up to the fourth degree, to about 1e-11 for logarithms, roots and splines. Values
    between the ends, beyond which a spline may not be defined, are moved between them only: at an end, to one side.
    There is a slope where those of both sides are one; a kink at the value itself has none.

    ends : the smallest and the largest value that the model has seen.
    """
    _check_uncut(matrix, name)
    x = frame[name].to_numpy(dtype=np.float64)
    spread = float(np.abs(x).max(initial=0.0)) or 1.0
    step = _STEP * np.maximum(np.abs(x), _FLOOR * spread)
    if ends[0] < ends[1]:
        step = np.minimum(step, _SHARE * (ends[1] - ends[0]))
    # a power of two: x + h and x - h are then as far apart as they should be
    step = 2.0 ** np.round(np.log2(step))
    out, sound = _slopes(matrix, frame, name, x, step, ends)
    rest = np.flatnonzero(~sound)
    if len(rest):
        out[rest], sound[rest] = _slopes(matrix, frame.iloc[rest], name, x[rest], step[rest] * _CLOSER, ends)
    if not sound.all():
        raise DataError(
            "The mean has no slope for some people.",
            where=f"column {name!r}, first where it is {x[int((~sound).argmax())]:g}",
            found=f"{int((~sound).sum())} rows",
            expected="a formula that is smooth in the column",
            todo="leave these rows out of the domain, or take another transformation",
        )
    return out


def _slopes(
    matrix: Matrix, frame: pd.DataFrame, name: str, x: Floats, step: Floats, ends: tuple[float, float]
) -> tuple[Floats, np.ndarray]:
    """(m, p) slopes with these steps, and (m,) whether all differences agree."""
    inside = (x >= ends[0]) & (x <= ends[1])
    side = {sign: ~inside | ((x + 4 * sign * step >= ends[0]) & (x + 4 * sign * step <= ends[1])) for sign in (-1, 1)}
    at = {0: new_values(matrix, frame)}
    for j in (-4, -3, -2, -1, 1, 2, 3, 4):
        moved = x + np.where(side[int(np.sign(j))], j * step, 0.0)
        at[j] = new_values(matrix, frame.assign(**{name: moved}))

    def by(weights: dict[int, float], sign: int = 1) -> Floats:
        return np.asarray(sign * sum(w * at[sign * j] for j, w in weights.items()) / step[:, None])

    middle, left, right = by(_MIDDLE), by(_RIGHT, -1), by(_RIGHT)
    both = side[-1] & side[1]
    out = np.where(both[:, None], middle, np.where(side[1][:, None], right, left))
    size = np.abs(out).max(axis=0, initial=0.0)
    limit = _SMOOTH * size + _ROUNDING * np.abs(at[0]).max(axis=0, initial=0.0) / step[:, None]

    def near(one: Floats, other: Floats) -> np.ndarray:
        return np.asarray((np.abs(one - other) <= limit).all(axis=1))

    of_left, of_right = near(left, by(_RIGHT_OF_FOUR, -1)), near(right, by(_RIGHT_OF_FOUR))
    sides = of_left & of_right & near(left, right)
    smooth = near(middle, by(_WIDER)) & near(left, right)
    out[both & sides & ~smooth] = ((left + right) / 2)[both & sides & ~smooth]
    return out, np.where(both, smooth | sides, (side[1] & of_right) | (side[-1] & of_left))


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
