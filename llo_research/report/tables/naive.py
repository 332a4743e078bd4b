"""What SPSS would have printed as a table: errors by the design beside those of weights taken for counts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from llo_research.report.content.content import Content, interval_head
from llo_research.report.content.labels import word
from llo_research.report.content.numbers import interval, number
from llo_research.report.content.units import factors
from llo_research.report.tables.grid import EMPTY, Table
from llo_research.report.tables.spreadsheet import style
from llo_research.results.naive import Naive

_READINGS = {
    "design": {"nl": "Volgens de steekproefopzet", "en": "By the sampling design"},
    "mean one": {"nl": "Gewichten gemiddeld 1, zonder opzet", "en": "Weights of mean 1, no design"},
    "counts": {"nl": "Gewichten als aantallen (SPSS, WEIGHT BY)", "en": "Weights as counts (SPSS, WEIGHT BY)"},
}
_TITLE = {"nl": "{what}; naast wat SPSS zou drukken", "en": "{what}; beside what SPSS would print"}
_ENDS = {"nl": ("onder", "boven"), "en": ("low", "high")}
_NUMBERS = ("std_error", "conf_low", "conf_high", "n")


def naive_table(given: Naive, content: Content) -> Table:
    """The table: each estimate once, and beside it error, interval and n in three readings of the weights."""
    language, k = content.language, len(content.estimate)
    readings = {name: _reading(given, name, content) for name in _READINGS}
    names: dict[str, list[Any]] = {
        content.heads[name]: content.names[name].tolist() for name in map(str, content.names)
    }
    texts = [number(v, places, language) for v, places in zip(content.estimate, content.decimals, strict=True)]
    shown = {**names, content.heading: [text or content.absent(i) for i, text in enumerate(texts)]}
    styles = [style(places) for places in content.decimals]
    full = [(head, cells, [""] * k) for head, cells in names.items()]
    full.append(
        (
            content.heading,
            [content.absent(i) if (n := _full(v)) is None else n for i, v in enumerate(content.estimate)],
            styles,
        )
    )
    spans, under = [("", 1)] * len(shown), list(shown)
    for name, told in _READINGS.items():
        numbers, over = readings[name], told[language]
        cells = _cells(numbers, content)
        shown |= {f"{over}: {head}": column for head, column in cells.items()}
        spans.append((over, len(cells)))
        under += cells
        full += _columns(numbers, over, content)
    first = [content.notes[topic] for topic in ("synthetic", "disclosure") if topic in content.notes]
    rest = [text for topic, text in content.notes.items() if topic not in ("synthetic", "disclosure", "interval", "n")]
    return Table(
        content=content,
        frame=pd.DataFrame(shown, dtype=object),
        alignment="l" * len(names) + "r" * (len(shown) - len(names)),
        row_heads=len(names),
        title=_TITLE[language].format(what=content.what),
        notes=(*first, given.reason(language), *rest),
        full=tuple(full),
        spans=tuple(spans),
        heads=tuple(under),
    )


def _reading(given: Naive, name: str, content: Content) -> pd.DataFrame:
    """The numbers of one reading in the units shown, without those that may not be seen."""
    frame = given.to_frame()
    out = frame.loc[frame["reading"] == name, list(_NUMBERS)].reset_index(drop=True).astype(np.float64)
    out[["std_error", "conf_low", "conf_high"]] *= factors(list(content.quantities))[:, None]
    gone = np.array([bool(mark) for mark in content.withheld or [""] * len(out)]) | ~content.defined
    unknown = gone | ~np.isfinite(content.low) if content.withheld else gone
    out.loc[unknown, ["std_error", "conf_low", "conf_high"]] = np.nan
    out.loc[gone, "n"] = np.nan
    return out


def _cells(numbers: pd.DataFrame, content: Content) -> dict[str, list[str]]:
    """Error, interval and n as they are shown."""
    language, places = content.language, content.decimals
    errors, low, high, n = (numbers[name].to_numpy(np.float64) for name in _NUMBERS)
    told = {
        word("std_error", language): [number(v, k + 1, language) for v, k in zip(errors, places, strict=True)],
        interval_head(content): [interval(a, b, k, language) for a, b, k in zip(low, high, places, strict=True)],
        "n": [number(value, 0, language) for value in n],
    }
    return {head: [text or EMPTY for text in texts] for head, texts in told.items()}


def _columns(numbers: pd.DataFrame, over: str, content: Content) -> list[tuple[str, list[Any], list[str]]]:
    """The same in full, both ends of the interval in columns of their own."""
    finer, styles = ([style(places + more) for places in content.decimals] for more in (1, 0))
    head, language = interval_head(content), content.language
    ends = [f"{head} {end}" for end in _ENDS[language]]
    named = zip(
        [word("std_error", language), *ends, "n"], (finer, styles, styles, [style(0)] * len(styles)), strict=True
    )
    return [
        (f"{over}: {name}", [_full(value) for value in numbers[column]], formats)
        for column, (name, formats) in zip(_NUMBERS, named, strict=True)
    ]


def _full(value: float) -> float | None:
    """A number without a negative zero; None where there is none."""
    return float(value) + 0.0 if np.isfinite(value) else None
