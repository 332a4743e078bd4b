"""Decomposition: a result whose rows are the parts of a gap, with their shares of it and where the groups overlap."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from llo_research.design.design import Design
from llo_research.errors import DataError
from llo_research.numerics.groups import Codes, Floats
from llo_research.results.breaks import flagged
from llo_research.results.draws import over_draws
from llo_research.results.estimates import Estimates
from llo_research.results.exported import is_exported, not_outside
from llo_research.results.facts import Known, picked
from llo_research.results.inference import Inference
from llo_research.results.making import result_of
from llo_research.results.quantities import Quantity
from llo_research.results.result import Result
from llo_research.results.vcov import DESIGN, Vcov

# A gap that is smaller than this, in the outcome's own size, is closed: nothing is a share of it.
CLOSED = 1e-12
_UNSTABLE = "unstable_share"
# means of a group, as it is and as it would be
_MEANS = ("mean_of", "mean_minus", "counterfactual", "counterfactual_of", "counterfactual_minus")
# What a table of the support says of its source.
_TOLD = ("source", "synthetic", "labels", "spoken", "call", "weight", "weight_kind")


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
        largest weight as a share of its group's. None in a result that was exported: these are counts of people.

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

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.support is not None:
            self.support.attrs = {"part": "support", **{key: self.meta[key] for key in _TOLD if key in self.meta}}

    @property
    def share_of_gap(self) -> Floats:
        """(k,) each part as a share of its gap; nan for what is none, and where the gap is closed."""
        return self._shares()[0]

    @cached_property
    def flags(self) -> list[str]:
        """Statistical warnings of each row; ``unstable_share`` where the interval of its gap holds 0."""
        words = [[word for word in flag.split() if word != _UNSTABLE] for flag in super().flags]
        return list(flagged(tuple(map(" ".join, words)), self._unstable, _UNSTABLE))

    @property
    def _unstable(self) -> np.ndarray:
        """(k,) parts of a gap that is not told from 0 at this level."""
        if self.whole is None:
            return np.zeros(len(self.estimate), dtype=bool)
        low, high = (end[self.whole] for end in self.ends)
        part = (self.whole >= 0) & (self.whole != np.arange(len(self.whole)))
        return np.asarray(part & (low <= 0) & (high >= 0) & np.isfinite(self.share_of_gap))

    def summary(self) -> str:
        """The result as text; of effects with what must be assumed."""
        called, _, rest = super().summary().partition("\n")
        return "\n".join([called, *([str(self.meta["assumes"])] if self.meta.get("assumes") else []), rest])

    def _repr_html_(self) -> str:
        said = self.meta.get("assumes")
        return super()._repr_html_() + (f"<p>{escape(str(said))}</p>" if said else "")

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
            A row for each part; undefined where the gap is closed. A share is a ratio: where the interval of the gap
            holds 0, an exact interval of it (Fieller's [1]_) is unbounded, so that the one given here says little.
            Such rows are flagged ``unstable_share``, here and in the decomposition.

        Raises
        ------
        DataError
            A result that was read from a file, or that is no survey's.

        References
        ----------
        .. [1] Fieller, E. C. (1954). Some problems in interval estimation. Journal of the Royal Statistical Society B,
           16, 175-185.
        """
        if self.draws:
            parts = [_of_kind(draw, self)._ratios() for draw in self.draws]
            made = Result(**over_draws(parts, self.meta))
        else:
            made = self._ratios()
        hit = self._unstable[self.whole >= 0] if self.whole is not None else np.zeros(len(made.estimate), dtype=bool)
        return replace(made, extra_flags=flagged(made.extra_flags or ("",) * len(hit), hit, _UNSTABLE))

    def _ratios(self) -> Result:
        """The shares of one set of estimates."""
        if is_exported(self.meta):
            raise not_outside(self.meta, "Shares with errors", "result.shares(), exported beside the parts", "shares()")
        if self.whole is None or self.design is None or self.scores is None:
            raise DataError(
                "This result holds no shares with errors.",
                where="shares()",
                found="a result read from a file, or of aggregates",
                todo="call the decomposition again on the survey; the shares stand in `share_of_gap`",
            )
        value, slopes = self._shares()
        kept = np.flatnonzero(self.whole >= 0)
        replicates = None
        if self.replicates is not None:
            with np.errstate(invalid="ignore", divide="ignore"):
                at = self.replicates / self.replicates[:, self.whole]
            replicates = np.where(np.isnan(value), np.nan, at)[:, kept]
        uses = np.zeros((len(kept), len(value)), dtype=bool)
        uses[np.arange(len(kept)), kept] = uses[np.arange(len(kept)), self.whole[kept]] = True
        estimates = self.estimates.mapped(value[kept], slopes[kept], replicates=replicates, uses=uses)
        return result_of(
            self.rows.iloc[kept].reset_index(drop=True).assign(measure="share_of_gap"),
            estimates,
            self.design,
            vcov=self.inference.vcov,
            quantity=Quantity("share_of_gap", "percent"),
            labels=[self.labels[i] for i in kept],
            n=None if self.n is None else self.n[kept],
            meta={**self.meta, "shares": True},
            level=self.level,
            cell_details=picked(self.cell_details, kept),
        )

    def kept(self) -> dict[str, Any]:
        """What a file keeps beyond the fields of all."""
        support = None if self.support is None else self.support.astype(object).where(self.support.notna(), None)
        return {
            "whole": None if self.whole is None else self.whole.tolist(),
            "outcome": None if self.outcome is None else self.outcome.tolist(),
            "support": None if support is None else {name: support[name].tolist() for name in support.columns},
        }

    @classmethod
    def restored(
        cls, result: Result, own: Mapping[str, Any], rebuilt: Callable[[dict[str, Any]], Result]
    ) -> Decomposition:
        """A decomposition from the fields of all and what `kept` told."""
        return cls(
            **result.as_fields(),
            whole=None if own["whole"] is None else np.array(own["whole"], dtype=np.intp),
            outcome=None if own["outcome"] is None else np.array(own["outcome"], dtype=np.float64),
            support=None if own["support"] is None else pd.DataFrame(own["support"]),
        )

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
    design: Design,
    meta: dict[str, Any],
    *,
    unit: str,
    level: float,
    n: Floats,
    cells: pd.DataFrame,
    by: list[str],
    vcov: Vcov = DESIGN,
    flags: tuple[str, ...] = (),
    **parts: Any,
) -> Decomposition:
    """Estimates of the parts as a Decomposition: the one place in which decompositions become results.

    unit : ``share`` where the outcome is one, else ``number``. parts : `whole`, `outcome`, `support`.
    """
    made = result_of(
        rows,
        estimates,
        design,
        vcov=vcov,
        quantity=[quantity_of(str(one), unit) for one in (rows["component"] if "component" in rows else rows["term"])],
        by=by,
        labels=labels_of(rows, by),
        n=n,
        meta=meta,
        level=level,
        cell_details=Known(cells),
        extra_flags=flags,
    )
    return Decomposition(**made.as_fields(), **parts)


