"""What scripts of panel models share: units and times, columns less their means, the sums of squares."""

from __future__ import annotations

from collections.abc import Sequence

from llo_research.results.receipts.r import covariances, linearised
from llo_research.results.receipts.r.formulas import InR
from llo_research.results.receipts.r.model_rows import prepare
from llo_research.results.receipts.r.words import name
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

# the weighted mean of each unit, at its rows
MEANS = ("means <- function(M, w, g) (rowsum(w * M, g) / rowsum(w, g)[, 1])[as.character(g), , drop = FALSE]",)


def column(told: Told, role: str) -> str:
    """The column of a role, else of that name."""
    return str(told.design.get(role) or role) if role in ("unit", "time") else role


def set_up(told: Told, script: Script, also: Sequence[str] = (), *, constant: bool) -> InR:
    """`persons`, `w`, `X`, `y`, `unit`: the rows of a panel model."""
    roles = [str(told.design[role]) for role in ("unit", "time") if told.design.get(role)]
    model = prepare(told, script, [*roles, *also])
    script.part("The rows of the model.")
    linearised.people(told, script)
    wanted = [ours for ours in told.meta["terms"] if constant or ours != "Intercept"]
    linearised.matrix(script, model, [model.names[ours] for ours in wanted])
    script.add(f"y <- persons${model.response}")
    if told.design.get("unit"):
        script.add(f"unit <- persons${name(str(told.design['unit']))}")
    return model


def least_squares(script: Script, rows: str = "X., y., w") -> None:
    """`squares(X, y, w)`: coefficients, residuals, inverse of the cross-products."""
    script.add(
        "squares <- function(X, y, w) {",
        "  fit <- lm.wfit(X, y, w)",
        "  list(theta = fit$coefficients, e = fit$residuals, A = crossprod(X, w * X))",
        "}",
    )


def classical(told: Told, script: Script, k: str) -> bool:
    """`V` and `df` of errors that are all alike."""
    if told.call.get("vcov") != "iid":
        return False
    script.add(f"k <- {k}", "V <- sum(w * found$e^2) / (n - k) * solve(found$A)", "df <- rep(n - k, length(theta))")
    return True


def nested(told: Told, script: Script, effects: Sequence[str]) -> str:
    """R's words for the coefficients in a factor of clusters: effects that are nested in these do not count."""
    if told.call.get("vcov") not in ("cluster", "two-way", "wild"):
        return "k"
    script.say("effects nested in the clusters do not count in the factor, as reghdfe and fixest")
    ways = ", ".join(covariances.codes(told, one, "persons") for one in covariances.clusters(told))
    script.add(f"ways <- list({ways})", f"effects <- list({', '.join(effects)})")
    script.add("inside <- function(g, h) length(unique(paste(g, h))) == length(unique(g))")
    script.add("nested <- sapply(effects, function(g) any(sapply(ways, function(h) inside(g, h))))")
    script.add("levels.of <- sapply(effects, function(g) length(unique(g)))")
    script.add("fewer <- min(sum((levels.of - 1)[nested]), k - length(theta) - 1)")
    return "(k - fewer)"
