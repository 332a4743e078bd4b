"""Contrasts in R: ``svycontrast`` of estimates that stand beside each other."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

from llo_research.expression import Expression, parse
from llo_research.results.expressions import labels_in
from llo_research.results.receipts.r import regressions, rows, shifts
from llo_research.results.receipts.r.words import name, text, vector
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

Body = Callable[[Told, Script], None]
_SIGNS: dict[type, str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "^"}
_SLOPES = (
    "J <- sapply(wanted, function(own)",
    '  attr(eval(deriv(own, names(theta)), as.list(theta)), "gradient")[1, ])',
)
_FUNCTIONS = {"logit": "log({0} / (1 - {0}))", "expit": "1 / (1 + exp(-({0})))"}


def write(told: Told, script: Script, body: Body) -> None:
    """`theta`, `V`, `df` of contrasts, and of contrasts of contrasts."""
    base = told.contrasted()
    script.part("The estimates that contrasts are taken of.")
    rows.identify(base, script)
    body(base, script)
    labels = base.labels
    for number, specs in enumerate(told.contrasts):
        _one(told, base, script, specs, labels, last=number == len(told.contrasts) - 1)
        labels = tuple(specs)


def _one(
    told: Told, base: Told, script: Script, specs: Mapping[str, Any], labels: tuple[str, ...], *, last: bool
) -> None:
    """One set of contrasts of the estimates with these labels."""
    script.part("The contrasts.")
    script.add(f"names(theta) <- {vector(map(_safe, labels))}")
    smooth = any(isinstance(spec, str) for spec in specs.values())
    own = {key: _expression(spec) if smooth else _linear(spec) for key, spec in specs.items()}
    script.add("wanted <- list(", *_items(own), ")")
    used = {key: vector(map(_safe, _used(spec))) for key, spec in specs.items()}
    script.add("used <- list(", *_items(used), ")")
    script.add("used <- lapply(used, match, names(theta))")
    if not regressions.by_design(base):
        _by_svycontrast(told, script, smooth)
        script.add("df <- rep(df[1], length(theta))")
        return
    shifted = shifts.known(base.meta)
    if last and not told.linearised and not (shifted and smooth and told.survey.get("replicates")):
        _by_svycontrast(told, script, smooth)
    else:
        _with_slopes(told, script, smooth, shifted)
    script.add(
        "people <- sapply(used, function(own) rowSums(people[, own, drop = FALSE]) > 0)",
        "df <- unname(apply(people, 2, function(own) degf(sampled[own, ])))",
    )
    if spends(base):
        script.say("coefficients take as many of the degrees of freedom as those that they are made of")
        script.add("taken <- sapply(used, function(own) max(taken[own]))", "df <- df - taken")


def spends(told: Told) -> bool:
    """Whether any of the estimates is a coefficient, or made of one."""
    base = told.contrasted() if told.contrasts else told
    return any(spends(part) for _, part, _ in base.parts()) if base.function == "joint" else regressions.spends(base)


def _safe(label: str) -> str:
    """A label that deriv does not take for a function of its own."""
    return f"{label}_" if label in ("c", "array", "list", "length") else label


def _items(own: Mapping[str, str]) -> list[str]:
    """Lines of a list of R."""
    lines = [f"  {name(key)} = {value}," for key, value in own.items()]
    return [*lines[:-1], lines[-1].removesuffix(",")]


def _by_svycontrast(told: Told, script: Script, smooth: bool) -> None:
    """svycontrast; a smooth one on replicate designs at each replicate."""
    if smooth and told.survey.get("replicates"):
        script.add(
            "colnames(reps) <- names(theta)",
            "found <- t(apply(reps, 1, function(one) sapply(wanted, eval, as.list(one))))",
            "theta <- unname(sapply(wanted, eval, as.list(theta)))",
            "reps <- matrix(found, ncol = length(theta))",
            "V <- svrVar(reps, design$scale, design$rscales, mse = design$mse, coef = theta)",
        )
        return
    script.add(
        'found <- svycontrast(structure(theta, var = V, class = "svystat"), wanted)',
        "theta <- unname(coef(found))",
        "V <- as.matrix(vcov(found))",
    )


def _with_slopes(told: Told, script: Script, smooth: bool, shifted: bool) -> None:
    """With the linearised variables, or the replicates, of the contrasts; `J` are their slopes."""
    replicated = bool(told.survey.get("replicates"))
    if smooth and replicated:
        script.add(*(_SLOPES if shifted else ()))
        _by_svycontrast(told, script, smooth)
    elif smooth:
        script.add(*_SLOPES, "theta <- unname(sapply(wanted, eval, as.list(theta)))")
    else:
        script.add(
            "J <- sapply(wanted, function(own) { out <- 0 * theta; out[names(own)] <- own; out })",
            "theta <- unname(drop(crossprod(J, theta)))",
        )
    if not replicated:
        script.add("u <- u %*% J", "V <- as.matrix(vcov(svytotal(u, design)))")
    elif not smooth:
        script.add(
            "reps <- reps %*% J", "V <- svrVar(reps, design$scale, design$rscales, mse = design$mse, coef = theta)"
        )
    if shifted:
        script.add("shift_errors <- crossprod(J, shift_errors)", shifts.ADDED)


def _linear(spec: Mapping[str, float]) -> str:
    """A named vector of weights."""
    return f"c({', '.join(f'{name(_safe(label))} = {text(float(weight))}' for label, weight in spec.items())})"


def _expression(spec: Any) -> str:
    """A quoted expression."""
    if isinstance(spec, Mapping):
        terms = [f"{text(float(weight))} * {name(_safe(label))}" for label, weight in spec.items()]
        return f"quote({' + '.join(terms)})"
    expression = parse(spec, logical=False)
    return f"quote({_written(expression.tree, expression)})"


def _used(spec: Any) -> list[str]:
    """The labels that a contrast speaks of."""
    return (
        [label for label, weight in spec.items() if weight]
        if isinstance(spec, Mapping)
        else labels_in(parse(spec, logical=False))
    )


def _written(node: ast.expr, expression: Expression) -> str:
    """An expression in R's words."""
    match node:
        case ast.BinOp():
            left, right = _written(node.left, expression), _written(node.right, expression)
            return f"({left} {_SIGNS[type(node.op)]} {right})"
        case ast.UnaryOp(op=ast.USub()):
            return f"(-{_written(node.operand, expression)})"
        case ast.UnaryOp():
            return _written(node.operand, expression)
        case ast.Call():
            inner, called = _written(node.args[0], expression), getattr(node.func, "id", "")
            return f"({_FUNCTIONS[called].format(inner)})" if called in _FUNCTIONS else f"{called}({inner})"
        case ast.Name():
            return name(_safe(expression.name(node)))
        case ast.Constant():
            return text(node.value)
    raise ValueError(f"no words for {ast.dump(node)[:60]}")
