"""What each estimate is, and the table that a script ends with: `rows`, `answer`."""

from __future__ import annotations

import pandas as pd

from llo_research.results.receipts.r import ends
from llo_research.results.receipts.r.words import name, vector
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

# whose rows have replicates of their own
_EACH = ("mean", "share", "gap", "change", "gap_change", "trend", "quantile")


def identify(told: Told, script: Script, called: str = "rows") -> None:
    """`rows`: what each estimate is, in the order in which the result has them."""
    script.part("What each estimate is.")
    columns = [f"{name(str(column))} = {_column(told.rows[column])}" for column in told.rows.columns]
    script.add(f"{called} <- data.frame(", *(f"  {column}," for column in columns), "  check.names = FALSE)")


def _column(series: pd.Series) -> str:
    """The values of a column of identifiers; runs of equal values as ``rep``."""
    plain = [None if gone else value for value, gone in zip(series.astype(object), series.isna(), strict=True)]
    values = [value if isinstance(value, int | float | bool) or value is None else str(value) for value in plain]
    if len(values) > 1 and len(set(map(repr, values))) == 1:
        return f"rep({vector(values[:1])}, {len(values)})"
    return vector(values)


def answer(told: Told, script: Script) -> None:
    """`answer`: identifiers, estimate, standard error, degrees of freedom, tests and interval; printed."""
    script.part("The table, with intervals.")
    ends.critical(told, script)
    script.add("std_error <- sqrt(diag(V))")
    if told.undefined:
        script.say("rows that a replicate cannot give have no error; R leaves such replicates out, or fits them anyhow")
        script.add(f"std_error[{vector(i + 1 for i in told.undefined)}] <- NA")
        if len(told.undefined) < len(told.rows) and told.function not in _EACH:
            script.note(
                "A replicate does not have all rows: R leaves it out for the other rows too, whose standard errors "
                "differ by what that replicate adds."
            )
    ends.ends(told, script)
    tested = ends.tests(told, script)
    if "wild" in told.intervals:
        script.add("p_value <- rep(NA_real_, nrow(rows))")
    columns = ", ".join(["df = df", *tested[1:2], "conf_low = low", "conf_high = high", *tested[2:]])
    script.add(
        f"answer <- data.frame(rows, estimate = theta, std_error = std_error, {''.join(f'{c}, ' for c in tested[:1])}"
        f"{columns}, check.names = FALSE, row.names = NULL)",
    )
    script.add("print(answer, digits = 8, row.names = FALSE)")
