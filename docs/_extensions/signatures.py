"""The arguments of a function, one a line: Sphinx makes them a list of definitions without terms, which no list is."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

OPEN, CLOSE = r'(<span class="sig-paren">\(</span>\s*)', r'(\s*<span class="sig-paren">\)</span>)'
ARGUMENTS = re.compile(f"{OPEN}<dl>(.*?)</dl>{CLOSE}", re.DOTALL)


def plain(body: str) -> str:
    """A page with such lists as boxes."""

    def boxes(found: re.Match[str]) -> str:
        lines = found[2].replace("<dd>", "<div>").replace("</dd>", "</div>")
        return f'{found[1]}<div class="llo-arguments">{lines}</div>{found[3]}'

    return ARGUMENTS.sub(boxes, body)


def mend(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: nodes.document) -> None:
    """Mend a page of the reference."""
    context["body"] = plain(context.get("body") or "")


def setup(app: Sphinx) -> dict[str, bool]:
    """On each page."""
    app.connect("html-page-context", mend)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
