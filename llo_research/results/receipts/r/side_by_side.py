"""Several models in one script of R."""

from __future__ import annotations

from collections.abc import Mapping

from llo_research.results.receipts.r.words import text

_SHOWN = 'c("term", "estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high")'


def together(scripts: Mapping[str, str | None]) -> str:
    """The scripts one after the other, and all coefficients in one table."""
    out = [f"# {len(scripts)} models side by side: the script of each, and one table at the end."]
    foreign = [name for name, script in scripts.items() if script is None]
    if foreign:
        out.append(f"# Models of another program have no script here: {', '.join(foreign)}.")
    out += ["", "answers <- list()"]
    for name, script in scripts.items():
        if script is not None:
            out += ["", f"# ---- {name} ----", "answer <- NULL", script.rstrip(), f"answers[[{text(name)}]] <- answer"]
    out += [
        "",
        "# ---- side by side ----",
        f"shown <- {_SHOWN}",
        "answer <- do.call(rbind, lapply(names(answers), function(name)",
        "  data.frame(model = name, answers[[name]][, shown])))",
        "print(answer, digits = 8, row.names = FALSE)",
    ]
    return "\n".join(out) + "\n"
