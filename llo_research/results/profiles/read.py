"""A profile from the text of its file: every key is checked, since a rule that is misspelt would protect nobody."""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Mapping
from typing import Any

from llo_research.errors import DataError
from llo_research.options import nearest
from llo_research.results.profiles.profile import Profile, Rules

_TOP = ("title", "confirmed", "rules", "export")
_LOOKING = ("units", "complement", "largest_share")
_LEAVING = ("degrees_of_freedom", "one_category", "one_category_others", "width", "rounding")
_COUNTS = ("units", "complement", "degrees_of_freedom", "one_category_others", "width", "rounding")
_LANGUAGES = ("nl", "en")


def profile_from(content: bytes, name: str, where: str) -> Profile:
    """The profile that a file holds.

    ``[rules.restricted]`` is complete; ``[rules.registered]`` and the rules of a source by its name (``[rules.nea]``)
    take what they leave out from it. ``[export]`` holds for all of them.
    """
    try:
        told = tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError(
            "The profile is no TOML file.",
            where=where,
            found=str(error)[:100],
            expected="lines as units = 10 below [rules.restricted], in UTF-8",
            todo="correct the line",
        ) from None
    _check_keys(told, _TOP, where)
    export = _numbers(_table(told, "export", where), _LEAVING, f"{where}, [export]")
    given = _table(told, "rules", where)
    if "restricted" not in given:
        raise _missing("rules.restricted", where, "a table [rules.restricted] with units, complement and largest_share")
    base = _numbers(_table(given, "restricted", where), (*_LOOKING, *_LEAVING), f"{where}, [rules.restricted]")
    for key in _LOOKING:
        if key not in base:
            raise _missing(key, f"{where}, [rules.restricted]", "units, complement and largest_share")
    rules = {}
    for kind in ("registered", *given):
        at = f"{where}, [rules.{kind}]"
        own = _numbers(_table(given, kind, where), (*_LOOKING, *_LEAVING), at)
        rules[str(kind)] = Rules(**{**export, **base, **own})
    title = _title(told.get("title", name), where)
    return Profile(name, title, _date(told.get("confirmed", ""), where), rules)


def _table(told: Mapping[str, Any], key: str, where: str) -> Mapping[str, Any]:
    """A table of the file, empty when it is not there."""
    value = told.get(key, {})
    if not isinstance(value, Mapping):
        raise DataError(
            f"{key} of the profile is no table.",
            where=where,
            found=f"{key} = {value!r}"[:60],
            expected=f"a line [{key}] with rules below it",
            todo="as in the profiles of the library",
        )
    return value


def _check_keys(told: Mapping[str, Any], allowed: tuple[str, ...], where: str) -> None:
    """No key but these."""
    for key in told:
        if key not in allowed:
            raise DataError(
                f"The profile has no rule {key!r}.",
                where=where,
                found=key + nearest(key, allowed, "among the keys"),
                expected=", ".join(allowed),
                todo="correct or remove the line; nothing is ignored, since a rule that is misspelt protects nobody",
            )


def _missing(key: str, where: str, expected: str) -> DataError:
    """A key that must be there."""
    return DataError(
        f"The profile does not tell {key!r}.", where=where, found="no such line", expected=expected, todo="add it"
    )


def _numbers(told: Mapping[str, Any], allowed: tuple[str, ...], where: str) -> dict[str, Any]:
    """Rules that are numbers in their range."""
    _check_keys(told, allowed, where)
    for key, value in told.items():
        whole = key in _COUNTS
        plain = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
        if not plain or not (value >= 1 if whole else 0 < value <= 1):
            raise DataError(
                f"{key} of the profile is no {'number of persons' if whole else 'share'}.",
                where=where,
                found=f"{key} = {value!r}"[:60],
                expected="a whole number from 1 up" if whole else "a number above 0, and 1 at most",
                todo=f"as {key} = {10 if whole else 0.5}",
            )
    return dict(told)


def _title(told: Any, where: str) -> dict[str, str]:
    """What the profile is called, in both languages."""
    texts = told if isinstance(told, Mapping) else dict.fromkeys(_LANGUAGES, told)
    _check_keys(texts, _LANGUAGES, f"{where}, [title]")
    if not texts or not all(isinstance(text, str) and text.strip() for text in texts.values()):
        raise DataError(
            "The title of the profile is no text.",
            where=where,
            found=repr(told)[:60],
            expected='[title] with nl = "..." and en = "..."',
            todo="say what rules these are",
        )
    first = next(iter(texts.values()))
    return {language: texts.get(language, first) for language in _LANGUAGES}


def _date(told: Any, where: str) -> str:
    """The date on which the rules were checked; empty when nobody did."""
    if told == "":
        return ""
    try:
        if isinstance(told, datetime.datetime) or not isinstance(told, str | datetime.date):
            raise ValueError
        text = str(told)
        day = datetime.date.fromisoformat(text)
        if day.isoformat() != text:
            raise ValueError
    except ValueError:
        raise DataError(
            "The profile does not tell when it was checked.",
            where=where,
            found=f"confirmed = {told!r}"[:60],
            expected='a date as "2026-11-27", or "" when nobody checked it',
            todo="fill in the date on which you checked the rules against those in force",
        ) from None
    if day > datetime.date.today():
        raise DataError(
            "The profile was checked on a day that has not come.",
            where=where,
            found=f"confirmed = {text}",
            expected="today at the latest",
            todo="fill in the date on which you checked the rules against those in force",
        )
    return text
