"""Code without elements that change nothing: names and punctuation have the colour of the code they stand in."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

SAME = re.compile(r'<span class="[npw]">([^<]*)</span>')


def plain(body: str) -> str:
    """A page whose code is text where it has no colour of its own."""
    return SAME.sub(r"\1", body)


def mend(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: nodes.document) -> None:
    """Mend a page that holds code."""
    context["body"] = plain(context.get("body") or "")


def setup(app: Sphinx) -> dict[str, bool]:
    """On each page."""
    app.connect("html-page-context", mend)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
