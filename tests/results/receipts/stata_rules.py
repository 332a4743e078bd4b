"""Evaluates an expression as Stata does: missing numbers are larger than all others, and true is what is not zero.

[U] 13 Functions and expressions: ``!`` binds before ``-``, then ``/ *``, ``+ -``, the comparisons, ``&`` and ``|``; the
result of a comparison is 1 or 0, also when a side is missing; arithmetic with a missing value, and division by zero, is
missing; the missing value of text is the empty text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd

# above all numbers that Stata holds
MISSING = np.inf
_TOKEN = re.compile(r'\s*(?:(\d+\.?\d*(?:e[+-]?\d+)?|\.\d+)|"([^"]*)"|([A-Za-z_]\w*)|(==|!=|<=|>=|[<>&|!+\-*/(),.]))')


def columns_of(frame: pd.DataFrame) -> dict[str, np.ndarray]:
    """The columns of a file as Stata holds them."""
    out = {}
    for name in frame:
        column = frame[name]
        texts = column.dtype == object or isinstance(column.dtype, pd.StringDtype)
        out[str(name)] = (
            column.fillna("").to_numpy(object) if texts else column.astype(float).fillna(MISSING).to_numpy(float)
        )
    return out


def evaluate(expression: str, columns: Mapping[str, np.ndarray]) -> np.ndarray:
    """(n,) values of an expression."""
    n = len(next(iter(columns.values())))
    reader = _Reader(expression, columns, n)
    value = reader.either()
    assert reader.at == len(reader.tokens), f"{expression}: {reader.tokens[reader.at :]}"
    return value


def holds(expression: str, columns: Mapping[str, np.ndarray]) -> np.ndarray:
    """(n,) where ``if expression`` takes a row: everything but zero, a missing value too."""
    return np.asarray(evaluate(expression, columns) != 0)


class _Reader:
    """One level of precedence a method."""

    def __init__(self, text: str, columns: Mapping[str, np.ndarray], n: int) -> None:
        self.tokens, at = [], 0
        while at < len(text.rstrip()):
            found = _TOKEN.match(text, at)
            assert found, f"no Stata: {text[at:]!r}"
            kind = next(i for i in (1, 2, 3, 4) if found[i] is not None)
            self.tokens.append((kind, found[kind]))
            at = found.end()
        self.at, self.columns, self.n = 0, columns, n

    def _next(self, *signs: str) -> str | None:
        """The next token, if it is one of these signs."""
        if self.at < len(self.tokens) and self.tokens[self.at][0] == 4 and self.tokens[self.at][1] in signs:
            self.at += 1
            return str(self.tokens[self.at - 1][1])
        return None

    def either(self) -> np.ndarray:
        value = self.both()
        while self._next("|"):
            other = self.both()
            value = ((value != 0) | (other != 0)).astype(float)
        return value

    def both(self) -> np.ndarray:
        value = self.compared()
        while self._next("&"):
            other = self.compared()
            value = ((value != 0) & (other != 0)).astype(float)
        return value

    def compared(self) -> np.ndarray:
        value = self.sum()
        while sign := self._next("==", "!=", "<", "<=", ">", ">="):
            other = self.sum()
            done = {"==": np.equal, "!=": np.not_equal, "<": np.less, "<=": np.less_equal}
            done |= {">": np.greater, ">=": np.greater_equal}
            value = done[sign](value, other).astype(float)
        return value

    def sum(self) -> np.ndarray:
        value = self.product()
        while sign := self._next("+", "-"):
            other = self.product()
            if value.dtype == object:
                value = value + other
                continue
            gone = (value == MISSING) | (other == MISSING)
            with np.errstate(all="ignore"):
                value = np.where(gone, MISSING, value + other if sign == "+" else value - other)
        return value

    def product(self) -> np.ndarray:
        value = self.negative()
        while sign := self._next("*", "/"):
            other = self.negative()
            gone = (value == MISSING) | (other == MISSING) | ((sign == "/") & (other == 0))
            with np.errstate(all="ignore"):
                value = np.where(gone, MISSING, value * other if sign == "*" else value / other)
        return value

    def negative(self) -> np.ndarray:
        if self._next("-"):
            value = self.negative()
            return np.where(value == MISSING, MISSING, -value)
        if self._next("!"):
            return np.asarray((self.negative() == 0).astype(float))
        return self.one()

    def one(self) -> np.ndarray:
        if self._next("("):
            value = self.either()
            assert self._next(")")
            return value
        if self._next("."):
            return np.full(self.n, MISSING)
        kind, word = self.tokens[self.at]
        self.at += 1
        if kind == 1:
            return np.full(self.n, float(word))
        if kind == 2:
            return np.full(self.n, word, dtype=object)
        assert kind == 3, word
        if not self._next("("):
            return self.columns[word]
        given = [self.either()]
        while self._next(","):
            given.append(self.either())
        assert self._next(")")
        return self._called(word, given)

    def _called(self, word: str, given: list[np.ndarray]) -> np.ndarray:
        """A function."""
        if word == "missing":
            gone = [(one == "") if one.dtype == object else one == MISSING for one in given]
            return np.asarray(np.logical_or.reduce(gone).astype(float))
        if word == "inlist":
            return np.asarray(np.logical_or.reduce([given[0] == other for other in given[1:]]).astype(float))
        if word == "char":
            return np.array([chr(int(code)) for code in given[0]], dtype=object)
        if word == "cond":
            return np.where(given[0] != 0, given[1], given[2])
        if word == "ln":
            with np.errstate(all="ignore"):
                return np.where((given[0] == MISSING) | (given[0] <= 0), MISSING, np.log(given[0]))
        if word in ("max", "min"):  # of what is not missing
            known = [np.where(one == MISSING, np.nan, one) for one in given]
            made = np.fmax.reduce(known) if word == "max" else np.fmin.reduce(known)
            return np.where(np.isnan(made), MISSING, made)
        assert word == "mod", word
        one, other = given
        gone = (one == MISSING) | (other == MISSING) | (other == 0)
        with np.errstate(all="ignore"):
            return np.where(gone, MISSING, one - other * np.floor(one / np.where(gone, 1, other)))
