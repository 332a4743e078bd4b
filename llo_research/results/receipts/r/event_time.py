"""Event-time profiles in R: fixed effects with dummies of the time from an event."""

from __future__ import annotations

import re
from dataclasses import replace

from llo_research.results.receipts.r import panel_rows, panels
from llo_research.results.receipts.r.model_rows import joined, terms_of
from llo_research.results.receipts.r.words import name, text
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

_TERM = re.compile(r"event\[(-?\d+)\]")


def write(told: Told, script: Script) -> None:
    """`theta`, `V` and `df` of an event-time profile."""
    terms = terms_of(told)
    times = [int(found[1]) for term in terms if (found := _TERM.fullmatch(term))]
    sizes = dict(told.meta["effects"])
    columns = [panel_rows.column(told, effect) for effect in sorted(sizes, key=lambda effect: -sizes[effect])]
    panel_rows.set_up(_without_events(told), script, columns, constant=False)
    own = [term for term in _without_events(told).meta["terms"] if term != "Intercept"]
    script.part("The time from the event, of everybody in the file; beyond the window the ends hold all.")
    _since(told, script)
    low, high = told.call["window"]
    script.add(f"since <- pmin(pmax(since, {low}), {high})[match(rownames(persons), rownames(data))]")
    script.add(f"times <- c({', '.join(map(str, times))})  # the reference is {told.meta['reference']}")
    script.add("D <- sapply(times, function(k) ifelse(is.na(since), 0, since == k))", "X <- cbind(X, D)")
    script.add(*joined("colnames(X) <- c(", [*(text(term) for term in own), 'paste0("event[", times, "]")'], ", ", ")"))
    script.add(*joined("X <- X[, c(", [text(term) for term in terms], ", ", "), drop = FALSE]"))
    panels.within(told, script, [f"persons${name(column)}" for column in columns])


def _without_events(told: Told) -> Told:
    """The formula without the terms that are made here."""
    formula = re.sub(r" \+ `event\[-?\d+\]`", "", str(told.meta["formula"]))
    terms = [term for term in told.meta["terms"] if not _TERM.fullmatch(term.strip("`"))]
    return replace(told, meta={**told.meta, "formula": formula, "terms": terms})


def _since(told: Told, script: Script) -> None:
    """`since`: time from the event, in the rows of `data`; missing of those without one."""
    event, time = (f"data${name(str(column))}" for column in (told.call["event"], told.design["time"]))
    in_levels = told.levels(str(told.design["time"])) is not None
    script.add(f"time <- as.numeric({time})" if not in_levels else f"time <- as.integer({time})")
    if told.design.get("unit"):
        script.say("a column of yes and no: the first time of each unit with a yes")
        script.add(f"event <- {event}")
        script.add("if (is.logical(event) || all(event %in% c(0, 1, NA))) {")
        script.add(f"  first <- tapply(ifelse(event %in% 1, time, Inf), data${name(str(told.design['unit']))}, min)")
        script.add(
            f"  when <- first[as.character(data${name(str(told.design['unit']))})]", "  when[is.infinite(when)] <- NA"
        )
        place = f"match(as.character(event), levels({time}))" if in_levels else "as.numeric(event)"
        script.add(f"}} else when <- {place}", "since <- as.vector(time - when)")
        return
    place = f"match(as.character({event}), levels({time}))" if in_levels else f"as.numeric({event})"
    script.add(f"since <- time - {place}")
