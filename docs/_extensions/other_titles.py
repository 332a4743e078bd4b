"""Titles of pages in another language say so: in menus, in lists of contents, in the links at the foot."""

from __future__ import annotations

import html
import json
import posixpath
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

# A title in a list of contents; links within prose have words of their own.
LISTED = re.compile(r'(<li class="toctree-l\d[^"]*"><a class="reference internal" href="([^"]*)")')


def page_of(link: str, pagename: str) -> str:
    """The page that a link leads to, as seen from a page; that page itself where it leads nowhere else."""
    path = link.partition("#")[0]
    return posixpath.normpath(posixpath.join(posixpath.dirname(pagename), path)).removesuffix(".html") or pagename


def mark_titles(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: nodes.document) -> None:
    """Add the language to the titles of pages that the builder lists as written in another."""
    path = Path(app.srcdir) / "_generated" / "only.json"
    other = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    if not other:
        return

    def listed(found: re.Match[str]) -> str:
        language = other.get(page_of(html.unescape(found[2]), pagename))
        return f'{found[1]} lang="{language}"' if language else found[1]

    context["body"] = LISTED.sub(listed, context.get("body") or "")
    for side in ("prev", "next"):
        there = context.get(side)
        language = other.get(page_of(there["link"], pagename)) if there else None
        if language:
            context[side] = {**there, "title": f'<span lang="{language}">{there["title"]}</span>'}
    made = context.get("generate_toctree_html")
    if made is None:
        return

    def menu(*arguments: Any, **options: Any) -> Any:
        shown = made(*arguments, **options)
        for link in shown.find_all("a", href=True) if hasattr(shown, "find_all") else ():
            language = other.get(page_of(link["href"], pagename))
            if language:
                link["lang"] = language
        return shown

    context["generate_toctree_html"] = menu


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect after the theme, which makes the menu."""
    app.connect("html-page-context", mark_titles, priority=910)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
