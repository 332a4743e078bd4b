"""Whether published figures on two sides of the break of 2022 rose or fell, for any size of the break.

All sizes are whole tenths of a percentage point, so that the page's script and this module cannot differ by rounding.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from llo_research.errors import DataError
from llo_research.monitor.approximate import sample_of
from llo_research.monitor.printed import printed

TENTHS = 10
SURVEY = "NEA"


@dataclass(frozen=True)
class Change:
    """A published share at two times, in tenths of a percentage point.

    rounding : how far rounding of both figures can have moved the change, either way.
    sampling : half the interval that sampling gives, approximated; None where nothing was published for it.
    """

    name: str
    label: Mapping[str, str]
    years: tuple[int, int]
    values: tuple[int, int]
    rounding: int
    sampling: int | None
    source: Mapping[str, str]

    @property
    def size(self) -> int:
        """The change as published."""
        return self.values[1] - self.values[0]

    @property
    def margin(self) -> int:
        """What lies on either side of the change: rounding, and sampling where it is known."""
        return self.rounding + (self.sampling or 0)

    @property
    def tipping(self) -> tuple[int, int]:
        """The break from which on no change can be told, and the one up to which: beyond it, the other direction."""
        near, far = abs(self.size) - self.margin, abs(self.size) + self.margin
        sign = 1 if self.size >= 0 else -1
        return (sign * max(near, 0), sign * far)


def net(change: Change, size: int) -> tuple[int, int, int]:
    """The change without a break of that size, and the ends of its interval."""
    left = change.size - size
    return left, left - change.margin, left + change.margin


def verdict(change: Change, size: int) -> str:
    """``rose``, ``fell`` or ``unknown``: an interval that reaches no change tells neither.

    Where nothing is known of sampling, rounding alone tells ``higher`` or ``lower``: what was printed, no more.
    """
    _, low, high = net(change, size)
    sampled = change.sampling is not None
    up, down = ("rose", "fell") if sampled else ("higher", "lower")
    return up if low > 0 else down if high < 0 else "unknown"


@cache
def facts() -> dict[str, Any]:
    """What stands in ``risen.toml``."""
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def series_shown() -> tuple[str, ...]:
    """The published series of which the page shows figures."""
    return tuple(dict.fromkeys(item["series"] for item in (*facts()["employees"], *facts()["employers"])))


@cache
def employees() -> tuple[Change, ...]:
    """Figures of employees that lie on two sides of the break."""
    return tuple(_change(item, item["years"][0], item["years"][1]) for item in facts()["employees"])


@cache
def employers() -> tuple[Change, ...]:
    """Figures of employers, each time against the one before; the WEA has no break in 2022."""
    return tuple(
        _change(item, before, after) for item in facts()["employers"] for before, after in pairwise(item["years"])
    )


def _change(item: Mapping[str, Any], before: int, after: int) -> Change:
    """The published figures of an entry at two times."""
    rows = printed({str(year): (item["series"], item["category"], year) for year in (before, after)})
    first, last = (round(TENTHS * float(value)) for value in rows["value"])
    words = rows.attrs.get("words", {})
    rounding = sum(float(step) / 2 for step in rows["rounding"])
    return Change(
        name=item["name"],
        label=item["label"],
        years=(before, after),
        values=(first, last),
        rounding=math.ceil(TENTHS * rounding),
        sampling=_sampling(first, last, before, after) if item.get("sampling") else None,
        source={
            language: "; ".join(dict.fromkeys(words.get(text, {}).get(language, text) for text in rows["source_title"]))
            for language in item["label"]
        },
    )


def robustness(first: float, last: float, before: int, after: int) -> Any:
    """``llo.break_robustness`` of two shares, each of the independent answers that its wave is taken to be worth."""
    import numpy as np
    import pandas as pd

    import llo_research as llo

    sizes = [effective(year) for year in (before, after)]
    answers = np.concatenate([np.arange(n) < round(p * n) for p, n in zip((first, last), sizes, strict=True)])
    frame = pd.DataFrame({"year": np.repeat([before, after], sizes), "took_part": answers.astype(float), "weight": 1.0})
    source = {"breaks": [{"time": 2022, "what": "the method of the NEA changed"}]}
    waves = llo.Survey(frame, weights="weight", strata="year", time="year", source=source)
    return llo.break_robustness(llo.change("took_part", waves, time="year", base=before, breaks="flag"))


def _sampling(first: int, last: int, before: int, after: int) -> int:
    """Half the interval of the change, rounded up: what lies between its tipping size and the whole of it."""
    row = robustness(first / 1000, last / 1000, before, after).to_frame().iloc[0]
    half = abs(row["size_reversed"] - row["size_not_significant"]) / 2
    return math.ceil(round(1000 * float(half), 6))


def effective(year: int) -> int:
    """The independent answers that a wave is taken to be worth, as for every interval that this site approximates."""
    sample = sample_of(SURVEY, year)
    if sample is None:
        raise DataError("Of this wave no number of respondents is known.", where="approximate.toml", found=str(year))
    return sample.effective
