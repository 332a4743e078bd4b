"""Models with unit means among the regressors in R: Mundlak's, hybrid, correlated random effects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from llo_research.results.receipts.r import linearised, models, panel_rows
from llo_research.results.receipts.r.formulas import InR
from llo_research.results.receipts.r.model_rows import joined, terms_of
from llo_research.results.receipts.r.words import text
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told


def without_means(told: Told) -> Told:
    """The model without its columns of means, which the survey does not have."""
    made = [f"mean({one})" for one in told.meta["means_of"]]
    formula = str(told.meta["formula"])
    for one in made:
        formula = formula.replace(f" + `{one}`", "")
    terms = [term for term in told.meta["terms"] if term.strip("`") not in made]
    return replace(told, meta={**told.meta, "formula": formula, "terms": terms})


def write(told: Told, script: Script) -> None:
    """`theta`, `V` and `df` of a pooled model with unit means."""
    set_up(told, script)
    script.add("theta <- found$theta", "estimate <- function(w) solved(w)$theta")
    if told.call.get("vcov") == "iid":
        dispersion = "sum(w * (y - found$mu)^2) / (n - k)" if told.meta["family"] == "gaussian" else "mean(w)"
        script.add("k <- length(theta)", f"V <- {dispersion} * found$turn %*% solve(found$A) %*% t(found$turn)")
        script.add("df <- rep(n - k, length(theta))")
        return
    script.add("z <- found$z", "k <- length(theta)")
    linearised.spread(told, script)


def set_up(told: Told, script: Script, also: Sequence[str] = ()) -> InR:
    """`solved(w)` and `found`: the pooled model with the weighted means of these weights."""
    own = without_means(told)
    model = panel_rows.set_up(own, script, also, constant=True)
    script.part("The pooled model with weighted means of the units, which move with the weights.")
    script.add(*panel_rows.MEANS)
    script.add(*joined("colnames(X) <- c(", [text(term) for term in own.meta["terms"]], ", ", ")"))
    script.add(f"of <- c({', '.join(text(one) for one in told.meta['means_of'])})  # what varies within units")
    script.add('made <- if (length(of)) paste0("mean(", of, ")") else character(0)')
    script.add(*joined("every <- c(", [text(term) for term in terms_of(told)], ", ", ")"))
    gaussian = told.meta["family"] == "gaussian"
    if not gaussian:
        script.add(f"family <- {models.family(told)}")
    script.add("solved <- function(w) {", "  s <- w > 0", "  w <- w[s]", "  y <- y[s]", "  unit <- unit[s]")
    script.add("  X <- X[s, , drop = FALSE]", "  M <- means(X[, of, drop = FALSE], w, unit)", "  colnames(M) <- made")
    script.add("  Z <- cbind(X, M)[, every]")
    if gaussian:
        script.add(
            "  b <- lm.wfit(Z, y, w)$coefficients", "  mu <- drop(Z %*% b)", "  s <- y - mu", "  h <- rep(1, length(y))"
        )
    else:
        script.add("  b <- NULL")
        script.say("  a criterion of the deviance stops short of the coefficients; those that run away are none")
        script.add("  for (again in 1:10) {", "    last <- b")
        script.add("    b <- glm.fit(Z, y, w / mean(w), family = family, start = b,")
        script.add("      control = list(epsilon = 1e-15, maxit = 100))$coefficients", "  }")
        script.add("  if (max(abs(b - last)) > 1e-6 * max(abs(b))) return(list(theta = NA * b, b = NA * b))")
        script.add("  eta <- drop(Z %*% b)", "  mu <- family$linkinv(eta)", "  d <- family$mu.eta(eta)")
        script.add("  s <- (y - mu) * d / family$variance(mu)", "  h <- d^2 / family$variance(mu)")
    script.add("  A <- crossprod(Z, w * h * Z)", "  apart <- X[, of, drop = FALSE] - M")
    script.add("  z <- Z * s - means(Z * h, w, unit) * drop(apart %*% b[made])  # the means move with the weights")
    script.add("  z[, made] <- z[, made] + apart * drop(means(cbind(s), w, unit))")
    script.add("  turn <- diag(length(b))")
    if told.function == "panel.hybrid":
        script.say("hybrid: the coefficient between units is that of x and that of its mean together")
        script.add("  turn[cbind(match(made, every), match(of, every))] <- 1")
    script.add(
        "  list(theta = drop(turn %*% b), b = b, mu = mu, A = A, z = z %*% solve(A) %*% t(turn), turn = turn)", "}"
    )
    script.add("found <- solved(w)")
    return model
