"""Proves of the site as it was built last that no link within it is broken, and no page but data is heavy."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from urllib.parse import unquote

from tests.monitor.test_site import HEAVY

NAMED = re.compile(r"""\s(?:id|name)="([^"]*)\"""")
LINKS = re.compile(r"""<(?:a|link|area)\b[^>]*?\shref="([^"]*)\"""")
LOADS = re.compile(r"""<(?:img|script|source|iframe|use)\b[^>]*?\s(?:src|href)="([^"]*)\"""")
ELSEWHERE = re.compile(r"(?:[a-z][a-z0-9+.-]*:|//)", re.I)


def broken(site: Path) -> list[str]:
    """Links and parts of pages, within the site, that lead nowhere; a script reads what has a = after its #."""
    texts = {path.resolve(): path.read_text(encoding="utf-8") for path in sorted(site.rglob("*.html"))}
    names = {path: {unescape(one) for one in NAMED.findall(text)} for path, text in texts.items()}
    found = []
    for path, text in texts.items():
        for link in sorted({unescape(one) for one in LINKS.findall(text) + LOADS.findall(text)}):
            if ELSEWHERE.match(link) or not link:
                continue
            place, _, anchor = link.partition("#")
            target = (path.parent / unquote(place.partition("?")[0])).resolve() if place else path
            named = not anchor or "=" in anchor or target not in names or unquote(anchor) in names[target]
            if not (target.is_file() and named):
                found.append(f"{path.relative_to(site.resolve())}: {link}")
    return found


def test_no_link_within_the_site_is_broken(built_site: Path) -> None:
    assert broken(built_site) == []


def test_no_page_is_heavy(built_site: Path) -> None:
    sizes = {path.relative_to(built_site).as_posix(): path.stat().st_size for path in built_site.rglob("*.html")}
    assert {name: size for name, size in sizes.items() if size > HEAVY} == {}


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(
        '<h2 id="x"></h2><a class="c" href="#x"><a href="https://x.org/#y"><img src="p.png">'
    )
    (tmp_path / "b.html").write_text('<a href="a.html#x">, <a href="a.html#y">, <a href="c.html">, <a href="#">')
    assert broken(tmp_path) == ["a.html: p.png", "b.html: a.html#y", "b.html: c.html"]
