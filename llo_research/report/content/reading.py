"""From what a user hands over to what is shown: a Result, a frame of estimates, or published figures."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from llo_research.errors import DataError
from llo_research.estimation.banner import Banner
from llo_research.estimation.break_robustness import BreakRobustness
from llo_research.estimation.ranking import Ranks
from llo_research.report.content.banner import banner_rows, with_breakdowns
from llo_research.report.content.beside import beside, is_published, label_of, parts_of_frame
from llo_research.report.content.content import Content
from llo_research.report.content.estimates import estimates_content
from llo_research.report.content.frames import quantities_of
from llo_research.report.content.labels import LANGUAGES, check_language, spoken
from llo_research.report.content.parts_over_time import side_by_side
from llo_research.report.content.published import published_content
from llo_research.report.content.ranked import rank_content
from llo_research.report.content.robustness import robustness_content
from llo_research.report.content.support import SUPPORT
from llo_research.results.decomposition import Decomposition
from llo_research.results.floors import Withheld, shown_only, withheld
from llo_research.results.result import Result
from llo_research.results.rules import AUTO, check_disclosure_option
from llo_research.results.seen import frame_to_show

MOST_DIGITS = 6
_PARTS = ("steps", "margins", "outcomes", "largest", "distribution")
_NUMBERED = re.compile(r"[,:;\s-]*(plausible value|plausibele waarde)?\s*\d*$", re.IGNORECASE)


def content_of(
    result: Any, digits: int, language: str, disclosure: str = AUTO, hidden: Withheld | None = None
) -> Content:
    """The content of a Result, of a frame of estimates or published figures, or of a list of these side by side.

    Rows that may not be seen under `disclosure` (``auto``, ``off`` or a profile) have no numbers in it; `hidden` says
    which those are where results are shown together.

    Raises
    ------
    DataError
        Something that is neither, an empty result, an unknown language, digits outside 0 to 6.
    """
    check_language(language)
    check_disclosure_option(disclosure)
    check_digits(digits)
    if isinstance(result, list | tuple) and result:
        return _of_several(result, digits, language, disclosure)
    if isinstance(result, Ranks):
        hidden = result.withheld(disclosure)
        return rank_content(result.seen(disclosure), content_of(result.result, digits, language, disclosure, hidden))
    hidden = withheld(result, disclosure) if hidden is None and isinstance(result, Result) else hidden
    if isinstance(result, pd.DataFrame):
        frame, covariance, level = result, None, 0.95
        meta = {str(key): value for key, value in result.attrs.items()}
        if "estimate" not in frame and "value" in frame:
            return published_content(_not_empty(frame), digits, language)
    elif isinstance(result, BreakRobustness):
        return robustness_content(result, digits, language, disclosure)
    elif isinstance(result, Result):
        frame, meta = frame_to_show(result, hidden), _with_intervals(result, hidden)
        covariance, level = result.covariance, result.level
    else:
        raise _not_a_result(result)
    if "estimate" not in frame:
        raise _not_a_result(result)
    _not_empty(frame)
    hidden = withheld(result, disclosure) if hidden is None else hidden
    meta["labels"] = {**_stem_labels(meta), **meta.get("labels", {})}
    if isinstance(result, Banner):
        frame = banner_rows(frame, meta["labels"], language)
    frame = frame.reset_index(drop=True)
    quantities = result.quantity if isinstance(result, Result) else quantities_of(frame, meta)
    content = estimates_content(frame, meta, quantities, covariance, level, digits, language, hidden)
    return with_breakdowns(content) if isinstance(result, Banner) else content


def _of_several(results: Sequence[Any], digits: int, language: str, disclosure: str) -> Content:
    """Two divisions of one coefficient, or own and published numbers, side by side."""
    if len(results) == 2 and all(isinstance(one, Decomposition) for one in results):
        return side_by_side([content_of(one, digits, language, disclosure) for one in results])
    if not any(is_published(one) for one in results):
        raise _not_a_result(results)
    parts = [part for one in results for part in (parts_of_frame(_not_empty(one)) if is_published(one) else [one])]
    shown = [content_of(part, digits, language, disclosure) for part in parts]
    called = [label_of(part, language) if is_published(part) else "" for part in parts]
    return beside(shown, called, language)


def check_digits(digits: Any) -> int:
    """A number of decimals."""
    if isinstance(digits, bool) or not isinstance(digits, int) or not 0 <= digits <= MOST_DIGITS:
        raise DataError(
            "digits is a number of decimals.",
            where="digits",
            found=repr(digits),
            expected=f"a whole number, 0 to {MOST_DIGITS}",
        )
    return digits


def _with_intervals(result: Result, hidden: Withheld | None) -> dict[str, Any]:
    """The meta of a result, with how its intervals were made: the method of each row shown, jointly or not."""
    told = {name: shown_only(getattr(result, name), hidden) for name in ("intervals", "methods")}
    return {
        **result.meta,
        **told,
        "simultaneous": result.simultaneous,
        "vcov_facts": result.inference.vcov.facts(),
    }


def part_of(result: Any) -> str | None:
    """Which part of a weight report this is, or ``support``; ``report`` for all of it, None for anything else."""
    if isinstance(result, pd.DataFrame):
        part = result.attrs.get("part")
        return part if part in (*_PARTS, SUPPORT) else None
    return "report" if all(isinstance(getattr(result, name, None), pd.DataFrame) for name in _PARTS) else None


def _stem_labels(meta: Mapping[str, Any]) -> dict[str, Any]:
    """Labels of variables that stand for a set of plausible values: that of the first, without its number."""
    found: dict[str, Any] = {}
    for pattern, columns in meta.get("plausible_values", {}).items():
        entry = meta.get("labels", {}).get(columns[0])
        if entry is not None:
            stem = re.sub(r"\*|\[\d+-\d+\]", "", pattern)
            texts = {language: _NUMBERED.sub("", spoken(entry, language)) for language in LANGUAGES}
            found |= {stem: texts, pattern: texts}
    return found


def _not_a_result(result: Any) -> DataError:
    """What can be shown."""
    several = isinstance(result, list | tuple | dict)
    columns = f", columns {list(result.columns)[:8]}" if isinstance(result, pd.DataFrame) else ""
    return DataError(
        "This cannot be shown as a table or figure.",
        found=type(result).__name__ + columns,
        expected="one result of an estimator, or a frame with a column `estimate` or `value`",
        todo="give one result; llo.joint({...}) makes one of several of the same survey" if several else None,
    )


def _not_empty(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame with rows."""
    if len(frame) == 0:
        raise DataError("The result has no rows; there is nothing to show.", todo="check the domain and `by`")
    return frame
