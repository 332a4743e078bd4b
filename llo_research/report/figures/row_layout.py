"""Figures with a row for each estimate: where each row stands, its label at the left, its numbers at the right."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from llo_research.report.content.beside import THEIRS
from llo_research.report.content.content import Content
from llo_research.report.content.labels import word
from llo_research.report.content.numbers import interval, number
from llo_research.report.figures.style import BODY, LEADING, NARROW, width_of, wrap
from llo_research.results.columns import BESIDE_REST

_WIDEST_LABEL, _WIDEST_HEAD = 170.0, 330.0
_ROW = 17.0
_SECTION = 19.0
_INDENT = 9.0
_EDGE = 6.0
_BELOW_TEXT = 14.0


@dataclass(frozen=True)
class Row:
    """A line of the figure: a row of the content, or the head of a section (``i`` is None).

    y : middle of the row, in points below the top of the drawing; text : middle of its lines.
    """

    i: int | None
    lines: tuple[str, ...]
    y: float
    indent: float
    text: float


@dataclass(frozen=True)
class Layout:
    """Rows, and the room that labels and numbers need, in points; `narrow`: labels and numbers above the drawing."""

    rows: tuple[Row, ...]
    height: float
    left: float
    values: tuple[str, ...]
    values_head: str
    values_width: float
    counts: tuple[str, ...]
    counts_width: float
    narrow: bool = False

    @property
    def right(self) -> float:
        """Room at the right of the drawing."""
        if self.narrow:
            return _EDGE
        return 12.0 + self.values_width + (14.0 + self.counts_width if self.counts_width else 0.0)

    @property
    def places(self) -> dict[int, float]:
        """Middle of each row of the content."""
        return {row.i: row.y for row in self.rows if row.i is not None}


def _sectioned(content: Content) -> str | None:
    """The first identifier that groups the rows; None where none does."""
    for name in content.names if content.names.shape[1] > 1 else ():
        texts = content.names[name].tolist()
        starts = [text for i, text in enumerate(texts) if i == 0 or text != texts[i - 1]]
        if len(starts) == len(set(starts)) and len(starts) < len(texts) and all(texts):
            return str(name)
    return None


def sections(content: Content) -> list[str] | None:
    """Head of the section of each row, when an identifier groups the rows; otherwise None."""
    name = _sectioned(content)
    return None if name is None else content.names[name].tolist()


def row_texts(content: Content) -> list[str]:
    """The label of each row, without the head of its section."""
    used = [name for name in content.names if name != _sectioned(content)]
    return [", ".join(t for t in row if t) for row in content.names[used].astype(str).to_numpy().tolist()]


def layout(
    content: Content, *, numbers: tuple[str, ...] | None = None, values_head: str = "", narrow: bool = False
) -> Layout:
    """Measure everything; `narrow` for the width of a telephone, where labels stand above what they name."""
    heads, texts = sections(content), row_texts(content)
    indent = _INDENT if heads else 0.0
    rows: list[Row] = []
    values = numbers or tuple(value_text(content, i) for i in range(len(texts)))
    values_width = max(width_of(text, BODY) for text in (*values, values_head))
    widest = NARROW - 4 * _EDGE - values_width if narrow else _WIDEST_LABEL
    widest_head = NARROW - 6 * _EDGE if narrow else _WIDEST_HEAD  # nothing else stands beside the head of a section
    below = _BELOW_TEXT if narrow else 0.0
    y = 0.0
    for i, text in enumerate(texts):
        if heads and text and (i == 0 or heads[i] != heads[i - 1]):
            lines = wrap(heads[i], widest_head, BODY, "bold")
            tall = max(_SECTION, len(lines) * BODY * LEADING + 8)
            middle = y + tall / 2 + (2 if i else 0)
            rows.append(Row(None, tuple(lines), middle, 0.0, middle))
            y += tall + (2 if i else 0)
        inner = indent if text else 0.0
        lines = wrap(text or (heads[i] if heads else ""), widest - inner, BODY)
        tall = max(_ROW, len(lines) * BODY * LEADING + 5)
        middle = y + tall / 2
        rows.append(Row(i, tuple(lines), y + tall + below / 2 - 2 if narrow else middle, inner, middle))
        y += tall + below
    widths = [
        row.indent + width_of(line, BODY, weight_of(row)) for row in rows if row.i is not None for line in row.lines
    ]
    alone = content.n is None or content.one_n or narrow
    counts = () if alone else tuple(content.count(i) for i in range(len(texts)))
    return Layout(
        rows=tuple(rows),
        height=y + 4,
        left=_EDGE if narrow else max(widths) + 12,
        values=values,
        values_head=values_head,
        values_width=values_width,
        counts=counts,
        counts_width=max((width_of(text, BODY) for text in (*counts, "n")), default=0.0) if counts else 0.0,
        narrow=narrow,
    )


def value_text(content: Content, i: int) -> str:
    """The numbers of a row: ``73,3 (70,9 tot 75,7)``."""
    text = number(content.estimate[i], content.decimals[i], content.language)
    if not text:
        return content.absent(i)
    ends = interval(content.low[i], content.high[i], content.decimals[i], content.language)
    if not ends and content.has_interval and not content.published:
        ends = word("no_interval", content.language)
    return " ".join(part for part in (content.before[i], text, f"({ends})" if ends else "") if part)


def weight_of(row: Row) -> str:
    """Heads of sections are bold."""
    return "bold" if row.i is None else "normal"


def is_open(content: Content, i: int) -> bool:
    """Whether a point is drawn open: its number carries a warning; to be above or below the rest is none."""
    return any(flag not in BESIDE_REST for flag in content.flags[i]) and not content.published


def is_theirs(content: Content, i: int) -> bool:
    """Whether others published a number that stands beside own ones; unknown rows are own."""
    marked = content.meta.get(THEIRS) or ()
    return len(marked) == len(content.estimate) and bool(marked[i]) and not all(marked)


def finite(values: np.ndarray, i: int) -> bool:
    """Whether a number is there."""
    return bool(np.isfinite(values[i]))
