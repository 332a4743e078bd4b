"""The receipt of a result: how the number was made, short as text and whole as a mapping."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import TYPE_CHECKING, Any

from llo_research import __version__
from llo_research.options import check_option
from llo_research.results.receipts.account import account, data_of, domain_of, plain
from llo_research.results.receipts.as_text import text_of
from llo_research.results.receipts.closed import (
    closed,
    closed_data,
    closed_design,
    closed_domain,
    closed_steps,
    passed,
    withheld_in_words,
)
from llo_research.results.receipts.made_of import MadeOf
from llo_research.results.receipts.programs import programs
from llo_research.results.receipts.wording import PHRASES, say
from llo_research.results.rules import guarded_kinds, profile_for

if TYPE_CHECKING:
    from llo_research.results.result import Result


# facts of a result that are others in what is made of it
_OF_THE_RESULT = ("degrees_of_freedom", "interval", "certified", "weight_by", "flags", "breaks")


_LEVEL = 0.95


class Receipt(Mapping[str, Any]):
    """How a number was made: a mapping that JSON takes; its text reads well.

    Examples
    --------
    >>> import json, pandas as pd, llo_research as llo
    >>> svy = llo.Survey(pd.DataFrame({"y": [1.0, 2.0, 4.0], "w": [1.0, 1.0, 2.0]}), weights="w")
    >>> receipt = llo.mean("y", svy).receipt()
    >>> receipt["call"], json.loads(json.dumps(dict(receipt)))["n"]
    ("llo.mean('y', svy)", {'least': 3, 'most': 3})
    """

    def __init__(self, told: Mapping[str, Any], language: str) -> None:
        self._told, self._language = dict(told), language

    def __getitem__(self, name: str) -> Any:
        return self._told[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._told)

    def __len__(self) -> int:
        return len(self._told)

    def __str__(self) -> str:
        return text_of(self._told, self._language)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return f'<pre lang="{self._language}">{escape(str(self))}</pre>'


def receipt_of(result: Result, language: str, disclosure: str, made: MadeOf | None = None) -> Receipt:
    """See :meth:`Result.receipt`; of what was made of the result, it leaves out what is other there."""
    check_option(language, "language", ("en", "nl"))
    told = account(result, language, disclosure, made)
    told = told if passed(result, disclosure) else closed(told, result, disclosure, language)
    if made is not None:
        told = {name: value for name, value in told.items() if name not in _OF_THE_RESULT}
        told |= {"made_of": say(PHRASES["made_of"], language), "call": made.call.replace("{}", told["call"], 1)}
    return Receipt(told, language)


def receipt_of_made(made: MadeOf, language: str, disclosure: str) -> Receipt:
    """The receipt of what was made of a result, or of two models."""
    if made.result is not None:
        return receipt_of(made.result, language, disclosure, made)
    return receipt_of_meta(made.meta, made.call, language, disclosure, programs(made.told, language, made))


def receipt_of_weights(meta: Mapping[str, Any], language: str, disclosure: str) -> Receipt:
    """The receipt of what was made of the weights of a survey alone; no number of it is an estimate."""
    call = meta["call"]
    given = [f"[{', '.join(map(repr, call['variables']))}]"] if call["variables"] else []
    given += [f"level={call['level']!r}"] if call["level"] != _LEVEL else []
    return receipt_of_meta(meta, f"llo.{call['function']}({', '.join(['svy', *given])})", language, disclosure, {})


def receipt_of_meta(
    meta: Mapping[str, Any], call: str, language: str, disclosure: str, of_programs: Mapping[str, Any]
) -> Receipt:
    """The receipt of what has no result, from what it tells of its survey."""
    check_option(language, "language", ("en", "nl"))
    design = dict(meta.get("design") or {})
    steps = [plain(step) for step in design.pop("steps", None) or ()]
    told = {
        "call": call,
        "version": __version__,
        "data": data_of(meta, language),
        "domain": domain_of(meta),
        "weight": {"column": meta.get("weight"), "kind": meta.get("weight_kind")},
        "weighting_steps": steps,
        "design": plain(design),
        "n": {},
        "left_out": {},
        "programs": of_programs,
    }
    if found := profile_for(meta, disclosure):
        kind = (guarded_kinds(meta.get("source")) or ("restricted",))[0]
        told |= {
            "data": closed_data(told["data"], meta.get("source") or {}, language),
            "domain": closed_domain(told["domain"]),
            "programs": {},
            "weighting_steps": closed_steps(steps),
            "design": closed_design(told["design"]),
            "withheld": withheld_in_words(kind, found[0].name, language),
        }
    return Receipt(told, language)


def receipt_of_several(results: Mapping[str, Result], call: str, language: str, disclosure: str) -> Receipt:
    """The receipts of results that stand side by side, by their names under `results`."""
    several = {name: receipt_of(result, language, disclosure) for name, result in results.items()}
    calls = "".join(f"\n    {name!r}: {one['call']},".replace("\n    ", "\n        ") for name, one in several.items())
    version = next(iter(several.values()))["version"]
    told = {"call": f"{call}({{{calls}\n}})", "version": version}
    return Receipt({**told, "results": {name: dict(one) for name, one in several.items()}}, language)
