"""What a result tells of itself, read in one place: the call, the survey, the columns, how intervals were made."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from llo_research.errors import DataError
from llo_research.expression import parse
from llo_research.results.columns import identifiers_of

if TYPE_CHECKING:
    from llo_research.results.floors import Withheld
    from llo_research.results.result import Result

# how a domain that was no condition is told (survey/item_weights.py)
A_SERIES = "a boolean Series"
_WORD = re.compile(r"`([^`]*)`|([^\W\d]\w*)")
# what the survey's own facts hold that names columns
_SPEAK = ("call", "domain", "design", "weight", "unit_weights", "derived_from", "left_out")
# arguments that name variables
_VARIABLES = ("variables", "variable", "numerator", "denominator", "row", "column", "by", "group", "cells")


@dataclass(frozen=True)
class Told:
    """A result as scripts and receipts read it.

    meta : as of the result. rows : (k rows) what identifies each estimate. labels : (k) names of the rows.
    kinds : (k) kinds of quantity; on : (k) scale of interval and test (``identity``, ``log``); null : (k) of no
    difference. level, intervals, simultaneous, tested : as the result has them. added : further columns.
    bound : of a test of equivalence. flags : (k) what is to be known of the rows, in words of
    the table. empty : (k) rows without an estimate. draws : what each imputation tells.
    own_weight : of a part of a joint result whose parts have different weights.
    around : the call of what was made of the result, with ``{}`` in the place of its own.
    linearised : whether the script is to leave what a covariance with other estimates needs.
    """

    meta: Mapping[str, Any]
    rows: pd.DataFrame
    labels: tuple[str, ...]
    kinds: tuple[str, ...]
    on: tuple[str, ...]
    null: tuple[float | None, ...]
    level: float
    intervals: tuple[str, ...]
    simultaneous: bool
    tested: bool
    added: tuple[str, ...] = ()
    bound: float | None = None
    empty: tuple[bool, ...] = ()
    draws: tuple[Told, ...] = ()
    linearised: bool = False
    own_weight: str | None = None
    flags: tuple[str, ...] = ()
    around: str = "{}"

    @property
    def call(self) -> Mapping[str, Any]:
        """The estimator and its arguments."""
        return dict(self.meta.get("call") or {})

    @property
    def function(self) -> str:
        """Name of the estimator."""
        return str(self.call.get("function", ""))

    @property
    def survey(self) -> Mapping[str, Any]:
        """Columns, replicates and steps, as the survey told them."""
        return dict(self.meta.get("survey") or {})

    @property
    def design(self) -> Mapping[str, Any]:
        """Roles and counts of the design."""
        return dict(self.meta.get("design") or {})

    @property
    def steps(self) -> Sequence[Mapping[str, Any]]:
        """Weighting steps, first to last."""
        return tuple(self.design.get("steps") or ())

    @property
    def contrasts(self) -> tuple[Mapping[str, Any], ...]:
        """Contrasts that were taken one of the other, first to last; nothing of a result that is none."""
        own = self.meta.get("contrast")
        return () if own is None else (*reversed(self.meta.get("contrast_of") or []), own)

    @cached_property
    def columns(self) -> Mapping[str, Any]:
        """Kind or levels of the columns that the result names, in the order of the data."""
        known = self.survey.get("columns") or {}
        named = named_in([self.meta.get(name) for name in _SPEAK])
        return {name: kind for name, kind in known.items() if name in named}

    def levels(self, name: str) -> list[Any] | None:
        """Declared levels of a column; None of a number or text."""
        kind = (self.survey.get("columns") or {}).get(name)
        return list(kind["levels"]) if isinstance(kind, Mapping) else None

    def is_category(self, name: str) -> bool:
        """Whether each level of the column has an estimate of its own."""
        kind = (self.survey.get("columns") or {}).get(name)
        return isinstance(kind, Mapping) or kind == "text"

    def stored(self, name: str, value: Any) -> Any:
        """A level as it is stored, which a condition may name by its label."""
        levels = self.levels(name)
        if value in levels if levels is not None else not isinstance(value, str):
            return value
        known = [(self.meta.get(place) or {}).get(name) for place in ("labels", "spoken")]
        values = {k: v for own in known if isinstance(own, Mapping) for k, v in (own.get("values") or {}).items()}
        for level, words in values.items():
            spoken = [words] if isinstance(words, str) else [*words.values()]
            flat = [item for one in spoken for item in (one if isinstance(one, list | tuple) else [one])]
            if value in flat:
                return level
        return value

    def listed(self, argument: str) -> list[str]:
        """An argument of the call that is a name, a list of names or nothing."""
        value = self.call.get(argument)
        return [] if value is None else [value] if isinstance(value, str) else [str(item) for item in value]

    @property
    def heads(self) -> list[tuple[str, Any]]:
        """(k) variable and level of each row."""
        levels = self.rows["level"].tolist() if "level" in self.rows else [None] * len(self.rows)
        levels = [None if level is None or level != level else level for level in levels]
        return list(zip(self.rows["variable"].astype(str).tolist(), levels, strict=True))

    @property
    def conditions(self) -> list[str]:
        """Variables of the call that are no columns but conditions, as ``"age >= 55"``."""
        named = [name for argument in _VARIABLES for name in self.listed(argument)]
        known = {*(self.survey.get("columns") or {})}
        return [name for name in dict.fromkeys(named) if is_condition(name) and names_of(name) <= known]

    @property
    def halves(self) -> bool:
        """Whether the call took the weight of one half of a split sample, which others lack."""
        return any("use_weights" in note for note in self.meta.get("domain") or ())

    @property
    def people(self) -> list[str]:
        """The conditions of the domain; one of one survey of a stack leaves the others in."""
        notes = [note for note in self.meta.get("domain") or () if "condition" in note]
        return [
            f"survey != {str(note['survey'])!r} | ({note['condition']})" if "survey" in note else str(note["condition"])
            for note in notes
        ]

    @property
    def by_mask(self) -> bool:
        """Whether a domain was given by row numbers, so that only the file knows it."""
        notes = [note["condition"] for note in self.meta.get("domain") or () if "condition" in note]
        return any(words == A_SERIES for words in notes)

    @property
    def undefined(self) -> list[int]:
        """Places of rows that some replicate does not have."""
        return [i for i, words in enumerate(self.flags) if "replicate_undefined" in words.split()]

    def as_seen(self, hidden: Withheld | None) -> Told:
        """The same without how intervals of withheld rows were made, which is another way where all are alike."""
        if hidden is None or not hidden.rows.any():
            return self
        usual = next((own for own, gone in zip(self.intervals, hidden.rows, strict=True) if not gone), "wald")
        rows = list(zip(self.intervals, self.empty, self.flags, hidden.rows, strict=True))
        return replace(
            self,
            intervals=tuple(usual if gone else own for own, _, _, gone in rows),
            empty=tuple(own and not gone for _, own, _, gone in rows),
            flags=tuple("" if gone else own for _, _, own, gone in rows),
        )

    def contrasted(self) -> Told:
        """The rows that contrasts are taken of, as the result that they were taken of told them."""
        meta = {name: value for name, value in self.meta.items() if name not in ("contrast", "contrast_of")}
        kept = meta.pop("contrast_rows")
        return self._of(meta, pd.DataFrame(kept["rows"]), tuple(kept["labels"]))

    def parts(self) -> Iterator[tuple[str, Told, list[int]]]:
        """Name, what it tells, and places of the rows, of each part of a joint result."""
        names = self.rows["result"].astype(str).tolist()
        for name, meta in self.meta["parts"].items():
            places = [i for i, own in enumerate(names) if own == name]
            if not places:
                continue
            rows = self.rows.iloc[places].drop(columns="result").dropna(axis=1, how="all").reset_index(drop=True)
            labels = tuple(self.labels[i].removeprefix(f"{name}:") for i in places)
            if (meta.get("call") or {}).get("function") == "joint" and "contrast" not in meta:
                inner = [
                    max((n for n in meta["parts"] if label == n or label.startswith(f"{n}:")), key=len)
                    for label in labels
                ]
                rows.insert(0, "result", inner)
            whole = {**meta, "survey": self.survey, "labels": self.meta.get("labels")}
            if len(meta.get("contrast") or ()) > 1:  # those of which a row is left; a single one is called as the part
                whole["contrast"] = {label: spec for label, spec in meta["contrast"].items() if label in labels}
            yield name, self._of(whole, rows, labels, [self.empty[i] for i in places]), places

    def _of(
        self, meta: Mapping[str, Any], rows: pd.DataFrame, labels: tuple[str, ...], empty: Sequence[bool] = ()
    ) -> Told:
        """Estimates behind others, of which the others need the linearised variables."""
        k, rows = len(rows), _with_untold(rows, labels, meta)
        plain: dict[str, Any] = {"kinds": ("estimate",) * k, "on": ("identity",) * k, "null": (None,) * k}
        plain |= {"intervals": ("wald",) * k, "simultaneous": False, "tested": False, "added": (), "bound": None}
        own = tuple(empty) or (False,) * k
        return replace(
            self, meta=meta, rows=rows, labels=labels, empty=own, draws=(), flags=(), linearised=True, **plain
        )


_BY_CELLS = ("mean", "share", "total", "ratio", "variance", "quantile", "gap", "change", "gap_change")


def check_rows(told: Told) -> Told:
    """The same, where the rows still tell the cells that the call names.

    Raises
    ------
    DataError
        Rows that were cut down after the call: no script can find their cells.
    """
    base = told.contrasted() if told.contrasts else told
    lost = [name for name in base.listed("by") if name not in base.rows] if base.function in _BY_CELLS else []
    if not lost:
        return told
    raise DataError(
        "The rows of this result no longer tell the cells that the call names.",
        where=told.function,
        found=f"no column {', '.join(lost)}",
        todo="write the script of the estimate as its call gave it",
    )


def _with_untold(rows: pd.DataFrame, labels: Sequence[str], meta: Mapping[str, Any]) -> pd.DataFrame:
    """The rows with the columns that were taken off them after the call, by the labels that are left."""
    for column, values in _untold(meta).items():
        single = [*values.values()] if len(values) == len(labels) == 1 else []  # called as the part that it is
        if single or {*labels} & {*values}:
            own = pd.Series(single or [values.get(label) for label in labels], dtype=object, index=rows.index)
            rows = rows.assign(**{column: rows[column].fillna(own) if column in rows else own.infer_objects()})
    return rows


def _untold(meta: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Column -> label -> value, of what was taken off the rows; in a joint result of those of its parts."""
    if "contrast" in meta:
        return {}
    out = {column: dict(values) for column, values in (meta.get("untold") or {}).items()}
    for name, part in (meta.get("parts") or {}).items():
        for column, values in _untold(part).items():
            own = {name if len(values) == 1 else f"{name}:{label}": value for label, value in values.items()}
            out[column] = out.get(column, {}) | own
    return out


