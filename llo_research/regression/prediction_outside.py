"""Predictions of a model that left a secure environment: its coefficients, and regressors made of the frame alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import stats

from llo_research.errors import DataError
from llo_research.numerics.families import family_of
from llo_research.numerics.groups import Floats
from llo_research.results.exported import check_covariances, not_outside
from llo_research.survey.formulas import matrices

if TYPE_CHECKING:
    from llo_research.regression.fit import Fit

# functions of one value; others (splines, standardised columns) remember the data they were made of
_OF_ONE_VALUE = {"C", "I", "np.log", "np.exp", "np.sqrt", "np.abs", "log", "exp", "sqrt", "abs"}
_FUNCTION = re.compile(r"([A-Za-z_][\w.]*)\s*\(")
_WRAPPED = re.compile(r"^C\((\w+).*\)$")  # C(year) is the column year
_INSTEAD = "llo.report.export of fit.margins(...), or of contrasts of its coefficients"


def predict_outside(fit: Fit, frame: pd.DataFrame | None, level: float) -> pd.DataFrame:
    """As :meth:`Fit.predict`, of a model of ``llo.glm`` all of whose coefficients left."""
    meta, call = fit.meta, fit.meta.get("call") or {}
    formula = str(meta.get("formula") or "")
    right = formula.split("~", 1)[-1]
    told = call.get("function") == "glm" and frame is not None and not call.get("offset")
    told = told and not fit.draws and np.isfinite(fit.estimate).all()
    if not told or set(_FUNCTION.findall(right)) - _OF_ONE_VALUE:
        raise not_outside(meta, "These predictions", _INSTEAD, "predict")
    assert frame is not None
    x = _regressors(right, frame, meta.get("category_levels") or {}, fit.labels)
    link = family_of(str(meta["family"]), meta.get("link")).link
    check_covariances(meta, fit.covariance, x != 0, "A prediction")
    eta = x @ fit.estimate
    error = np.sqrt(np.maximum(_variances(x, fit.covariance), 0))
    quantile = stats.t.ppf((1 + level) / 2, float(np.min(fit.df)))
    ends = [np.asarray(link.mean(eta + sign * quantile * error)) for sign in (-1, 1)]
    numbers = {"estimate": np.asarray(link.mean(eta)), "std_error": np.abs(np.asarray(link.slope(eta))) * error}
    numbers |= {"conf_low": np.minimum(*ends), "conf_high": np.maximum(*ends)}
    return pd.DataFrame(numbers, index=frame.index)


def _variances(x: Floats, covariance: Floats) -> Floats:
    """(n,) of each prediction; covariances that did not leave are of regressors that no row here has both of."""
    return np.asarray(np.einsum("ij,jk,ik->i", x, np.nan_to_num(covariance), x))


def _regressors(right: str, frame: pd.DataFrame, levels: dict[str, Any], names: tuple[str, ...]) -> Floats:
    """(n, k) the columns of the model for other people; examples of all its levels come first, so that each has one."""
    if not isinstance(frame, pd.DataFrame) or not len(frame):
        raise DataError("Predictions are made for the rows of a DataFrame.", where="predict(frame)", found="no rows")
    known = frame.reset_index(drop=True)
    of_columns = {_WRAPPED.sub(r"\1", factor): list(several) for factor, several in levels.items()}
    for column, several in of_columns.items():
        strange = sorted({str(v) for v in known.get(column, pd.Series(dtype=object))} - {str(v) for v in several})
        if strange:
            raise DataError(
                f"A level of {column!r} is not in the model.",
                where="predict(frame)",
                found=", ".join(strange[:5]),
                expected=", ".join(map(str, several)),
            )
    first = known.iloc[0].to_dict()
    examples = pd.DataFrame([{**first, column: v} for column, several in of_columns.items() for v in several])
    whole = pd.concat([examples, known.astype(object)], ignore_index=True).infer_objects()
    for column, several in of_columns.items():
        whole[column] = pd.Categorical(whole[column], categories=several)
    made = matrices(f"~ {right}", whole, np.ones(len(whole), dtype=bool)).right
    if tuple(made.names) != tuple(names):
        raise DataError(
            "The frame does not give the terms of the model.",
            where="predict(frame)",
            found=", ".join(made.names),
            expected=", ".join(names),
        )
    return np.asarray(made.values[len(examples) :], dtype=np.float64)
