"""Approximate intervals of published shares that were printed without one: this site's estimate, no publisher's."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

ENDS = ("conf_low", "conf_high")
EXACT = "exactly as printed"


@dataclass(frozen=True)
class Sample:
    """How many people answered in a wave, as far as it was published.

    n : respondents; None where only a printed margin tells what they are worth.
    asked : part of them to whom a question was put.
    effective : independent answers that they are taken to be worth.
    """

    n: int | None
    asked: float
    effective: int
    source: dict[str, str]
    url: str


def approximate_intervals(rows: pd.DataFrame) -> pd.DataFrame:
    """Approximate 95 % intervals of published shares, where the number of respondents was published and no interval.

    Use it to see how much of a published difference sampling could make. It is an approximation by assumption: the
    design effect is that of another question of the survey, and a question of 2022 or later was put to half of the
    respondents. It is not an interval of those who published the share.

    Parameters
    ----------
    rows : DataFrame
        Of ``llo.published()``.

    Returns
    -------
    DataFrame
        A row for each share (per cent), with the index of ``rows``: ``series``, ``category``, ``year``, ``value``,
        ``n`` (respondents, missing where not published), ``effective``, ``low``, ``high`` (missing where none is
        given), and ``why``: ``approximate``; ``published`` where an interval was printed; ``bound`` for "more than"
        and "about"; ``group`` for a part of the people, whose number was not published; ``unknown``: nor of the survey.

    Notes
    -----
    With n' = n a / d, for the part a that was asked and the design effect d = 1.5, the ends are those of
    logit(p) -+ z / sqrt(n' p (1 - p)), the lower of p less half its rounding, the upper of p plus half.

    Examples
    --------
    >>> import llo_research as llo
    >>> rows = llo.published("SER25_train", breaks="flag")
    >>> llo.monitor.approximate_intervals(rows)[["year", "value", "low", "high"]].round(1).values.tolist()
    [[2020.0, 49.0, 48.0, 50.0], [2024.0, 54.0, 52.8, 55.2]]
    """
    import pandas as pd

    shares = rows[rows["measure"].eq("share") & rows["unit"].eq("%")]
    own = rows[rows["measure"].isin(ENDS)]
    printed = set(zip(own["series"], own["category"], own["year"], strict=True))
    kept = shares[["series", "category", "year", "value"]]
    found = [_interval(row, (row["series"], row["category"], row["year"]) in printed) for _, row in shares.iterrows()]
    told = pd.DataFrame(found, index=shares.index, columns=["n", "effective", "low", "high", "why"])
    numbers = dict.fromkeys(("n", "effective", "low", "high"), float)
    return pd.concat([kept, told.astype(numbers)], axis=1)


def sample_of(instrument: str, year: int) -> Sample | None:
    """What is known of the respondents of a survey in a year."""
    return _samples().get((instrument, int(year)))


def effect() -> float:
    """The design effect assumed."""
    return float(_told()["assumed"]["effect"])


@cache
def worth() -> int:
    """The independent answers, in hundreds, behind the margin that was printed for another question."""
    from llo_research.data.published import published
    from llo_research.numerics.printed_intervals import printed_interval

    place = _told()["assumed"]["margin"]
    rows = published(place["series"], breaks="flag")
    rows = rows[rows["category"].eq(place["category"]) & rows["year"].eq(place["year"])]
    told = dict(zip(rows["measure"], rows["value"], strict=True))
    ends = (float(told[name]) / 100 for name in ("share", *ENDS))
    return _cut(printed_interval(*ends, step=float(rows["rounding"].iloc[0]) / 100).effective)


def _interval(row: pd.Series, has_interval: bool) -> dict[str, Any]:
    """The interval of one share, or why there is none."""
    import numpy as np

    from llo_research.numerics.printed_intervals import METHODS

    sample, exact = sample_of(row["instrument"], row["year"]), row["qualifier"] == EXACT
    whole = row["population"] == _told()["whole"]["population"] and _is_whole(row)
    why = "published" if has_interval else "bound" if not exact else "unknown" if sample is None else "approximate"
    if why == "approximate" and not whole:
        why = "group"
    if why != "approximate" or sample is None:
        return {"why": why}
    shares = [(row["value"] + side * row["rounding"] / 2) / 100 for side in (-1, 1)]
    answers = np.asarray(sample.effective)
    low, high = (float(METHODS["logit"](np.asarray(share), answers)[end]) for end, share in enumerate(shares))
    return {"n": sample.n, "effective": sample.effective, "low": 100 * low, "high": 100 * high, "why": why}


def _is_whole(row: pd.Series) -> bool:
    """Whether a share is of everybody who was asked."""
    whole = _told()["whole"]
    return row["breakdown"] in whole["breakdowns"] or str(row["category"]).casefold() in whole["categories"]


@cache
def _samples() -> dict[tuple[str, int], Sample]:
    """What is known of the respondents, by survey and year."""
    made = {}
    for one in _told()["sample"]:
        n = one.get("n")
        all_of_it = worth() if n is None else n / effect()
        about = (n, one["asked"], _cut(all_of_it * one["asked"]), one["source"], one["url"])
        made[one["instrument"], one["year"]] = Sample(*about)
    return made


def _cut(number: float) -> int:
    """Down to whole hundreds."""
    step = int(_told()["assumed"]["step"])
    return int(number // step) * step


@cache
def _told() -> dict[str, Any]:
    """What stands in ``approximate.toml``."""
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
