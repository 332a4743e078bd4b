"""What an interval allows to say of a comparison: more, less, that it cannot be told, or no difference of a size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from llo_research.report.content.content import Content
from llo_research.report.content.numbers import NO_BREAK, interval, number, with_unit
from llo_research.report.sentence_words import AGAIN, told
from llo_research.results.result import Result

MORE, LESS, UNCLEAR, NONE = "more", "less", "unclear", "none"


@dataclass(frozen=True)
class Reader:
    """Rows of a result as they are read: directions, sizes and intervals in words.

    within : (k,) rows that are nearer to no difference than the bound, by two one-sided tests.
    bound : in the unit of the estimates; None where none was asked.
    most_names : variables that are named; of more only their number is told.
    is_brief : whether estimates of which nothing can be told are left out.
    """

    most_names: ClassVar[int] = 4
    is_brief: ClassVar[bool] = False

    content: Content
    within: np.ndarray
    bound: float | None

    @property
    def language(self) -> str:
        """The language."""
        return self.content.language

    def say(self, key: str, **places: str) -> str:
        """A sentence of the house."""
        return told(key, self.language, **places)

    def verdict(self, i: int) -> str:
        """More, less, unclear or none; of a number without an interval, its sign."""
        null = self.content.quantities[i].null or 0.0
        way = direction(self.content, i, null)
        return NONE if way == UNCLEAR and self.within[i] else way

    def size(self, i: int, sign: float = 1.0) -> str:
        """The size of an estimate with its unit."""
        return self.value(i, sign=np.sign(self.content.estimate[i]) or 1.0)

    def value(self, i: int, sign: float = 1.0) -> str:
        """An estimate with its unit, turned where `sign` is -1."""
        content = self.content
        return with_unit(sign * content.estimate[i], content.decimals[i], content.quantities[i].unit, self.language)

    def again(self, i: int, sign: float = 1.0) -> str:
        """The number by itself, where the unit was said."""
        return number(sign * self.content.estimate[i], self.content.decimals[i], self.language)

    def with_points(self, i: int, sign: float = 1.0) -> str:
        """A number with its unit said again, in short."""
        unit = self.content.quantities[i].unit
        short = AGAIN[unit][0 if self.language == "nl" else 1] if unit in AGAIN else ""
        return self.again(i, sign) + (f"{NO_BREAK}{short}" if short else "")

    def interval(self, i: int, sign: float = 1.0) -> str:
        """The interval, turned where `sign` is -1; empty where there is none."""
        low, high = sorted((sign * self.content.low[i], sign * self.content.high[i]))
        return interval(low, high, self.content.decimals[i], self.language)

    def ends(self, i: int, sign: float = 1.0) -> str:
        """The interval in brackets, or that there is none."""
        text = self.interval(i, sign)
        return f" ({text})" if text else self.say("no interval")

    def bound_text(self, i: int) -> str:
        """The bound with its unit."""
        content = self.content
        if self.bound is None:
            return ""
        if content.quantities[i].on == "log":
            return number(self.bound, max(content.decimals[i], 2), self.language)
        factor = 100.0 if content.quantities[i].unit in ("points", "percent") else 1.0
        return with_unit(factor * self.bound, content.decimals[i], content.quantities[i].unit, self.language)

    def below_bound(self, i: int) -> str:
        """That a difference is there, but smaller than the bound."""
        return self.say("smaller than bound", bound=self.bound_text(i)) if self.within[i] else ""


def direction(content: Content, i: int, null: float) -> str:
    """On which side of no difference the interval lies; without one, the estimate."""
    low, high = content.low[i], content.high[i]
    if not (np.isfinite(low) and np.isfinite(high)):
        if content.has_interval or content.estimate[i] == null:
            return UNCLEAR
        low = high = content.estimate[i]
    return MORE if low > null else LESS if high < null else UNCLEAR


def within_bound(result: Result, bound: float | None) -> np.ndarray:
    """(k,) rows nearer to no difference than the bound, at the level of the result's intervals."""
    if bound is None:
        return np.zeros(len(result.estimate), dtype=bool)
    p = result.equivalence(bound).to_frame()["p_equivalence"].to_numpy(dtype=np.float64)
    return np.asarray(np.nan_to_num(p, nan=1.0) < 1 - result.level)
