"""The robustness of a change against a method break, as a table: how large the break would have to be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from llo_research.estimation.break_robustness import BreakRobustness
from llo_research.report.content.content import Content
from llo_research.report.content.labels import capital
from llo_research.report.content.numbers import interval, number, unit_text, with_unit
from llo_research.report.content.robustness import SIZES, in_factors, phrase
from llo_research.report.content.units import factors
from llo_research.report.tables.columns import Column, number_column, with_columns
from llo_research.report.tables.grid import EMPTY, Table, table_of_content
from llo_research.results.rules import AUTO


def robustness_table(found: BreakRobustness, content: Content, disclosure: str = AUTO) -> Table:
    """The table: change, interval, break, the three sizes, what is known of it, and what it comes to."""
    found = found.seen(disclosure)
    flags = tuple(tuple(flag for flag in own if flag != "break") for own in content.flags)  # a column tells the breaks
    language, frame, made = content.language, found.frame, table_of_content(replace(content, flags=flags))
    unit = unit_text(content.quantities[0].unit, language) if len(content.units) == 1 else ""
    factor = factors(content.quantities)

    def head(key: str) -> str:
        return capital(phrase(key, language)) + (f" ({unit})" if unit else "")

    breaks = tuple(str(text) or phrase("none", language) for text in frame["breaks"])
    columns = [Column(capital(phrase("break", language)), breaks)]
    for key in SIZES:
        columns.append(number_column(head(key), frame[key].to_numpy() * factor, content.decimals, language))
    if frame["known_shift"].notna().any():
        columns += [Column(head(key), _known(frame, key, content), "r") for key in ("known_shift", "net_of_shift")]
    verdicts = tuple(_verdict(found, content, i) for i in range(len(frame)))
    columns.append(Column(capital(phrase("verdict", language)), verdicts))
    title = phrase("title", language).format(what=made.title)
    return replace(with_columns(made, columns, after=len(made.frame.columns)), title=title)


def _known(frame: pd.DataFrame, key: str, content: Content) -> tuple[str, ...]:
    """The known shift with its standard error, or what is left without it with its interval."""
    language, texts = content.language, []
    for (_, row), place, factor in zip(frame.iterrows(), content.decimals, factors(content.quantities), strict=True):
        text = number(float(row[key]) * factor, place, language)
        if key == "known_shift":
            error = number(float(row["known_shift_se"]) * factor, place + 1, language)
            beside = f"{phrase('se', language)} {error}" if error else phrase("no se", language)
        else:
            low, high = float(row["net_low"]) * factor, float(row["net_high"]) * factor
            beside = interval(low, high, place, language)
        texts.append((f"{text} ({beside})" if beside else text) if text else EMPTY)
    return tuple(texts)


def _verdict(found: BreakRobustness, content: Content, i: int) -> str:
    """What a row comes to, in words."""
    language, row = content.language, found.frame.iloc[i]
    least = float(row["size_not_significant"])
    if not np.isfinite(least):
        return content.absent(i) if content.withheld and content.withheld[i] else phrase("undefined", language)
    size = with_unit(least * factors(content.quantities)[i], content.decimals[i], content.quantities[i].unit, language)
    undone = phrase("undone", language).format(size=size)
    significant = least != (1.0 if in_factors(found) else 0.0)
    end = undone if significant else phrase("not significant", language)
    return capital(f"{phrase(_case(found, row), language)}; {end}")


def _case(found: BreakRobustness, row: pd.Series) -> str:
    """What is known of the break of a row."""
    if not row["breaks"]:
        return "no break"
    if found.meta["breaks"]["option"] == "adjust":
        return "adjusted"
    if not np.isfinite(row["known_shift"]):
        return "unknown"
    if not np.isfinite(row["known_shift_se"]):
        return "shift without se"
    return "stands" if (row["net_low"] > 0 if row["estimate"] > 0 else row["net_high"] < 0) else "falls"
