"""A model as one column of a table: coefficients and a footer."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from llo_research.numerics.groups import Floats

NUMBERS = ("estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high")


@dataclass(frozen=True, eq=False)
class Column:
    """One model.

    terms : names of the k coefficients. estimate, std_error, statistic, df, p_value, conf_low, conf_high : (k,).
    footer : what stands under it: ``n``, ``n_units``, ``n_psu``, ``mean_y``, ``effects``, ``controls``, ``r2``,
        ``vcov``, ``small_sample`` and ``program``.
    rows : of our results what identifies each row (`term`, `of`, `minus`, ...); None of other programs.
    hidden : (k,) rows that may not be seen.
    bases : base level by factor, where they are known.
    """

    terms: tuple[str, ...]
    estimate: Floats
    std_error: Floats
    statistic: Floats
    df: Floats
    p_value: Floats
    conf_low: Floats
    conf_high: Floats
    footer: dict[str, Any] = field(default_factory=dict)
    rows: pd.DataFrame | None = None
    hidden: np.ndarray | None = None
    bases: dict[str, Any] = field(default_factory=dict)

    def without(self, terms: Collection[str]) -> Column:
        """The column without the numbers of these terms."""
        gone = np.array([term in terms for term in self.terms], dtype=bool)
        blank: dict[str, Any] = {name: np.where(gone, np.nan, getattr(self, name)) for name in NUMBERS}
        return replace(self, **blank, hidden=gone if self.hidden is None else self.hidden | gone)

    def frame(self) -> pd.DataFrame:
        """One row a term."""
        return pd.DataFrame({"term": list(self.terms), **{name: getattr(self, name) for name in NUMBERS}})


def column_of(
    params: pd.Series, errors: pd.Series, p_values: pd.Series, interval: Any, df: float, footer: dict[str, Any]
) -> Column:
    """A column of labelled parts, which other programs give in the same order."""
    values, error = params.to_numpy(dtype=np.float64), np.asarray(errors, dtype=np.float64)
    ends = np.asarray(interval, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = values / error
    return Column(
        tuple(plain_name(str(name)) for name in params.index),
        values,
        error,
        statistic,
        np.full(len(values), df),
        np.asarray(p_values, dtype=np.float64),
        ends[:, 0],
        ends[:, 1],
        footer,
    )


def plain_name(term: str) -> str:
    """The constant under one name, whatever a program calls it."""
    return "Intercept" if term in ("const", "(Intercept)", "Intercept") else term


def text_of(names: Sequence[str]) -> str:
    """Names in a footer."""
    return ", ".join(dict.fromkeys(str(name) for name in names))
