"""What a figure says in words: title, subtitle, the foot, and the text for those who cannot see it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from llo_research.report.content.beside import BARS, THEIRS
from llo_research.report.content.content import Content, interval_head
from llo_research.report.content.drawn import ABSENT
from llo_research.report.content.labels import capital, flag_text, marked, unmarked, word
from llo_research.report.content.notes import flag_rows
from llo_research.report.content.numbers import interval, level_text, number, with_unit
from llo_research.report.content.paired import paired
from llo_research.report.content.times import series_of, times_of
from llo_research.report.figures.known import known_words, short_word
from llo_research.report.figures.titles import finding
from llo_research.results.columns import BESIDE_REST

_FEW = 8
_OF_MODELS = ("n", "constant", "controls", "scales", "base", "estimand")
_FOOT = ("disclosure", "population", "reference_period", "definitions", "proxies", "breaks", "source")
_KINDS = {
    "dots": ("Puntgrafiek", "Dot plot"),
    "lines": ("Lijngrafiek over de tijd", "Line chart over time"),
    "coefficients": (
        "Puntgrafiek van coëfficiënten met een lijn bij geen verschil",
        "Coefficient plot with a null line",
    ),
    "counterfactual": (
        "Puntgrafiek van twee groepen en wat de ene met de kenmerken van de andere zou zijn",
        "Dot plot of two groups, and what one would be with the characteristics of the other",
    ),
    "plane": ("Puntenvlak van twee getallen per naam", "Scatter of two numbers for each name"),
    "waterfall": ("Watervalgrafiek van delen die optellen", "Waterfall chart of parts that add up"),
}


@dataclass(frozen=True)
class Wording:
    """The texts of a figure."""

    title: str
    subtitle: str
    foot: tuple[str, ...]
    alt: str


def wording(content: Content, kind: str, time: str | None, title: str | None, subtitle: str | None) -> Wording:
    """The texts: those given, and those that follow from the numbers."""
    head = finding(content, time) if title is None else title
    under = ("" if head == content.what else content.what) if subtitle is None else subtitle
    if content.synthetic:
        head, under = marked(head, content.language), unmarked(under, content.language)
    return Wording(head, under, _foot(content, kind), _alt(content, kind, time, head, under))


def values_head(content: Content) -> str:
    """The head of the numbers beside the rows: ``% (95%-BI)``."""
    if set(content.units) == {"percent", "points"}:
        head = ("% en procentpunt", "% and points")[content.language == "en"]
        return f"{head} ({interval_head(content)})" if content.has_interval else head
    head = "%" if content.quantities[0].unit == "percent" else content.heading.partition(" (")[0]
    return f"{head} ({interval_head(content)})" if content.has_interval else head


def _foot(content: Content, kind: str) -> tuple[str, ...]:
    """The sentences under the drawing."""
    lines = [content.notes["synthetic"]] if "synthetic" in content.notes else []
    first = [bar_words(content, kind)]
    if kind == "lines" and "n" in content.notes and not content.footer:
        first.append(content.notes["n"].replace("per rij", "per punt").replace("per row", "per point"))
    weight = "" if content.footer else content.notes.get("weight", "")
    lines.append(" ".join(filter(None, [*first, weight, content.notes.get(ABSENT, "")])))
    if content.one_n and kind != "lines":
        lines.append(" ".join(content.notes[topic] for topic in _OF_MODELS if topic in content.notes))
    lines += _flag_words(content, kind)
    lines += known_words(content)
    if content.footer:
        above = [line for line in lines if line and line not in content.in_footer]
        return (*above, *content.footer)
    own = [topic for topic in content.notes if topic in _FOOT or topic.startswith("source ")]
    return (*filter(None, lines), *(content.notes[topic] for topic in sorted(own, key=_place)))


def _place(topic: str) -> int:
    """Where a note stands in the foot; the sources of figures side by side last."""
    return _FOOT.index(topic) if topic in _FOOT else len(_FOOT)


def bar_words(content: Content, kind: str) -> str:
    """What the bars mean, or that there are no intervals."""
    if BARS in content.meta:
        return str(content.meta[BARS])
    if not content.has_interval:
        return content.notes.get("interval", "")
    nl = content.language == "nl"
    if content.meta.get("bounds") == "rounding":
        return content.notes.get("interval", "")
    if content.published:
        return "Balk: gepubliceerd betrouwbaarheidsinterval." if nl else "Bar: published confidence interval."
    drawn = (("Balk", "Bar"), ("Lijn", "Line"))[kind == "waterfall"][0 if nl else 1]
    size = level_text(content.level, content.language)
    joint = ("gelijktijdig ", "simultaneous ")[0 if nl else 1] if content.meta.get("simultaneous") else ""
    kind_of = f"{size}%-betrouwbaarheidsinterval" if nl else f"{size}% confidence interval"
    return f"{drawn}: {joint}{kind_of}."


def _flag_words(content: Content, kind: str) -> list[str]:
    """What open points, and points of another form, mean."""
    if content.published:
        told = [flag for flag in flag_rows(content.flags) if not flag.startswith("break ")]
        return [f"{capital(flag_text(flag, content.language))}." for flag in told]
    drawn = [flag for flag in flag_rows(content.flags) if flag not in ("empty", *BESIDE_REST)]
    lines = []
    if any(content.meta.get(THEIRS) or ()) and kind in ("dots", "coefficients"):
        lines.append(("Open ruit: gepubliceerd.", "Open diamond: published.")[content.language == "en"])
    if drawn and kind != "waterfall":
        head = "Open punt" if content.language == "nl" else "Open point"
        lines.append(f"{head}: {'; '.join(flag_text(flag, content.language) for flag in drawn)}.")
    if not content.defined.all() and kind == "lines":
        why = f" {word('or', content.language)} ".join(
            dict.fromkeys(content.absent(int(i)) for i in np.flatnonzero(~content.defined))
        )
        lines.append(f"{'Kruis onderaan' if content.language == 'nl' else 'Cross at the foot'}: {why}.")
    return lines


def _alt(content: Content, kind: str, time: str | None, title: str, subtitle: str) -> str:
    """The figure in words: kind, finding, numbers or their range, n, interval."""
    nl = content.language == "nl"
    kind_name = _KINDS[kind][0 if nl else 1]
    head = f"{kind_name}. {title.rstrip('.')}."
    shown = f"{subtitle.rstrip('.')}." if subtitle else ""
    if kind == "plane":
        numbers = _planes(content)
    elif len(content.estimate) <= _FEW or kind == "waterfall":
        numbers = "; ".join(_one(content, i) for i in range(len(content.estimate))) + "."
    else:
        numbers = (_courses(content, time) if time is not None else "") or _range(content)
    size = level_text(content.level, content.language)
    if not content.has_interval or content.meta.get("bounds") == "rounding":
        ends = content.notes.get("interval", "")
    elif content.published:
        ends = "Tussen haakjes het gepubliceerde interval." if nl else "In brackets the published interval."
    else:
        ends = f"Tussen haakjes het {size}%-interval." if nl else f"In brackets the {size}% interval."
    return " ".join(part for part in (head, shown, numbers, ends, content.notes.get("n", "")) if part)


def _planes(content: Content) -> str:
    """Both numbers of the first name, and the range of each over all names."""
    pairs = paired(content)
    halves = tuple(zip(pairs.heads, (pairs.across, pairs.up), strict=True))
    first = "; ".join(f"{head.partition(' (')[0]} {_one(half, 0, '')}" for head, half in halves)
    ranges = (f"{head.partition(' (')[0]}, {_range(half)}" for head, half in halves)
    return " ".join([f"{pairs.names[0]}: {first}.", *ranges])


def _courses(content: Content, time: str) -> str:
    """The first and the last number of each of a few lines; nothing for more lines."""
    groups, times = series_of(content, time), times_of(content, time)
    if len(groups) * 2 > _FEW:
        return ""
    told = []
    for name, rows in groups.items():
        known = sorted((i for i in rows if content.defined[i]), key=lambda i: times[i])
        ends = [f"{_one(content, i, '')} in {times[i]:.0f}" for i in dict.fromkeys(known[:1] + known[-1:])]
        gone = len(rows) - len(known)
        without = f"keer {content.gaps}" if content.language == "nl" else content.gaps
        parts = [*ends, f"{gone} {without}"] if gone else ends
        told.append(f"{name}: {', '.join(parts)}" if name else ", ".join(parts))
    return "; ".join(told) + "."


def _one(content: Content, i: int, name: str | None = None) -> str:
    """A row in words: ``hoog 73,3 % (70,9 tot 75,7)``."""
    places, language = content.decimals[i], content.language
    text = with_unit(content.estimate[i], places, content.quantities[i].unit, language)
    text = text if content.defined[i] else content.absent(i)
    ends = interval(content.low[i], content.high[i], places, language)
    name = content.row_name(i) if name is None else name
    known = short_word(content, i)
    parts = (name, content.before[i], text, f"({ends})" if ends else "", f"[{known}]" if known else "")
    return " ".join(part for part in parts if part)


def _range(content: Content) -> str:
    """The lowest and the highest of many rows, and how many have no data."""
    nl = content.language == "nl"
    k, known = len(content.estimate), np.flatnonzero(content.defined)
    rows = f"{k} rijen" if nl else f"{k} rows"
    if len(known) == 0:
        return f"{rows}, {content.gaps}."
    low, high = (int(known[pick]) for pick in (content.estimate[known].argmin(), content.estimate[known].argmax()))
    ends = (
        f"{'laagste' if nl else 'lowest'} {_one(content, low)}; {'hoogste' if nl else 'highest'} {_one(content, high)}"
    )
    gone = k - len(known)
    rest = f"; {number(gone, 0, content.language)} {content.gaps}" if gone else ""
    return f"{rows}: {ends}{rest}."
