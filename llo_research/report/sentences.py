"""Sentences whose numbers come from results, so that the text of a chapter cannot disagree with its data."""

from __future__ import annotations

import math
import string
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import pandas as pd

from llo_research.errors import DataError, DisclosureError
from llo_research.estimation.ranking import Ranks
from llo_research.report.content.content import Content
from llo_research.report.content.labels import check_language, marked, unmarked
from llo_research.report.content.numbers import interval, number, p_text, with_unit
from llo_research.report.content.reading import check_digits, content_of
from llo_research.report.readings import LESS, MORE, UNCLEAR, direction
from llo_research.results.floors import withheld
from llo_research.results.seen import frame_to_show

_STYLES = ("", "estimate", "interval", "size", "by", "bare", "more", "more often", "p", "n", "direction")
_READINGS = {
    "nl": ("meer", "minder", "niet aan te tonen"),
    "en": ("more", "less", "cannot be told"),
}
_STYLES_TOLD = ", ".join([*_STYLES, "direction|above|below|around"])
_MORE = {
    "more": {"en": ("more", "less"), "nl": ("meer", "minder")},
    "more often": {"en": ("more often", "less often"), "nl": ("vaker", "minder vaak")},
}


def sentences(template: str, *, digits: int = 1, language: str = "nl", **results: Any) -> Sentences:
    """Text with numbers filled in from results, rounded and with their intervals.

    Use it wherever a sentence of a chapter names a number: when the data change, so does the sentence, and a row that
    no longer exists raises instead of leaving an old number behind.

    Parameters
    ----------
    template : str
        Text with places such as ``{trained[flexible]}``: the name of a result and the label of its row (as in
        ``result.labels``); without a label where the result has one row. After a colon what to show:

        nothing : estimate with unit and interval, ``51.0% (46.2 to 55.8)``;
        ``estimate`` : the estimate with its unit;
        ``interval`` : the interval alone;
        ``size`` : the estimate without its sign, for sentences that say the direction themselves;
        ``by`` : the same with its interval, for "less often, by 5.9 percentage points (1.0 to 10.7)"; where the
        direction cannot be told it keeps its sign;
        ``bare`` : estimate and interval without unit, for tables whose head names it;
        ``more``, ``more often`` : a difference in words, ``5.9 percentage points less (1.0 to 10.7)``;
        ``direction|more|less|cannot be told`` : words of your own for an interval above no difference, below it, and
        around it; ``direction`` alone has these;
        ``p`` : the p-value, ``p = 0.018``;
        ``n`` : the unweighted count.

        A number by itself, such as a count of countries, is written in the language's way; a text, such as a year or
        a name, stands as it is. Where a result comes from synthetic data the text says so before all else, as
        :func:`sentence` does; a title made of it says it once.
    digits : int
        Decimals of percentages, as in :func:`table`.
    language : {"nl", "en"}
    **results : Result, Ranks, DataFrame, number or str
        What the places speak of. A frame (published figures, estimates) is read by its index;
        of ranks the rank is shown, with its interval.

    Returns
    -------
    Sentences
        With ``.text``; in a notebook it shows itself.

    Raises
    ------
    DataError
        A place that names no result or row, a result of several rows without a label, an unknown style, a number that
        is not defined, a p-value or interval of a result that has none.
    DisclosureError
        A row of restricted files that may not be seen, as in :func:`table`.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"contract": ["fixed", "flex", "fixed", "flex"], "w": [3.0, 1.0, 3.0, 1.0]})
    >>> found = llo.share("contract", llo.Survey(frame, weights="w"))
    >>> str(llo.report.sentences("Of all, {c[flex]:estimate} is flexible.", c=found, language="en"))
    'Of all, 25.0% is flexible.'
    """
    check_language(language)
    check_digits(digits)
    rows = {name: _place_of(name, result, digits, language) for name, result in results.items()}
    missing = [field for _, field, _, _ in string.Formatter().parse(template) if field and _head(field) not in rows]
    if missing:
        raise DataError(
            "A sentence names a result that was not given.", where="{" + missing[0] + "}", expected=", ".join(rows)
        )
    text = template.format_map(rows)
    used = {_head(field) for _, field, _, _ in string.Formatter().parse(template) if field}
    synthetic = any(_is_synthetic(results[name], rows[name], language) for name in used)
    return Sentences(marked(text, language) if synthetic else text)


def _is_synthetic(result: Any, place: str | _Rows, language: str) -> bool:
    """Whether what a place shows comes from synthetic data: a result, or a sentence that says so."""
    if isinstance(place, _Rows):
        return place.content.synthetic
    return isinstance(result, str) and result != unmarked(result, language)


def _place_of(name: str, result: Any, digits: int, language: str) -> str | _Rows:
    """What a name in a template stands for."""
    if isinstance(result, str):
        return unmarked(result, language)
    if isinstance(result, Real) and not isinstance(result, bool):
        return _number_text(result, digits, language)
    return _Rows(name, result, digits, language)


class Sentences(str):
    """Text with its numbers filled in, made by :func:`sentences` and :func:`sentence`; shown as it reads."""

    __slots__ = ()

    @property
    def text(self) -> str:
        """The text by itself."""
        return str(self)

    def __repr__(self) -> str:
        return str(self)

    def _repr_markdown_(self) -> str:
        return str(self)


