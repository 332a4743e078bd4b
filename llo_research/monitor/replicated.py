"""One published figure, and our estimate of the same quantity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from llo_research.monitor.entries import Entry, Target
from llo_research.monitor.estimates import columns_of, with_formulas
from llo_research.monitor.indicators import Indicator, indicator_of
from llo_research.monitor.published_rows import published_of

if TYPE_CHECKING:
    import pandas as pd

    from llo_research.results.result import Result
    from llo_research.survey import Survey

PRINTED = "exactly as printed"
PUBLICATION = "publication"  # the profile of the monitor's pages, for restricted files


def row_of(entry: Entry, target: Target, svy: Survey, book: pd.DataFrame) -> dict[str, Any]:
    """A published figure, of ``llo.published()``, and our estimate of it, in per cent."""
    printed = published_of(target, book)
    theirs, half = float(printed["value"]), _half(printed["rounding"])
    estimate, low, high, n = _estimated(entry, target, svy)
    exact = str(printed["qualifier"]) == PRINTED and np.isfinite(low)
    said = {key: f", {text}" for key, text in (target.label or {}).items()}
    span = str(target.years[0]) if len(set(target.years)) == 1 else f"{target.years[0]}-{target.years[1]}"
    return {
        "number": entry.number,
        "what_nl": f"{printed['label_nl']}{said.get('nl', '')}, {span}",
        "what_en": f"{printed['label_en']}{said.get('en', '')}, {span}",
        "survey": target.survey,
        "year": span,
        "ours": estimate,
        "conf_low": low,
        "conf_high": high,
        "theirs": theirs,
        "difference": np.nan if printed["qualifier"] == "more than" else estimate - theirs,
        "rounding": 2 * half if half else np.nan,
        "qualifier": str(printed["qualifier"]),
        "covers": bool(low - half <= theirs <= high + half) if exact else None,
        "in_fit": _in_fit(target) if svy.source.get("synthetic") else None,
        "n": n,
        "series": target.series,
        "source": f"{printed['source_title']} ({printed['source_year']})",
    }


def _half(rounding: Any) -> float:
    """Half the step to which a figure is rounded; 0 where it is not known."""
    import pandas as pd

    return 0.0 if pd.isna(rounding) else float(rounding) / 2


def _estimated(entry: Entry, target: Target, svy: Survey) -> tuple[float, float, float, float]:
    """Estimate, interval (per cent) and n; nan where the survey has no answers of these years or may not be shown."""
    from llo_research.estimation import mean

    indicator = indicator_of(entry.indicator)
    if target.formula:
        label = {indicator.name: indicator.label}
        indicator = Indicator(
            "as_published", {"as_published": target.formula}, {**label, "as_published": indicator.label}
        )
    made = with_formulas(indicator, svy)
    column = columns_of(indicator, made)[0]
    first, last = target.years
    answered = made.domain & made.frame[column].notna().to_numpy()
    if not {first, last} <= set(made.frame.loc[answered, "year"]):
        return (np.nan,) * 4
    made = made.where(f"year >= {first} & year <= {last}")
    result = mean(column, made.where(target.where) if target.where else made)
    if _hidden(result):
        return (np.nan,) * 4
    row = result.to_frame().iloc[0]
    return 100 * row["estimate"], 100 * row["conf_low"], 100 * row["conf_high"], float(row["n"])


def _hidden(result: Result) -> bool:
    """Whether an estimate of restricted files rests on too few people for a page of the monitor."""
    from llo_research.results.floors import withheld

    restricted = (result.meta.get("source") or {}).get("restricted")
    hidden = withheld(result, PUBLICATION) if restricted else None
    return hidden is not None and bool(hidden.rows.any())


def _in_fit(target: Target) -> bool:
    """Whether the synthetic population was made to meet this figure."""
    from llo_research.data.synthetic import targets_of

    return any(
        bool(one.get("fit"))
        and one["series"] == target.series
        and one["category"] == target.category
        and target.years[0] <= one["year"] <= target.years[1]
        for one in targets_of(target.survey)
    )
