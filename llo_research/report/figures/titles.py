"""The title of a figure when none is given: of what, and what was found, in words.

Two estimates are called different only when their difference, with its covariance, is beyond the critical value for
the number of pairs that could have been picked (Bonferroni). Otherwise the title says that no difference is shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from llo_research.definitions import DIFFERING
from llo_research.report.content.captions import crossed_variables, joined
from llo_research.report.content.content import Content
from llo_research.report.content.drivers import name_of_driver
from llo_research.report.content.identifiers import by_columns
from llo_research.report.content.labels import capital, flag_text, lowered, variable_label, word
from llo_research.report.content.times import series_of, times_of
from llo_research.report.figures.title_parts import (
    Found,
    at,
    extremes,
    is_share,
    one_level,
    separated,
    sides,
    size,
    subject,
    value,
    verdict,
    when,
)
from llo_research.report.figures.title_words import title
from llo_research.report.figures.titles_over_time import changed, one_line, slope
from llo_research.report.sentence_words import NAMED
from llo_research.report.sentence_words import told as sentence

_FEW_NAMES = 3
_CHANGES = ("change", "gap_change")
_MODELS = ("coefficient", "effect")


def finding(content: Content, time: str | None = None) -> str:
    """One sentence from the numbers; `time` is the column of a figure over time."""
    known = [int(i) for i in np.flatnonzero(content.defined)]
    if apart := [word for word in DIFFERING if any(word in flags for flags in content.flags)]:
        return capital(f"{subject(content)}: {flag_text(apart[0], content.language).replace(': ', ', ')}")
    if not known:
        return capital(f"{content.what}: {content.absent(0)}")
    found = _finding(content, known, time)
    kinds = {content.quantities[i].kind for i in known}
    kinds = {kind for kind in kinds if kind in NAMED or kind.startswith("quantile ")}
    of = ", ".join([subject(content), *(word(kind, content.language) for kind in sorted(kinds))])
    return capital(content.what if found is None else f"{of}{found.year}: {found.told}")


def _finding(content: Content, known: list[int], time: str | None) -> Found | None:
    """The sentence, by the kind of rows; None where there are too many of too many kinds for one."""
    kinds = {content.quantities[i].kind for i in known}
    kind = kinds.pop() if len(kinds) == 1 else ""
    if "component" in content.raw or "result" in content.raw or crossed_variables(content.meta, "en"):
        return None
    if kind == "trend":
        return slope(content, known)
    if "term" in content.raw and "contrast" not in content.meta:
        return _related(content, known) if kind in _MODELS else None
    call = content.meta.get("call") or {}
    if {kind, call.get("function")} & set(_CHANGES) and "time" in call and "contrast" not in content.meta:
        return changed(content, known)
    if kind in ("", "quantiles") or ("variable" in content.names and content.names["variable"].nunique() > 1):
        return None
    if time is None:
        return _at_one_time(content, known, when(content), {i: content.row_name(i) for i in known})
    return _over_time(content, known, time)


def _at_one_time(content: Content, rows: Sequence[int], year: str, names: Mapping[int, str]) -> Found | None:
    """One number, comparisons in groups, levels of a variable, or groups beside one another."""
    if content.quantities[rows[0]].null is not None:
        return _comparisons(content, rows, year, names)
    if len(rows) == 1:
        return Found(value(content, rows[0]), year)
    by_level = "level" in content.names and not one_level(content)
    told = _levels(content, rows) if by_level else _groups(content, rows, names)
    return None if told is None else Found(told, year)


def _comparisons(content: Content, rows: Sequence[int], year: str, names: Mapping[int, str]) -> Found | None:
    """The difference of two groups; in several cells, where it can be told from none."""
    language, both = content.language, sides(content)
    ways = {i: verdict(content, i, len(rows)) for i in rows}
    if both is None:
        return Found(_alone(content, rows[0], ways[rows[0]]), year) if len(rows) == 1 else None
    if len(rows) == 1:
        i = rows[0]
        way, kind = ways[i], content.quantities[i].kind
        if way != "unclear" and (way == "more" or content.quantities[i].on == "log"):
            key = "gap more" if content.quantities[i].on != "log" else "odds" if kind == "odds" else "ratio"
            return Found(title(key, language, size=size(content, i), when=year, **both))
        return Found(title("less for" if way == "less" else "unclear", language, size=size(content, i), **both), year)
    clear = [names[i] for i in rows if ways[i] == "more"]
    if "less" in ways.values():
        return None
    if not clear:
        return Found(title("none of them", language, **both), year)
    what = title("the gap", language, **both)
    return Found(title("clear for", language, what=what, names=joined(clear, language)), year)


def _alone(content: Content, i: int, way: str) -> str:
    """A comparison that does not tell its sides, against no difference."""
    null = sentence("one" if content.quantities[i].null == 1.0 else "zero", content.language)
    shown = value(content, i) if content.quantities[i].on == "log" else size(content, i)
    told = sentence(f"alone {way}", content.language, null=null, size=shown, value=shown, ends="")
    return told.partition(";")[0]


def _groups(content: Content, rows: Sequence[int], names: Mapping[int, str]) -> str | None:
    """Groups: the difference of two, the highest and the lowest of more, or that they cannot be told apart."""
    language = content.language
    high, low = extremes(content, rows)
    apart = separated(content, high, low, pairs=len(rows) * (len(rows) - 1) // 2)
    if apart is None and not content.published:
        return None
    places = {"high": names[high], "low": names[low]}
    if apart is False:
        key = "none of two" if len(rows) == 2 else "none of many"
        return title(key, language, by=_by(content), **places)
    if len(rows) == 2:
        more = title("more" if is_share(content, high) else "higher", language)
        return title("two", language, size=size(content, high, low), more=more, **places)
    if any(content.withheld):  # of a group that may not be seen nothing is told, and it may be the highest
        return None
    return title("extremes", language, top=value(content, high), foot=value(content, low), **places)


def _by(content: Content) -> str:
    """By what groups are told apart; nothing where that is only time."""
    labels = content.meta.get("labels") or {}
    time = (content.meta.get("design") or {}).get("time")
    by = [name for name in by_columns(content.raw) if name in content.names and name != time]
    told = [lowered(variable_label(name, labels, content.language)) for name in by]
    return title("by", content.language, names=joined(told, content.language)) if told else ""


def _levels(content: Content, rows: Sequence[int]) -> str | None:
    """Levels: the one most often found; by groups, the one in which these differ most."""
    language = content.language
    if any(content.withheld):
        return None
    if len(content.names.columns) == 1:
        order = sorted(rows, key=lambda i: -content.estimate[i])
        if not separated(content, order[0], order[1], pairs=len(rows) * (len(rows) - 1) // 2):
            return None
        key = "mostly" if content.estimate[order[0]] > 50 else "most often"
        return title(key, language, top=content.row_name(order[0]), size=value(content, order[0]))
    level, group = content.names["level"].astype(str), content.names.drop(columns="level").astype(str)
    of = {name: [i for i in rows if level.iloc[i] == name] for name in dict.fromkeys(level.iloc[list(rows)])}
    ends = {name: extremes(content, own) for name, own in of.items()}
    best = max(ends, key=lambda name: content.estimate[ends[name][0]] - content.estimate[ends[name][1]])
    pairs = sum(len(own) * (len(own) - 1) // 2 for own in of.values())
    high, low = ends[best]
    if not separated(content, high, low, pairs=pairs):
        return None
    called = {i: ", ".join(text for text in group.iloc[i] if text) for i in (high, low)}
    places = {"high": called[high], "low": called[low], "top": value(content, high), "foot": value(content, low)}
    return title("of level", language, level=best, **places)


def _related(content: Content, known: Sequence[int]) -> Found | None:
    """The variables of which a term can be told from no relation, for as many terms as there are."""
    rows = [i for i in known if content.quantities[i].null is not None]
    if not rows:
        return None
    every = list(dict.fromkeys(lowered(name_of_driver(content, i)) for i in rows))
    tests = {i: verdict(content, i, len(rows)) for i in rows}
    clear = list(dict.fromkeys(lowered(name_of_driver(content, i)) for i in rows if tests[i] != "unclear"))
    named = clear or every
    key = ("related" if clear else "not related") + (" many" if len(named) > _FEW_NAMES else "")
    places = {"names": joined(named, content.language), "k": str(len(clear)), "all": str(len(every))}
    return Found(title(key, content.language, **places), when(content))


def _over_time(content: Content, known: Sequence[int], time: str) -> Found | None:
    """One line from its first to its last time; of several, or of comparisons, where they stand at the last time."""
    groups, times = series_of(content, time), times_of(content, time)
    last = [i for i in known if times[i] == max(times[j] for j in known)]
    if content.quantities[last[0]].null is None and len(groups) == 1:
        return one_line(content, sorted(known, key=lambda i: times[i]), times)
    if len(last) < len(groups) or ("level" in content.names and not one_level(content)):
        return None
    names = {i: name for name, rows in groups.items() for i in rows}
    return _at_one_time(content, last, at(content, f"{times[last[0]]:.0f}"), names)
