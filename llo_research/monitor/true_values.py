"""True values of the synthetic population, by label, to stand beside estimates; of real files there are none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from llo_research.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

    from llo_research.survey import Survey

SYNTHETIC = "synthetic"


def true_values(
    instrument: str,
    *,
    index: str | Sequence[str],
    columns: str | None = None,
    label: str = "{}",
    years: Sequence[int] | None = None,
    scenario: str = "default",
    source: str = SYNTHETIC,
    **which: Any,
) -> pd.Series | pd.DataFrame:
    """Rows of ``llo.truth`` by what tells them apart.

    Use it for the truth in :func:`beside_truth`.

    Parameters
    ----------
    instrument, scenario : str
        As ``llo.truth``.
    index : str or list of str
        Columns of ``llo.truth`` whose values become the index: ``"year"``, ``"term"``.
    columns : str, optional
        A column of ``llo.truth`` that goes across: the result is then a table, as ``llo.decomposition.kitagawa`` takes.
    label : str
        How an index of one column becomes a label of a result: ``"gap_change:{}"``.
    years : list of int, optional
        Only these.
    source : str
        Anything but ``synthetic`` gives nothing: real files have no known truth.
    **which
        Values of other columns: ``quantity="gap"``, ``variable="training"``. A column that is not named must be empty
        or the same in all rows.

    Returns
    -------
    Series or DataFrame
        In the unit of the estimates: shares as 0 to 1.

    Raises
    ------
    DataError
        A column that ``llo.truth`` lacks, no such rows, or rows that these columns do not tell apart.

    Examples
    --------
    >>> import llo_research as llo
    >>> means = llo.monitor.true_values("nea", quantity="mean", variable="training", group="", index="year")
    >>> round(100 * float(means[2020]), 1)
    49.0
    """
    from llo_research.data import truth

    rows = truth(instrument, scenario)
    keys = [index] if isinstance(index, str) else list(index)
    for name in [*which, *keys, *([columns] if columns else [])]:
        if name not in rows:
            raise DataError("llo.truth has no such column.", where=name, expected=", ".join(map(str, rows.columns)))
    for name, value in which.items():
        rows = rows[rows[name].eq(value).fillna(False).astype(bool)]
    rows = rows[rows["year"].isin(years)] if years is not None else rows
    if "level" in keys:
        rows = rows[rows["level"] != ""]
    if rows.empty:
        raise DataError("llo.truth has no such rows.", found=", ".join(f"{k} {v!r}" for k, v in which.items()))
    if rows.duplicated([*keys, *([columns] if columns else [])]).any():
        raise DataError("These columns do not tell the rows of llo.truth apart.", where="index", found=", ".join(keys))
    rows = rows if source == SYNTHETIC else rows.head(0)
    if columns:
        return rows.pivot(index=keys, columns=columns, values="value")
    values = rows.set_index(keys if len(keys) > 1 else keys[0])["value"]
    return values if label == "{}" else values.rename(label.format)


def population(instrument: str, *, years: Sequence[int], columns: Sequence[str]) -> Survey:
    """Everybody in the synthetic population, as a survey without sampling error.

    Use it to ask any estimator for the truth that :func:`true_values` does not list. People with the same answers are
    one row, whose weight is their number.

    Parameters
    ----------
    instrument : {"nea", "zea"}
    years : list of int
    columns : list of str
        Indicators and groups.

    Returns
    -------
    Survey
        With `year`, the columns, and `people` as weight.

    Examples
    --------
    >>> import llo_research as llo
    >>> everybody = llo.monitor.population("nea", years=[2020], columns=["training"])
    >>> llo.mean("training", everybody).to_frame()["estimate"].round(2).tolist()
    [0.49]
    """
    import pandas as pd

    from llo_research.data.synthetic import superpopulation
    from llo_research.data.synthetic.superpopulation import GROUPS
    from llo_research.survey import Survey

    asked = [name for name in columns if name not in GROUPS]
    frames = [superpopulation(instrument, year, columns=asked).assign(year=year) for year in years]
    cells = pd.concat(frames).groupby(["year", *columns], observed=True).size().rename("people").reset_index()
    return Survey(cells, weights="people", strata="year", time="year")
