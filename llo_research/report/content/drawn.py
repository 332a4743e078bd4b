"""Which rows of a result a figure draws: one of two levels that mirror each other, and no group that nobody is in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from llo_research.errors import DataError
from llo_research.report.content.captions import crossed_variables
from llo_research.report.content.content import Content
from llo_research.report.content.identifiers import by_columns
from llo_research.report.content.labels import LANGUAGES, said, value_label
from llo_research.report.content.steps import take

ABSENT = "absent"
_YES = {"yes", "ja", "true", "1"}
_WORDS: dict[str, tuple[str, str]] = {
    "absent": ("Niet getekend, want zonder waarnemingen: {names}.", "Not drawn, as nobody is in it: {names}."),
}


def drawn_rows(content: Content, level: Any, time: str | None) -> Content:
    """The rows that a figure draws.

    level : of a variable with levels, the one to draw; by default the "yes" of two, else the last of two.
    time : the column of times, in which a moment without data is a finding.

    Raises
    ------
    DataError
        A level that the result does not have.
    """
    return _without_absent(_of_level(content, level), time)


def _of_level(content: Content, level: Any) -> Content:
    """The rows of one level."""
    raw = content.raw
    levels = list(dict.fromkeys(raw["level"].dropna())) if "level" in raw and "variable" not in content.names else []
    if level is None:
        chosen = _default(content, levels) if len(levels) == 2 else None
    else:
        chosen = next((value for value in levels if str(level) in _texts(content, value)), None)
        if chosen is None:
            raise DataError(
                f"There is no level {level!r} to draw.",
                where="level",
                found=repr(level)[:60],
                expected=", ".join(map(str, levels)) or "a result with a row for each level of one variable",
                todo="leave level out, or name one of these",
            )
    if chosen is None:
        return content
    kept = _kept(content, [i for i in range(len(raw)) if raw["level"].iloc[i] == chosen])
    names = kept.names.drop(columns="level") if len(kept.names.columns) > 1 else kept.names
    head, colon, rest = content.what.partition(": ")
    return replace(kept, names=names, what=f"{head} ({_texts(content, chosen)[0]}){colon}{rest}")


def _default(content: Content, levels: Sequence[Any]) -> Any:
    """The level that says yes, else the last."""
    return next((value for value in levels if _YES & {text.lower() for text in _texts(content, value)}), levels[-1])


def _texts(content: Content, value: Any) -> list[str]:
    """What a level is called: in the language of the figure first, in the other, and as it is stored."""
    call, labels = content.meta.get("call") or {}, content.meta.get("labels") or {}
    name = call.get("variables") or call.get("variable") or ""
    name = name if isinstance(name, str) else str(name[0])
    languages = sorted(LANGUAGES, key=lambda language: language != content.language)
    return [*(value_label(name, value, labels, language) for language in languages), str(value)]


def _without_absent(content: Content, time: str | None) -> Content:
    """The content without the groups and levels that are nowhere in the data, and the word that they are not drawn."""
    gone = np.zeros(len(content.estimate), dtype=bool)
    names: list[str] = []
    crossed = bool(crossed_variables(content.meta, content.language)) and "contrast" not in content.meta
    for column in [name for name in (*by_columns(content.raw), "level") if name in content.names and name != time]:
        empty = _empty(content, zero=crossed or column == "level")
        texts = content.names[column].astype(str).to_numpy()
        absent = [text for text in dict.fromkeys(texts) if empty[texts == text].all()]
        if len(absent) < len(set(texts)):
            gone |= np.isin(texts, absent)
            names += absent
    if not names or gone.all():
        return content
    told = said(_WORDS, "absent", content.language).format(names=", ".join(dict.fromkeys(names)))
    kept = _kept(content, [int(i) for i in np.flatnonzero(~gone)])
    return replace(kept, notes={**content.notes, ABSENT: told})


def _empty(content: Content, *, zero: bool) -> np.ndarray:
    """(k,) rows that nobody is in; with `zero` also shares of exactly nothing, of levels."""
    withheld = np.array([bool(mark) for mark in content.withheld or ("",) * len(content.estimate)])
    empty = ~content.defined & ~withheld & np.array(["empty" in flags for flags in content.flags], dtype=bool)
    shares = np.array([quantity.kind == "share" for quantity in content.quantities])
    return np.asarray(empty | (shares & (content.estimate == 0)) if zero else empty)


def _kept(content: Content, rows: list[int]) -> Content:
    """Some rows, with what is known of each by its place."""
    signs: Mapping[str, Any] | None = content.meta.get("gap_signs")
    picked = {} if signs is None else {"gap_signs": {name: [values[i] for i in rows] for name, values in signs.items()}}
    return replace(take(content, rows), meta={**content.meta, **picked})
