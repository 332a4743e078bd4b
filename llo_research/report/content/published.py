"""Published figures as content: numbers as printed, with what they measure, and the word that no interval exists."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from llo_research.report.content.content import Content, heading_of
from llo_research.report.content.footers import published_footer
from llo_research.report.content.labels import capital, is_missing, plain, spoken, value_label, word
from llo_research.results.quantities import Quantity

_ENDS = ("conf_low", "conf_high")
BOUNDS = ("rounding_low", "rounding_high")  # what rounding allows, as data_raw/published/derived.csv names it
_SAME = ("series", "breakdown", "category", "year", "period", "unit")
_ALWAYS = ("category", "year", "period")
_SHOWN = ("label", "instrument", "reference_period", "population", "breakdown", "category", "year", "period", "measure")
_MEASURES = {"share": "share", "participants": "total", "persons": "total"}


def published_content(frame: pd.DataFrame, digits: int, language: str) -> Content:
    """The content of a frame with a column `value`, such as ``llo.published()`` gives."""
    attrs = {str(key): value for key, value in frame.attrs.items()}
    frame = _with_ends(frame.reset_index(drop=True))
    told = _Told(attrs.get("words") or {}, language)
    labels = frame.get(f"label_{language}", frame.get("label_en", frame.get("series")))
    if labels is not None:
        frame = frame.assign(label=labels)
    shown = _columns(frame)
    names = pd.DataFrame({n: [told.text(n, value) for value in frame[n]] for n in shown}, index=frame.index)
    if not shown:
        names = pd.DataFrame({"row": [str(i + 1) for i in range(len(frame))]})
    rows = [_quantity(row) for _, row in frame.iterrows()]
    rounded = set(BOUNDS) <= set(frame.columns)
    low, high = (_numbers(frame, name) for name in (BOUNDS if rounded else _ENDS))
    content = Content(
        names=names,
        heads={name: capital(word("series" if name == "label" else name, language)) for name in map(str, names)},
        raw=frame[shown].copy(),
        estimate=_numbers(frame, "value"),
        low=low,
        high=high,
        n=_numbers(frame, "n") if "n" in frame else None,
        quantities=tuple(rows),
        decimals=tuple(_places(step, digits) for step in frame.get("rounding", pd.Series(np.nan, index=frame.index))),
        flags=tuple(_flags(text) for text in frame.get("flag", pd.Series("", index=frame.index))),
        before=tuple(qualified(text, language) for text in frame.get("qualifier", pd.Series("", index=frame.index))),
        covariance=None,
        df=np.full(len(frame), np.nan),
        what=_what(frame, shown, told),
        heading=heading_of(rows, language),
        notes=_notes(frame, attrs, np.isfinite(low), told),
        meta={"source": _without_words(attrs), "bounds": "rounding" if rounded else ""},
        level=0.95,
        language=language,
        synthetic=bool(attrs.get("synthetic")),
        published=True,
        breaks=_breaks(frame, told),
    )
    return _with_footer(content)


def _with_footer(content: Content) -> Content:
    """With the two lines on the rows shown."""
    lines, covered = published_footer(content.notes, [year for year, _ in content.breaks], content.language)
    return replace(content, footer=lines, in_footer=covered)


def _without_words(attrs: Mapping[str, Any]) -> dict[str, Any]:
    """What is told of the source; not the table of words."""
    return {key: value for key, value in attrs.items() if key != "words"}


@dataclass(frozen=True)
class _Told:
    """The texts of published figures in a language; a text without words is shown as it stands."""

    words: Mapping[str, Mapping[str, str]]
    language: str

    def text(self, name: str, value: Any) -> str:
        """A cell in words."""
        if is_missing(value):
            return ""
        shown = plain(value)
        if shown in self.words:
            return spoken(self.words[shown], self.language)
        return value_label(name, value, {}, self.language) if name == "measure" else shown


def _numbers(frame: pd.DataFrame, name: str) -> np.ndarray:
    """A column of numbers, nan where there is none."""
    if name not in frame:
        return np.full(len(frame), np.nan)
    return pd.to_numeric(frame[name]).to_numpy(dtype=np.float64, na_value=np.nan)


def _with_ends(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows that are ends of intervals as columns of the estimate they belong to; what fits nowhere stays a row."""
    if "measure" not in frame or not frame["measure"].isin(_ENDS).any():
        return frame
    keys = [name for name in _SAME if name in frame]
    told = [tuple(plain(value) for value in row) for row in frame[keys].to_numpy()]
    is_end = frame["measure"].isin(_ENDS).to_numpy()
    place: dict[tuple[str, ...], list[int]] = {}
    for i, key in enumerate(told):
        if not is_end[i]:
            place.setdefault(key, []).append(i)
    ends = {name: np.full(len(frame), np.nan) for name in _ENDS}
    gone = np.zeros(len(frame), dtype=bool)
    for i in map(int, np.flatnonzero(is_end)):
        owners, name = place.get(told[i], []), str(frame["measure"].iloc[i])
        if len(owners) == 1 and np.isnan(ends[name][owners[0]]):
            ends[name][owners[0]], gone[i] = float(frame["value"].iloc[i]), True
    return frame.assign(**ends)[~gone].reset_index(drop=True)


