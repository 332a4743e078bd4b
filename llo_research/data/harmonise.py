"""Harmonised variables from declarative rules: the same names and categories in every instrument."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from llo_research.data.exact import key_of, nfc, plain
from llo_research.data.layout import Layout
from llo_research.data.meaning import book_of_classes
from llo_research.data.readers import Table
from llo_research.data.rules import Rule, columns_of, kind_of, numbers_of
from llo_research.data.shifted import shift_of
from llo_research.data.stacking import identity
from llo_research.data.wording import block
from llo_research.errors import DataError


def usable_rule(layout: Layout, name: str, doubtful: Collection[str] = ()) -> tuple[Rule | None, list[str]]:
    """The first rule whose columns are in the file and not in doubt, else None and the columns that lack."""
    entry = layout.instrument.harmonised[name]
    absent: list[str] = []
    for rule in entry["rules"]:
        if rule.get("cycle", layout.cycle) != layout.cycle:
            continue
        needed = columns_of(rule, entry.get("universe", {}))
        lacking = [name for name in needed if layout.columns.get(name) in (None, *doubtful)]
        if not lacking:
            return rule, []
        absent = absent or lacking
    return None, absent


def asked_elsewhere(layout: Layout, name: str) -> str | None:
    """Why the files of this cycle cannot have a harmonised variable, where the codebook says so."""
    reason = layout.instrument.harmonised[name].get("elsewhere", {}).get(str(layout.cycle))
    return None if reason is None else str(reason)


def harmonise(
    frame: pd.DataFrame,
    layout: Layout,
    wanted: list[str],
    constants: Mapping[str, Any],
    country: str | None,
    doubtful: Collection[str] = (),
) -> tuple[dict[str, pd.Series], dict[str, str]]:
    """Harmonised variables of a cleaned frame, and for those it cannot carry the reason.

    Parameters
    ----------
    frame : DataFrame
        The file's own columns, cleaned.
    layout : Layout
        Which column is which variable.
    wanted : list of str
        Names of harmonised variables.
    constants : mapping
        Values that hold for the whole file, such as its year.
    country : str or None
        The file's country, for rules that hold in some countries only.
    doubtful : collection of str
        Columns with codes that the codebook does not know: nothing is made from them.
    """
    made: dict[str, pd.Series] = {}
    reasons: dict[str, str] = {}
    for name in wanted:
        entry = layout.instrument.harmonised[name]
        rule, absent = usable_rule(layout, name, doubtful)
        if "countries" in entry and country not in entry["countries"]:
            reasons[name] = f"defined for {', '.join(entry['countries'])} only"
        elif rule is None:
            in_doubt = any(layout.columns.get(column) in doubtful for column in absent)
            lacks = f"{'unknown codes in' if in_doubt else 'not in the file:'} {', '.join(absent)}"
            reasons[name] = asked_elsewhere(layout, name) or lacks
        else:
            made[name] = _apply(frame, layout, name, rule, constants)
    return made, reasons


def from_mapping(
    series: pd.Series, layout: Layout, name: str, table: Table, names: Mapping[str, Sequence[str]]
) -> pd.Series:
    """A column that the user maps onto a harmonised variable: its categories must be the codebook's.

    ``names``: our names of the file's columns; the file's own labels of codes say what to write in the mapping.
    """
    where = f"{table.path.name}, column {name}"
    labelled = [own for own in table.value_labels if name in names.get(own, ()) and own in table.frame]
    told = table.value_labels[labelled[0]] if labelled else None
    categories: Mapping[Any, Mapping[str, str]] = layout.instrument.categories(name)
    only = numbers_of(layout.instrument.harmonised[name])
    if not categories:
        numbers = pd.to_numeric(series, errors="coerce")
        wrong = series[series.notna() & (numbers.isna() if only is None else ~numbers.isin(list(only)))]
        expected, categories = ("numbers", {}) if only is None else ("0 (no) and 1 (yes)", only)
        if wrong.empty:
            return numbers
    else:
        text = as_classes(series)
        wrong = text[text.notna() & ~text.isin(list(categories))]
        expected = ", ".join(categories)
        if wrong.empty:
            return ordered(text, list(categories))
    counts = wrong.map(plain).value_counts()
    if told and shift_of(told, pd.unique(table.frame[labelled[0]].dropna())):
        told = {}  # its labels are those of other codes
    texts = {value: value for value in counts.index if isinstance(value, str)}
    lines = block(name, texts if told is None else told, book_of_classes(layout.instrument, name))
    raise DataError(
        f"The column mapped onto {name} holds values that {name} does not have.",
        where=where,
        found=", ".join(f"{value!r} in {rows:,} rows" for value, rows in counts.iloc[:5].items()),
        expected=expected,
        todo=f"Translate them in a mapping file:\n{lines}"
        if lines
        else f'Translate them in a mapping file: [values.{name}] with a line such as "{counts.index[0]}" = "...".',
    )


def as_classes(series: pd.Series) -> pd.Series:
    """Values as the names of classes, as text."""
    return series.map(lambda value: nfc(plain(value).strip()) if key_of(value) is not None else None).astype(object)


def ordered(series: pd.Series, categories: list[str]) -> pd.Series:
    """An ordered categorical in the codebook's order."""
    return pd.Series(pd.Categorical(series, categories=categories, ordered=True), index=series.index)


