"""The content of a tidy frame of estimates, as every estimator of this library gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from llo_research.report.content import identifiers, notes
from llo_research.report.content.content import Content, heading_of
from llo_research.report.content.labels import capital, plain, variable_label, word
from llo_research.report.content.units import factors, named_quantiles, places
from llo_research.results.floors import Withheld, blanked
from llo_research.results.quantities import Quantity

_ROUNDING = 1e-9  # of the estimate: what adding up millions of weights leaves behind
_SIDES = ("measure", "of", "minus")


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
    errors = _column(frame, "std_error") * factor
    labels = meta.get("labels", {})
    chosen = identifiers.choose(frame, labels, language)
    flags = tuple(_words(words) for words in frame["flag"]) if "flag" in frame else ((),) * len(frame)
    n = _column(frame, "n") if "n" in frame else None
    estimate, low, high = (_column(frame, name) * factor for name in ("estimate", "conf_low", "conf_high"))
    return Content(
        names=chosen.names,
        heads=chosen.heads,
        raw=frame[[name for name in chosen.names if name in frame]].copy(),
        estimate=estimate,
        low=low,
        high=high,
        n=n,
        quantities=tuple(rows),
        decimals=places(rows, _telling(errors, estimate, rows), digits, _variables(frame)),
        std_error=errors if np.isfinite(errors).any() else None,
        flags=flags,
        before=("",) * len(frame),
        covariance=None if covariance is None else covariance * np.outer(factor, factor),
        df=_column(frame, "df"),
        what=what_of(frame, meta, chosen, rows, language),
        heading=heading_of(rows, language),
        notes=notes.of_result(
            frame, meta, n, level, language, has_interval=bool(np.isfinite(low).any()), hidden=hidden
        ),
        meta=meta,
        level=level,
        language=language,
        breaks=notes.break_times(frame, meta, language),
        synthetic=bool(meta.get("synthetic") or (meta.get("source") or {}).get("synthetic")),
        withheld=hidden.counts if hidden else (),
    )


def _words(flags: Any) -> tuple[str, ...]:
    """The flags of a row; a row that may not be seen has none."""
    return tuple(word for word in str(flags).split() if word != "withheld")


def _shown_covariance(covariance: np.ndarray | None, hidden: Withheld | None) -> np.ndarray | None:
    """The covariance of what is shown."""
    if covariance is None or not hidden:
        return covariance
    gone = hidden.rows | hidden.ends
    return np.where(gone[:, None] | gone[None, :], np.nan, covariance)


def _crossed(meta: Mapping[str, Any], language: str) -> str:
    """The caption of a crosstab: joint shares, which add up to all people, or to each cell of `by`."""
    call, labels = meta["call"], meta.get("labels", {})
    pair = [variable_label(str(call[name]), labels, language) for name in ("row", "column")]
    pair[1] = lowered(pair[1])
    by = [call["by"]] if isinstance(call["by"], str) else call["by"] or []
    cells = [lowered(variable_label(str(name), labels, language)) for name in by]
    within = f"{word('within cells', language)} {joined(cells, language)}" if cells else word("of all", language)
    return capital(f"{joined(pair, language)}: {word('share', language)} {within}")


def lowered(text: str) -> str:
    """A label inside a sentence: small, but for abbreviations."""
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def joined(names: list[str], language: str) -> str:
    """``a, b and c``."""
    ands = [", ".join(names[:-1]), names[-1]] if len(names) > 1 else names
    return f" {word('and', language)} ".join(ands)


def _variables(frame: pd.DataFrame) -> list[str]:
    """The variable of each row; nothing where the frame does not name them."""
    return [str(name) for name in frame["variable"]] if "variable" in frame else []


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


def what_of(
    frame: pd.DataFrame,
    meta: Mapping[str, Any],
    chosen: identifiers.Identifiers,
    rows: list[Quantity],
    language: str,
) -> str:
    """What is estimated, of which variable, by what: the first sentence of a caption."""
    if meta.get("call", {}).get("function") == "crosstab" and "contrast" not in meta:
        return _crossed(meta, language)
    subject = ", ".join(identifiers.variables(frame, meta, language)) or str(meta.get("call", {}).get("function", ""))
    by = [lowered(text) for text in chosen.by]
    sides = [str(frame[name].iloc[0]) for name in _SIDES if name in frame and name not in chosen.names]
    kinds = {row.kind for row in rows}
    kind = kinds.pop() if len(kinds) == 1 else "estimate"
    head = word("decomposition" if "component" in chosen.names else kind, language)
    function = meta.get("call", {}).get("function")
    if function in ("change", "gap_change") and kind in ("ratio", "odds"):
        kind, head = str(function), f"{word(str(function), language)} ({head})"
    base = meta.get("call", {}).get("base") if kind in ("change", "gap_change") else None
    if len(sides) == 3 and kind != "change":
        of, minus = (identifiers.side(frame[name].iloc[0], meta, language) for name in ("of", "minus"))
        head = f"{head}, {of} {word('against', language)} {minus}" + ("," if by else "")
    if base is not None:
        head = f"{head.rstrip(',')} {word('since', language)} {plain(base)}" + ("," if by and kind != "change" else "")
    grouped = f" {word('by', language)} {joined(by, language)}" if by else ""
    text = f"{subject}: {head}{grouped}" if subject else f"{head}{grouped}"
    return capital(text)
