"""Marginal effects and predictive margins in R: means of what a model predicts, and their linearised variance."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from llo_research.results.receipts.r import linearised, models, ordered, ordered_margins, unit_means
from llo_research.results.receipts.r.formulas import InR, NotInR
from llo_research.results.receipts.r.model_rows import joined, prepare
from llo_research.results.receipts.r.words import name, text
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

_OWN = ("term", "of", "minus", "level")
# the second derivative of each link's mean
_CURVATURE = {
    "identity": "0 * eta",
    "log": "exp(eta)",
    "logit": "dlogis(eta) * (1 - 2 * plogis(eta))",
    "probit": "-eta * dnorm(eta)",
    "cloglog": "exp(eta - exp(eta)) * (1 - exp(eta))",
}
_BY_ETA = (
    "by.eta <- function(e, b) {",
    "  eta <- drop(e$X %*% b)",
    "  if (!is.null(e$D)) return(curved(eta) * drop(e$D %*% b))",
    "  family$mu.eta(eta) - if (is.null(e$X0)) 0 else family$mu.eta(drop(e$X0 %*% b))",
    "}",
)


def write(told: Told, script: Script) -> None:
    """`theta`, `V` and `df` of margins."""
    fit = of_fit(told)
    by = told.listed("by")
    if "means_of" in fit.meta:
        _of_means(told, fit, script, by)
        return
    model = prepare(fit, script)
    if by:
        script.add(f"domain <- subset(domain, {' & '.join(f'!is.na({name(column)})' for column in by)})")
    script.part("The model.")
    in_levels = fit.meta["family"] == "ordered"
    names = [model.names[term] for term in fit.meta["terms"] if not (in_levels and term == "Intercept")]
    if in_levels:
        ordered.set_up(fit, script, model, names)
        columns(script, model, names)
        ordered_margins.means(fit, script)
    else:
        models.fit(fit, script, model)
        script.part("Its rows; its columns also for other values of the regressors than persons have.")
        linearised.people(fit, script)
        columns(script, model, names)
        script.add("X <- matrix.of(persons)", "b <- coef(fit)[colnames(X)]")
        means(fit, script, model)
    _effects(told, fit, script)
    _estimate(told, fit, script, by)


def _of_means(told: Told, fit: Told, script: Script, by: list[str]) -> None:
    """Margins of a model with unit means, which stay where other regressors are moved."""
    made = [f"mean({one})" for one in fit.meta["means_of"]]
    if set(made) & set(map(str, told.rows.columns)):
        raise NotInR("margins at values of unit means", "margins without them")
    own, in_levels = unit_means.without_means(fit), fit.meta["family"] == "ordered"
    model = (unit_means.set_up_ordered if in_levels else unit_means.set_up)(fit, script, by)
    script.part("Its columns for other values of the regressors than people have.")
    columns(script, model, [model.names[t] for t in own.meta["terms"] if not (in_levels and t == "Intercept")])
    script.add("ours <- colnames(X)", "M <- means(X[, of, drop = FALSE], w, unit)", "colnames(M) <- made")
    script.add("of.formula <- matrix.of", "matrix.of <- function(persons) {", "  columns <- of.formula(persons)")
    every, found = ("slopes", "theta") if in_levels else ("all.terms", "b")
    script.add("  colnames(columns) <- ours", f"  cbind(columns, M)[, {every}, drop = FALSE]", "}")
    if in_levels:
        script.add("b <- found$theta", "names(b)[seq_along(slopes)] <- slopes", "p <- length(slopes)")
    else:
        script.add("b <- setNames(found$b, all.terms)", "off <- rep(0, n)", f"family <- {models.family(fit)}")
        script.add(f"curved <- function(eta) {_CURVATURE[str(fit.meta['link'])]}")
    if linearised.replicated(fit):
        script.add(f"b.each <- t(apply(W, 2, function(own) solved(own)${found}))")
    else:
        script.add("z.b <- found$z", "apart <- drop((X[, of, drop = FALSE] - M) %*% b[made])")
    _effects(told, fit, script)
    _estimate(told, fit, script, by)


def of_fit(told: Told) -> Told:
    """The model of which the margins are."""
    return replace(told, meta={**told.meta, "call": told.call["of"]})


def columns(script: Script, model: InR, names: list[str]) -> None:
    """`matrix.of(people)`: the columns of the formula; `held(people, values)`: people with other values."""
    script.add("matrix.of <- function(persons) {")
    script.add(*(f"  persons${column} <- with(persons, {words})" for column, words in model.made.items()))
    right = model.right.split(" + offset(")[0]
    script.add(*joined("  columns <- model.matrix(~ ", right.split(" + "), " + ", ", persons)"))
    script.add(*joined("  columns[, c(", [text(one) for one in names], ", ", "), drop = FALSE]"), "}")
    script.add(
        "held <- function(persons, values) {", "  for (column in names(values)) {", "    old <- persons[[column]]"
    )
    script.add(
        "    persons[[column]] <- if (is.factor(old)) factor(values[[column]], levels(old)) else values[[column]]"
    )
    script.add("  }", "  persons", "}")


def _offset(model: InR) -> str:
    """The offset of each person."""
    parts = model.right.split(" + offset(")
    return "rep(0, n)" if len(parts) == 1 else f"with(persons, ({parts[1]})"


def means(told: Told, script: Script, model: InR) -> None:
    """`family`, and the influence `z.b` of the coefficients."""
    script.add(f"curved <- function(eta) {_CURVATURE[str(told.meta['link'])]}")
    if linearised.replicated(told):
        script.add("b.each <- matrix(fit$replicates, ncol = length(b), dimnames = list(NULL, names(coef(fit))))")
        script.add("b.each <- b.each[, names(b), drop = FALSE]")
        if told.survey["replicates"].get("parts"):
            script.add("b.some <- b.each", "b.each <- matrix(b, length(survey_of), length(b), byrow = TRUE)")
            script.add("colnames(b.each) <- names(b)", "b.each[touched, ] <- b.some")
        script.add(f"family <- {models.family(told)}", f"off <- {_offset(model)}")
        return
    models.influence(told, script, model)


def _effects(told: Told, fit: Told, script: Script) -> None:
    """`effects`: of each row (of a cell) the regressors, those of the prediction taken off, or their slopes."""
    script.part("What is averaged: predictions, differences of two, or slopes.")
    script.add("prediction <- function(at, ...) list(X = matrix.of(held(persons, at)), ...)")
    script.add("difference <- function(at, of, minus, ...) list(X = matrix.of(held(persons, c(at, of))),")
    script.add("  X0 = matrix.of(held(persons, c(at, minus))), ...)")
    slopes = any(_kind(row) == "slope" for row in _distinct(told))
    if slopes:
        script.say("the slope of the columns by a difference of the fourth order: exact for polynomials up to that")
        script.add("slope <- function(at, column, ...) {", "  persons <- held(persons, at)", "  x <- persons[[column]]")
        script.add("  h <- 2^-10 * pmax(abs(x), max(abs(x)) / 1000)")
        script.add("  moved <- function(j) matrix.of(held(persons, setNames(list(x + j * h), column)))")
        script.add("  D <- (moved(-2) - 8 * moved(-1) + 8 * moved(1) - moved(2)) / (12 * h)")
        script.add("  list(X = matrix.of(persons), D = D, ...)", "}")
    script.add("effects <- list(")
    levels = [str(level) for level in fit.meta.get("levels") or ()]
    calls = [_call(row, levels) for row in _distinct(told)]
    script.add(*(f"  {call}," for call in calls[:-1]), f"  {calls[-1]}", ")")
    if fit.meta["family"] == "ordered":
        ordered_margins.functions(fit, script)
    else:
        _functions(script, slopes)


def _functions(script: Script, slopes: bool) -> None:
    """`value(effect, b)` of each person, and its `gradient` in the coefficients."""
    script.add("value <- function(e, b) {", "  eta <- drop(e$X %*% b) + off")
    if slopes:
        script.add("  if (!is.null(e$D)) return(family$mu.eta(eta) * drop(e$D %*% b))")
    script.add("  family$linkinv(eta) - if (is.null(e$X0)) 0 else family$linkinv(drop(e$X0 %*% b) + off)", "}")
    script.add("gradient <- function(e, b) {", "  eta <- drop(e$X %*% b) + off")
    if slopes:
        script.add("  if (!is.null(e$D)) return(curved(eta) * drop(e$D %*% b) * e$X + family$mu.eta(eta) * e$D)")
    script.add(
        "  family$mu.eta(eta) * e$X -", "    if (is.null(e$X0)) 0 else family$mu.eta(drop(e$X0 %*% b) + off) * e$X0"
    )
    script.add("}")


def _distinct(told: Told) -> list[dict[str, Any]]:
    """What the rows are of, without their cells, each once."""
    out: list[dict[str, Any]] = []
    for row in _of_rows(told):
        if row not in out:
            out.append(row)
    return out


def _of_rows(told: Told) -> list[dict[str, Any]]:
    """(k) what each row is of."""
    rows = told.rows.drop(columns=told.listed("by"))
    return [{str(k): v for k, v in row.items() if v is not None and v == v} for row in rows.to_dict("records")]


def _kind(row: dict[str, Any]) -> str:
    """What a row is."""
    return "prediction" if row["term"] == "prediction" else "difference" if "of" in row else "slope"


def _call(row: dict[str, Any], levels: list[str]) -> str:
    """The words that make an effect; of an ordered model with the number of the level."""
    level = f", level = {levels.index(str(row['level'])) + 1}" if levels else ""
    at = _values({key: value for key, value in row.items() if key not in _OWN})
    kind, term = _kind(row), str(row["term"])
    if kind == "prediction":
        return f"prediction({at}{level})"
    if kind == "slope":
        return f"slope({at}, {text(term)}{level})"
    return f"difference({at}, {_values({term: row['of']})}, {_values({term: row['minus']})}{level})"


def _values(values: dict[str, Any]) -> str:
    """A list of values by column."""
    plain = {key: value.item() if hasattr(value, "item") else value for key, value in values.items()}
    return f"list({', '.join(f'{name(key)} = {text(value)}' for key, value in plain.items())})"


def _estimate(told: Told, fit: Told, script: Script, by: list[str]) -> None:
    """`theta`, `V`, `df`: means in each cell."""
    fixed = bool(told.call.get("fixed"))
    moving = "means_of" in fit.meta and not fixed
    script.part("Their means in each cell, and the variance.")
    _means_in_cells(told, script, by, moving=moving and linearised.replicated(fit))
    if linearised.replicated(fit):
        script.add("reps <- sapply(seq_len(ncol(W)), function(r) sapply(seq_along(cell), margin,")
        script.add(f"  b.each[r, ], {'w' if fixed else 'W[, r]'}))")
        script.add("reps <- matrix(reps, ncol = length(theta), byrow = TRUE)")
        script.add("V <- svrVar(reps, design$scale, design$rscales, mse = design$mse, coef = theta)")
        script.add("V <- matrix(V, length(theta))", linearised.UNDEFINED)
        if told.linearised:
            linearised.left(told, script, "0")
        script.add(f"df <- rep({linearised.degrees(fit)}, nrow(rows))")
    elif fit.call.get("vcov") == "iid":
        _classical(fit, script)
    else:
        if moving:
            script.say("what one more in the linear predictor adds")
            script.add(*(ordered_margins.by_eta(fit) if fit.meta["family"] == "ordered" else _BY_ETA))
        _influence(script, fixed=fixed, moving=moving)
        by_design = fit.call.get("vcov", "design") == "design"
        linearised.spread(replace(fit, linearised=told.linearised), script, "0" if by_design else "k")


def _means_in_cells(told: Told, script: Script, by: list[str], *, moving: bool) -> None:
    """`theta` by `margin(i, b, w)`; `moving`: at other weights the means of units are others."""
    if by:
        keys = ", ".join(f"as.character({{}}${name(column)})" for column in by)
        script.add(f"own <- paste({keys.format(*['persons'] * len(by))})")
        script.add(f"cell <- paste({keys.format(*['rows'] * len(by))})")
    else:
        script.add("own <- rep(1, n)", "cell <- rep(1, nrow(rows))")
    every = _distinct(told)
    script.add(f"number <- c({', '.join(str(every.index(row) + 1) for row in _of_rows(told))})")
    script.add("margin <- function(i, b, w) {", "  inside <- own == cell[i]", "  e <- effects[[number[i]]]")
    if moving:
        script.say("the means of units are those of these weights")
        script.add("  there <- means(X[, of, drop = FALSE], w, unit)", "  there[is.nan(there)] <- M[is.nan(there)]")
        script.add("  e$X[, made] <- there", "  if (!is.null(e$X0)) e$X0[, made] <- there")
    script.add("  sum((w * value(e, b))[inside]) / sum(w[inside])", "}")
    script.add("theta <- sapply(seq_along(cell), margin, b, w)")


def _influence(script: Script, *, fixed: bool, moving: bool) -> None:
    """`z`: what one more weight for a person adds to each mean."""
    also = " alone: the people are taken as given" if fixed else ", and through the people averaged over"
    script.say(f"through the coefficients{also}")
    script.add("z <- sapply(seq_along(cell), function(i) {", "  e <- effects[[number[i]]]")
    script.add("  inside <- own == cell[i]")
    script.add("  J <- colSums((w * gradient(e, b))[inside, , drop = FALSE]) / sum(w[inside])")
    people = "" if fixed else " + inside * (value(e, b) - theta[i]) / sum(w[inside])"
    if moving:
        script.say("and through the means of units, which move with the weights")
        script.add("  along <- cbind(inside * by.eta(e, b) / sum(w[inside]))")
        people += " + apart * means(along, w, unit)[, 1]"
    script.add(f"  drop(z.b %*% J){people}", "})", "k <- length(b)")


def _classical(fit: Told, script: Script) -> None:
    """`V` and `df` by the classical covariance of the coefficients, the people taken as given."""
    script.add("J <- sapply(seq_along(cell), function(i) {", "  inside <- own == cell[i]")
    script.add("  colSums((w * gradient(effects[[number[i]]], b))[inside, , drop = FALSE]) / sum(w[inside])", "})")
    pearson = "sum(w * (y - mu)^2 / family$variance(mu)) / mean(w) / (n - length(b))"
    script.add(f"dispersion <- {pearson if fit.meta['family'] in ('gaussian', 'gamma') else 1}")
    script.add("V <- dispersion * mean(w) * t(J) %*% solve(A) %*% J", "df <- rep(n - length(b), nrow(rows))")
