"""One site in several languages: on each page a link to the same page in the other, and the language of its text.

The builder says which languages there are (``llo_languages``, the first at the root, the others below a folder of their
name), and lists in ``_generated/only.json`` which pages of a language's site are written in another.
"""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

NAMES = {"nl": "Nederlands", "en": "English"}
LOCALES = {"nl": "nl_NL", "en": "en_GB"}
WORDS = {
    "nl": {
        "search": "Zoek in deze pagina's",
        "show": "Toon de code",
        "hide": "Verberg de code",
        "only": "Deze pagina is er alleen in het Engels.",
        "title": "Wie leert er, en hoe zeker is dat",
        "about": "Open statistiek achter een monitor van de leercultuur: elk cijfer met zijn marge.",
    },
    "en": {
        "search": "Search these pages",
        "show": "Show the code",
        "hide": "Hide the code",
        "only": "This page exists in another language only.",
        "title": "Who takes part in learning, and with what certainty",
        "about": "Open statistics behind a learning-culture monitor: every figure with its margin.",
    },
}
DESCRIPTION_LENGTH = 190
# A container of the class ``llo-lang-en`` holds English.
MARKED = re.compile(r'<div class="([^"]*\bllo-lang-(\w\w)\b[^"]*)"')
# The fold of a cell's code has its words on it; this English name would be read aloud in their place.
FOLD = ' aria-label="Toggle hidden content"'
# A cell that heads nothing is no head.
EMPTY_HEAD = re.compile(r"<th(?: scope=\"\w+\")?([^>]*)>\s*(?:<p>\s*</p>)?\s*</th>")


def say_in_its_language(app: Sphinx, config: Config) -> None:
    """Words that the theme and the notebooks take from the configuration."""
    words = WORDS[config.language]
    config.html_theme_options["search_bar_text"] = words["search"]
    config.nb_code_prompt_show, config.nb_code_prompt_hide = words["show"], words["hide"]
    config.html_title = config.html_short_title = "llo_research"


def languages_of(config: Config) -> list[str]:
    """The languages of the site, that at the root first."""
    return [name for name in config.llo_languages.split(",") if name]


def places(languages: list[str], current: str, pagename: str) -> dict[str, str]:
    """The same page in each language, as seen from this one."""
    here = "../" * pagename.count("/")
    root = here if current == languages[0] else f"{here}../"
    return {name: f"{root}{'' if name == languages[0] else f'{name}/'}{pagename}.html" for name in languages}


def add_to_page(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document
) -> None:
    """Links to the other languages, the language of the text, description and preview."""
    current, languages = app.config.language, languages_of(app.config) or [app.config.language]
    there = places(languages, current, pagename)
    context["llo_switch"] = [
        {"code": name, "name": NAMES[name], "url": url, "current": name == current} for name, url in there.items()
    ]
    context["llo_language"] = current
    body = EMPTY_HEAD.sub(r"<td\1></td>", context.get("body") or "").replace(FOLD, "")
    context["body"] = MARKED.sub(r'<div lang="\2" class="\1"', body)
    written = _only(app).get(pagename, current)
    if written != current and context.get("body"):
        said = f'<p class="llo-only">{html.escape(WORDS[current]["only"])}</p>'
        context["body"] = f'{said}<div lang="{written}">{context["body"]}</div>'
    metas = [*_alternates(there), *_described(app, pagename, context, doctree)]
    context["metatags"] = "\n".join([context.get("metatags", ""), *metas])


def _only(app: Sphinx) -> dict[str, str]:
    """Pages that are written in another language than that of the site, and in which."""
    path = Path(app.srcdir) / "_generated" / "only.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def _alternates(there: dict[str, str]) -> list[str]:
    """Where search engines find the same page in each language."""
    if len(there) == 1:
        return []
    return [f'<link rel="alternate" hreflang="{name}" href="{html.escape(url)}">' for name, url in there.items()]


def _described(app: Sphinx, pagename: str, context: dict[str, Any], doctree: nodes.document | None) -> list[str]:
    """Description and preview, for search engines and for those to whom the page is sent."""
    current = app.config.language
    title = _plain(str(context.get("title", ""))) or WORDS[current]["title"]
    described = _first_words(doctree) or WORDS[current]["about"]
    own = f"_static/previews/{pagename.replace('/', '-')}.png"
    picture = own if (Path(app.srcdir) / own).is_file() else "_static/previews/site.png"
    told = {
        "og:type": "article",
        "og:site_name": "llo_research",
        "og:locale": LOCALES[current],
        "og:title": WORDS[current]["title"] if pagename == "index" else title,
        "og:description": described,
    }
    if address := app.config.html_baseurl:  # of this language's pages; a preview is asked for by its whole address
        told |= {"og:url": f"{address}{pagename}.html", "og:image": f"{address}{picture}"}
    rows = [f'<meta property="{name}" content="{html.escape(value)}">' for name, value in told.items()]
    return [f'<meta name="description" content="{html.escape(described)}">', *rows]


def _plain(text: str) -> str:
    """Text without its markup."""
    return html.unescape(nodes.unescape(text) if "<" not in text else _without_tags(text)).strip()


def _without_tags(text: str) -> str:
    """Text without HTML tags."""
    pieces = text.split("<")
    return pieces[0] + "".join(piece.partition(">")[2] for piece in pieces[1:])


def _first_words(doctree: nodes.document | None) -> str:
    """The first paragraph of running text, cut at a word."""
    for paragraph in doctree.findall(nodes.paragraph) if doctree is not None else ():
        marked = [name for box in _around(paragraph) for name in box.get("classes", ())]
        text = " ".join(paragraph.astext().split())
        if len(text) > 40 and not any(name.startswith(("llo-banner", "llo-disclaimer")) for name in marked):
            return text if len(text) <= DESCRIPTION_LENGTH else f"{text[:DESCRIPTION_LENGTH].rpartition(' ')[0]} ..."
    return ""


def _around(node: nodes.Node) -> list[nodes.Element]:
    """A node and all that it stands in."""
    found = []
    while node is not None:
        found.append(node)
        node = node.parent
    return [one for one in found if isinstance(one, nodes.Element)]


def setup(app: Sphinx) -> dict[str, bool]:
    """Take the languages from the builder; add to each page."""
    app.add_config_value("llo_languages", "", "html", str)
    app.connect("config-inited", say_in_its_language, priority=100)
    app.connect("html-page-context", add_to_page)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
