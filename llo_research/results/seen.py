"""A result as it may be looked at: what is worked out over several rows is worked out over those that are shown.

A critical value that holds for all rows together, and p-values adjusted for their number, depend on every row: on the
covariances, the degrees of freedom and the p-values of those that are withheld. Shown beside the others they would
tell of them. A family of claims is what is claimed, so that the rows shown are theirs (docs/decisions/0009).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from llo_research.results import claims
from llo_research.results.floors import Withheld, blanked

if TYPE_CHECKING:
    from llo_research.results.result import Result


def seen(result: Result, hidden: Withheld | None) -> Result:
    """The result with nothing known of withheld rows, nor of the errors of those that are shown without interval."""
    if hidden is None or not hidden:
        return result
    gone = hidden.rows | hidden.ends
    unknown = gone[:, None] | gone[None, :]
    covariance, sampling = (np.where(unknown, np.nan, part) for part in (result.covariance, result.inference.sampling))
    out = replace(
        result,
        estimates=replace(result.estimates, value=np.where(hidden.rows, np.nan, result.estimate)),
        inference=replace(result.inference, covariance=covariance, sampling=sampling),
    )
    if "p_adjusted" in out.columns:
        out = replace(out, **claims.with_adjusted(out, out.meta["p_adjusted"], out.meta.get("p_adjusted_seed")))
    return out


def frame_to_show(result: Result, hidden: Withheld | None) -> pd.DataFrame:
    """The tidy frame of a result without the numbers and flags that may not be seen."""
    if hidden is None or not hidden:
        return result.to_frame()
    frame = blanked(seen(result, hidden).to_frame().assign(flag=result.flags), hidden)
    if "difference" in frame and "p_adjusted" in frame:  # of a table book: tests of differences, not of its rows
        frame["p_adjusted"] = claims.adjusted(frame["p_value"].to_numpy(np.float64), result.meta["p_adjusted"])
    return frame
