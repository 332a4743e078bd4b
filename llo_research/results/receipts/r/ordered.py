"""Ordered logit and probit in R: ``svyolr``, and steps of Newton from where it stops."""

from __future__ import annotations

from itertools import pairwise

from llo_research.results.receipts.r import linearised
from llo_research.results.receipts.r.formulas import InR
from llo_research.results.receipts.r.model_rows import prepare
from llo_research.results.receipts.r.words import text
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

DISTRIBUTIONS = {
    "logit": ("logistic", "plogis", "dlogis", "dlogis(x) * (1 - 2 * plogis(x))"),
    "probit": ("probit", "pnorm", "dnorm", "-x * dnorm(x)"),
}


def write(told: Told, script: Script) -> None:
    """`theta`, `V` and `df` of an ordered model: slopes, then thresholds."""
    model = prepare(told, script)
    script.part("The model: P(Y <= k) = F(threshold_k - x'b). The levels are those that occur.")
    names = [model.names[term] for term in told.meta["terms"] if term != "Intercept"]
    set_up(told, script, model, names)
    script.add("found <- solved(w, theta)", "theta <- found$theta")
    linearised_of(told, script)
    if told.call.get("vcov") == "iid":
        script.add("V <- solve(found$H) * mean(w)", "df <- rep(n - length(theta), length(theta))")
        return
    script.add("k <- length(theta)")
    linearised.spread(told, script)


def linearised_of(told: Told, script: Script) -> None:
    """`z`, or `estimate` of replicates."""
    if linearised.replicated(told):
        script.add("estimate <- function(own) solved(own, theta)$theta")
    else:
        script.add("z <- found$score %*% solve(found$H)")


def answered(told: Told, script: Script, model: InR) -> str:
    """`answered`: the number of each answer's level; `last`: thresholds. R's words for the levels."""
    values = ", ".join(text(_stored(told, model, level)) for level in told.meta["levels"])
    thresholds = len(told.meta["levels"]) - 1
    script.add(f"answered <- match(persons${model.response}, c({values}))", f"last <- {thresholds}  # thresholds")
    return values


def set_up(told: Told, script: Script, model: InR, names: list[str]) -> None:
    """`persons`, `w`, `X`, `theta` where svyolr stops, and `solved(w, theta)`."""
    levels = told.meta["levels"]
    linearised.people(told, script)
    linearised.matrix(script, model, names)
    values = answered(told, script, model)
    method, cumulative, density, bent = DISTRIBUTIONS[str(told.meta["link"])]
    script.say("from thresholds of the shares, without slopes")
    script.add("shares <- (cumsum(tapply(w, answered, sum)) / sum(w))[seq_len(last)]")
    script.add(f"theta <- c(rep(0, ncol(X)), q{cumulative[1:]}(shares))")
    if len(levels) > 2 and names:
        script.say(
            "or from svyolr's answer, about 7e-5 short of the maximum; its matrix is one of differences (and, where"
        )
        script.say("columns are of unlike size, may have no inverse): Newton's steps end where nothing moves")
        script.add(f"domain <- update(domain, answer.level = factor({model.response}, levels = c({values})))")
        script.add(
            f'fit <- try(svyolr(answer.level ~ {model.right}, design = domain, method = "{method}"), silent = TRUE)'
        )
        script.add('if (!inherits(fit, "try-error")) theta <- c(fit$coefficients[colnames(X)], fit$zeta)')
    script.add("above <- cbind(-X, diag(last + 1)[answered, seq_len(last), drop = FALSE])")
    script.add(
        "below <- cbind(-X, diag(last + 1)[pmax(answered - 1, 1), seq_len(last), drop = FALSE] * (answered > 1))"
    )
    script.add(f"bent <- function(x) {bent}", "solved <- function(w, theta) {", "  for (step in 1:50) {")
    script.add("    high <- ifelse(answered <= last, drop(above %*% theta), 1e9)")
    script.add("    low <- ifelse(answered > 1, drop(below %*% theta), -1e9)")
    script.add(
        f"    p <- ifelse(low > 0, {cumulative}(-low) - {cumulative}(-high), {cumulative}(high) - {cumulative}(low))"
    )
    script.add(f"    score <- ({density}(high) * above - {density}(low) * below) / p")
    script.add("    H <- crossprod(score, w * score) - crossprod(above, above * (w * bent(high) / p)) +")
    script.add("      crossprod(below, below * (w * bent(low) / p))")
    script.add("    move <- solve(H, colSums(w * score))", "    if (max(abs(move)) < 1e-13 * max(abs(theta))) break")
    script.add("    theta <- theta + move", "  }", "  list(theta = theta, score = score, H = H)", "}")


def thresholds(told: Told) -> list[str]:
    """Names of the thresholds."""
    return [f"{low}|{high}" for low, high in pairwise(map(str, told.meta["levels"]))]


def _stored(told: Told, model: InR, level: object) -> object:
    """A level of the response as the data of R hold it."""
    plain = level.item() if hasattr(level, "item") else level
    return plain if told.levels(told.meta["response"]) is None else str(plain)
