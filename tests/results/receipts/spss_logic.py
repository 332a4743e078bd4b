"""SPSS's three-valued logic, as its manual has it: what a condition that was written for SPSS is worth for each row."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd

_TOKEN = re.compile(r"\s*('(?:[^']|'')*'|\d+(?:\.\d+)?(?:e[+-]?\d+)?|<>|<=|>=|[=<>()*+/,-]|[A-Za-z_@][\w.@]*)")
Value = tuple[Any, np.ndarray]  # values, and where they are missing


class Spss:
    """Evaluates one expression on the columns of a file; empty text is no missing value for SPSS."""

    def __init__(self, text: str, data: pd.DataFrame) -> None:
        self.tokens, self.data, self.n = _TOKEN.findall(text), data, len(data)
        assert "".join(self.tokens).replace(" ", "") == re.sub(r"\s", "", text) or "'" in text, text
        self.at = 0

    def truth(self) -> tuple[np.ndarray, np.ndarray]:
        """(n,) where it is 1, and where it is missing."""
        value, missing = self._or()
        assert self.at == len(self.tokens), self.tokens[self.at :]
        return (np.asarray(value) == 1) & ~missing, missing

    def _peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def _take(self, *wanted: str) -> str:
        token = self._peek()
        if wanted:
            assert token in wanted, (token, wanted)
        self.at += 1
        return token

    def _or(self) -> Value:
        left = self._and()
        while self._peek() == "OR":
            self._take()
            (a, gone_a), (b, gone_b) = left, self._and()
            true = ((a == 1) & ~gone_a) | ((b == 1) & ~gone_b)
            left = true.astype(float), ~true & (gone_a | gone_b)
        return left

    def _and(self) -> Value:
        left = self._not()
        while self._peek() == "AND":
            self._take()
            (a, gone_a), (b, gone_b) = left, self._not()
            false = ((a != 1) & ~gone_a) | ((b != 1) & ~gone_b)
            left = (~false & ~gone_a & ~gone_b).astype(float), ~false & (gone_a | gone_b)
        return left

    def _not(self) -> Value:
        if self._peek() == "NOT":
            self._take()
            value, missing = self._not()
            return (value != 1).astype(float), missing
        return self._compared()

    def _compared(self) -> Value:
        a, gone_a = self._sum()
        signs = {"=": "eq", "<>": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
        if self._peek() not in signs:
            return a, gone_a
        method = signs[self._take()]
        b, gone_b = self._sum()
        return np.asarray(getattr(pd.Series(a), method)(pd.Series(b)), dtype=float), gone_a | gone_b

    def _sum(self) -> Value:
        a, gone = self._product()
        while self._peek() in ("+", "-"):
            sign = self._take()
            b, gone_b = self._product()
            a, gone = (a + b if sign == "+" else a - b), gone | gone_b
        return a, gone

    def _product(self) -> Value:
        a, gone = self._atom()
        while self._peek() in ("*", "/"):
            sign = self._take()
            b, gone_b = self._atom()
            gone = gone | gone_b | ((b == 0) if sign == "/" else False)
            with np.errstate(all="ignore"):
                a = a * b if sign == "*" else a / b
        return a, gone

    def _atom(self) -> Value:
        token = self._take()
        if token == "-":
            value, missing = self._atom()
            return -value, missing
        if token == "(":
            value = self._or()
            self._take(")")
            return value
        none = np.zeros(self.n, dtype=bool)
        if token[0] == "'":
            return np.full(self.n, token[1:-1].replace("''", "'"), dtype=object), none
        if token[0].isdigit():
            return np.full(self.n, float(token)), none
        if token in ("ANY", "MISSING", "MOD"):
            return self._function(token)
        series = self.data[token]
        if not pd.api.types.is_numeric_dtype(series):
            return series.to_numpy(dtype=object), none
        return series.to_numpy(dtype=float), series.isna().to_numpy()

    def _function(self, name: str) -> Value:
        self._take("(")
        given = [self._or()]
        while self._take(",", ")") == ",":
            given.append(self._or())
        value, missing = given[0]
        if name == "MISSING":
            return missing.astype(float), np.zeros(self.n, dtype=bool)
        if name == "MOD":
            return np.fmod(value, given[1][0]), missing | given[1][1] | (given[1][0] == 0)
        return np.logical_or.reduce([value == other for other, _ in given[1:]]).astype(float), missing
