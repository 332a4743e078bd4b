"""What the search says: that it is done, which Sphinx's Dutch lacks, and the words around what it found."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

FOUND = "Search finished, found one page matching the search query."
WORDS = {
    "nl": {
        FOUND: ["Klaar met zoeken: één pagina gevonden.", "Klaar met zoeken: ${resultCount} pagina's gevonden."],
        ", in ": ", in ",  # Sphinx's own lacks the last space
    }
}
NAMES = {"nl": {"en": "Engels"}, "en": {"nl": "in Dutch"}}
TEXTS = "_static/search_texts.js"
ARTICLE = re.compile(r"<article\b[^>]*>(.*)</article>", re.DOTALL)
# What is drawn, run, or code that is folded is no text; a sign behind a heading is none either.
NO_TEXT = re.compile(
    r'<(svg|style|script)\b.*?</\1>|<a class="headerlink".*?</a>|<div class="cell_input.*?</pre>|<[^>]*>', re.DOTALL
)
CALL = re.compile(r"Documentation\.addTranslations\((.*)\);?\s*", re.DOTALL)


def completed(script: str, language: str) -> str:
    """The script of Sphinx's words with ours in it; a word without a translation is left out, and stays English."""
    found = CALL.fullmatch(script)
    if found is None:
        raise ValueError("translations.js of Sphinx has another form than it had")
    catalogue: dict[str, Any] = json.loads(found[1])
    own = WORDS.get(language, {})
    messages = {key: said for key, said in catalogue["messages"].items() if said and any(said)}
    rule = f"Number({catalogue['plural_expr']})"
    return (
        f"Documentation.addTranslations({json.dumps(catalogue | {'messages': messages | own, 'plural_expr': rule})});"
    )


def complete(app: Sphinx, failed: Exception | None) -> None:
    """Complete the words of the site, where its language has any."""
    path = Path(app.outdir) / "_static" / "translations.js"
    if failed is None and path.is_file():
        script = completed(path.read_text(encoding="utf-8"), app.config.language)
        path.write_text(script, encoding="utf-8", newline="\n")


def text_of(page: str) -> str:
    """The text of a page, with a space where a tag was; entities stay, so that it is no markup where it is read."""
    article = ARTICLE.search(page)
    return " ".join(NO_TEXT.sub(" ", article[1]).split()) if article else ""


def write_texts(app: Sphinx, failed: Exception | None) -> None:
    """The texts of all pages in one script: opened as a file, the search may read no other page."""
    if failed is None and app.builder.name == "html":
        paths = {name: Path(app.builder.get_outfilename(name)) for name in sorted(app.env.found_docs)}
        texts = {name: text_of(path.read_text(encoding="utf-8")) for name, path in paths.items() if path.is_file()}
        script = f"var LLO_TEXTS = {json.dumps(texts, ensure_ascii=False, indent=0)};\n"
        (Path(app.outdir) / TEXTS).write_text(script, encoding="utf-8", newline="\n")


def with_script(app: Sphinx, pagename: str, *_: Any) -> None:
    """On the page of the search: our script beside Sphinx's, and which pages are in another language."""
    if pagename == "search":
        path = Path(app.srcdir) / "_generated" / "only.json"
        pages = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        told = json.dumps({"pages": pages, "names": NAMES.get(app.config.language, {})}, sort_keys=True)
        app.add_js_file(None, body=f"var LLO_OTHER = {told};")
        app.add_js_file("search_lines.js", loading_method="defer")


def setup(app: Sphinx) -> dict[str, bool]:
    """After the site is written."""
    app.connect("html-page-context", with_script)
    app.connect("build-finished", complete)
    app.connect("build-finished", write_texts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
