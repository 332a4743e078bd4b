"""The toggles of the side menu get a name: the theme gives them an icon only, which is read aloud as nothing."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

WORDS = {"nl": "Pagina's onder {}", "en": "Pages below {}"}


def name_toggles(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: nodes.document) -> None:
    """Let the theme's menu carry, on each toggle, the name of the page that it opens."""
    made = context.get("generate_toctree_html")
    if made is None:
        return

    def named(*arguments: Any, **options: Any) -> Any:
        menu = made(*arguments, **options)
        for toggle in menu.find_all("summary") if hasattr(menu, "find_all") else ():
            page = toggle.find_parent("li").find("a")
            toggle["aria-label"] = WORDS[app.config.language].format(page.get_text(strip=True) if page else "").strip()
        return menu

    context["generate_toctree_html"] = named


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect after the theme, which makes the menu."""
    app.connect("html-page-context", name_toggles, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
