"""Options and names, checked at the border: what is allowed, what was found, and what may have been meant."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd

from llo_research.errors import DataError, LloError


def check_option(
    value: object,
    name: str,
    allowed: Sequence[str],
    what: str | None = None,
    *,
    error: type[LloError] = DataError,
    also: str | None = None,
    todo: str | None = None,
) -> None:
    """An option that is one of a few words.

    what : the sentence that says what is wrong, in other words.
    error : the class to raise.
    also : what else may be given, in words.
    todo : what to do about it, in other words.
    """
    if not isinstance(value, str) or value not in allowed:
        raise error(
            what or f"{name} has no option {value!r}."[:200],
            where=name,
            found=repr(value)[:60] + nearest(value, allowed, "among the options"),
            expected=", ".join(allowed) + (f", or {also}" if also else ""),
            todo=todo or f"give one of these words, as {name}={allowed[0]!r}",
        )


def check_switch(value: object, name: str) -> None:
    """An option that is on or off; text such as "no" would count as on."""
    if not isinstance(value, bool | np.bool_):
        raise DataError(
            f"{name} is True or False.",
            where=name,
            found=repr(value)[:60],
            expected="True or False",
            todo=f"{name}=True or {name}=False, without quotes",
        )


def check_level(level: float) -> None:
    """A confidence level strictly between 0 and 1."""
    if isinstance(level, bool | np.bool_) or not (isinstance(level, Real) and 0 < float(level) < 1):
        raise DataError(
            "level is a probability.",
            where="level",
            found=repr(level),
            expected="0 < level < 1, as 0.95",
            todo="level=0.95 for 95 % intervals, not 95 and not 0.05",
        )


def check_seed(seed: object) -> None:
    """A seed of random numbers, or None."""
    if seed is not None and (isinstance(seed, bool) or not isinstance(seed, Integral) or seed < 0):
        raise DataError(
            "seed is a whole number.",
            where="seed",
            found=repr(seed)[:60],
            expected="a whole number, 0 or above",
            todo="seed=1, or any other number that is told with the results",
        )


def names_of(what: str | Sequence[str], role: str) -> list[str]:
    """One name or several, checked to be text."""
    several = isinstance(what, list | tuple | pd.Index | pd.Series | np.ndarray)
    names = [what] if isinstance(what, str) else [_plain_name(name) for name in what] if several else []
    if not names or not all(isinstance(name, str) for name in names):
        raise DataError(
            f"{role} is a column name or a list of names.",
            where=role,
            found=repr(what)[:80] if isinstance(what, list | tuple | int | float) else f"a {type(what).__name__}",
            expected="text, as 'training', or ['year', 'education']",
            todo="the variable comes first, the survey second: llo.mean('training', svy, by='education')",
        )
    repeated = [name for i, name in enumerate(names) if name in names[:i]]
    if repeated:
        data = isinstance(what, pd.Series | np.ndarray)
        raise DataError(
            f"{repeated[0]!r} is named twice.",
            where=role,
            expected="each column once",
            todo="give the name of the column, not its data" if data else "name it once",
        )
    return names


def _plain_name(name: Any) -> Any:
    """Text of numpy's own kind as Python's."""
    return str(name) if isinstance(name, np.str_) else name


def nearest(name: object, candidates: Iterable[object], there: str = "in the data") -> str:
    """A hint ``; did you mean 'x'?`` when something close exists, else nothing.

    A number written as text, or the reverse, is told apart: ``'2014'`` looks like the 2014 that is there.

    there : where the candidates stand.
    """
    candidates = list(candidates)
    same = [c for c in candidates if str(c) == str(name) and isinstance(c, str) != isinstance(name, str)]
    if same:
        told = f"{plain(same[0])!r} {there} is {'not' if isinstance(name, str) else 'text'}"
        return f"; {name!r} is text, {told}" if isinstance(name, str) else f"; {plain(name)!r} is not text, {told}"
    if not isinstance(name, str):
        return ""
    known = [str(c) for c in candidates]
    lower = {c.lower(): c for c in known}
    close = difflib.get_close_matches(str(name).lower(), list(lower), n=2, cutoff=0.7)
    return f"; did you mean {' or '.join(repr(lower[c]) for c in close)}?" if close else ""


def plain(level: object) -> object:
    """A numpy scalar as the Python value; whole floats as integers."""
    value = level.item() if isinstance(level, np.generic) else level
    return int(value) if isinstance(value, float) and value.is_integer() else value


def same_spelling(one: str, other: str) -> bool:
    """Whether two texts are the same but for their Unicode form."""
    return unicodedata.normalize("NFC", one) == unicodedata.normalize("NFC", other)
