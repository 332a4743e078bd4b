"""Decomposition: a result whose rows are the parts of a gap, with their shares of it and where the groups overlap."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import sparse

from llo_research import __version__
from llo_research.errors import DataError
from llo_research.estimation.result import Result
from llo_research.numerics.groups import Codes, Floats
from llo_research.regression.fit import result_of
from llo_research.results.estimates import Estimates
from llo_research.results.vcov import DESIGN, Vcov

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey

# A gap that is smaller than this, in the outcome's own size, is closed: nothing is a share of it.
CLOSED = 1e-12


@dataclass(frozen=True, repr=False, eq=False)
class Decomposition(Result):
    """The parts of a gap or of its change, one row per component and term; made by the decompositions, not by hand.

    Parameters
    ----------
    whole : (k,) array
        Number of the row that each row is a part of; -1 where it is none.
    outcome : (k,) array
        Size of the outcome, against which a gap is closed or not.
    support : DataFrame, optional
        For each category of the formula: `term`, `level`, people of both groups, their effective numbers, and the
        largest weight as a share of its group's.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"y": [3.0, 5.0, 6.0, 1.0, 2.0, 4.0], "x": [1.0, 2.0, 3.0, 0.0, 1.0, 2.0],
    ...                       "g": ["a", "a", "a", "b", "b", "b"], "w": 1.0})
    >>> parts = llo.decomposition.oaxaca_blinder("y ~ x", llo.Survey(frame, weights="w"), group="g", of="a", minus="b",
    ...                                          reference="minus", detail=False)
    >>> parts.to_frame()[["component", "estimate"]].round(3).values.tolist()[2:]
    [['gap', 2.333], ['explained', 1.5], ['unexplained', 0.833]]
    """

    whole: Codes | None = None
    outcome: Floats | None = None
    support: pd.DataFrame | None = None
    vcov: Vcov = DESIGN
    estimates: Estimates | None = None

    @property
    def share_of_gap(self) -> Floats:
        """(k,) each part as a share of its gap; nan for what is none, and where the gap is closed."""
        return self._shares()[0]

    def to_frame(self) -> pd.DataFrame:
        """The rows with their numbers, unrounded; `share_of_gap` beside the interval."""
        frame = super().to_frame()
        if self.whole is not None:
            frame.insert(list(frame.columns).index("conf_high") + 1, "share_of_gap", self.share_of_gap)
        return frame

    def shares(self) -> Result:
        """The parts as shares of their gap, with standard errors by the delta method or at the replicates.

        Returns
        -------
        Result
            A row for each part; undefined where the gap is closed. A share is a ratio: where the gap is small beside
            its standard error, its interval says little.

        Raises
        ------
        DataError
            A result that was read from a file, or that is no survey's.
        """
        if self.draws:
            from llo_research.estimation.draws import over_draws

            return over_draws([draw.shares() for draw in self.draws], self.meta)
        if self.estimates is None or self.whole is None or self.survey is None:
            raise DataError(
                "This result holds no shares with errors.",
                where="shares()",
                found="a result read from a file, or of aggregates",
                todo="call the decomposition again on the survey; the shares stand in `share_of_gap`",
            )
        value, slopes = self._shares()
        kept = np.flatnonzero(self.whole >= 0)
        replicates = None
        if self.estimates.replicates is not None:
            at = self.estimates.replicates
            with np.errstate(invalid="ignore", divide="ignore"):
                replicates = np.where(np.isnan(value), np.nan, at / at[:, self.whole])[:, kept]
        uses = np.zeros((len(kept), len(value)), dtype=bool)
        uses[np.arange(len(kept)), kept] = uses[np.arange(len(kept)), self.whole[kept]] = True
        estimates = self.estimates.mapped(value[kept], slopes[kept], replicates=replicates, uses=uses)
        rows = self.rows.iloc[kept].reset_index(drop=True).assign(measure="share_of_gap")
        labels = tuple(self.labels[i] for i in kept)
        n = np.full(len(kept), np.nan) if self.n is None else self.n[kept]
        cells = None if self.cell_details is None else self.cell_details().iloc[kept].reset_index(drop=True)
        return result_of(estimates, rows, labels, self.survey, self.vcov, self.meta, level=self.level, n=n, cells=cells)

    def _shares(self) -> tuple[Floats, sparse.csr_array]:
        """(k,) shares and their slopes (k, k)."""
        assert self.whole is not None
        k = len(self.estimate)
        gap = self.estimate[self.whole]
        size = np.abs(gap) if self.outcome is None else self.outcome
        defined = (self.whole >= 0) & (np.abs(gap) > CLOSED * size) & np.isfinite(self.estimate)
        safe = np.where(defined, gap, 1.0)
        value = np.where(defined, self.estimate / safe, np.nan)
        rows = np.flatnonzero(defined)
        own = np.where(defined, 1 / safe, 0.0)[rows]
        through = -(value / safe)[rows]
        entries = (np.concatenate([own, through]), (np.tile(rows, 2), np.concatenate([rows, self.whole[rows]])))
        return value, sparse.coo_array(entries, shape=(k, k)).tocsr()


def decomposition_of(
    estimates: Estimates,
    rows: pd.DataFrame,
    svy: Survey,
    vcov: Vcov,
    meta: dict[str, Any],
    *,
    level: float,
    n: Floats,
    cells: pd.DataFrame | None = None,
    by: list[str],
    flags: tuple[str, ...] = (),
    **parts: Any,
) -> Decomposition:
    """Estimates of the parts as a Decomposition: the one place in which decompositions become results."""
    made = result_of(estimates, rows, labels_of(rows, by), svy, vcov, meta, level=level, n=n, cells=cells)
    own = {item.name: getattr(made, item.name) for item in fields(Result)}
    if flags:
        own["extra_flags"] = flags
    return Decomposition(**own, vcov=vcov, estimates=estimates, **parts)


def of_aggregates(rows: pd.DataFrame, value: Floats, meta: dict[str, Any]) -> Result:
    """Parts of published figures: numbers without a survey behind them, hence without standard errors."""
    k = len(value)
    unknown = np.full((k, k), np.nan)
    return Result(
        rows=rows,
        estimate=value,
        covariance=unknown,
        df=np.full(k, np.nan),
        meta={"version": __version__, "source": {}, "by": [], "left_out": {}, **meta},
        labels=labels_of(rows, []),
    )


def labels_of(rows: pd.DataFrame, by: list[str]) -> tuple[str, ...]:
    """``component``, ``component:term`` where it is not the total, and the levels of `by`."""
    out = []
    for _, row in rows.iterrows():
        component = [str(row["component"])] if "component" in rows else []
        term = [str(row["term"])] if "term" in rows and (row["term"] != "total" or not component) else []
        out.append(":".join([*component, *term, *(str(row[name]) for name in by)]))
    if len(set(out)) == len(out):
        return tuple(out)
    names = [*(name for name in ("component", "term", "of", "minus") if name in rows), *by]
    return tuple(":".join(f"{name}={row[name]}" for name in names) for _, row in rows.iterrows())
