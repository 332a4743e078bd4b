"""The first part of a script in R: read the file, declare levels, the design, its weighting steps, the domain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llo_research.results.receipts.r import steps
from llo_research.results.receipts.r.words import condition, formula, name, text, vector
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

_METHODS = {
    "jk1": "JK1",
    "jk2": "JK2",
    "jkn": "JKn",
    "brr": "BRR",
    "fay": "Fay",
    "bootstrap": "bootstrap",
    "sdr": "successive-difference",
}


def opening(told: Told, script: Script, path: str) -> None:
    """`data`, `design` (whole, after all weighting steps) and `domain` (the design of the people the call is about)."""
    script.need("survey")
    _reading(told, script, path)
    conditions(told, script)
    _design(told, script)
    for step in told.steps:
        steps.write(told, script, step)
    script.add("sampled <- design  # whose units and strata give the degrees of freedom")
    people(told, script)


def _reading(told: Told, script: Script, path: str) -> None:
    """`data`: the file, with levels in their order."""
    script.part(f"The file is written by svy.to_file({path!r}), which keeps the order of rows and of levels.")
    lower = path.lower()
    if lower.endswith((".dta", ".sav")):
        script.need("haven")
        read = "read_dta" if lower.endswith(".dta") else "read_sav"
        script.add(f"data <- as.data.frame(as_factor({read}({text(path)})))")
    else:
        kept = [column for column in told.columns if told.is_category(column)]
        as_text = ", ".join(f'{name(column)} = "character"' for column in kept)
        classes = f", colClasses = c({as_text})" if kept else ""
        script.add(f'data <- read.csv({text(path)}, na.strings = "", check.names = FALSE, encoding = "UTF-8"{classes})')
    for column in told.columns:
        if levels := told.levels(column):
            ordered = ", ordered = TRUE" if told.survey["columns"][column].get("ordered") else ""
            script.add(f"data${name(column)} <- factor(data${name(column)}, levels = {_levels(levels)}{ordered})")


def _levels(levels: list[Any]) -> str:
    """The levels as text, as a file holds them."""
    return f"c({', '.join(text(str(level)) for level in levels)})"


def conditions(told: Told, script: Script) -> None:
    """Columns for variables of the call that are conditions."""
    for words in told.conditions:
        script.add(f"data${name(words)} <- with(data, {condition(told, words)})")


def _design(told: Told, script: Script) -> None:
    """`design`."""
    script.part("The design.")
    weight = told.meta.get("weight")
    if weight and told.halves:
        script.add(f"data${name(weight)}[is.na(data${name(weight)})] <- 0  # not asked")
    weights = formula([weight]) if weight else "~1"
    if replicates := told.survey.get("replicates"):
        script.add(*_replicated(replicates, weights))
        return
    design = told.design
    lonely = told.survey.get("lonely_psu", design.get("lonely_psu", "error"))
    script.add(f"options(survey.lonely.psu = {text('fail' if lonely == 'error' else lonely)})")
    ids = _listed(design.get("psu")) or _listed(design.get("unit"))
    strata = _listed(design.get("strata"))
    crossed = f", strata = ~interaction({', '.join(map(name, strata))}, drop = TRUE)" if len(strata) > 1 else ""
    crossed = f", strata = {formula(strata)}" if len(strata) == 1 else crossed
    fpc = f", fpc = {formula(_listed(design.get('fpc')))}" if design.get("fpc") else ""
    nest = ", nest = TRUE" if ids and strata and told.survey.get("nest", True) else ""
    script.add(
        f"design <- svydesign(ids = {formula(ids) if ids else '~1'}{crossed}{fpc}, weights = {weights}, "
        f"data = data{nest})"
    )


def _replicated(replicates: Mapping[str, Any], weights: str) -> list[str]:
    """A design of replicate weights."""
    columns = replicates["columns"]
    number = replicates["n_replicates"]
    named = vector(columns) if columns else f'paste0("replicate_", 1:{number})'
    rscales = replicates["rscales"]
    factors = f"rep({text(rscales[0])}, {number})" if len(rscales) == 1 else vector(rscales)
    return [
        f"replicates <- {named}",
        f"design <- svrepdesign(weights = {weights}, repweights = data[, replicates], data = data,",
        f'  type = "other", combined.weights = TRUE, scale = {text(replicates["scale"])}, rscales = {factors},',
        f"  mse = {text(replicates['mse'])})",
    ]


def people(told: Told, script: Script) -> None:
    """`domain`: the design of the people that the call is about; the whole design stays behind it."""
    script.part("The people that the call is about; the design behind them stays whole.")
    if told.by_mask or told.halves:
        script.say("in_domain: the rows of a domain that was given by row numbers, a column of the file")
    here = inside(told)
    script.add("domain <- design" if here == "TRUE" else f"domain <- subset(design, ({here}) %in% TRUE)")


def inside(told: Told) -> str:
    """The condition of the domain on columns of `data`; ``TRUE`` where it is everybody."""
    words = [str(note["condition"]) for note in told.meta.get("domain") or () if "condition" in note]
    if told.by_mask or told.halves:
        return "in_domain == 1"
    return " & ".join(f"({condition(told, word)})" if len(words) > 1 else condition(told, word) for word in words) or "TRUE"


def _listed(value: Any) -> list[str]:
    """None, a name or a list as a list."""
    return [] if value is None else [value] if isinstance(value, str) else [str(item) for item in value]
