"""Results over plausible values or imputations, told as one call on columns that take the values of each draw."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from llo_research.results.receipts.told import Told, is_condition

_RANGE = re.compile(r"\[\d+-\d+\]|\*")
_NUMBER = re.compile(r"\d+")


def one_call(told: Told) -> tuple[Told, dict[str, list[str]]]:
    """The call of each draw under one name, and the columns (one a draw) that each such name stands for."""
    columns, patterns = _columns(told)
    names = {own[0]: _stem(own) for own in columns}
    texts = {**{pattern: _RANGE.sub("", pattern, count=1) for pattern in patterns}, **names}
    first = told.draws[0]
    meta = _renamed({k: v for k, v in first.meta.items() if k not in ("survey", "labels")}, texts)
    kinds = dict(told.survey.get("columns") or {})
    kinds |= {names[own[0]]: kinds[own[0]] for own in columns if own[0] in kinds}
    meta["survey"] = {**told.survey, "columns": kinds}
    rows = first.rows.rename(columns=lambda name: _text(str(name), texts))
    for name in rows.columns:
        if not isinstance(rows[name].dtype, pd.CategoricalDtype):
            rows[name] = rows[name].map(lambda value: _text(value, texts) if isinstance(value, str) else value)
    labels = tuple(_text(label, texts) for label in first.labels)
    empty = tuple(any(gone) for gone in zip(*(draw.empty for draw in told.draws), strict=True))
    stands_for = {names[own[0]]: own for own in columns} | named_already(told)
    return replace(first, meta=meta, rows=rows, labels=labels, empty=empty), stands_for


def by_files(told: Told) -> bool:
    """Whether each draw is a survey of its own: a column was made otherwise, or nothing tells draws apart."""
    made = [draw.meta.get("derived_from") or {} for draw in told.draws]
    named = {*told.draws[0].columns, *made[0]}
    if any(name in own and own[name] != made[0].get(name) for own in made[1:] for name in named):
        return True
    columns, patterns = _columns(told)
    return not (columns or patterns or named_already(told))


def named_already(told: Told) -> dict[str, list[str]]:
    """The columns of plausible values that each draw had under one name: those of models."""
    known = told.draws[0].survey.get("columns") or {}
    stems = {_RANGE.sub("", pattern, count=1): columns for pattern, columns in _sets(told.meta)}
    return {stem: columns for stem, columns in stems.items() if stem in known}


def _columns(told: Told) -> tuple[list[list[str]], list[str]]:
    """Columns of the draws, one list for each name that stands for them; patterns of calls."""
    known = told.survey.get("columns") or {}
    sets = dict(_sets(told.draws[0].meta)) or dict(_sets(told.meta))  # of models the whole tells it
    out = [[_token(column, known) for column in columns] for columns in sets.values()]
    metas = [
        {k: draw.meta.get(k) for k in ("call", "domain", "contrast", "contrast_of", "parts")} for draw in told.draws
    ]
    out += [list(names) for names in _differing(metas) if all(name in known for name in names)]
    return [list(own) for own in dict.fromkeys(map(tuple, out))], list(sets)


def _sets(meta: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Patterns and columns of plausible values, of a result and of its parts."""
    yield from (meta.get("plausible_values") or {}).items()
    for part in (meta.get("parts") or {}).values():
        yield from _sets(part)


def _token(words: str, known: Mapping[str, Any]) -> str:
    """The column of a condition on plausible values, as ``PVLIT1`` of ``PVLIT1 >= 276``."""
    return (
        words if not is_condition(words) else next(name for name in re.findall(r"[^\W\d]\w*", words) if name in known)
    )


def _differing(values: Sequence[Any]) -> Iterator[tuple[str, ...]]:
    """Words that differ between the draws, side by side."""
    first = values[0]
    if isinstance(first, str):
        for words in zip(*(re.findall(r"[^\W\d]\w*", str(value)) for value in values), strict=False):
            if len(set(words)) > 1:
                yield words
    elif isinstance(first, Mapping):
        for items in zip(*(value.items() for value in values), strict=False):
            yield from _differing([key for key, _ in items])
            yield from _differing([value for _, value in items])
    elif isinstance(first, list | tuple):
        for items in zip(*values, strict=False):
            yield from _differing(items)


def _stem(names: Sequence[str]) -> str:
    """The name without the number in which the draws differ."""
    parts = [_NUMBER.split(name) for name in names]
    numbers = [_NUMBER.findall(name) for name in names]
    at = next((i for i in range(len(numbers[0])) if len({own[i] for own in numbers}) > 1), len(numbers[0]) - 1)
    pieces = [f"{text}{number}" for text, number in zip(parts[0], [*numbers[0], ""], strict=True)]
    pieces[at] = parts[0][at]
    return "".join(pieces)


def _text(words: str, texts: Mapping[str, str]) -> str:
    """A text with other names."""
    if words in texts:
        return texts[words]
    for old, new in texts.items():
        if old in words:
            end = "" if old.endswith("*") else r"(?!\w)"
            words = re.sub(rf"(?<!\w){re.escape(old)}{end}", new, words)
    return words


def _renamed(value: Any, texts: Mapping[str, str]) -> Any:
    """The same with other names, however deep."""
    if isinstance(value, str):
        return _text(value, texts)
    if isinstance(value, Mapping):
        return {_renamed(key, texts): _renamed(item, texts) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_renamed(item, texts) for item in value]
    return value
