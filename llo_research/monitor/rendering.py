"""The chapters with their outputs, in each language: recomputed, as recomputed before, or as committed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from llo_research.errors import DataError
from llo_research.monitor.notebooks.about import About, read_notebook, reason_not_verifiable
from llo_research.monitor.notebooks.execute import differences, execute, inputs, save
from llo_research.monitor.notebooks.normalise import normalised
from llo_research.monitor.notebooks.translate import DUTCH
from llo_research.monitor.notebooks.twin_faults import faults_of
from llo_research.monitor.place import Place
from llo_research.monitor.site.site import Rendered

MOST_AT_ONCE = 2


@dataclass(frozen=True)
class _Job:
    """A chapter that is to be executed at a place, and from what it is then made."""

    item: About
    place: Place
    made_from: dict[str, str]

    def run(self) -> dict[str, Any]:
        """Execute it, in a process of its own."""
        return execute(self.item.path, self.place.root, self.place.parameters(self.item.name))


def render(items: Sequence[About], places: Sequence[Place]) -> dict[str, list[Rendered]]:
    """The chapters by language; those that changed are executed, two at a time.

    Parameters
    ----------
    items : sequence of About
        The notebooks, in order.
    places : sequence of Place
        One a language. A chapter without a Dutch twin that fits it is not in Dutch, and a line says why.

    Returns
    -------
    dict of str to list of Rendered

    Raises
    ------
    LloError
        When a notebook stops.
    """
    planned = [(place, _planned(item, place)) for item in items for place in places]
    pool = ThreadPoolExecutor(min(MOST_AT_ONCE, os.cpu_count() or 1))
    try:
        started = [(place, pool.submit(one.run) if isinstance(one, _Job) else None, one) for place, one in planned]
        found: dict[str, list[Rendered]] = {place.language: [] for place in places}
        for place, future, one in started:
            rendered = _finished(one, future) if isinstance(one, _Job) and future is not None else one
            if isinstance(rendered, Rendered):
                found[place.language].append(rendered)
    finally:
        pool.shutdown(cancel_futures=True)
    return found


def _planned(item: About, place: Place) -> _Job | Rendered | None:
    """What is to be done for a chapter at a place: execute it, nothing, or leave it out."""
    label, item = f"{item.name} ({place.language})", replace(item, language=place.language)
    reason = reason_not_verifiable(item, place.root)
    if place.language == DUTCH and (wrong := ["its data are absent"] if reason else faults_of(item.path)):
        print(f"{label}: left out. {wrong[0]}{f'; {len(wrong) - 1} more' if wrong[1:] else ''}")
        return None
    if reason is not None:
        return Rendered(item, normalised(read_notebook(item.path)), reason)
    stamps, target = place.stamps(), place.notebook(item.name)
    made_from = inputs(item.path, place.root, place.parameters(item.name))
    changed = stamps.changed(item.name, made_from)
    if not changed:
        try:
            rendered = Rendered(item, read_notebook(target), "")
        except DataError:
            changed = ["its copy is gone"]
        else:
            print(f"{label}: up to date")
            return rendered
    print(f"{label}: to be executed ({', '.join(changed)})", flush=True)
    stamps.forget(item.name)
    return _Job(item, place, made_from)


def _finished(job: _Job, future: Future[dict[str, Any]]) -> Rendered:
    """Wait for a chapter, and keep it."""
    item, place = job.item, job.place
    executed = future.result()
    save(executed, place.notebook(item.name))
    place.stamps().record(item.name, job.made_from)
    print(f"{item.name} ({place.language}): executed", flush=True)
    differs = differences(executed, normalised(read_notebook(item.path))) if place.is_default else []
    if differs:
        cells = ", ".join(map(str, differs))
        print(
            f"    its outputs differ from the committed ones in code cell {cells}; 'llo chapter {item.name}' saves them"
        )
    return Rendered(item, executed, "")
