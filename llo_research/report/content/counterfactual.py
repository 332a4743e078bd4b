"""What the mean of one group would be with the characteristics of the other, beside the means of both.

The explained part takes the place of a change of characteristics only at the coefficients of a group: of `minus`, who
then gets the characteristics of `of`, or of `of`, who gets those of `minus`. Coefficients of both together (pooled,
Neumark, weighted) belong to nobody, and the mean plus the explained part is then the mean of no one.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import stats

from llo_research.errors import DataError
from llo_research.report.content.content import Content
from llo_research.report.content.decompositions import is_whole
from llo_research.report.content.labels import capital, said
from llo_research.report.content.numbers import with_unit
from llo_research.report.content.sides import side
from llo_research.report.content.steps import check_shown, take

FINDING = "finding"
_PARTS = ("explained", "endowments")
_WORDS: dict[str, tuple[str, str]] = {
    "group": ("nu: {name}", "now: {name}"),
    "would": ("{whose} met de kenmerken van {other}", "{whose} with the characteristics of {other}"),
    "moved": (
        "Met de kenmerken van {other} en de eigen coëfficiënten zou het bij {whose} volgens het model {would} zijn in "
        "plaats van {now}",
        "With the characteristics of {other} and coefficients of their own, the model gives {would} for {whose} "
        "instead of {now}",
    ),
    "unclear": (
        "Of het bij {whose} met de kenmerken van {other} en de eigen coëfficiënten anders zou zijn, is niet aan te "
        "tonen",
        "Whether it would be different for {whose} with the characteristics of {other} and coefficients of their own "
        "cannot be told",
    ),
}


def counterfactual(content: Content) -> Content:
    """The mean of both groups and that of one with the characteristics of the other; the finding as what is shown.

    At the coefficients of `minus` its mean plus the explained part, at those of `of` its mean minus that part.

    Raises
    ------
    DataError
        Something else than one decomposition of a gap with its means and covariance, or one at coefficients that are
        those of neither group.
    DisclosureError
        A number that may not be seen.
    """
    minus, of, part = rows = _rows(content)
    whose = _whose(content)
    check_shown(content, rows)
    own, sign = (minus, 1.0) if whose == "minus" else (of, -1.0)
    c = content.covariance
    assert c is not None
    value = content.estimate[own] + sign * content.estimate[part]
    error = float(np.sqrt(max(c[own, own] + c[part, part] + 2 * sign * c[own, part], 0.0)))
    if np.isnan(c[own, part]) and np.isfinite(c[own, own] + c[part, part]):
        raise DataError(
            "A counterfactual needs the covariance of a mean and the explained part, and it did not leave.",
            where="kind='counterfactual'",
            todo="draw it inside, where the people are, or draw kind='waterfall'",
        )
    half = stats.t.isf((1 - content.level) / 2, content.df[part]) * error
    chosen = take(content, [minus, own, of])
    told, finding = _told(content, whose, own, part, value)
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
        notes={**chosen.notes, FINDING: finding},
    )


def _told(content: Content, whose: str, own: int, part: int, value: float) -> tuple[pd.DataFrame, str]:
    """The names of the three rows, and the finding."""
    language, call = content.language, content.meta["call"]
    names = {name: side(call[name], content.meta, language) for name in ("of", "minus")}
    places = {"whose": names[whose], "other": names["of" if whose == "minus" else "minus"]}
    now = [said(_WORDS, "group", language).format(name=names[name]) for name in ("minus", "of")]
    rows = (now[0], said(_WORDS, "would", language).format(**places), now[1])
    for key, number in (("would", value), ("now", content.estimate[own])):
        places[key] = with_unit(number, content.decimals[own], content.quantities[own].unit, language)
    clear = content.low[part] > 0 or content.high[part] < 0
    finding = said(_WORDS, "moved" if clear else "unclear", language).format(**places)
    return pd.DataFrame({"component": [capital(text) for text in rows]}), finding


def _whose(content: Content) -> str:
    """The group whose coefficients are used, and whose mean with other characteristics can be told."""
    call = content.meta.get("call") or {}
    reference = call.get("reference")
    if call.get("kind") == "threefold" or reference in ("minus", 0):
        return "minus"
    if reference in ("of", 1):
        return "of"
    raise DataError(
        "At coefficients that belong to neither group, the parts tell of no one's mean with other characteristics.",
        where="kind='counterfactual'",
        found=f"reference={reference!r}",
        expected="reference='minus' (its mean with the characteristics of `of`) or reference='of' (the reverse)",
        todo="decompose with one of these, or draw kind='waterfall'",
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
