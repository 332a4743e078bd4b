"""What a reviewer looks for: each figure, table and sentence with its cell and functions, and what was verified."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

from llo_research.monitor.site.behind import functions_behind
from llo_research.monitor.site.registry import Frame, Pages
from llo_research.monitor.site.rendered import Rendered, title_of

_DATA = {
    "published": "`data_raw/published/`, in repository and wheel; terms by source in its README (CBS: CC BY 4.0).",
    "synthetic": "None to obtain: made on the spot by `llo.synthetic`, seed in the call or its default.",
}
_PIAAC = "OECD, PIAAC Public Use Files, cycle 1. Open, no registration; not in the repository. Credit as OECD asks."

_SEED = re.compile(r"\b(?:seed|random_state)\s*=\s*(\w+)")


def pages(frame: Frame) -> Pages:
    """The tables of the page for reviewers, which is in English."""
    times = measured(frame.root)
    rows = ["| notebook | computed from | data | seeds | in this build | CPU seconds | peak memory |"]
    rows += [
        "|---|---|---|---|---|--:|--:|",
        *(_statement(one, times.get(one.about.name, {})) for one in frame.rendered),
    ]
    rows += ["", *_when(times)]
    maps = [_map(one, one.language or frame.language) for one in frame.rendered]
    return {
        "_generated/statements.md": "\n".join([*rows, ""]),
        "_generated/figure_map.md": "\n\n".join(["```{raw} html", *maps, "```", ""]),
    }


def measured(root: Path) -> dict[str, dict[str, Any]]:
    """Time and memory of each notebook, as ``python -m benchmarks.notebooks`` measured them; empty where it did not."""
    path = root / "benchmarks" / "notebooks.json"
    found: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return found


def _when(times: dict[str, dict[str, Any]]) -> list[str]:
    """When and on what the times were measured."""
    told = "; ".join(dict.fromkeys(f"{row['date']}, {row['machine']}" for row in times.values()))
    loads = [int(row["load"]) for row in times.values()]
    said = "Measured by `python -m benchmarks.notebooks`, one notebook at a time, from the top, one thread"
    return [f"{said}: {told}, load {min(loads)} to {max(loads)} (CPU seconds grow with it)."] if times else []


def _seeds(one: Rendered) -> str:
    """The seeds that a notebook names; those of the synthetic surveys are the default of ``llo.synthetic``."""
    code = "".join("".join(cell["source"]) for cell in one.notebook["cells"] if cell["cell_type"] == "code")
    found = ("one a draw" if name.isidentifier() else name for name in _SEED.findall(code))
    named = ", ".join(dict.fromkeys(found))
    default = "default of `llo.synthetic`" if one.about.source_class == "synthetic" else ""
    return "; ".join(filter(None, [default, f"in the code: {named}" if named else ""])) or "none: nothing is drawn"


def _statement(one: Rendered, time: dict[str, Any]) -> str:
    """The data statement of a notebook."""
    data = _DATA.get(one.about.source_class)
    if data is None:
        files = [one.about.needs_one_of, *one.about.also_needs]
        data = f"{_PIAAC} {len(files)} file{'s' * (len(files) > 1)}: {one.about.obtain}"
    state = "**not verified**: committed numbers" if one.not_verified else "recomputed"
    seconds, memory = str(time.get("cpu_seconds", "not measured")), time.get("peak_megabytes", "")
    cells = [f"[{one.about.name}](/{one.page}.ipynb)", one.about.source_class, data, _seeds(one), state, seconds]
    return "| " + " | ".join([*cells, f"{memory} MB" if memory else ""]) + " |"


def _map(one: Rendered, language: str) -> str:
    """What each code cell of a notebook shows, in its language, and the functions behind it; the page is English."""
    written = "" if language == "en" else f' lang="{language}"'
    code = [(number, cell) for number, cell in enumerate(one.notebook["cells"], start=1) if cell["cell_type"] == "code"]
    behind = functions_behind("".join(cell["source"]) for _, cell in code)
    rows = []
    for (number, cell), functions in zip(code, behind, strict=True):
        for kind, what in _shown(cell):
            called = ", ".join(f"<code>{html.escape(name)}</code>" for name in functions)
            cells = f"<td>{number}, <code>{cell.get('id', '')}</code></td><td>{kind}</td>"
            rows.append(f"<tr>{cells}<td{written}>{html.escape(what)}</td><td>{called}</td></tr>")
    heads = "".join(f'<th scope="col">{head}</th>' for head in ("cell", "shows", "what", "functions behind it"))
    table = f'<table class="llo-map"><thead><tr>{heads}</tr></thead><tbody>{"".join(rows)}</tbody></table>'
    summary = f"{html.escape(title_of(one))} ({len(rows)})"
    return f'<details><summary{written}>{summary}</summary><div class="llo-scroll" tabindex="0">{table}</div></details>'


def _shown(cell: dict[str, Any]) -> list[tuple[str, str]]:
    """What a cell shows: the kind, and its first words."""
    found = []
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        text = "".join(data.get("text/plain", "")) or "".join(output.get("text", ""))
        if any(kind.startswith("image/") for kind in data):
            found.append(("figure", _second_sentence(text)))
        elif "<table" in "".join(data.get("text/html", "")):
            found.append(("table", text.strip().partition("\n")[0]))
        else:
            found.append(("text", " ".join(text.split())[:110]))
    return found


def _second_sentence(alt: str) -> str:
    """The title of a figure: its alternative text begins with the kind of picture."""
    pieces = alt.split(". ")
    return pieces[1] if len(pieces) > 1 else alt[:110]
