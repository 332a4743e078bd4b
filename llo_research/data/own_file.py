"""A file of one's own, outside the instruments: its labels, categories and missing values as the file has them."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from llo_research.data.exact import number_again
from llo_research.data.layout import choose_columns
from llo_research.data.likely_design import likely_design, mean_one, told_likely
from llo_research.data.likely_missing import tell_likely_missing, without_answers
from llo_research.data.mapping import LEFT_OUT
from llo_research.data.provenance import file_record
from llo_research.data.readers import Table, read_table
from llo_research.data.text_form import text_form
from llo_research.data.validate import told_left_out, with_weight
from llo_research.errors import DataError, LloWarning
from llo_research.options import check_option
from llo_research.survey import Survey
from llo_research.survey.arguments import check_names

# Text that means missing in a column of numbers; in a column of text it may be a code (NA: Namibia).
_MISSING = {"letters": [".", "NA", "N/A", "#N/A", "#NULL!", "NULL", "NaN", "nan"]}
_NUMBERS = ("weights", "fpc", "replicate_weights", "unit_weights")
_ROLES = (*_NUMBERS, "strata", "psu", "unit", "time")
_OWN = ("columns", "encoding", "restricted", "missing", "decimal", "thousands", "skip", "without_weight")
_STATA_MISSING = 2_147_483_620  # codes above it stand for .a to .z


def read_file(
    path: str | Path,
    *,
    columns: Sequence[str] | str | None = None,
    encoding: str | None = None,
    restricted: bool = True,
    missing: Mapping[str, Any] | Sequence[Any] | None = None,
    decimal: str | None = None,
    thousands: str | None = None,
    skip: int | Sequence[int] = 0,
    without_weight: str | None = None,
    **design: Any,
) -> Survey:
    """A Survey from any .sav, .zsav, .dta, .csv, .csv.gz or .parquet file, for data that are none of the instruments.

    The file keeps its own names, codes and row order. Value labels make a column categories, in the file's order,
    when every value that occurs has a label of its own; else its codes stay, and the labels are kept in ``labels``.
    Categories of a Parquet file stay as they are. Values that the file declares missing (SPSS), and .a to .z (Stata),
    are missing, and counted by column in ``source["user_missing"]``.

    Text becomes numbers only when every value converts back to the same text ('011' stays text). Blanks at its end
    are dropped. In a column of numbers '.', 'NA' and the like are missing; in a column of text 'NA' is a code, and a
    warning says so.

    Parameters
    ----------
    path : path
        The file.
    columns : sequence of str, optional
        Names or patterns (``"item*"``) of columns to read; everything when absent. What the design names is always
        read.
    encoding : str, optional
        Encoding of its text, such as ``"cp1252"``, where the file does not say it or says it wrongly.
    restricted : bool, default True
        Results are shown with the care that restricted microdata ask: small cells are blanked in tables and figures.
        False says that the file may be shown without it.
    missing : mapping or sequence, optional
        Codes and texts that are no answer: ``{"training": [8, 9]}`` by column, or a list for all columns. They become
        missing and are counted by column in ``source["told_missing"]``. Without it a warning names the texts ("Weet
        niet") and codes (99) that look like it.
    decimal, thousands : str, optional
        Marks in the numbers of a text file, where these may be read in two ways (1.234): ``decimal=","`` or
        ``thousands="."``. A file that does not tell by its other numbers is refused until one of them is said.
    skip : int or sequence of int, default 0
        Lines of a text file that are no data: a number of lines at the top (a title), or a list of lines (``[2]`` for
        a second header, ``[-1]`` for a total in the last line).
    without_weight : {"leave out"}, optional
        What to do with rows whose weight is missing, negative or zero: they are left out, told in a warning and
        counted in ``source["without_weight"]``. Without it a weight that is missing or negative is refused.
    **design
        Arguments of :class:`Survey`: ``weights=``, ``strata=``, ``psu=``, ``fpc=``, ``unit=``, ``time=``, ...

    Returns
    -------
    Survey
        ``source`` holds the file's name (no folders), SHA-256, rows, and ``kind``: "restricted" or "own".

    Raises
    ------
    DataError
        A file that is absent, damaged or of a kind that is not read; a name that :class:`Survey` does not have.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> pd.DataFrame({"training": [1, 0, 1], "w": [2.0, 1.0, 1.0]}).to_csv("own.csv", index=False)
    >>> svy = llo.read_file("own.csv", weights="w", restricted=False)
    >>> llo.mean("training", svy).estimate.tolist()
    [0.75]
    """
    check_names(
        design, Survey.__init__, "read_file", "columns, encoding, restricted, missing, decimal, thousands, skip, or "
    )
    if not isinstance(restricted, bool | np.bool_):
        raise DataError(
            "restricted is True or False.", where="restricted=", found=repr(restricted)[:60], expected="True or False"
        )
    place = Path(path)
    form = text_form(decimal, thousands, skip)
    chooser = _chooser(place, columns, design)
    table = read_table(place, _MISSING, chooser, encoding=encoding, comma=True, count=True, form=form)
    table, gone = without_answers(table, missing)
    table, left = _with_weights(table, design.get("weights"), without_weight)
    _tell_codes(table)
    tell_likely_missing(table)
    told = _no_weights(table, design)
    _proportional(table, design)
    frame, labels = _labelled(table, design)
    labels |= dict(design.pop("labels", None) or {})
    source = {
        **_source(table, restricted=bool(restricted)),
        "told_missing": gone,
        "without_weight": left,
        **dict(design.pop("source", None) or {}),
    }
    if design.get("replicate_weights") is None:  # else the design is that of the replicates
        source["not_used"] = {r: names for r, names in likely_design(table).items() if design.get(r) is None}
    with warnings.catch_warnings():
        if told:
            warnings.filterwarnings("ignore", message="No weights and no fpc", category=LloWarning)
        svy = Survey(frame, labels=labels, source=source, **design)
    if told:
        warnings.warn(LloWarning(told), stacklevel=2)
    return svy


def _with_weights(table: Table, column: Any, way: str | None) -> tuple[Table, dict[str, int]]:
    """The rows with a weight, where the others are to be left out; else these are refused."""
    if way is not None:
        check_option(way, "without_weight", (LEFT_OUT,), also="None")
    if not isinstance(column, str) or column not in table.frame or table.frame[column].dtype.kind not in "iuf":
        return table, {}
    kept, counts = with_weight(table.frame, column)
    values = table.frame[column].to_numpy(dtype=float, na_value=np.nan)
    if way is None and set(counts) & {"missing", "negative"}:
        raise DataError(
            f"{sum(n for kind, n in counts.items() if kind != 'zero'):,} rows have no weight, or one below zero.",
            where=f"{table.path.name}, column {column}, first in data row {int((~(values >= 0)).argmax()) + 1}",
            found=", ".join(f"{number:,} {kind}" for kind, number in counts.items()),
            expected="a number of zero or more in every row",
            todo=f"Are they outside the survey: without_weight={LEFT_OUT!r} leaves them out, and counts them.",
        )
    if way is None or not counts or not kept.any():
        return table, {}
    warnings.warn(LloWarning(told_left_out(counts, column, table.path.name)), stacklevel=3)
    return replace(table, frame=table.frame[kept].reset_index(drop=True)), counts


def _proportional(table: Table, design: dict[str, Any]) -> None:
    """Weights with a mean of 1 are proportional, unless the caller says what they are."""
    column = design.get("weights")
    if "weight_kind" in design or not isinstance(column, str) or column not in table.frame:
        return
    if mean_one(table.frame[column]):
        design["weight_kind"] = "proportional"
        told = f"The weights {column!r} have a mean of 1: they are taken as proportional, so that there are no totals."
        warnings.warn(LloWarning(f"{told} Else say weight_kind='expansion'."), stacklevel=3)


def _names(design: Mapping[str, Any], roles: Sequence[str]) -> list[str]:
    """Columns and patterns that the design names."""
    found: list[Any] = []
    for role in roles:
        value = design.get(role)
        found += [value] if isinstance(value, str) else list(value) if isinstance(value, (list, tuple)) else []
    items = design.get("item_weights")
    if isinstance(items, Mapping):
        found += [*items.values(), *(items if roles == _ROLES else ())]
    return [name for name in found if isinstance(name, str)]


def _fitting(header: Sequence[str], names: Sequence[str]) -> set[str]:
    """Columns that are named, by name or by a pattern such as ``"w[1-80]"``."""
    out: set[str] = set()
    for name in names:
        match = re.fullmatch(r"(.*)\[(\d+)-(\d+)\](.*)", name)
        pattern = re.escape(name) if match is None else rf"{re.escape(match[1])}\d+{re.escape(match[4])}"
        out |= {column for column in header if re.fullmatch(pattern, column)}
    return out


def _chooser(
    path: Path, columns: Sequence[str] | str | None, design: Mapping[str, Any]
) -> Callable[[list[str]], list[str]] | None:
    """Columns to read: those asked for and those of the design."""
    if columns is None:
        return None
    wanted = [columns] if isinstance(columns, str) else list(columns)

    def choose(header: list[str]) -> list[str]:
        keep = {*choose_columns(header, wanted, path), *_fitting(header, _names(design, _ROLES))}
        return [name for name in header if name in keep]

    return choose


def _tell_codes(table: Table) -> None:
    """Say that 'NA' in text is taken for a code."""
    unknown = [str(n) for n in table.frame.columns if "NA" not in table.value_labels.get(str(n), {})]
    held = [n for n in unknown if _is_text(table.frame[n]) and table.frame[n].isin(["NA"]).any()]
    if held:
        text = (
            f"{table.path.name} has 'NA' in columns of text ({', '.join(held[:5])}): it is taken for a code, "
            "not for a missing value. If it means missing, leave these cells empty in the file."
        )
        warnings.warn(LloWarning(text), stacklevel=3)


def _is_text(column: pd.Series) -> bool:
    """A column of text."""
    return column.dtype.kind not in "biufcmM" and not isinstance(column.dtype, pd.CategoricalDtype)


def _no_weights(table: Table, design: Mapping[str, Any]) -> str:
    """The warning when no weights are named, with the columns that may be them."""
    if design.get("weights") is not None or design.get("fpc") is not None:
        return ""
    likely = likely_design(table)
    found = "".join(f" Columns that look like {role}: {', '.join(n[:5])}." for role, n in likely.items())
    found += f" If they are: llo.read_file(..., {told_likely(likely)})." if likely else ""
    return f"No weights and no fpc were given: every row counts the same (weight 1).{found}"


def _labelled(table: Table, design: Mapping[str, Any]) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The frame with its categories, and the labels of variables and of codes that stay codes."""
    plain = _fitting(list(table.frame.columns), _names(design, _NUMBERS))
    columns: dict[str, pd.Series] = {}
    labels: dict[str, Any] = {}
    for name in table.frame.columns:
        series, text = table.frame[name], table.labels.get(name, "")
        codes = _codes_of(series, table.value_labels.get(name, {}), table.declared.get(name, ()))
        made = None if name in plain or not codes else _categories(series, codes)
        columns[name] = series if made is None else made
        entry: dict[str, Any] = {"nl": text, "en": text} if text else {}
        if codes and made is None:
            entry = entry or {"nl": name, "en": name}
            entry["values"] = {code: {"nl": label, "en": label} for code, label in codes.items()}
        if entry:
            labels[name] = entry
    return pd.DataFrame(columns, copy=False), labels


def _codes_of(series: pd.Series, told: Mapping[Any, str], declared: Sequence[Sequence[Any]]) -> dict[Any, str]:
    """Value labels by the values as they stand in the frame; not those of values that the file declares missing."""
    out: dict[Any, str] = {}
    numeric = pd.api.types.is_numeric_dtype(series)
    for code, label in told.items():
        text = str(label).strip()
        if not text or any(_within(code, low, high) for low, high in declared):
            continue
        key = code.rstrip() if isinstance(code, str) else code
        if numeric and isinstance(key, str):
            number = number_again(key)  # the label of '01' is not one of '1'
            if number is None:
                continue
            key = number
        if isinstance(key, (int, float)) and not isinstance(key, bool):
            if key > _STATA_MISSING and isinstance(code, int):
                continue
            key = int(key) if float(key).is_integer() else float(key)
        out[key] = text
    return out


def _within(code: Any, low: Any, high: Any) -> bool:
    """Is a code in a range of values that the file declares missing?"""
    if isinstance(code, str) or isinstance(low, str):
        return isinstance(code, str) and isinstance(low, str) and code.rstrip() == low.rstrip()
    return bool(low <= code <= high)


def _categories(series: pd.Series, codes: Mapping[Any, str]) -> pd.Series | None:
    """Labels as ordered categories; None when a value that occurs has no label, or two have the same."""
    if isinstance(series.dtype, pd.CategoricalDtype) or len(set(codes.values())) < len(codes):
        return None
    place = {code: number for number, code in enumerate(codes)}
    numbers, distinct = pd.factorize(series)
    if not all(value in place for value in distinct):
        return None
    table = np.array([*(place[value] for value in distinct), -1], dtype=np.intp)
    levels = pd.Index(list(codes.values()))
    made = pd.Categorical.from_codes(table[numbers], categories=levels, ordered=True)
    return pd.Series(made, index=series.index, name=series.name)


def _source(table: Table, *, restricted: bool) -> dict[str, Any]:
    """Where the data come from: a name, never a folder."""
    record = file_record(replace(table, path=Path(table.path.name)))
    record["path"] = table.path.name
    words = {"nl": "besloten microdata", "en": "restricted microdata"}
    return {
        "title": table.path.name,
        "edition": words if restricted else "",
        **{key: record[key] for key in ("path", "sha256", "rows")},
        "files": [record],
        "synthetic": False,
        "kind": "restricted" if restricted else "own",
        "restricted": restricted,
        "user_missing": dict(table.user_missing),
    }
