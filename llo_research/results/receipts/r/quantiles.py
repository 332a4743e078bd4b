"""Quantiles in R: ``svyquantile`` with the rule and interval of the call."""

from __future__ import annotations

from llo_research.results.receipts.r import cells
from llo_research.results.receipts.r.words import text
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

_TYPES = {"woodruff": "mean", "mean": "mean", "xlogit": "xlogit", "beta": "beta", "asin": "asin", "score": "score"}
# rules that look for a step of the distribution, and do not draw a line between steps
_STEPS = ("math", "school", "shahvaish", "hf1", "hf2", "hf3")
_READ_BACK = {
    "mean": ["  ends <- p + c(-1, 1) * t * se"],
    "xlogit": ["  ends <- plogis(qlogis(p) + c(-1, 1) * t * se / (p * (1 - p)))"],
    "asin": ["  ends <- sin(asin(sqrt(p)) + c(-1, 1) * t * se / (2 * sqrt(p * (1 - p))))^2"],
    "beta": [
        "  tail <- pt(t, df, lower.tail = FALSE)",
        '  n <- sum(weights(own, "sampling") != 0)',
        "  if (se > 0) n <- p * (1 - p) / se^2 * (qt(tail, n - 1) / t)^2",
        "  ends <- qbeta(c(tail, 1 - tail), n * p + 0:1, n * (1 - p) + 1:0)",
    ],
}

_SCORE = [
    '  known <- sort(unique(answer[people[, j] & weights(design, "sampling") != 0]))',
    '  share <- svymean(outer(own$variables$answer, known, "<="), own)',
    "  apart <- coef(share) - rows$quantile[j]",
    "  margin <- t * SE(share)",
    "  low <- known[which(apart >= -margin)[1]]",
    "  high <- c(known[which(apart > margin & known >= theta)], max(known))[1]",
    "  c(theta, if (df[j] > 0) c(low, high) else c(NA, NA), (high - low) / (2 * t))",
]


def lacking(told: Told) -> str | None:
    """What svyquantile does not give, and what comes nearest."""
    rule = str(told.call.get("rule"))
    if told.simultaneous:
        return "Joint intervals of quantiles: svyquantile has pointwise ones, which the script prints."
    if rule in ("hf4", "hf5", "hf6", "hf7", "hf8", "hf9"):
        return (
            f"Rule {rule!r} where people share a value: svyquantile depends on the order of the rows then; "
            "llo_research takes the mean weight of those people. Without such people, and with equal "
            "weights, both give the same."
        )
    return None


def write(told: Told, script: Script) -> None:
    """`theta`, `V` (of each by itself), `df`, `own_low` and `own_high`."""
    variables, by = told.listed("variables"), told.listed("by")
    if words := lacking(told):
        script.note(words)
    own_people = told.call.get("missing") == "available" and len(variables) > 1
    script.part("Quantiles, each of the people of its cell with a known answer.")
    cells.cell_column(told, script, by, [cells.known(by if own_people else [*variables, *by])])
    made = cells.columns_of(told, variables)
    cells.numbers(told, script, made)
    script.add(
        f"at <- rep_len({cells.pasted(by, 'rows$')}, nrow(rows))",
        f"column <- {cells.columns_vector(cells.columns_by_row(told, made))}",
    )
    answered = " & !is.na(y[, column[j]])" if own_people else ""
    script.add(f"people <- sapply(seq_along(at), function(j) cell %in% at[j]{answered})")
    cells.freedom(told, script, own_people=own_people)
    _rule(script, str(told.call["rule"]))
    _svyquantile(told, script)
    if told.linearised:
        _beside(told, script)


def _rule(script: Script, rule: str) -> None:
    """`rule(x, w, p)`: svyquantile's, but for a slip of it."""
    if rule in _STEPS:
        script.say("svyquantile's rule takes the second value where the first has more weight than is asked: not here")
    script.add(
        "rule <- function(x, w, p) {",
        "  x <- x[w != 0]",
        "  w <- w[w != 0]",
        "  if (!length(x)) return(NA)",
        *(["  if (p * sum(w) < w[which.min(x)]) return(min(x))"] if rule in _STEPS else []),
        f"  survey:::qrule_{rule}(x, w, p)",
        "}",
    )


def _svyquantile(told: Told, script: Script) -> None:
    """Each row by svyquantile."""
    replicated = bool(told.survey.get("replicates"))
    interval = str(told.call.get("interval"))
    kind = "quantile" if replicated and interval in ("woodruff", "replicate") else _TYPES.get(interval, "mean")
    if kind == "score" or (kind not in ("quantile", "mean") and (replicated or told.steps)):
        return _by_shares(told, script, kind)
    partly = kind == "beta" or (kind != "quantile" and _may_be_open(told))
    if partly:
        _reading_back(told, script, kind)
    script.add(
        "found <- sapply(seq_along(at), function(j) {",
        "  own <- design",
        "  own$variables$answer <- ifelse(people[, j], y[, column[j]], 0)",
        "  own <- own[people[, j], ]",
        f"  one <- svyquantile(~answer, own, rows$quantile[j], alpha = {text(round(1 - told.level, 12))}, df = df[j],",
        f"    interval.type = {text(kind)}, qrule = rule)",
        "  one <- unname(one$answer[1, ])",
        *(["  if (is.na(one[4])) one[2:4] <- read_back(own, one[1], df[j])"] if partly else []),
        "  one",
        "})",
        "theta <- found[1, ]",
        "own_low <- found[2, ]",
        "own_high <- found[3, ]",
        "V <- diag(found[4, ]^2, length(theta))  # of each quantile by itself",
    )
    return None


