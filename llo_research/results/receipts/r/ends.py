"""Intervals and tests of the table that a script in R ends with."""

from __future__ import annotations

from llo_research.results.receipts.r.words import text, vector
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

# on which scale an interval is symmetric: R's words for there and back, and the slope
_SCALES = {
    "logit": ("qlogis", "plogis", "theta * (1 - theta)", "the logit scale, as svyciprop's method logit"),
    "xlogit": ("qlogis", "plogis", "theta * (1 - theta)", "the logit scale, as svyciprop's method xlogit"),
    "log": ("log", "exp", "theta", "the log scale: for ratios"),
    "fisher": ("atanh", "tanh", "1 - theta^2", "Fisher's scale"),
}
_SYMMETRIC = ("wald", "replicate")
# those that need `n`, the people with a weight behind each estimate
COUNTED = frozenset({"beta", "wilson"})
# those that their own writer leaves in `low` and `high`
OWN = frozenset({"likelihood", "woodruff", "score"})


def ends(told: Told, script: Script) -> None:
    """`low` and `high`, each row by its own method."""
    script.add("low <- theta - t * std_error", "high <- theta + t * std_error")
    words = list(dict.fromkeys(told.intervals))
    for word in words:
        if word in _SYMMETRIC:
            continue
        here = "" if len(words) == 1 else "[here]"
        if here:
            script.add(f"here <- {_rows(told, word)}")
        if told.function == "quantile" or word in OWN:
            script.add(f"low{here} <- own_low{here}", f"high{here} <- own_high{here}")
        elif word == "wild":  # of draws that R does not make: the first lines say so
            rows = here or "[]"
            script.add(f"low{rows} <- NA", f"high{rows} <- NA")
        elif word in _SCALES:
            _symmetric(script, word, here)
        else:
            _OF_SHARES[word](told, script, here)


def _rows(told: Told, word: str) -> str:
    """The rows with a method."""
    return f"c({', '.join(str(i) for i, own in enumerate(told.intervals, start=1) if own == word)})"


def _symmetric(script: Script, word: str, here: str) -> None:
    """Symmetric on another scale."""
    there, back, slope, told = _SCALES[word]
    script.say(f"{word}: symmetric on {told}")
    script.add(f"centre <- suppressWarnings({there}(theta))", f"far <- t * std_error / ({slope})")
    script.add(f"low{here} <- {back}(centre - far){here}", f"high{here} <- {back}(centre + far){here}")


def _asin(told: Told, script: Script, here: str) -> None:
    """Symmetric on the arcsine scale."""
    script.say("asin: symmetric on the scale of the arcsine of the root, as svyciprop's method asin")
    script.add(
        "centre <- asin(sqrt(theta))",
        "far <- t * std_error / (2 * sqrt(theta * (1 - theta)))",
        f"low{here} <- (sin(pmax(centre - far, 0))^2){here}",
        f"high{here} <- (sin(pmin(centre + far, pi / 2))^2){here}",
    )


def _beta(told: Told, script: Script, here: str) -> None:
    """Korn and Graubard's interval."""
    script.say("beta: Clopper-Pearson at the effective sample size, as svyciprop's method beta; n itself at 0 and 1")
    tail = text((1 - told.level) / 2)
    script.add(
        "share <- ifelse(abs(theta - round(theta)) < 1e-12, round(theta), theta)",
        f"n_eff <- share * (1 - share) / std_error^2 * (qt({tail}, n - 1) / t)^2",
        "n_eff[share %in% c(0, 1)] <- n[share %in% c(0, 1)]",
        f"low{here} <- qbeta({tail}, n_eff * share, n_eff * (1 - share) + 1){here}",
        f"high{here} <- qbeta({tail}, n_eff * share + 1, n_eff * (1 - share), lower.tail = FALSE){here}",
    )


