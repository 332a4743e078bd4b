"""From a formula and a survey to arrays: regressors, response, offset, who is left out and why."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from llo_research import __version__
from llo_research.errors import DataError, DesignError, IdentificationError
from llo_research.estimation.target import check_survey
from llo_research.numerics.groups import Codes, Floats
from llo_research.numerics.multiples import Multiples
from llo_research.options import check_option
from llo_research.survey.alike import Alike, alike, codes_of, columns_alone
from llo_research.survey.condition import as_condition
from llo_research.survey.formulas import (
    Matrix,
    Sides,
    categories_of,
    formula_columns,
    is_categorical,
    levels_of,
    matrices,
    model_frame,
)
from llo_research.survey.lazy import survey_of_formula
from llo_research.survey.unlike import alike_or_told
from llo_research.survey.variables import spelled, variable

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey

MISSING = ("omit", "raise")
_SHOWN = 8
_MOST_LEVELS = 50


@dataclass(frozen=True, eq=False)
class Distinct:
    """The rows of a model that differ, d of its m, with the sums of the weights of those that are alike.

    alike : which are. y (d,), x (d, p), offset (d,) or None, weights (d,); rows (d,) : the first of each in the survey.
    """

    alike: Alike
    y: Floats
    x: Floats
    offset: Floats | None
    weights: Floats
    rows: Codes

    @classmethod
    def of(cls, data: ModelData, alike: Alike) -> Distinct:
        """Of these rows."""
        if alike.place is None:
            return cls(alike, data.y, data.x, data.offset, data.weights, data.rows)
        first = alike.first
        return cls(alike, data.y[first], data.x[first], None, alike.summed(data.weights), data.rows[first])


@dataclass(frozen=True, eq=False)
class ModelData:
    """What a model is fitted to; arrays speak of the rows used (m of the n rows of the survey).

    svy : Survey with the weight of the call.
    formula : the formula as it was read; `response` its left-hand side.
    y : (m,) response; for ordered outcomes the number of its level.
    x : (m, p) regressors, `names` their names.
    weights : (m,) current weights, none of them 0.
    offset : (m,) added to the linear predictor, or None.
    rows : (m,) positions of the rows used among those of the survey.
    right : the right-hand side, by which the same columns are made of other data.
    levels : levels of an ordered outcome.
    left_out : rows of the domain left out for a missing value, by column.
    columns : columns of the data that the formula and the offset speak of.
    joins : whether rows that are alike are looked for.
    """

    svy: Survey
    formula: str
    response: str
    y: Floats
    x: Floats
    names: tuple[str, ...]
    weights: Floats
    offset: Floats | None
    offset_text: str | None
    rows: Codes
    right: Matrix
    levels: tuple[Any, ...]
    left_out: dict[str, int]
    columns: tuple[str, ...]
    joins: bool = True

    @cached_property
    def alike(self) -> Alike:
        """Which of the rows are alike in response and regressors."""
        m, outcome = len(self.y), None if self.offset is not None or not self.joins else codes_of(pd.Series(self.y))
        if outcome is None:
            return Alike(m)
        if self.right.place is None:
            x = alike(self.right.spec.formula, model_frame(self.columns, self.svy._frame, self.codes == 0))
        else:
            x = self.right.place[self.rows]
        return Alike(m) if x is None else Alike.of(m, [outcome, (x, int(x.max()) + 1)])

    @cached_property
    def distinct(self) -> Distinct:
        """One row for those that are alike: every solution is the same."""
        return Distinct.of(self, self.alike)

    def scores(self, values: Floats) -> Floats | Multiples:
        """(n, p) of the survey's rows: `values` are those of the distinct ones (d, p), shared out by weight."""
        if self.distinct.alike.place is None:
            return self.everywhere(values)
        return self.alike.scores(values, self.weights, self.rows, len(self.svy))

    @cached_property
    def codes(self) -> Codes:
        """(n,) 0 for the rows used, 1 for all others."""
        out = np.ones(len(self.svy), dtype=np.intp)
        out[self.rows] = 0
        return out

    @cached_property
    def offset_columns(self) -> tuple[str, ...]:
        """The columns of the offset."""
        return () if self.offset_text is None else tuple(_offset_columns(self.offset_text, self.svy))

    @cached_property
    def all_weights(self) -> Floats:
        """(n,) current weights of the survey."""
        return self.svy._weights

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The columns of the formula for the rows used."""
        return self.svy._frame[list(self.columns)].iloc[self.rows].reset_index(drop=True)

    def everywhere(self, values: Floats, fill: float = 0.0) -> Floats:
        """Values of the rows used (m, ...) in the rows of the survey (n, ...), `fill` elsewhere."""
        if len(self.rows) == len(self.svy):
            return values
        out = np.full((len(self.svy), *values.shape[1:]), fill)
        out[self.rows] = values
        return out

    @cached_property
    def people(self) -> int:
        """Rows of the data that are used."""
        return self.svy._count(self.codes == 0)

    @cached_property
    def mean_weight(self) -> float:
        """The mean of the weights."""
        return float(self.weights.sum() / self.people)

    @cached_property
    def scaled_weights(self) -> Floats:
        """(m,) weights that add up to the number of rows."""
        return np.asarray(self.weights * (self.people / self.weights.sum()))

    def sampling_units(self) -> int:
        """First-stage units among the rows used."""
        stage, stands = self.svy.design.stages[0], self.svy.design.stands
        if stands is not None and stands.distinct is not None:
            number = len(stage.units_per_stratum)
            return int(stands.distinct(np.where(self.codes == 0, stage.stratum, number), number).sum())
        if stage.unit is None:
            return self.people
        return int(np.count_nonzero(np.bincount(stage.unit[self.rows])))

    def _persons(self, unit: str) -> dict[str, int]:
        """Persons among the rows used; nothing where collapsed rows do not tell."""
        stands = self.svy.design.stands
        if stands is None:
            return {"n_units": int(self.svy._frame[unit].iloc[self.rows].nunique())}
        return {} if stands.distinct is None else {"n_units": int(stands.distinct(self.codes, 1)[0])}

    def meta(self, call: dict[str, Any], extra: dict[str, Any] | None = None) -> dict[str, Any]:
        """What a result of this model says of itself."""
        unit = self.svy._arguments["unit"]
        return {
            "call": call,
            "version": __version__,
            **self.svy._meta(),
            "by": [],
            "response": self.response,
            "left_out": dict(self.left_out),
            "base_levels": dict(self.right.base),
            "category_levels": levels_of(self.right),
            "terms": list(self.names),
            "labels": {name: self.svy.labels[name] for name in self.columns if name in self.svy.labels},
            "nobs": self.people,
            "mean_y": None if self.levels else float(self.weights @ self.y / self.weights.sum()),
            "n_psu": self.sampling_units(),
            **({} if unit is None else self._persons(unit)),
            **(extra or {}),
        }


def model_data(
    formula: str,
    svy: Survey,
    *,
    offset: str | None = None,
    missing: str = "omit",
    ordered: bool = False,
    also: Sequence[str] = (),
) -> ModelData:
    """The arrays of a model.

    Parameters
    ----------
    formula : "y ~ x + C(group)"; the left-hand side may be a condition in the grammar of ``svy.where``.
    offset : a column, or an expression of the formula grammar as ``"log(hours)"``.
    missing : {"omit", "raise"}
    ordered : whether the response is an ordered category (its levels' numbers), else a number, boolean or condition.
    also : further columns that must be known, such as the unit and time of a panel.
    """
    svy = survey_of_formula(svy, formula, also)
    check_survey(svy)
    check_option(missing, "missing", MISSING)
    text, svy, response = _read(formula, svy)
    columns = formula_columns(text, svy._frame)
    further = [] if offset is None else _offset_columns(offset, svy)
    # regressors asked of everybody go with the weight of a response asked of half of the people
    others = [name for name in [*columns, *further, *also] if name != response]
    svy = alike_or_told(svy._for_variables([response], others), [response], others)
    _check_weights(svy)
    domain = svy.domain & (svy._weights != 0)
    known = domain & ~_missing_in([*further, *also, *([response] if ordered else [])], svy)
    _check_someone(known, formula)
    right_text = "~" + text.split("~", 1)[1]
    sides = matrices(right_text if ordered else text, svy._frame, known)
    used = sides.right.complete if sides.left is None else sides.right.complete & sides.left.complete
    left_out = _left_out([*columns, *further, *also], svy, domain)
    _refuse_missing(left_out, missing)
    rows = np.flatnonzero(used)
    _check_levels_with_weight(columns, svy, used)
    _check_sides(response, sides.right, text)
    _check_functions(sides, svy)
    y, levels = _ordered_response(response, svy, rows) if ordered else _response(sides.left, response, rows)
    return ModelData(
        svy=svy,
        formula=text,
        response=response,
        y=y,
        x=sides.right.at(rows) if len(rows) < len(svy) else sides.right.values,
        names=sides.right.names,
        weights=svy._weights[rows],
        offset=None if offset is None else _offset(offset, svy, used)[rows],
        offset_text=offset,
        rows=rows,
        right=sides.right,
        levels=levels,
        left_out={name: count for name, count in left_out.items() if count},
        columns=tuple(dict.fromkeys([*columns, *further])),
    )


def _read(formula: str, svy: Survey) -> tuple[str, Survey, str]:
    """The formula, the survey with a column for a condition on its left, and what stands on the left."""
    if not isinstance(formula, str) or "~" not in formula or not formula.split("~", 1)[0].strip():
        raise DataError(
            "A model's formula has a response.",
            where="formula",
            found=repr(formula)[:80],
            expected="text as 'informal_learning ~ autonomy + C(education)'",
            todo="write the response, a tilde and the regressors; the survey comes second",
        )
    left, right = (part.strip() for part in formula.split("~", 1))
    name = spelled(svy._frame, left.strip("`"))
    if name not in svy._frame.columns and _is_condition(left, svy):
        name = left.replace("`", "")
        return f"`{name}` ~ {right}", svy.assign(**{name: left}), name
    if name == left and not name.isidentifier() and name in svy._frame.columns and _is_condition(left, svy):
        return f"`{name}` ~ {right}", svy, name  # a condition that a scan has made a column of
    return f"{left} ~ {right}", svy, name


def _is_condition(left: str, svy: Survey) -> bool:
    """Whether the left-hand side is a condition on the data, and no function of formulas such as log(y) or I(y > 3)."""
    function = re.match(r"[\w.]+\(", left)
    if left.startswith("{") or (function and function[0] not in ("isna(", "notna(")):
        return False
    return as_condition(left, svy._frame) is not None


def _offset_columns(offset: str, svy: Survey) -> list[str]:
    """The columns of an offset."""
    if not isinstance(offset, str):
        raise DataError(
            "The offset is a column or an expression of columns.",
            where="offset",
            found=f"a {type(offset).__name__}",
            expected="text, as 'log_hours' or 'log(hours)'",
            todo="put the data into the survey with svy.assign(...) and give the name",
        )
    return formula_columns(f"~ 0 + {_as_term(offset, svy)}", svy._frame)


def _as_term(offset: str, svy: Survey) -> str:
    """A column as a name in a formula, anything else as it stands."""
    return f"`{offset}`" if offset in svy._frame.columns else offset


def _offset(offset: str, svy: Survey, used: np.ndarray) -> Floats:
    """(n,) the numbers of the offset."""
    found = matrices(f"~ 0 + {_as_term(offset, svy)}", svy._frame, used).right
    if found.values.shape[1] != 1:
        raise DataError(
            "The offset is one number a row.",
            where=f"offset={offset!r}",
            found=f"{found.values.shape[1]} columns: {', '.join(found.names[:_SHOWN])}",
            expected="a column of numbers, or an expression that gives one",
            todo="log(hours) for the logarithm of hours; categories are terms of the formula",
        )
    return np.asarray(found.values[:, 0])


def _missing_in(names: Sequence[str], svy: Survey) -> np.ndarray:
    """(n,) rows with a missing value in any of these columns."""
    gone = np.zeros(len(svy), dtype=bool)
    for name in names:
        gone |= variable(svy._frame, name, "the model").missing
    return gone


def _left_out(names: Sequence[str], svy: Survey, domain: np.ndarray) -> dict[str, int]:
    """Rows of the domain with a missing value, by column."""
    found = [variable(svy._frame, name, "the model") for name in dict.fromkeys(names)]
    return {v.name: svy._count(v.missing & domain) for v in found if v.any_missing}


def _refuse_missing(left_out: dict[str, int], missing: str) -> None:
    """With ``missing="raise"`` no row is left out."""
    if missing == "raise" and any(left_out.values()):
        told = ", ".join(f"{name}: {count} rows" for name, count in left_out.items() if count)
        raise DataError("There are missing values.", where="the model", found=told, todo="missing='omit' drops them")


def _check_weights(svy: Survey) -> None:
    """Likelihoods have no meaning for weights below zero."""
    negative = (svy._weights < 0) & svy.domain
    if negative.any():
        raise DesignError(
            "Some weights are negative, for which a model has no meaning.",
            where=f"first at row {int(negative.argmax())}",
            found=f"{int(negative.sum())} rows",
            expected="weights of 0 or more",
            todo="calibrate with method='raking' or 'logit', or bounds, which keep weights positive",
        )


def _check_someone(known: np.ndarray, formula: str) -> None:
    """Somebody has a weight and a known offset, unit and time."""
    if not known.any():
        raise DataError(
            "No row of the domain has a weight and values for the model.",
            where=f"formula {formula!r}",
            todo="check the condition of svy.where, the weights and the offset",
        )


def _check_levels_with_weight(columns: Sequence[str], svy: Survey, used: np.ndarray) -> None:
    """A level that people of the domain have, none of them with a weight, would vanish in silence."""
    if (svy._weights[svy.domain] != 0).all():
        return
    for name in columns:
        found = variable(svy._frame, name, "the model")
        if found.kind != "category":
            continue
        there = np.unique(found.codes[svy.domain & ~found.missing])
        absent = np.setdiff1d(there, found.codes[used])
        gone = [c for c in absent if (svy._weights[svy.domain & (found.codes == c)] == 0).all()]
        if gone:
            raise IdentificationError(
                "A level has no row with a weight: its coefficient cannot be estimated.",
                where=f"column {name!r}",
                found=", ".join(repr(found.levels[c]) for c in gone[:_SHOWN]),
                expected="levels of which somebody has a weight",
                todo=f'leave the level out of the domain, as svy.where("{name} != {found.levels[gone[0]]!r}")',
            )


def _check_sides(response: str, right: Matrix, formula: str) -> None:
    """A response that explains itself, or a category of one level, which formulas would drop in silence."""
    if response in right.names:
        raise IdentificationError(
            "The response stands among the regressors.",
            where=f"formula {formula!r}, term {response!r}",
            expected="regressors that do not contain the response",
            todo="leave it out on the right-hand side",
        )
    for name, (factor, levels) in categories_of(right).items():
        if len(levels) < 2:
            raise IdentificationError(
                "A category has one level among the rows used: it explains nothing.",
                where=f"column {name!r}, term {factor!r}",
                found=f"{levels[0]!r} for everybody" if levels else "no level",
                expected="two levels or more",
                todo="leave the term out, or widen the domain",
            )


def _check_functions(sides: Sides, svy: Survey) -> None:
    """Of collapsed rows a function of a column is one of the pattern; what centres or scales would need all rows."""
    for side in (sides.left, sides.right) if svy._collapsed is not None else ():
        if side is not None and columns_alone(side.spec.formula, svy._frame) is None:
            raise DataError(
                "A formula of collapsed rows is made of columns as they stand, and of C(...) of them.",
                where="formula",
                found="a function",
                todo="make the column with svy.assign(...) before svy.collapse, and collapse it with the others",
            )


def _response(left: Matrix | None, name: str, rows: Codes) -> tuple[Floats, tuple[Any, ...]]:
    """The response as numbers: a number, a boolean, or a condition."""
    assert left is not None
    values = left.values[rows]
    if len(left.names) == 2 and left.names[0].endswith("[False]") and left.names[1].endswith("[True]"):
        return np.ascontiguousarray(values[:, 1]), ()
    if len(left.names) > 1 and not is_categorical(left):
        raise DataError(
            "The response of this model is one number a row.",
            where=f"response {name!r}",
            found=f"{len(left.names)} columns: {', '.join(left.names[:_SHOWN])}",
            expected="one number, boolean or condition",
            todo="inside I(...) plus is a sum: I(a + b) ~ ...",
        )
    if is_categorical(left):
        levels = [column.rsplit("[", 1)[-1].removeprefix("T.").rstrip("]") for column in left.names]
        raise DataError(
            "The response of this model is one number a row, not categories.",
            where=f"response {name!r}",
            found=f"levels {', '.join(levels[:_SHOWN])}",
            expected="a number, a boolean, or a condition",
            todo=f"name the level that counts: \"{name} == '{levels[-1]}' ~ ...\"; llo.ordered for ordered levels",
        )
    return np.ascontiguousarray(values[:, 0]), ()


def _ordered_response(name: str, svy: Survey, rows: Codes) -> tuple[Floats, tuple[Any, ...]]:
    """The numbers of an ordered response's levels among those that occur, and the levels."""
    found = variable(svy._frame, name, "response")
    text = found.kind == "category" and not found.declared
    if text or (found.declared and not found.series.cat.ordered):
        raise DataError(
            "The levels of the response have no order.",
            where=f"response {name!r}",
            found=f"{'text' if text else 'categories'}: {', '.join(str(level) for level in found.levels[:_SHOWN])}",
            expected="an ordered categorical, or whole numbers",
            todo="declare it: pandas.Categorical(..., categories=[lowest, ..., highest], ordered=True) in svy.assign",
        )
    codes, levels = found.codes[rows], found.levels
    present = np.unique(codes)
    if len(present) < 2 or len(present) > _MOST_LEVELS:
        raise DataError(
            f"The response has {len(present)} {'level' if len(present) == 1 else 'levels'}.",
            where=f"response {name!r}",
            expected=f"2 to {_MOST_LEVELS} levels among the rows used",
            todo="llo.glm for a number with many values; group it into classes for an ordered model",
        )
    return np.searchsorted(present, codes).astype(np.float64), tuple(levels[c] for c in present)
