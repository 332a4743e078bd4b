"""A fitted model as the reference of a decomposition: coefficients, scores and replicates in the formula's order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from llo_research.errors import DataError
from llo_research.numerics.families import Family
from llo_research.numerics.groups import Floats
from llo_research.regression.model_data import ModelData


@dataclass(frozen=True, eq=False)
class Fitted:
    """Coefficients (q,) with their scores (n, q) and values at the replicates (R, q) or None."""

    coefficients: Floats
    scores: Floats
    replicates: Floats | None


def fitted_reference(fit: Any, data: ModelData, family: Family) -> Fitted:
    """The coefficients of a fit of the same survey, for the columns of a formula.

    Raises
    ------
    DataError
        Other terms, another family or survey, or a fit that was read from a file.
    """
    call = fit.meta.get("call") or {}
    own = (call.get("family", family.name), call.get("link", family.link.name))
    if own != (family.name, family.link.name):
        raise DataError(
            "The fitted model is of another family.",
            where="reference, family",
            found=f"{own[0]} with link {own[1]}",
            expected=f"{family.name} with link {family.link.name}",
            todo="fit the model with the family of the decomposition",
        )
    terms = list(fit.rows["term"]) if "term" in fit.rows else []
    absent = [name for name in data.names if name not in terms]
    if absent:
        raise DataError(
            "The fitted model lacks terms of the formula.",
            where="reference",
            found=", ".join(map(str, terms[:12])),
            expected=", ".join(data.names[:12]),
            todo="fit the same right-hand side, with further terms if you like",
        )
    other = fit.design is None or fit.design.facts() != data.svy.design.facts()
    if fit.scores is None or len(fit.scores.weights) != len(data.svy) or other:
        raise DataError(
            "The fitted model is not one of this survey.",
            where="reference",
            found="a result read from a file" if fit.scores is None else f"a fit of {len(fit.scores.weights)} rows",
            expected=f"a fit of the same survey of {len(data.svy)} rows, restricted as you like with svy.where(...)",
            todo="fit it again on this survey; a number from 0 to 1 or 'of' and 'minus' need no model",
        )
    rows = np.array([terms.index(name) for name in data.names])
    replicates = None if fit.replicates is None else fit.replicates[:, rows]
    return Fitted(fit.estimate[rows], fit.scores.only(rows).dense(), replicates)
