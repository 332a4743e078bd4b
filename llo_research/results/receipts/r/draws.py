"""Plausible values and imputations in R: the script's estimates in each draw, combined by mitools."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from llo_research.results.receipts.imputed import by_files, named_already, one_call
from llo_research.results.receipts.r.opening import conditions, opening, people
from llo_research.results.receipts.r.words import name, text, vector
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

Body = Callable[[Told, Script], None]


def write(told: Told, script: Script, body: Body, path: str) -> None:
    """`theta`, `V`, `df` by Rubin's rules."""
    script.need("survey", "mitools")
    apart = by_files(told)
    one, columns = (told.draws[0], {}) if apart else one_call(told)
    m, together = len(told.draws), {} if apart else named_already(told)
    inner = Script("#")
    if apart:
        _from_files(told, script, inner, path)
    else:
        conditions(one, inner)
        inner.add("design$variables <- data")
        people(one, inner)
    body(one, inner)
    script.part("The estimates in each draw" + ("." if apart else ", with the same design; its columns get one name."))
    script.add(f"draws <- lapply(1:{m}, function(m) {{")
    for stem, own in columns.items():
        script.add(f"  data${name(stem)} <- data[[{_numbered(own)}]]")
        if stem in together:
            some = ", ".join(map(text, own))
            script.add(f"  data${name(stem)}[!complete.cases(data[c({some})])] <- NA  # known in all draws or in none")
    script.add(*(f"  {line}".rstrip() for line in inner.lines), "  list(theta = theta, V = V, df = df)", "})")
    script.part("Rubin's rules, with the degrees of freedom of Barnard and Rubin.")
    script.add(
        'estimates <- lapply(draws, "[[", "theta")',
        'variances <- lapply(draws, "[[", "V")',
        "pooled <- MIcombine(estimates, variances)",
        "theta <- unname(coef(pooled))",
        "V <- vcov(pooled)",
        'complete <- do.call(pmin, lapply(draws, "[[", "df"))',
        f'lambda <- 1 - diag(Reduce("+", variances)) / {m} / diag(V)',
        "within <- (complete + 1) / (complete + 3) * complete * (1 - lambda)",
        f"df <- 1 / (lambda^2 / {m - 1} + 1 / within)",
        "same <- apply(do.call(rbind, estimates), 2, function(x) all(x == x[1])) %in% TRUE",
        "df[same] <- complete[same]  # estimates that rest on no imputed value",
    )
    script.need(*inner.packages)
    for note in inner.notes:
        script.note(note)


def _from_files(told: Told, script: Script, inner: Script, path: str) -> None:
    """Each draw from a file of its own."""
    stem, dot, ending = path.rpartition(".")
    stem, ending = (stem, f".{ending}") if dot else (ending, "")
    script.note(
        f"Each of the {len(told.draws)} surveys that were combined has columns of its own under one name, and a "
        f"file of its own: write them as {stem}_1{ending} to {stem}_{len(told.draws)}{ending}, in the order of "
        "the call."
    )
    opening(told.draws[0], inner, f"{stem}_1{ending}")
    numbered = f"paste0({text(stem + '_')}, m, {text(ending)})"
    inner.lines = [line.replace(text(f"{stem}_1{ending}"), numbered) for line in inner.lines]


def opened(told: Told) -> Told:
    """What the first part of the script reads: without conditions on imputed values, which come in each draw."""
    _, columns = one_call(told)
    every = [column for own in columns.values() for column in own]
    domain = [note for note in told.meta.get("domain") or () if not any(c in str(note.get("condition")) for c in every)]
    return replace(told, meta={**told.meta, "domain": domain})


def _numbered(columns: list[str]) -> str:
    """The m-th of these columns."""
    m = len(columns)
    for place in range(len(columns[0]) + 1):
        head, tail = columns[0][:place], columns[0][place + 1 :]
        if columns == [f"{head}{i}{tail}" for i in range(1, m + 1)]:
            ends = f', "{tail}"' if tail else ""
            return f'paste0("{head}", m{ends})'
    return f"{vector(columns)}[m]"
