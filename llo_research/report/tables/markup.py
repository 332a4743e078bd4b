"""A table as text, HTML, Markdown and LaTeX; everything that comes from data is escaped."""

from __future__ import annotations

from html import escape

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
    "\n": " ",
    "\r": " ",
}
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
    frame, lines = table.frame, []
    cells = [list(frame.columns), *frame.astype(str).to_numpy().tolist()]
    cells = [[" ".join(str(cell).split("\n")) for cell in row] for row in cells]
    widths = [max(len(row[j]) for row in cells) for j in range(len(frame.columns))]
    for row in cells:
        parts = [
            cell.rjust(width) if side == "r" else cell.ljust(width)
            for cell, width, side in zip(row, widths, table.alignment, strict=True)
        ]
        lines.append("  ".join(parts).rstrip())
    rule = "-" * max(len(line) for line in lines)
    head = [table.caption] if table.caption else []
    return "\n".join([*head, rule, lines[0], rule, *lines[1:], rule, *_lines(table)])


def html(table: Sheet) -> str:
    """An accessible HTML table."""
    language = table.content.language
    caption = [f"<caption>{_html_caption(table)}</caption>"] if table.caption else []
    out = [f'<table class="llo-table" lang="{language}">', *caption, "<thead><tr>"]
    out += [
        f'<th scope="col"{_side(side)}>{escape(head)}</th>'
        for head, side in zip(table.frame.columns, table.alignment, strict=True)
    ]
    out.append("</tr></thead>\n<tbody>")
    for row in table.frame.astype(str).to_numpy().tolist():
        cells = []
        for j, (cell, side) in enumerate(zip(row, table.alignment, strict=True)):
            tag, scope = ("th", ' scope="row"') if j < table.row_heads else ("td", "")
            cells.append(f"<{tag}{scope}{_side(side)}>{escape(cell).replace(chr(10), '<br/>')}</{tag}>")
        out.append(f"<tr>{''.join(cells)}</tr>")
    out.append("</tbody>")
    if table.notes:
        told = "<br/>\n".join(escape(note) for note in table.footer or table.notes)
        told += _html_more(table)
        out.append(f'<tfoot><tr><td colspan="{len(table.frame.columns)}"{_side("l")}>{told}</td></tr></tfoot>')
    return "\n".join([*out, "</table>"])


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


def _side(side: str) -> str:
    """Text to the left, numbers to the right."""
    return f' style="text-align:{"right" if side == "r" else "left"}"'


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
    """A table environment with booktabs rules; notes in small print below."""
    body = [" & ".join(escape_latex(cell) for cell in row) + r" \\" for row in table.frame.astype(str).to_numpy()]
    heads = " & ".join(escape_latex(str(head)) for head in table.frame.columns) + r" \\"
    lines = [
        r"\begin{table}[htbp]",
        r"\centering",
        *([rf"\caption{{{escape_latex(table.caption)}}}"] if table.caption else []),
        rf"\begin{{tabular}}{{{table.alignment}}}",
        r"\toprule",
        heads,
        r"\midrule",
        *body,
        r"\bottomrule",
        r"\end{tabular}",
    ]
    if table.notes:
        told = "\\\\\n".join(escape_latex(note) for note in _lines(table))
        lines += [r"\par\medskip", r"\begin{minipage}{\linewidth}\footnotesize\raggedright", told, r"\end{minipage}"]
    return "\n".join([*lines, r"\end{table}", ""])


def escape_latex(value: str) -> str:
    """Text that LaTeX prints as it is."""
    return "".join(_LATEX.get(sign, sign) for sign in value)
