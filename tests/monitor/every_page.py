"""Opens every page of a site in a browser, at two widths, in light and dark, its folds opened; lists what is wrong.

``python -m tests.monitor.every_page [FOLDER] [PART]`` looks at the pages of a folder (``build/site``) whose path holds
a part. For each: rules of WCAG that are not met (axe-core), texts of figures too faint or small, what a phone cuts off,
other hosts that are asked, errors in the console. What was seen of a page is kept in ``build/axe``, and a page that is
the same, byte for byte, with its styles and scripts, is not opened again; so a run that was broken off goes on.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from tests.monitor import axe, browser, legible
from tests.monitor.browser import NARROW, WIDE, Page, browsing, serving

SEEN = axe.FILE.with_name("seen.jsonl")
BROWSERS = 2  # at once: a page takes one core
FRESH = 40  # pages that one browser opens: its memory grows
ATTEMPTS = 3  # of a page, each in a fresh browser, before it is given up
# Two frames, and the time that the theme takes (0.3 s) to notice, after a change of width, what scrolls.
SETTLED = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 400))))"
THEME = "document.documentElement.dataset.theme || null"
SCRIPT = re.compile(r"""<script[^>]*\ssrc="([^"?#]+)""")
SIDE = ".bd-sidebar-primary"  # the same on a hundred pages, but for the place in it; a third of the time
MENU = f"""(menu => menu && menu.checkVisibility() ? menu.innerHTML.replace(/ (class|href)="[^"]*"/g, "") : "")(
  document.querySelector("{SIDE}"))"""
UNFOLD = """document.querySelectorAll("details:not([open])").forEach(fold => {
    fold.open = true; fold.dataset.opened = "";
  });
  document.getAnimations().forEach(one => one.finish())"""

FOLD = 'document.querySelectorAll("details[data-opened]").forEach(fold => { fold.open = false; })'


@dataclass(frozen=True)
class Finding:
    """What is wrong with an element of a page, at a width, in light or dark."""

    page: str
    width: int
    dark: bool
    rule: str
    element: str
    markup: str


Told = Callable[[str, list[Finding]], None]  # a page, and what is wrong with it


def look(tab: Page, address: str, name: str, menus: set[str] | None = None) -> list[Finding]:
    """What is wrong with a page; served, since axe-core reads style sheets too. Of side menus one of a kind is seen."""
    found: list[Finding] = []
    tab.open(f"{address}/{name}")
    for width in (WIDE, NARROW):
        _settle(tab, width, dark=False)
        wrong = [*axe.violations(tab, axe.SIZES), *_cut_off(tab, width)]
        tab.evaluate(UNFOLD)
        wrong += _cut_off(tab, width)
        without = [SIDE] if _is_known(tab.evaluate(MENU), menus) else []
        for dark in (False, True):
            _settle(tab, width, dark)
            wrong += axe.violations(tab, axe.COLOURS if dark else axe.RULES, without)
            wrong += [["illegible", one, ""] for one in legible.illegible(tab)]
            found += [Finding(name, width, dark, *one) for one in wrong]
            wrong = []
        tab.evaluate(FOLD)
    elsewhere = [one for one in tab.requests if not one.startswith((address, "data:", "blob:", "about:"))]
    found += [Finding(name, WIDE, False, "asks another host", one, "") for one in elsewhere]
    found += [Finding(name, WIDE, False, "complains", one[:300], "") for one in tab.complaints]
    return list(dict.fromkeys(found))


def _is_known(menu: str, menus: set[str] | None) -> bool:
    """Whether this menu was seen on another page of this run; it is from now on."""
    if menus is None or not menu or menu in menus:
        return bool(menus and menu)
    menus.add(menu)
    return False


def _cut_off(tab: Page, width: int) -> list[list[str]]:
    """What a phone cuts off."""
    return [["cut off", one, ""] for one in legible.cut_off(tab)] if width == NARROW else []


def _settle(tab: Page, width: int, dark: bool) -> None:
    """Show the open page in light or dark, and be sure that it is."""
    tab.shown(width=width, dark=dark)
    tab.evaluate(SETTLED)
    wanted, theme = "dark" if dark else "light", tab.evaluate(THEME)
    if theme not in (None, wanted):
        raise ValueError(f"a page is to be seen {wanted}, and is {theme}")


