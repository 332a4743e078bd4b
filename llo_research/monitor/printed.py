"""Published figures under words of one's own; shares of counts, and differences, with what rounding allows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from llo_research.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

_ENDS = ("rounding_low", "rounding_high")
_KEPT: tuple[str, ...] = (
    "category",
    "value",
    "unit",
    "rounding",
    *_ENDS,
    "qualifier",
    "flag",
    "break_flag",
    "break_year",
    "break_what",
    "source_title",
    "source_year",
)


def printed(wanted: Mapping[str, tuple[str, str, int]], *, measure: str = "share") -> pd.DataFrame:
    """Published figures of several series, under words of one's own.

    Use it to set figures beside each other that are no series, and to name them in ``llo.report.sentences``.

    Parameters
    ----------
    wanted : mapping of str to (series, category, year)
        Which row of ``llo.published()`` each word stands for.
    measure : str
        ``share``, ``participants``, ``persons``, ...

    Returns
    -------
    DataFrame
        The rows as ``llo.published(..., breaks="flag")`` gives them, in this order, with the words as index.

    Raises
    ------
    DataError
        A word that stands for no row, or for several.

    Examples
    --------
    >>> from llo_research.monitor import printed
    >>> printed({"EBB": ("LFS4w_age_2019", "25-64 all", 2019)})["value"].tolist()
    [19.5]
    """
    from llo_research.data import published

    everything = published(sorted({series for series, *_ in wanted.values()}), breaks="flag")
    everything = everything[(everything["measure"] == measure) & ~everything["repeated"]]
    places = []
    for word, (series, category, year) in wanted.items():
        is_it = everything["series"].eq(series) & everything["category"].eq(category) & everything["year"].eq(year)
        places.append(_one(everything.index[is_it], word, f"{series}, {category}, {year}, {measure}"))
    rows = everything.loc[places]
    rows.index = list(wanted)
    return rows


def printed_rates(
    wanted: Mapping[str, tuple[str, str]], *, part: str = "participants", whole: str = "persons"
) -> pd.DataFrame:
    """Shares of published counts, with what the rounding of the counts allows.

    A count c printed to a step s lies in c - s/2 to c + s/2; the bounds of a share follow from those of both counts.
    They are no confidence interval: sampling comes on top.

    Parameters
    ----------
    wanted : mapping of str to (series, category)
        Of which group each word gives the share.
    part, whole : str
        The measures of ``llo.published()`` that are divided.

    Returns
    -------
    DataFrame
        A row for each word (also as ``category``): ``value`` (per cent), ``unit``, ``rounding``, ``rounding_low``,
        ``rounding_high``, ``source_title``, ``source_year``.

    Raises
    ------
    DataError
        A group without one count of each.

    Examples
    --------
    >>> from llo_research.monitor import printed_rates
    >>> printed_rates({"small": ("LFS_size_2025", "1-9 workers")})["value"].round(1).tolist()
    [28.0]
    """
    import pandas as pd

    from llo_research.data import published

    names = dict.fromkeys(series for series, _ in wanted.values())
    tables, rows = {series: published(series, breaks="flag") for series in names}, []
    for word, (series, category) in wanted.items():
        group = tables[series][tables[series]["category"].eq(category)]
        a, b = (group.loc[_one(group.index[group["measure"] == name], word, name)] for name in (part, whole))
        low, high = ((a["value"] + k * a["rounding"] / 2) / (b["value"] - k * b["rounding"] / 2) for k in (-1, 1))
        numbers = {"value": 100 * a["value"] / b["value"], "unit": "%", "rounding": 0.1}
        bounds = {"rounding_low": 100 * low, "rounding_high": 100 * high}
        rows.append({"category": word, **numbers, **bounds, **a[["source_title", "source_year"]]})
    made = pd.DataFrame(rows, index=list(wanted))
    made.attrs["words"] = {key: told for table in tables.values() for key, told in table.attrs.get("words", {}).items()}
    return made


def printed_difference(of: pd.DataFrame, minus: pd.DataFrame, *, unit: str = "points") -> pd.DataFrame:
    """Differences of published figures, with what the rounding of both allows.

    Parameters
    ----------
    of, minus : DataFrame
        Rows of :func:`printed`, :func:`printed_rates` or ``llo.published()``, with the same index.
    unit : {"points", "%"}
        What is left of a share when a part of it is taken off is a share again: ``%``.

    Returns
    -------
    DataFrame
        The rows of `of` with ``value``, ``unit``, ``rounding_low`` and ``rounding_high`` of the difference.

    Raises
    ------
    DataError
        Rows that are not the same.

    Examples
    --------
    >>> from llo_research.monitor import printed, printed_difference
    >>> two = [printed({"gap": ("SER23_edu", name, 2022)}) for name in ("hbo/wo", "without startkwalificatie")]
    >>> printed_difference(*two)[["value", "rounding_low", "rounding_high"]].values.tolist()
    [[23.0, 22.0, 24.0]]
    """
    if list(of.index) != list(minus.index):
        raise DataError("A difference needs the same rows of both.", where="minus", found=list(minus.index))
    (low, high), (other_low, other_high) = _ends(of), _ends(minus)
    bounds = {"rounding_low": low - other_high, "rounding_high": high - other_low}
    return of.assign(value=of["value"] - minus["value"], unit=unit, **bounds)


def printed_gap(series: str, *, of: str, minus: str, label: str) -> pd.DataFrame:
    """The difference of two categories of a published series, year by year, with what the rounding of both allows.

    Parameters
    ----------
    series : str
        A series of ``llo.published()``.
    of, minus : str
        The categories, as published.
    label : str
        What the difference is called.

    Returns
    -------
    DataFrame
        A row for each year (also the index) that both have, as :func:`printed_difference`.

    Raises
    ------
    DataError
        Categories that do not have the same years.

    Examples
    --------
    >>> from llo_research.monitor import printed_gap
    >>> printed_gap("LFS4w_edu", of="high", minus="low", label="Gap").loc[2007, ["value", "rounding_low"]].tolist()
    [15.0, 14.0]
    """
    from llo_research.data import published

    book = published(series, breaks="flag")
    sides = [book[book["category"] == name].set_index("year", drop=False) for name in (of, minus)]
    return printed_together({label: printed_difference(*sides).rename_axis(None)}, show=("year", "reference_period"))


def printed_together(
    rows: pd.DataFrame | Mapping[str, pd.DataFrame], *, show: Sequence[str] = ("reference_period",)
) -> pd.DataFrame:
    """Published figures as one table or figure: their words, values, notes and sources, and no more.

    Parameters
    ----------
    rows : DataFrame, or mapping of str to DataFrame
        Rows of :func:`printed`, :func:`printed_rates`, :func:`printed_difference` or ``llo.published()``; of a mapping
        the words become the names of the series.
    show : sequence of str
        What else to show of each figure: ``reference_period``, ``year``, ``instrument``, ``population``.

    Returns
    -------
    DataFrame
        What ``llo.report.table`` and ``llo.report.figure`` show. Words by which rows were asked are their category.

    Raises
    ------
    DataError
        A column to show that the rows do not have.

    Examples
    --------
    >>> from llo_research.monitor import printed, printed_together
    >>> printed_together(printed({"EBB": ("LFS4w_age_2019", "25-64 all", 2019)}))[["category", "value"]].values.tolist()
    [['EBB', 19.5]]
    """
    import pandas as pd

    if not isinstance(rows, Mapping):
        return _shown(rows, show)
    parts = [_shown(part, show).assign(label_nl=name, label_en=name) for name, part in rows.items()]
    together = pd.concat(parts)
    together.attrs = parts[0].attrs
    return together[["label_nl", "label_en", *(name for name in together if not str(name).startswith("label_"))]]


def _shown(rows: pd.DataFrame, show: Sequence[str]) -> pd.DataFrame:
    """The columns that are shown of published figures."""
    absent = [name for name in show if name not in rows and name != "reference_period"]
    if absent:
        raise DataError(
            "Published figures have no such column.", where="show", found=absent[0], expected=f"{list(rows)}"
        )
    asked = rows.index.map(lambda word: isinstance(word, str)).all()
    named = rows.assign(category=rows.index) if asked else rows
    over_time = "year" in show and not asked and named["category"].nunique() == 1
    kept = [name for name in _KEPT if name in named and not (over_time and name == "category")]
    return named[[*(name for name in show if name in named), *kept]]


def _ends(rows: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """What rounding allows: as told, else half a step to both sides."""
    if set(_ENDS) <= set(rows):
        return rows[_ENDS[0]], rows[_ENDS[1]]
    return rows["value"] - rows["rounding"] / 2, rows["value"] + rows["rounding"] / 2


def _one(found: pd.Index, word: str, what: str) -> int:
    """The only row found."""
    if len(found) != 1:
        raise DataError(f"{word!r} is not one published figure.", where=word, found=f"{len(found)} rows of {what}")
    return int(found[0])
