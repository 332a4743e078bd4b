"""Several results of one survey in R, with their covariance: linearised variables or replicates side by side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from llo_research.results.receipts.r import contrasts, ends, regressions, shifts
from llo_research.results.receipts.r.formulas import NotInR
from llo_research.results.receipts.r.opening import conditions, people
from llo_research.results.receipts.r.words import text
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

Body = Callable[[Told, Script], None]


def write(told: Told, script: Script, body: Body) -> None:
    """`theta`, `V`, `df` of all parts."""
    replicated = bool(told.survey.get("replicates"))
    leaves = "reps" if replicated else "u"
    script.part("Each part leaves its estimates, and what their covariance with the others is made of.")
    inside = sum(line.startswith("every") for line in script.lines)  # a joint result within a joint result
    every, parts = (f"{word}{inside + 1 if inside else ''}" for word in ("every", "parts"))
    script.add(f"{every} <- rows", f"{parts} <- list()")
    for label, part, places in told.parts():
        script.part(f"Part {label!r}: {part.function}.")
        script.add(f"rows <- {every}[{_range(places)}, , drop = FALSE]")
        conditions(part, script)
        if "weight" in told.meta and told.meta["weight"] is None:
            part = replace(part, own_weight=part.meta.get("weight"))
        people(part, script)
        if not regressions.by_design(part):
            raise NotInR("the covariance of models with each other that is not the design's")
        body(part, script)
        taken = ", taken = taken" if contrasts.spends(part) else ", taken = 0 * theta"
        errors = ", errors = shift_errors" if shifts.known(part.meta) else ""
        own = f"people = people, {leaves} = {leaves}{taken}{errors}"
        script.add(f"{parts}[[{text(label)}]] <- list(theta = theta, df = df, {own})")
    script.part("All parts together.")
    script.add(
        f"rows <- {every}",
        f'theta <- unlist(lapply({parts}, "[[", "theta"), use.names = FALSE)',
        f'df <- unlist(lapply({parts}, "[[", "df"), use.names = FALSE)',
        f'taken <- unlist(lapply({parts}, "[[", "taken"), use.names = FALSE)',
        f'people <- do.call(cbind, lapply(unname({parts}), "[[", "people"))',
        f'{leaves} <- do.call(cbind, lapply(unname({parts}), "[[", "{leaves}"))',
        "V <- svrVar(reps, design$scale, design$rscales, mse = design$mse, coef = theta)"
        if replicated
        else "V <- as.matrix(vcov(svytotal(u, design)))",
    )
    if ends.COUNTED & set(told.intervals):
        script.add('n <- colSums(people & weights(design, "sampling") != 0)')
    if shifts.known(told.meta):
        shifts.beside(script, parts)


def one_weight(told: Told, script: Script) -> Told:
    """Of parts with different weights the design has none; each part multiplies with its own."""
    weights = {part.get("weight") for part in (told.meta.get("parts") or {}).values()}
    if len(weights) < 2:
        return told
    if told.steps or told.survey.get("replicates"):
        script.note(
            "The parts have different weights, with weighting steps or replicate weights of their own: R has one "
            "design for all, with the weight of the first part. Estimates of the other parts differ: write their own "
            "scripts."
        )
        return replace(told, meta={**told.meta, "weight": next(iter(told.meta["parts"].values())).get("weight")})
    return replace(told, meta={**told.meta, "weight": None, "domain": []})  # each part has its own people


def _range(places: list[int]) -> str:
    """Numbers of rows, from one."""
    first, last = places[0] + 1, places[-1] + 1
    whole = places == list(range(places[0], places[-1] + 1))
    return (
        (f"{first}:{last}" if last > first else str(first)) if whole else f"c({', '.join(str(i + 1) for i in places)})"
    )