def _may_be_open(told: Told) -> bool:
    """Whether an interval of a share may leave [0, 1], or have no degrees of freedom: R has no error of it then."""
    return told.linearised or any({"open_interval", "no_df"} & {*flag.split()} for flag in told.flags)


def _reading_back(told: Told, script: Script, kind: str) -> None:
    """`read_back(own, theta, df)`: ends and error of a quantile; of an open interval the error of what is closed."""
    level = text((1 + told.level) / 2)
    script.say(
        "an interval of the share that leaves [0, 1] has no error in svyquantile: here the width of what is within, "
        "over the width of that in shares, times the error of the share"
    )
    script.add(
        "read_back <- function(own, theta, df) {",
        "  own$variables$theta <- theta",
        "  share <- svymean(~I(1 * (answer <= theta)), own)",
        "  p <- coef(share)[[1]]",
        "  se <- SE(share)[[1]]",
        "  if (se < 1e-12) {  # nobody below, everybody, or one sampling unit",
        "    se <- 0",
        "    if (abs(p - round(p)) > 1e-12) return(c(if (df > 0) c(theta, theta) else c(NA, NA), 0))",
        "    p <- round(p)",
        "  }",
        f"  t <- if (df > 0) qt({level}, df) else qnorm({level})",
        *_READ_BACK[kind],
        "  within <- c(max(ends[1], 0, na.rm = TRUE), min(ends[2], 1, na.rm = TRUE))",
        '  answers <- range(own$variables$answer[weights(own, "sampling") != 0])',
        "  at <- sapply(within, function(q) if (q == 0) answers[1] else if (q == 1) answers[2] else",
        "    svyquantile(~answer, own, q, ci = FALSE, qrule = rule)$answer[1, 1])",
        "  inside <- !is.na(ends) & ends == within",
        "  error <- diff(at) / ifelse(all(inside), 2 * t, max(diff(within), 1e-300) / se)",
        "  c(ifelse(inside & df > 0, at, NA), error)",
        "}",
    )


def _by_shares(told: Told, script: Script, kind: str) -> None:
    """Intervals of shares read back as values, where svyquantile has another one."""
    if kind == "score":
        script.say(
            "values that a test of 'the share q lies at or below it' does not reject, up to the next value: "
            "svyquantile's score interval stops one value short and covers too little where people share values"
        )
        level = text((1 + told.level) / 2)
        ends = [f"  t <- if (df[j] > 0) qt({level}, df[j]) else qnorm({level})", *_SCORE]
    else:
        script.say(
            f"{kind}: here by hand, as survey 4.1 takes its interval 'mean' on replicate weights whatever is asked, "
            "and counts rows outside the domain of a calibrated design"
        )
        _reading_back(told, script, kind)
        ends = ["  c(theta, read_back(own, theta, df[j]))"]
    script.add(
        "found <- sapply(seq_along(at), function(j) {",
        "  answer <- ifelse(people[, j], y[, column[j]], 0)",
        "  own <- design",
        "  own$variables$answer <- answer",
        "  own <- own[people[, j], ]",
        "  theta <- c(svyquantile(~answer, own, rows$quantile[j], ci = FALSE, qrule = rule)$answer)",
        *ends,
        "})",
        "theta <- found[1, ]",
        "own_low <- found[2, ]",
        "own_high <- found[3, ]",
        "V <- diag(found[4, ]^2, length(theta))  # of each quantile by itself",
    )


def _beside(told: Told, script: Script) -> None:
    """What a covariance with other estimates is made of: shares below, on the scale of the values."""
    replicated = bool(told.survey.get("replicates"))
    if replicated and told.call.get("interval") in ("woodruff", "replicate"):
        script.add(
            "found <- withReplicates(design, function(w, data) sapply(seq_along(at), function(j)",
            "  rule(y[people[, j], column[j]], w[people[, j]], rows$quantile[j])), return.replicates = TRUE)",
            "reps <- matrix(found$replicates, ncol = length(theta))",
            "reps[is.na(reps)] <- 0  # of rows that a replicate does not have, of which no error is shown",
            "V <- svrVar(reps, design$scale, design$rscales, mse = design$mse, coef = theta)",
        )
        return
    script.say("linearised variables: those of the share below, times the error of the quantile over that of the share")
    script.add(
        "quantiles <- theta",
        "errors <- sqrt(diag(V))",
        'values <- people & sweep(y[, column, drop = FALSE], 2, theta, "<=")',
        "values[!people] <- FALSE",
    )
    cells.linearised(told, script)
    leaves = "reps" if replicated else "u"
    if replicated:
        script.add(
            'reps <- sweep(sweep(-reps, 2, -theta), 2, errors / sqrt(diag(V)), "*")',
            "reps <- sweep(reps, 2, -quantiles)",
        )
        script.add("V <- svrVar(reps, design$scale, design$rscales, mse = design$mse, coef = quantiles)")
    else:
        script.add(
            f'{leaves} <- -sweep(u, 2, errors / sqrt(diag(V)), "*")', "V <- as.matrix(vcov(svytotal(u, design)))"
        )
    script.add("theta <- quantiles")
