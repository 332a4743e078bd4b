"""Are surveys independent? Domains or weightings of one survey are not, and a stack would count their people twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from llo_research.errors import DesignError

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey

# Two samples may have a counter and equal weights in common; one survey read twice has most of its columns.
_MOST = 0.5
# In fewer rows, as of an example, the same answers may come from two samples.
_MANY = 1000


def check_independent(names: Sequence[str], surveys: Sequence[Survey]) -> None:
    """Refuse surveys that share rows: a stack takes samples as drawn apart."""
    for (one, first), (other, second) in combinations(zip(names, surveys, strict=True), 2):
        shared = _shared(first, second)
        if shared:
            raise DesignError(
                f"{one!r} and {other!r} are rows of one survey, which a stack would take as independent samples.",
                where="stack",
                found=shared,
                expected="surveys that were drawn apart, as NEA and ZEA",
                todo="compare groups of one survey with by=, or with llo.gap('y', svy, of=\"age >= 55\", "
                'minus="age < 35"), and times with llo.change; two weightings are estimated each by itself: both have '
                "the same people",
            )


def _shared(first: Survey, second: Survey) -> str | None:
    """What two surveys share that makes them one, in words."""
    if first._design.stages is second._design.stages:
        return "domains or weightings of the same Survey"
    drawn = [_sampling(svy) for svy in (first, second)]
    if drawn[0] is drawn[1] is not None:
        return "collapsed rows of the same Survey"
    files = [
        {f.get("sha256") for f in svy._source.get("files") or [] if isinstance(f, Mapping)} for svy in (first, second)
    ]
    same_file = bool((files[0] & files[1]) - {None})
    if _same_rows(first, second, same_source=same_file or len(first) >= _MANY):
        return f"the same {len(first):,} rows in both"
    years = sorted(set(first._source.get("years") or []) & set(second._source.get("years") or []))
    if same_file and years:
        return f"the same file, and in it the years {', '.join(map(str, years))}"
    return None


def _sampling(svy: Survey) -> object | None:
    """What tells the sampling of a survey, also behind collapsed rows, from that of another."""
    if svy._collapsed is not None:
        return svy._collapsed.drawn
    return svy._design.stages[0].drawn if svy._design.stages else None


def _same_rows(first: Survey, second: Survey, *, same_source: bool) -> bool:
    """Whether most columns are in both, all of these the same.

    known : the same values are enough; otherwise both must have been made from one DataFrame.
    """
    a, b = first._frame, second._frame
    common = [name for name in a.columns if name in b.columns]
    if len(a) != len(b) or len(common) <= _MOST * max(a.shape[1], b.shape[1]):
        return False
    pairs = [(a[name].reset_index(drop=True), b[name].reset_index(drop=True)) for name in common]
    plain = [pair for pair in pairs if isinstance(pair[0].dtype, np.dtype) and isinstance(pair[1].dtype, np.dtype)]
    if not same_source:
        shared = bool(plain) and all(np.shares_memory(one.to_numpy(), other.to_numpy()) for one, other in plain)
        same_source = shared and first._source == second._source
    return same_source and all(_alike(one, other) for one, other in pairs)


def _alike(one: pd.Series, other: pd.Series) -> bool:
    """The same values of the same type."""
    if one.dtype != other.dtype or not one.equals(other):
        return False
    return not isinstance(one.dtype, pd.CategoricalDtype) or list(one.cat.categories) == list(other.cat.categories)
