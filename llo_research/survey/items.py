"""The mean of several questions, as a column that ``svy.assign`` makes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd

from llo_research.errors import DataError


def item_mean(items: Sequence[str], *, answered: int | None = None) -> Callable[[pd.DataFrame], pd.Series]:
    """The mean of a person's answers to several questions, for ``svy.assign``.

    Use it for a scale of items with the same codes. The survey remembers the items: their own weights and breaks hold
    for the scale as well.

    Parameters
    ----------
    items : list of str
        Columns with numbers.
    answered : int, optional
        How many must be answered; by default all. Who answered fewer has no value.

    Returns
    -------
    callable
        What ``svy.assign(scale=...)`` takes.

    Raises
    ------
    DataError
        No items, or a number outside 1 to that of the items.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> svy = llo.Survey(pd.DataFrame({"a": [1, 2, None], "b": [3, 4, 5], "w": 1.0}), weights="w")
    >>> svy.assign(scale=llo.item_mean(["a", "b"])).frame["scale"].tolist()
    [2.0, 3.0, nan]
    >>> svy.assign(scale=llo.item_mean(["a", "b"], answered=1)).frame["scale"].tolist()
    [2.0, 3.0, 5.0]
    """
    names = list(items)
    least = len(names) if answered is None else answered
    if isinstance(items, str) or not 1 <= least <= len(names):
        raise DataError(
            "A scale needs items, and a number of them that must be answered.",
            where="item_mean",
            found=f"{items!r}, answered={answered}",
            expected="a list of columns; answered from 1 to their number",
        )

    def scale(frame: pd.DataFrame) -> pd.Series:
        answers = frame[names].astype("float64")
        enough = answers.notna().sum(axis=1) >= least
        return answers.mean(axis=1).where(enough)

    return scale
