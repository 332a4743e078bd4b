"""Contents below one another, of which no covariance is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from llo_research.report.content.content import Content


def merged(contents: Sequence[Content]) -> Content:
    """The rows of all contents; what is known of them as one is that of the first."""
    first = contents[0]

    def numbers(name: str) -> Any:
        known = [getattr(content, name) for content in contents]
        empty = [np.full(len(content.estimate), np.nan) for content in contents]
        return np.concatenate([gap if values is None else values for values, gap in zip(known, empty, strict=True)])

    def tuples(name: str) -> Any:
        return tuple(value for content in contents for value in getattr(content, name))

    counted = any(content.n is not None for content in contents)
    hidden = [content.withheld or ("",) * len(content.estimate) for content in contents]
    return replace(
        first,
        **{name: numbers(name) for name in ("estimate", "low", "high", "df")},
        **{name: tuples(name) for name in ("quantities", "decimals", "flags", "before")},
        n=numbers("n") if counted else None,
        std_error=None if any(content.std_error is None for content in contents) else numbers("std_error"),
        covariance=None,
        withheld=tuple(mark for marks in hidden for mark in marks) if any(c.withheld for c in contents) else (),
        notes={**contents[-1].notes, **first.notes},
        synthetic=any(content.synthetic for content in contents),
    )