def _columns(frame: pd.DataFrame) -> list[str]:
    """The columns that tell figures apart."""
    present = [name for name in _SHOWN if name in frame and frame[name].notna().any()]
    if "year" in present and "period" in present:
        same = [plain(a) == plain(b) for a, b in zip(frame["year"], frame["period"], strict=True)]
        present.remove("period" if all(same) else "year")
    varying = [name for name in present if frame[name].nunique(dropna=False) > 1]
    return varying or [name for name in present if name in _ALWAYS]


def _quantity(row: pd.Series) -> Quantity:
    """The quantity of a published number."""
    unit = "" if is_missing(row.get("unit")) else str(row.get("unit"))
    kind = _MEASURES.get(str(row.get("measure")), "published")
    shown = {"%": "percent", "pp": "points", "": "number"}.get(unit, unit)
    return Quantity(kind, shown, null=0.0 if shown == "points" else None)


def _places(step: Any, digits: int) -> int:
    """Decimals as printed; `digits` where the rounding is not known."""
    if is_missing(step) or not float(step) > 0:
        return digits
    return max(0, -math.floor(math.log10(float(step)) + 1e-9))


def _flags(text: Any) -> tuple[str, ...]:
    """Flags of a published figure, which are separated by semicolons."""
    return () if is_missing(text) else tuple(part.strip() for part in str(text).split(";") if part.strip())


def qualified(text: Any, language: str) -> str:
    """Words before a number that is not exact."""
    return "" if is_missing(text) or text not in ("about", "more than") else word(str(text), language)


def _what(frame: pd.DataFrame, shown: list[str], told: _Told) -> str:
    """The first sentence of the caption."""
    labels = _distinct(frame, "label")
    text = labels[0] if len(labels) == 1 else "Gepubliceerde cijfers" if told.language == "nl" else "Published figures"
    constant = [name for name in ("year", "category") if name not in shown and len(_distinct(frame, name)) == 1]
    parts = [frame[name].iloc[0] for name in constant]
    return capital(", ".join([text, *(told.text("", part) for part in parts if part != "total")]))


def _notes(frame: pd.DataFrame, attrs: dict[str, Any], has_ends: np.ndarray, said: _Told) -> dict[str, str]:
    """Notes by topic."""
    told: dict[str, str] = {}
    language = said.language
    if attrs.get("synthetic"):
        told["synthetic"] = word("synthetic_note", language)
    for name in ("instrument", "population", "reference_period", "definition"):
        values = _distinct(frame, name)
        if len(values) == 1:
            head = {"definition": ("Definitie", "Definition")}.get(name)
            text = head[language == "en"] if head else capital(word(name, language))
            told[name] = f"{text}: {said.text(name, values[0])}."
    if set(BOUNDS) <= set(frame.columns):
        told["interval"] = word("rounding_only", language)
    elif not has_ends.all():
        told["interval"] = word("some_not_published_interval" if has_ends.any() else "not_published_interval", language)
    else:
        told["interval"] = "BI: zoals gepubliceerd." if language == "nl" else "CI: as published."
    texts = [
        f"{word('break', language)} {plain(year)}" + (f": {what}" if what else "")
        for year, what in _breaks(frame, said)
    ]
    if texts:
        told["breaks"] = capital("; ".join(texts)) + "."
    told["source"] = _sources(frame, attrs, said)
    return told


def _breaks(frame: pd.DataFrame, told: _Told) -> tuple[tuple[float, str], ...]:
    """The breaks that the figures straddle."""
    if "break_year" not in frame or "break_flag" not in frame:
        return ()
    after = frame[frame["break_flag"].astype(bool)]
    what = after["break_what"] if "break_what" in after else [""] * len(after)
    pairs = zip(after["break_year"], what, strict=True)
    return tuple(dict.fromkeys((float(year), told.text("break_what", text)) for year, text in pairs))


def _distinct(frame: pd.DataFrame, name: str) -> list[str]:
    """The different texts of a column."""
    return list(dict.fromkeys(str(value) for value in frame[name].dropna())) if name in frame else []


def _sources(frame: pd.DataFrame, attrs: dict[str, Any], told: _Told) -> str:
    """Every publication that the numbers come from."""
    head = "Bron" if told.language == "nl" else "Source"
    if "source_title" in frame:
        years = frame.get("source_year", pd.Series("", index=frame.index))
        pairs = zip(frame["source_title"], years, strict=True)
        found = [f"{told.text('source_title', title)} ({plain(year)})" for title, year in pairs]
    else:
        found = _distinct(frame, "source")
    texts = list(dict.fromkeys(found)) or [spoken(attrs.get("credit"), told.language)]
    return f"{head}: {'; '.join(text for text in texts if text) or '-'}."
