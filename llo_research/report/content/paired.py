"""Rows in pairs: two numbers of each country or group, such as a level and a gap."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from llo_research.errors import DataError
from llo_research.report.content.beside import BARS
from llo_research.report.content.content import Content, heading_of
from llo_research.report.content.labels import said
from llo_research.report.content.numbers import level_text
from llo_research.report.content.steps import take

_WORDS = {
    "bars": (
        "Lijnen: {level}%-betrouwbaarheidsinterval van elk van beide getallen.",
        "Lines: {level}% confidence interval of each of the two numbers.",
    ),
}


@dataclass(frozen=True)
class Paired:
    """Two numbers of each name: `across` and `up` have the same names in the same order.

    names : what the points are called; heads : what the two numbers are, with their unit.
    """

    across: Content
    up: Content
    names: tuple[str, ...]
    heads: tuple[str, str]


def paired(content: Content) -> Paired:
    """The pairs of a result whose rows are two numbers for each name; the first identifier that parts them does.

    Raises
    ------
    DataError
        Rows that are no such pairs.
    """
    for column in content.names:
        texts = content.names[column].astype(str).tolist()
        kinds = list(dict.fromkeys(texts))
        if len(kinds) != 2:
            continue
        halves = [take(content, [i for i, text in enumerate(texts) if text == kind]) for kind in kinds]
        names = [_names(half, str(column)) for half in halves]
        if len(names[0]) == len(set(names[0])) > 1 and names[0] == names[1]:
            heads = [_head(half, kind) for half, kind in zip(halves, kinds, strict=True)]
            across, up = (
                replace(half, names=pd.DataFrame({"name": own})) for half, own in zip(halves, names, strict=True)
            )
            return Paired(across, up, tuple(names[0]), (heads[0], heads[1]))
    raise DataError(
        "A plane needs two numbers for each name.",
        where="kind='plane'",
        found=f"{len(content.estimate)} rows by {', '.join(content.heads[str(name)] for name in content.names)}",
        expected="llo.joint({'level': llo.mean(..., by='survey'), 'gap': llo.gap(..., by='survey')})",
    )


def plane_content(content: Content) -> Content:
    """The content with what the lines of a plane mean; refused where its rows are no pairs."""
    paired(content)
    told = said(_WORDS, "bars", content.language).format(level=level_text(content.level, content.language))
    return replace(content, meta={**content.meta, BARS: told})


def _names(half: Content, column: str) -> list[str]:
    """What tells the rows of one number apart."""
    own = [name for name in half.names if name != column and half.names[name].nunique() > 1]
    return [", ".join(row) for row in half.names[own].astype(str).to_numpy().tolist()]


def _head(half: Content, kind: str) -> str:
    """What a number is, with its unit."""
    unit = heading_of(list(half.quantities), half.language).partition(" (")[2]
    return f"{kind} ({unit}" if unit else kind
