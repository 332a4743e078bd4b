"""Checks pages against WCAG 2.2 AA with axe-core, in light and dark, at two widths; and fetches axe-core.

axe-core (MPL-2.0, Deque Systems) is no part of this project: ``python -m tests.monitor.axe fetch`` takes the file out
of a package of the Python package index and lays it into ``build/axe``; where it is absent, tests that need it are
skipped.
``python -m tests.monitor.axe check FOLDER`` lists what it finds on the pages of a folder.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.monitor.browser import NARROW, WIDE, Page, browsing, serving

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "build" / "axe" / "axe.min.js"
PACKAGE = "axe-playwright-python==0.1.8"  # holds axe-core 4.12.1
SHA256 = "84494fec757e4710dc751c8d7a636e457f4532f08f85c86dc9070133fbff53bc"
HOW = "python -m tests.monitor.axe fetch"
# All rules of WCAG 2.0 to 2.2, A and AA; that of the size of targets (2.2) has to be switched on by name.
RULES = """{resultTypes: ["violations"], rules: {"target-size": {enabled: true}}, runOnly: {type: "tag",
  values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]}}"""
RUN = f"""axe.run(document, {RULES}).then(found => found.violations.flatMap(rule =>
  rule.nodes.map(node => [rule.id, node.target.join(" "), node.html.slice(0, 160)])))"""


@dataclass(frozen=True)
class Finding:
    """A rule that an element of a page does not meet, at a width, in light or dark."""

    page: str
    width: int
    dark: bool
    rule: str
    element: str
    markup: str


def fetch() -> Path:
    """Lay the file of axe-core into ``build/axe``, and check that it is the one known."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, PACKAGE]
        subprocess.run(command, check=True)
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            content = archive.read("axe_playwright_python/axe.min.js")
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise ValueError(f"{PACKAGE} holds another axe.min.js than the one known; its licence and rules are to be seen")
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_bytes(content)
    return FILE


def settings() -> Iterator[tuple[int, bool]]:
    """Each width, in light and in dark."""
    return ((width, dark) for width in (WIDE, NARROW) for dark in (False, True))


def violations(tab: Page) -> list[list[str]]:
    """What axe-core finds on the page as it is open now: rule, element and its markup."""
    tab.evaluate(f"{FILE.read_text(encoding='utf-8')};0")
    return list(tab.evaluate(RUN))


def findings(tab: Page, address: str, name: str) -> list[Finding]:
    """What axe-core finds on a page at each width, in light and dark; served, since it reads style sheets too."""
    found = []
    for width, dark in settings():
        tab.open(f"{address}/{name}", width=width, dark=dark)
        found += [Finding(name, width, dark, *one) for one in violations(tab)]
    return found


def counted(found: Iterable[Finding]) -> list[str]:
    """A line for each rule and element: on how many pages, with one of them."""
    pages: dict[tuple[str, str], list[Finding]] = {}
    for one in found:
        pages.setdefault((one.rule, one.markup), []).append(one)
    ranked = sorted(pages.items(), key=lambda item: -len({one.page for one in item[1]}))
    return [
        f"{rule}: {len({one.page for one in those})} pages, {_where(those)}; {those[0].page}: {markup}"
        for (rule, markup), those in ranked
    ]


def _where(those: list[Finding]) -> str:
    """At which widths, in light or dark."""
    told = Counter(f"{one.width} {'dark' if one.dark else 'light'}" for one in those)
    return ", ".join(sorted(told))


def main(command: str, folder: str = "build/site", part: str = "") -> int:
    """Fetch, or check the pages of a folder; 1 where anything was found."""
    if command == "fetch":
        print(fetch())
        return 0
    site = Path(folder).resolve()
    found: list[Finding] = []
    with serving(site) as address, browsing() as tab:
        for path in sorted(site.rglob("*.html")):
            name = path.relative_to(site).as_posix()
            if part in name:
                found += findings(tab, address, name)
                print(f"{name}: {len([one for one in found if one.page == name])}", flush=True)
    print("\n".join(counted(found)) or "no findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
