"""Saved results: what was found of them when they were saved, and what may leave of them when they are read again.

Who stands behind a result is not saved. So a file of a restricted result keeps what each of the library's profiles held
of it by itself: which rows break a rule, and of which the error or digits tell of few. Read again it is held to the
profile that is as strict as the one asked for, or stricter. What it tells beside other results of the same data nobody
knows any more: beside one of them nothing of it leaves. Beside what left before it is looked at by names and counts, as
all results are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from llo_research.report.disclosure.covariances import Covariances
from llo_research.report.disclosure.findings import Finding
from llo_research.results.profiles.profile import Rules, strictest
from llo_research.results.result import Result
from llo_research.results.rules import guarded_kinds
from llo_research.results.saved import with_people
from llo_research.results.storage import CHECKED

_MANY = "collapsed"  # of a scan, whose results are beside each other by the names of their rows alone


def found_of_files(
    parts: Mapping[str, Result], old: Mapping[str, Result], rules: Mapping[str, Rules]
) -> Iterator[Finding]:
    """Rows of results of restricted data, read from files, that may not leave."""
    for name, result in parts.items():
        if not is_of_file(result):
            continue
        told, rows = _told(result, rules[name]), range(len(result.rows))
        others = [other for key, other in parts.items() if key != name]
        others += [other for other in old.values() if other.scores is not None]  # those of a folder have names and n
        if told is None or (_MANY not in result.meta and any(_same_data(result, other) for other in others)):
            yield from (Finding(name, i, "saved") for i in rows)
            continue
        for row, rule, found, limit in told["rows"]:
            known, most = (np.nan if one is None else float(one) for one in (found, limit))
            yield Finding(name, int(row), str(rule), known, most)


def ends_of_files(name: str, result: Result, rules: Mapping[str, Rules], own: Covariances) -> Covariances:
    """Errors and digits that may not leave, with those of a result that was read from a file."""
    told = _told(result, rules[name]) if is_of_file(result) else None
    if told is None:
        return own
    ends, coarse = (np.array(told[key], dtype=bool) for key in ("ends", "coarse"))
    return own | Covariances.rounded(coarse, ends)


def is_of_file(result: Result) -> bool:
    """Whether a result of restricted data has no people any more."""
    apart = result.scores is None and not result.draws and with_people(result) is result
    apart |= bool(result.draws) and all(one.scores is None for one in (result, *result.draws))
    return bool(apart and guarded_kinds(result.meta.get("source")))


def _told(result: Result, rules: Rules) -> Mapping[str, Any] | None:
    """What a profile as strict as these rules held of a result; None where none did, or where it is another one now."""
    told = result.meta.get(CHECKED) or {}
    if not np.array_equal(np.array(told.get("of", []), dtype=np.float64), result.estimate, equal_nan=True):
        return None
    for one in told["profiles"]:
        held = Rules(**one["rules"])
        if strictest([held, rules]) == strictest([held]):
            found: Mapping[str, Any] = one
            return found
    return None


def _same_data(one: Result, other: Result) -> bool:
    """Whether two results may be of the same data: their sources do not tell them apart."""
    first, second = ((result.meta.get("source") or {}) for result in (one, other))
    return all(first.get(key) == second.get(key) for key in ("title", "sha256"))
