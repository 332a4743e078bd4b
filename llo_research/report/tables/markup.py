"""A table as text, HTML, Markdown and LaTeX; everything that comes from data is escaped."""

from __future__ import annotations

from html import escape

import numpy as np

from llo_research.report.content.labels import word
from llo_research.report.tables.sheet import Sheet

_LATEX = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "\u00a0": "~",
    "–": "--",
    "↑": r"$\uparrow$",
    "↓": r"$\downarrow$",
    "↗": r"$\nearrow$",
    "↘": r"$\searrow$",
    "\n": " ",
    "\r": " ",
}
_CELL, _LINE = "padding:2px 5px;", "border-left:1px solid #ccc;"
_WIDE = 8  # columns that a page holds
_MARKDOWN = str.maketrans(
    {
        **{sign: f"\\{sign}" for sign in "\\`*_[]|$#"},
        "<": "&lt;",
        ">": "&gt;",
        "&": "&amp;",
        "~": r"\~",
        "\n": " ",
        "\r": " ",
    }
)


def text(table: Sheet) -> str:
    """Plain text with aligned columns."""
    frame = table.frame
    cells = [list(table.heads or frame.columns), *frame.astype(str).to_numpy().tolist()]
    cells = [[" ".join(str(cell).split("\n")) for cell in row] for row in cells]
    widths = [max(len(row[j]) for row in cells) for j in range(len(frame.columns))]
    over = _over(table.spans, widths)
    lines = [
        "  ".join(
            cell.rjust(width) if side == "r" else cell.ljust(width)
            for cell, width, side in zip(row, widths, table.alignment, strict=True)
        ).rstrip()
        for row in cells
    ]
    rule = "-" * max(len(line) for line in [*over, *lines])
    head = [table.caption] if table.caption else []
    return "\n".join([*head, rule, *over, lines[0], rule, *lines[1:], rule, *_lines(table)])


def _over(spans: tuple[tuple[str, int], ...], widths: list[int]) -> list[str]:
    """The line of heads over several columns, which widens the last column of each where it must."""
    if not spans:
        return []
    parts, first = [], 0
    for head, k in spans:
        there = sum(widths[first : first + k]) + 2 * (k - 1)
        widths[first + k - 1] += max(len(head) - there, 0)
        parts.append(head.ljust(max(there, len(head))))
        first += k
    return ["  ".join(parts).rstrip()]


def html(table: Sheet) -> str:
    """An accessible HTML table."""
    language = table.content.language
    caption = [f"<caption>{_html_caption(table)}</caption>"] if table.caption else []
    out = [
        f'<table class="llo-table" lang="{language}">',
        *caption,
        "<thead>",
        *_html_heads(table),
        "</thead>\n<tbody>",
    ]
    rows = table.frame.astype(str).to_numpy().tolist()
    for i, row in enumerate(rows):
        cells = []
        for j, (cell, side) in enumerate(zip(row, table.alignment, strict=True)):
            tag, scope = ("th", ' scope="row"') if j < table.row_heads else ("td", "")
            inside = escape(cell).replace(chr(10), "<br/>")
            base = i >= len(rows) - table.bases
            if table.spans and side == "r" and not base:
                inside = _with_room(inside)
            more = _look(table, i, j, base=base, first=i == len(rows) - table.bases)
            cells.append(f"<{tag}{scope}{_side(side, more)}>{inside}</{tag}>")
        out.append(f"<tr>{''.join(cells)}</tr>")
    out.append("</tbody>")
    if table.notes:
        told = "<br/>\n".join(escape(note) for note in table.footer or table.notes)
        told += _html_more(table)
        out.append(f'<tfoot><tr><td colspan="{len(table.frame.columns)}"{_side("l")}>{told}</td></tr></tfoot>')
    return "\n".join([*out, "</table>"])


def _look(table: Sheet, i: int, j: int, *, base: bool, first: bool) -> str:
    """The look of a cell of a table with heads over several columns: a line before each of these, and above counts."""
    if not table.spans:
        return ""
    look = _CELL + _LINE * (j in _edges(table.spans)) + "color:#666;" * ((i, j) in table.faint)
    look += "font-size:smaller;" if base else "white-space:nowrap;" * (table.alignment[j] == "r")
    look += "border-top:1px solid #999;" * first
    return look + "font-weight:normal;" * (j < table.row_heads)


def _with_room(text: str) -> str:
    """A number and its arrow, which stands in a room of its own, so that numbers stand below each other."""
    number, _, sign = text.rpartition(" ")
    number, sign = (number, sign) if number and set(sign) <= set("()↑↓↗↘") else (text, "")
    return f'{number}<span style="display:inline-block;width:2em;text-align:center">{sign}</span>'


