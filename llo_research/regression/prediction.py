"""Predicted means with standard errors, for the people of the survey or for others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import special, stats

from llo_research.errors import DataError
from llo_research.numerics.groups import Floats
from llo_research.options import check_level
from llo_research.regression.model import Model
from llo_research.regression.model_data import ModelData
from llo_research.regression.ordered_model import OrderedModel
from llo_research.regression.prediction_outside import predict_outside
from llo_research.results.exported import is_exported
from llo_research.survey.formulas import matrices, model_frame, new_values
from llo_research.survey.variables import variable

if TYPE_CHECKING:
    from llo_research.regression.fit import Fit
    from llo_research.results.result import Result


def predict(fit: Fit, frame: pd.DataFrame | None, *, level: float) -> pd.DataFrame:
    """See :meth:`Fit.predict`."""
    check_level(level)
    fit._refuse_wild("prediction")
    if is_exported(fit.meta):
        return predict_outside(fit, frame, level)
    pairs = fit._by_draw("predictions")
    if any(isinstance(model, OrderedModel) for model, _ in pairs):
        return _of_levels(fit, frame, level)
    parts = [_of_model(model, part, frame) for model, part in pairs if isinstance(model, Model)]
    etas, variances = (np.array(several) for several in zip(*parts, strict=True))
    m, model = len(parts), fit.models[0]
    assert isinstance(model, Model)
    eta, within = etas.mean(axis=0), variances.mean(axis=0)
    between = etas.var(axis=0, ddof=1) if m > 1 else np.zeros_like(eta)
    error = np.sqrt(np.maximum(within + (1 + 1 / m) * between, 0))
    quantile = stats.t.ppf((1 + level) / 2, float(np.min(fit.df)))
    mean, slope = model.inverse_link(eta)
    ends = [model.inverse_link(eta + sign * quantile * error)[0] for sign in (-1, 1)]
    low, high = np.minimum(*ends), np.maximum(*ends)
    out = {"estimate": mean, "std_error": np.abs(slope) * error, "conf_low": low, "conf_high": high}
    if frame is not None:
        return pd.DataFrame(out, index=frame.index)
    data = model.data
    return pd.DataFrame({k: data.everywhere(v, np.nan) for k, v in out.items()}, index=data.svy._frame.index)


def _of_levels(fit: Fit, frame: pd.DataFrame | None, level: float) -> pd.DataFrame:
    """Probabilities of the levels of an ordered response, one row for each person and level."""
    if len(fit.models) > 1:
        raise DataError("There are no predictions of an ordered model of plausible values.", where="predict")
    model = fit.models[0]
    assert isinstance(model, OrderedModel)
    data, quantile = model.data, stats.t.ppf((1 + level) / 2, float(np.min(fit.df)))
    x = model.x if frame is None else _new_data(data, frame)[0][:, model.kept]
    index = data.svy._frame.index[data.rows] if frame is None else frame.index
    parts = []
    for number, outcome in enumerate(data.levels):
        p, slopes = model.mean(x, None, model.coefficients, number), model.mean_derivative(x, None, number)
        error = np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", slopes, fit.covariance, slopes), 0))
        with np.errstate(divide="ignore", invalid="ignore"):
            centre, half = special.logit(p), quantile * error / (p * (1 - p))
        ends = {"conf_low": special.expit(centre - half), "conf_high": special.expit(centre + half)}
        told = {"level": [outcome] * len(p), "estimate": p, "std_error": error, **ends}
        parts.append(pd.DataFrame(told, index=index).assign(_row=np.arange(len(p)), _level=number))
    return pd.concat(parts).sort_values(["_row", "_level"], kind="stable").drop(columns=["_row", "_level"])


def _of_model(model: Model, part: Result, frame: pd.DataFrame | None) -> tuple[Floats, Floats]:
    """Linear predictors and their variances."""
    data = model.data
    x, offset = (data.x, data.offset) if frame is None else _new_data(data, frame)
    eta = model.linear_predictor(x, offset)
    return eta, np.einsum("ij,jk,ik->i", x, part.covariance, x)


def _new_data(data: ModelData, frame: pd.DataFrame) -> tuple[Floats, Floats | None]:
    """The regressors and the offset of other data, which must be complete."""
    if not isinstance(frame, pd.DataFrame) or len(frame) == 0:
        raise DataError(
            "Predictions are made for the rows of a DataFrame.",
            where="predict(frame)",
            found=f"a {type(frame).__name__}" if not isinstance(frame, pd.DataFrame) else "no rows",
            expected="a pandas DataFrame with the columns of the formula",
        )
    outcome = {data.response}
    needed = [name for name in data.columns if name not in outcome or f"{name}" in _right(data)]
    for name in needed:
        gone = variable(frame, name, "predict(frame)").missing
        if gone.any():
            raise DataError(
                "A regressor is missing.",
                where=f"column {name!r} of the frame, first at row {int(gone.argmax())}",
                found=f"{int(gone.sum())} of {len(frame)} rows",
                todo="predict for rows that are complete",
            )
    everybody = np.ones(len(frame), dtype=bool)
    x = new_values(data.right, model_frame(needed, frame, everybody))
    if data.offset_text is None:
        return x, None
    text = f"`{data.offset_text}`" if data.offset_text in frame.columns else data.offset_text
    return x, matrices(f"~ 0 + {text}", frame, everybody).right.values[:, 0]


def _right(data: ModelData) -> set[str]:
    """Columns of the right-hand side and the offset."""
    return {str(name).strip("`") for name in data.right.spec.required_variables} | set(data.offset_columns)
