"""Gap closing and the four parts in R: means had all one level of a treatment, doubly robust, in folds."""

from __future__ import annotations

from typing import Any

from llo_research.results.receipts.r import smooth, two_groups
from llo_research.results.receipts.r.designs import listed_names
from llo_research.results.receipts.r.formulas import NotInR
from llo_research.results.receipts.r.words import condition, level, name, text
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told, is_condition

WHY = (
    "R has no package for this with weights and the errors of a survey design (gapclosing draws people anew and not "
    "sampling units; cdgd is for people of equal weight, drawn one by one): the script puts weighted fits and the "
    "textbook's formulas together. The errors are those of linearised variables on the whole design."
)
_HELD = (
    "In the linearised variables the models are held, as in llo_research; on replicate weights they are fitted again."
)
_FOLDS_1 = "the same call with folds=1, or with folds and without a seed, of sampling units that have labels"
_FIT = (
    "fit <- function(x, y, w, family) {",
    "  found <- glm.fit(x, y, w / mean(w), family = family, control = list(epsilon = 1e-13, maxit = 50))",
    "  stopifnot(found$converged)",
    "  coef(found)",
    "}",
    'Z <- cbind(side %in% "of", X)',
    "family <- if (all(y[used] %in% 0:1)) quasibinomial() else gaussian()",
)
_SCORED = (
    "values_at <- function(w) {",
    "  means <- NULL",
    "  for (t in seq_along(levels)) {",
    "    mean <- numeric(length(y))",
    "    chance <- rep(1, length(y))",
    "    for (f in unique(fold[used])) {",
    "      own <- used & fold == f",
    "      others <- used & w > 0 & (folds == 1 | fold != f)",
    "      here <- others & at %in% t",
    "      mean[own] <- family$linkinv(drop(Z[own, ] %*% fit(Z[here, ], y[here], w[here], family)))",
    "      g <- fit(Z[others, ], 1 * (at[others] == t), w[others], quasibinomial())",
    "      chance[own] <- plogis(drop(Z[own, ] %*% g))",
    "    }",
    "    ratio <- used * (at %in% t) / chance",
    "    ratio <- ratio / (sum(w * ratio) / sum(w[used]))",
    "    means <- cbind(means, mean + ratio * (y - mean))",
    "  }",
    '  cbind(y, outer(at, seq_along(levels), "==") * 1, means)',
    "}",
)
_NUMBERS = (
    "sides <- cbind(of = used & side %in% 'of', minus = used & side %in% 'minus')",
    "numbers <- function(k, w) {",
    "  values <- values_at(w)",
    "  as.vector(apply(sides, 2, function(i) colSums(w[i] * values[i, ]) / sum(w[i])))",
    "}",
)
_INFLUENCE = (
    "influence <- function(k, at) {",
    "  values <- values_at(w)",
    "  q <- ncol(values)",
    "  own <- function(g, i) i * sweep(values, 2, at[g * q + 1:q]) / sum(w[i])",
    "  replace(u <- cbind(own(0, sides[, 1]), own(1, sides[, 2])), is.na(u), 0)",
    "}",
)
# Names of the numbers of a group, for the rows
_NAMED = (
    "L <- length(levels)",
    "pieces <- function(at) {",
    "  n <- 1 + 2 * L",
    "  mean_of <- at[1]",
    "  mean_minus <- at[n + 1]",
    "  gap <- mean_of - mean_minus",
    "  p_of <- at[1 + 1:L]",
    "  p_minus <- at[n + 1 + 1:L]",
    "  at_of <- at[1 + L + 1:L]",
    "  at_minus <- at[n + 1 + L + 1:L]",
)
_CLOSING = (
    "  left_of <- sum(given * at_of)",
    "  left_minus <- sum(given * at_minus)",
    "  left <- left_of - left_minus",
)
_PARTS = (
    "  tau_of <- at_of[2] - at_of[1]",
    "  tau_minus <- at_minus[2] - at_minus[1]",
    "  baseline <- at_of[1] - at_minus[1]",
    "  prevalence <- (p_of[2] - p_minus[2]) * tau_minus",
    "  effect <- p_of[2] * (tau_of - tau_minus)",
    "  selection <- gap - baseline - prevalence - effect",
)
_ROWS = {
    "gap_closing": ("gap", "counterfactual_of", "counterfactual_minus", "counterfactual_gap", "closed"),
    "four_parts": ("gap", "baseline", "prevalence", "effect", "selection"),
}
_IN_R = {
    "gap": "gap",
    "counterfactual_of": "left_of",
    "counterfactual_minus": "left_minus",
    "counterfactual_gap": "left",
    "closed": "gap - left",
}
_SHARED = {"gap_closing": ("gap", "counterfactual_gap", "closed"), "four_parts": _ROWS["four_parts"]}


