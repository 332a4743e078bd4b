"""What files of statistics programs can hold: their refusals, and the numbers, labels and formats of each column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from llo_research.survey.file_columns import EXACT, FileColumn, refused

_STATA_LARGEST = 8.988465674311579e307  # above it a double is a missing value
_STATA_LONG = 2_147_483_620
_SPSS_TEXT = 32_767  # bytes
_SPSS_ORIGIN = "1582-10-14"
_LABEL_SIZE = {
    "dta": (80, 320, 32_000),
    "sav": (256, 256, 120),
}  # characters and bytes of a column's, bytes of a value's
_SPSS_FORMATS = {"whole": "F12.0", "switch": "F1.0", "day": "DATE11", "moment": "DATETIME23.3", "clock": "TIME12.3"}


@dataclass(frozen=True, eq=False)
class Coded:
    """A column as numbers or text: what .dta and .sav hold.

    values : (n,) float64, int64, or text, empty where it is missing.
    """

    values: np.ndarray
    label: str
    value_labels: dict[Any, str] = field(default_factory=dict)
    format: str | None = None
    measure: str = "nominal"


def check_texts(column: FileColumn, kind: str) -> None:
    """Text that a file cannot hold, or that would come back as something else."""
    texts = column.texts()
    for text in texts:
        if any("\ud800" <= sign <= "\udfff" for sign in text):
            raise refused(column.name, "holds text that is no Unicode", **_at(column, text))
    if kind == "parquet":
        return
    for text in texts:
        if _as_read(text, kind) == "":
            raise refused(
                column.name,
                f"holds an empty text, which in a .{kind} file is a missing value",
                **_at(column, text),
                todo="make it missing, or give it a word, before making the Survey",
            )
        if "\0" in text:
            raise refused(
                column.name, f"holds a null character, at which text ends in a .{kind} file", **_at(column, text)
            )
    if column.kind == "text":
        _check_alike(column, texts, kind)


def _as_read(text: str, kind: str) -> str:
    """Text as it comes out of a file: SPSS fills it with blanks at its end, and lines of a .csv file end alike."""
    return (
        text.rstrip(" ") if kind == "sav" else text.replace("\r\n", "\n").replace("\r", "\n") if kind == "csv" else text
    )


def _check_alike(column: FileColumn, texts: Sequence[str], kind: str) -> None:
    """Texts that differ here and not in the file, and text that is too long for SPSS."""
    seen: dict[str, str] = {}
    for text in texts:
        if seen.setdefault(_as_read(text, kind), text) != text:
            what = "blanks at their end" if kind == "sav" else "the marks at the ends of their lines"
            raise refused(column.name, f"holds texts that differ by {what} only", **_at(column, text))
    long = next((text for text in texts if len(text.encode("utf-8")) > _SPSS_TEXT), None) if kind == "sav" else None
    if long is not None:
        found = f"{len(long.encode('utf-8')):,} bytes"
        raise refused(column.name, "holds text that is too long for SPSS", **_at(column, long) | {"found": found})


def _at(column: FileColumn, text: str) -> dict[str, Any]:
    """The first row that holds a text, and the text."""
    if column.kind == "text":
        return {"row": int((column.values == text).argmax()), "found": repr(text)[:60]}
    return {"found": f"category {text!r}"[:80]}


def coded(column: FileColumn, kind: str, was: str | None) -> Coded:
    """A column as a .dta or .sav file holds it.

    kind : "dta" or "sav".
    was : the name in the data, where the file has another.
    """
    label = _label(column, kind, was)
    labels = _value_labels(column, kind)
    if column.kind == "text":
        return Coded(np.where(column.missing, "", column.values), label)
    if column.kind in ("day", "moment", "clock", "span"):
        values, form = _times(column, kind)
        return Coded(values, label, {}, form, "scale")
    shown = _SPSS_FORMATS.get(column.kind)
    if column.kind == "category":
        measure = "ordinal" if column.ordered else "nominal"
        numbers = np.arange(1, len(column.levels) + 1) if column.coded_text else np.asarray(column.levels)
        _check_exact(column, numbers, kind)
        values = numbers[column.values] if len(numbers) else np.zeros(len(column.values))
        return Coded(_with_gaps(values, column.missing), label, labels, shown, measure)
    _check_exact(column, column.values, kind)
    measure = "nominal" if labels or column.kind == "switch" else "scale"
    return Coded(_with_gaps(column.values, column.missing), label, labels, shown, measure)


def _with_gaps(values: np.ndarray, missing: np.ndarray) -> np.ndarray:
    """Whole numbers as int64 where none is missing and Stata has integers of that size, else as float64."""
    if values.dtype.kind == "f" or missing.any() or (np.abs(values) > _STATA_LONG).any():
        return np.where(missing, np.nan, values.astype(np.float64))
    return values.astype(np.int64)


def _check_exact(column: FileColumn, numbers: np.ndarray, kind: str) -> None:
    """Numbers that these files, whose numbers are floats of 64 bits, hold as they are."""
    shown = numbers if column.kind == "category" else np.where(column.missing, numbers.dtype.type(0), numbers)
    large = (shown > EXACT) | (shown < -EXACT) if numbers.dtype.kind in "iu" else np.zeros(len(shown), dtype=bool)
    if large.any():
        row = int(large.argmax())
        raise refused(
            column.name,
            f"holds whole numbers above 2**53, which a .{kind} file does not hold exactly",
            row=row,
            found=numbers[row],
            todo="make it text (a code, not a number) before making the Survey; .csv and .parquet hold it as it is",
        )
    if kind == "dta" and (np.abs(shown) > _STATA_LARGEST).any():
        row = int((np.abs(shown) > _STATA_LARGEST).argmax())
        raise refused(column.name, "holds a number that is missing to Stata", row=row, found=numbers[row])


def _times(column: FileColumn, kind: str) -> tuple[np.ndarray, str]:
    """Dates and times, and how they are shown.

    SPSS counts seconds since 14 October 1582; for Stata pandas counts. Spans and times of the day are seconds.
    """
    if column.zoned:
        raise refused(
            column.name,
            f"has a time zone, which a .{kind} file has not",
            found="moments in a time zone",
            todo="svy.assign(x=lambda d: d['...'].dt.tz_localize(None)) writes the time on the clock there",
        )
    in_micro = column.values.astype(f"{column.values.dtype.kind}8[us]")
    micro = np.where(column.missing, 0, in_micro.astype(np.int64))
    fine = ((micro % 1000 != 0) | (in_micro != column.values)) & ~column.missing
    if fine.any():
        row = int(fine.argmax())
        raise refused(
            column.name,
            f"holds times finer than a millisecond, which a .{kind} file does not hold exactly",
            row=row,
            found=column.values[row],
            todo="round them before making the Survey: frame[name].dt.round('ms')",
        )
    milli = micro // 1000
    if kind == "dta" and column.kind in ("day", "moment"):
        moments = milli.astype("M8[ms]")
        moments[column.missing] = np.datetime64("NaT")
        return moments, "td" if column.kind == "day" else "tc"
    since = np.datetime64(_SPSS_ORIGIN, "ms").astype(np.int64) if column.kind in ("day", "moment") else 0
    return np.where(column.missing, np.nan, (milli - since) / 1000), _SPSS_FORMATS.get(column.kind, "DTIME20.3")


def _label(column: FileColumn, kind: str, was: str | None) -> str:
    """The label of the column, with its name in the data where that is another, cut to what the file takes."""
    characters, size, _ = _LABEL_SIZE[kind]
    unit = "seconds" if kind == "dta" and column.kind in ("span", "clock") else ""
    told = " ".join([*([f"({unit})"] if unit else []), *([f"[{was}]"] if was is not None else [])])
    room = characters - len(told) - 1
    label = column.label if not told else _cut(column.label, room, size - len(told.encode("utf-8")) - 1)
    return _cut(f"{label} {told}".strip(), characters, size)


def _value_labels(column: FileColumn, kind: str) -> dict[Any, str]:
    """Labels by the numbers in the file; categories that are text are called as they are unless they have labels."""
    size = _LABEL_SIZE[kind][2]
    if column.coded_text:
        told = [column.value_labels.get(level, level) for level in column.levels]
        if len(set(told)) < len(told):
            told = list(column.levels)
        cut = [_cut(text, size, size) for text in told]
        if len(set(cut)) < len(cut):
            raise refused(column.name, f"has categories that differ after {size} bytes only", found=f"{cut[0]!r}"[:80])
        return dict(enumerate(cut, start=1))
    if column.kind not in ("number", "whole", "switch", "category"):
        return {}
    numbers = {float(v): _cut(text, size, size) for v, text in column.value_labels.items() if _is_number(v)}
    if kind == "sav":
        return numbers
    return {int(v): text for v, text in numbers.items() if v.is_integer() and abs(v) <= _STATA_LONG}


def _is_number(value: Any) -> bool:
    """A number that may have a label."""
    return isinstance(value, int | float | np.number | np.bool_) and bool(np.isfinite(value))


def _cut(text: str, characters: int, size: int) -> str:
    """Text of at most so many characters and bytes; what was cut ends in three dots."""
    if len(text) <= characters and len(text.encode("utf-8", "replace")) <= size:
        return text
    kept = text[: max(characters - 3, 0)]
    while kept and len(kept.encode("utf-8", "replace")) > size - 3:
        kept = kept[:-1]
    return f"{kept.rstrip()}..."
