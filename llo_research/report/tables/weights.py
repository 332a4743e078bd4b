"""The weight report as a table: what each weighting step did."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from llo_research.errors import DataError
from llo_research.estimation.weight_report import EXTREMES
from llo_research.report.content import weights
from llo_research.report.content.labels import capital, check_language
from llo_research.report.content.numbers import number, with_unit
from llo_research.report.tables.columns import Column
from llo_research.report.tables.grid import EMPTY, Table, table_of_content
from llo_research.results.rules import AUTO


def weight_table(result: Any, part: str, digits: int, language: str, disclosure: str = AUTO) -> Table:
    """A table of a weight report (its steps) or of one of its parts."""
    guard, few = weights.guarded(result, part, disclosure), 0
    check_language(language)
    frame = result.steps if part == "report" else result
    if len(frame) == 0:
        raise DataError("This part of the weight report has no rows.", found=part, todo="weight_report(svy, outcomes)")
    if part == "outcomes":
        return table_of_content(weights.outcomes_content(frame, digits, language, disclosure))
    if guard:
        frame = frame.assign(**{name: np.nan for name in EXTREMES if name in frame})
        frame, few = weights.without_few(frame, part, disclosure)
    makers = {"margins": _margin_columns, "largest": _largest_columns, "distribution": _distribution_columns}
    columns, main = makers.get(part, _step_columns)(frame, digits, language)
    name = "g" if part == "distribution" else part if part in makers else "steps"
    what = weights.word(f"title {name}", language)
    content = weights.part_content(frame, columns[0].texts, main, what, language)
    told = _told(result, language, guard) if part == "report" else weights.few_note(few, language)
    return Table(
        content=content,
        frame=pd.DataFrame({column.head: column.texts for column in columns}, dtype=object),
        alignment="".join(column.side for column in columns),
        row_heads=sum(column.side == "l" for column in columns),
        title=content.what,
        notes=(*told, *content.notes.values()),
    )


def _names(key: str, values: Iterable[object], language: str) -> Column:
    """A column that names rows."""
    return Column(capital(weights.word(key, language)), tuple(map(str, values)))


def _numeric(frame: pd.DataFrame, name: str, language: str, places: int | None, factor: float = 1.0) -> Column:
    """A column of numbers as texts; `places` None: by the size of the numbers."""
    values = pd.to_numeric(frame[name]).to_numpy(dtype=np.float64) * factor
    shown = weights.places(values) if places is None else places
    return Column(weights.head(name, language), tuple(number(v, shown, language) or EMPTY for v in values), "r")


def _range(frame: pd.DataFrame, stem: str, language: str) -> Column:
    """Smallest to largest."""
    low, high = (frame[f"{stem}_{end}"].to_numpy(dtype=np.float64) for end in ("min", "max"))
    places = weights.places(np.concatenate([low, high]))
    dash = {"nl": " tot ", "en": " to "}[language]
    texts = tuple(
        dash.join(number(v, places, language) for v in pair) if np.isfinite(pair).all() else EMPTY
        for pair in zip(low, high, strict=True)
    )
    return Column(weights.head(f"{stem}_range", language), texts, "r")


def _step_columns(frame: pd.DataFrame, digits: int, language: str) -> tuple[list[Column], str]:
    """The columns of the steps."""
    columns = [
        _names("step", weights.steps(frame, language), language),
        _numeric(frame, "n", language, 0),
        _numeric(frame, "sum_weights", language, None),
        _numeric(frame, "weight_median", language, None),
        _range(frame, "weight", language),
        _range(frame, "g", language),
        _numeric(frame, "deff_kish", language, 2),
        _numeric(frame, "n_eff", language, 0),
    ]
    return columns, "n_eff"


def _margin_columns(frame: pd.DataFrame, digits: int, language: str) -> tuple[list[Column], str]:
    """The columns of the margins."""
    columns = [_names("margin", weights.margins(frame, language), language)]
    if frame["step"].nunique() > 1:
        columns.insert(0, _names("step", frame["step"], language))
    columns += [_numeric(frame, name, language, None) for name in ("before", "target", "now")]
    return columns, "now"


def _largest_columns(frame: pd.DataFrame, digits: int, language: str) -> tuple[list[Column], str]:
    """The columns of the largest weights."""
    names = [name for name in frame.columns if name not in ("base_weight", "weight", "g", "share")]
    columns = [_names(str(name), frame[name], language) for name in names]
    columns += [_numeric(frame, name, language, None) for name in ("base_weight", "weight", "g")]
    return [*columns, _numeric(frame, "share", language, digits + 1, 100.0)], "weight"


def _distribution_columns(frame: pd.DataFrame, digits: int, language: str) -> tuple[list[Column], str]:
    """The columns of the distribution of g."""
    return [_names("change", weights.bins(frame, language), language), _numeric(frame, "n", language, 0)], "n"


def _told(report: Any, language: str, guard: bool) -> tuple[str, ...]:
    """Sentences under the steps: what to look at; where guarded without the largest weight and a few negative ones."""
    lines = []
    nl = language == "nl"
    if len(report.margins):
        away = float(np.abs(report.margins["now"] / report.margins["target"] - 1).max()) * 100
        count = number(float(len(report.margins)), 0, language)
        most = with_unit(away, 1, "percent", language)
        lines.append(
            f"Randtotalen: {count}; de grootste afwijking nu is {most}."
            if nl
            else f"Margins: {count} totals; the largest difference now is {most}."
        )
    if guard:
        gone = "het kleinste en grootste gewicht" if nl else "the smallest and largest weight"
        return (*lines, f"Afgeschermd: {gone}." if nl else f"Withheld: {gone}.")
    share = with_unit(float(report.largest["share"].max()) * 100, 2, "percent", language)
    lines.append(f"Het grootste gewicht is {share} van de som." if nl else f"The largest weight is {share} of the sum.")
    negative = int(report.steps["negative"].iloc[-1])
    if negative:
        lines.append(f"Negatieve gewichten: {negative}." if nl else f"Negative weights: {negative}.")
    return tuple(lines)
