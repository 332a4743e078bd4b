"""Results of this library."""

from __future__ import annotations

from typing import Any

import numpy as np

from llo_research.regression.fit import Fit
from llo_research.regression.foreign.column import NUMBERS, Column, text_of
from llo_research.results.floors import Withheld
from llo_research.results.result import Result
from llo_research.results.seen import frame_to_show
from llo_research.survey.formulas import categories_of

_R2 = ("r2_within", "r2_between")


def column(result: Result, hidden: Withheld | None) -> Column:
    """A fit; rows that may not be seen hold no numbers."""
    frame = frame_to_show(result, hidden)
    gone = np.zeros(len(frame), dtype=bool) if hidden is None else hidden.rows
    numbers = {
        name: np.where(gone, np.nan, frame[name].to_numpy(dtype=np.float64) if name in frame else np.nan)
        for name in NUMBERS
    }
    footer = _footer(result) if hidden is None else _guarded(result, _footer(result), hidden)
    bases = dict(result.meta.get("base_levels") or {})
    return Column(result.labels, **numbers, footer=footer, rows=result.rows, hidden=gone, bases=bases)


def _footer(result: Result) -> dict[str, Any]:
    """What stands under the column."""
    meta, facts = result.meta, result.inference.vcov.facts()
    effects = meta.get("effects") or []
    footer: dict[str, Any] = {
        "n": meta.get("nobs"),
        "n_units": meta.get("n_units"),
        "n_psu": meta.get("n_psu"),
        "mean_y": meta.get("mean_y"),
        "effects": effects if isinstance(effects, str) else text_of(effects),
        "vcov": result.inference.vcov.name,
        "small_sample": str(facts.get("small_sample", "")),
        "program": "llo_research",
    }
    for name in _R2:
        if name in meta:
            footer |= {"r2": float(meta[name]), "r2_kind": name}
    if isinstance(result, Fit) and result.models:
        linear = (meta.get("family"), meta.get("link")) == ("gaussian", "identity")
        footer["controls"] = text_of(sorted(categories_of(result.models[0].data.right)))
        footer |= {"r2": result.pseudo_r2, "r2_kind": "r2" if linear else "pseudo_r2"}
    return footer


def _guarded(result: Result, footer: dict[str, Any], hidden: Withheld) -> dict[str, Any]:
    """The footer under a profile: small counts as a bound, and no mean or fit that gives a few people away.

    Where a row is withheld, so are the mean and the fit: with the other rows they tell it.
    """
    counts = [footer[name] for name in ("n_units", "n") if footer.get(name) is not None]
    few = bool(counts) and min(counts) < hidden.rules.units
    out = {
        name: hidden.count(value) if name in ("n", "n_units", "n_psu") and value is not None else value
        for name, value in footer.items()
    }
    if few or hidden.rows.any():
        return {name: None if name in ("mean_y", "r2") else value for name, value in out.items()}
    return out if _common(result, hidden.rules.complement) else {**out, "mean_y": None}


def _common(result: Result, least: int) -> bool:
    """Whether an outcome of two values has enough people on both sides, or has more than two values."""
    if not isinstance(result, Fit) or result.fitted is None or result.residuals is None:
        return False
    y = result.fitted + result.residuals
    sides = np.unique(np.round(y[np.isfinite(y)], 9), return_counts=True)[1]
    return len(sides) > 2 or (len(sides) == 2 and int(sides.min()) >= least)
