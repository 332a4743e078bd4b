"""The same minus on every page, but for those of codes and calls, where a hyphen is typed."""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx

from llo_research.monitor.site.minus import with_minus

TYPED = ("reference/api", "reference/codebook", "genindex")


def write(app: Sphinx, pagename: str, template: str, context: dict[str, Any], *_: Any) -> None:
    """Change the text of a page."""
    if context.get("body") and not pagename.startswith(TYPED):
        context["body"] = with_minus(context["body"])


def setup(app: Sphinx) -> dict[str, bool]:
    """At each page."""
    app.connect("html-page-context", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
