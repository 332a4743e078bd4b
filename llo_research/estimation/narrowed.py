"""A statement about several populations at once: the gap narrowed, and by which of the two groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import stats

from llo_research.errors import DataError
from llo_research.estimation.assemble import Options
from llo_research.estimation.comparisons import compare
from llo_research.estimation.pairs import Sides, check_options, columns_of_groups
from llo_research.estimation.series_breaks import exposure, refuse
from llo_research.estimation.times import as_time
from llo_research.estimation.waves import Plan, Waves, cells_with_time, from_base, make_waves, time_of
from llo_research.numerics.groups import Floats
from llo_research.options import check_option, names_of
from llo_research.results import floors
from llo_research.results.breaks import account, flagged
from llo_research.results.claims import adjusted
from llo_research.results.columns import rounded
from llo_research.results.receipts.made_of import MadeOf
from llo_research.results.result import Result
from llo_research.results.retold import RetoldAround
from llo_research.results.rules import AUTO
from llo_research.results.seen import seen
from llo_research.survey.lazy import survey_for

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey

# Rows of each cell: weights of (of, minus) at (base, later).
_ROWS = {
    "gap_base": ((1, 0), (-1, 0)),
    "gap_later": ((0, 1), (0, -1)),
    "gap_change": ((-1, 1), (1, -1)),
    "gap_sum": ((1, 1), (-1, -1)),
    "change_of": ((-1, 1), (0, 0)),
    "change_minus": ((0, 0), (-1, 1)),
    "change_both": ((-1, 1), (-1, 1)),
}
_BREAKS = ("refuse", "flag")


@dataclass(frozen=True, eq=False, repr=False)
class Narrowing(RetoldAround):
    """Where a gap narrowed by what one group did, tested in each cell and in all; made by :func:`narrowing`.

    frame : a row a cell, told apart by the columns `by`. result : the differences behind it. because : the group named.
    p_all : of the statement in all cells at once.
    """

    frame: pd.DataFrame
    result: Result
    by: tuple[str, ...]
    because: str
    p_all: float

    @property
    def meta(self) -> dict[str, Any]:
        """That of the differences."""
        return self.result.meta

    def _made_of(self) -> MadeOf:
        return MadeOf("narrowing", "{}", {}, self.result)

    @property
    def level(self) -> float:
        """The level at which statements are made."""
        return self.result.level

    @property
    def holds_in_all(self) -> bool:
        """Whether the statement holds in every cell."""
        return bool(self.p_all <= 1 - self.level)

    def seen(self, disclosure: str = AUTO) -> Narrowing:
        """The statement where its differences may be seen; of others nothing is told."""
        hidden = floors.withheld(self.result, disclosure)
        return _stated(seen(self.result, hidden), self.by, self.because) if hidden else self

    def to_frame(self) -> pd.DataFrame:
        """The `by` columns, `gap_base`, `gap_change`, `change_of`, `change_minus`, `p_value`, `p_adjusted`, `holds`."""
        return self.frame.copy()

    def summary(self) -> str:
        """The numbers as text."""
        own = self.seen()
        lines = ["SYNTHETIC DATA: shows method, not the population"] if self.meta.get("synthetic") else []
        lines += [rounded(own.frame).to_string(index=False)]
        return "\n".join([*lines, f"in all {len(own.frame)} cells at once: p = {own.p_all:.3g}"])

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        return f"<pre>{escape(self.summary())}</pre>"


def narrowing(
    variable: str,
    svy: Survey,
    *,
    group: str | None = None,
    of: Any,
    minus: Any,
    by: str | Sequence[str],
    time: str,
    base: Any,
    because: str = "of",
    breaks: str = "refuse",
    level: float = 0.95,
    missing: str = "omit",
) -> Narrowing:
    """Did the gap narrow because one group fell (or the other rose), in each population and in all of them?

    Use it for a statement such as "the gap narrowed because the highly educated train less" over countries. It is three
    statements in one, and all of them must hold: the later gap is smaller; it did not turn into as large a gap the
    other way; and the group that is named moved more than the other. A gap that was significant once and is not now
    says none of these.

    Parameters
    ----------
    variable : str
        A number, boolean or condition.
    svy : Survey
        Two times of each cell, such as a stack of two independent surveys a country. More times: choose two with
        ``svy.where``.
    group, of, minus : as in :func:`gap_change`
        `of` is the group that was ahead: where it was not, the statement does not hold.
    by : str or list of str
        The cells: countries, which are independent samples, or others.
    time, base
        As in :func:`gap_change`.
    because : {"of", "minus"}
        ``of``: more by a fall of `of` than by a rise of `minus`; ``minus``: the reverse.
    breaks : {"refuse", "flag"}
        As in :func:`change`.
    level, missing
        As in :func:`mean`; statements are made at 1 - level.

    Returns
    -------
    Narrowing
        ``.to_frame()`` has a row a cell: `gap_base`, `gap_change` with `std_error`, `change_of`, `change_minus`,
        `p_value` of the whole statement, `p_adjusted` (Holm, over cells), `holds` (`p_adjusted` at most 1 - level) and
        `flag`. ``.p_all``: of the statement that it holds in every cell. ``.result`` has all differences behind it.

    Raises
    ------
    DataError
        As :func:`gap_change`; more than two times; several variables.

    Notes
    -----
    With g the gap and a, b the changes of both means, narrowed by `of` is: g1 - g0 < 0, g0 + g1 > 0 and a + b < 0. A
    statement of several parts is tested by the largest of their one-sided p-values [1]_, at the level of each and
    without adjustment, and so is "in every cell". Which cells it holds in is told with Holm's adjustment [2]_; the
    number of them is, with confidence `level`, at most that of the cells in which it is true. A part whose standard
    error is 0 (all of a small group said the same) has no test, as in :func:`gap_change`: `p_value` is ``nan``, `holds`
    False, and so is ``p_all``.

    References
    ----------
    .. [1] Berger, R. L. (1982). Multiparameter hypothesis testing and acceptance sampling. Technometrics, 24, 295-300.
    .. [2] Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of Statistics,
       6, 65-70.

    Examples
    --------
    >>> import numpy as np, pandas as pd, llo_research as llo
    >>> rows = [(c, t, g) for c in "ab" for t in (1, 2) for g in ("high", "low") for _ in range(200)]
    >>> frame = pd.DataFrame(rows, columns=["country", "cycle", "education"]).assign(w=1.0)
    >>> fell = (frame["cycle"] == 2) & (frame["country"] == "a")
    >>> p = np.where(frame["education"] == "low", 0.4, np.where(fell, 0.5, 0.8))
    >>> frame["trained"] = np.random.default_rng(1).random(len(frame)) < p
    >>> svy = llo.Survey(frame, weights="w", strata=["country", "cycle"])
    >>> told = llo.narrowing(
    ...     "trained", svy, group="education", of="high", minus="low", by="country", time="cycle", base=1
    ... )
    >>> told.to_frame()[["country", "holds"]].values.tolist(), told.holds_in_all
    ([['a', True], ['b', False]], False)
    """
    check_option(because, "because", ("of", "minus"))
    check_option(breaks, "breaks", _BREAKS)
    check_options("difference", missing, group, by)
    if not isinstance(variable, str):
        raise DataError("A statement is about one variable.", where="variable", found=repr(variable)[:80])
    svy = survey_for(svy, [variable], [*cells_with_time(by, time), *columns_of_groups(group, of, minus)])
    found = time_of(svy, time)
    base = as_time(base, found)
    svy, earlier = from_base(svy, found, base)
    call = {"function": "narrowing", "variable": [variable], "group": group, "of": of, "minus": minus, "by": by}
    call |= {"time": time, "base": base, "because": because, "breaks": breaks, "missing": missing}
    sides = Sides(group, of, minus)
    options = Options(level, "wald", False, call)
    waves = make_waves(names_of(variable, "variable"), svy, by, time, missing, options, sides)
    result = _differences(waves, breaks, base, earlier)
    return _stated(result, tuple(waves.keys.columns), because)


def _differences(waves: Waves, breaks: str, base: Any, earlier: dict[str, int]) -> Result:
    """The differences of each cell, in the order of the statement."""
    if len(waves.times) != 2 or len(waves.heads) != 1:
        raise DataError(
            "A statement compares two times of one number.",
            where=f"time={waves.time!r}",
            found=f"{len(waves.times)} times, {len(waves.heads)} columns",
            expected="a base and one later time; a number, a boolean or a condition",
            todo="choose two times with svy.where(...), a level with a condition such as \"contract == 'permanent'\"",
        )
    n, k = len(waves.keys), len(_ROWS)
    weights = np.tile(np.array(list(_ROWS.values()), dtype=np.float64), (n, 1, 1))
    cell = np.repeat(np.arange(n), k)
    nothing = np.zeros(n * k, dtype=np.intp)
    plan = Plan(cell, nothing, weights, weights != 0, np.zeros(n * k, dtype=bool))
    gaps = np.tile([name.startswith("change") or name == "gap_change" for name in _ROWS], n)
    whole = Plan(cell[gaps], nothing[gaps], weights[gaps], weights[gaps] != 0, np.zeros(gaps.sum(), dtype=bool))
    hits = exposure(waves, whole)
    if breaks == "refuse":
        refuse(hits, waves, what="The change of the gap", adjustable=False)
    sides = waves.sides
    assert sides is not None
    rows = waves.keys.iloc[cell].reset_index(drop=True).assign(variable=waves.heads[0]["variable"])
    rows = rows.assign(measure=list(_ROWS) * n, of=str(sides.of), minus=str(sides.minus))
    labels = (rows.drop(columns=["of", "minus"]), list(waves.keys.columns))
    meta: dict[str, Any] = {"time": waves.time, "base": base, "times": list(waves.times), "earlier_times": earlier}
    made = compare(waves.means, rows, plan.of(waves), kind="difference", labels=labels, meta=meta)
    hit = np.zeros(n * k, dtype=bool)
    hit[gaps] = hits.rows
    told = account(hits, breaks, [label for label, here in zip(made.labels, gaps, strict=True) if here])
    flags = flagged(made.extra_flags, hit, "break")
    return replace(made, extra_flags=flags, meta={**made.meta, "breaks": told})


def _stated(result: Result, by: tuple[str, ...], because: str) -> Narrowing:
    """The statement in each cell and in all."""
    k = len(_ROWS)
    estimate, error, df = (np.reshape(v, (-1, k)) for v in (result.estimate, result.std_error, result.df))
    at = {name: number for number, name in enumerate(_ROWS)}
    certain = np.reshape(result.vanishing, (-1, k))  # nothing varies between the sampling units: no test

    def below(name: str, sign: float = 1.0) -> Floats:
        column = at[name]
        with np.errstate(divide="ignore", invalid="ignore"):
            statistic = np.where(certain[:, column], np.nan, sign * estimate[:, column] / error[:, column])
            return np.asarray(stats.t.cdf(statistic, np.where(df[:, column] > 0, df[:, column], np.nan)))

    parts = [below("gap_change"), below("gap_sum", -1.0), below("change_both", 1.0 if because == "of" else -1.0)]
    p = np.max(parts, axis=0)  # unknown where a part is
    holm = adjusted(p, "holm")
    frame = result.rows.iloc[::k][list(by)].reset_index(drop=True)
    for name in ("gap_base", "gap_change"):
        frame[name] = estimate[:, at[name]]
    frame["std_error"] = error[:, at["gap_change"]]
    for name in ("change_of", "change_minus"):
        frame[name] = estimate[:, at[name]]
    frame["p_value"], frame["p_adjusted"] = p, holm
    frame["holds"] = np.nan_to_num(holm, nan=1.0) <= 1 - result.level
    frame["flag"] = [result.flags[row] for row in range(at["gap_change"], len(result.rows), k)]
    p_all = float(np.max(p)) if np.isfinite(p).all() else float("nan")
    return Narrowing(frame, result, by, because, p_all)
