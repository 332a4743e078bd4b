"""Published margins: how many respondents they are worth, and which kind of interval they can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llo_research.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

_YES = {"nl": ("**nee**", "ja"), "en": ("**no**", "yes")}


def margins(rows: pd.DataFrame, *, language: str = "nl") -> pd.DataFrame:
    """The effective number of respondents behind published 95 % margins of shares, with what their rounding allows.

    Use it to see whether one's own precision is of the order of a published one.

    Parameters
    ----------
    rows : DataFrame
        Of ``llo.published()``, with the measures ``share``, ``conf_low`` and ``conf_high``, printed in per cent.
    language : {"nl", "en"}
        Of the words.

    Returns
    -------
    DataFrame
        A row for each category (the index), to name in ``llo.report.sentences``: ``value`` (the effective number, to
        hundreds), ``unit``, ``rounding``, ``rounding_low`` and ``rounding_high``; and to list: ``what``, ``effective``,
        ``low``, ``high``, and ``wald``, ``logit``, ``wilson``: whether such an interval rounds to the printed one.

    Raises
    ------
    DataError
        Rows without margins.

    Notes
    -----
    n = 4 z^2 / (p (1 - p) (logit(u) - logit(l))^2), for the share p and the ends l and u.

    Examples
    --------
    >>> import llo_research as llo
    >>> told = llo.monitor.margins(llo.published("CI_85572"), language="en").loc["Total"]
    >>> int(told["effective"]), told["wald"]
    (42600, 'yes')
    """
    import pandas as pd

    from llo_research.numerics.printed_intervals import printed_interval
    from llo_research.report.content.labels import check_language

    check_language(language)
    table = rows.pivot(index="category", columns="measure", values="value").loc[rows["category"].drop_duplicates()]
    ends = ["share", "conf_low", "conf_high"]
    if not set(ends) <= set(table):
        raise DataError("These figures were published without margins.", where="rows", found=", ".join(map(str, table)))
    steps, words = rows.groupby("category")["rounding"].first().to_dict(), rows.attrs.get("words", {})
    found = {name: printed_interval(*(row[ends] / 100), step=steps[name] / 100) for name, row in table.iterrows()}
    return pd.DataFrame(
        {
            name: {
                "what": words.get(name, {}).get(language, name),
                **_numbers(told.effective, told.low, told.high),
                **{kind: _YES[language][fits] for kind, fits in told.fits.items()},
            }
            for name, told in found.items()
        }
    ).T.infer_objects()


def _numbers(effective: float, low: float, high: float) -> dict[str, float | int | str]:
    """An effective number to hundreds, to name and to list."""
    shown = {name: int(round(value, -2)) for name, value in (("effective", effective), ("low", low), ("high", high))}
    bounds = {"rounding_low": float(shown["low"]), "rounding_high": float(shown["high"])}
    return {**shown, "value": float(shown["effective"]), "unit": "", "rounding": 100.0, **bounds}
