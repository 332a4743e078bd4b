"""Several models in one script."""

from __future__ import annotations

from collections.abc import Mapping

from llo_research.results.receipts.r.words import text
from llo_research.results.receipts.script import Script

_SHOWN = 'c("term", "estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high")'
_COMMENTS = {"R": ("#", ""), "Stata": ("*", ""), "SPSS": ("*", ".")}


def together(program: str, scripts: Mapping[str, str | None]) -> str:
    """The scripts one after the other; in R all coefficients in one table."""
    script = Script(*_COMMENTS[program])
    table = ", and one table at the end" if program == "R" else ""
    script.note(f"{len(scripts)} models side by side: the script of each{table}.")
    foreign = [name for name, own in scripts.items() if own is None]
    if foreign:
        script.note(f"Models of another program have no script here: {', '.join(foreign)}.")
    script.add(*(["answers <- list()"] if program == "R" else []))
    for name, own in scripts.items():
        if own is not None:
            script.part(f"---- {name} ----")
            script.add(*(["answer <- NULL"] if program == "R" else []), *own.rstrip().split("\n"))
            script.add(*([f"answers[[{text(name)}]] <- answer"] if program == "R" else []))
    if program == "R":
        script.part("---- side by side ----")
        script.add(
            f"shown <- {_SHOWN}",
            "answer <- do.call(rbind, lapply(names(answers), function(name)",
            "  data.frame(model = name, answers[[name]][, shown])))",
            "print(answer, digits = 8, row.names = FALSE)",
        )
    return script.text()