class _Rows:
    """A result whose rows are looked up by label while a template is formatted."""

    def __init__(self, name: str, result: Any, digits: int, language: str) -> None:
        self.name = name
        self.content = content_of(result, digits, language)
        labels = result.index if isinstance(result, pd.DataFrame) else result.labels
        self.labels = [str(label) for label in labels]
        if isinstance(result, Ranks):
            frame = pd.DataFrame()  # a rank has no p-value
        else:
            frame = result if isinstance(result, pd.DataFrame) else frame_to_show(result, withheld(result))
        self.p_values = frame["p_value"].to_list() if "p_value" in frame else None
        if len(self.labels) != len(self.content.estimate):
            raise DataError("The rows of this frame are not shown one by one.", where=name, expected="a row a figure")

    def __getitem__(self, label: str | int) -> _Place:
        found = [i for i, known in enumerate(self.labels) if known == str(label)]
        if len(found) != 1:
            raise DataError(
                "A sentence names a row that is not there." if not found else "A sentence names several rows.",
                where=f"{{{self.name}[{label}]}}",
                expected="one of: " + "; ".join(dict.fromkeys(self.labels)),
            )
        return _Place(self, found[0])

    def __format__(self, style: str) -> str:
        if len(self.labels) != 1:
            raise DataError(
                "A result of several rows needs the label of one.",
                where=f"{{{self.name}}}",
                expected="one of: " + "; ".join(self.labels),
            )
        return format(_Place(self, 0), style)


@dataclass(frozen=True)
class _Place:
    """One row of a result, at its place in a sentence."""

    rows: _Rows
    i: int

    def __format__(self, style: str) -> str:
        content, i = self.rows.content, self.i
        where = f"{self.rows.name}[{self.rows.labels[i]}]"
        style, *words = style.split("|")
        if style not in _STYLES or (words and (style != "direction" or len(words) != len(_READINGS["en"]))):
            raise DataError(
                "A number has no such style.", where=where, found="|".join([style, *words]), expected=_STYLES_TOLD
            )
        if content.withheld and content.withheld[i]:
            raise DisclosureError(
                "A sentence names a number that may not be seen.",
                where=where,
                found=f"n {content.withheld[i]}" if content.withheld[i].startswith("<") else content.absent(i),
                expected=content.notes.get("disclosure"),
                todo="name another row, or take larger groups",
            )
        if not math.isfinite(content.estimate[i]):
            raise DataError("A sentence names a number that is not defined.", where=where, found="no data")
        if style == "direction":
            return _direction(content, i, words or _READINGS[content.language], where)
        if style == "p":
            return _p_value(self.rows.p_values, i, content.language, where)
        if style == "n":
            return _count(content, i, where)
        return _number(content, i, style, where)


def _number(content: Content, i: int, style: str, where: str) -> str:
    """The text of an estimate in a style."""
    value, low, high = content.estimate[i], content.low[i], content.high[i]
    if (style in _MORE and value < 0) or (style == "by" and _is_below(content, i)):
        value, low, high = -value, -high, -low
    value = abs(value) if style == "size" else value
    ends = interval(low, high, content.decimals[i], content.language)
    if style in ("interval", *_MORE) and not ends:
        raise DataError("A sentence names an interval that is not there.", where=where)
    if style == "interval":
        return ends
    unit = "number" if style == "bare" else content.quantities[i].unit
    text = with_unit(value, content.decimals[i], unit, content.language)
    text = f"{content.before[i]} {text}" if content.before[i] else text
    if style in _MORE:
        more, less = _MORE[style][content.language]
        text += f" {more if content.estimate[i] >= 0 else less}"
    return f"{text} ({ends})" if style in ("", "by", "bare", *_MORE) and ends else text


def _is_below(content: Content, i: int) -> bool:
    """Whether the whole interval of a difference lies below nought."""
    return content.quantities[i].null == 0 and direction(content, i, 0.0) == LESS


def _direction(content: Content, i: int, words: Sequence[str], where: str) -> str:
    """The words for an interval above no difference, below it, or around it."""
    null = content.quantities[i].null
    if null is None:
        raise DataError(
            "A direction is that of a comparison.",
            where=where,
            found=f"a {content.quantities[i].kind}",
            expected="a difference, a change, a coefficient or a contrast",
        )
    if not (math.isfinite(content.low[i]) and math.isfinite(content.high[i])):
        raise DataError("A direction needs an interval.", where=where, found="none")
    return words[(MORE, LESS, UNCLEAR).index(direction(content, i, null))]


def _number_text(value: Real, digits: int, language: str) -> str:
    """A number by itself: whole ones without decimals."""
    if not math.isfinite(float(value)):
        raise DataError("A sentence names a number that is not defined.", found=repr(value))
    return number(float(value), 0 if isinstance(value, Integral) else digits, language)


def _p_value(p_values: Sequence[float] | None, i: int, language: str, where: str) -> str:
    """The text of a p-value."""
    if p_values is None or not math.isfinite(p_values[i]):
        raise DataError("A sentence names a p-value that is not there.", where=where)
    text = p_text(p_values[i], language)
    return f"p {text}" if text.startswith("<") else f"p = {text}"


def _count(content: Content, i: int, where: str) -> str:
    """The text of an unweighted count."""
    text = "" if content.n is None else number(content.n[i], 0, content.language)
    if not text:
        raise DataError("A sentence names a count that is not there.", where=where)
    return text


def _head(field: str) -> str:
    """The name of the result that a place speaks of."""
    return field.partition("[")[0].partition(".")[0]