def _html_heads(table: Sheet) -> list[str]:
    """The row of heads, below that of heads over several columns."""
    columns, edges, over, first = list(table.frame.columns), _edges(table.spans), [], 0
    for head, k in table.spans:
        tag, scope = ("th", ' scope="colgroup"') if head else ("td", "")
        more = _CELL + _LINE * (first in edges)
        over.append(f'<{tag}{scope} colspan="{k}"{_side("l", more)}>{escape(head)}</{tag}>')
        first += k
    look = _CELL + "border-bottom:1px solid #999;" if table.spans else ""
    heads = [
        f'<th scope="col"{_side(side, look + _LINE * (j in edges))}>{escape(str(head))}</th>'
        if str(head)
        else f"<td{_side(side, look + _LINE * (j in edges))}></td>"
        for j, (head, side) in enumerate(zip(table.heads or columns, table.alignment, strict=True))
    ]
    return [*([f"<tr>{''.join(over)}</tr>"] if over else []), f"<tr>{''.join(heads)}</tr>"]


def _edges(spans: tuple[tuple[str, int], ...]) -> set[int]:
    """The first column of each head over several columns but the first."""
    return set(np.cumsum([k for _, k in spans])[:-1].tolist())


def _lines(table: Sheet) -> tuple[str, ...]:
    """What stands below where nothing can be folded: the footer, and the rest as one paragraph."""
    head = word("about the figures", table.content.language)
    return (*(table.footer or table.notes), *([f"{head}: {' '.join(table.more)}"] if table.more else []))


def _html_more(table: Sheet) -> str:
    """The rest of the notes, folded."""
    if not table.more:
        return ""
    head = escape(word("about the figures", table.content.language))
    rest = "<br/>\n".join(escape(note) for note in table.more)
    return f"\n<details><summary>{head}</summary>{rest}</details>"


def _html_caption(table: Sheet) -> str:
    """The caption, the word for synthetic data in bold."""
    if not table.content.synthetic:
        return escape(table.title)
    mark = f"<strong>{escape(word('synthetic', table.content.language))}</strong>"
    return f"{mark}: {escape(table.title)}" if table.title else mark


def _side(side: str, more: str = "") -> str:
    """Text to the left, numbers to the right."""
    return f' style="{more}text-align:{"right" if side == "r" else "left"}"'


def markdown(table: Sheet) -> str:
    """A pipe table."""
    rows = [list(table.frame.columns), *table.frame.astype(str).to_numpy().tolist()]
    lines = ["| " + " | ".join(escape_markdown(str(cell)) for cell in row) + " |" for row in rows]
    rule = "| " + " | ".join("---:" if side == "r" else ":---" for side in table.alignment) + " |"
    notes = [f"- {escape_markdown(note)}" for note in _lines(table)]
    head = [f"**{escape_markdown(table.caption)}**", ""] if table.caption else []
    return "\n".join([*head, lines[0], rule, *lines[1:], "", *notes, ""])


def escape_markdown(value: str) -> str:
    """Text that Markdown shows as it is, in a cell of a pipe table too."""
    return value.translate(_MARKDOWN)


def latex(table: Sheet) -> str:
    """A table environment with booktabs rules; notes in small print below. A wide one is scaled to the line."""
    rows = [" & ".join(escape_latex(cell) for cell in row) + r" \\" for row in table.frame.astype(str).to_numpy()]
    foot = len(rows) - table.bases
    body = [*rows[:foot], *([r"\midrule"] if table.bases else []), *rows[foot:]]
    heads = " & ".join(escape_latex(str(head)) for head in table.heads or table.frame.columns) + r" \\"
    wide = len(table.frame.columns) > _WIDE
    lines = [
        r"\begin{table}[htbp]",
        r"\centering",
        *([rf"\caption{{{escape_latex(table.caption)}}}"] if table.caption else []),
        *([r"\resizebox{\linewidth}{!}{% needs the package graphicx"] if wide else []),
        rf"\begin{{tabular}}{{{table.alignment}}}",
        r"\toprule",
        *_latex_spans(table.spans),
        heads,
        r"\midrule",
        *body,
        r"\bottomrule",
        r"\end{tabular}" + "}" * wide,
    ]
    if table.notes:
        told = "\\\\\n".join(escape_latex(note) for note in _lines(table))
        lines += [r"\par\medskip", r"\begin{minipage}{\linewidth}\footnotesize\raggedright", told, r"\end{minipage}"]
    return "\n".join([*lines, r"\end{table}", ""])


def _latex_spans(spans: tuple[tuple[str, int], ...]) -> list[str]:
    """Heads over several columns, each with a rule below it."""
    if not spans:
        return []
    cells = [rf"\multicolumn{{{k}}}{{l}}{{{escape_latex(head)}}}" for head, k in spans]
    ends = np.cumsum([k for _, k in spans])
    rules = [
        rf"\cmidrule(lr){{{end - k + 1}-{end}}}" for (head, k), end in zip(spans, ends.tolist(), strict=True) if head
    ]
    return [" & ".join(cells) + r" \\", " ".join(rules)]


def escape_latex(value: str) -> str:
    """Text that LaTeX prints as it is."""
    return "".join(_LATEX.get(sign, sign) for sign in value)
