"""The chapters with their outputs, in each language: recomputed, as recomputed before, or as committed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from llo_research.errors import DataError
from llo_research.monitor.chapters import LANGUAGE, RESTRICTED, reads_restricted
from llo_research.monitor.notebooks.about import About, read_notebook, reason_not_verifiable
from llo_research.monitor.notebooks.execute import differences, execute, inputs, save
from llo_research.monitor.notebooks.normalise import normalised
from llo_research.monitor.notebooks.receipts import read_receipts
from llo_research.monitor.notebooks.translate import DUTCH
from llo_research.monitor.notebooks.twin_faults import faults_of
from llo_research.monitor.notebooks.withheld import cells_withheld, figures_here
from llo_research.monitor.place import Place
from llo_research.monitor.site.site import Rendered
from llo_research.progress import Steps

MOST_AT_ONCE = 2


@dataclass(frozen=True)
class _Job:
    """A chapter that is to be executed at a place, and from what it is then made."""

    item: About
    place: Place
    made_from: dict[str, str]

    def run(self, steps: Steps) -> dict[str, Any]:
        """Execute it, in a process of its own."""
        with steps.step(f"{self.item.name} ({self.place.language})"):
            name, place = self.item.name, self.place
            return execute(self.item.path, place.root, place.parameters(name), place.receipts(name))


def render(items: Sequence[About], places: Sequence[Place]) -> dict[str, list[Rendered]]:
    """The chapters by language; those that changed are executed, two at a time.

    Parameters
    ----------
    items : sequence of About
        The notebooks, in order.
    places : sequence of Place
        One a language. A chapter that has no Dutch twin that fits, or no data, stands among the Dutch ones in English.

    Returns
    -------
    dict of str to list of Rendered

    Raises
    ------
    LloError
        When a notebook stops.
    """
    wanted = [(item, place, _where_made(item, place)) for item in items for place in places]
    once = {(item.name, made.language): (item, made) for item, _, made in wanted}
    planned = {key: _planned(*one) for key, one in once.items()}
    done = {key: one for key, one in planned.items() if isinstance(one, Rendered)}
    pool = ThreadPoolExecutor(min(MOST_AT_ONCE, os.cpu_count() or 1))
    try:
        waiting = {key: one for key, one in planned.items() if isinstance(one, _Job)}
        steps = Steps("chapters", len(waiting))
        jobs = {key: (one, pool.submit(one.run, steps)) for key, one in waiting.items()}
        done |= {key: _finished(*job) for key, job in jobs.items()}
    finally:
        pool.shutdown(cancel_futures=True)
    found: dict[str, list[Rendered]] = {place.language: [] for place in places}
    for item, place, made in wanted:
        rendered = done[item.name, made.language]
        found[place.language].append(rendered if made == place else replace(rendered, language=made.language))
    return found


def _where_made(item: About, place: Place) -> Place:
    """Where the chapter that stands at a place is made: there, or in English when it cannot be in Dutch."""
    if place.language != DUTCH:
        return place
    wrong = ["its data are absent"] if reason_not_verifiable(item, place.root) else faults_of(item.path)
    if wrong:
        print(f"{item.name}: in English only: {wrong[0]}{f'; {len(wrong) - 1} more' if wrong[1:] else ''}")
        return replace(place, language=LANGUAGE)
    return place


def _planned(item: About, place: Place) -> _Job | Rendered:
    """What is to be done for a chapter at a place: execute it, or nothing."""
    label, item = f"{item.name} ({place.language})", replace(item, language=place.language)
    if reads_restricted(item.name, place.parameters(item.name)["source"]):
        item = replace(item, source_class=RESTRICTED)
    reason = reason_not_verifiable(item, place.root)
    if reason is not None:
        return Rendered(item, normalised(read_notebook(item.path)), reason)
    stamps, target = place.stamps(), place.notebook(item.name)
    made_from = inputs(item.path, place.root, place.parameters(item.name))
    changed = stamps.changed(item.name, made_from)
    if not changed:
        try:
            rendered = Rendered(item, read_notebook(target), "", receipts=read_receipts(place.receipts(item.name)))
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
    if not_shown := cells_withheld(executed, place.language):
        what = "these files" if place.real else f"edition {place.edition}" if figures_here() else "this bundle"
        print(f"{item.name} ({place.language}): cells that {what} cannot show: {not_shown}; each says why")
    differs = differences(executed, normalised(read_notebook(item.path))) if place.is_default else []
    if differs:
        cells = ", ".join(map(str, differs))
        print(
            f"    its outputs differ from the committed ones in code cell {cells}; 'llo chapter {item.name}' saves them"
        )
    return Rendered(item, executed, "", receipts=read_receipts(place.receipts(item.name)))
