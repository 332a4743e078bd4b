"""What a receipt holds: facts of a result by name, each as JSON has it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from llo_research.errors import LloError
from llo_research.results import floors
from llo_research.results.exported import is_exported
from llo_research.results.receipts.call_text import call_text
from llo_research.results.receipts.certified import certified
from llo_research.results.receipts.in_dutch import said
from llo_research.results.receipts.made_of import MadeOf
from llo_research.results.receipts.programs import programs
from llo_research.results.receipts.told import Told, told_of
from llo_research.results.receipts.wording import FREEDOM, exported_in_words, say

if TYPE_CHECKING:
    from llo_research.results.result import Result


def account(result: Result, language: str, disclosure: str, made: MadeOf | None) -> dict[str, Any]:
    """The whole receipt of a result, or of what was made of it; nothing is left out of it yet but small counts."""
    told, hidden = told_of(result), floors.withheld(result, disclosure)
    meta = result.meta
    return {
        "call": _call(result),
        "version": meta.get("version"),
        "data": data_of(meta, language),
        "domain": domain_of(meta),
        "weight": {"column": meta.get("weight"), "kind": meta.get("weight_kind")},
        "weighting_steps": [plain(step) for step in told.steps],
        "design": plain({name: value for name, value in told.design.items() if name != "steps"}),
        "degrees_of_freedom": _freedom(result, told, language),
        "interval": {
            "methods": list(dict.fromkeys(floors.shown_only(result.intervals, hidden))),
            "level": result.level,
            "simultaneous": result.simultaneous,
        },
        "n": _n(result, hidden),
        "left_out": plain(floors.counts_in_words({k: v for k, v in _left_out(meta) if v}, hidden)),
        "breaks": [_break(one, language) for one in _straddled(meta)],
        "flags": dict(Counter(word for text in floors.shown_only(result.flags, hidden) for word in text.split())),
        "certified": certified(told),
        "programs": {} if is_exported(meta) else programs(told.as_seen(hidden), language, made),
        "weight_by": _naive(result, hidden, language),
        **({"exported": exported_in_words(meta, language)} if is_exported(meta) else {}),
    }


def _call(result: Result) -> str:
    """The call, with the draws that were combined and the bound of a test of equivalence."""
    text = call_text(result.meta, result.level, result.simultaneous, [draw.meta for draw in result.draws])
    bound = result.columns.get("bound")
    return text if bound is None or not text else f"{text}.equivalence({plain(bound[0])})"


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset | np.ndarray):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, str | int | bool) else str(value)


def data_of(meta: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Whose data, which files, how many rows, and whether they are made up."""
    source = meta.get("source") or {}
    several = list((source.get("surveys") or {}).values()) or [source]
    titles = [_spoken(one.get("title") or one.get("instrument") or "", language) for one in several]
    files = [plain({"path": f.get("path"), "sha256": f.get("sha256"), "rows": f.get("rows")}) for f in _files(several)]
    return {
        "title": "; ".join(dict.fromkeys(filter(None, titles))),
        "synthetic": bool(meta.get("synthetic")),
        "kind": next((one["kind"] for one in several if one.get("kind")), None),
        "rows": (meta.get("survey") or {}).get("rows"),
        "files": files,
    }


def _files(sources: list[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """The files of sources, each once."""
    seen = []
    for file in (file for one in sources for file in one.get("files") or ()):
        if isinstance(file, Mapping) and file not in seen:
            seen.append(file)
            yield file


def _spoken(text: Any, language: str) -> str:
    """A text in the language asked for."""
    return str(text.get(language) or text.get("en") or "") if isinstance(text, Mapping) else str(text)


def domain_of(meta: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What narrowed the survey, of the results that stand in it too."""
    own = [*(meta.get("domain") or ())]
    for part in (meta.get("parts") or {}).values():
        own += [one for one in part.get("domain") or () if one not in own]
    return [_condition({key: value for key, value in one.items() if key != "result"}) for one in own]


def _condition(note: Mapping[str, Any]) -> dict[str, Any]:
    """A condition with the rows that it keeps, or a weight that some rows lack."""
    return {key: plain(value) for key, value in note.items() if key in _OF_DOMAIN}


_OF_DOMAIN = ("condition", "use_weights", "rows", "unknown", "rows_without", "survey")


def _freedom(result: Result, told: Told, language: str) -> dict[str, Any]:
    """The rule in words, and the smallest and largest number."""
    if _of_tables(result):
        return {"rule": say(FREEDOM["none"], language)}
    vcov = result.inference.vcov.name
    made = told.survey.get("replicates") or told.design.get("replicates") or {}
    rule = "design" if not made else "from_design" if made.get("from_design") else "replicates"
    rule = rule if vcov == "design" else "vcov"
    words = [
        say(FREEDOM[rule], language).format(
            vcov=vcov, factor=said(str(result.inference.facts.get("small_sample")), language)
        )
    ]
    words += [say(FREEDOM["contrast"], language)] if told.contrasts and vcov == "design" else []
    words += [say(FREEDOM["imputed"], language)] if result.draws or "imputations" in result.meta else []
    return {"rule": "; ".join(words), **_ends(result.df)}


def _of_tables(result: Result) -> bool:
    """Whether the numbers were made of tables, with no people behind them."""
    return result.scores is None and not result.draws and "survey" not in result.meta and result.design is None


def _n(result: Result, hidden: floors.Withheld | None) -> dict[str, Any]:
    """The fewest and the most people behind a row that may be seen."""
    return {} if result.n is None else _ends(np.array(floors.shown_only(list(result.n), hidden), dtype=float))


def _ends(values: np.ndarray) -> dict[str, Any]:
    """Least and most of known numbers."""
    known = values[np.isfinite(values)]
    return {} if not len(known) else {"least": plain(_whole(known.min())), "most": plain(_whole(known.max()))}


def _whole(value: float) -> float:
    """A whole number as one."""
    return int(value) if float(value).is_integer() else float(value)


def _left_out(meta: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Rows left out for missing values, by variable."""
    return [(str(name), count) for name, count in (meta.get("left_out") or {}).items()]


def _straddled(meta: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Series breaks that the numbers lie on two sides of, each once."""
    found = [meta.get("breaks") or {}, *(part.get("breaks") or {} for part in (meta.get("parts") or {}).values())]
    several = [one for told in found if isinstance(told, Mapping) for one in told.get("straddled") or ()]
    return list({(str(one.get("time")), str(one.get("what"))): one for one in several}.values())


def _break(one: Mapping[str, Any], language: str) -> dict[str, Any]:
    """When, and what changed."""
    return {"time": plain(one.get("time")), "what": _spoken(one.get("what") or "", language)}


def _naive(result: Result, hidden: floors.Withheld | None, language: str) -> dict[str, Any]:
    """Our standard errors beside those of a program that takes weights for counts, or why there are none."""
    if _of_tables(result):
        return {"absent": say(FREEDOM["tables"], language)}
    try:
        naive = result.naive()
    except LloError as error:
        return {"absent": say(FREEDOM["absent"], language).format(why=said(str(error.found or error.what), language))}
    gone = np.zeros(len(result.estimate), dtype=bool) if hidden is None else hidden.gone("std_error")

    def column(values: Any) -> list[Any]:
        return [None if there else plain(float(value)) for value, there in zip(values, gone, strict=True)]

    return {
        "rows": list(result.labels),
        "std_error": column(result.std_error),
        "as_counts": column(naive.counts),
        "as_mean_one": column(naive.mean_one),
        "why": naive.reason(language),
    }
