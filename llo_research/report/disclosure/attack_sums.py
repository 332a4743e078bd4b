"""Gaps, changes and contrasts as a stranger reads them: sums of the shares of groups, and the people in all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from llo_research.report.disclosure.attack_reading import Line, People, groups_of, numbers, rounding, survey_of


@dataclass(frozen=True)
class Sum:
    """A row that tells a sum of shares.

    survey, variable, answer : as of a line. terms : by what each share is multiplied, and of which people it is.
    value, error : the sum and how much it may have been rounded, nan where it is none of shares. n : people in all the
    groups; n_error : how much that may have been rounded. Both are nan where they did not leave.
    """

    survey: str
    variable: str
    answer: str | None
    terms: tuple[tuple[float, People], ...]
    value: float
    error: float
    n: float
    n_error: float

    def lines(self) -> list[Line]:
        """Its groups, of which it tells no number by itself; there may be others."""
        own = [(self.survey, self.variable, self.answer, groups) for _, groups in self.terms]
        return [Line("", -1, *one, others=True) for one in own]


def sums_of_file(told: Mapping[str, Any], rows: pd.DataFrame, base: float) -> list[Sum]:
    """The sums that the rows of a safe file tell; base : to what numbers of people were rounded."""
    meta, out = told["meta"], list[Sum]()
    k, call = len(rows), meta.get("call") or {}
    estimate, n = numbers(told.get("estimate"), k), numbers(told.get("n"), k)
    error = rounding(estimate, told.get("covariance"))
    if call.get("results"):  # parts of a joint result say of their rows less than is needed
        return out
    for i, row in enumerate(rows.to_dict("records")):
        about = _of_contrast(row, meta) if meta.get("contrast") else _of_two(row, call)
        if about is None:
            continue
        variable, level, terms = about
        _, unit, _, on = told["quantity"][i]
        shares = unit == "points" and on == "identity"
        answer = level if level is not None else "yes" if shares else None
        value = estimate[i] if shares else np.nan
        out.append(Sum(survey_of(meta), variable, answer, terms, value, error[i], n[i], base / 2 if base > 1 else 0.0))
    return out


def _of_two(row: Mapping[Any, Any], call: Mapping[str, Any]) -> tuple[str, str | None, Any] | None:
    """A gap or a change: two groups of each cell."""
    name = {"gap": call.get("group"), "change": call.get("time")}.get(str(call.get("function")))
    if not isinstance(name, str) or row.get("of") is None or row.get("minus") is None:
        return None
    groups = groups_of(row, call)
    sides = tuple((sign, {**groups, name: str(row[side])}) for sign, side in ((1.0, "of"), (-1.0, "minus")))
    return str(row.get("variable")), row.get("level"), sides


def _of_contrast(row: Mapping[Any, Any], meta: Mapping[str, Any]) -> tuple[str, str | None, Any] | None:
    """A contrast of means or shares: the rows that it was made of."""
    call, made = meta.get("call") or {}, meta.get("contrast_rows") or {}
    factors = (meta["contrast"] if isinstance(meta["contrast"], Mapping) else {}).get(str(row.get("term")))
    if call.get("function") not in ("mean", "share") or not isinstance(factors, Mapping) or not made:
        return None
    each = pd.DataFrame(made["rows"], index=pd.Index(made["labels"])).to_dict("index")
    if not set(factors) <= set(each):
        return None
    used = [(float(factors[label]), each[label]) for label in factors]
    about = {(str(one.get("variable")), one.get("level")) for _, one in used}
    if len(about) != 1:
        return None
    variable, level = about.pop()
    terms = tuple((factor, groups_of(one, call)) for factor, one in used)
    return variable, None if level is None or level != level else str(level), terms
