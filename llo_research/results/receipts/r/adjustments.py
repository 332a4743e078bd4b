"""Weighting steps that are no calibration, in R: trimming, nonresponse, parts of a split sample."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from llo_research.results.receipts.r import calibrations
from llo_research.results.receipts.r.calibrations import matrix, others
from llo_research.results.receipts.r.words import compared, fresh, name, text, vector
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

_SPREAD = """
trimmed <- function(w, full) {  # trimWeights(strict = TRUE), to the last digit
  times <- ifelse(full == 0, 0, w / full)
  value <- pmin(pmax(full, lower), upper)
  rest <- full >= lower & full <= upper & times != 0
  excess <- sum((full - value) * times)
  while (abs(excess) > 1e-15 * abs(sum(full * times))) {
    if (!any(rest)) rest <- (if (excess > 0) value < upper else value > lower) & times != 0
    moved <- value + rest * excess / sum(times * rest)
    value <- pmin(pmax(moved, lower), upper)
    excess <- sum((moved - value) * times)
    rest <- (if (excess > 0) value < upper else value > lower) & times != 0
  }
  value * times
}
"""


def is_known(step: Mapping[str, Any]) -> bool:
    """Whether R can make the same weights."""
    return step["step"] != "calibrate" or calibrations.known(step)


def given(told: Told, script: Script, steps: Sequence[Mapping[str, Any]]) -> None:
    """The weights after all steps, from the file."""
    named = ", ".join(dict.fromkeys(str(step["step"]) for step in steps))
    replicated = bool(told.survey.get("replicates"))
    script.note(
        f"R cannot repeat these steps of weighting: {named}. Their weights are those of the file (final_weight) and "
        "count as given: estimates are ours; standard errors do not know that the weights were adjusted, and are "
        "usually too large" + (", and each replicate keeps the factor of the full sample." if replicated else ".")
    )
    if replicated:
        factor = "w * ifelse(full == 0, 0, data$final_weight / full)"
        script.add(f"design <- after_step(design, function(w, full) {factor})")
    else:
        script.add("design <- after_step(design, ifelse(is.finite(design$prob), data$final_weight, 0))")


def parts(told: Told, script: Script, step: Mapping[str, Any]) -> None:
    """Each part's weights times its share, which variances take as given."""
    column, levels = compared(told, step["part"], step["levels"])
    script.add(
        f"share <- {vector(step['shares'].values())}[with(data, match({column}, {levels}))]",
        "share[is.na(share)] <- 1",
    )
    _given(told, script, step, "function(w, full) w * share")


def trim(told: Told, script: Script, step: Mapping[str, Any]) -> None:
    """Weights within bounds."""
    low, high = step.get("lower"), step.get("upper")
    script.add(f"lower <- {'-Inf' if low is None else text(low)}; upper <- {'Inf' if high is None else text(high)}")
    kept = step.get("preserve")
    if kept is None:
        script.say("the factors count as given, also in replicates")
        cut = "ifelse(full == 0, w, w * pmin(pmax(full, lower), upper) / full)"
        _given(told, script, step, f"function(w, full) {cut}")
        return
    if kept == "total":
        script.add(*_SPREAD.strip().splitlines())
        _given(told, script, step, "trimmed")
        return
    _trim_with_margins(told, script, step)


def _trim_with_margins(told: Told, script: Script, step: Mapping[str, Any]) -> None:
    """Weights within bounds that keep the totals of margins."""
    x = fresh(told, "auxiliaries")
    script.add(*matrix(told, x, step["totals"], None))
    if all(margin["levels"] is None for margin in step["totals"][0]["margins"]):
        script.add(f"{x} <- cbind(1, {x})")
    own = f" & !({others(step)})" if "survey" in step else ""
    script.say("the weights that change least and keep the totals of these margins (and in replicates, their own)")
    script.add(
        "trimmed <- function(w, full) {",
        f"  used <- full != 0{own}",
        f"  x <- {x}[used, , drop = FALSE]",
        "  low <- pmin(lower / full, upper / full)[used]; high <- pmax(lower / full, upper / full)[used]",
        "  w[used] <- w[used] * grake(x, w[used], cal.linear, bounds = list(lower = low, upper = high),",
        "    population = colSums(x * w[used]), epsilon = 1e-12, verbose = FALSE, maxit = 500)",
        "  w",
        "}",
    )
    if told.survey.get("replicates"):
        script.add("design <- after_step(design, trimmed)")
        return
    script.say("rows strictly within the bounds move with the margins, whose totals are the sample's own")
    script.add(
        'w <- weights(design, "sampling")',
        f"{x}[!(w != 0{own}), ] <- 0",
        "after <- trimmed(w, w)",
        "moved <- w * (w != 0 & abs(after - lower) > 1e-9 * w & abs(after - upper) > 1e-9 * w)",
        f"kept <- with(qr({x} * sqrt(moved)), pivot[seq_len(rank)])",
        f"x <- {x}[, kept, drop = FALSE]",
        "design <- handed_on(design, after, x * ifelse(after == 0, 0, moved / after), (w - after) * x,",
        "  crossprod(x, x * moved))",
    )