def _apply(frame: pd.DataFrame, layout: Layout, name: str, rule: Rule, constants: Mapping[str, Any]) -> pd.Series:
    """One harmonised variable."""
    entry = layout.instrument.harmonised[name]
    categories = list(layout.instrument.categories(name))
    values = _values(frame, layout, rule, constants)
    outside = np.zeros(len(frame), dtype=bool)
    for column, codes in entry.get("universe", {}).items():
        outside |= ~frame[layout.columns[column]].isin(codes).to_numpy()
    values = values.mask(outside) if outside.any() else values
    return ordered(values, categories) if categories else values


def _values(frame: pd.DataFrame, layout: Layout, rule: Rule, constants: Mapping[str, Any]) -> pd.Series:
    """What a rule gives before its universe is applied."""
    kind = kind_of(rule)
    source = rule[kind]
    if kind == "constant":
        value = constants[source]
        level = isinstance(value, str)
        return pd.Series(pd.Categorical([value] * len(frame)) if level else value, index=frame.index)
    if kind == "copy":
        return frame[layout.columns[source]]
    if kind == "cases":
        return _cases(frame, layout, source)
    if kind == "recode":
        to = {code: value for value, codes in rule.items() if value != "recode" for code in codes}
        return frame[layout.columns[source]].map(to).astype(object)
    if kind == "band":
        cut = pd.cut(frame[layout.columns[source]], [*rule["from"], np.inf], right=False, labels=rule["levels"])
        return cut.astype(object)
    items = frame[[layout.columns[column] for column in source]]
    if kind == "key":
        if items.isna().any(axis=None):
            return pd.Series(pd.NA, index=frame.index, dtype=object)
        told = [identity(items[column]).tolist() for column in items]
        return pd.Series(["-".join(parts) for parts in zip(*told, strict=True)], index=frame.index)
    return pd.Series(_over_items(items.to_numpy(dtype=float, na_value=np.nan), kind, rule), index=frame.index)


def _over_items(numbers: np.ndarray, kind: str, rule: Rule) -> np.ndarray:
    """Several answers of a person as one number: reached by any, how many, or their mean and what a cut makes of it."""
    given = ~np.isnan(numbers)
    if kind == "any":
        reached = (numbers >= rule["at_least"]).any(axis=1)
        return np.where(reached, 1.0, np.where(given.all(axis=1), 0.0, np.nan))
    if kind == "count":
        return np.where(given.all(axis=1), np.isin(numbers, rule["codes"]).sum(axis=1), np.nan)
    answers = given.sum(axis=1)
    enough = answers >= rule.get("minimum", numbers.shape[1])
    mean = np.where(enough, np.where(given, numbers, 0.0).sum(axis=1) / np.maximum(answers, 1), np.nan)
    if "below" in rule:
        return np.where(enough, mean < rule["below"], np.nan)
    if "at_least" in rule:
        return np.where(enough, mean >= rule["at_least"], np.nan)
    return np.asarray(rule["reverse_from"] - mean if "reverse_from" in rule else mean)


def _cases(frame: pd.DataFrame, layout: Layout, cases: list[Mapping[str, Any]]) -> pd.Series:
    """The value of the first case that fits each row, missing where none does."""
    numeric = all(not isinstance(case["value"], str) for case in cases)
    result = np.full(len(frame), np.nan) if numeric else np.full(len(frame), None, dtype=object)
    open_rows = np.ones(len(frame), dtype=bool)
    for case in cases:
        fits = open_rows.copy()
        for column, codes in case["when"].items():
            fits &= frame[layout.columns[column]].isin(codes).to_numpy()
        result[fits] = case["value"]
        open_rows &= ~fits
    return pd.Series(result, index=frame.index)
