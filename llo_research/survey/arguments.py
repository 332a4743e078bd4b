"""The arguments of a Survey, checked at the border: the kind of each, and the options it may have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from llo_research.design.lonely import LONELY_PSU
from llo_research.errors import DataError, DesignError
from llo_research.options import check_switch
from llo_research.survey.variables import spelled

WEIGHT_KINDS = ("expansion", "proportional")
_ONE_COLUMN = ("weights", "unit", "time", "unit_weights")
_OPTIONS = {"lonely_psu": LONELY_PSU, "weight_kind": WEIGHT_KINDS}


def check_arguments(frame: object, arguments: Mapping[str, Any]) -> None:
    """Refuse what is not a frame, an option that does not exist, and a value of the wrong kind."""
    if not isinstance(frame, pd.DataFrame):
        raise DataError(
            "A Survey needs a pandas DataFrame.",
            where="Survey(frame)",
            found=f"a {type(frame).__name__}",
            todo="llo.Survey(pandas.DataFrame(data), weights=...), or llo.read_microdata for a file",
        )
    if len(frame) == 0:
        raise DataError(
            "The data have no rows.",
            where="Survey(frame)",
            expected="a row for each person",
            todo="check the selection",
        )
    for name in _OPTIONS:
        check_design_option(arguments[name], name)
    for name in ("nest", "mse"):
        check_switch(arguments[name], name)
    for name in ("item_weights", "labels", "source"):
        if arguments[name] is not None and not isinstance(arguments[name], Mapping):
            raise DataError(
                f"{name} is a mapping.",
                where=name,
                found=f"a {type(arguments[name]).__name__}",
                expected="a dict, as item_weights={'skills_match': 'w_part1'}",
                todo=f"{name}={{...}} with what it is of as keys, or leave it out",
            )
    _check_names(arguments)


def check_design_option(value: object, name: str) -> None:
    """An option of the design that is one of a few words."""
    allowed = _OPTIONS[name]
    if not isinstance(value, str) or value not in allowed:
        raise DesignError(
            f"{name} has no option {value!r}."[:200],
            where=name,
            found=repr(value)[:60],
            expected=", ".join(allowed),
            todo=f"{name}={allowed[0]!r}, or another of these; leave it out for the default",
        )


def respelled(frame: pd.DataFrame, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments with the names of columns as the data spell them (an accent may be one character or two)."""

    def name(value: Any) -> Any:
        if isinstance(value, list):
            return [name(item) for item in value]
        return spelled(frame, value) if isinstance(value, str) else value

    roles = {role: name(arguments[role]) for role in (*_ONE_COLUMN, "strata", "psu", "fpc")}
    own = arguments["item_weights"] or {}
    return {**arguments, **roles, "item_weights": {name(variable): name(weight) for variable, weight in own.items()}}


def _check_names(arguments: Mapping[str, Any]) -> None:
    """Roles that take exactly one column."""
    for name in _ONE_COLUMN:
        value = arguments[name]
        if value is not None and not isinstance(value, str):
            raise DataError(
                f"{name} takes the name of one column.",
                where=name,
                found=f"a {type(value).__name__}",
                expected=f"text, as {name}='column'",
                todo="put the data into the frame as a column, and give the name of that column",
            )
