"""Ranks of estimates, with intervals that hold for all of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from llo_research.errors import DataError
from llo_research.estimation.row_blocks import blocks, identifier, known_rows
from llo_research.numerics.groups import Floats
from llo_research.options import check_level
from llo_research.results import floors
from llo_research.results.columns import rounded
from llo_research.results.exported import check_covariances
from llo_research.results.receipts.made_of import MadeOf
from llo_research.results.result import Result
from llo_research.results.retold import RetoldAround
from llo_research.results.rules import AUTO
from llo_research.results.seen import seen
from llo_research.results.simultaneous import critical_values
from llo_research.survey.construct import as_names

# The differences of 40 estimates: 780 columns of the integral are 200 MB.
_MOST = 40


@dataclass(frozen=True, eq=False, repr=False)
class Ranks(RetoldAround):
    """Ranks with joint intervals; made by :func:`ranks`.

    result : what was ranked. level : of the joint intervals.
    rank, rank_low, rank_high : (k,) 1 is the largest estimate; nan where a row has no estimate or no standard error.
    critical : the value that a difference divided by its standard error must exceed to count; the largest of blocks.
    among : (k,) how many rows have a rank in the row's block.
    by : the identifiers within which was ranked. kept : (k,) the rows that are shown.
    """

    result: Result
    level: float
    rank: Floats
    rank_low: Floats
    rank_high: Floats
    critical: float
    among: Floats
    by: tuple[str, ...]
    kept: np.ndarray

    @property
    def meta(self) -> dict[str, Any]:
        """That of the result."""
        return self.result.meta

    def _made_of(self) -> MadeOf:
        given = [f"level={self.level!r}"] if self.level != self.result.level else []
        given += [f"by={list(self.by)!r}"] if self.by else []
        asked = {"by": self.by, "level": self.level}
        return MadeOf("ranks", f"llo.ranks({', '.join(['{}', *given])})", asked, self.result)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the rows that are shown."""
        return tuple(label for label, kept in zip(self.result.labels, self.kept, strict=True) if kept)

    def withheld(self, disclosure: str = AUTO) -> floors.Withheld | None:
        """The rows that may not be seen; None where all may."""
        return floors.withheld(self.result, disclosure)

    def seen(self, disclosure: str = AUTO) -> Ranks:
        """The ranks among the rows that may be seen: others would tell where the hidden ones lie."""
        hidden = self.withheld(disclosure)
        if not hidden:
            return self
        return replace(ranks(seen(self.result, hidden), level=self.level, by=self.by or None), kept=self.kept)

    def of(self, **identifiers: Any) -> Ranks:
        """The rows of one population, with the ranks they have among all: ``ranks.of(survey="Netherlands")``.

        Raises
        ------
        DataError
            An identifier that the rows do not have, or a value that none of them has.
        """
        kept = self.kept.copy()
        for name, value in identifiers.items():
            known = identifier(self.result, name, "ranks.of")
            kept &= (known == str(value)).to_numpy()
        if not kept.any():
            raise DataError(
                "No row is called so.", where="ranks.of", found=str(identifiers), expected="the name of a row"
            )
        return replace(self, kept=kept)

    def to_frame(self) -> pd.DataFrame:
        """The rows of the result with `rank`, `rank_low` and `rank_high`, in the order of the result."""
        given = {"rank": self.rank, "rank_low": self.rank_low, "rank_high": self.rank_high}
        frame = self.result.to_frame().assign(
            **{name: pd.Series(values).astype("Int64").array for name, values in given.items()}
        )
        return frame[self.kept].reset_index(drop=True)

    def summary(self) -> str:
        """The table as text, the first rank first."""
        hidden = self.withheld()
        own = self.seen()
        frame = own.to_frame().sort_values([*own.by, "rank"], kind="stable", na_position="last")
        named = [name for name in frame if name in own.result.rows or name in ("estimate", "conf_low", "conf_high")]
        shown = rounded(frame[[*named, "rank", "rank_low", "rank_high"]])
        lines = ["SYNTHETIC DATA: shows method, not the population"] if self.meta.get("synthetic") else []
        lines += [f"rank 1 is the largest; all rank intervals hold at once with {100 * self.level:g}% confidence", ""]
        if left := int(np.isnan(own.rank[own.kept]).sum()):
            lines += [f"{left} without a rank: no estimate, or a standard error that is unknown or 0", ""]
        return "\n".join([*lines, shown.to_string(index=False), *([hidden.note("en")] if hidden else [])])

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        return f"<pre>{escape(self.summary())}</pre>"