def quantity_of(component: str, unit: str) -> Quantity:
    """What kind of number a part is."""
    if component in _MEANS:
        return Quantity("share", "percent", 0.0) if unit == "share" else Quantity("mean", "number", 0.0)
    kind = {"gap": "difference", "change": "change", "gap_change": "gap_change"}.get(component, "part")
    return Quantity(kind, "points" if unit == "share" else "number", 0.0)


def _of_kind(draw: Result, whole: Decomposition) -> Decomposition:
    """One draw of plausible values as a decomposition."""
    if isinstance(draw, Decomposition):
        return draw
    return Decomposition(**draw.as_fields(), whole=whole.whole, outcome=whole.outcome)


def of_aggregates(rows: pd.DataFrame, value: Floats, meta: dict[str, Any], **further: Any) -> Result:
    """Parts of published figures: numbers without a survey behind them, hence without standard errors.

    further : `columns` and `extra_flags` of the result.
    """
    k = len(value)
    unknown = np.full((k, k), np.nan)
    return result_of(
        rows,
        Estimates(value),
        None,
        inference=Inference(unknown, unknown.copy(), np.full(k, np.nan)),
        quantity=Quantity("part", "number"),
        labels=labels_of(rows, []),
        meta={"source": {}, "by": [], "left_out": {}, "base_levels": {}, **meta},
        **further,
    )


def labels_of(rows: pd.DataFrame, by: list[str]) -> tuple[str, ...]:
    """``component``, ``component:term`` where it is not the total, and the levels of `by`."""
    out, records = [], rows.to_dict("records")
    for row in records:
        component = [str(row["component"])] if "component" in rows else []
        term = [str(row["term"])] if "term" in rows and (row["term"] != "total" or not component) else []
        out.append(":".join([*component, *term, *(str(row[name]) for name in by)]))
    if len(set(out)) == len(out):
        return tuple(out)
    names = [*(name for name in ("component", "term", "of", "minus") if name in rows), *by]
    return tuple(":".join(f"{name}={row[name]}" for name in names) for row in records)
