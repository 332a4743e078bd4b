"""Known shifts of series breaks in R: taken off the estimates, with an uncertainty of their own.

A shift's error is no part of the sample: beside `u` or `reps` a writer leaves `shift_errors` (rows x shifts), whose
columns are called by what each shift is of, so that estimates that take off the same one share its error.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llo_research.results.receipts.r.words import name, vector
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

ADDED = "V <- V + tcrossprod(shift_errors)"


def known(meta: Mapping[str, Any]) -> bool:
    """Whether a shift was taken off any estimate, or any of those that stand beside each other."""
    own = meta.get("taken_off") or {}
    beside = (meta.get("parts") or {}).values()
    return any(own.get("shift") or ()) or any(map(bool, own.get("errors") or ())) or any(map(known, beside))


def taken_off(told: Told, script: Script, *, reps: bool = False) -> None:
    """The shifts off `theta` and, where they are there, off `reps`; their errors in `V`, and in `shift_errors`."""
    if not known(told.meta):
        return
    own = told.meta["taken_off"]
    script.part("Known shifts of series breaks are taken off, with their own uncertainty.")
    script.add(f"shift <- {vector(own['shift'].get(label, 0.0) for label in told.labels)}", "theta <- theta - shift")
    if reps:
        script.add("reps <- sweep(reps, 2, shift)")
    columns = [
        f"  {name(source)} = {vector(loading.get(label, 0.0) for label in told.labels)}"
        for source, loading in zip(own["sources"], own["errors"], strict=True)
    ]
    script.add("shift_errors <- cbind(", *(f"{column}," for column in columns[:-1]), f"{columns[-1]})", ADDED)


def beside(script: Script, parts: str) -> None:
    """The errors of all parts of a joint result; several parts may share one."""
    script.say("errors of shifts of series breaks, which several parts may take off")
    script.add(
        f"sources <- unique(unlist(lapply({parts}, function(part) colnames(part$errors))))",
        f"shift_errors <- do.call(rbind, lapply(unname({parts}), function(part) {{",
        "  own <- matrix(0, length(part$theta), length(sources), dimnames = list(NULL, sources))",
        "  if (length(part$errors)) own[, colnames(part$errors)] <- part$errors",
        "  own",
        "}))",
        ADDED,
    )
