"""The arguments of a Survey, checked at the border: the kind of each, and the options it may have."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pandas as pd

from llo_research.design.lonely import LONELY_PSU
from llo_research.errors import DataError, DesignError
from llo_research.options import check_option, check_switch, nearest
from llo_research.survey.foreign_words import how_here, meant
from llo_research.survey.variables import spelled

WEIGHT_KINDS = ("expansion", "proportional")
_ONE_COLUMN = ("weights", "unit", "time", "unit_weights")


def check_names(names: Iterable[str], constructor: Callable[..., None], function: str, others: str = "") -> None:
    """Only arguments that the constructor of a Survey has; `others`: what the function itself takes, in words."""
    allowed = [name for name in inspect.signature(constructor).parameters if name not in ("self", "frame")]
    if function == "Survey":
        allowed.insert(0, "frame")
    wrong = [name for name in names if name not in allowed]
    if not wrong:
        return
    name = wrong[0]
    spelling = "check the spelling; weights='...' names the column of weights, psu='...' that of the sampling units"
    ours, done = meant(name), how_here(name)
    ours = ours if ours in allowed else None
    near = "" if done and not ours else nearest(name, allowed, "an argument")
    raise DataError(
        f"{function} has no argument {name!r}.",
        where=f"llo.{function}",
        found=", ".join(wrong) + (f"; did you mean {ours!r}?" if ours else near),
        expected=f"{others}an argument of llo.Survey: {', '.join(allowed)}" if others else ", ".join(allowed),
        todo=done or spelling,
    )


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
    check_weight_kind(arguments["weight_kind"])
    check_option(arguments["lonely_psu"], "lonely_psu", LONELY_PSU, error=DesignError)
    for name in ("nest", "mse"):
        check_switch(arguments[name], name)
    check_mappings_and_columns(arguments)


def check_mappings_and_columns(arguments: Mapping[str, Any]) -> None:
    """Mappings that are mappings, and roles of one column that have one."""
    for name in ("item_weights", "labels", "source"):
        if arguments.get(name) is not None and not isinstance(arguments[name], Mapping):
            raise DataError(
                f"{name} is a mapping.",
                where=name,
                found=f"a {type(arguments[name]).__name__}",
                expected="a dict, as item_weights={'skills_match': 'w_part1'}",
                todo=f"{name}={{...}} with what it is of as keys, or leave it out",
            )
    for name in _ONE_COLUMN:
        value = arguments.get(name)
        if value is not None and not isinstance(value, str):
            raise DataError(
                f"{name} takes the name of one column.",
                where=name,
                found=f"a {type(value).__name__}",
                expected=f"text, as {name}='column'",
                todo="put the data into the frame as a column, and give the name of that column",
            )


def check_weight_kind(kind: object) -> None:
    """Expansion weights or proportional ones."""
    check_option(kind, "weight_kind", WEIGHT_KINDS, error=DesignError)


def respelled(frame: pd.DataFrame, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments with the names of columns as the data spell them (an accent may be one character or two)."""

    def name(value: Any) -> Any:
        if isinstance(value, list):
            return [name(item) for item in value]
        return spelled(frame, value) if isinstance(value, str) else value

    roles = {role: name(arguments[role]) for role in (*_ONE_COLUMN, "strata", "psu", "fpc")}
    own = arguments["item_weights"] or {}
    return {**arguments, **roles, "item_weights": {name(variable): name(weight) for variable, weight in own.items()}}