def look_at(
    site: Path, names: Iterable[str], told: Callable[[str, list[Finding]], None] | None = None
) -> list[Finding]:
    """What is wrong with these pages of a site; those that are as they were when last seen are not opened."""
    keys, seen, menus = _keys(site, names), _seen(), set[str]()
    found = {name: seen[name, key] for name, key in keys.items() if (name, key) in seen}
    todo, lock = deque((name, 1) for name in keys if name not in found), threading.Lock()

    def keep(name: str, wrong: list[Finding]) -> None:
        with lock, SEEN.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps({"page": name, "key": keys[name], "found": [asdict(one) for one in wrong]}) + "\n")
            found[name] = wrong
            if told:
                told(name, wrong)

    with serving(site) as address, ThreadPoolExecutor(BROWSERS) as pool:
        for run in [pool.submit(_visit, address, todo, menus, keep) for _ in range(min(BROWSERS, len(todo)))]:
            run.result()
    return [one for name in sorted(found) for one in found[name]]


def _visit(address: str, todo: deque[tuple[str, int]], menus: set[str], keep: Told) -> None:
    """Look at pages until none is left, in one browser after the other."""
    while todo:
        with browsing() as tab:
            for _ in range(FRESH):
                try:
                    name, attempt = todo.popleft()
                except IndexError:
                    return
                try:
                    wrong = look(tab, address, name, menus)
                except (RuntimeError, TimeoutError, OSError):
                    if attempt == ATTEMPTS:
                        raise
                    todo.append((name, attempt + 1))
                    break
                keep(name, wrong)


def _keys(site: Path, names: Iterable[str]) -> dict[str, str]:
    """For each page a number that changes with it, its scripts, any style, and with what is looked for."""
    own = [Path(str(module.__file__)) for module in (axe, browser, legible)] + [Path(__file__), axe.FILE]
    styles = b"".join(path.read_bytes() for path in [*own, *sorted(site.rglob("*.css"))])
    common, scripts, keys = hashlib.sha256(styles).digest(), cache(Path.read_bytes), {}
    for name in names:
        text = (site / name).read_bytes()
        named = sorted(set(SCRIPT.findall(text.decode("utf-8"))))
        held = [site.joinpath(name).parent.joinpath(one).resolve() for one in named]
        parts = [scripts(path) for path in held if path.is_file()]
        keys[name] = hashlib.sha256(b"".join([common, text, *parts])).hexdigest()
    return keys


def _seen() -> dict[tuple[str, str], list[Finding]]:
    """What was seen before, by page and key."""
    lines = SEEN.read_text(encoding="utf-8").splitlines() if SEEN.is_file() else []
    rows = [json.loads(line) for line in lines]
    return {(row["page"], row["key"]): [Finding(**one) for one in row["found"]] for row in rows}


def pages(site: Path, part: str = "") -> list[str]:
    """The pages of a site whose path holds a part."""
    names = [path.relative_to(site).as_posix() for path in sorted(site.rglob("*.html"))]
    return [name for name in names if part in name]


def counted(found: Iterable[Finding]) -> list[str]:
    """A line for each rule and element: on how many pages, with one of them."""
    alike: dict[tuple[str, str], list[Finding]] = {}
    for one in found:
        alike.setdefault((one.rule, one.markup or one.element), []).append(one)
    ranked = sorted(alike.items(), key=lambda item: -len({one.page for one in item[1]}))
    return [
        f"{rule}: {len({one.page for one in those})} pages, {_where(those)}; {those[0].page}: {what}"
        for (rule, what), those in ranked
    ]


def _where(those: list[Finding]) -> str:
    """At which widths, in light or dark."""
    told = Counter(f"{one.width} {'dark' if one.dark else 'light'}" for one in those)
    return ", ".join(sorted(told))


def main(folder: str = "build/site", part: str = "") -> int:
    """Look at the pages of a folder; 1 where anything was found."""
    site, begun = Path(folder).resolve(), time.monotonic()
    names = pages(site, part)
    found = look_at(site, names, lambda name, wrong: print(f"{name}: {len(wrong)}", flush=True))
    print("\n".join(counted(found)) or "no findings")
    print(f"{len(names)} pages, {len(found)} findings, {time.monotonic() - begun:.0f} s")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
