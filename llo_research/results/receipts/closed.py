"""What a receipt of restricted data leaves out until disclosure control has passed.

Paths, checksums, counts of rows and people, and the values of conditions: columns are named, values are not. A text
that holds a value of the domain anywhere else (a contrast, a label) loses it too.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from llo_research.results import floors
from llo_research.results.exported import is_exported
from llo_research.results.receipts.wording import PHRASES, say
from llo_research.results.rules import guarded_kinds

if TYPE_CHECKING:
    from llo_research.results.result import Result

GONE = "..."
_COUNTS = ("n", "left_out")
# facts of a design that name columns or methods
_NAMES = ("strata", "psu", "unit", "time", "fpc", "lonely_psu")
_COMPARES = re.compile(r"[=!<>]=|[<>]|\bin\b")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
COUNTED = re.compile(r",? ?\b[A-Za-z]\w*=[\d.]+")  # G=32, n=3017, k=3
_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.])")


def passed(result: Result, disclosure: str) -> bool:
    """Whether everything may be told: open data, what left already, or rows all seen under a profile with a date."""
    hidden = floors.withheld(result, disclosure)
    return is_exported(result.meta) or hidden is None or (not hidden and bool(hidden.profile.confirmed))


def closed(told: Mapping[str, Any], result: Result, disclosure: str, language: str) -> dict[str, Any]:
    """The receipt without what may not be told yet, and a line that says so."""
    hidden = floors.withheld(result, disclosure)
    kinds = guarded_kinds(result.meta.get("source")) or ("restricted",)
    profile = "" if hidden is None else hidden.profile.name
    words = [str(note["condition"]) for note in told["domain"] if "condition" in note]
    compared = {*words, *compared_in([result.meta.get("call"), result.meta.get("parts")])}
    texts = values_in(words)
    texts = sorted({*texts, *compared}, key=len, reverse=True)
    design = closed_design(told["design"])
    known = {
        **told,
        "call": _blind(told["call"], compared),
        "data": closed_data(told["data"], result.meta.get("source") or {}, language),
        "domain": closed_domain(told["domain"]),
        "weighting_steps": closed_steps(told["weighting_steps"]),
        "design": design,
        "degrees_of_freedom": {"rule": COUNTED.sub("", str(told["degrees_of_freedom"]["rule"]))},
        **{name: {} for name in _COUNTS},
        "flags": {},
        "weight_by": {
            "absent": say(PHRASES["closed"], language).format(
                what="WEIGHT BY", kind=say(PHRASES[kinds[0]], language), profile=profile
            )
        },
    }
    out: dict[str, Any] = without(known, texts)
    out["withheld"] = withheld_in_words(kinds[0], profile, language)
    return out


def withheld_in_words(kind: str, profile: str, language: str) -> str:
    """What is not shown, and why."""
    what = say(PHRASES["what"], language)
    return say(PHRASES["closed"], language).format(what=what, kind=say(PHRASES[kind], language), profile=profile)


def closed_domain(notes: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The columns of conditions, without their values."""
    return [{"columns": columns_of(str(note["condition"]))} for note in notes if "condition" in note]


def closed_design(design: Mapping[str, Any]) -> dict[str, Any]:
    """Columns and methods of a design, no counts."""
    known = {name: value for name, value in design.items() if name in _NAMES}
    if made := design.get("replicates"):
        known["replicates"] = {"method": made.get("method")} if isinstance(made, Mapping) else True
    return known


def closed_steps(steps: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Which weighting steps, no totals."""
    return [{"step": step.get("step")} for step in steps]


def closed_data(data: Mapping[str, Any], source: Mapping[str, Any], language: str = "en") -> dict[str, Any]:
    """What is told of the data; a title that is the name of a file is none."""
    known = {name: value for name, value in data.items() if name not in ("rows", "files")}
    paths = [PurePath(str(file.get("path"))) for file in data.get("files", ())]
    if known.get("title") in {name for path in paths for name in (path.name, path.stem, str(path))}:
        edition = source.get("edition") or ""
        known["title"] = str(edition.get(language, "") if isinstance(edition, Mapping) else edition)
    return known


def columns_of(condition: str) -> list[str]:
    """The columns that a condition names."""
    bare = _QUOTED.sub(" ", condition)
    return [word for word in dict.fromkeys(re.findall(r"[^\W\d]\w*", bare)) if word not in _WORDS]


_WORDS = ("in", "not", "and", "or", "isna", "notna", "True", "False", "None", "a", "boolean", "Series")


def _blind(call: str, compared: Iterable[str]) -> str:
    """The call; conditions in it, the domain's and those of its arguments, keep their columns alone."""
    for words in sorted(compared, key=len, reverse=True):
        told = f"{', '.join(columns_of(words))} {GONE}"
        call = call.replace(repr(words), repr(told)).replace(f"`{words}`", f"`{told}`")
    return call


def compared_in(value: Any) -> Iterator[str]:
    """Texts of a call that compare something, however deep."""
    if isinstance(value, str):
        if _COMPARES.search(value):
            yield value
    elif isinstance(value, Mapping):
        yield from (text for key, item in value.items() for text in (*compared_in(key), *compared_in(item)))
    elif isinstance(value, list | tuple):
        yield from (text for item in value for text in compared_in(item))


def values_in(conditions: list[str]) -> list[str]:
    """The values that conditions compare with, as text; small numbers are in every text and tell nothing."""
    found = {str(value) for words in conditions for value in _literals(words)}
    return sorted((text for text in found if text and not re.fullmatch(r"-?\d{1,2}", text)), key=len, reverse=True)


def _literals(condition: str) -> Iterator[Any]:
    """Numbers and texts in a condition."""
    try:
        tree = ast.parse(condition.replace("&", " and ").replace("|", " or ").replace("`", ""), mode="eval")
    except SyntaxError:
        yield from (text[1:-1] for text in _QUOTED.findall(condition))
        yield from _NUMBER.findall(_QUOTED.sub(" ", condition))
        return
    yield from (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))


def without(value: Any, texts: list[str]) -> Any:
    """The receipt without these texts, wherever they stand."""
    if isinstance(value, str):
        for text in texts:
            value = re.sub(rf"(?<![\w.]){re.escape(text)}(?![\w.])", GONE, value)
        return value
    if isinstance(value, Mapping):
        return {without(key, texts): without(item, texts) for key, item in value.items()}
    return [without(item, texts) for item in value] if isinstance(value, list) else value
