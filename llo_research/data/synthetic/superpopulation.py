"""The whole synthetic population of a year as a frame, so that any quantity has a true value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from llo_research.data.synthetic.answers import Answers, people
from llo_research.data.synthetic.bits import Integers
from llo_research.data.synthetic.indicators import available, indicator
from llo_research.data.synthetic.parameters import Parameters, parameters
from llo_research.errors import DataError

GROUPS = ("education", "age_group", "sex", "contract", "contract10", "firm_size", "sector", "origin")
_AGE_GROUPS = {"15-24": "under 25", "55-64": "55+", "65-74": "55+"}


def superpopulation(
    instrument: str, year: int, *, columns: Sequence[str] | None = None, scenario: str = "default"
) -> pd.DataFrame:
    """Everybody in the synthetic population of a year, and what they answer when asked.

    Use it for the true value of a quantity that :func:`truth` does not list: compute it here without weights.

    Parameters
    ----------
    instrument : {"nea", "zea"}
    year : int
        A year of the survey.
    columns : sequence of str, optional
        Indicators to compute (as ``training``); all of the instrument when absent. Groups are always there.
    scenario : str
        As in :func:`synthetic`.

    Returns
    -------
    DataFrame
        A row for each person: groups as categories, indicators as numbers, nan for those who are not asked.
        ``frame.attrs["scale"]`` is the number of real people that a row stands for.

    Examples
    --------
    >>> from llo_research.data.synthetic import superpopulation
    >>> people = superpopulation("nea", 2020, columns=["training"])
    >>> round(100 * people["training"].mean(), 1)
    49.0
    """
    given = parameters(instrument, scenario)
    if year not in given.years:
        raise DataError(
            f"There is no synthetic {instrument} of {year}.", where="year=", expected=", ".join(map(str, given.years))
        )
    answers = Answers(given, people(given, year))
    names = available(given) if columns is None else list(columns)
    unknown = [name for name in names if name not in available(given)]
    if unknown:
        raise DataError(
            "These are no indicators of the synthetic population.",
            where="columns=",
            found=", ".join(unknown),
            expected=", ".join(available(given)),
        )
    frame = pd.DataFrame(groups(answers))
    for name in names:
        values, asked = indicator(answers, name)
        frame[name] = values if asked is None else np.where(asked, values, np.nan)
    frame.attrs = {"synthetic": True, "scale": float(given.design["scale"])}
    return frame


def groups(answers: Answers) -> dict[str, Any]:
    """The codebook's groups of people, from the dimensions of the population."""
    return {
        name: pd.Categorical.from_codes(codes, pd.Index(levels), ordered=True)
        for name, (codes, levels) in group_codes(answers.parameters, answers.who.attributes).items()
    }


def group_codes(given: Parameters, attributes: dict[str, Integers]) -> dict[str, tuple[Integers, list[str]]]:
    """Each group as level numbers and their names."""
    made: dict[str, tuple[Integers, list[str]]] = {}
    for name in ("education", "sex", "firm_size", "sector", "origin"):
        made[name] = (attributes[name], given.levels(name))
    ages = [_AGE_GROUPS.get(level, level) for level in given.levels("age")]
    made["age_group"] = _merged(attributes["age"], ages)
    contracts = given.levels("contract")
    broad = [given.raw["margins"]["contract"].get("broad", {}).get(level, "flexible") for level in contracts]
    made["contract"] = _merged(attributes["contract"], broad)
    made["contract10"] = (attributes["contract"], contracts)
    return {name: made[name] for name in GROUPS}


def _merged(codes: Integers, names: list[str]) -> tuple[Integers, list[str]]:
    """Level numbers after levels of the same name were put together."""
    levels = list(dict.fromkeys(names))
    return np.array([levels.index(name) for name in names])[codes], levels
