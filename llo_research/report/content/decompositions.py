"""The words of decompositions: their components, with the groups by their labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from llo_research.report.content.labels import is_missing, said, word

LEVELS = ("mean_of", "mean_minus")
TOTALS = ("gap", "gap_change", "change", "total")
WHOLE = "total"
_SIDES = {"mean_of": "of", "mean_minus": "minus"}
_OWN: dict[str, tuple[str, str]] = {
    "mean of side": ("gemiddelde van {side}", "mean of {side}"),
    # a coefficient with and without controls
    "base": ("zonder de andere kenmerken", "without the controls"),
    "full": ("met de andere kenmerken", "with the controls"),
    # a change in the manner of Smith and Welch
    "main": ("kenmerken: verschil veranderd", "characteristics: difference changed"),
    "group": ("kenmerken: anders per groep", "characteristics: unlike by group"),
    "time": ("samenhang: veranderd voor beide", "returns: changed for both"),
    "group_time": ("samenhang: verschil veranderd", "returns: difference changed"),
    # Kim
    "intercept": ("constante", "intercept"),
    "coefficients_interaction": ("coëfficiënten, interactie", "coefficients, interaction"),
    "endowments_interaction": ("kenmerken, interactie", "endowments, interaction"),
    # Makepeace and others
    "explained_quantity": ("verklaard: kenmerken", "explained: characteristics"),
    "explained_price": ("verklaard: samenhang", "explained: returns"),
    "unexplained_quantity": ("onverklaard: kenmerken", "unexplained: characteristics"),
    "unexplained_price": ("onverklaard: samenhang", "unexplained: returns"),
}


def component_text(value: Any, sides: Mapping[str, str], language: str) -> str:
    """A component in words; the means of both groups by the groups' labels, where `sides` has them."""
    name = str(value)
    if name in _SIDES and sides.get(_SIDES[name]):
        return said(_OWN, "mean of side", language).format(side=sides[_SIDES[name]])
    return said(_OWN, name, language) if name in _OWN else word(name, language)


def is_whole(raw: pd.DataFrame) -> list[bool]:
    """Whether each row is an aggregate: of no term, or of the term ``total``."""
    if "term" not in raw:
        return [True] * len(raw)
    return [is_missing(term) or str(term) in (WHOLE, "nan", "None") for term in raw["term"]]