def _wilson(told: Told, script: Script, here: str) -> None:
    """Wilson's interval."""
    script.say(
        "wilson: the score interval with Student's t at n_eff = p (1 - p) / variance, as survey 4.5; n at 0 and 1"
    )
    script.add(
        "n_eff <- ifelse(theta %in% c(0, 1), n, theta * (1 - theta) / std_error^2)",
        "centre <- (theta + t^2 / (2 * n_eff)) / (1 + t^2 / n_eff)",
        "far <- t * sqrt(theta * (1 - theta) / n_eff + t^2 / (4 * n_eff^2)) / (1 + t^2 / n_eff)",
        f"low{here} <- pmax(centre - far, 0){here}",
        f"high{here} <- pmin(centre + far, 1){here}",
    )


_OF_SHARES = {"asin": _asin, "beta": _beta, "wilson": _wilson}


def critical(told: Told, script: Script) -> None:
    """`t`: pointwise critical values, or one for all rows at once."""
    if not told.simultaneous or len(told.rows) < 2:
        script.add(f"t <- suppressWarnings(qt({text((1 + told.level) / 2)}, df))")
        return
    script.need("mvtnorm")
    script.note(
        "Joint intervals: R integrates the multivariate t with random points (mvtnorm), llo_research with fixed "
        "ones, so that their ends differ by about 0.001 of their width; at most Sidak's value is taken."
    )
    script.say("joint intervals: one critical value for all rows that vary, with the smallest degrees of freedom")
    script.add(
        "std_error <- sqrt(diag(V))",
        "vary <- which(std_error > 0 & df > 0)",
        "set.seed(1)",
        f't <- mvtnorm::qmvt({text(told.level)}, tail = "both.tails", df = round(min(df[vary])),',
        "  corr = cov2cor(V[vary, vary, drop = FALSE]))$quantile",
        f"t <- pmin(t, qt((1 + {text(told.level)}^(1 / length(vary))) / 2, min(df[vary])))",
    )


def tests(told: Told, script: Script) -> list[str]:
    """Columns of tests against no difference; their names in `answer`."""
    if not told.tested:
        return []
    logs = [on == "log" for on in told.on]
    nulls = [0.0 if on == "log" or null is None else float(null) for on, null in zip(told.on, told.null, strict=True)]
    if all(logs):
        script.say("ratios are tested against 1 on the log scale")
        script.add("distance <- log(theta)", "error <- std_error / theta")
    elif any(logs):
        script.add(f"logs <- {vector(logs)}  # ratios are tested against 1 on the log scale")
        script.add("distance <- ifelse(logs, log(theta), theta)", "error <- ifelse(logs, std_error / theta, std_error)")
    else:
        shift = f" - {vector(nulls)}" if any(nulls) else ""
        script.add(f"distance <- theta{shift}", "error <- std_error")
    script.add("statistic <- distance / error", "statistic[!is.finite(statistic)] <- NA")
    script.add("p_value <- 2 * pt(abs(statistic), df, lower.tail = FALSE)")
    columns = ["statistic = statistic", "p_value = p_value"]
    if told.meta.get("p_adjusted") == "romano-wolf":
        script.note(
            "Romano and Wolf's p-values are not printed here: p.adjust has no step-down by the joint distribution. "
            "Nearest comes p.adjust(p_value, 'holm'), which is larger; or multcomp::glht with adjusted('free')."
        )
    elif "p_adjusted" in told.added:
        method = {"holm": "holm", "bonferroni": "bonferroni"}.get(str(told.meta.get("p_adjusted")), "BH")
        script.add(f"p_adjusted <- p.adjust(p_value, {text(method)})")
        columns.append("p_adjusted = p_adjusted")
    if told.bound is not None:
        script.say("equivalence: two one-sided tests that the distance is less than the bound")
        bound = [f"log({text(told.bound)})" if log else text(told.bound) for log in logs]
        script.add(
            f"bound <- {bound[0] if len(set(bound)) == 1 else 'c(' + ', '.join(bound) + ')'}",
            "p_equivalence <- pmax(pt((distance + bound) / error, df, lower.tail = FALSE),",
            "  pt((distance - bound) / error, df))",
        )
        columns += [f"bound = {text(told.bound)}", "p_equivalence = p_equivalence"]
    return columns
