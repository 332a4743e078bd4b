"""Estimates of a model as a Result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from llo_research.estimation.result import Result
from llo_research.numerics.groups import Floats
from llo_research.results.estimates import Estimates
from llo_research.results.inference import infer
from llo_research.results.vcov import Vcov

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey


def result_of(
    estimates: Estimates,
    rows: pd.DataFrame,
    labels: tuple[str, ...],
    svy: Survey,
    vcov: Vcov,
    meta: dict[str, Any],
    *,
    level: float,
    n: Floats,
    cells: pd.DataFrame | None = None,
) -> Result:
    """Estimates of a model as a Result."""
    inference = infer(estimates, svy.design, vcov)
    return Result(
        rows=rows,
        estimate=estimates.value,
        covariance=inference.covariance,
        df=inference.df,
        meta={**meta, **inference.facts},
        labels=labels,
        level=level,
        tested=True,
        n=n,
        cell_details=None if cells is None else cells.copy,
        scores=estimates.scores,
        replicates=estimates.replicates,
        survey=svy,
        scale=lambda: estimates.magnitude,
    )
