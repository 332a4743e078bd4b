"""A test of a hypothesis as a table: what was tested, the statistic, its degrees of freedom and its p-value."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd

from llo_research.report.content import identifiers, notes
from llo_research.report.content.captions import crossed_variables, joined
from llo_research.report.content.content import Content, flag_words, is_synthetic
from llo_research.report.content.labels import capital, lowered, said, word
from llo_research.report.content.numbers import number, p_text
from llo_research.report.content.restrictions import restrictions_in_words, tested_variables
from llo_research.report.content.words import HYPOTHESES, TEST_METHODS, TESTS
from llo_research.report.tables.columns import Column, number_column, with_columns
from llo_research.report.tables.grid import EMPTY, Table, table_of_content
from llo_research.results.floors import Withheld, blanked
from llo_research.results.hypothesis import HypothesisTest
from llo_research.results.quantities import Quantity
from llo_research.results.rules import AUTO

_HEADS = {"F": "F", "chisq": "X²", "wald": "F (Wald)", "lr": "LR", "hausman": "F (Hausman)"}
_word = partial(said, TESTS)


def hypothesis_table(found: HypothesisTest, language: str, disclosure: str = AUTO, digits: int = 1) -> Table:
    """The table: the cells of `by`, the statistic, degrees of freedom, p-value, counts and design effect.

    Statistic and design effect have a decimal more than percentages.
    """
    hidden = found.withheld(disclosure)
    content, frame = _content(found, language, hidden, digits + 1), blanked(found.to_frame(), hidden)
    made, k = table_of_content(content), len(frame)
    spans = tuple(_df(one, two, language) for one, two in zip(frame["df"], frame["df_denominator"], strict=True))
    p_values = frame["p_value"].to_numpy(dtype=np.float64)
    texts = tuple(p_text(float(value), language) or EMPTY for value in p_values)
    columns = [
        Column(capital(_word("df", language)), spans, "r"),
        Column(_word("p", language), texts, "r", p_values, (4,) * k),
    ]
    if "deff" in frame and frame["deff"].notna().any():
        head = capital(_word("deff", language))
        columns.append(number_column(head, frame["deff"].to_numpy(), (digits + 1,) * k, language))
    return with_columns(made, columns, after=made.row_heads + 1)


def _df(one: float, two: float, language: str) -> str:
    """Degrees of freedom: one number, or those of the numerator and the denominator of F."""
    ends = [number(float(value), 0 if float(value).is_integer() else 1, language) for value in (one, two)]
    return f" {word('and', language)} ".join(end for end in ends if end) or EMPTY


def _content(found: HypothesisTest, language: str, hidden: Withheld | None, places: int) -> Content:
    """The statistics as a content."""
    frame, labels = blanked(found.to_frame(), hidden), found.meta.get("labels", {})
    name = str(found.meta.get("test", ""))
    chosen = identifiers.choose(found.rows, labels, language) if len(found.rows.columns) else None
    names = chosen.names if chosen else pd.DataFrame({"test": [_test_name(name)] * len(frame)})
    none, plain_row = np.full(len(frame), np.nan), Quantity("estimate")
    flags = frame["flag"] if "flag" in frame else [""] * len(frame)
    return Content(
        names=names,
        heads=chosen.heads if chosen else {"test": capital(_word("test", language))},
        raw=found.rows.copy() if chosen else names.copy(),
        estimate=frame["statistic"].to_numpy(dtype=np.float64),
        low=none,
        high=none,
        n=frame["n"].to_numpy(dtype=np.float64) if "n" in frame else None,
        quantities=(plain_row,) * len(frame),
        decimals=(places,) * len(frame),
        flags=tuple(map(flag_words, flags)),
        before=("",) * len(frame),
        covariance=None,
        df=none,
        what=_title(found, chosen.by if chosen else [], language),
        heading=_HEADS.get(name, name) or word("value", language),
        notes=_notes(found, language, hidden),
        withheld=hidden.counts if hidden else (),
        meta=found.meta,
        level=0.95,
        language=language,
        synthetic=is_synthetic(found.meta),
    )


def _test_name(name: str) -> str:
    """The name of a test in its row."""
    return {"F": "Rao-Scott F", "chisq": "Rao-Scott X²", "wald": "Wald", "hausman": "Hausman"}.get(name, name)


def _hypothesis(found: HypothesisTest, language: str) -> str:
    """What was tested, as the test itself says it."""
    text = str(found.meta.get("hypothesis", ""))
    return said(HYPOTHESES, text, language) if text in HYPOTHESES else text


def _title(found: HypothesisTest, by: list[str], language: str) -> str:
    """What was tested."""
    pair = crossed_variables(found.meta, language)
    what = joined(tested_variables(found.meta, language), language) if "restrictions" in found.meta else ""
    shown = {"what": what or _hypothesis(found, language)}
    key, told = ("title", {"pair": pair}) if pair else ("other title", shown)
    cells = f" {word('by', language)} {joined([lowered(name) for name in by], language)}" if by else ""
    return capital(_word(key, language).format(**told) + cells)


def _notes(found: HypothesisTest, language: str, hidden: Withheld | None) -> dict[str, str]:
    """Hypothesis, method, and what is said under any table of these data."""
    pair, name = crossed_variables(found.meta, language), str(found.meta.get("test", ""))
    hypothesis = _word("hypothesis", language).format(pair=lowered(pair))
    what = "; ".join(restrictions_in_words(found.meta, language)) or _hypothesis(found, language)
    other = _word("other hypothesis", language).format(what=what)
    without = int(found.meta.get("levels_without_people", 0))
    told = {"hypothesis": hypothesis if pair else other}
    method = name if pair else f"{name} of estimates"
    if method in TEST_METHODS:
        told["method"] = said(TEST_METHODS, method, language)
    if without and not hidden:
        told["without"] = _word("without", language).format(n=number(without, 0, language))
    under = notes.of_result(found.rows, found.meta, None, 0.95, language, has_interval=False, hidden=hidden)
    return {**told, **{topic: text for topic, text in under.items() if topic != "interval"}}
