"""What a table or a figure shows of a result: names, numbers in the units people read, flags and notes.

Tables and figures are two ways of showing one :class:`Content`, so that they can never disagree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from llo_research.report.content.labels import capital, word
from llo_research.report.content.numbers import level_text, number, unit_text
from llo_research.results.quantities import Quantity


@dataclass(frozen=True)
class Content:
    """Rows to show, in the order of the result.

    names : one column of display texts for each identifier, by its raw name; the heads are in ``heads``.
    raw : the identifiers as the result has them.
    estimate, low, high : (k,) numbers in the units shown (shares as percentages).
    n : (k,) unweighted counts, or None where there are none.
    quantities, decimals : how each row is shown.
    flags : the flags of each row.
    before : words before a number ("about", "more than"), by row.
    covariance, df : of the estimates in the units shown, where the result has them.
    what : what is shown, in words; heading : the head of the column of estimates.
    notes : sentences under a table or figure, by topic.
    breaks : the times of series breaks that concern what is shown, with what changed.
    withheld : by row what stands in the place of n where the row may not be seen, else nothing; () where all may.
    footer : at most two lines on the rows shown; in_footer : the notes that these tell already; () without such lines.
    std_error : (k,) standard errors in the units shown, where there are any.
    """

    names: pd.DataFrame
    heads: dict[str, str]
    raw: pd.DataFrame
    estimate: np.ndarray
    low: np.ndarray
    high: np.ndarray
    n: np.ndarray | None
    quantities: tuple[Quantity, ...]
    decimals: tuple[int, ...]
    flags: tuple[tuple[str, ...], ...]
    before: tuple[str, ...]
    covariance: np.ndarray | None
    df: np.ndarray
    what: str
    heading: str
    notes: dict[str, str]
    meta: Mapping[str, Any]
    level: float
    language: str
    synthetic: bool
    published: bool = False
    breaks: tuple[tuple[float, str], ...] = ()
    withheld: tuple[str, ...] = ()
    footer: tuple[str, ...] = ()
    in_footer: tuple[str, ...] = ()
    std_error: np.ndarray | None = None

    def absent(self, i: int) -> str:
        """Why a row shows no number: it may not be seen, or there are no data."""
        return word("withheld" if self.withheld and self.withheld[i] else "no_data", self.language)

    def count(self, i: int) -> str:
        """The unweighted count of a row as shown; empty where there is none."""
        if self.withheld and self.withheld[i]:
            return self.withheld[i]
        return "" if self.n is None else number(self.n[i], 0, self.language)

    @property
    def more(self) -> tuple[str, ...]:
        """The notes that the footer leaves out."""
        return tuple(note for note in self.notes.values() if note not in self.in_footer)

    @property
    def gaps(self) -> str:
        """What the rows without a number are called together: without data, withheld, or both."""
        kinds = dict.fromkeys(self.absent(int(i)) for i in np.flatnonzero(~self.defined))
        names = {word("no_data", self.language): "without data" if self.language == "en" else "zonder gegevens"}
        return f" {word('or', self.language)} ".join(names.get(kind, kind) for kind in kinds)

    @property
    def units(self) -> tuple[str, ...]:
        """The units that occur, in order."""
        return tuple(dict.fromkeys(quantity.unit for quantity in self.quantities))

    @property
    def has_interval(self) -> bool:
        """Whether any row has an interval."""
        return bool((np.isfinite(self.low) & np.isfinite(self.high)).any())

    @property
    def one_n(self) -> bool:
        """Whether all rows rest on the same people, as those of a model do: n is told below, not beside each."""
        shown = {self.count(i) for i in range(len(self.estimate))} if self.n is not None else set()
        model = "term" in self.raw and "component" not in self.raw and "contrast" not in self.meta
        return model and len(shown) < 2

    @property
    def defined(self) -> np.ndarray:
        """(k,) whether a row has a number."""
        return np.asarray(np.isfinite(self.estimate))

    def row_name(self, i: int, *, joiner: str = ", ") -> str:
        """What tells this row from the others, in words."""
        parts = [str(self.names[name].iloc[i]) for name in self.names]
        return joiner.join(part for part in parts if part)


def shown_kind(rows: Sequence[Quantity]) -> str:
    """What all rows are, in a word of the house; a contrast is a difference of shares, or else just an estimate."""
    kinds = {row.kind for row in rows}
    kind = kinds.pop() if len(kinds) == 1 else "estimate"
    if kind != "contrast":
        return kind
    return "difference" if {row.unit for row in rows} == {"points"} else "estimate"


def heading_of(rows: list[Quantity], language: str) -> str:
    """The head of the column of estimates: ``Aandeel (%)``."""
    kind, units = shown_kind(rows), {row.unit for row in rows}
    head = capital(word("value" if kind == "quantiles" else kind, language))
    unit = unit_text(units.pop(), language) if len(units) == 1 else ""
    return f"{head} ({unit})" if unit else head


def interval_head(content: Content) -> str:
    """``95%-BI`` or ``95% CI``; published intervals carry no level of their own."""
    if content.meta.get("bounds") == "rounding":
        return word("rounding", content.language)
    if content.published:
        return "BI" if content.language == "nl" else "CI"
    return word("interval", content.language).format(level=level_text(content.level, content.language))


def is_synthetic(meta: Mapping[str, Any]) -> bool:
    """Whether a result, or the source that it comes from, says that its data are synthetic."""
    return bool(meta.get("synthetic") or (meta.get("source") or {}).get("synthetic"))


def flag_words(flags: object) -> tuple[str, ...]:
    """The flags of a row; a row that may not be seen has none."""
    return tuple(flag for flag in str(flags).split() if flag != "withheld")
