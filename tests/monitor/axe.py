"""Checks the open page against WCAG 2.2 AA with axe-core; and fetches axe-core.

axe-core (MPL-2.0, Deque Systems) is no part of this project: ``python -m tests.monitor.axe fetch`` takes the file out
of a package of the Python package index and lays it into ``build/axe``; where it is absent, tests that need it are
skipped. `tests.monitor.every_page` opens the pages.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from tests.monitor.browser import Page

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "build" / "axe" / "axe.min.js"
PACKAGE = "axe-playwright-python==0.1.8"  # holds axe-core 4.12.1
SHA256 = "84494fec757e4710dc751c8d7a636e457f4532f08f85c86dc9070133fbff53bc"
HOW = "python -m tests.monitor.axe fetch"
# All rules of WCAG 2.0 to 2.2, A and AA; that of the size of targets (2.2) has to be switched on by name.
# No `preload`: it asks for style sheets at wrong addresses, and the one rule that reads them (experimental) is not run.
RULES = """{preload: false, resultTypes: ["violations"], rules: {"target-size": {enabled: true}}, runOnly: {type: "tag",
  values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]}}"""
SIZES = """{preload: false, resultTypes: ["violations"], runOnly: {type: "rule", values: ["target-size"]}}"""
# What may differ in the dark: colours, and what is shown there alone.
COLOURS = """{preload: false, resultTypes: ["violations"], runOnly: {type: "rule",
  values: ["color-contrast", "link-in-text-block", "image-alt", "link-name", "button-name", "svg-img-alt"]}}"""
RUN = """axe.run({include: [["html"]], exclude: %s}, %s).then(found => found.violations.flatMap(rule =>
  rule.nodes.map(node => [rule.id, node.target.join(" "), node.html.slice(0, 160)])))"""


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


def violations(tab: Page, rules: str = RULES, without: Sequence[str] = ()) -> list[list[str]]:
    """What axe-core finds on the page as it is seen now, but in some parts: rule, element and its markup."""
    if not tab.evaluate("Boolean(window.axe)"):
        tab.evaluate(f"{FILE.read_text(encoding='utf-8')};0")
    return list(tab.evaluate(RUN % (json.dumps([[one] for one in without]), rules)))


if __name__ == "__main__":
    if sys.argv[1:] != ["fetch"]:
        sys.exit(HOW)
    print(fetch())
