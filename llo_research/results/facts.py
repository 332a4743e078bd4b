"""What is worked out when somebody asks for it, from arrays; nothing of it is worked out twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import pandas as pd


class Facts(Protocol):
    """A frame or array that is known, or will be when it is asked for."""

    def __call__(self) -> Any:
        """The value."""
        ...


class Known:
    """What is known already."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def __call__(self) -> Any:
        """The value."""
        return self._value


class Later:
    """A function of arrays that is called when its value is first asked for; pickled and copied as that value."""

    def __init__(self, make: Callable[..., Any], *arguments: Any) -> None:
        self._waiting: tuple[Callable[..., Any], tuple[Any, ...]] | None = (make, arguments)
        self._value: Any = None

    def __call__(self) -> Any:
        """The value."""
        if self._waiting is not None:
            make, arguments = self._waiting
            self._value, self._waiting = make(*arguments), None
        return self._value

    def __reduce__(self) -> tuple[type[Known], tuple[Any]]:
        return Known, (self(),)


def counted(n: Any) -> pd.DataFrame:
    """What disclosure control reads of rows that stand for many, of each `n` people: no more is known of them."""
    unknown = dict.fromkeys(("n_units", "n_nonzero", "n_complement", "largest_share"), np.nan)
    return pd.DataFrame({"n": n}).assign(**unknown)


def picked(facts: Facts | None, rows: Any) -> Facts | None:
    """Some rows of a frame or array of facts."""
    return None if facts is None else Later(_picked, facts, rows)


def _picked(facts: Facts, rows: Any) -> Any:
    """Some rows of a frame or an array."""
    value = facts()
    return value.iloc[rows].reset_index(drop=True) if hasattr(value, "iloc") else value[rows]
