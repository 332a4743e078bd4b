"""How strong an omitted variable would have to be, as a table: a row for each measure and each benchmark."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from llo_research.report.content import notes
from llo_research.report.content.content import Content, is_synthetic
from llo_research.report.content.labels import capital, lowered, said, word
from llo_research.report.content.numbers import number
from llo_research.report.content.terms import Terms
from llo_research.report.content.words import SENSITIVITY
from llo_research.report.tables.grid import Table, table_of_content
from llo_research.results.quantities import Quantity
from llo_research.results.rules import AUTO
from llo_research.results.sensitivity import Sensitivity

_word = partial(said, SENSITIVITY)
_HEADS = ("measure", "benchmark", "times")
_DECIMALS = 2  # beyond those of percentages: shares of variance are small


def sensitivity_table(found: Sensitivity, digits: int, language: str, disclosure: str = AUTO) -> Table:
    """The table: what each number is, the benchmark, how many times as strong, the number."""
    content = _content(found, digits + _DECIMALS, language, disclosure)
    return replace(table_of_content(content), row_heads=len(content.names.columns))


def _content(found: Sensitivity, places: int, language: str, disclosure: str) -> Content:
    """The numbers as a content."""
    hidden, frame, meta = found.withheld(disclosure), found.seen(disclosure), found.meta
    terms = Terms(meta.get("labels") or {}, language, meta.get("base_levels") or {}, str(meta.get("response", "")))
    treatment = terms.text(str(meta["treatment"]))
    names = pd.DataFrame(
        {
            "measure": [
                capital(_word(str(name), language).format(treatment=lowered(treatment))) for name in frame["measure"]
            ],
            "benchmark": [terms.text(str(term)) if term else "" for term in frame["term"]],
            "times": [f"{number(float(k), 0, language)}×" if np.isfinite(k) else "" for k in frame["times"]],
        }
    )
    if not frame["term"].any():
        names = names[["measure"]]
    none, k, outcome = np.full(len(frame), np.nan), len(frame), terms.text(str(meta.get("response", "")))
    under = notes.of_result(found.rows, meta, None, 0.95, language, has_interval=False, hidden=hidden)
    return Content(
        names=names,
        heads={name: capital(_word(name, language)) for name in map(str, names)},
        raw=frame[["measure"]].copy(),
        estimate=frame["estimate"].to_numpy(dtype=np.float64),
        low=none,
        high=none,
        n=None,
        quantities=(Quantity("estimate"),) * k,
        decimals=(places,) * k,
        flags=((),) * k,
        before=("",) * k,
        covariance=None,
        df=none,
        what=_word("title", language).format(treatment=treatment, outcome=lowered(outcome)),
        heading=capital(word("value", language)),
        notes={"reading": _word("reading", language), **{t: text for t, text in under.items() if t != "interval"}},
        withheld=hidden.counts if hidden else (),
        meta=meta,
        level=0.95,
        language=language,
        synthetic=is_synthetic(meta),
    )
