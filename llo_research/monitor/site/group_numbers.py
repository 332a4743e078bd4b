"""What PIAAC says of a group and of those beside it: people in work, aged 25 to 65."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from llo_research.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

    from llo_research.results.result import Result
    from llo_research.survey import Survey

IN_WORK = "employed == 1 & age >= 25"
ITEMS = ["D_Q13a", "D_Q13b", "D_Q13c"]
WEEKLY = 4
GROUP, OTHER = "group", "other"
_USED = ["D_Q04", "D_Q06a", "employed", "age", "education", "contract", "training", "training_job_related", *ITEMS]
MEASURES = {"training": "training_job_related", "by doing": "by_doing", "neither": "neither"}


def means(group: str, other: str, names: tuple[str, str] = (GROUP, OTHER)) -> dict[str, Result] | None:
    """The shares of two groups, given as conditions, by measure; a row for each, under these names.

    None where the file is absent.
    """
    import numpy as np
    import pandas as pd

    import llo_research as llo

    people = _people()
    if people is None:
        return None

    def side(frame: pd.DataFrame) -> pd.Series[Any]:
        codes = np.full(len(frame), -1)
        for code, condition in enumerate((group, other)):
            codes[np.asarray(frame.eval(condition), dtype=object) == True] = code  # noqa: E712  # missing is not true
        return pd.Series(pd.Categorical.from_codes(codes.tolist(), pd.Index(names), ordered=True), index=frame.index)

    asked = people.assign(side=side)
    return {word: llo.mean(column, asked, by="side") for word, column in MEASURES.items()}


def gaps(found: dict[str, Result]) -> Result:
    """The differences, group minus others, by measure."""
    import llo_research as llo

    apart: Result = llo.joint(found).contrast({word: f"`{word}:{GROUP}` - `{word}:{OTHER}`" for word in MEASURES})
    return apart


@cache
def _people() -> Survey | None:
    """People in work in the Dutch file, or None where it is absent."""
    import llo_research as llo

    try:
        svy = llo.load("piaac", country="nld", cycle=1, columns=_USED)
    except DataError:
        return None
    people: Survey = svy.assign(by_doing=f"D_Q13b >= {WEEKLY}", neither=_neither).where(IN_WORK)
    return people


def _neither(frame: pd.DataFrame) -> pd.Series[Any]:
    """No training, and less than weekly on all three items; those without colleagues learn from none."""
    items = frame[ITEMS].fillna({"D_Q13a": 1.0})
    idle = items.lt(WEEKLY).all(axis=1) & frame["training"].eq(0)
    return idle.astype(float).where(items.notna().all(axis=1) & frame["training"].notna())
