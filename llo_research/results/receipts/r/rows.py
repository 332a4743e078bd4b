"""What each estimate is, and the table that a script ends with: `rows`, `df`, `answer`."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from llo_research.results.receipts.r.words import name, text, vector
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

# on which scale an interval is symmetric: R's words for there and back
_SCALES = {"logit": ("qlogis", "plogis", "theta * (1 - theta)"), "log": ("log", "exp", "theta")}


def identify(told: Told, script: Script) -> None:
    """`rows`: what each estimate is, in the order in which the result has them."""
    script.part("What each estimate is.")
    columns = [f"{name(str(column))} = {_column(told.rows[column])}" for column in told.rows.columns]
    script.add(f"rows <- data.frame({', '.join(columns)}, check.names = FALSE)")


def _column(series: pd.Series) -> str:
    """The values of a column of identifiers."""
    plain = [None if gone else value for value, gone in zip(series.astype(object), series.isna(), strict=True)]
    return vector(value if isinstance(value, int | float | bool) or value is None else str(value) for value in plain)


def cell_degrees(script: Script, by: Sequence[str]) -> None:
    """`df`: PSUs minus strata among the people of each cell (R's svyby takes those of the whole design)."""
    if not by:
        script.add("df <- rep_len(degf(domain), nrow(rows))")
        return
    same = " & ".join(f"as.character({name(column)}) == as.character(rows${name(column)}[i])" for column in by)
    script.add(
        f"df <- sapply(seq_len(nrow(rows)), function(i) degf(subset(domain, ({same}) %in% TRUE)))",
    )


def answer(told: Told, script: Script) -> None:
    """`answer`: identifiers, estimate, standard error, degrees of freedom and interval; printed."""
    script.part("The table, with intervals.")
    script.add("std_error <- sqrt(diag(V))", f"t <- qt({text((1 + told.level) / 2)}, df)")
    words = list(dict.fromkeys(told.intervals))
    script.add("low <- theta - t * std_error", "high <- theta + t * std_error")
    for word in words:
        if word == "wald":
            continue
        there, back, slope = _SCALES[word]
        here = "TRUE" if len(words) == 1 else f"which({vector(told.intervals)} == {text(word)})"
        script.say(f"{word}: symmetric on the scale of {there}, as svyciprop's method {word}")
        script.add(f"far <- t * std_error / ({slope})")
        if here == "TRUE":
            script.add(f"low <- {back}({there}(theta) - far)", f"high <- {back}({there}(theta) + far)")
        else:
            script.add(f"here <- {here}")
            script.add(f"low[here] <- {back}({there}(theta) - far)[here]")
            script.add(f"high[here] <- {back}({there}(theta) + far)[here]")
    script.add(
        "answer <- data.frame(rows, estimate = theta, std_error = std_error, df = df, conf_low = low, "
        "conf_high = high, check.names = FALSE, row.names = NULL)",
        "print(answer, digits = 8, row.names = FALSE)",
    )
