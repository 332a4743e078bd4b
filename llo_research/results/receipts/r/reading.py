"""Reading the file in R: its columns under our names, categories with their levels in order."""

from __future__ import annotations

from llo_research.program_names import legal
from llo_research.results.receipts.r.words import level, listed, name, text
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

_KINDS = {".dta": ("read_dta", "stata"), ".sav": ("read_sav", "spss")}


def read(told: Told, script: Script, path: str) -> None:
    """`data`: the file, with levels in their order."""
    script.part(f"The file is written by svy.to_file({path!r}), which keeps the order of rows and of levels.")
    ending = path.lower()[-4:]
    if ending in _KINDS:
        _labelled(told, script, path, *_KINDS[ending])
    elif path.lower().endswith(".parquet"):
        script.need("arrow")
        script.note(
            "Reading .parquet needs R's package arrow, which not every R has; svy.to_file('data.csv') needs none."
        )
        script.add(f"data <- as.data.frame(read_parquet({text(path)}))")
    else:
        _delimited(told, script, path)
    for column in told.columns:
        if levels := told.levels(column):
            ordered = ", ordered = TRUE" if told.survey["columns"][column].get("ordered") else ""
            words = [level(own) for own in levels]
            value = f"data${name(column)}"
            if ending in _KINDS and all(isinstance(own, str) for own in levels):  # text is numbered there
                script.add(*listed("levels <- c(", words))
                script.add(f"{value} <- factor(levels[{value}], levels = levels{ordered})")
            else:
                script.add(*listed(f"{value} <- factor({value}, levels = c(", words, f"){ordered})"))


def _delimited(told: Told, script: Script, path: str) -> None:
    """A .csv file; what is text stays text, also where it looks like numbers."""
    texts = [f'{name(column)} = "character"' for column in told.columns if told.is_category(column)]
    script.add(f'data <- read.csv({text(path)}, na.strings = "", check.names = FALSE, encoding = "UTF-8"')
    script.lines[-1] += "," if texts else ")"
    if texts:
        script.add(*listed("  colClasses = c(", texts, "))"))


def _labelled(told: Told, script: Script, path: str, function: str, program: str) -> None:
    """A .dta or .sav file, whose names may be others."""
    script.need("haven")
    script.add(f"data <- as.data.frame(zap_labels({function}({text(path)})))")
    known = told.survey.get("columns") or {}
    made = (told.survey.get("replicates") or {}).get("columns") or ()
    for column in dict.fromkeys([*told.columns, *(own for own in made if own in known)]):
        there = legal(column, program)
        if there != column:
            script.add(f"names(data)[names(data) == {text(there)}] <- {text(column)}")
        if known.get(column) == "boolean":
            script.add(f"data${name(column)} <- as.logical(data${name(column)})")
        if known.get(column) == "text":
            script.add(f'data${name(column)}[data${name(column)} == ""] <- NA')
