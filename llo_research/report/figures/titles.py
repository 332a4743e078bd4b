"""The title of a figure when none is given: what the numbers show, and no difference that they do not support.

Two estimates are called different only when their difference, with its covariance, is beyond the critical value for
the number of pairs that could have been picked (Bonferroni). Otherwise the title says that no difference is shown.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy import stats

from llo_research.report.content.content import Content
from llo_research.report.content.labels import capital, word
from llo_research.report.content.numbers import interval, with_unit
from llo_research.report.content.times import series_of, times_of

_FEW = 3
_COMPARED = ("share", "mean", "total", "ratio")


def finding(content: Content, time: str | None = None) -> str:
    """One sentence from the numbers; `time` is the column of a figure over time."""
    return capital(_finding(content, time))


def _finding(content: Content, time: str | None) -> str:
    """The sentence, by the kind of rows."""
    known = np.flatnonzero(content.defined)
    if len(known) == 0:
        return f"{content.what}: {content.absent(0)}"
    if "component" in content.raw and time is None:
        return content.what
    if "term" in content.raw and "contrast" not in content.meta:
        return content.what
    if len(known) == 1:
        return _single(content, int(known[0]))
    kinds = {content.quantities[i].kind for i in known}
    if time is not None and len(kinds) == 1:
        return _over_time(content, known, time)
    if len(kinds) == 1 and kinds <= {*_COMPARED, "quantile 0.5", "published"} and content.names.shape[1] == 1:
        return _between(content, known)
    return _range(content, known)


def _told(content: Content, i: int) -> str:
    """An estimate with its unit."""
    text = with_unit(content.estimate[i], content.decimals[i], content.quantities[i].unit, content.language)
    return f"{content.before[i]} {text}" if content.before[i] else text


def _single(content: Content, i: int) -> str:
    """One estimate, with its interval; for a comparison, whether it can be told from none."""
    ends = interval(content.low[i], content.high[i], content.decimals[i], content.language)
    if content.quantities[i].null is not None:
        return f"{content.what}: {_comparison(content, i, '')}"
    return f"{content.what}: {_told(content, i)}" + (f" ({ends})" if ends else "")


def _comparison(content: Content, i: int, name: str) -> str:
    """A comparison with its interval, and whether it can be told from none."""
    ends = interval(content.low[i], content.high[i], content.decimals[i], content.language)
    text = f"{name} {_told(content, i)}".strip() + (f" ({ends})" if ends else "")
    null = content.quantities[i].null
    if null is None or not ends or not content.low[i] <= null <= content.high[i]:
        return text
    return text + (", niet aantoonbaar" if content.language == "nl" else ", not distinguishable from none")


def _between(content: Content, known: np.ndarray, names: Mapping[int, str] | None = None) -> str:
    """Groups: all of a few, otherwise the highest and the lowest, and whether these two differ."""
    called = names or {int(i): content.row_name(int(i)) for i in known}
    order = known[np.argsort(-content.estimate[known], kind="stable")]
    high, low = int(order[0]), int(order[-1])
    few = [int(i) for i in order] if len(known) <= _FEW else [high, low]
    listed = ", ".join(f"{called[i]} {_told(content, i)}" for i in few)
    return f"{listed}{_verdict(content, high, low, len(known))}"


def _verdict(content: Content, i: int, j: int, k: int) -> str:
    """What the difference of two estimates supports; nothing where there is no covariance or it adds up to one."""
    apart = separated(content, i, j, pairs=k * (k - 1) // 2)
    if apart is None or (content.quantities[i].kind == "share" and "level" in content.raw):
        return ""
    nl = content.language == "nl"
    if not apart:
        return ": geen aantoonbaar verschil" if nl else ": no distinguishable difference"
    unit = {"percent": "points"}.get(content.quantities[i].unit, content.quantities[i].unit)
    gap = with_unit(content.estimate[i] - content.estimate[j], content.decimals[i], unit, content.language)
    largest = "" if k == 2 else "grootste " if nl else "largest "
    return f": {largest}{word('difference', content.language)} {gap}"


def separated(content: Content, i: int, j: int, *, pairs: int = 1) -> bool | None:
    """Whether two estimates differ beyond their uncertainty; None where that cannot be said."""
    if content.covariance is None:
        return None
    c = content.covariance
    variance = c[i, i] + c[j, j] - 2 * c[i, j]
    df = float(min(content.df[i], content.df[j]))
    if not (np.isfinite(variance) and min(variance, c[i, i], c[j, j]) > 0 and df > 0):
        return None
    critical = stats.t.isf((1 - content.level) / 2 / pairs, df)
    return bool(abs(content.estimate[i] - content.estimate[j]) > critical * np.sqrt(variance))


def _range(content: Content, known: np.ndarray) -> str:
    """From the lowest to the highest."""
    low, high = (int(known[pick]) for pick in (content.estimate[known].argmin(), content.estimate[known].argmax()))
    names = content.names.iloc[:, -1].astype(str)
    short = "result" in content.raw and names.is_unique
    first, last = (str(names.iloc[i]) if short else content.row_name(i) for i in (low, high))
    ends = f"{_told(content, low)} ({first}) {word('to', content.language)} {_told(content, high)} ({last})"
    return f"{'Van' if content.language == 'nl' else 'From'} {ends}"


def _over_time(content: Content, known: np.ndarray, time: str) -> str:
    """One line: from its first to its last time. Several: where they stand at the last time."""
    groups, times = series_of(content, time), times_of(content, time)
    last = known[times[known] == times[known].max()]
    year = f"{times[last[0]]:.0f}"
    if content.quantities[int(last[0])].null is not None and len(last) == len(groups) <= _FEW:
        names = {i: name for name, rows in groups.items() for i in rows}
        return f"{year}: " + "; ".join(_comparison(content, int(i), names[int(i)]) for i in last)
    if len(groups) == 1:
        return _change(content, known[np.argsort(times[known], kind="stable")], times)
    if len(last) < len(groups):
        return _range(content, known)
    names = {i: name for name, rows in groups.items() for i in rows}
    return f"{year}: {_between(content, last, names)}"


def _change(content: Content, rows: np.ndarray, times: np.ndarray) -> str:
    """One line from its first to its last time, and what may be said of the change."""
    nl = content.language == "nl"
    first, last = int(rows[0]), int(rows[-1])
    start, end = f"{times[first]:.0f}", f"{times[last]:.0f}"
    told = (_told(content, first), _told(content, last))
    text = f"Van {told[0]} in {start} naar {told[1]} in {end}" if nl else f"{told[0]} in {start}, {told[1]} in {end}"
    if any(times[first] < time <= times[last] for time, _ in content.breaks):
        return text + (", over een methodebreuk heen" if nl else ", across a method break")
    if separated(content, first, last) is False:
        return text + (": geen aantoonbare verandering" if nl else ": no distinguishable change")
    return text
