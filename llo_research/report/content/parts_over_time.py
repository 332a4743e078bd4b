"""Decompositions of several times, and the same coefficient divided in two ways: rows beside one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from llo_research.errors import DataError
from llo_research.report.content.content import Content
from llo_research.report.content.decompositions import LEVELS, is_whole
from llo_research.report.content.labels import capital, lowered, said, variable_label
from llo_research.report.content.merging import merged
from llo_research.report.content.steps import take

BLOCK = "block"
_WAYS: dict[str, tuple[str, str]] = {
    "sequential": ("in volgorde toegevoegd", "added in order"),
    "gelbach": ("los van de volgorde (Gelbach)", "free of order (Gelbach)"),
    "way": ("Verdeling", "Division"),
    "title": (
        "{what}, {focal}: wat elk blok van de coëfficiënt wegneemt, in volgorde en los daarvan",
        "{what}, {focal}: what each block takes off the coefficient, in order and free of order",
    ),
}


def over_time(content: Content) -> Content:
    """The gap or its change and the aggregate parts, at each time; not the means of the groups."""
    component = content.raw["component"].astype(str).to_numpy()
    whole = is_whole(content.raw)
    rows = [i for i in range(len(whole)) if whole[i] and component[i] not in LEVELS]
    chosen = take(content, rows)
    return replace(chosen, names=chosen.names.drop(columns="term", errors="ignore"))


def side_by_side(contents: Sequence[Content]) -> Content:
    """Two divisions of one coefficient: by block a row for each, and the coefficients with and without all blocks.

    Raises
    ------
    DataError
        Something else than one sequence and one division free of order, of one outcome and focal column.
    """
    calls = [content.meta.get("call") or {} for content in contents]
    functions = [str(call.get("function")) for call in calls]
    same = len(
        {(call.get("focal"), content.meta.get("response")) for call, content in zip(calls, contents, strict=True)}
    )
    if sorted(functions) != ["gelbach", "sequential"] or same != 1:
        raise DataError(
            "Side by side stand two divisions of one coefficient.",
            where="figure([...])",
            found=", ".join(functions),
            expected="one result of sequential and one of gelbach, of one outcome and focal column",
            todo="give other results one at a time; llo.joint({...}) makes one of several of the same survey",
        )
    language = contents[0].language
    ways = [said(_WAYS, name, language) for name in functions]
    order = [(k, i) for name in _names(contents) for k, c in enumerate(contents) for i in _own(c, name)]
    whole = merged([take(contents[k], [i]) for k, i in order])
    names = pd.DataFrame({"component": [_name(contents[k], i) for k, i in order], "way": [ways[k] for k, _ in order]})
    heads = {"component": contents[0].heads["component"], "way": said(_WAYS, "way", language)}
    focal = lowered(variable_label(str(calls[0]["focal"]), contents[0].meta.get("labels") or {}, language))
    title = said(_WAYS, "title", language).format(what=contents[0].what.partition(": ")[0], focal=focal)
    return replace(whole, names=names, heads=heads, raw=names.rename(columns={"component": BLOCK}), what=title)


def _names(contents: Sequence[Content]) -> list[str]:
    """What is shown, in order: without controls, the blocks of both, with all controls."""
    blocks = [_name(c, i) for c in contents for i in range(len(c.estimate)) if not is_whole(c.raw)[i]]
    ends = {name: _name(contents[0], _own_component(contents[0], name)) for name in ("base", "full")}
    return [ends["base"], *dict.fromkeys(blocks), ends["full"]]


def _own(content: Content, name: str) -> list[int]:
    """The row of a content with this name."""
    shown = [i for i in range(len(content.estimate)) if _name(content, i) == name]
    return shown[:1]


def _own_component(content: Content, component: str) -> int:
    """The row of an aggregate."""
    return int(np.flatnonzero(content.raw["component"].astype(str) == component)[0])


def _name(content: Content, i: int) -> str:
    """The block of a row, or its component."""
    return capital(str(content.names["component" if is_whole(content.raw)[i] else "term"].iloc[i]))