def told_of(result: Result) -> Told:
    """What a result tells of itself."""
    return Told(
        meta=result.meta,
        rows=_with_untold(identifiers_of(result.rows), result.labels, result.meta),
        labels=result.labels,
        kinds=tuple(quantity.kind for quantity in result.quantity),
        on=tuple(quantity.on for quantity in result.quantity),
        null=tuple(quantity.null for quantity in result.quantity),
        level=result.level,
        intervals=result.intervals,
        simultaneous=result.simultaneous,
        tested=result.tested,
        added=tuple(result.columns),
        bound=float(result.columns["bound"][0]) if "bound" in result.columns else None,
        empty=tuple(bool(gone) for gone in np.isnan(result.estimate)),
        draws=tuple(told_of(draw) for draw in result.draws),
        flags=tuple(result.flags),
    )


def told_of_rows(rows: pd.DataFrame, meta: Mapping[str, Any]) -> Told:
    """What something tells that has rows but no estimates, as a test."""
    k = len(rows)
    plain: dict[str, Any] = {
        "kinds": ("test",) * k,
        "on": ("identity",) * k,
        "null": (None,) * k,
        "intervals": ("wald",) * k,
    }
    return Told(
        meta=meta, rows=rows, labels=("",) * k, level=0.95, simultaneous=False, tested=True, empty=(False,) * k, **plain
    )


def names_of(condition: str) -> set[str]:
    """The columns that a condition names; a column called ``monthly or more`` reads as one of columns that are not."""
    return {*parse(condition, logical=True).names()}


def is_condition(name: str) -> bool:
    """Whether a name is a condition on columns, as ``"age >= 55"``."""
    try:
        tree = parse(name, logical=True).tree
    except DataError:
        return False
    pattern = any(isinstance(node, ast.Subscript) for node in ast.walk(tree))  # PV[1-10]
    return not isinstance(tree, ast.Name) and not pattern


def named_in(value: Any) -> set[str]:
    """All words in texts, however deep, and the texts themselves."""
    out: set[str] = set()
    for text in _texts(value):
        out.add(text)
        out |= {quoted or word for quoted, word in _WORD.findall(text)}
    return out


def _texts(value: Any) -> Iterator[str]:
    """Texts in mappings and lists."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(key)
            yield from _texts(item)
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from _texts(item)
