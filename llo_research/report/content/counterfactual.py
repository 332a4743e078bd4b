"""What the mean of one group would be with the characteristics of the other, beside the means of both."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import stats

from llo_research.errors import DataError
from llo_research.report.content.content import Content
from llo_research.report.content.decompositions import is_whole
from llo_research.report.content.identifiers import side
from llo_research.report.content.labels import capital, said
from llo_research.report.content.numbers import with_unit
from llo_research.report.content.steps import check_shown, take

FINDING = "finding"
_PARTS = ("explained", "endowments")
_WORDS: dict[str, tuple[str, str]] = {
    "group": ("nu: {name}", "now: {name}"),
    "would": ("{minus} met de kenmerken van {of}", "{minus} with the characteristics of {of}"),
    "moved": (
        "Met de kenmerken van {of} zou het bij {minus} volgens het model {would} zijn in plaats van {now}",
        "With the characteristics of {of}, the model gives {would} for {minus} instead of {now}",
    ),
    "unclear": (
        "Of de kenmerken van {of} bij {minus} iets zouden veranderen, is niet te zeggen",
        "Whether the characteristics of {of} would change anything for {minus} cannot be told",
    ),
}


def counterfactual(content: Content) -> Content:
    """The mean of `minus`, the same plus the explained part, and the mean of `of`; the finding as what is shown.

    Raises
    ------
    DataError
        Something else than one decomposition of a gap with its means and covariance.
    DisclosureError
        A number that may not be seen.
    """
    rows = _rows(content)
    check_shown(content, rows)
    minus, of, part = rows
    c = content.covariance
    assert c is not None
    value = content.estimate[minus] + content.estimate[part]
    error = float(np.sqrt(max(c[minus, minus] + c[part, part] + 2 * c[minus, part], 0.0)))
    half = stats.t.isf((1 - content.level) / 2, content.df[part]) * error
    chosen = take(content, [minus, minus, of])
    names = {name: side(content.meta["call"][name], content.meta, content.language) for name in ("of", "minus")}
    language = content.language
    would = said(_WORDS, "would", language).format(**names)
    now = [said(_WORDS, "group", language).format(name=names[name]) for name in ("minus", "of")]
    told = pd.DataFrame({"component": [capital(text) for text in (now[0], would, now[1])]})
    places, unit = content.decimals[minus], content.quantities[minus].unit
    numbers = {
        key: with_unit(v, places, unit, language) for key, v in (("would", value), ("now", content.estimate[minus]))
    }
    clear = content.low[part] > 0 or content.high[part] < 0
    return replace(
        chosen,
        names=told,
        raw=told.rename(columns={"component": "group"}),
        estimate=np.array([chosen.estimate[0], value, chosen.estimate[2]]),
        low=np.array([chosen.low[0], value - half, chosen.low[2]]),
        high=np.array([chosen.high[0], value + half, chosen.high[2]]),
        quantities=tuple(replace(quantity, null=None) for quantity in chosen.quantities),
        std_error=None,
        covariance=None,
        n=None if content.n is None else content.n[[minus, part, of]],
        notes={
            **chosen.notes,
            FINDING: said(_WORDS, "moved" if clear else "unclear", language).format(**names, **numbers),
        },
    )


def _rows(content: Content) -> list[int]:
    """The rows of both means and the explained part."""
    raw = content.raw
    component = raw["component"].astype(str).tolist() if "component" in raw else []
    whole = is_whole(raw)
    found = [
        [i for i, name in enumerate(component) if whole[i] and name in names]
        for names in (("mean_minus",), ("mean_of",), _PARTS)
    ]
    if any(len(rows) != 1 for rows in found) or content.covariance is None:
        raise DataError(
            "A counterfactual needs one decomposition of a gap, with the means of both groups.",
            where="kind='counterfactual'",
            found=", ".join(dict.fromkeys(component)) or f"columns {list(raw.columns)}",
            expected="rows mean_of, mean_minus, and explained or endowments",
        )
    return [rows[0] for rows in found]
