"""A document of heads, paragraphs and tables, as Markdown and as one page of HTML that loads nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape

import pandas as pd

_KIND = {True: ' class="number"', False: ""}
_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 66rem; margin: 0 auto; padding: 1.5rem; color: #1a1a1a; }
.inside { border: 3px solid #a00; padding: .6rem 1rem; font-weight: 600; }
h2 { margin-top: 2.2rem; border-bottom: 1px solid #bbb; } h3 { margin-bottom: .3rem; }
table { border-collapse: collapse; font-size: .86rem; margin: .5rem 0 1rem; display: block; overflow-x: auto; }
caption { text-align: left; font-weight: 600; padding: .2rem 0; }
th, td { border: 1px solid #ccc; padding: .2rem .5rem; text-align: left; vertical-align: top; }
th { background: #f2f2f2; } td:last-child { min-width: 13rem; overflow-wrap: anywhere; }
td.number { min-width: 0; text-align: right; font-variant-numeric: tabular-nums; }
pre { background: #f6f6f6; padding: .6rem; overflow-x: auto; font-size: .85rem; white-space: pre-wrap; }
@media print { table { display: table; } }
"""


@dataclass
class Document:
    """What is said, in order."""

    title: str
    language: str
    blocks: list[tuple[str, object]] = field(default_factory=list)

    def warn(self, text: str) -> None:
        """A line that nobody may miss."""
        self.blocks.append(("warn", text))

    def head(self, text: str, level: int = 2) -> None:
        """A head."""
        self.blocks.append((f"h{level}", text))

    def say(self, text: str) -> None:
        """A paragraph."""
        self.blocks.append(("p", text))

    def items(self, texts: list[str]) -> None:
        """A list."""
        self.blocks.append(("list", texts))

    def code(self, text: str) -> None:
        """Lines of a program."""
        self.blocks.append(("code", text))

    def table(self, frame: pd.DataFrame) -> None:
        """A table, as it is; texts and numbers."""
        self.blocks.append(("table", frame))

    def to_markdown(self) -> str:
        """As Markdown."""
        lines = [f"# {self.title}", ""]
        for kind, what in self.blocks:
            if isinstance(what, pd.DataFrame):
                lines += _markdown_table(what)
            elif isinstance(what, list):
                lines += [f"- {text}" for text in what]
            elif kind == "code":
                lines += ["```", str(what), "```"]
            else:
                mark = {"warn": "> **", "p": ""}.get(kind, "#" * int(kind[1]) + " " if kind[0] == "h" else "")
                lines.append(f"{mark}{what}{'**' if kind == 'warn' else ''}")
            lines.append("")
        return "\n".join(lines)

    def to_html(self) -> str:
        """As a page."""
        body = "\n".join(_html(kind, what) for kind, what in self.blocks)
        return (
            f'<!doctype html>\n<html lang="{self.language}">\n<head><meta charset="utf-8">'
            f'<meta name="viewport" content="width=device-width"><title>{escape(self.title)}</title>'
            f"<style>{_STYLE}</style></head>\n<body>\n<h1>{escape(self.title)}</h1>\n{body}\n</body>\n</html>\n"
        )


def _markdown_table(frame: pd.DataFrame) -> list[str]:
    """A table in pipes."""
    rows = [list(map(str, frame.columns)), ["---"] * len(frame.columns)]
    rows += [[_text(value) for value in row] for row in frame.itertuples(index=False, name=None)]
    return ["| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |" for row in rows]


def _html(kind: str, what: object) -> str:
    """A block as HTML."""
    if isinstance(what, pd.DataFrame):
        return _html_table(what)
    if isinstance(what, list):
        return "<ul>" + "".join(f"<li>{escape(text)}</li>" for text in what) + "</ul>"
    text = escape(str(what))
    if kind == "warn":
        return f'<p class="inside">{text}</p>'
    return f"<pre>{text}</pre>" if kind == "code" else f"<{kind}>{text}</{kind}>"


def _html_table(frame: pd.DataFrame) -> str:
    """A table."""
    head = "".join(f'<th scope="col">{escape(str(name))}</th>' for name in frame.columns)
    body = []
    for row in frame.itertuples(index=False, name=None):
        cells = [f"<td{_KIND[_is_number(value)]}>{escape(_text(value))}</td>" for value in row]
        body.append(f"<tr>{''.join(cells)}</tr>")
    return f"<table><thead><tr>{head}</tr></thead><tbody>\n" + "\n".join(body) + "\n</tbody></table>"


def _is_number(value: object) -> bool:
    """A number, or a text of one."""
    text = _text(value).replace(".", "").replace(",", "").replace("%", "").strip()
    return bool(text) and text.lstrip("<-").isdigit()


def _text(value: object) -> str:
    """A value as it is read: whole numbers whole, nothing for none."""
    if value is None or value is pd.NA or value != value:
        return ""
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() else f"{value:.4g}"
    return str(value)
