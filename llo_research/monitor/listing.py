"""A table of texts and counts, for what is no estimate: sources, variables, which question goes with which weight."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Integral
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from llo_research.report.sentences import Sentences


def listing(frame: pd.DataFrame, heads: Mapping[str, str], *, language: str = "nl") -> Sentences:
    """Columns of a frame as a table in Markdown, under heads of your own.

    Use it for texts and counts. Estimates belong in ``llo.report.table``, which rounds them and tells their source.

    Parameters
    ----------
    frame : DataFrame
        Texts and whole numbers.
    heads : mapping of str to str
        The columns to show, in this order, and what stands above each.
    language : {"nl", "en"}

    Returns
    -------
    Sentences
        Text; in a notebook a table.

    Raises
    ------
    DataError
        A column that is not there, or holds numbers that are not whole.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> print(llo.monitor.listing(pd.DataFrame({"half": [1], "n": [3211]}), {"half": "Half", "n": "Respondents"}))
    | Half | Respondents |
    | :-- | :-- |
    | 1 | 3.211 |
    """
    from llo_research.errors import DataError
    from llo_research.report.content.labels import check_language
    from llo_research.report.sentences import Sentences

    check_language(language)
    absent = [name for name in heads if name not in frame]
    if absent:
        raise DataError("The frame lacks a column.", where="heads", found=absent[0], expected=f"{list(frame)}")
    lines = [list(heads.values()), [":--"] * len(heads)]
    lines += [[_text(row[name], name, language) for name in heads] for _, row in frame.iterrows()]
    return Sentences("\n".join("| " + " | ".join(line) + " |" for line in lines))


def _text(value: Any, name: str, language: str) -> str:
    """A text, or a whole number in the language's way."""
    from llo_research.errors import DataError
    from llo_research.report.content.numbers import number

    if isinstance(value, str):
        return value.replace("|", "/")
    if not isinstance(value, Integral):
        raise DataError("A listing holds texts and whole numbers.", where=name, found=repr(value))
    return number(float(value), 0, language)
