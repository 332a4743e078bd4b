"""The regressors and the outcome of a formula for all rows of the design, zeros for who is left out."""

from __future__ import annotations

from collections.abc import Sequence

from llo_research.results.receipts.r.formulas import in_r
from llo_research.results.receipts.r.model_rows import joined
from llo_research.results.receipts.r.words import name, text
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told


def matrices(told: Told, script: Script, who: str = "", also: Sequence[str] = ()) -> None:
    """`used`, `X` and `y`: people whose answers are known, regressors and outcome; columns are added to `data`.

    who : a further condition in R. also : further columns that must be known.
    """
    model = in_r(told, str(told.meta["formula"]))
    needed = list(dict.fromkeys([*model.columns, *also]))
    script.add(*joined("known <- complete.cases(data[c(", [text(column) for column in needed], ", ", ")])"))
    script.add(f"used <- inside & known{f' & {who}' if who else ''}")
    script.part("Regressors and outcome, 0 for all others; categories by their first level, also ordered ones.")
    script.add('options(contrasts = c("contr.treatment", "contr.treatment"))')
    for column, words in model.made.items():
        script.add(f"data${name(column)} <- with(data, {words})")
    ours = [text(model.names[str(term)]) for term in told.meta["terms"]]
    script.add(*joined("model <- model.matrix(~ ", model.right.split(" + "), " + ", ", data[used, ])"))
    script.add(*joined("model <- model[, c(", ours, ", ", "), drop = FALSE]"))
    script.add(
        "X <- matrix(0, nrow(data), ncol(model))",
        "X[used, ] <- model",
        f"y <- ifelse(used, as.numeric(data${name(model.response)}), 0)",
    )
