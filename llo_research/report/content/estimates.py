"""The content of a tidy frame of estimates, as every estimator of this library gives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from llo_research.report.content import identifiers, notes
from llo_research.report.content.captions import caption
from llo_research.report.content.content import Content, flag_words, heading_of, is_synthetic
from llo_research.report.content.footers import footer, times_shown
from llo_research.report.content.published import qualified
from llo_research.report.content.units import factors, named_quantiles, places
from llo_research.results.floors import Withheld, blanked
from llo_research.results.quantities import Quantity

_ROUNDING = 1e-9  # of the estimate: what adding up millions of weights leaves behind


def estimates_content(
    frame: pd.DataFrame,
    meta: dict[str, Any],
    quantities: Sequence[Quantity],
    covariance: np.ndarray | None,
    level: float,
    digits: int,
    language: str,
    hidden: Withheld | None = None,
) -> Content:
    """The content of a tidy frame of estimates, without the numbers of rows that may not be seen."""
    frame, covariance = blanked(frame, hidden), _shown_covariance(covariance, hidden)
    rows = named_quantiles(quantities, frame)
    factor = factors(rows)
    errors, n = _column(frame, "std_error") * factor, _column(frame, "n") if "n" in frame else None
    chosen = identifiers.choose(frame, meta.get("labels", {}), language, meta)
    flags = tuple(flag_words(words) for words in frame["flag"]) if "flag" in frame else ((),) * len(frame)
    estimate, low, high = (_column(frame, name) * factor for name in ("estimate", "conf_low", "conf_high"))
    told = notes.of_result(frame, meta, n, level, language, has_interval=bool(np.isfinite(low).any()), hidden=hidden)
    decimals = places(rows, _telling(errors, estimate, rows), digits, _variables(frame))
    printed = meta.get("printed_as") or [("", own) for own in decimals]  # published figures among the estimates
    told |= _left_open(frame, factor, chosen.names, decimals, language)
    breaks, times = notes.break_times(frame, meta, language), times_shown(frame, meta, meta.get("source") or {})
    lines, covered = footer(told, meta, n, times, [time for time, _ in breaks], language)
    return Content(
        names=chosen.names,
        heads=chosen.heads,
        raw=frame[[name for name in chosen.names if name in frame]].copy(),
        estimate=estimate,
        low=low,
        high=high,
        n=n,
        quantities=tuple(rows),
        decimals=tuple(shown for _, shown in printed),
        std_error=errors if np.isfinite(errors).any() else None,
        flags=flags,
        before=tuple(qualified(how, language) for how, _ in printed),
        covariance=None if covariance is None else covariance * np.outer(factor, factor),
        df=_column(frame, "df"),
        what=caption(frame, meta, chosen, rows, language),
        heading=heading_of(rows, language),
        notes=told,
        footer=lines,
        in_footer=covered,
        meta=meta,
        level=level,
        language=language,
        breaks=breaks,
        synthetic=is_synthetic(meta),
        withheld=hidden.counts if hidden else (),
    )


def _left_open(
    frame: pd.DataFrame, factor: np.ndarray, names: pd.DataFrame, decimals: Sequence[int], language: str
) -> dict[str, str]:
    """The note of what rounding leaves open, of results that tell it."""
    if "bound_low" not in frame:
        return {}
    low, high = (_column(frame, name) * factor for name in ("bound_low", "bound_high"))
    return notes.rounding(names, low, high, decimals, language)


def _shown_covariance(covariance: np.ndarray | None, hidden: Withheld | None) -> np.ndarray | None:
    """The covariance of what is shown."""
    if covariance is None or not hidden:
        return covariance
    gone = hidden.rows | hidden.ends
    return np.where(gone[:, None] | gone[None, :], np.nan, covariance)


def _variables(frame: pd.DataFrame) -> list[str]:
    """The variable of each row, of parts what is measured; nothing where the frame does not name them."""
    name = "measure" if {"component", "measure"} <= set(frame) else "variable"
    return [str(one) for one in frame[name]] if name in frame else []


def _telling(errors: np.ndarray, estimate: np.ndarray, rows: list[Quantity]) -> np.ndarray:
    """Standard errors that may set decimals: not those of rounding size; a number without one shows two digits."""
    size = np.abs(estimate)
    known = np.where(errors > _ROUNDING * size, errors, np.nan)
    total = np.array([row.kind == "total" for row in rows])
    return np.asarray(np.where(np.isnan(known), np.where(total, size / 100, size / 10), known))


def _column(frame: pd.DataFrame, name: str) -> np.ndarray:
    """A column of numbers; nan where the frame has none."""
    if name not in frame:
        return np.full(len(frame), np.nan)
    return pd.to_numeric(frame[name]).to_numpy(dtype=np.float64, na_value=np.nan)
