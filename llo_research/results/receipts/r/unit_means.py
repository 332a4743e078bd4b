"""Models with unit means among the regressors in R: Mundlak's, hybrid, correlated random effects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from llo_research.results.receipts.r import linearised, models, ordered, panel_rows
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
    if told.meta["family"] == "ordered":
        _ordered(told, script)
        return
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
    script.add(*joined("all.terms <- c(", [text(term) for term in terms_of(told)], ", ", ")"))
    gaussian = told.meta["family"] == "gaussian"
    if not gaussian:
        script.add(f"family <- {models.family(told)}")
    script.add("solved <- function(w) {", "  s <- w > 0", "  w <- w[s]", "  y <- y[s]", "  unit <- unit[s]")
    script.add("  X <- X[s, , drop = FALSE]", "  M <- means(X[, of, drop = FALSE], w, unit)", "  colnames(M) <- made")
    script.add("  Z <- cbind(X, M)[, all.terms]")
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
        script.add("  turn[cbind(match(made, all.terms), match(of, all.terms))] <- 1")
    script.add(
        "  list(theta = drop(turn %*% b), b = b, mu = mu, A = A, z = z %*% solve(A) %*% t(turn), turn = turn)", "}"
    )
    script.add("found <- solved(w)")
    return model


def set_up_ordered(told: Told, script: Script, also: Sequence[str] = ()) -> InR:
    """The same of a pooled ordered model: slopes, then thresholds."""
    own = without_means(told)
    model = panel_rows.set_up(own, script, also, constant=False)
    ordered.answered(told, script, model)
    slopes = [str(term) for term in terms_of(told)[: -len(ordered.thresholds(told))]]
    script.part("The pooled ordered model with weighted means of the units, which move with the weights.")
    script.add(*panel_rows.MEANS)
    script.add(
        *joined("colnames(X) <- c(", [text(t) for t in own.meta["terms"] if t != "Intercept"], ", ", ")"),
        f"of <- c({', '.join(text(one) for one in told.meta['means_of'])})  # what varies within units",
        'made <- if (length(of)) paste0("mean(", of, ")") else character(0)',
        *joined("slopes <- c(", [text(one) for one in slopes], ", ", ")"),
    )
    _newton(told, script)
    script.add(
        "solved <- function(w) {",
        "  s <- w > 0",
        "  w <- w[s]",
        "  unit <- unit[s]",
        "  X <- X[s, , drop = FALSE]",
        "  M <- means(X[, of, drop = FALSE], w, unit)",
        "  colnames(M) <- made",
        "  found <- newton(cbind(X, M)[, slopes, drop = FALSE], answered[s], w)",
        "  apart <- X[, of, drop = FALSE] - M",
        "  at <- match(made, slopes)",
        "  z <- found$score + means(found$bent, w, unit) * drop(apart %*% found$theta[at])  # the means move",
        "  z[, at] <- z[, at] + apart * drop(means(cbind(found$slope), w, unit))",
        "  list(theta = found$theta, H = found$H, z = z %*% solve(found$H))",
        "}",
        "found <- solved(w)",
    )
    return model


def _ordered(told: Told, script: Script) -> None:
    """`theta`, `V` and `df` of it."""
    set_up_ordered(told, script)
    script.add("theta <- found$theta", "estimate <- function(w) solved(w)$theta")
    if told.call.get("vcov") == "iid":
        script.add("V <- solve(found$H) * mean(w)", "df <- rep(n - length(theta), length(theta))")
        return
    script.add("z <- found$z", "k <- length(theta)")
    linearised.spread(told, script)


def _newton(told: Told, script: Script) -> None:
    """`newton(Z, a, w)`: an ordered model, with the derivatives of log p and of its scores in the linear predictor."""
    _, cumulative, density, bent = ordered.DISTRIBUTIONS[str(told.meta["link"])]
    script.say("Newton's steps, from thresholds of the shares; svyolr stops about 7e-5 short of the maximum")
    script.add(
        f"bent <- function(x) {bent}",
        "newton <- function(Z, a, w) {",
        f"  theta <- c(rep(0, ncol(Z)), q{cumulative[1:]}((cumsum(tapply(w, a, sum)) / sum(w))[seq_len(last)]))",
        "  above <- (a <= last) * cbind(-Z, diag(last + 1)[a, seq_len(last), drop = FALSE])",
        "  below <- (a > 1) * cbind(-Z, diag(last + 1)[pmax(a - 1, 1), seq_len(last), drop = FALSE])",
        "  for (step in 1:60) {",
        "    high <- ifelse(a <= last, drop(above %*% theta), 1e9)",
        "    low <- ifelse(a > 1, drop(below %*% theta), -1e9)",
        f"    p <- ifelse(low > 0, {cumulative}(-low) - {cumulative}(-high), {cumulative}(high) - {cumulative}(low))",
        f"    up <- {density}(high) / p",
        f"    down <- {density}(low) / p",
        "    score <- up * above - down * below",
        "    bent.up <- up^2 - bent(high) / p",
        "    bent.down <- down^2 + bent(low) / p",
        "    both <- -up * down",
        "    H <- crossprod(above, w * bent.up * above) + crossprod(below, w * bent.down * below) +",
        "      crossprod(above, w * both * below) + crossprod(below, w * both * above)",
        "    move <- solve(H, colSums(w * score))",
        "    if (max(abs(move)) < 1e-13 * max(abs(theta))) break",
        "    theta <- theta + move",
        "  }",
        "  list(theta = theta, H = H, score = score, slope = down - up,",
        "    bent = (bent.up + both) * above + (bent.down + both) * below)",
        "}",
    )
