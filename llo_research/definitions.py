"""What surveys that stand in one stack ask under one name: which differ in reference period or definition.

A stack's ``source["surveys"]`` holds the source of each survey; ``reference_period`` and ``definition`` of a source are
mappings of variables to texts. Results carry ``meta["of_surveys"]``, whose answers a number is of (variable -> names),
and ``meta["definitions"]``, what differs between them. ``source["differing"]`` is ``flag`` where the user has said so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llo_research.errors import DataError

PERIOD, DEFINITION = "period", "definition"
# flags of rows that stand for answers to different questions
DIFFERING = (PERIOD, DEFINITION)
OPTIONS = ("refuse", "flag")
OF_SURVEYS, DEFINITIONS = "of_surveys", "definitions"
_TOLD = {PERIOD: "reference_period", DEFINITION: "definition"}
_SHOWN = 110


def differing(source: Mapping[str, Any], name: str, surveys: Sequence[str]) -> dict[str, Any] | None:
    """What these surveys of a stack ask under a name, when it differs; None when it does not, or nothing is known.

    Returns
    -------
    dict or None
        ``kind`` (``period`` or ``definition``), and for each survey the texts of its ``reference_period`` and
        ``definition`` under ``surveys``.
    """
    own = {survey: _own(dict(source.get("surveys") or {}).get(survey) or {}, name) for survey in surveys}
    for kind, key in _TOLD.items():
        texts = [_english(texts[key]) for texts in own.values() if key in texts]
        if len(set(texts)) > 1:
            return {"kind": kind, "surveys": own}
    return None


def _own(source: Mapping[str, Any], name: str) -> dict[str, Any]:
    """What one survey says of a variable."""
    told = {key: source.get(key) for key in _TOLD.values()}
    found = {key: value.get(name) if isinstance(value, Mapping) else value for key, value in told.items()}
    return {key: value for key, value in found.items() if value}


def _english(text: Any) -> str:
    """A text that may stand in two languages, for comparison."""
    return str(text.get("en", text) if isinstance(text, Mapping) else text).strip().casefold()


def check_same(found: Mapping[str, Mapping[str, Any]], source: Mapping[str, Any], where: str) -> None:
    """Refuse numbers of different questions beside each other, unless the stack says that they are.

    Raises
    ------
    DataError
        Naming the variable, and what each survey asks.
    """
    if not found or source.get("differing") == "flag":
        return
    name, entry = next(iter(found.items()))
    key = _TOLD[entry["kind"]]
    texts = {survey: str(_in_english(own[key])) for survey, own in entry["surveys"].items() if key in own}
    told = "; ".join(f"{survey}: {text[:_SHOWN]}{'...' * (len(text) > _SHOWN)}" for survey, text in texts.items())
    what = "has another reference period" if entry["kind"] == PERIOD else "is defined otherwise"
    raise DataError(
        f"{name!r} {what} in each of these surveys: their numbers are not one series.",
        where=where,
        found=told,
        expected="one definition and one reference period",
        todo=f"take one survey at a time, as svy.where(\"survey == '{next(iter(texts))}'\"); or say that you know, and "
        "have every number marked: llo.stack({...}, breaks='flag')",
    )


def _in_english(text: Any) -> Any:
    return text.get("en", next(iter(text.values()), "")) if isinstance(text, Mapping) else text


def measured_differing(meta: Mapping[str, Any]) -> dict[str, Any]:
    """Of the differing variables of a result those that its numbers are of, not what they are grouped by."""
    return {name: entry for name, entry in (meta.get(DEFINITIONS) or {}).items() if not entry.get("groups")}


def together(metas: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What joint results of one stack say of themselves: whose answers, and what differs.

    metas : ``.meta`` of each result, under its name.

    Raises
    ------
    DataError
        When results of one variable are of surveys that ask it differently.
    """
    first = next(iter(metas.values()))
    if not any(OF_SURVEYS in meta for meta in metas.values()):
        return {}
    of_surveys: dict[str, list[str]] = {}
    for meta in metas.values():
        for name, surveys in (meta.get(OF_SURVEYS) or {}).items():
            of_surveys[name] = list(dict.fromkeys([*of_surveys.get(name, []), *surveys]))
    source = first.get("source") or {}
    found = {name: entry for name, who in of_surveys.items() if (entry := differing(source, name, who)) is not None}
    check_same(found, source, f"results {', '.join(metas)}")
    kept = {name: entry for meta in metas.values() for name, entry in (meta.get(DEFINITIONS) or {}).items()}
    told = {**kept, **found}
    return {OF_SURVEYS: of_surveys, **({DEFINITIONS: told} if told else {})}
