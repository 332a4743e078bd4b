"""The support of a decomposition as it may be shown: people of both groups in each category, small counts withheld."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from llo_research.report.content.labels import capital, said
from llo_research.results.floors import HIDDEN
from llo_research.results.rules import profile_for

SUPPORT = "support"
SIDES = ("of", "minus")
_OWN = ("term", "level", "n_of", "n_minus", "n_eff_of", "n_eff_minus", "largest_weight_share")
_WORDS: dict[str, tuple[str, str]] = {
    "title": ("Overlap van {of} en {minus}, per categorie", "Overlap of {of} and {minus}, by category"),
    "n": ("n, {side}", "n, {side}"),
    "n_eff": ("effectieve n, {side}", "effective n, {side}"),
    "largest_weight_share": ("grootste gewicht (% van zijn groep)", "largest weight (% of its group)"),
    "largest": (
        "Grootste gewicht: het aandeel van één persoon in het gewicht van de categorie, in de groep waar dat het "
        "grootst is.",
        "Largest weight: one person's share of the weight of the category, in the group where that is largest.",
    ),
    "withheld": (
        "Afgeschermd: aantallen onder {units}, en wat daaruit volgt; profiel {name}, {checked}.",
        "Withheld: counts under {units}, and what would give them away; profile {name}, {checked}.",
    ),
    "of gap": ("deel van het verschil (%)", "share of the gap (%)"),
    "of change": ("deel van de verandering (%)", "share of the change (%)"),
    "of total": ("deel van het totaal (%)", "share of the total (%)"),
    "of coefficient": ("deel van de coëfficiënt (%)", "share of the coefficient (%)"),
    "thin": (
        "Weinig overlap: minder dan {least} effectieve waarnemingen in een van de groepen bij {levels}.",
        "Little overlap: fewer than {least} effective observations in one of the groups at {levels}.",
    ),
    "unconfirmed": ("niet bevestigd", "unconfirmed"),
    "confirmed": ("nagegaan op {date}", "confirmed on {date}"),
}


def support_word(key: str, language: str, **places: str) -> str:
    """A text of a table of support."""
    text = said(_WORDS, key, language).format(**places)
    return text if key == "n" else capital(text)


@dataclass(frozen=True)
class Shown:
    """Which counts may be seen.

    hidden : by side, (k,) rows whose count may not be seen; marks : what stands there instead. note : why, or nothing.
    """

    hidden: Mapping[str, np.ndarray]
    marks: Mapping[str, tuple[str, ...]]
    note: str

    @property
    def any(self) -> np.ndarray:
        """(k,) rows of which a count of either group may not be seen."""
        return np.asarray(self.hidden["of"] | self.hidden["minus"])


def shown_support(frame: pd.DataFrame, meta: Mapping[str, Any], disclosure: str, language: str) -> Shown:
    """What may be seen of the counts of each group.

    The levels of a category add up to its group: where one alone is withheld, or what is withheld is little together,
    so is the smallest of the others.
    """
    none = np.zeros(len(frame), dtype=bool)
    chosen = profile_for(meta, disclosure)
    if chosen is None:
        blank = ("",) * len(frame)
        return Shown(dict.fromkeys(SIDES, none), dict.fromkeys(SIDES, blank), "")
    found, rules = chosen
    hidden, marks = {}, {}
    for side in SIDES:
        n = frame[f"n_{side}"].to_numpy(dtype=np.float64)
        few = n < rules.units
        hidden[side] = _covered(frame, n, few, rules.units)
        marks[side] = tuple(
            f"<{rules.units}" if small else HIDDEN if gone else ""
            for small, gone in zip(few, hidden[side], strict=True)
        )
    if not (hidden["of"] | hidden["minus"]).any():
        return Shown(hidden, marks, "")
    checked = support_word("confirmed" if found.confirmed else "unconfirmed", language, date=found.confirmed)
    note = support_word("withheld", language, units=str(rules.units), name=found.name, checked=checked.lower())
    return Shown(hidden, marks, note)


def _covered(frame: pd.DataFrame, n: np.ndarray, few: np.ndarray, units: int) -> np.ndarray:
    """(k,) the small counts, and as many others of their category as keep these from following from its sum."""
    out = few.copy()
    outer = [name for name in frame.columns if name not in _OWN]
    keys = frame[[*outer, "term"]].astype(str).agg("|".join, axis=1).to_numpy()
    for key in dict.fromkeys(keys[few]):
        rows = np.flatnonzero(keys == key)
        for i in rows[np.argsort(n[rows], kind="stable")]:
            if not out[i] and (out[rows].sum() == 1 or n[rows][out[rows]].sum() < units):
                out[i] = True
    return out
