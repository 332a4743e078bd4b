"""Combinations of estimates: linear ones, and smooth expressions by the delta method or at each replicate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from llo_research.errors import DataError
from llo_research.expression import parse, shortened
from llo_research.numerics.groups import Floats
from llo_research.options import nearest, same_spelling
from llo_research.results.behind import are_levels, facts_of_parts, smallest
from llo_research.results.columns import BREAKS
from llo_research.results.exported import check_covariances, is_exported, not_outside, of_what_is_made, rows_of_export
from llo_research.results.expressions import Dual, evaluate, labels_in, refuse_numbers_that_are_labels
from llo_research.results.facts import Facts, Later
from llo_research.results.floors import in_words
from llo_research.results.linear import Linear, linear_of
from llo_research.results.standing import KEPT

if TYPE_CHECKING:
    from llo_research.results.result import Result

Single = str | Mapping[str, float]


@dataclass(frozen=True)
class Combination:
    """One contrast of k estimates.

    value : at the estimates.
    gradient, uses : (k,) its slopes, and the estimates it speaks of (a slope may be 0 by chance, or cancel).
    at_replicates : its values (R,) at replicates of the estimates (R, k).
    linear : its weights and constant where it is linear, else None.
    """

    value: float
    gradient: Floats
    uses: np.ndarray
    at_replicates: Callable[[Floats], Floats]
    linear: Linear | None


@dataclass(frozen=True)
class Combined:
    """Several contrasts: values (m,), slopes and uses (m, k), values at the replicates (R, m), linear ones as such."""

    value: Floats
    gradient: Floats
    uses: np.ndarray
    replicates: Floats | None
    linear: list[Linear | None]


def combined(result: Result, specs: Mapping[str, Single]) -> Combined:
    """The contrasts of a result; an error where one is not defined."""
    made = [_evaluate(result, spec) for spec in specs.values()]
    value = np.array([one.value for one in made], dtype=np.float64)
    gradient, uses = np.array([one.gradient for one in made]), np.array([one.uses for one in made])
    _check_defined(result, list(specs), value, gradient)
    check_covariances(result.meta, result.covariance, uses, "The contrast")
    replicates = result.replicates
    if replicates is not None:
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            replicates = np.column_stack([one.at_replicates(replicates) for one in made])
        replicates = np.where(np.isfinite(replicates), replicates, np.nan)
    return Combined(value, gradient, uses, replicates, [one.linear for one in made])


def meta_of(result: Result, specs: Mapping[str, Single], uses: np.ndarray) -> dict[str, Any]:
    """What a contrast says of itself: symmetric intervals of one row, whatever those of the rows are."""
    meta = {
        name: value for name, value in result.meta.items() if name not in ("level", "interval", "simultaneous", KEPT)
    }
    meta |= of_what_is_made(meta)
    meta["contrast"] = {name: _told(spec) for name, spec in specs.items()}
    if "contrast" in result.meta:
        meta["contrast_of"] = [result.meta["contrast"], *result.meta.get("contrast_of", [])]
    else:
        of_a_line = (result.meta.get("call") or {}).get("function") == "trend"  # its terms belong together
        rows = np.flatnonzero(uses.any(axis=0) | of_a_line)
        labels = [result.labels[i] for i in rows]
        meta["contrast_rows"] = {"labels": labels, "rows": _columns(result.rows.iloc[rows])}
    return meta


def _columns(rows: pd.DataFrame) -> dict[str, list[Any]]:
    """What identifies rows, as lists."""
    return {str(name): rows[name].astype(object).where(rows[name].notna(), None).tolist() for name in rows}


def _check_defined(result: Result, names: list[str], estimate: Floats, gradient: Floats) -> None:
    """Values and slopes are finite numbers."""
    if not (np.isfinite(estimate).all() and np.isfinite(gradient).all()):
        undefined = ~(np.isfinite(estimate) & np.isfinite(gradient).all(axis=1))
        bad = names[int(undefined.argmax())]
        if is_exported(result.meta) and rows_of_export(result.meta, "withheld", len(result.estimate)).any():
            what = "A contrast of rows that are withheld, or undefined,"
            raise not_outside(result.meta, what, "result.contrast(...), exported by itself", shortened(bad))
        raise DataError(
            "The contrast is not defined at these estimates.",
            where=shortened(bad),
            found=", ".join(f"{label} = {value}" for label, value in _shown(result)),
            expected="a value and a slope that are finite numbers",
            todo="a row without people has no estimate; log, sqrt and / need numbers they are defined for",
        )


def named(what: Any) -> dict[str, Single]:
    """Every form of a contrast as name -> specification."""
    if isinstance(what, str):
        return {what: what}
    if isinstance(what, Mapping) and what:
        if all(isinstance(value, bool | np.bool_ | int | float | np.number) for value in what.values()):
            return {_text_of(_by_label(what)): _by_label(what)}
        if all(isinstance(value, str | Mapping) for value in what.values()):
            return {name: value if isinstance(value, str) else _by_label(value) for name, value in _texts(what)}
    if isinstance(what, Sequence) and what and all(isinstance(item, str) for item in what):
        twice = [item for i, item in enumerate(what) if item in what[:i]]
        if not twice:
            return {item: item for item in what}
        raise DataError(
            "A contrast is named twice.",
            where="contrast",
            found=shortened(twice[0]),
            expected="each contrast once",
            todo="name it once, or give names: {'first': 'a - b', 'second': 'a - c'}",
        )
    raise DataError(
        "A contrast is a mapping of labels to numbers, an expression, or several of them.",
        where="contrast",
        found=repr(what)[:80],
        expected="{'high': 1, 'low': -1} or 'log(a / b)'",
        todo="take the labels from result.labels",
    )


def _texts(what: Mapping[Any, Any]) -> list[tuple[str, Any]]:
    """The items of a mapping with their names as text, which must differ and not be empty."""
    items = [(str(name), value) for name, value in what.items()]
    names = [name for name, _ in items]
    wrong = [name for i, name in enumerate(names) if not name.strip() or name in names[:i]]
    if wrong:
        raise DataError(
            f"Two names of a contrast are {wrong[0]!r}." if wrong[0].strip() else "A name of a contrast is empty.",
            where="contrast",
            found=", ".join(repr(name) for name in what),
            expected="names that differ as text",
            todo="name each row once; 1 and '1' are the same name",
        )
    return items


def _by_label(weights: Mapping[Any, Any]) -> dict[str, float]:
    """The weights of a linear contrast, by label: finite numbers."""
    items = _texts(weights)
    for label, weight in items:
        number = isinstance(weight, int | float | np.number) and not isinstance(weight, bool)
        if not number or isinstance(weight, np.complexfloating) or not np.isfinite(float(weight)):
            what = "not finite: the contrast is not defined" if number else "no number"
            raise DataError(
                f"A weight of a contrast is a number, and {label!r} has one that is {what}.",
                where=f"contrast, {label!r}",
                found=repr(weight),
                expected="a finite number",
                todo="as {'high': 1, 'low': -1}",
            )
    if not any(weight for _, weight in items):
        raise DataError(
            "The contrast speaks of no row.",
            where="contrast",
            found=dict(weights),
            expected="weights other than 0",
            todo="as {'high': 1, 'low': -1}",
        )
    return {label: float(weight) for label, weight in items}


def _text_of(weights: Mapping[str, float]) -> str:
    """A linear combination in words: ``high - low``."""
    out = ""
    for label, weight in weights.items():
        size = "" if abs(weight) == 1 else f"{abs(weight):g} * "
        sign = (" - " if weight < 0 else " + ") if out else ("-" if weight < 0 else "")
        out += f"{sign}{size}{label}"
    return out


def _told(spec: Single) -> Any:
    """A specification for ``.meta``."""
    return spec if isinstance(spec, str) else {str(label): float(weight) for label, weight in spec.items()}


def _shown(result: Result) -> list[tuple[str, str]]:
    """A few labels and estimates, for messages, without those that may not be seen."""
    return [(label, in_words(result, i, float(result.estimate[i]))) for i, label in enumerate(result.labels[:5])]


def _position(result: Result, label: object) -> int:
    """The row with this label."""
    places = [i for i, known in enumerate(result.labels) if known == str(label)]
    if not places and not str(label).isascii():
        places = [i for i, known in enumerate(result.labels) if same_spelling(known, str(label))]
    if len(places) == 1:
        return places[0]
    raise DataError(
        f"There is no row {label!r}." if not places else f"{len(places)} rows are called {label!r}.",
        where="contrast",
        found=f"{label!r}{nearest(label, result.labels)}",
        expected=", ".join(result.labels[:20]),
        todo="labels that are not Python names stand in backticks inside an expression",
    )


def _evaluate(result: Result, spec: Single) -> Combination:
    """Value, slopes and uses in the k estimates, and the values at the replicates."""
    k = len(result.estimate)
    if isinstance(spec, Mapping):
        weights = np.zeros(k)
        for label, weight in spec.items():
            weights[_position(result, label)] = weight
        used = weights != 0
        value = float(weights[used] @ result.estimate[used])
        own = weights[used]
        return Combination(value, weights, used, lambda at: at[:, used] @ own, linear_of(spec))
    expression = parse(spec, logical=False)
    refuse_numbers_that_are_labels(expression, result.labels)
    units = {name: _position(result, name) for name in labels_in(expression)}
    duals = {
        name: Dual(result.estimate[i], (np.arange(k) == i).astype(np.float64), np.arange(k) == i)
        for name, i in units.items()
    }
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        out = evaluate(expression.tree, expression, duals)
    uses = np.broadcast_to(out.uses, (k,))
    if not uses.any():
        raise DataError(
            "The contrast speaks of no row.",
            where=spec,
            expected=", ".join(result.labels[:20]),
            todo="use labels of rows; those that are not Python names stand in backticks",
        )

    def at_replicates(at: Floats) -> Floats:
        none = np.zeros(1, dtype=bool)
        flat = {name: Dual(at[:, i], np.zeros(1), none) for name, i in units.items()}
        values = evaluate(expression.tree, expression, flat, gradient=False).value
        return np.broadcast_to(values, (len(at),)).astype(np.float64)

    gradient = np.broadcast_to(out.gradient, (k,)).astype(np.float64)
    return Combination(float(out.value), gradient, uses, at_replicates, linear_of(spec))


def smallest_of(result: Result, uses: np.ndarray) -> Facts | None:
    """Disclosure facts of the smallest cell that each contrast speaks of, and of the cells that it would tell."""
    cells = result.cell_details
    return None if cells is None else Later(_smallest_of, result.rows, cells, result.meta, uses)


def _smallest_of(rows: pd.DataFrame, cells: Facts, meta: Mapping[str, Any], uses: np.ndarray) -> pd.DataFrame:
    """The facts."""
    parts = facts_of_parts(rows, cells(), meta, np.asarray(uses.any(axis=0)))
    return smallest(parts, uses, are_levels(rows))


def inherited(result: Result, uses: np.ndarray) -> tuple[str, ...]:
    """The flags of series breaks of the rows that a contrast speaks of."""
    if not result.extra_flags:
        return ("",) * len(uses)
    words = [[word for word in flag.split() if word in BREAKS] for flag in result.extra_flags]
    return tuple(
        " ".join(dict.fromkeys(word for number in np.flatnonzero(row) for word in words[number])) for row in uses
    )
