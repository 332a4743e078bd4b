"""Fixed effects with instruments in R: two-stage least squares of columns less the effects."""

from __future__ import annotations

from dataclasses import replace

from llo_research.results.receipts.r import linearised, panel_rows
from llo_research.results.receipts.r.model_rows import joined
from llo_research.results.receipts.r.panels import less_effects
from llo_research.results.receipts.r.words import name, text
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told


def write(told: Told, script: Script) -> None:
    """`theta`, `V` and `df` of two-stage least squares."""
    terms, instruments = list(map(str, told.meta["terms"])), list(map(str, told.meta["instruments"]))
    flat = replace(told, meta={**told.meta, "formula": told.meta["flat_formula"], "terms": [*terms, *instruments]})
    sizes = dict(told.meta["effects"])
    columns = [panel_rows.column(told, effect) for effect in sorted(sizes, key=lambda effect: -sizes[effect])]
    model = panel_rows.set_up(flat, script, columns, constant=False)
    exogenous = [term for term in terms if term not in told.meta["endogenous"]]
    script.say("terms of the model, and their instruments; ivreg of AER with factor(unit) has the same coefficients")
    for word, own in (("terms", terms), ("instruments", [*exogenous, *instruments])):
        script.add(*joined(f"{word} <- c(", [text(model.names[one]) for one in own], ", ", ")"))
    taken = [f"persons${name(column)}" for column in columns]
    rank = less_effects(script, taken)
    script.add(
        "solved <- function(w) {",
        "  s <- w > 0",
        "  M <- less.effects(cbind(X, y), w, s)",
        "  D <- M[, match(terms, colnames(X)), drop = FALSE]",
        "  Z <- M[, match(instruments, colnames(X)), drop = FALSE]",
        "  F <- as.matrix(lm.wfit(Z, D, w[s])$fitted.values)  # the first stage",
        "  fit <- lm.wfit(F, M[, ncol(M)], w[s])",
        "  e <- drop(M[, ncol(M)] - D %*% fit$coefficients)",
        "  list(theta = setNames(fit$coefficients, terms), e = e, A = crossprod(F, w[s] * F), X = F, D = D, Z = Z)",
        "}",
        "found <- solved(w)",
        "theta <- found$theta",
        "estimate <- function(w) solved(w)$theta",
    )
    if told.call.get("vcov", "design") == "design":
        script.say("the derivative in each weight, also through the first stage: programs for cross-sections leave its")
        script.say("second part out, which is 0 with as many instruments as endogenous terms")
        script.add("along <- lm.wfit(found$Z, found$e, w)$fitted.values")
        script.add("z <- (found$e * found$X + along * (found$D - found$X)) %*% solve(found$A)")
        linearised.spread(told, script, "length(theta)")
        return
    script.add("z <- (found$e * found$X) %*% solve(found$A)")
    if panel_rows.classical(told, script, f"length(theta) + {rank}"):
        return
    script.add(f"k <- length(theta) + {rank}")
    linearised.spread(told, script, "k", panel_rows.nested(told, script, taken))
