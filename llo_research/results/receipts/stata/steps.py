"""Weighting steps in Stata: ``svyset`` with ``regress()``, ``rake()`` or poststrata; else the weights of the file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llo_research.results.receipts.script import Script
from llo_research.results.receipts.stata.words import code, fresh, name, text
from llo_research.results.receipts.told import Told

_METHODS = {"linear": "regress", "truncated": "regress", "raking": "rake"}


def plain(told: Told) -> bool:
    """Whether ``svyset`` can make the weights itself: one calibration without anything of its own."""
    if len(told.steps) != 1:
        return False
    step = told.steps[0]
    odd = [step.get(word) for word in ("scale", "cluster", "no_weight", "survey", "estimated_totals")]
    return step.get("step") == "calibrate" and step.get("method") in _METHODS and not any(odd)


def given(told: Told) -> str | None:
    """What Stata cannot do of the steps."""
    if not told.steps or plain(told):
        return None
    named = ", ".join(dict.fromkeys(str(step["step"]) for step in told.steps))
    return (
        f"Stata does not repeat these steps of weighting: {named}. Weights are those of the file (final_weight); they "
        "count as given: estimates are ours; standard errors do not know that weights were adjusted, and are usually "
        "too large."
    )


def write(told: Told, script: Script, final: str, replicates: str) -> str:
    """Options of ``svyset``; where steps are given, `final` and replicate weights become those after them."""
    if not told.steps:
        return ""
    if words := given(told):
        script.note(words)
        script.add(f"replace {final} = cond(missing(final_weight), 0, final_weight)")
        if replicates:
            script.say("each replicate keeps the factor that the steps gave the full sample")
            base = name(str(told.meta.get("weight")))
            script.add(f"foreach v of varlist {replicates} {{")
            script.add(f"    replace `v' = cond({base} == 0, 0, `v' * {final} / {base})", "}")
        return ""
    return _calibrated(told, script, told.steps[0])


def _calibrated(told: Told, script: Script, step: Mapping[str, Any]) -> str:
    """The options of ``svyset`` for a calibration: indicators of the levels and what their weights must add up to."""
    script.say(
        "The calibration: an indicator for each level of each margin (after the first margin of all but one, which "
        "follows from the others), and what the weights must add up to. Needs Stata 15 or later."
    )
    by = step.get("by")
    totals: list[tuple[str, float]] = []
    number = 0
    for group in step["totals"]:
        inside = [f"{name(str(by))} == {code(told, str(by), group['group'])}"] if by is not None else []
        categorical = False
        for margin in group["margins"]:
            cells = _cells(told, margin)
            skip = 1 if categorical and margin["levels"] is not None else 0
            for cell, total in list(zip(cells, margin["totals"], strict=True))[skip:]:
                number += 1
                made = fresh(told, f"margin_{number}")
                words = cell if margin["levels"] is None and not inside else " & ".join([*inside, cell])
                if margin["levels"] is None and inside:
                    words = f"cond({' & '.join(inside)}, {cell}, 0)"
                kind = "double" if margin["levels"] is None else "byte"
                script.add(f"generate {kind} {made} = {words}")
                totals.append((made, float(total)))
            categorical = categorical or margin["levels"] is not None
    method = _METHODS[str(step["method"])]
    wanted = " ".join(f"{made}={text(total)}" for made, total in totals)
    bounds = step.get("bounds")
    limits = f" ll({text(bounds[0])}) ul({text(bounds[1])})" if bounds and step["method"] == "truncated" else ""
    return f" {method}({' '.join(made for made, _ in totals)}, totals({wanted}) noconstant{limits})"


def _cells(told: Told, margin: Mapping[str, Any]) -> list[str]:
    """The condition of each level of a margin, or its number."""
    names = margin["names"]
    if margin["levels"] is None:
        return [name(names[0])]
    levels = [own if isinstance(own, list | tuple) else [own] for own in margin["levels"]]
    return [" & ".join(f"{name(n)} == {code(told, n, v)}" for n, v in zip(names, own, strict=True)) for own in levels]
