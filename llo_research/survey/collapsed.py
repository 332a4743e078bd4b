"""What a collapsed survey is: rows that stand for many, and which calls take them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from llo_research.design.stands_for import check_together
from llo_research.errors import DataError
from llo_research.numerics.groups import Floats
from llo_research.survey.nodes import Nodes
from llo_research.survey.variables import KEPT


@dataclass(frozen=True, eq=False)
class Collapsed:
    """What a collapsed survey knows beside its rows.

    values : number -> (n,) its value in each row, nan where it is missing.
    admitted : whether the call at hand gives what it would give of the rows that these stand for.
    nodes : the rows, by pattern and node; None in a stack.
    drawn : of the survey that was collapsed (`Stage.drawn`); None where the data were somewhere else.
    """

    values: Mapping[str, Floats]
    admitted: bool = False
    nodes: Nodes | None = None
    drawn: object | None = None


def admitted(svy: Any, *, linear: Sequence[str] = ()) -> Any:
    """The survey for a call that is known to give of collapsed rows what it gives of all; others as they are.

    linear : variables in which the estimate, given the patterns, is a ratio of sums: of these numbers may be kept.
    """
    known: Collapsed | None = getattr(svy, "_collapsed", None)
    if known is None or known.admitted:
        return svy
    numbers = [name for name in dict.fromkeys(linear) if name in known.values]
    check_together(svy.design.stands, numbers)
    frame = svy._frame.assign(**{name: known.values[name] for name in numbers})
    frame.attrs[KEPT] = tuple(name for name in known.values if name not in numbers)
    return svy._with(frame=frame, collapsed=replace(known, admitted=True))


def check_not_collapsed(svy: Any, where: str) -> None:
    """What takes a row for a person has no use for collapsed ones."""
    if svy._collapsed is not None:
        raise DataError(
            "This is not done with collapsed rows.",
            where=where,
            found=f"{len(svy)} rows that stand for {svy._count(None)}",
            expected="a survey with a row for each person",
            todo="do it with the survey itself, and collapse it then",
        )


def told_of(svy: Any) -> dict[str, Any]:
    """What a result says of the collapsed rows that it was made of, for ``.meta["collapsed"]``."""
    known = svy._collapsed
    assert known is not None
    numbers = [name for name in known.values if name in svy._frame.columns]
    return {"rows": len(svy), "stand_for": svy._count(None), "numbers": numbers}


def kept_as_sums(svy: Any, name: str) -> bool:
    """Whether a column is a number of which collapsed rows hold the sums."""
    return svy._collapsed is not None and name in svy._collapsed.values


def check_admitted(svy: Any) -> None:
    """A call that was not held to the rows themselves takes no collapsed ones."""
    known = svy._collapsed
    if known is None or known.admitted:
        return
    raise DataError(
        "This call does not take collapsed rows.",
        where="the data",
        found=f"{len(svy)} rows that stand for {svy._count(None)}",
        expected="a survey with a row for each person",
        todo="give the survey itself, before svy.collapse; what takes collapsed rows is told in the help of "
        "Survey.collapse",
    )
