"""Combinations of estimates: linear ones, and smooth expressions by the delta method or at each replicate."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from llo_research.errors import DataError
from llo_research.estimation import intervals
from llo_research.estimation.result import BREAKS, Result
from llo_research.estimation.straddling import flag_contrast
from llo_research.numerics.groups import Floats
from llo_research.results.floors import smallest_cells
from llo_research.survey.expression import Expression, parse, refuse, shortened
from llo_research.survey.variables import nearest

_ALLOWED = "labels, numbers, + - * / **, log(x), exp(x), sqrt(x), logit(x), expit(x), brackets"
Single = str | Mapping[str, float]


@dataclass(frozen=True)
class Dual:
    """A value with its gradient in the k estimates (forward-mode differentiation)."""

    value: Any
    gradient: Floats


_FUNCTIONS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "log": (np.log, lambda x: 1 / x),
    "exp": (np.exp, np.exp),
    "sqrt": (np.sqrt, lambda x: 0.5 / np.sqrt(x)),
    "logit": (special.logit, lambda x: 1 / (x * (1 - x))),
    "expit": (special.expit, lambda x: special.expit(x) * special.expit(-x)),
}


def contrast(result: Result, what: Any, *, level: float) -> Result:
    """See :meth:`Result.contrast`."""
    intervals.check_level(level)
    named = _named(what)
    evaluated = [_evaluate(result, spec) for spec in named.values()]
    estimate = np.array([value for value, _, _ in evaluated], dtype=np.float64)
    gradient = np.array([grad for _, grad, _ in evaluated])
    _check_defined(result, list(named), estimate, gradient)
    replicates = None
    if result.replicates is not None:
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            replicates = np.column_stack([at_replicates() for _, _, at_replicates in evaluated])
        replicates = np.where(np.isfinite(replicates), replicates, np.nan)
        design = result.survey.design.replicates if result.survey is not None else None
        assert design is not None
        covariance = design.covariance(replicates, estimate)
    else:
        used = (gradient != 0).any(axis=0)
        slopes = gradient[:, used]
        covariance = slopes @ result.covariance[np.ix_(used, used)] @ slopes.T
    made = Result(
        rows=pd.DataFrame({"term": list(named)}),
        estimate=estimate,
        covariance=covariance,
        df=_degrees_of_freedom(result, gradient),
        meta={**result.meta, "contrast": {name: _told(spec) for name, spec in named.items()}},
        labels=tuple(named),
        level=level,
        tested=True,
        n=_counts(result, gradient),
        cell_details=smallest_cells(result.cell_details, gradient != 0),
        scores=None if result.scores is None else result.scores.mapped(gradient),
        replicates=replicates,
        survey=result.survey,
        extra_flags=_inherited(result, gradient),
        scale=lambda: np.abs(gradient) @ np.nan_to_num(result.scales, nan=0.0),
    )
    return flag_contrast(made, result, gradient)


def _check_defined(result: Result, names: list[str], estimate: Floats, gradient: Floats) -> None:
    """Values and slopes are finite numbers."""
    if not (np.isfinite(estimate).all() and np.isfinite(gradient).all()):
        undefined = ~(np.isfinite(estimate) & np.isfinite(gradient).all(axis=1))
        bad = names[int(undefined.argmax())]
        raise DataError(
            "The contrast is not defined at these estimates.",
            where=shortened(bad),
            found=", ".join(f"{label} = {value:.6g}" for label, value in _shown(result)),
            expected="a value and a slope that are finite numbers",
            todo="a row without people has no estimate; log, sqrt and / need numbers they are defined for",
        )


def _named(what: Any) -> dict[str, Single]:
    """Every form of a contrast as name -> specification."""
    if isinstance(what, str):
        return {what: what}
    if isinstance(what, Mapping) and what:
        if all(isinstance(value, int | float | np.number) for value in what.values()):
            return {_text_of(what): what}
        if all(isinstance(value, str | Mapping) for value in what.values()):
            return {str(name): value for name, value in what.items()}
    if isinstance(what, Sequence) and what and all(isinstance(item, str) for item in what):
        return {item: item for item in what}
    raise DataError(
        "A contrast is a mapping of labels to numbers, an expression, or several of them.",
        where="contrast",
        found=repr(what)[:80],
        expected="{'high': 1, 'low': -1} or 'log(a / b)'",
        todo="take the labels from result.labels",
    )


def _text_of(weights: Mapping[str, float]) -> str:
    """A linear combination in words: ``high - low``."""
    out = ""
    for label, weight in weights.items():
        size = "" if abs(weight) == 1 else f"{abs(weight):g} * "
        sign = (" - " if weight < 0 else " + ") if out else ("-" if weight < 0 else "")
        out += f"{sign}{size}{label}"
    return out


def _told(spec: Single) -> Any:
    """A specification for ``.meta``."""
    return spec if isinstance(spec, str) else {str(label): float(weight) for label, weight in spec.items()}


def _shown(result: Result) -> list[tuple[str, float]]:
    """A few labels and estimates, for messages."""
    return [(label, float(value)) for label, value in zip(result.labels[:5], result.estimate[:5], strict=True)]


def _position(result: Result, label: object) -> int:
    """The row with this label."""
    places = [i for i, known in enumerate(result.labels) if known == str(label)]
    if len(places) == 1:
        return places[0]
    raise DataError(
        f"There is no row {label!r}." if not places else f"{len(places)} rows are called {label!r}.",
        where="contrast",
        found=f"{label!r}{nearest(label, result.labels)}",
        expected=", ".join(result.labels[:20]),
        todo="labels that are not Python names stand in backticks inside an expression",
    )


def _evaluate(result: Result, spec: Single) -> tuple[float, Floats, Callable[[], Floats]]:
    """Value, gradient in the k estimates, and the values at the replicates."""
    k = len(result.estimate)
    if isinstance(spec, Mapping):
        weights = _weights(result, spec)
        used = weights != 0
        value = float(weights[used] @ result.estimate[used])
        return value, weights, lambda: _replicates(result)[:, used] @ weights[used]
    expression = parse(spec, logical=False)
    units = {name: _position(result, name) for name in _labels_in(expression)}
    duals = {name: Dual(result.estimate[i], (np.arange(k) == i).astype(np.float64)) for name, i in units.items()}
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        out = _dual(expression.tree, expression, duals)
    if not units:
        raise DataError(
            "The contrast speaks of no row.",
            where=spec,
            expected=", ".join(result.labels[:20]),
            todo="use labels of rows; those that are not Python names stand in backticks",
        )

    def at_replicates() -> Floats:
        flat = {name: Dual(_replicates(result)[:, i], np.zeros(1)) for name, i in units.items()}
        values = _dual(expression.tree, expression, flat, gradient=False).value
        return np.broadcast_to(values, (len(_replicates(result)),)).astype(np.float64)

    return float(out.value), np.broadcast_to(out.gradient, (k,)).astype(np.float64), at_replicates


def _weights(result: Result, spec: Mapping[str, float]) -> Floats:
    """The weights (k,) of a linear contrast."""
    weights = np.zeros(len(result.estimate))
    for label, weight in spec.items():
        if not isinstance(weight, int | float | np.number):
            raise DataError(
                "A weight of a contrast is a number.",
                where=f"contrast, {label!r}",
                found=repr(weight),
                expected="a number",
                todo="as {'high': 1, 'low': -1}",
            )
        weights[_position(result, label)] += weight
    if not weights.any():
        raise DataError(
            "The contrast speaks of no row.",
            where="contrast",
            found=dict(spec),
            expected="weights other than 0",
            todo="as {'high': 1, 'low': -1}",
        )
    return weights


def _labels_in(expression: Expression) -> list[str]:
    """The labels of an expression: its names, but for those of functions that are called."""
    called = {id(node.func) for node in ast.walk(expression.tree) if isinstance(node, ast.Call)}
    nodes = [node for node in ast.walk(expression.tree) if isinstance(node, ast.Name) and id(node) not in called]
    return list(dict.fromkeys(expression.name(node) for node in nodes))


def _replicates(result: Result) -> Floats:
    """Estimates at the replicates."""
    assert result.replicates is not None
    return result.replicates


def _dual(node: ast.expr, expression: Expression, known: dict[str, Dual], *, gradient: bool = True) -> Dual:
    """Evaluate a node and its derivative."""
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return Dual(np.float64(_finite(node.value, expression)), np.zeros(1))
    if isinstance(node, ast.Name):
        return known[expression.name(node)]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        inner = _dual(node.operand, expression, known, gradient=gradient)
        return Dual(-inner.value, -inner.gradient) if isinstance(node.op, ast.USub) else inner
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _FUNCTIONS:
        if len(node.args) != 1 or node.keywords:
            raise refuse(node, expression, _ALLOWED)
        inner = _dual(node.args[0], expression, known, gradient=gradient)
        function, derivative = _FUNCTIONS[node.func.id]
        slope = derivative(inner.value) * inner.gradient if gradient else inner.gradient
        return Dual(function(inner.value), slope)
    if isinstance(node, ast.BinOp):
        a = _dual(node.left, expression, known, gradient=gradient)
        b = _dual(node.right, expression, known, gradient=gradient)
        return _binary(node, expression, a, b, gradient)
    raise refuse(node, expression, _ALLOWED)


def _finite(value: float, expression: Expression) -> float:
    """A constant that a computer holds."""
    if abs(value) > 1e308:
        raise DataError(
            "A number is too large.",
            where=shortened(expression.text),
            expected="numbers below 1e308",
            todo="write a smaller number",
        )
    return float(value)


def _binary(node: ast.BinOp, expression: Expression, a: Dual, b: Dual, gradient: bool) -> Dual:
    """The rules of differentiation for + - * / **."""
    zero = np.zeros(1)
    if isinstance(node.op, ast.Add):
        return Dual(a.value + b.value, a.gradient + b.gradient)
    if isinstance(node.op, ast.Sub):
        return Dual(a.value - b.value, a.gradient - b.gradient)
    if isinstance(node.op, ast.Mult):
        slope = a.gradient * b.value + b.gradient * a.value if gradient else zero
        return Dual(a.value * b.value, slope)
    if isinstance(node.op, ast.Div):
        b_value = np.asarray(b.value, dtype=np.float64)
        slope = (a.gradient - a.value / b_value * b.gradient) / b_value if gradient else zero
        return Dual(a.value / b_value, slope)
    if isinstance(node.op, ast.Pow) and np.any(b.gradient):
        raise DataError(
            "The power of a contrast is a number.",
            where=shortened(expression.text),
            found=ast.unparse(node.right),
            todo="write a ** b as exp(b * log(a))",
        )
    if isinstance(node.op, ast.Pow):
        a_value = np.asarray(a.value, dtype=np.float64)
        slope = b.value * a_value ** (b.value - 1) * a.gradient if gradient else zero
        return Dual(a_value**b.value, slope)
    raise refuse(node.op, expression, _ALLOWED)


def _degrees_of_freedom(result: Result, gradient: Floats) -> Floats:
    """Over the union of the cells that a contrast speaks of; the smallest of its rows without influence values."""
    used = [np.flatnonzero(row) for row in gradient]
    if result.scores is None or result.survey is None or "imputations" in result.meta:
        return np.array([result.df[rows].min() if len(rows) else np.nan for rows in used])
    design = result.survey.design
    return np.array([design.degrees_of_freedom(result.scores.support(rows)) for rows in used])


def _counts(result: Result, gradient: Floats) -> Floats | None:
    """Unweighted rows behind each contrast."""
    if result.scores is None:
        return None
    return np.array([float(result.scores.support(np.flatnonzero(row)).sum()) for row in gradient])


def _inherited(result: Result, gradient: Floats) -> tuple[str, ...]:
    """The flags of series breaks of the rows that a contrast speaks of."""
    if not result.extra_flags:
        return ()
    words = [[word for word in flag.split() if word in BREAKS] for flag in result.extra_flags]
    return tuple(
        " ".join(dict.fromkeys(word for number in np.flatnonzero(row) for word in words[number])) for row in gradient
    )
