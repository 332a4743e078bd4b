"""Marginal effects and predictive margins: weighted means of slopes, differences and predictions of a model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from llo_research.design.scores import Block, Scores, stacked
from llo_research.errors import DataError
from llo_research.estimation.target import Cells, make_cells
from llo_research.numerics.groups import Codes, Floats, group_sums
from llo_research.options import check_switch, names_of, nearest
from llo_research.regression.covariances import inference_of
from llo_research.regression.model import over_replicates
from llo_research.regression.model_data import Distinct
from llo_research.regression.ordered_model import AnyModel
from llo_research.regression.slopes import design_slopes
from llo_research.results.columns import RESERVED, row_labels
from llo_research.results.draws import over_draws
from llo_research.results.estimates import Estimates
from llo_research.results.facts import Known
from llo_research.results.making import result_of
from llo_research.results.quantities import Quantity
from llo_research.results.result import Result
from llo_research.survey.alike import Alike
from llo_research.survey.formulas import categories_of, model_frame, new_values
from llo_research.survey.variables import spelled, variable

if TYPE_CHECKING:
    from llo_research.regression.fit import Fit

PREDICTION = "prediction"


@dataclass(frozen=True, eq=False)
class Effect:
    """One h whose mean is taken: a prediction, a difference of two, or a slope, of m rows that differ.

    rows : what identifies it (`at` columns, `term`, `of`, `minus`, `level`).
    x : (m, p) regressors. other : regressors of the prediction taken off. slope : derivatives of the regressors.
    outcome : number of the level of an ordered response. people : rows in each of the two levels.
    held : columns that `at` fixes.
    """

    rows: dict[str, Any]
    x: Floats
    other: Floats | None = None
    slope: Floats | None = None
    outcome: int = 0
    people: tuple[int, int] | None = None
    held: tuple[str, ...] = ()

    def value(self, model: AnyModel, theta: Floats) -> Floats:
        """(m,) or (m, R) of coefficients (k,) or (k, R)."""
        offset = model.data.offset
        if self.slope is not None:
            return model.slope(self.x, self.slope, offset, theta, self.outcome)
        out = model.mean(self.x, offset, theta, self.outcome)
        return out if self.other is None else out - model.mean(self.other, offset, theta, self.outcome)

    def quantity(self, model: AnyModel) -> Quantity:
        """What kind of number its mean is."""
        share = model.share
        if self.slope is None and self.other is None:
            return Quantity("share", "percent") if share else Quantity("mean")
        return Quantity("effect", "points" if share else "number", 0.0)

    def derivative(self, model: AnyModel) -> Floats:
        """(m, k) in the coefficients."""
        offset = model.data.offset
        if self.slope is not None:
            return model.slope_derivative(self.x, self.slope, offset, self.outcome)
        out = model.mean_derivative(self.x, offset, self.outcome)
        return out if self.other is None else out - model.mean_derivative(self.other, offset, self.outcome)

    def along(self, model: AnyModel) -> Floats:
        """(m,) in the linear predictor."""
        offset = model.data.offset
        if self.slope is not None:
            return model.slope_along(self.x, self.slope, offset, self.outcome)
        out = model.mean_along(self.x, offset, self.outcome)
        return out if self.other is None else out - model.mean_along(self.other, offset, self.outcome)

    def at_weights(self, model: AnyModel, weights: Floats) -> Effect:
        """The same where regressors were made with other weights (m,)."""
        x = model.regressors_at(self.x, weights, self.held)
        other = None if self.other is None else model.regressors_at(self.other, weights, self.held)
        return replace(self, x=x, other=other)


def margins(
    fit: Fit,
    variables: str | Sequence[str] | None,
    *,
    at: Mapping[str, Any] | None,
    by: str | Sequence[str] | None,
    fixed: bool,
) -> Result:
    """See :meth:`Fit.margins`; of plausible values the margins of each draw, combined."""
    fit._refuse_wild("margins")
    check_switch(fixed, "fixed")
    names = [] if variables is None or list(variables) == [] else names_of(variables, "variables")
    by_names = [] if by is None else names_of(by, "by")
    parts = [_of_model(fit, model, names, dict(at or {}), by_names, fixed) for model, _ in fit._by_draw("margins")]
    return parts[0] if len(parts) == 1 else Result(**over_draws(parts, {**parts[0].meta, **_imputed(fit.meta)}))


def _imputed(meta: Mapping[str, Any]) -> dict[str, Any]:
    """What a fit says of its plausible values."""
    return {name: meta[name] for name in ("plausible_values",) if name in meta}


def _of_model(fit: Fit, model: AnyModel, names: list[str], at: dict[str, Any], by: list[str], fixed: bool) -> Result:
    """The margins of one model."""
    clash = [name for name in [*by, *at] if name in RESERVED]
    if clash:
        raise DataError(f"A result has a column {clash[0]!r} of its own.", where=f"by={by}, at={at}")
    cells = make_cells(model.data.svy, by)
    codes = np.where(model.data.codes == 0, cells.codes, cells.number)
    present = np.bincount(codes, minlength=cells.number + 1)[: cells.number] > 0
    renumber = np.append(np.where(present, np.cumsum(present) - 1, present.sum()), present.sum())
    codes, keys = renumber[codes].astype(np.intp), cells.keys[present].reset_index(drop=True)
    data, own = model.data, codes[model.data.rows]
    # regressors that other rows make take all of them
    few = Distinct.of(data, Alike(len(own)) if model.weighted_regressors else data.alike.with_codes(own, len(keys)))
    effects = list(_effects(model, few, names, at))
    estimates = _estimates(model, few, effects, codes, len(keys), fixed)
    rows = _rows(effects, Cells(codes, keys, {}, 0), by)
    labels = row_labels(rows, [*by, *at])
    call = {"function": "margins", "variables": names, "at": at or None, "by": by, "fixed": fixed}
    meta = {**fit.meta, "call": {**call, "of": fit.meta["call"]}, "by": by}
    design = model.data.svy.design
    counts = design.rows_of_cells(codes, len(keys))
    n = np.repeat(counts, len(effects))
    inference, flags = inference_of(estimates, design, fit.vcov)
    return result_of(
        rows,
        estimates,
        design,
        inference=inference,
        quantity=[effect.quantity(model) for effect in effects] * len(keys),
        labels=labels,
        n=n,
        meta=meta,
        level=fit.level,
        extra_flags=flags,
        cell_details=None if design.stands is not None else Known(_counts(effects, n, len(keys))),
    )


def _estimates(
    model: AnyModel, few: Distinct, effects: list[Effect], codes: Codes, number: int, fixed: bool
) -> Estimates:
    """Coefficients beside the means of h, mapped by [J, I]; with `fixed` by J."""
    data, e, k = model.data, len(effects), len(model.coefficients)
    own, w = codes[few.rows], few.weights
    totals = group_sums(own, w, number)
    value, jacobian = np.empty((number, e)), np.empty((number, e, k))
    spread = None if fixed else np.zeros((len(own), e))
    for j, effect in enumerate(effects):
        h = effect.value(model, model.coefficients)
        value[:, j] = group_sums(own, w * h, number) / totals
        jacobian[:, j] = group_sums(own, w[:, None] * effect.derivative(model), number) / totals[:, None]
        if spread is not None:
            centre, size = np.append(value[:, j], 0.0), np.append(totals, 1.0)
            spread[:, j] = w * (h - centre[own]) / size[own]
    flat = jacobian.reshape(number * e, k)
    replicates = _at_replicates(model, few, effects, own, number, fixed)
    base, zeros = model.estimates(), np.zeros(number * e)
    if spread is None:
        uses = np.ones(flat.shape, dtype=bool)
        return base.mapped(value.ravel(), flat, replicates=replicates, uses=uses, taken=zeros)
    assert base.scores is not None
    scores = few.alike.scores(spread, data.weights, data.rows, len(codes))
    means = Scores((Block(codes, scores, number),), data.all_weights)
    identity, size = np.eye(number * e), np.abs(value.ravel())
    parts, sizes, jacobians = [base.scores, means], [base.magnitude, size], [flat, identity]
    moved = _through_regressors(model, effects, own, totals)
    if moved is not None:
        parts.append(Scores((Block(data.codes, data.everywhere(moved), 1),), data.all_weights))
        sizes.append(size)
        jacobians.append(identity)
    values = np.concatenate([base.value, *[value.ravel()] * (len(parts) - 1)])
    both = Estimates(values, stacked(parts), None, {}, np.concatenate(sizes))
    uses = np.hstack([np.ones(flat.shape, dtype=bool), *[identity != 0] * (len(parts) - 1)])
    return both.mapped(value.ravel(), np.hstack(jacobians), replicates=replicates, uses=uses, taken=zeros)


def _through_regressors(model: AnyModel, effects: list[Effect], own: Codes, totals: Floats) -> Floats | None:
    """(m, number * effects) influence of the means of h through regressors that move with the weights."""
    if not model.weighted_regressors:
        return None
    inside = (own[:, None] == np.arange(len(totals))) * (model.data.weights[:, None] / totals)
    parts = [model.through_regressors(inside * effect.along(model)[:, None], effect.held) for effect in effects]
    return np.stack(parts, axis=2).reshape(len(own), -1)


def _at_replicates(
    model: AnyModel, few: Distinct, effects: list[Effect], own: Codes, number: int, fixed: bool
) -> Floats | None:
    """(R, number * effects) means of h at the coefficients of each replicate, and at its weights unless `fixed`."""
    if model.replicates is None:
        return None
    done, again = 0, not fixed and model.regressors_move

    def value(effect: Effect, theta: Floats, weights: Floats) -> Floats:
        if not again:
            return effect.value(model, theta)
        each = [effect.at_weights(model, own).value(model, at) for own, at in zip(weights.T, theta.T, strict=True)]
        return np.stack(each, axis=1)

    def means(weights: Floats) -> Floats:
        nonlocal done
        count = weights.shape[1]
        theta = model.replicates[done : done + count].T  # type: ignore[index]  # None was returned above
        done += count
        w = np.repeat(few.weights[:, None], count, axis=1) if fixed else few.alike.summed(weights)
        totals = group_sums(own, w, number)
        out = [group_sums(own, w * value(effect, theta, weights), number) / totals for effect in effects]
        return np.stack(out, axis=1).reshape(number * len(effects), count).T

    return over_replicates(model.data, means)


def _effects(model: AnyModel, few: Distinct, names: list[str], at: dict[str, Any]) -> Iterator[Effect]:
    """What the call asks for, value by value of `at`."""
    data = model.data
    mask = np.zeros(len(data.svy), dtype=bool)
    mask[few.rows] = True
    frame = model_frame(data.columns, data.svy._frame, mask)
    names = [_in_model(model, name) for name in names]
    levels = {_in_model(model, name): value for name, value in at.items()}
    choices = [_values(model, name, value) for name, value in levels.items()]
    for values in product(*choices):
        held = dict(zip(levels, values, strict=True))
        scene = frame.assign(**{name: _constant(frame, name, value) for name, value in held.items()})
        for effect in _of_scene(model, scene, names, held):
            for number, level in enumerate(model.outcomes):
                told = {**effect.rows} if level is None else {**effect.rows, "level": level}
                yield replace(effect, rows=told, outcome=number, held=tuple(held))


def _of_scene(model: AnyModel, frame: pd.DataFrame, names: list[str], held: dict[str, Any]) -> Iterator[Effect]:
    """The effects of the variables where some columns are held fixed."""
    right = model.data.right
    told = dict(held)
    if not names:
        yield Effect({**told, "term": PREDICTION}, _columns(model, frame))
    for name in names:
        if not _is_category(model, name):
            seen = model.data.svy._frame[name].to_numpy(dtype=np.float64, na_value=np.nan)[model.data.rows]
            slope = design_slopes(right, frame, name, (float(seen.min()), float(seen.max())))[:, model.kept]
            yield Effect({**told, "term": name}, _columns(model, frame), slope=slope)
        elif name in held:
            yield Effect({**told, "term": PREDICTION}, _columns(model, frame))
        else:
            base, others = _levels(model, frame, name)
            x0 = _columns(model, frame.assign(**{name: _constant(frame, name, base)}))
            there = _how_many(model, name, base)
            for level in others:
                x1 = _columns(model, frame.assign(**{name: _constant(frame, name, level)}))
                people = (_how_many(model, name, level), there)
                yield Effect({**told, "term": name, "of": level, "minus": base}, x1, other=x0, people=people)


def _columns(model: AnyModel, frame: pd.DataFrame) -> Floats:
    """The regressors of other data."""
    return new_values(model.data.right, frame)[:, model.kept]


def _in_model(model: AnyModel, name: str) -> str:
    """The column that a name stands for, which the formula must hold; ``C(year)`` counts as its column."""
    data = model.data
    factors = {factor: column for column, (factor, _) in categories_of(data.right).items()}
    found = factors.get(name, spelled(data.svy._frame, name))
    inside = {str(v).strip("`") for v in data.right.spec.required_variables} | set(factors.values())
    inside |= {column for column in data.columns if f"`{column}`" in data.formula.split("~", 1)[1]}
    if found not in inside or found not in data.columns:
        raise DataError(
            f"The model has no regressor {name!r}.",
            where="margins",
            found=f"{name!r}{nearest(name, sorted(inside))}",
            expected=", ".join(sorted(inside)),
            todo="name columns of the data that the formula speaks of, not its terms",
        )
    if data.offset_text is not None and found in data.offset_columns:
        raise DataError(
            f"{found!r} makes the offset: its effect is not a coefficient's.",
            where="margins",
            expected="columns that the offset does not speak of",
            todo="leave it out of variables= and at=",
        )
    return found


def _is_category(model: AnyModel, name: str) -> bool:
    """Whether the formula takes a column as levels: a category, a boolean, or a number in C() only."""
    data = model.data
    found = variable(data.svy._frame, name, "margins")
    spec = data.right.spec
    owners = [
        factor
        for factor, variables in spec.factor_variables.items()
        if any(str(one).strip("`") == name and str(next(iter(one.roles)).value) == "value" for one in variables)
    ]
    kinds = {str(spec.encoder_state[factor.expr][0].value) for factor in owners if factor.expr in spec.encoder_state}
    if found.kind == "number" and len(kinds) > 1:
        raise DataError(
            f"{name!r} is a number in one term and a category in another.",
            where="margins",
            expected="one of the two",
            todo="put a second column into the survey with svy.assign for the categories",
        )
    return found.kind != "number" or kinds == {"categorical"}


def _levels(model: AnyModel, frame: pd.DataFrame, name: str) -> tuple[Any, list[Any]]:
    """The base of a category and its other levels, among the people used."""
    right, known = model.data.right, categories_of(model.data.right)
    if name in known:
        factor, levels = known[name]
        base = right.base.get(factor, levels[0])
    elif isinstance(frame[name].dtype, pd.CategoricalDtype):
        levels = list(frame[name].cat.categories)
        base = levels[0]
    else:
        levels, base = [False, True], False
    return base, [level for level in levels if level != base]


def _how_many(model: AnyModel, name: str, level: Any) -> int:
    """Rows used that have this level."""
    return int((model.data.svy._frame[name].iloc[model.data.rows] == level).sum())


def _values(model: AnyModel, name: str, given: Any) -> list[Any]:
    """The values at which a column is held, as the data write them."""
    values = list(given) if isinstance(given, list | tuple | np.ndarray | pd.Index | range) else [given]
    data = model.data
    found = variable(data.svy._frame, name, "at", data.svy.labels)
    if not _is_category(model, name):
        wrong = [v for v in values if isinstance(v, str | bool) or not np.isfinite(v)]
        if wrong:
            raise DataError(
                f"{name!r} is a number.",
                where=f"at={{{name!r}: ...}}",
                found=repr(wrong[0]),
                expected="a finite number",
            )
        return [float(v) for v in values]
    levels = found.levels
    return [levels[found.level_number(value, f"at={{{name!r}: ...}}")] for value in values]


def _constant(frame: pd.DataFrame, name: str, value: Any) -> Any:
    """A column that is the same for everybody, of the kind that the column is."""
    kind = frame[name].dtype
    if isinstance(kind, pd.CategoricalDtype):
        if value not in kind.categories:
            raise DataError(
                "Nobody that the model rests on has this level.",
                where=f"column {name!r}",
                found=repr(value),
                expected=", ".join(repr(level) for level in kind.categories),
                todo="choose a level that the model has a coefficient for",
            )
        return pd.Categorical([value] * len(frame), categories=kind.categories)
    number = float(value)
    return np.full(len(frame), int(number) if pd.api.types.is_integer_dtype(kind) and number.is_integer() else number)


def _rows(effects: list[Effect], cells: Cells, by: list[str]) -> pd.DataFrame:
    """Identifying columns: cells outside, effects inside."""
    told = pd.DataFrame([effect.rows for effect in effects])
    told = told.astype({name: object for name in ("of", "minus", "level") if name in told})
    if not by:
        return told
    keys = cells.keys.iloc[np.repeat(np.arange(len(cells.keys)), len(told))].reset_index(drop=True)
    return pd.concat([keys, pd.concat([told] * len(cells.keys), ignore_index=True)], axis=1)


def _counts(effects: list[Effect], n: Floats, number: int) -> pd.DataFrame:
    """Counts for disclosure control."""
    inside = np.array([np.inf if effect.people is None else effect.people[0] for effect in effects] * number)
    outside = np.array([np.inf if effect.people is None else effect.people[1] for effect in effects] * number)
    told = {"n": n, "n_units": n, "n_nonzero": np.minimum(n, inside), "n_complement": np.minimum(n, outside)}
    return pd.DataFrame(told).assign(largest_share=0.0)
