"""Declared indicators and groups as columns of a survey, under their words, for estimators that know no monitor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llo_research.errors import DataError
from llo_research.monitor.estimates import columns_of, with_formulas
from llo_research.monitor.groups import Group, groups
from llo_research.monitor.indicators import Indicator, indicators

if TYPE_CHECKING:
    from llo_research.survey import Survey


def with_columns(svy: Survey, *declared: Indicator | Group | str) -> Survey:
    """A survey with the columns of indicators and groups, and their words in both languages.

    Use it where a chapter needs more than a figure of the monitor: a gap, a model or a decomposition of an indicator
    of one's own. The columns are named as the indicator (or its parts) and as the group; tables, figures and sentences
    call them by their labels.

    Parameters
    ----------
    svy : Survey
    *declared : Indicator, Group or str
        What :func:`indicator` and :func:`group` returned, or names of those of the monitor.

    Returns
    -------
    Survey

    Raises
    ------
    DataError
        A name that is neither; an indicator of its own universe or weight, which holds for one estimate and not for a
        survey; a column that is there already, conditions that do not fit.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"age": [20, 60, 40, 70], "trained": [1, 0, 1, 0], "w": 1.0})
    >>> older = llo.monitor.group(
    ...     "is_older", {"no": "age < 45", "yes": "age >= 45"}, label_nl="Ouder", label_en="Older"
    ... )
    >>> svy = llo.monitor.with_columns(llo.Survey(frame, weights="w"), older)
    >>> llo.mean("trained", svy, by="is_older").to_frame()["estimate"].tolist()
    [1.0, 0.0]
    """
    for one in declared:
        known = _known(one) if isinstance(one, str) else one
        if isinstance(known, Group):
            svy, labels = known.applied(svy), {known.column: known.labels}
        else:
            if known.universe is not None or known.weight is not None:
                raise DataError(
                    "An indicator with people or a weight of its own makes no column.",
                    where=f"indicator {known.name!r}",
                    todo="Say svy.where(...) or svy.use_weights(...), and declare it without.",
                )
            svy = with_formulas(known, svy)
            names = zip(columns_of(known, svy), known.formulas, strict=True)
            one_part = len(known.formulas) == 1
            labels = {column: dict(known.label if one_part else known.labels[part]) for column, part in names}
        known_words = svy.labels
        words = {name: {**known_words.get(name, {}), **told} for name, told in labels.items()}
        svy = svy._with(labels={**known_words, **words})
    return svy


def _known(name: str) -> Indicator | Group:
    """The group or indicator of this name; a group where both have it."""
    known: dict[str, Indicator | Group] = {**indicators(), **groups()}
    found = known.get(name)
    if found is None:
        raise DataError(
            "There is no such indicator or group.",
            where="with_columns",
            found=repr(name),
            expected=", ".join([*groups(), *indicators()]),
        )
    return found
