"""What is looked for in a saved notebook, so that no word, number or picture can drift; test_guards.py applies it."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

import pandas as pd

from llo_research.monitor.entries import Edition
from llo_research.monitor.notebooks.needed import that_hold
from llo_research.report.figures.bundle import MIME
from llo_research.report.figures.fingerprint import fingerprint, mark_in
from tests.monitor import prose

TAG = "finding"
PICTURES = ("image/svg+xml", "image/png")
_NUMBER = re.compile(r"(-?\d+(?:[.,]\d+)?)\s?(?:%|(?:percentage )?points?\b|procentpunt)")
_AGAINST = re.compile(r"(\d+[.,]\d+)\s?%[^%.;]*?\b(?:against|tegen)\b[^%.;]*?(\d+[.,]\d+)\s?%", flags=re.DOTALL)
_MAGIC = re.compile(r"^\s*(?:%|!)", flags=re.MULTILINE)
_BESIDE = re.compile(r"\bbeside\(\s*(\[[^\]]*\]|\"\d+\")")
_BESIDE_ALL = re.compile(r"\bbeside\((?:\)|edition=|surveys=)")
_DRAWN = re.compile(r"\b(?:draw|figure|estimates)\(\s*\"(\d+)\"")
_REASON = re.compile(r"\bexcept\b")
_RESTRICTED = re.compile(r"^\W*(?:Data|Gegevens): restricted\b", flags=re.MULTILINE)
# Seven digits are kept in a picture's rows, and a sentence rounds the estimate itself.
_ROUNDING = 1e-6


def text_of(value: Any) -> str:
    """A field of a notebook, which is a text or a list of lines."""
    return value if isinstance(value, str) else "".join(value)


def typed(notebook: Mapping[str, Any], allowed: Mapping[str, str]) -> Iterator[str]:
    """Estimates and directions that stand in prose, or in a template, without a result behind them.

    allowed : fragments of text that may, each with its reason.
    """
    for cell in notebook["cells"]:
        for found in prose.of_cell(cell):
            if not any(" ".join(fragment.split()) in found for fragment in allowed):
                yield f"{cell['id']}: {found}"


def magics(notebook: Mapping[str, Any]) -> Iterator[str]:
    """Lines that are no Python: other places than IPython do not run them."""
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            for found in _MAGIC.finditer(text_of(cell["source"])):
                line = text_of(cell["source"])[found.start() :].strip().partition("\n")[0]
                yield f"{cell['id']}: a magic or a command of the system: {line}"


def pictures(notebook: Mapping[str, Any]) -> Iterator[str]:
    """Pictures whose fingerprint, words or rows are not those that stand beside them."""
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            data, about = output.get("data", {}), output.get("metadata", {})
            shown = [kind for kind in PICTURES if kind in data]
            if shown and (MIME in data or "llo" in about):
                yield from (f"{cell['id']}: {one}" for one in _of_picture(data, about, shown[0]))
            elif shown and "plt." not in text_of(cell["source"]):
                yield f"{cell['id']}: a figure without the hash of its numbers; execute it anew"


def _of_picture(data: Mapping[str, Any], about: Mapping[str, Any], kind: str) -> Iterator[str]:
    """What in one output does not belong together."""
    told = about.get("llo", {}).get("numbers")
    picture = text_of(data[kind])
    inside = mark_in(base64.b64decode(picture) if kind == "image/png" else picture)
    if inside != told:
        yield f"the picture shows other numbers ({inside}) than the cell says ({told})"
    if (alt := about.get(kind, {}).get("alt")) is not None and alt != text_of(data.get("text/plain", alt)):
        yield "the words of the picture are not those beside it"
    if MIME in data:
        rows = fingerprint(rows_of(data))
        if len({rows, data[MIME]["numbers"], told}) > 1:
            yield f"the rows of the figure ({rows}) are not the numbers that it says it shows ({told})"


def rows_of(data: Mapping[str, Any]) -> pd.DataFrame:
    """The numbers behind a figure, as its output keeps them."""
    frame = pd.read_csv(io.StringIO(data[MIME]["rows"]), dtype=str, keep_default_na=False)
    for name in ("estimate", "conf_low", "conf_high", "n"):
        if name in frame:
            frame[name] = pd.to_numeric(frame[name].where(frame[name] != ""))
    return frame


def findings(notebook: Mapping[str, Any]) -> Iterator[str]:
    """Findings that no result has made, or that the figure beside them contradicts."""
    marked = [cell for cell in notebook["cells"] if TAG in cell["metadata"].get("tags", [])]
    sentences = [cell for cell in marked if not _figures(cell)]
    for cell in sentences:
        if cell["cell_type"] == "markdown":
            yield f"{cell['id']}: a finding is typed; tag the cell whose result says it (llo.report.sentences)"
            continue
        if not _said(cell).strip():
            yield f"{cell['id']}: a finding says nothing; execute it anew"
            continue
        after = marked[marked.index(cell) + 1 :]
        figures = _figures(after[0]) if after else []
        if not figures:
            yield f"{cell['id']}: a finding without a figure after it"
            continue
        yield from (f"{cell['id']}: {one}" for one in _contradictions(_said(cell), figures))


def _contradictions(sentence: str, figures: list[Mapping[str, Any]]) -> Iterator[str]:
    """Numbers of a sentence that its figures do not show, and a direction that its own numbers turn round."""
    shown = pd.concat([rows_of(data)[["estimate", "conf_low", "conf_high"]] for data in figures])
    numbers = shown.astype(float).to_numpy().ravel()
    for found in _NUMBER.finditer(sentence):
        text = found[1].replace(",", ".")
        half = 0.5 * 10 ** -len(text.partition(".")[2]) + _ROUNDING
        if not (abs(abs(numbers) - abs(float(text))) <= half).any():
            yield f"the finding says {found[0]}, which its figure does not show"
    for found in _AGAINST.finditer(sentence):
        one, other = (float(text.replace(",", ".")) for text in found.groups())
        said = prose.ways(sentence[: found.start()])
        if said and one != other and said[-1] != (1 if one > other else -1):
            yield f"the finding says {'more' if said[-1] > 0 else 'less'}, and {found[1]} against {found[2]}"


def _figures(cell: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The figures that a cell shows."""
    return [output["data"] for output in cell.get("outputs", []) if MIME in output.get("data", {})]


