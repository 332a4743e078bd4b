"""Tables in a page of the site: they scroll in a frame of their own, and say so; their notes stand below as text."""

from __future__ import annotations

import re
from html import unescape

_TABLE = re.compile(r"<table\b.*?</table>", re.S)
_FOOT = re.compile(r"<tfoot><tr><td[^>]*>(.*?)</td></tr></tfoot>\n?", re.S)
_CAPTION = re.compile(r"<caption>(.*?)</caption>", re.S)
_TAG = re.compile(r"<[^>]+>")
_EMPTY_HEAD = re.compile(r"<th(?=[\s>])([^>]*)>\s*</th>")
_SCOPE = re.compile(r'\s*scope="\w+"')
_BORDER = re.compile(r'<table border="\d+"')
_SIDES = {' style="text-align:left"': "", ' style="text-align:right"': ' class="r"'}  # said once, by the style sheet
_SAID = {"nl": "Tabel; schuif opzij voor meer kolommen", "en": "Table; scroll sideways for more columns"}


def with_scrolling(html: str, language: str) -> str:
    """HTML with each of its tables in a frame that scrolls, by keyboard too, and whose edge shows that there is more.

    The notes of a table of llo.report move out of its foot, where they would be as wide as the table, and stand below;
    heads without a text become cells.

    Parameters
    ----------
    html : str
        What a cell shows.
    language : {"nl", "en"}
        Of what a screen reader says of the frame.
    """
    return _TABLE.sub(lambda found: _framed(found[0], language), html)


def caption(html: str) -> str:
    """The title of the first table, as plain text; empty where it has none."""
    found = _CAPTION.search(html)
    return unescape(_TAG.sub("", found[1])).strip() if found else ""


def _framed(table: str, language: str) -> str:
    """One table in its frame."""
    notes = _FOOT.search(table)
    table = _CAPTION.sub(r"<caption><span>\1</span></caption>", _FOOT.sub("", table))
    table = _EMPTY_HEAD.sub(lambda found: f"<td{_SCOPE.sub('', found[1])}></td>", _BORDER.sub("<table", table))
    for style, short in _SIDES.items():
        table = table.replace(style, short)
    below = f'\n<div class="llo-table-notes">{notes[1]}</div>' if notes else ""
    return f'<div class="llo-scroll" role="group" tabindex="0" aria-label="{_SAID[language]}">{table}</div>{below}'
