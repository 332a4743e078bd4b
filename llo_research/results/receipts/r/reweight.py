"""One group reweighted to another in R: a logit of the groups, its odds, and what measures know of both."""

from __future__ import annotations

from llo_research.results.receipts.r import distributions, smooth, two_groups
from llo_research.results.receipts.r.formulas import NotInR
from llo_research.results.receipts.r.words import text
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

WHY = (
    "R has no reweighting of one group to another with the errors of a survey design and of the propensities (svyglm "
    "gives the propensities; svymean with their odds as weights takes them as known): the script puts both together. "
    "The errors are those of linearised variables on the whole design, which know that the logit is estimated."
)
_LOGIT = (
    'of <- side %in% "of"',
    "coefficients_at <- function(w) fit(X[used, , drop = FALSE], 1 * of[used], w[used])",
    "odds_at <- function(beta) exp(drop(X %*% beta))  # p / (1 - p)",
)
_GROUPS = (
    "# weights of `of`, of `minus`, and of `minus` composed as `of`; 0 for others",
    "three <- function(w, beta) list(w * (kept & of), w * (kept & !of), w * (kept & !of) * odds_at(beta))",
)
# of the logit's coefficients, from `beta`
_OF_LOGIT = (
    "of_logit <- function(beta) {  # what each person, counted once, adds to the coefficients",
    "  p <- plogis(drop(X %*% beta))",
    "  (used * (of - p)) * X %*% solve(crossprod(X, w * used * p * (1 - p) * X))",
    "}",
)
_INFLUENCE = (
    "influence <- function(k, at) {",
    "  beta <- coefficients_at(w)",
    "  logit <- of_logit(beta)",
    "  once <- three(1 + 0 * w, beta)",
    "  out <- NULL",
    "  for (m in seq_along(values)) for (s in 1:3) {",
    "    v <- three(w, beta)[[s]]",
    "    i <- v > 0",
    "    own <- numeric(length(y))",
    "    own[i] <- values[[m]](y[i], v[i])",
    "    own[i] <- (own[i] - weighted.mean(own[i], v[i])) / sum(v)",
    "    u <- once[[s]] * own",
    "    if (s == 3) u <- u + drop(logit %*% colSums(v * own * X))",
    "    out <- cbind(out, u)",
    "  }",
    "  out",
    "}",
)
_NUMBERS = (
    "numbers <- function(k, w) {",
    "  groups <- three(w, coefficients_at(w))",
    "  unlist(lapply(measure, function(m) sapply(1:3, function(s) {",
    "    i <- groups[[s]] > 0",
    "    m(y[i], groups[[s]][i])",
    "  })))",
    "}",
)
_ROBUST = (
    "numbers <- function(k, w) {",
    "  groups <- three(w, coefficients_at(w))",
    "  i <- groups[[2]] > 0",
    "  b <- lm.wfit(X[i, , drop = FALSE], y[i], groups[[2]][i])$coefficients",
    "  fitted <- drop(X %*% b)",
    "  apart <- weighted.mean(y - fitted, groups[[3]])",
    "  c(weighted.mean(y, groups[[1]]), weighted.mean(y, groups[[2]]), weighted.mean(fitted, groups[[1]]) + apart)",
    "}",
)
_ROBUST_INFLUENCE = (
    "influence <- function(k, at) {",
    "  beta <- coefficients_at(w)",
    "  v <- three(w, beta)",
    "  once <- three(1 + 0 * w, beta)",
    "  mean_of <- function(s, y) colSums(v[[s]] * as.matrix(y)) / sum(v[[s]])",
    "  own <- function(s, y) once[[s]] * (y - mean_of(s, y)) / sum(v[[s]])",
    "  A <- crossprod(X, v[[2]] * X)",
    "  b <- solve(A, crossprod(X, v[[2]] * y))[, 1]",
    "  left <- drop(y - X %*% b)",
    "  through <- once[[2]] * left * drop(X %*% solve(A, mean_of(1, X) - mean_of(3, X)))",
    "  of_odds <- drop(of_logit(beta) %*% colSums(v[[3]] * (left - mean_of(3, left)) / sum(v[[3]]) * X))",
    "  cbind(own(1, y), own(2, y), own(1, drop(X %*% b)) + own(3, left) + through + of_odds)",
    "}",
)
_ROWS = ("mean_of", "mean_minus", "counterfactual", "gap", "explained", "unexplained")


def write(told: Told, script: Script) -> None:
    """`theta`, `V` and `df` of the measures of both groups and of the reweighted one."""
    script.note(WHY)
    measures, robust = told.listed("measures"), told.call.get("method") == "doubly-robust"
    two_groups.people(told, script, [], [])
    script.add("blocks <- list(1)")
    script.part("The logit of being in one group and not in the other, of both groups with their weights.")
    script.add("family <- quasibinomial()", *two_groups.fit(), *_LOGIT)
    _kept(told, script)
    script.add(*_GROUPS)
    if robust:
        script.part("The doubly robust mean: a regression of `minus` on people of `of`, and its reweighted residuals.")
        script.add(*_ROBUST)
    else:
        distributions.write(script, measures, kernel=False)
        script.add(*_NUMBERS)
    if not told.survey.get("replicates"):
        script.part("What each person adds: by the own answer, and through the coefficients of the logit.")
        script.add(*_OF_LOGIT, *(_ROBUST_INFLUENCE if robust else _INFLUENCE))
    _pieces(told, script)
    smooth.estimates(told, script)
    smooth.degrees(told, script)
    _picked(told, script, measures)


def _picked(told: Told, script: Script, measures: list[str]) -> None:
    """The rows that are asked for."""
    if not told.meta.get("shares"):
        lines = [f"{measure} {row}" for measure in measures for row in _ROWS]
        smooth.picked(told, script, [], lines, "paste(rows$measure, rows$component)")
        return
    if len(measures) > 1 and len(told.rows) < len(measures) * len(_ROWS[3:]):
        raise NotInR("rows of shares do not tell of which of several measures they are", "one measure in the call")
    smooth.picked(told, script, [], [row for _ in measures for row in _ROWS[3:]], "rows$component")


def _kept(told: Told, script: Script) -> None:
    """`kept`: who is in the rows."""
    trim = told.call.get("trim")
    if trim is None:
        script.add("kept <- used")
        return
    script.say(f"people whose chance is below {trim} or above one less that are left out of all rows")
    script.add(
        "p <- plogis(drop(X %*% coefficients_at(w)))",
        f"kept <- used & p >= {text(trim)} & p <= 1 - {text(trim)}",
    )


def _pieces(told: Told, script: Script) -> None:
    """The rows of each measure, or the shares of its gap."""
    script.part("The rows of each measure: both groups, the reweighted one, the gap and its two parts.")
    script.add(
        "of_measure <- function(m) {",
        "  gap <- m[1] - m[2]",
        *(
            ["  c(gap, m[3] - m[2], m[1] - m[3]) / gap"]
            if told.meta.get("shares")
            else ["  c(m, gap, m[3] - m[2], m[1] - m[3])"]
        ),
        "}",
        "pieces <- function(at) as.vector(apply(matrix(at, 3), 2, of_measure))",
    )
