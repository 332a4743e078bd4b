"""Results of this library."""

from __future__ import annotations

import numpy as np

from llo_research.numerics.groups import Floats
from llo_research.regression.fit import Fit
from llo_research.regression.foreign.column import Column, text_of
from llo_research.results.floors import Withheld
from llo_research.results.result import Result
from llo_research.results.seen import frame_to_show
from llo_research.survey.formulas import categories_of


def column(result: Result, hidden: Withheld | None) -> Column:
    """A fit; rows that may not be seen hold no numbers, nor does the footer where all of them are."""
    frame = frame_to_show(result, hidden)

    def numbers(name: str) -> Floats:
        return frame[name].to_numpy(dtype=np.float64) if name in frame else np.full(len(frame), np.nan)

    return Column(
        result.labels,
        numbers("estimate"),
        numbers("std_error"),
        numbers("statistic"),
        numbers("df"),
        numbers("p_value"),
        numbers("conf_low"),
        numbers("conf_high"),
        _footer(result, hidden),
    )


def _footer(result: Result, hidden: Withheld | None) -> dict[str, object]:
    """What stands under the column."""
    meta = result.meta
    effects = meta.get("effects") or []
    footer: dict[str, object] = {
        "n": meta.get("nobs"),
        "n_psu": meta.get("n_psu"),
        "mean_y": meta.get("mean_y"),
        "effects": effects if isinstance(effects, str) else text_of(effects),
        "vcov": result.inference.vcov.name,
        "program": "llo_research",
    }
    if isinstance(result, Fit) and result.models:
        footer["controls"] = text_of(sorted(categories_of(result.models[0].data.right)))
        footer["r2"] = result.pseudo_r2
    if hidden is not None and hidden.rows.all():
        footer |= {"n": hidden.counts[0], "n_psu": None, "mean_y": None, "r2": None}
    return footer