def _given(told: Told, script: Script, step: Mapping[str, Any], how: str) -> None:
    """`design` after a step whose factors variances take as given; `how`: weights from old ones and the full ones."""
    if "survey" in step:
        script.add(f"own <- {how}", f"here <- !({others(step)})")
        how = "function(w, full) { w[here] <- own(w[here], full[here]); w }"
    if told.survey.get("replicates"):
        script.add(f"design <- after_step(design, {how})")
        return
    call = how if re.fullmatch(r"\w+", how) else f"({how})"
    script.add('w <- weights(design, "sampling")', f"design <- after_step(design, {call}(w, w))")


def nonresponse(told: Told, script: Script, step: Mapping[str, Any]) -> None:
    """Respondents also stand for those who did not answer."""
    script.add(f"came <- (data${name(step['responded'])} == 1) %in% TRUE")
    if "survey" in step:
        script.add(f"came[{others(step)}] <- TRUE  # other surveys keep their weights")
    if "formula" in step:
        if step["coefficients"]:
            _by_formula(told, script, step)
        return
    classes = [f"data${name(column)}" for column in step["classes"]] or ["rep(1, nrow(data))"]
    script.add(f"class <- paste({', '.join(classes)})")
    if "survey" in step:
        script.add(f"class[{others(step)}] <- NA")
    script.add(
        "rate <- function(w) {  # of response, in each class",
        "  rate <- ave(w * came, class, FUN = sum) / ave(w, class, FUN = sum)",
        "  ifelse(is.na(rate), 1, rate)",
        "}",
    )
    if told.survey.get("replicates"):
        script.add("design <- after_step(design, function(w, full) ifelse(came, w / rate(w), 0))")
        return
    script.say("residuals: respondents by what they take over, the others by what they give away")
    script.add(
        'w <- weights(design, "sampling")',
        "k <- 1 / rate(w) - 1",
        "Q <- 1 * outer(class, unique(na.omit(class)), function(own, other) (own == other) %in% TRUE)",
        "Q <- Q * ifelse(k == 0, 0, sqrt(ifelse(came, w * k, w / k)))",
        "root <- ifelse(k == 0, 1, ifelse(came, 1, -1) * sqrt(w * k))",
        "design <- after_step(design, ifelse(came, w * (1 + k), 0), Q, root)",
    )


def right_side(formula: str) -> str:
    """The terms of a model of response in R; a misreading would show in the fitted propensities, which are checked."""
    return re.sub(r"\bC\(", "factor(", formula.replace("**", "^").replace("np.", "")).lstrip("~ ")


def _by_formula(told: Told, script: Script, step: Mapping[str, Any]) -> None:
    """By the fitted propensity to respond."""
    right = right_side(step["formula"])
    script.add(
        'w <- weights(design, "sampling")',
        f"used <- w > 0{f' & !({others(step)})' if 'survey' in step else ''}",
        f"Z <- matrix(0, nrow(data), ncol(z <- model.matrix(~ {right}, data[used, ])))",
        "Z[used, ] <- z",
        "rate <- function(w) {  # fitted propensity to respond",
        "  p <- rep(1, length(w))",
        "  w <- w / mean(w)  # with large weights glm.fit starts too far off to converge",
        "  p[used] <- glm.fit(Z[used, ], came[used], w[used], family = quasibinomial(),",
        "    control = list(epsilon = 1e-14, maxit = 100))$fitted.values",
        "  p",
        "}",
    )
    if told.survey.get("replicates"):
        script.add("design <- after_step(design, function(w, full) ifelse(came, w / rate(w), 0))")
        return
    script.say("the rows of non-respondents are scaled so that the information of the model is the expected one")
    script.add(
        "p <- rate(w)",
        f"stopifnot(abs(min(p[came & used]) - {text(step['smallest_propensity'])}) < 1e-8)  # the same model",
        "pairs <- which(upper.tri(diag(ncol(Z)), diag = TRUE), arr.ind = TRUE)",
        "K <- Z[, pairs[, 1], drop = FALSE] * Z[, pairs[, 2], drop = FALSE]",
        'K <- sweep(K, 2, sqrt(colSums(K^2)) + 1e-300, "/")',
        "no <- used & !came",
        "h <- rep(1, length(w))",
        "information <- colSums(K * w * ifelse(came, (1 - p) * (2 * p - 1), p * (1 - p)))",
        "h[no] <- grake(K[no, ], (w * p^2)[no], cal.raking, bounds = list(lower = -Inf, upper = Inf),",
        "  population = information, epsilon = 1e-12, verbose = FALSE, maxit = 500)",
        "Q <- Z * sqrt(w) * ifelse(came, 1 - p, p * sqrt(h))",
        "design <- after_step(design, ifelse(came, w / p, 0), Q, ifelse(came, sqrt(w), -sqrt(w / h)))",
    )