def ranks(result: Result, *, level: float = 0.95, by: str | Sequence[str] | None = None) -> Ranks:
    """Ranks of the rows of a result, with intervals that hold for all ranks at once.

    A league table ranks estimates, and estimates that differ by chance swap places. The interval of a rank counts how
    many others are certainly larger, and how many certainly smaller, where "certainly" holds for all pairs together.

    Parameters
    ----------
    result : Result
        Two to 40 rows of one kind, such as ``llo.mean("training", stacked, by="survey")``.
    level : float
        Joint level of the intervals of all ranks.
    by : str or list of str, optional
        Identifiers of the rows, such as ``"result"`` of ``llo.joint({...})``: rows are ranked within each of their
        values, and the level holds within each.

    Returns
    -------
    Ranks
        ``.to_frame()`` has the rows of the result with `rank` (1 is the largest estimate; equal estimates share the
        smaller number), `rank_low` and `rank_high`. ``.rank``, ``.rank_low``, ``.rank_high`` are arrays;
        ``.of(survey="Netherlands")`` shows some rows with their ranks among all.

    Raises
    ------
    DataError
        Something else than a result, fewer than two rows with a standard error above 0, more than 40, or rows of
        several kinds, units or variables, which have no common order.

    Notes
    -----
    With estimates t and their covariance V, each difference t_j - t_k is set beside c times its standard error, c the
    `level` quantile of the largest absolute difference over its standard error under the joint (t-)distribution.
    `rank_low` of j is 1 plus the number of k with t_k - t_j > c s_jk, `rank_high` the number of rows minus the number
    of k with t_j - t_k > c s_jk. Then all ranks of the population lie in their intervals with probability `level` at
    least [1]_ [2]_. Covariances between rows (overlapping waves, one survey) are in s_jk. A row whose standard error is
    0 (all of a small group said the same) is not certain but untested: it has no rank, and is left out of the others'.

    References
    ----------
    .. [1] Mogstad, M., Romano, J. P., Shaikh, A. M. and Wilhelm, D. (2024). Inference for ranks with applications to
       mobility across neighbourhoods and academic achievement across countries. Review of Economic Studies, 91,
       476-518.
    .. [2] Klein, M., Wright, T. and Wieczorek, J. (2020). A joint confidence region for an overall ranking of
       populations. Journal of the Royal Statistical Society, Series C, 69, 589-606.

    Examples
    --------
    >>> import numpy as np, pandas as pd, llo_research as llo
    >>> y = np.tile([0.0, 1.0], 60) + np.repeat([0.0, 0.05, 3.0], 40)
    >>> frame = pd.DataFrame({"country": np.repeat(["a", "b", "c"], 40), "y": y, "w": 1.0})
    >>> svy = llo.Survey(frame, weights="w")
    >>> llo.ranks(llo.mean("y", svy, by="country")).to_frame()[["rank", "rank_low", "rank_high"]].values.tolist()
    [[3, 2, 3], [2, 2, 3], [1, 1, 1]]
    """
    check_level(level)
    if not isinstance(result, Result):
        raise DataError(
            "Ranks are of a result.",
            where="ranks",
            found=type(result).__name__,
            expected='a Result such as llo.mean("training", svy, by="survey")',
        )
    names = () if by is None else as_names(by, "by")
    k = len(result.estimate)
    found = np.full((5, k), np.nan)
    for block in blocks(result, names, "ranks"):
        known = _known(result, block)
        found[:, known] = _ranked(result, known, level)
    found.flags.writeable = False
    rank, low, high, critical, among = found
    return Ranks(
        result, level, rank, low, high, float(np.nanmax(critical)), among, tuple(names), np.ones(k, dtype=bool)
    )


def _ranked(result: Result, known: np.ndarray, level: float) -> Floats:
    """(5, m) rank, its ends, the critical value and the number ranked, of the known rows."""
    used = np.isin(np.arange(len(result.estimate)), known)
    check_covariances(result.meta, result.covariance, used[None, :], "A rank")
    first, second = np.triu_indices(len(known), 1)
    pick = np.zeros((len(first), len(result.estimate)))
    pick[np.arange(len(first)), known[first]], pick[np.arange(len(first)), known[second]] = 1.0, -1.0
    estimate = np.nan_to_num(result.estimate)
    difference, covariance = pick @ estimate, pick @ np.nan_to_num(result.covariance) @ pick.T
    size = np.square(np.abs(pick) @ np.nan_to_num(np.abs(result.scales)))
    vanishing = np.diag(covariance) <= np.finfo(float).eps * len(result.estimate) * size
    error = np.sqrt(np.where(vanishing, 0.0, np.diag(covariance)))
    df = np.minimum(result.df[known[first]], result.df[known[second]])
    critical = critical_values(covariance, df, level, vanishing, most=len(first))
    larger = np.zeros((len(known), len(known)), dtype=bool)
    larger[first, second] = difference > critical * error
    larger[second, first] = -difference > critical * error
    own, m = result.estimate[known], len(known)
    rank = 1.0 + (own > own[:, None]).sum(axis=1)
    ends = [1.0 + larger.sum(axis=0), float(m) - larger.sum(axis=1)]
    return np.array([rank, *ends, np.full(m, np.nanmax(critical)), np.full(m, float(m))])


def _known(result: Result, block: np.ndarray) -> np.ndarray:
    """The rows of a block that can be ranked."""
    needs = "Ranks need two rows with a standard error, and no more than can be compared pair by pair."
    return known_rows(result, block, "ranks", ("common order", needs), 2, _MOST)
