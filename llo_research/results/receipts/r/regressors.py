"""The regressors and the outcome of a formula for all rows of the design, zeros for who is left out."""

from __future__ import annotations

import re
from collections.abc import Sequence

from llo_research.results.receipts.r.formulas import in_r
from llo_research.results.receipts.r.model_rows import joined
from llo_research.results.receipts.r.words import name, text
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

_CATEGORY = re.compile(r"C\(\s*(`[^`]+`|\w+)\s*(?:,.*)?\)")


def matrices(
    told: Told,
    script: Script,
    who: str = "",
    also: Sequence[str] = (),
    *,
    less: Sequence[str] = (),
    suffix: str = "",
) -> None:
    """`used`, `X` and `y`: people whose answers are known, regressors and outcome; columns are added to `data`.

    who : a further condition in R. also : further columns that must be known. less : lines that leave people out of
    `used`. suffix : of the names of the three, and of `inside`.
    """
    model = in_r(told, str(told.meta["formula"]))
    used, x, y = (f"{one}{suffix}" for one in ("used", "X", "y"))
    needed = list(dict.fromkeys([*model.columns, *also]))
    script.add(*joined("known <- complete.cases(data[c(", [text(column) for column in needed], ", ", ")])"))
    script.add(f"{used} <- inside{suffix} & known{f' & {who}' if who else ''}", *less)
    script.part("Regressors and outcome, 0 for all others; categories by their first level, also ordered ones.")
    script.add('options(contrasts = c("contr.treatment", "contr.treatment"))')
    if model.before:
        script.add(f"rows.used <- data[{used}, ]", *model.before)
    for column, words in model.made.items():
        script.add(f"data${name(column)} <- with(data, {words})")
    ours = [text(model.names[str(term)]) for term in told.meta["terms"]]
    script.add(*joined("model <- model.matrix(~ ", model.right.split(" + "), " + ", f", data[{used}, ])"))
    script.add(*joined("model <- model[, c(", ours, ", ", "), drop = FALSE]"))
    script.add(
        f"{x} <- matrix(0, nrow(data), ncol(model))",
        f"{x}[{used}, ] <- model",
        f"{y} <- ifelse({used}, as.numeric(data${name(model.response)}), 0)",
    )


def categories(told: Told) -> list[tuple[str, ...]]:
    """Columns of the data that are categories in the formula, one by one and as they stand in interactions."""
    columns = {factor: _column(factor) for factor in told.meta["category_levels"]}
    out: list[tuple[str, ...]] = [(column,) for column in columns.values()]
    for term in told.meta["terms"]:
        factors = [part.split("[T.")[0] for part in str(term).split(":")]
        if len(factors) > 1 and all(factor in columns for factor in factors):
            out.append(tuple(columns[factor] for factor in factors))
    return list(dict.fromkeys(out))


def bases(told: Told) -> dict[str, str]:
    """The base level of each column that is a category."""
    known = told.meta["category_levels"]
    return {_column(factor): str(level) for factor, level in told.meta["base_levels"].items() if factor in known}


def _column(factor: str) -> str:
    """The column in ``C(column)``."""
    found = _CATEGORY.fullmatch(factor)
    return (found[1] if found else factor).strip("`")