def _said(cell: Mapping[str, Any]) -> str:
    """The text that a cell shows."""
    shown = [output.get("data", {}) for output in cell.get("outputs", [])]
    return " ".join(text_of(data.get("text/markdown", data.get("text/plain", ""))) for data in shown)


def editions(notebook: Mapping[str, Any], edition: Edition) -> Iterator[str]:
    """Cells that ask for what an edition does not have, and are not tagged with it."""
    for cell in that_hold(notebook, edition.id)["cells"]:
        if cell["cell_type"] != "code":
            continue
        source = text_of(cell["source"])
        for asked in _BESIDE.finditer(source):
            for number in re.findall(r'"(\d+)"', asked[1]):
                if number not in edition.figures or not edition.figures[number].published:
                    yield f"{cell['id']}: needs the tag 'needs published {number}', which {edition.id} lacks"
        if _BESIDE_ALL.search(source) and not any(figure.published for figure in edition.figures.values()):
            yield f"{cell['id']}: needs a tag 'needs published ...': nothing was published beside {edition.id}"
        for asked in _DRAWN.finditer(source):
            figure = edition.figures.get(asked[1])
            if figure is not None and figure.available == "not available" and not _REASON.search(source):
                yield f"{cell['id']}: shows figure {asked[1]}, which is not available in {edition.id}, and has no tag"


def restricted(name: str, text: str) -> Iterator[str]:
    """Whether a tracked file was made from restricted files."""
    path = PurePosixPath(name)
    if "restricted" in path.parts:
        yield f"{name}: it lies in a folder of what was made from restricted files"
    if path.suffix == ".json" and path.parent.name == "editions" and json.loads(text).get("source") != "synthetic":
        yield f"{name}: its numbers are of real files, and these are restricted"
    if path.suffix == ".ipynb":
        notebook = json.loads(text)
        for cell in notebook["cells"]:
            if "parameters" in cell["metadata"].get("tags", []) and re.search(
                r"^source = \"real\"", text_of(cell["source"]), flags=re.MULTILINE
            ):
                yield f"{name}: {cell['id']} reads real files"
            if _RESTRICTED.search(_said(cell)):
                yield f"{name}: {cell['id']} says that its data are restricted"
