"""The one result type: estimates, their inference, and everything a reader may ask of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from llo_research.design.design import Design
from llo_research.design.scores import Scores
from llo_research.errors import DataError
from llo_research.numerics.groups import Floats
from llo_research.options import check_level
from llo_research.results import claims, contrasts, floors, intervals, simultaneous
from llo_research.results.columns import identifiers_of, rounded
from llo_research.results.draws import IMPUTED, over_draws
from llo_research.results.estimates import Estimates
from llo_research.results.exported import is_exported, no_influence
from llo_research.results.facts import Facts
from llo_research.results.freedom import counts_of_map
from llo_research.results.inference import Inference, infer
from llo_research.results.intervals import OwnEnds
from llo_research.results.marks import apart_of, marked
from llo_research.results.naive import Naive, naive
from llo_research.results.quantities import Quantity, of_contrast
from llo_research.results.retold import Retold
from llo_research.results.seen import frame_to_show
from llo_research.results.standing import Standing, of_contrasts, straddled
from llo_research.results.storage import save_result
from llo_research.results.vanishing import vanishes

# the kinds of results by name, as files tell them
KINDS: dict[str, type[Result]] = {}
_LOW_DF = 10
# a share this near to 0 or 1 is one of 0 or 1: sums of weights carry rounding
_ROUNDING = 1e-12


@dataclass(frozen=True, repr=False, eq=False)
class Result(Retold):
    """Estimates of one call: the type of all results. Made by the estimators, not by hand.

    Parameters
    ----------
    rows : DataFrame
        The columns that say what each estimate is (k rows): `by` columns, then `variable`, `level`, ...
    labels : tuple of str
        A name for each row, as :meth:`contrast` and :attr:`cov` use it.
    estimates : Estimates
        The k estimates, their influence values and their values at the replicates.
    inference : Inference
        Their covariance and degrees of freedom, and which covariance it is.
    meta : dict
        The call with its arguments, source, weight, design, base levels, what was left out.
    design : Design, optional
        The sampling design; None of a result that was read from a file.
    quantity : tuple of Quantity
        What kind of number each row is, by which tables and figures show it.
    level : float
        Confidence level.
    interval : str or tuple of str
        Method of the intervals: one word, or a word for each row where they differ. :attr:`intervals` has the method by
        which the ends of each row were made, which is another where the one asked for is not defined.
    simultaneous : bool
        Whether the intervals hold jointly.
    tested : bool
        Whether there are tests against no difference (0, or a ratio of 1).
    n : (k,) array, optional
        Unweighted rows behind each estimate.
    details, cell_details
        What is worked out on request: sums of weights and design effects; counts for disclosure control.
    extra_flags, own_ends
        Flags and ends of intervals that the estimator found itself.
    standing : Standing, optional
        On which side of series breaks the people behind each row stand.
    columns : mapping
        Further numbers of the table, (k,) by column: `p_adjusted`, `bound`, `share_of_gap`, ...
    data : optional
        A checksum of the data, by which the same imputation given twice is found.
    draws : tuple of Result, optional
        The result in each imputation (or of each plausible value), of which contrasts are worked out.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> result = llo.mean("y", llo.Survey(pd.DataFrame({"y": [1.0, 2.0, 4.0], "w": 1.0}), weights="w"))
    >>> isinstance(result, llo.Result), result.labels, result.intervals
    (True, ('y',), ('wald',))
    """

    rows: pd.DataFrame
    labels: tuple[str, ...]
    estimates: Estimates
    inference: Inference
    meta: dict[str, Any]
    design: Design | None = None
    quantity: tuple[Quantity, ...] = ()
    level: float = 0.95
    interval: str | tuple[str, ...] = "wald"
    simultaneous: bool = False
    tested: bool = False
    n: Floats | None = None
    details: Facts | None = None
    cell_details: Facts | None = None
    extra_flags: tuple[str, ...] = ()
    own_ends: OwnEnds | None = None
    standing: Standing | None = None
    columns: Mapping[str, Floats] = field(default_factory=dict)
    data: Facts | None = None
    draws: tuple[Result, ...] = ()

    def __init_subclass__(cls) -> None:
        KINDS[cls.__name__] = cls

    def __post_init__(self) -> None:
        k = len(self.estimate)
        shapes = (len(self.rows), len(self.labels), len(self.df), *self.covariance.shape)
        if any(size != k for size in shapes):
            raise DataError("A result's parts do not fit together.", found=shapes, expected=f"{k} everywhere")
        for array in (self.estimate, self.covariance, self.inference.sampling, self.df, self.replicates, self.n):
            if array is not None:
                array.flags.writeable = False
        self._name_intervals()
        if len(self.quantity) != k:
            log = Quantity("ratio", "number", 1.0, "log")
            object.__setattr__(
                self, "quantity", tuple(log if word == "log" else Quantity("estimate") for word in self.methods)
            )

    def _name_intervals(self) -> None:
        """One word where all rows agree; own ends that do not hold here give way to symmetric ones, by name."""
        object.__setattr__(self, "level", float(self.level))
        own, words = self.own_ends, list(self.methods)
        if len(words) != len(self.estimate):
            raise DataError("A result's intervals do not fit.", found=words, expected=f"{len(self.estimate)} words")
        if own is not None and not (own.hold_at(self.level, self.simultaneous) and own.here.any()):
            words = ["wald" if there else word for word, there in zip(words, own.here, strict=True)]
            object.__setattr__(self, "own_ends", None)
        known = np.zeros(len(words), dtype=bool) if self.own_ends is None else self.own_ends.here
        words = [w if there or w in intervals.ALL else "wald" for w, there in zip(words, known, strict=True)]
        if words:
            object.__setattr__(self, "interval", words[0] if len(set(words)) == 1 else tuple(words))

    @property
    def methods(self) -> tuple[str, ...]:
        """(k,) the method asked for, by row; at shares of 0 and 1 it may give way to another (see `intervals`)."""
        return (self.interval,) * len(self.estimate) if isinstance(self.interval, str) else self.interval

    @property
    def estimate(self) -> Floats:
        """(k,) the estimates."""
        return self.estimates.value

    @property
    def covariance(self) -> Floats:
        """(k, k) their covariance."""
        return self.inference.covariance

    @property
    def df(self) -> Floats:
        """(k,) degrees of freedom."""
        return self.inference.df

    @property
    def replicates(self) -> Floats | None:
        """(R, k) the estimates at the replicates, or None."""
        return self.estimates.replicates

    @property
    def scores(self) -> Scores | None:
        """The influence values as blocks; None of a result that was read from a file."""
        return self.estimates.scores

    @cached_property
    def std_error(self) -> Floats:
        """(k,) standard errors."""
        return _read_only(np.sqrt(np.maximum(np.diag(self.covariance), 0)))

    @cached_property
    def scales(self) -> Floats:
        """(k,) what each standard error is small or large against; the estimate where nothing else is known."""
        return self.estimates.magnitude

    @cached_property
    def vanishing(self) -> np.ndarray:
        """(k,) estimates whose standard error is zero, exactly or but for rounding."""
        return vanishes(self.std_error, self.scales)

    @property
    def cov(self) -> pd.DataFrame:
        """Covariance of all estimates, labelled."""
        return pd.DataFrame(self.covariance, index=list(self.labels), columns=list(self.labels))

    @cached_property
    def critical(self) -> Floats:
        """(k,) critical values of the intervals."""
        if self.simultaneous:
            return _read_only(simultaneous.critical_values(self.covariance, self.df, self.level, self.vanishing))
        return _read_only(simultaneous.pointwise(self.df, self.level))

    @cached_property
    def ends(self) -> tuple[Floats, Floats]:
        """Lower and upper ends of the intervals."""
        n = np.full(len(self.estimate), np.nan) if self.n is None else self.n
        std_error = np.where(self.vanishing, 0.0, self.std_error)
        estimate = np.where(self._at_boundary, np.round(self.estimate), self.estimate)
        evidence = intervals.Evidence(estimate, std_error, self.df, self.critical, n)
        low, high = intervals.by_method(self.intervals, evidence)
        point = self.vanishing & np.isfinite(self.critical) & ~self._at_boundary
        low, high = (np.where(point, self.estimate, end) for end in (low, high))
        if (own := self.own_ends) is not None:
            low, high = np.where(own.here, own.low, low), np.where(own.here, own.high, high)
        return _read_only(low), _read_only(high)

    @cached_property
    def intervals(self) -> tuple[str, ...]:
        """(k,) the method that made each row's ends; `beta` for shares of 0 and 1 where the one asked is undefined."""
        edge = self._at_boundary
        return tuple(
            "beta" if there and word in intervals.UNDEFINED_AT_EDGES else word
            for word, there in zip(self.methods, edge, strict=True)
        )

    @property
    def influence(self) -> Floats:
        """(n, k) influence values: row i is w_i times the derivative of the estimates in w_i; built on request."""
        if self.scores is None:
            raise no_influence(self.meta)
        return self.scores.dense()

    @property
    def cells(self) -> pd.DataFrame:
        """Unweighted counts and the largest unit's weighted share of each row, for disclosure control."""
        if self.cell_details is None:
            return pd.DataFrame({"n": self.n if self.n is not None else np.nan}, index=range(len(self.rows)))
        return pd.DataFrame(pd.concat([identifiers_of(self.rows), self.cell_details().reset_index(drop=True)], axis=1))

    @cached_property
    def _tests(self) -> tuple[Floats, Floats]:
        """Test statistics and p-values against no difference (0, or a ratio of 1)."""
        return claims.tests(self)

    @cached_property
    def _own(self) -> np.ndarray:
        """(k,) rows whose ends are the estimator's own."""
        return np.zeros(len(self.estimate), dtype=bool) if self.own_ends is None else self.own_ends.here

    @cached_property
    def _at_boundary(self) -> np.ndarray:
        """(k,) shares of 0 or 1 (but for rounding) with an interval made for shares."""
        share = np.array([word in intervals.OF_SHARES for word in self.methods], dtype=bool) & ~self._own
        edge = (np.abs(self.estimate) < _ROUNDING) | (np.abs(self.estimate - 1) < _ROUNDING)
        return np.asarray(share & edge)

    @cached_property
    def flags(self) -> list[str]:
        """Statistical warnings of each row, words of ``FLAGS`` separated by blanks."""
        n = np.ones(len(self.estimate)) if self.n is None else self.n
        boundary, zero, apart = self._at_boundary, self.vanishing, apart_of(self.meta, self.rows)
        lost = (np.isnan(self.ends[0]) | np.isnan(self.ends[1])) & ~self._own
        out = []
        for i, (theta, se, df) in enumerate(zip(self.estimate, self.std_error, self.df, strict=True)):
            words = [
                ("empty", n[i] == 0),
                ("boundary", boundary[i]),
                ("zero_se", zero[i] and n[i] > 0 and not boundary[i]),
                ("no_df", n[i] > 0 and not df > 0),
                ("low_df", 0 < df < _LOW_DF),
                ("no_interval", bool(lost[i]) and np.isfinite(theta) and se > 0 and df > 0),
                ("replicate_undefined", self.replicates is not None and np.isfinite(theta) and np.isnan(se)),
            ]
            own = self.extra_flags[i].split() if self.extra_flags else []
            out.append(" ".join(dict.fromkeys([word for word, holds in words if holds] + own + apart[i])))
        return out

    def to_frame(self) -> pd.DataFrame:
        """The result as a tidy DataFrame, one row per estimate; numbers are not rounded.

        Of restricted files its ``.attrs`` tell ``llo.report.table`` so.
        """
        frame = identifiers_of(self.rows)
        frame["estimate"] = self.estimate
        frame["std_error"] = self.std_error
        if self.tested:
            frame["statistic"], frame["p_value"] = self._tests
        frame["df"] = self.df
        if self.tested:
            frame["p_value"] = frame.pop("p_value")
        frame["conf_low"], frame["conf_high"] = self.ends
        for name, values in self.columns.items():
            frame[name] = values
        details = pd.DataFrame(index=frame.index) if self.details is None else self.details()
        if self.n is not None:
            known = np.isfinite(self.n)
            whole = np.where(known, self.n, 0).astype(np.int64)
            frame["n"] = whole if known.all() or not is_exported(self.meta) else self.n  # withheld is not nobody
        for name in ("sum_weights", "n_eff", "deff"):
            if name in details:
                frame[name] = details[name].to_numpy()
        if not self.tested:
            with np.errstate(divide="ignore", invalid="ignore"):
                frame["cv"] = np.where(self.estimate != 0, self.std_error / np.abs(self.estimate), np.nan)
        frame["flag"] = self.flags
        return marked(frame, self)

    def contrast(
        self,
        what: str | Mapping[str, float] | Mapping[str, str | Mapping[str, float]] | Sequence[str],
        *,
        level: float | None = None,
    ) -> Result:
        """A combination of the estimates, with its standard error.

        Parameters
        ----------
        what : mapping, str, or several of them
            ``{"high": 1, "low": -1}`` (linear), ``"log(a / b)"`` (smooth; delta method, or evaluated at each
            replicate), a list of expressions, or ``{"name": either}`` for named ones. Names are the rows' labels
            (``result.labels``); those that are not Python names stand in backticks. Over imputations or plausible
            values it is worked out in each, and combined.
        level : float, optional
            Confidence level; default that of the result.

        Raises
        ------
        DataError
            A label that does not exist, an expression outside the grammar, or a number in it that is also a label.
        """
        check_level(level := self.level if level is None else level)
        specs = contrasts.named(what)
        if not self.draws:
            if "imputations" in self.meta:
                raise DataError(
                    "The result does not hold the estimates of its imputations.",
                    where="contrast",
                    found="a result over imputations, saved by an earlier version",
                    todo="make the result again and save it",
                )
            return self._contrasted(specs, level)
        parts = [draw._contrasted(specs, level) for draw in self.draws]
        kept = {name: self.meta[name] for name in IMPUTED if name in self.meta}
        return Result(**over_draws(parts, {**parts[0].meta, **kept}))

    def _contrasted(self, specs: Mapping[str, contrasts.Single], level: float) -> Result:
        """The contrasts of one data set."""
        made = contrasts.combined(self, specs)
        estimates = self.estimates.mapped(made.value, made.gradient, replicates=made.replicates, uses=made.uses)
        labels = tuple(specs)
        flags, told = straddled(self, made.uses, made.gradient, labels, contrasts.inherited(self, made.uses))
        return Result(
            rows=pd.DataFrame({"term": list(specs)}),
            labels=labels,
            estimates=estimates,
            inference=infer(
                estimates, self.design, of=(self.estimates, self.inference), jacobian=made.gradient, uses=made.uses
            ),
            meta={**contrasts.meta_of(self, specs, made.uses), **told},
            design=self.design,
            quantity=tuple(
                of_contrast([self.quantity[i] for i in np.flatnonzero(used)], linear)
                for used, linear in zip(made.uses, made.linear, strict=True)
            ),
            level=level,
            tested=True,
            n=None if self.scores is None else counts_of_map(self.scores, made.uses, self.design),
            cell_details=contrasts.smallest_of(self, made.uses),
            extra_flags=flags,
            standing=of_contrasts(self, made.uses),
        )

    def adjusted(self, method: str = "holm", *, seed: int | None = None) -> Result:
        """The result with p-values adjusted for the number of its tests, in the column `p_adjusted`.

        Parameters
        ----------
        method : {"holm", "bonferroni", "benjamini-hochberg", "romano-wolf"}
            The first two and the last bound the chance of any false claim among all rows [1]_, the third the expected
            share of false ones among the claims [2]_. ``romano-wolf`` uses how rows go together (step-down of the
            largest absolute t) [3]_. Rows without a p-value do not count.
        seed : int, optional
            Of ``romano-wolf`` with fewer than 30 sampling units, of which it draws normal multipliers (for how rows go
            together; each row alone is Student's t).

        Raises
        ------
        DataError
            A result that tests nothing, an unknown method, few sampling units without a seed.

        References
        ----------
        .. [1] Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of
           Statistics, 6, 65-70.
        .. [2] Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate. Journal of the Royal
           Statistical Society B, 57, 289-300.
        .. [3] Romano, J. P. and Wolf, M. (2005). Exact and approximate stepdown methods for multiple hypothesis
           testing. Journal of the American Statistical Association, 100, 94-108.
        """
        return replace(self, **claims.with_adjusted(self, method, seed))

    def equivalence(self, bound: float) -> Result:
        """The result with the columns `bound` and `p_equivalence`: whether each difference is nearer to none than that.

        Parameters
        ----------
        bound : float
            The largest difference that counts as none, in the unit of the estimates; a factor above 1 for ratios and
            odds ratios, whose distance is taken on logarithms.

        Raises
        ------
        DataError
            A result that tests nothing, or a bound that is none.

        Notes
        -----
        Two one-sided tests, each with Student's t: p_equivalence is the larger of P(T > (d + b) / se) and
        P(T < (d - b) / se); below alpha, the interval at level 1 - 2 alpha lies within the bounds [1]_.

        References
        ----------
        .. [1] Schuirmann, D. J. (1987). A comparison of the two one-sided tests procedure and the power approach for
           assessing the equivalence of average bioavailability. Journal of Pharmacokinetics and Biopharmaceutics, 15,
           657-680.
        """
        return replace(self, columns={**self.columns, **claims.of_equivalence(self, bound)})

    def naive(self) -> Naive:
        """The standard errors beside those of a program that takes the weights for counts, or knows no design."""
        return naive(self)

    def save(self, path: str | Path) -> Path:
        """Save estimates, covariance, df and meta as ``path.json``, the table as ``path.csv``; no row-level values."""
        return save_result(self, path)

    def kept(self) -> dict[str, Any]:
        """What a file keeps of a result of this kind beyond the fields of all."""
        return {}

    @classmethod
    def restored(cls, result: Result, own: Mapping[str, Any], rebuilt: Callable[[dict[str, Any]], Result]) -> Result:
        """A result of this kind from the fields of all and what `kept` told; `rebuilt` makes results within it."""
        return result

    def as_fields(self) -> dict[str, Any]:
        """The fields of all results, to make one of another kind."""
        return {item.name: getattr(self, item.name) for item in fields(Result)}

    def summary(self) -> str:
        """The result as text: what was estimated, from what, and the table."""
        hidden = floors.withheld(self)
        call = {k: list(v) if isinstance(v, dict) else v for k, v in self.meta.get("call", {}).items()}
        arguments = ", ".join(f"{k}={v!r}" for k, v in call.items() if k != "function" and v not in (None, [], False))
        lines = [f"{call.get('function', 'result')}({arguments})"]
        if self.meta.get("synthetic"):
            lines.append("SYNTHETIC DATA: shows method, not the population")
        interval = ", ".join(dict.fromkeys(floors.shown_only(self.methods, hidden))) or "withheld"
        joint = "simultaneous " if self.simultaneous else ""
        lines.append(f"weight: {self.meta.get('weight') or 'none'}; {joint}interval: {interval}, level {self.level:g}")
        left_out = floors.counts_in_words({k: v for k, v in self.meta.get("left_out", {}).items() if v}, hidden)
        if left_out:
            lines.append("left out for missing values: " + ", ".join(f"{k} {v}" for k, v in left_out.items()))
        told = ["", hidden.note("en")] if hidden else []
        return "\n".join([*lines, "", self._shown(hidden).to_string(index=False), *told])

    def _shown(self, hidden: floors.Withheld | None) -> pd.DataFrame:  # rounded, dots where a row may not be seen
        return floors.for_reading(rounded(frame_to_show(self, hidden)), hidden)

    def __getstate__(self) -> dict[str, Any]:
        """What pickling and copying keep: the fields, not what was worked out from them."""
        return {item.name: getattr(self, item.name) for item in fields(self)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            object.__setattr__(self, name, value)
        self.__post_init__()

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        hidden = floors.withheld(self)
        note = "<p><strong>Synthetic data</strong></p>" if self.meta.get("synthetic") else ""
        told = f"<p>{escape(hidden.note('en'))}</p>" if hidden else ""
        return note + str(self._shown(hidden).to_html(index=False)) + told


def _read_only(values: Floats) -> Floats:
    """The array, locked."""
    values.flags.writeable = False
    return values


KINDS["Result"] = Result
