"""Own and published numbers beside one another: each with its source, period and definition, never one series.

A part is what one source says of one reference period; where a method break lies within it, the years on either side
are parts of their own. No covariance is known between parts, so nothing is claimed of their difference.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from llo_research.errors import DataError
from llo_research.report.content.content import Content
from llo_research.report.content.labels import capital, lowered, plain, said, spoken, word
from llo_research.report.content.merging import merged
from llo_research.report.content.numbers import level_text, unit_text
from llo_research.report.content.steps import take
from llo_research.report.content.times import time_column
from llo_research.report.content.years import one_year

BESIDE = "beside"
BARS = "bars"
THEIRS = "published_rows"  # in ``meta``: for each row whether others published it
# What a published figure is of, by which a frame is divided into parts.
_APART = ("series", "instrument", "reference_period", "population", "definition")
_YEAR = re.compile(r"\d{4}")
_UNKNOWN = ("not stated", "unclear", "niet vermeld", "onduidelijk")
_FEW = 3
_NUMBERS = {
    name: str(k)
    for k, names in {2: "two twee", 3: "three drie", 4: "four vier", 12: "twelve twaalf"}.items()
    for name in names.split()
}
_WORDS: dict[str, tuple[str, str]] = {
    "own": ("eigen berekening", "own estimate"),
    "published": ("gepubliceerd", "published"),
    "head": ("Bron", "Source"),
    "group": ("Groep", "Group"),
    "beside": (" naast ", " beside "),
    "many": ("eigen en gepubliceerde cijfers naast elkaar", "own and published figures side by side"),
    "periods": (
        "; verschillende referentieperioden, niet één reeks",
        "; different reference periods, not one series",
    ),
    "own bars": (
        "Balk: {level}%-betrouwbaarheidsinterval van de eigen cijfers",
        "Bar: {level}% confidence interval of own figures",
    ),
    "published bars": (", en van gepubliceerde zoals gepubliceerd", ", and of published ones as published"),
}


@dataclass(frozen=True)
class Part:
    """What one source says of one reference period.

    label : the source with its reference period, which names its rows. source, period : apart.
    what : what is measured. same : what all its rows share beyond that, a category and a year.
    """

    content: Content
    label: str
    source: str
    period: str
    what: str
    same: tuple[str, ...] = ()


def beside(contents: Sequence[Content], called: Sequence[str], language: str) -> Content:
    """The rows of all parts, each named by its source and period; `called`: what each published one measures.

    Raises
    ------
    DataError
        Numbers of different units or kinds (a share and a mean), rows that are parts of a whole or terms of a model,
        intervals of different levels.
    """
    _check(contents)
    whole_parts = _distinct([_part(content, name) for content, name in zip(contents, called, strict=True)])
    parts = [part for one in whole_parts for part in _segments(one)]
    rows = pd.concat([_rows(part) for part in parts], ignore_index=True)
    kept = [name for name in ("source", "group", "year") if name == "source" or (rows[name] != "").any()]
    year = capital(word("year", language))
    heads = {"source": said(_WORDS, "head", language), "group": _group_head(contents), "year": year}
    own = [content for content in contents if not content.published]
    first = own[0] if own else contents[0]
    return replace(
        merged([part.content for part in parts]),
        names=rows[kept],
        heads={name: heads[name] for name in kept},
        raw=rows[kept],
        flags=tuple(flags for part in parts for flags in _flags(part.content)),
        what=_what(whole_parts),
        heading=first.heading,
        notes=_notes(whole_parts, first),
        meta={
            "source": first.meta.get("source") or {},
            BESIDE: True,
            BARS: _bars(contents, first),
            THEIRS: [part.content.published for part in parts for _ in part.content.estimate],
        },
        level=first.level,
        published=not own,
        breaks=(),
        footer=_footer(contents, first),
    )


def _check(contents: Sequence[Content]) -> None:
    """Numbers that can stand on one axis."""
    for content in contents:
        apart = [name for name in ("component", "term") if name in content.raw]
        if apart:
            raise _refused(
                "Parts of a whole and terms of a model do not stand beside published figures.", f"a column {apart[0]!r}"
            )
    units = list(dict.fromkeys(quantity.unit for content in contents for quantity in content.quantities))
    if len(units) > 1:
        found = ", ".join(unit_text(unit, "en") or "plain numbers" for unit in units)
        raise _refused("Numbers in different units do not stand beside one another.", found)
    kinds = dict.fromkeys(quantity.kind for content in contents for quantity in content.quantities)
    kinds.pop("published", None)
    if len(kinds) > 1:
        raise _refused("Numbers of different kinds do not stand beside one another.", ", ".join(kinds))
    levels = {content.level for content in contents if not content.published}
    if len(levels) > 1:
        raise _refused("Intervals of different levels do not stand beside one another.", f"levels {sorted(levels)}")


def _refused(what: str, found: str) -> DataError:
    """Results that cannot be shown together."""
    return DataError(
        what,
        where="a list of results",
        found=found,
        expected="shares beside shares, means beside means, in one unit and at one level",
        todo="choose rows of one kind (published figures: frame[frame['measure'] == 'share']), or show each by itself",
    )


def _part(content: Content, called: str) -> Part:
    """A content with the name of its source."""
    language, source = content.language, content.meta.get("source") or {}
    if content.published:
        name = _noted(content, "instrument") or spoken(source.get("credit"), language)
    else:
        name = str(source.get("instrument") or "").upper() or spoken(source.get("title"), language)
    period = _noted(content, "reference_period")
    how = said(_WORDS, "published" if content.published else "own", language)
    label = ", ".join(text for text in (name, how, period) if text)
    if not content.published:
        return Part(content, label, name, period, content.what.partition(": ")[0], (one_year(content),))
    known = bool(called) and content.what.lower().startswith(called.lower())
    rest = content.what[len(called) :] if known else ""
    return Part(content, label, name, period, called if known else content.what, tuple(filter(None, rest.split(", "))))


def _distinct(parts: Sequence[Part]) -> list[Part]:
    """Parts of one source and period with what they measure in their names."""
    labels = [part.label for part in parts]
    return [
        replace(part, label=f"{part.label}: {part.what}") if labels.count(part.label) > 1 else part for part in parts
    ]


def _noted(content: Content, topic: str) -> str:
    """What a note says behind its head."""
    return content.notes.get(topic, "").partition(": ")[2].rstrip(".")


def _segments(part: Part) -> list[Part]:
    """A part for the years on each side of the method breaks within it."""
    content, column = part.content, time_column(part.content, None)
    if column is None or not content.breaks:
        return [part]
    years = pd.to_numeric(content.raw[column].astype(str)).to_numpy(dtype=np.float64)
    side = np.array([sum(time <= year for time, _ in content.breaks) for year in years])
    if len(set(side)) == 1:
        return [part]
    out = []
    for k in dict.fromkeys(sorted(side)):
        rows = [int(i) for i in np.flatnonzero(side == k)]
        ends = list(dict.fromkeys(plain(float(end)) for end in (years[rows].min(), years[rows].max())))
        out.append(replace(part, content=take(content, rows), label=f"{part.label} ({'-'.join(ends)})"))
    return out


def _rows(part: Part) -> pd.DataFrame:
    """Source, group and year of each row, in words."""
    content = part.content
    column = time_column(content, None)
    others = [name for name in content.names if name != column and name not in ("row", "variable", "label")]
    year = next((text for text in part.same if _YEAR.fullmatch(text)), "")
    same = [text for text in part.same if not _YEAR.fullmatch(text)]
    texts = content.names[others].astype(str).to_numpy().tolist()
    groups = [", ".join(text for text in (*same, *row) if text) for row in texts]
    years = [plain(value) for value in content.raw[column]] if column else [year] * len(groups)
    return pd.DataFrame({"source": part.label, "group": groups, "year": years})


def _flags(content: Content) -> tuple[tuple[str, ...], ...]:
    """The flags of own numbers; those of published ones say that they are no series, which their names do."""
    return ((),) * len(content.estimate) if content.published else content.flags


def _group_head(contents: Sequence[Content]) -> str:
    """The head of the groups: that of an own result where it has one column of groups."""
    heads = [
        head
        for content in contents
        if not content.published
        for name, head in content.heads.items()
        if name not in (time_column(content, None), "row", "variable")
    ]
    return heads[0] if len(heads) == 1 else said(_WORDS, "group", contents[0].language)


def _what(parts: Sequence[Part]) -> str:
    """What each source measures, and that periods differ where they do."""
    language = parts[0].content.language
    called = list(dict.fromkeys(f"{part.what} ({part.source})" for part in parts))
    if len(called) > _FEW:
        told = said(_WORDS, "many", language)
    else:
        told = said(_WORDS, "beside", language).join([called[0], *(lowered(text) for text in called[1:])])
    periods = {_length(part.period) for part in parts if part.period and part.period not in _UNKNOWN}
    return capital(told + (said(_WORDS, "periods", language) if len(periods) > 1 else ""))


def _length(period: str) -> str:
    """A reference period as it is counted, however it is spelled: *past two years* is *2 years*."""
    words = re.sub(r"^(the )?(past|last|previous|afgelopen|voorgaande) ", "", period.strip().lower()).split()
    return " ".join(_NUMBERS.get(word, word) for word in words)


def _notes(parts: Sequence[Part], first: Content) -> dict[str, str]:
    """Notes of the whole, and for each source what it measures, of whom, its breaks and where it was found."""
    contents = [part.content for part in parts]
    general = ("synthetic", "disclosure")
    told = {topic: text for content in contents for topic, text in content.notes.items() if topic in general}
    if "interval" in first.notes:
        told["interval"] = first.notes["interval"]
    for k, part in enumerate(parts):
        notes = part.content.notes
        texts = [notes[topic] for topic in ("definition", "population", "breaks", "source") if topic in notes]
        told[f"source {k}"] = f"{part.label}: {part.content.what}. {' '.join(texts)}"
    return told


def _footer(contents: Sequence[Content], first: Content) -> tuple[str, ...]:
    """The lines of the first source, with the source of each other one after the first of them."""
    others = [content.footer[0] for content in contents if content is not first and content.footer]
    return tuple(dict.fromkeys([*first.footer[:1], *others, *first.footer[1:]])) if first.footer else ()


def _bars(contents: Sequence[Content], first: Content) -> str:
    """What the bars of a figure mean."""
    if first.published or not first.has_interval:
        return first.notes.get("interval", "")
    level = level_text(first.level, first.language)
    told = said(_WORDS, "own bars", first.language).format(level=level)
    ends = any(content.has_interval for content in contents if content.published)
    return f"{told}{said(_WORDS, 'published bars', first.language) if ends else ''}."


def parts_of_frame(frame: pd.DataFrame) -> list[pd.DataFrame]:
    """Published figures by series, instrument, reference period, population and definition."""
    keys = [name for name in _APART if name in frame]
    if not keys:
        return [frame]
    told = frame[keys].astype(str).agg("\x1f".join, axis=1)
    out = [frame[(told == key).to_numpy()] for key in dict.fromkeys(told)]
    for part in out:
        part.attrs = frame.attrs
    return out


def label_of(frame: pd.DataFrame, language: str) -> str:
    """What published figures measure, in words."""
    labels = frame.get(f"label_{language}", frame.get("label_en", frame.get("series")))
    return "" if labels is None else str(labels.iloc[0])


def is_published(given: Any) -> bool:
    """Whether this is a frame of published figures."""
    return isinstance(given, pd.DataFrame) and "value" in given and "estimate" not in given
