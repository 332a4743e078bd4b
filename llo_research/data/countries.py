"""Which countries are asked for, by code; what there is instead of those that are not there."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any

from llo_research.data import places
from llo_research.data.instrument import Instrument
from llo_research.errors import DataError


def countries_asked(country: object, item: Instrument) -> list[str] | None:
    """Codes of countries as a list, in the order asked for; None for an instrument without files per country.

    Raises
    ------
    DataError
        For anything but codes that the instrument knows, each once.
    """
    known: Mapping[str, int] | None = item.identify.get("countries")
    if known is None:
        if country is not None and not ("country_within" in item.identify and isinstance(country, str)):
            words = f"{item.name} has no files per country."
            raise DataError(words, where="country=", found=repr(country), expected="None")
        return None
    several = isinstance(country, Iterable) and not isinstance(country, str | bytes | Mapping | Set)
    listed = list(country) if several and isinstance(country, Iterable) else [country]
    codes = [code.strip().lower() for code in listed if isinstance(code, str)]
    wrong: list[object] = [code for code in listed if not isinstance(code, str)]
    wrong += [code for code in codes if code not in known]
    if wrong or not codes:
        raise DataError(
            f"{item.name} has a file per country: say which.",
            where="country=",
            found=", ".join(map(_shown(item), wrong)) or "an empty list",
            expected=f"three letters, or a list of them, of {', '.join(known)}",
            todo=_there(item),
        )
    if len(set(codes)) < len(codes):
        twice = dict.fromkeys(code for code in codes if codes.count(code) > 1)
        raise DataError(
            "A country is asked for twice.", where="country=", found=", ".join(twice), expected="each country once"
        )
    return codes


def _shown(item: Instrument) -> Any:
    """How to show what is no code: with the code of a country that is called so."""
    names = {text.casefold(): code for code, told in country_names(item).items() for text in told.values()}
    two_letters = item.identify.get("two_letters", {})

    def shown(value: object) -> str:
        if isinstance(value, Set):
            return f"{value!r} (a set has no order: give a list)"
        if not isinstance(value, str):
            return repr(value)
        text = value.strip().casefold()
        near = difflib.get_close_matches(text, names, n=1, cutoff=0.8) if len(text) > 3 else []
        code = names[near[0]] if near else two_letters.get(text)
        return repr(value) + (f" (its code is {code!r})" if code else "")

    return shown


def country_names(item: Instrument) -> dict[str, Mapping[str, str]]:
    """Code of a country -> its name in Dutch and English."""
    return dict(item.identify.get("country_names", {}))


def present(item: Instrument, cycle: int | None) -> list[str]:
    """Countries of which there is a file in the places looked in, by its name alone."""
    codes = list(item.identify.get("countries", ()))
    return [code for code in codes if places.find(item.name, file_names(item, code, cycle))]


def file_names(item: Instrument, country: str | None, cycle: int | None) -> list[str]:
    """Names and patterns under which a file of this instrument is looked for, the best first."""
    return [name.format(country=country, cycle=cycle) for name in item.about["file_names"]]


def not_found(item: Instrument, countries: Sequence[str] | None, cycle: int) -> DataError:
    """No file: where was looked, why there is none, what there is, and the line that fetches it."""
    told = " and ".join(countries or ())
    of = f" for {told}, cycle {cycle}," if told else ""
    asked: list[str | None] = [*countries] if countries else [None]
    names = [name for code in asked for name in file_names(item, code, cycle)]
    reasons = [item.why_absent(code, cycle) for code in countries or ()]
    none = next((reason for reason in reasons if reason), {})
    open_to_all = [code for code, why in zip(countries or (), reasons, strict=True) if not why]
    fetch = item.about.get("fetch", item.about["how_to_obtain"]).format(country=" ".join(open_to_all), cycle=cycle)
    ways = [none.get("instead"), fetch if open_to_all or not countries else None, _there(item) if countries else None]
    return DataError(
        f"No file of {item.about['title']['en']}{of} was found.",
        where=places.describe(item.name),
        found=none.get("why", "none of these names"),
        expected=", ".join(dict.fromkeys(names)),
        todo="\n    ".join(way for way in ways if way),
    )


def _there(item: Instrument) -> str | None:
    """The countries of which there are files, as they are asked for; None without any."""
    lines = []
    for cycle in [int(number) for number in item.raw.get("cycles", {})]:
        own = [code for code in present(item, cycle) if _surely(item, code, cycle)]
        if own:
            lines.append(f"country={own}, cycle={cycle}")
    return f"There are files of {'; '.join(lines)}." if lines else None


def _surely(item: Instrument, country: str, cycle: int) -> bool:
    """Does the name of the file say this cycle, or the first where it says none?"""
    name = places.find(item.name, file_names(item, country, cycle))[0].name.lower()
    return f"p{cycle}" in name or (cycle == 1 and not name.startswith("prg"))
