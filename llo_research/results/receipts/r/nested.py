"""Statistics of nested linear models in R: functions of one matrix of sums of products, as in textbooks."""

from __future__ import annotations

from llo_research.results.receipts.r import regressors, smooth
from llo_research.results.receipts.r.words import listed, text, vector
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

WHY = (
    "R has no {what} for survey data. The coefficients are those of svyglm, from the weighted sums of products of "
    "regressors and outcome; the errors are those of the totals of these products on the whole design, by the exact "
    "derivatives of a plain function of them."
)
_GELBACH = (
    "pieces <- function(at) {",
    "  G <- gram(at)",
    "  b <- solve(G[x, x], G[x, y])",
    '  base <- which(laid_to == "")',
    '  rest <- which(laid_to != "")',
    "  alone <- solve(G[base, base], G[base, y])[match(focal, base)]",
    "  through <- solve(G[base, base], G[base, rest, drop = FALSE])[match(focal, base), ] * b[rest]",
    "  explained <- sapply(groups, function(g) sum(through[laid_to[rest] == g]))",
    "  c(alone, b[focal], alone - b[focal], explained)",
    "}",
)
_SEQUENTIAL = (
    "pieces <- function(at) {",
    "  G <- gram(at)",
    "  path <- sapply(0:length(groups), function(s) {",
    '    some <- which(laid_to %in% c("", groups[seq_len(s)]))',
    "    solve(G[some, some], G[some, y])[match(focal, some)]",
    "  })",
    "  first <- path[1]",
    "  last <- path[length(path)]",
    "  c(first, last, first - last, path[-length(path)] - path[-1])",
    "}",
)
_SHAPLEY = (
    "n <- length(groups)",
    "sets <- as.matrix(expand.grid(rep(list(c(FALSE, TRUE)), n)))  # all sets of groups, a row each",
    "counts <- rowSums(sets)",
    "weight <- factorial(counts) * factorial(pmax(n - counts - 1, 0)) / factorial(n)",
    "pieces <- function(at) {",
    "  G <- gram(at)",
    "  left <- apply(sets, 1, function(set) {  # residual sum of squares of the model of each set",
    '    some <- which(laid_to %in% c("", groups[set]))',
    "    G[y, y] - sum(G[some, y] * solve(G[some, some], G[some, y]))",
    "  })",
    "  r2 <- 1 - left / left[1]",
    "  phi <- sapply(1:n, function(j) {",
    "    without <- which(!sets[, j])",
    "    sum(weight[without] * (r2[without + 2^(j - 1)] - r2[without]))",
    "  })",
    "  c(phi, r2[2^n])",
    "}",
)
# in orders that keep outer groups together: other outer groups whole or not at all, and any of one's own
_OWEN = (
    "weight <- function(set, j) {",
    "  own <- unions == unions[j]",
    "  others <- split(set[!own], unions[!own])",
    "  if (any(vapply(others, function(one) any(one) && !all(one), NA))) return(0)",
    "  r <- sum(vapply(others, all, NA))",
    "  s <- sum(set[own])",
    "  m <- length(unique(unions))",
    "  factorial(r) * factorial(m - r - 1) / factorial(m) * factorial(s) * factorial(sum(own) - s - 1) /",
    "    factorial(sum(own))",
    "}",
)
_FUNCTIONS = {
    "gelbach": ("decomposition of a coefficient by groups of controls (Gelbach 2016)", _GELBACH),
    "sequential": ("table of a coefficient as blocks of controls are added", _SEQUENTIAL),
    "shapley_r2": ("R-squared by term averaged over all orders (Lindeman, Merenda and Gold 1980)", _SHAPLEY),
}


def write(told: Told, script: Script) -> None:
    """`theta`, `V` and `df` of the parts of a coefficient, or of R-squared."""
    what, lines = _FUNCTIONS[told.function]
    script.note(WHY.format(what=what))
    smooth.people(told, script)
    script.part("People whose answers to all models are known.")
    regressors.matrices(told, script)
    owners = told.meta["laid_to"]
    script.part("Which group each column of X is of; the first model has those of none.")
    script.add(*listed("laid_to <- c(", [text(one) for one in owners]))
    groups = [term for term in dict.fromkeys(smooth.lines_of(told)["term"]) if term != "total"]
    script.add(*listed("groups <- c(", [text(one) for one in groups]))
    if told.meta["focal_column"] is not None:
        script.add(f"focal <- {told.meta['focal_column'] + 1}  # the column of X whose coefficient is followed")
    _products(told, script)
    script.part("The parts, in the order of `rows`.")
    nested = {str(one): name for name, inner in _nested(told).items() for one in inner}
    if nested:
        owners = [nested.get(group, group) for group in groups]
        script.say("Owen values (Owen 1977): the outer group of each group.")
        script.add(f"unions <- {vector(owners)}", *_OWEN)
        lines = tuple(line for line in lines if not line.startswith("weight"))
        lines = tuple(
            line.replace("weight[without]", "apply(sets[without, , drop = FALSE], 1, weight, j)") for line in lines
        )
    script.add(*lines)
    if told.meta.get("shares"):
        script.say("Each part as a share.")
        script.add("sizes <- pieces", f"pieces <- function(at) sizes(at) / sizes(at)[{_whole(told, groups)}]")
    smooth.estimates(told, script)
    smooth.finished(told, script, [], "used")


def _nested(told: Told) -> dict[str, dict[str, list[str]]]:
    """Groups of groups of a call."""
    groups = told.call.get("groups") or {}
    return {name: inner for name, inner in groups.items() if told.function == "shapley_r2" and isinstance(inner, dict)}


def _whole(told: Told, groups: list[str]) -> int:
    """What parts are a share of: the base coefficient, or R-squared."""
    return len(groups) + 1 if told.function == "shapley_r2" else 1


def _products(told: Told, script: Script) -> None:
    """`numbers`, `influence` and `gram(at)`: sums of products of regressors and outcome."""
    script.part("Sums of products of regressors and outcome: the numbers that all models are made of.")
    script.add("Z <- cbind(X, y)")
    if "Intercept" in told.meta["terms"]:
        first = list(told.meta["terms"]).index("Intercept") + 1
        script.say("centred, which changes no coefficient but the constant and keeps digits")
        script.add(
            f"Z[used, -{first}] <- sweep(Z[used, -{first}], 2, colSums(w[used] * Z[used, -{first}]) / sum(w[used]))"
        )
    script.add(
        "x <- seq_len(ncol(X))",
        "y <- ncol(Z)",
        "pairs <- which(upper.tri(diag(y), diag = TRUE), arr.ind = TRUE)",
        "P <- Z[, pairs[, 1]] * Z[, pairs[, 2]]",
        "numbers <- function(k, w) colSums(w * P)",
        "influence <- function(k, at) P",
        "gram <- function(at) {",
        "  G <- diag(0, y)",
        "  G[pairs] <- at",
        "  G[pairs[, 2:1]] <- at",
        "  G",
        "}",
        "blocks <- list(1)",
    )
