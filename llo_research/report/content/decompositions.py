"""The words of decompositions: their components, with the groups by their labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from llo_research.report.content.labels import is_missing, said, word

LEVELS = ("mean_of", "mean_minus")
TOTALS = ("gap", "gap_change", "change", "total")
WHOLE = "total"
_SIDES = {f"{kind}_{side}": side for kind in ("mean", "counterfactual") for side in ("of", "minus")}
_OWN: dict[str, tuple[str, str]] = {
    "mean of side": ("gemiddelde van {side}", "mean of {side}"),
    "measure of side": ("{measure} van {side}", "{measure} of {side}"),
    # a group reweighted to another, and gaps that would be left
    "counterfactual": ("anders samengesteld", "composed otherwise"),
    "counterfactual_of": ("{side}, na de ingreep", "{side}, after the intervention"),
    "counterfactual_minus": ("{side}, na de ingreep", "{side}, after the intervention"),
    "counterfactual_gap": ("verschil dat overblijft", "gap that is left"),
    "closed": ("verschil dat sluit", "gap that closes"),
    # Yu and Elwert
    "baseline": ("zonder de maatregel", "without the treatment"),
    "prevalence": ("wie de maatregel krijgt", "who gets the treatment"),
    "effect": ("wat de maatregel doet", "what the treatment does"),
    "selection": ("bij wie de maatregel terechtkomt", "for whom within a group"),
    # concentration
    "residual": ("rest", "residual"),
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


# levels that stand beside the parts of a gap, and are none
BESIDE_PARTS = ("counterfactual", "counterfactual_of", "counterfactual_minus")


def component_text(value: Any, sides: Mapping[str, str], language: str, measure: str = "") -> str:
    """A component in words; the means of both groups by the groups' labels, where `sides` has them.

    measure : what is measured in words, where it is no mean.
    """
    name = str(value)
    own = sides.get(_SIDES.get(name, ""))
    if name in _SIDES and own:
        if name not in LEVELS:
            return said(_OWN, name, language).format(side=own)
        return said(_OWN, "measure of side" if measure else "mean of side", language).format(side=own, measure=measure)
    return said(_OWN, name, language) if name in _OWN else word(name, language)


def is_whole(raw: pd.DataFrame) -> list[bool]:
    """Whether each row is an aggregate: of no term, or of the term ``total``."""
    if "term" not in raw:
        return [True] * len(raw)
    return [is_missing(term) or str(term) in (WHOLE, "nan", "None") for term in raw["term"]]
