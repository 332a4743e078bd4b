"""Fixed effects, first differences and between estimators in R."""

from __future__ import annotations

from llo_research.results.receipts.r import linearised, panel_rows
from llo_research.results.receipts.r.model_rows import joined, prepare, their_names
from llo_research.results.receipts.r.words import name, text
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

# With so many levels of effects svyglm has a column for each, which a sceptic knows by sight.
_MOST_DUMMIES = 300


def fixed_effects(told: Told, script: Script) -> None:
    """`theta`, `V` and `df` of the within estimator."""
    sizes = dict(told.meta["effects"])
    by_size = sorted(sizes, key=lambda effect: -sizes[effect])
    columns = [panel_rows.column(told, effect) for effect in by_size]
    few = sum(sizes.values()) <= _MOST_DUMMIES
    plain = not told.linearised and not told.survey.get("replicates")
    if few and plain and told.call.get("vcov", "design") == "design":
        _with_dummies(told, script, columns)
        return
    panel_rows.set_up(told, script, columns, constant=False)
    within(told, script, [f"persons${name(column)}" for column in columns])


def _with_dummies(told: Told, script: Script, columns: list[str]) -> None:
    """The regression on all dummies, where these are few."""
    roles = [str(told.design[role]) for role in ("unit", "time") if told.design.get(role)]
    model = prepare(told, script, [*roles, *columns])
    script.part("The regression on x and all dummies has the same slopes and standard errors as the within estimator.")
    right = [*model.right.split(" + "), *(f"factor({name(column)})" for column in columns)]
    script.add(*joined(f"model <- {model.response} ~ ", right, " + ", ""))
    script.add("fit <- svyglm(model, design = domain)")
    script.add(*joined("slopes <- c(", [text(one) for one in their_names(told, model)], ", ", ")"))
    script.add("theta <- coef(fit)[slopes]", "stopifnot(!anyNA(theta))", "V <- vcov(fit)[slopes, slopes, drop = FALSE]")
    script.say("df of the slopes: the design's less one for each beyond the first; svyglm takes off the dummies too")
    script.add("df <- rep(degf(domain) + 1 - length(theta), length(theta))")


def within(told: Told, script: Script, taken: list[str]) -> None:
    """The within estimator; `taken`: R's words for the effects, the one of most levels first."""
    script.part("The within estimator: what svyglm(y ~ x + factor(unit) + ...) has for x, without its many dummies.")
    rank = less_effects(script, taken)
    script.add("solved <- function(w) {", "  s <- w > 0", "  M <- less.effects(cbind(X, y), w, s)")
    script.add("  p <- ncol(X)", "  fit <- lm.wfit(M[, 1:p, drop = FALSE], M[, p + 1], w[s])")
    script.add("  A <- crossprod(M[, 1:p, drop = FALSE], w[s] * M[, 1:p, drop = FALSE])")
    script.add("  list(theta = fit$coefficients, e = fit$residuals, A = A, X = M[, 1:p, drop = FALSE])", "}")
    script.add("found <- solved(w)", "theta <- found$theta", "z <- (found$e * found$X) %*% solve(found$A)")
    script.add("estimate <- function(w) solved(w)$theta")
    if panel_rows.classical(told, script, f"length(theta) + {rank}"):
        return
    if told.call.get("vcov", "design") == "design":
        script.say(
            "df of the slopes: the design's less one for each beyond the first; svyglm takes off the dummies too"
        )
        linearised.spread(told, script, "length(theta)")
        return
    script.add(f"k <- length(theta) + {rank}")
    linearised.spread(told, script, "k", panel_rows.nested(told, script, taken))


