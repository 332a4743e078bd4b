"""The drivers of a decomposition: parts by variable, in which the levels of a category are one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from llo_research.report.content.content import Content
from llo_research.report.content.decompositions import is_whole
from llo_research.report.content.labels import capital
from llo_research.report.content.terms import Terms, variables_of


def with_drivers(content: Content, parts: Sequence[int], drivers: Sequence[str]) -> tuple[Content, list[int]]:
    """A content with a row for each driver behind its own, and the rows that stand for these parts.

    A part of one of the components `drivers` is replaced by its drivers, the largest first, where it has terms that
    add up to it; any other part stays as it is.
    """
    component = content.raw["component"].astype(str).to_numpy()
    whole = np.array(is_whole(content.raw))
    rows: list[int] = []
    for i in parts:
        terms = [int(j) for j in np.flatnonzero(~whole) if component[j] == component[i]]
        if component[i] not in drivers or not terms or not np.isfinite(content.estimate[terms]).all():
            rows.append(i)
            continue
        made = _driver_rows(content, terms)
        if not np.isclose(made["estimate"].sum(), content.estimate[i], rtol=1e-6, atol=1e-9):
            rows.append(i)
            continue
        start = len(content.estimate)
        content = _extended(content, made)
        order = np.argsort(-np.abs(made["estimate"].to_numpy()), kind="stable")
        rows += [start + int(j) for j in order]
    return content, rows


def _driver_rows(content: Content, terms: list[int]) -> pd.DataFrame:
    """The sums of the terms of each variable, with intervals; each term by itself where no covariance is known."""
    covariance = content.covariance
    known = covariance is not None and bool(np.isfinite(covariance[np.ix_(terms, terms)]).all())
    names = {j: _variable(content, j) if known else (str(content.raw["term"].iloc[j]),) for j in terms}
    out: list[dict[str, Any]] = []
    for key in dict.fromkeys(names.values()):
        own = [j for j in terms if names[j] == key]
        first = own[0]
        row: dict[str, Any] = {"like": first, "rows": own, "estimate": content.estimate[own].sum()}
        row |= {"low": content.low[first], "high": content.high[first], "name": str(content.names["term"].iloc[first])}
        if len(own) > 1 and covariance is not None:
            error = float(np.sqrt(max(covariance[np.ix_(own, own)].sum(), 0.0)))
            half = stats.t.isf((1 - content.level) / 2, content.df[first]) * error
            row |= {
                "low": row["estimate"] - half,
                "high": row["estimate"] + half,
                "name": name_of_driver(content, first),
            }
        out.append(row)
    return pd.DataFrame(out)


def _variable(content: Content, i: int) -> tuple[str, ...]:
    """The variables of a term."""
    term = str(content.raw["term"].iloc[i])
    return tuple(variables_of(term.partition("[")[0] if ":" not in term else term))


def name_of_driver(content: Content, i: int) -> str:
    """The variables of a term by their labels."""
    labels = content.meta.get("labels") or {}
    terms = Terms(labels, content.language)
    return capital(" × ".join(terms.text(name) for name in _variable(content, i)))


def _extended(content: Content, made: pd.DataFrame) -> Content:
    """The content with these rows behind its own."""
    like = [*range(len(content.estimate)), *made["like"]]
    names, raw = (getattr(content, name).iloc[like].reset_index(drop=True) for name in ("names", "raw"))
    k = len(content.estimate)
    names.loc[k:, "term"] = made["name"].to_numpy()
    picked: dict[str, Any] = {
        name: tuple(getattr(content, name)[i] for i in like) for name in ("quantities", "decimals", "flags", "before")
    }
    picked |= {name: np.append(getattr(content, name), made[name]) for name in ("estimate", "low", "high")}
    return replace(
        content,
        names=names,
        raw=raw,
        n=None if content.n is None else content.n[like],
        df=content.df[like],
        covariance=None,
        std_error=None,
        withheld=tuple(content.withheld[i] for i in like) if content.withheld else (),
        **picked,
    )