def gap_closing(told: Told, script: Script) -> None:
    """`theta`, `V` and `df` of the gap that would be left."""
    _people(told, script, str(told.call["intervene"]))
    to = told.call["to"]
    if to in ("of", "minus") and isinstance(to, str):
        given = [f"  given <- p_{to}  # people of both groups get a level as they are spread in this group"]
    else:
        place = _place(told, str(told.call["intervene"]), to)
        given = [f"  given <- 1 * (1:L == {place})  # all get this level"]
    _finished(told, script, [*given, *_CLOSING])


def four_parts(told: Told, script: Script) -> None:
    """`theta`, `V` and `df` of the four parts."""
    _people(told, script, str(told.call["treatment"]))
    _finished(told, script, list(_PARTS))


def _people(told: Told, script: Script, treatment: str) -> None:
    """Both groups with known answers and treatment, the folds, the models."""
    folds = int(told.call.get("folds", 1))
    if folds > 1:
        _check_folds(told)
    script.note(WHY)
    script.note(_HELD)
    script.part("The treatment.")
    made = is_condition(treatment)
    words = f"with(data, {condition(told, treatment)})" if made else f"data${name(treatment)}"
    levels = told.meta["treatment_levels"]
    if not made and told.is_category(treatment):
        words, values = f"as.character({words})", [level(one) for one in levels]
    else:
        values = [text(one) for one in levels]
    script.add(f"treatment <- {words}", f"levels <- c({', '.join(values)})", "at <- match(treatment, levels)")
    two_groups.people(told, script, [], [], "!is.na(treatment)")
    script.add("blocks <- list(1)")
    _folds(told, script, folds)
    script.part("Of each level the mean outcome of those who have it, and the chance of it, by group and answers.")
    script.add(*_FIT, *_SCORED)
    script.part("Means of both groups: outcome, levels, and the outcome had all one level.")
    script.add(*_NUMBERS)
    if not told.survey.get("replicates"):
        script.add(*_INFLUENCE)


def _check_folds(told: Told) -> None:
    """What R can deal to folds as Python does."""
    design = told.design
    if told.call.get("seed") is not None:
        raise NotInR("the folds were drawn by numbers that Python draws and R does not", nearest=_FOLDS_1)
    if "stacked" in design:
        raise NotInR(
            "units of stacked surveys are dealt to the folds in an order that R does not know", nearest=_FOLDS_1
        )
    if told.survey.get("returns"):
        raise NotInR("who is in several waves is dealt to one fold, in an order that R does not know", nearest=_FOLDS_1)
    if not listed_names(design.get("psu")) and not listed_names(design.get("unit")) and told.steps:
        raise NotInR(
            "people without a sampling unit are dealt to the folds in order of their weights, of which R's last digits "
            "are others after a weighting step",
            nearest=_FOLDS_1,
        )


def _folds(told: Told, script: Script, folds: int) -> None:
    """`fold` of each row."""
    script.add(f"folds <- {folds}", "fold <- rep(0, nrow(data))")
    if folds == 1:
        return
    ids = listed_names(told.design.get("psu")) or listed_names(told.design.get("unit"))
    keys = [_key(told, column) for column in [*listed_names(told.design.get("strata")), *ids[:1]]]
    if ids:
        script.part("Sampling units are dealt to the folds in order of stratum and label.")
        number = "cumsum(!duplicated(key[o, , drop = FALSE]))"
    else:
        script.part("People are dealt to the folds in order of stratum, group, outcome, weight and answers.")
        keys += ['side %in% "minus"', "y", "w", "X[, ncol(X):1]"]
        number = "seq_along(o)"
    script.add(
        f"key <- data.frame({', '.join(keys)})[used, , drop = FALSE]",
        'o <- do.call(order, c(unname(as.list(key)), method = "radix"))  # text by the codes of its letters',
        f"fold[used][o] <- ({number} - 1) %% folds",
    )


def _key(told: Told, column: str) -> str:
    """A column by which units are put in order: text as text, numbers as numbers."""
    words = f"data${name(column)}"
    if not told.is_category(column):
        return words
    levels = told.levels(column)
    numbers = levels is not None and all(isinstance(one, int | float) for one in levels)
    return f"as.numeric(as.character({words}))" if numbers else f"as.character({words})"


def _place(told: Told, treatment: str, to: Any) -> int:
    """The place of a level among those that people have, from 1."""
    levels = list(told.meta["treatment_levels"])
    value = to if is_condition(treatment) else told.stored(treatment, to)
    return levels.index(value) + 1


def _finished(told: Told, script: Script, lines: list[str]) -> None:
    """The rows, their covariance and degrees of freedom."""
    function, shares = told.function, bool(told.meta.get("shares"))
    rows = _SHARED[function] if shares else _ROWS[function]
    values = ", ".join(_IN_R.get(row, row) for row in rows)
    script.part("The rows, in the order of `rows`.")
    last = f"  c({values}) / gap" if shares else f"  c(mean_of, mean_minus, {values})"
    script.add(*_NAMED, *lines, last, "}")
    smooth.estimates(told, script)
    smooth.degrees(told, script)
    own = list(rows) if shares else ["mean_of", "mean_minus", *rows]
    smooth.picked(told, script, [], own, "rows$component")
