"""What is looked for in a saved notebook, so that no word, number or picture can drift; test_guards.py applies it."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import PurePosixPath
from typing import Any

import pandas as pd

import llo_research as llo
from llo_research.data.instrument import instrument_of
from llo_research.monitor.entries import Edition
from llo_research.monitor.notebooks.needed import that_hold
from llo_research.monitor.site.front_page import SHOWN
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
# What our tables and figures of such files say below their numbers, in both languages.
_FOOTER = re.compile(r"(?<![\w-])(?:restricted microdata|besloten microdata|llo-data: restricted)\b")
_MARKED = re.compile(r"(?:^|,)\"?restricted\"?(?:,|$)", flags=re.MULTILINE)  # the column `data` of our CSVs
# Where tables may be tracked; what lies there came from a script or a source that is named beside it.
TABLES = tuple(
    f".{name}"
    for name in ["csv", "tsv", "json", "xlsx", "xls", "parquet", "feather", "sav", "zsav", "dta", "rds", "gz"]
)
PLACES = (
    "data_raw/published/",
    "data_raw/synthetic/",
    "notebooks/editions/",
    "benchmarks/",
    "tests/",
    "llo_research/results/receipts/certified.json",  # what the tests held against other programs
)
_MICRODATA = 5  # columns of a restricted instrument's file; tables of results have its breakdowns, one or two
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
    yield from (f"{cell['id']}: a finding that shows nothing; execute it anew" for cell in marked if _is_empty(cell))
    sentences = [cell for cell in marked if not _figures(cell)]
    for cell in sentences:
        if cell["cell_type"] == "markdown":
            yield f"{cell['id']}: a finding is typed; tag the cell whose result says it (llo.report.sentences)"
            continue
        after = marked[marked.index(cell) + 1 :]
        figures = _figures(after[0]) if after else []
        if not figures:
            yield f"{cell['id']}: a finding without a figure after it"
            continue
        yield from (f"{cell['id']}: {one}" for one in _contradictions(_said(cell), figures))


def _is_empty(cell: Mapping[str, Any]) -> bool:
    """Whether a cell of code shows neither a sentence nor a figure."""
    return cell["cell_type"] == "code" and not _figures(cell) and not _said(cell).strip()


def front_page(notebooks: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Whether the chapters on published and public data have enough findings for the front page.

    notebooks : by name; those on synthetic data have none.
    """
    counts = {name: _sentences(notebook) for name, notebook in notebooks.items()}
    if sum(counts.values()) < SHOWN:
        each = ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))
        yield f"the front page has {sum(counts.values())} findings, expected at least {SHOWN}: {each}"


def _sentences(notebook: Mapping[str, Any]) -> int:
    """How many sentences of a notebook are marked as findings, and shown."""
    marked = [cell for cell in notebook["cells"] if TAG in cell["metadata"].get("tags", [])]
    return sum(1 for cell in marked if not _figures(cell) and (cell["cell_type"] == "markdown" or _said(cell).strip()))


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
    yield from (f"{name}: {one}" for one in _of_table(path, text))
    if path.suffix == ".json" and path.parent.name == "editions" and json.loads(text).get("source") != "synthetic":
        yield f"{name}: its numbers are of real files, and these are restricted"
    if path.suffix == ".ipynb":
        notebook = json.loads(text)
        for cell in notebook["cells"]:
            if "parameters" in cell["metadata"].get("tags", []) and re.search(
                r"^source = \"real\"", text_of(cell["source"]), flags=re.MULTILINE
            ):
                yield f"{name}: {cell['id']} reads real files"
            if _RESTRICTED.search(_said(cell)) or _FOOTER.search(json.dumps(cell.get("outputs", []))):
                yield f"{name}: {cell['id']} says that its data are restricted"


def _of_table(path: PurePosixPath, text: str) -> Iterator[str]:
    """What a table or a picture by itself says of where it came from, wherever it was copied to."""
    if path.suffix in TABLES and not str(path).startswith(PLACES):
        yield f"a table in a place where none is tracked; those are {', '.join(PLACES)}"
    if path.suffix == ".json" and ('"restricted": true' in text or '"kind": "restricted"' in text):
        yield "it is the result of restricted files"
    if path.suffix in (".svg", ".html") and _FOOTER.search(text):
        yield "it says that its data are restricted"
    if path.suffix in (".csv", ".tsv"):
        header = {name.strip().strip('"').casefold() for name in re.split(r"[,;\t]", text.partition("\n")[0])}
        if _MARKED.search(text):
            yield "it says that its data are restricted"
        if any(len(header & names) >= _MICRODATA for names in _of_files()) and "synthetic" not in header:
            yield "its columns are those of the file of a restricted instrument"


@cache
def _of_files() -> tuple[frozenset[str], ...]:
    """The columns of the files of each restricted instrument."""
    items = map(instrument_of, llo.instruments()["instrument"])
    return tuple(
        frozenset(name.casefold() for name in item.raw["variables"])
        for item in items
        if item.about["kind"] == "restricted"
    )
