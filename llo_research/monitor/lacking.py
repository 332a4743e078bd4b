"""What a reader of a chapter will not find, said where it is missed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llo_research.errors import DataError

if TYPE_CHECKING:
    from llo_research.report.sentences import Sentences

_NOTHING = {"nl": "Van deze editie ontbreekt hier niets.", "en": "Of this edition nothing is missing here."}


def lacking(chapter: str, edition: str = "2023", *, language: str = "nl") -> Sentences:
    """What a reader of this edition will not find in a chapter.

    Parameters
    ----------
    chapter : str
        The name of a notebook, as in :func:`chapters`.
    edition : str
        One of :func:`editions`.
    language : {"nl", "en"}

    Returns
    -------
    Sentences
        Text; in a notebook it shows itself.

    Raises
    ------
    DataError
        No such chapter, edition or language.

    Examples
    --------
    >>> import llo_research as llo
    >>> print(llo.monitor.lacking("01_development", language="en"))
    Of the share of employees who trained no published total before 2020 is known.
    """
    from llo_research.monitor.chapters import CHAPTERS
    from llo_research.monitor.editions import edition_of
    from llo_research.report.content.labels import check_language
    from llo_research.report.sentences import Sentences

    check_language(language)
    names = [item.name for item in CHAPTERS]
    if chapter not in names:
        raise DataError("There is no such chapter.", where="chapter", found=repr(chapter), expected=", ".join(names))
    return Sentences(edition_of(edition).lacking.get(chapter, _NOTHING)[language])