def less_effects(script: Script, taken: list[str]) -> str:
    """`less.effects(M, w, s)`: columns less the effects, for the rows s; R's words for the rank of all dummies."""
    script.add(f"first <- {taken[0]}")
    script.add(*panel_rows.MEANS)
    if len(taken) > 1:
        factors = " + ".join(f"factor({one})" for one in taken[1:])
        script.add(f"dummies <- model.matrix(~ {factors})[, -1, drop = FALSE]")
    script.say("columns less their weighted means in the levels of the effect (and less what the dummies carry)")
    script.add(
        "less.effects <- function(M, w, s) {",
        "  M <- M[s, , drop = FALSE] - means(M[s, , drop = FALSE], w[s], first[s])",
    )
    if len(taken) > 1:
        script.add("  D <- dummies[s, , drop = FALSE] - means(dummies[s, , drop = FALSE], w[s], first[s])")
        script.add("  lm.wfit(D, M, w[s])$residuals", "}")
    else:
        script.add("  M", "}")
    if len(taken) == 1:
        return "length(unique(first))"
    script.add("left <- sqrt(w) * (dummies - means(dummies, w, first))")
    return "length(unique(first)) + qr(left)$rank"


def first_difference(told: Told, script: Script) -> None:
    """`theta`, `V` and `df` of a regression of differences."""
    panel_rows.set_up(told, script, constant=False)
    time = name(str(told.design["time"]))
    script.part("Each row less the unit's row one wave before; plm's model 'fd' weighs the rows before it subtracts.")
    script.add(
        f"wave <- as.integer(factor(persons${time}))", "before <- match(paste(unit, wave - 1), paste(unit, wave))"
    )
    script.add("there <- !is.na(before)", "X <- (X - X[before, , drop = FALSE])[there, , drop = FALSE]")
    script.add("y <- (y - y[before])[there]", "w <- w[there]", "persons <- persons[there, ]", "n <- nrow(persons)")
    if linearised.replicated(told):
        script.add("W <- W[there, , drop = FALSE]")
    panel_rows.least_squares(script)
    script.add("found <- squares(X, y, w)", "theta <- found$theta", "z <- (found$e * X) %*% solve(found$A)")
    script.add("estimate <- function(w) squares(X, y, w)$theta")
    if not panel_rows.classical(told, script, "length(theta)"):
        script.add("k <- length(theta)")
        linearised.spread(told, script, fewer=True)


def between(told: Told, script: Script) -> None:
    """`theta`, `V` and `df` of a regression of unit means."""
    panel_rows.set_up(told, script, constant=True)
    script.part("Means of units, each with the mean of its weights; both move with the weights.")
    script.add(*panel_rows.MEANS)
    script.add("solved <- function(w) {", "  s <- w > 0", "  M <- means(cbind(X, y)[s, , drop = FALSE], w[s], unit[s])")
    script.add("  waves <- ave(rep(1, sum(s)), unit[s], FUN = sum)", "  once <- !duplicated(unit[s])", "  p <- ncol(X)")
    script.add("  own <- ave(w[s], unit[s])  # the mean of a unit's weights")
    script.add("  fit <- lm.wfit(M[once, 1:p, drop = FALSE], M[once, p + 1], own[once])")
    script.add(
        "  B <- M[, 1:p, drop = FALSE]",
        "  A <- crossprod(B[once, , drop = FALSE], own[once] * B[once, , drop = FALSE])",
    )
    script.add(
        "  u <- drop(M[, p + 1] - B %*% fit$coefficients)",
        "  e <- drop(y[s] - X[s, , drop = FALSE] %*% fit$coefficients)",
    )
    script.add("  z <- (X[s, , drop = FALSE] * u + B * (e - u)) / waves")
    script.add("  list(theta = fit$coefficients, A = A, z = z %*% solve(A), u = u[once], own = own[once])", "}")
    script.add("found <- solved(w)", "theta <- found$theta", "z <- found$z", "estimate <- function(w) solved(w)$theta")
    if told.call.get("vcov", "design") == "design":
        linearised.spread(told, script, "length(theta)")
        return
    script.say("from here on a row is a unit")
    script.add("once <- !duplicated(unit)", "z <- rowsum(w * z, unit)[as.character(unit[once]), , drop = FALSE]")
    script.add("persons <- persons[once, ]", "w <- rep(1, nrow(persons))", "n <- nrow(persons)", "k <- length(theta)")
    if told.call.get("vcov") == "iid":
        script.add("V <- sum(found$own * found$u^2) / (n - k) * solve(found$A)", "df <- rep(n - k, length(theta))")
        return
    linearised.spread(told, script)
