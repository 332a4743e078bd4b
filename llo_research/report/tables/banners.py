"""A table book as a table: indicators in rows, a total and breakdowns side by side, arrows, and counts at the foot."""

from __future__ import annotations

import numpy as np
import pandas as pd

from llo_research.report.content.banner import nowhere
from llo_research.report.content.labels import capital, word
from llo_research.report.content.numbers import level_text, number
from llo_research.report.tables.banner_sheets import columns, companions
from llo_research.report.tables.book import Book, gone
from llo_research.report.tables.grid import EMPTY, Table
from llo_research.results.floors import Withheld

_NOTE = {
    "nl": "↑ hoger, ↓ lager dan alle anderen van de uitsplitsing, ook na correctie voor alle {k} toetsen in deze tabel "
    "(Holm, {level}%); ↗ hoger, ↘ lager zonder die correctie; tussen haakjes en grijs: klein verschil, Cohens h of d "
    "onder {weak}.",
    "en": "↑ above, ↓ below everybody else of the breakdown, also after correction for all {k} tests of this table "
    "(Holm, {level}%); ↗ above, ↘ below without it; in brackets and grey: a small difference, Cohen's h or d under "
    "{weak}.",
}
_BASES = {"nl": ("n, ongewogen", "n, effectief"), "en": ("n, unweighted", "n, effective")}


def banner_table(book: Book, hidden: Withheld | None) -> Table:
    """The table, with its numbers in full and what stands behind them on further sheets."""
    content = book.content
    heads = book.heads()
    first = capital(word("variable", book.language))
    flat = [first, *(f"{over}: {head}" if over else head for over, head in heads)]
    flat = [head if head not in flat[:j] else f"{head} ({j})" for j, head in enumerate(flat)]
    names = [book.label(line) for line in book.lines]
    bases = _bases(book)
    texts = [[name, *_texts(book, row)] for row, name in enumerate(names)]
    frame = pd.DataFrame([*texts, *bases], columns=flat, dtype=object)
    skip = len(flat) - 1 - len(book.columns)
    faint = frozenset(
        (row, 1 + skip + j)
        for row, cells in enumerate(book.place)
        for j, i in enumerate(cells)
        if i is not None and "weak" in content.flags[i]
    )
    values = columns(book, names, "estimate", flat)
    foot = [[base[j] for base in bases] for j in range(len(flat))]
    return Table(
        content=content,
        frame=frame,
        alignment="l" + "r" * len(heads),
        row_heads=1,
        title=content.what,
        notes=_notes(book, hidden),
        numbers={
            head: (np.array([np.nan if isinstance(v, str) or v is None else v for v in cells]), tuple(book.places))
            for head, cells, _ in values[1:]
        },
        full=tuple(
            (head, cells + below, formats + [""] * len(below))
            for (head, cells, formats), below in zip(values, foot, strict=True)
        ),
        spans=(("", 1), *_spans(heads)),
        heads=(first, *(head for _, head in heads)),
        faint=faint,
        bases=len(bases),
        companions=companions(book, names, flat),
    )


def _spans(heads: list[tuple[str, str]]) -> list[tuple[str, int]]:
    """Breakdowns with their number of columns."""
    out: list[tuple[str, int]] = []
    for over, _ in heads:
        if out and out[-1][0] == over:
            out[-1] = (over, out[-1][1] + 1)
        else:
            out.append((over, 1))
    return out


def _texts(book: Book, row: int) -> list[str]:
    """The cells of a row as they are shown."""
    places, out = book.places[row], []
    if book.total is not None:
        out.append(number(book.total.estimate[row], places, book.language) or book.total.absent(row))
    for i in book.place[row]:
        if i is None:
            out.append(EMPTY)
            continue
        text = number(book.content.estimate[i], places, book.language)
        out.append(f"{text} {book.arrow(i)}".strip() if text else book.content.absent(i))
    return out


def _bases(book: Book) -> list[list[str]]:
    """Counts at the foot: of all indicators of a column, the fewest and the most."""
    out = []
    seen = [[i for row in book.place if (i := row[j]) is not None] for j in range(len(book.columns))]
    for name, head in zip(("n", "n_eff"), _BASES[book.language], strict=True):
        cells = [[book.frame[name].iloc[i] for i in column if not gone(book.content, i)] for column in seen]
        if book.of_total is not None and book.total is not None:
            cells.insert(0, [v for i, v in enumerate(book.of_total[name]) if not gone(book.total, i)])
        out.append([head, *(_range(some, book.language) for some in cells)])
    return out


def _range(values: list[float], language: str) -> str:
    """One count, or the fewest and the most."""
    known = [float(v) for v in values if np.isfinite(v)]
    ends = list(dict.fromkeys(number(end, 0, language) for end in (min(known), max(known)))) if known else [EMPTY]
    return "–".join(ends)


def _notes(book: Book, hidden: Withheld | None) -> tuple[str, ...]:
    """How arrows are to be read, and the notes of any result; counts stand at the foot."""
    content, language = book.content, book.language
    tests = int(np.isfinite(book.frame["p_adjusted"].to_numpy(np.float64)).sum())
    reading = _NOTE[language].format(
        k=number(tests, 0, language),
        level=level_text(content.level, language),
        weak=number(float(content.meta["call"]["weak"]), 2, language),
    )
    counts = {} if book.total is None else {k.rpartition(": ")[2]: v for k, v in book.total.meta["left_out"].items()}
    notes = dict(content.notes)
    for topic in ("interval", "n", "left_out"):
        notes.pop(topic, None)
    first = [notes.pop(topic) for topic in ("synthetic", "disclosure") if topic in notes]
    told = nowhere(content, counts, hidden)
    return (*first, reading, *told, *notes.values())
