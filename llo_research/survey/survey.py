"""Survey: a data frame and the design by which it was drawn."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from llo_research.errors import DataError, DesignError, LloWarning
from llo_research.numerics.groups import Floats
from llo_research.survey import condition as conditions
from llo_research.survey.arguments import check_arguments
from llo_research.survey.columns import assigned, joined
from llo_research.survey.construct import Names, as_names, replicate_design, sampling_stages, weights_of
from llo_research.survey.describe import Description, describe
from llo_research.survey.design import Design
from llo_research.survey.expression import parse
from llo_research.survey.panel import check_fpc_of_waves, check_times, check_units_in_psus
from llo_research.survey.recipe import WeightingStep
from llo_research.survey.variables import column

_A_SERIES = "a boolean Series"
_REPLICATE_OPTIONS = ("replicate_method", "replicate_scale", "replicate_rscales", "fay")


class Survey:
    """Survey data together with their sampling design.

    Every estimator takes a Survey and computes its standard errors from this design. A Survey is never changed:
    each method returns a new one. Rows are never dropped: :meth:`where` restricts to a domain, and all rows stay
    in the design.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row for each person (or each person and time). Kept as it is; not copied, never changed.
    weights : str, optional
        Column of weights. Without it, `fpc` gives them (the product of N/n over the stages); without either, all
        rows count the same, with a warning.
    strata : str or list of str, optional
        Column of strata; several are crossed.
    psu : str or list of str, optional
        Column of primary sampling units; a list has one for each stage. Without it every row is its own unit.
    fpc : str or list of str, optional
        Finite population correction for each stage: population counts of sampling units, or sampling fractions
        (all values at most 1). Without it, units count as drawn with replacement. Stages after the last `fpc` also.
    nest : bool, default True
        PSU labels start anew in each stratum. With False a label that occurs in two strata is an error.
    lonely_psu : {"error", "remove", "adjust", "average", "certainty"}
        What a stratum with one sampled unit contributes: an error; nothing; its deviation from the mean of all units;
        the average contribution of the others; nothing because it was drawn with certainty.
    unit, time : str, optional
        Person and wave of panel data: rows of one person are one sampling unit (unless a coarser `psu` is given), so
        that changes between waves carry the covariance of the overlap. With the time column among the strata each
        wave was drawn by itself, and people may return, also in another stratum; without it the panel was drawn once
        (a unit in two strata is an error, absence is nonresponse, and there is no `fpc`).
    weight_kind : {"expansion", "proportional"}
        Expansion weights sum to the population, proportional ones to the sample. Proportional weights refuse totals.
    item_weights : mapping of str to str, optional
        A variable's own weight column (items asked in one half of a split sample).
    replicate_weights : str or list of str, optional
        Columns of replicate weights, or a pattern such as ``"SPFWT[1-80]"``.
    replicate_method : {"jk1", "jk2", "jkn", "brr", "fay", "bootstrap", "sdr"}, optional
        The method that made them; it decides the factors of the variance.
    replicate_scale, replicate_rscales : float, sequence of float, optional
        The producer's factors, which win over those of the method.
    fay : float, optional
        Fay's coefficient.
    mse : bool, default True
        Deviations of replicates from the full-sample estimate; False: from their mean.
    labels : mapping, optional
        variable -> text, or variable -> {"nl": text, "en": text}; for tables and figures.
    source : mapping, optional
        Where the data come from; travels into ``.meta`` of every result.

    Raises
    ------
    DataError
        A column that is not there.
    DesignError
        Weights or design columns that are missing, negative or contradict each other.

    Notes
    -----
    The variance of a statistic with influence values z (w_i times its derivative in w_i) is, with one stage,
    ``sum_h (1 - f_h) n_h/(n_h - 1) sum_i (z_hi - zbar_h)(z_hi - zbar_h)'`` [1]_ [2]_. Options follow R's survey
    package [3]_.

    References
    ----------
    .. [1] Sarndal, C.-E., Swensson, B. and Wretman, J. (1992). Model Assisted Survey Sampling. Springer.
    .. [2] Binder, D. A. (1983). On the variances of asymptotically normal estimators from complex surveys.
       International Statistical Review, 51, 279-292.
    .. [3] Lumley, T. (2004). Analysis of complex survey samples. Journal of Statistical Software, 9(8), 1-19.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"training": [1, 0, 1, 1], "w": [2.0, 3.0, 1.0, 4.0], "industry": ["a", "a", "b", "b"]})
    >>> svy = llo.Survey(frame, weights="w", strata="industry")
    >>> llo.mean("training", svy).to_frame()["estimate"].round(2).tolist()
    [0.7]
    """

    def __init__(
        self,
        frame: pd.DataFrame,
        *,
        weights: str | None = None,
        strata: Names = None,
        psu: Names = None,
        fpc: Names = None,
        nest: bool = True,
        lonely_psu: str = "error",
        unit: str | None = None,
        time: str | None = None,
        weight_kind: str = "expansion",
        item_weights: Mapping[str, str] | None = None,
        replicate_weights: Names = None,
        replicate_method: str | None = None,
        replicate_scale: float | None = None,
        replicate_rscales: Sequence[float] | float | None = None,
        fay: float | None = None,
        mse: bool = True,
        labels: Mapping[str, Any] | None = None,
        source: Mapping[str, Any] | None = None,
    ) -> None:
        given = dict(locals())
        arguments = {name: value for name, value in given.items() if name not in ("self", "frame", "labels", "source")}
        check_arguments(frame, {**arguments, "labels": labels, "source": source})
        arguments["item_weights"] = dict(item_weights or {})
        self._arguments = arguments
        self._frame = _own_copy(frame)
        self._domain: np.ndarray | None = None
        self._notes: tuple[dict[str, Any], ...] = ()
        self._labels = dict(labels or {})
        self._source = dict(source or {})
        self._design, self._weights = _build(self._frame, arguments)
        self._base_weights = self._weights
        for variable_name, weight_name in arguments["item_weights"].items():
            column(self._frame, variable_name, "item_weights")
            column(self._frame, weight_name, f"item_weights[{variable_name!r}]")

    # -- what it is made of -------------------------------------------------------------------------------------

    @property
    def frame(self) -> pd.DataFrame:
        """The data, all rows."""
        return _own_copy(self._frame)

    @property
    def design(self) -> Design:
        """The sampling design; ``design.covariance(z)`` is the variance kernel."""
        return self._design

    @property
    def weights(self) -> pd.Series:
        """The current weights, in row order."""
        name = self._arguments["weights"] or "weight"
        return pd.Series(self._weights.copy(), index=self._frame.index, name=name)

    @property
    def domain(self) -> np.ndarray:
        """(n,) mask of the rows that :meth:`where` left in."""
        return np.ones(len(self), dtype=bool) if self._domain is None else self._domain

    @property
    def labels(self) -> dict[str, Any]:
        """Labels of the variables."""
        return dict(self._labels)

    @property
    def source(self) -> dict[str, Any]:
        """Where the data come from."""
        return dict(self._source)

    @property
    def time(self) -> str | None:
        """Column of the waves, if the survey has one."""
        name: str | None = self._arguments["time"]
        return name

    @property
    def weight_kind(self) -> str:
        """``expansion`` or ``proportional``."""
        return str(self._arguments["weight_kind"])

    def __len__(self) -> int:
        """Number of rows, of which those outside a domain are some."""
        return len(self._frame)

    def __repr__(self) -> str:
        return str(self.describe())

    def _with(self, **changes: Any) -> Survey:
        """A copy with some attributes exchanged."""
        new = object.__new__(Survey)
        new.__dict__.update(self.__dict__, **{f"_{name}": value for name, value in changes.items()})
        return new

    # -- domains, columns, weights ------------------------------------------------------------------------------

    def where(self, condition: str | pd.Series) -> Survey:
        """Restrict to a domain; the design keeps all rows, so that standard errors stay right.

        Parameters
        ----------
        condition : str or boolean Series
            For example ``"age >= 55 & contract == 'permanent'"``. Names, numbers, quoted text, comparisons,
            ``in [...]``, ``& | ~``, ``and or not``, arithmetic, ``isna(x)``, ``notna(x)``; names that are not Python
            names stand in backticks. Nothing is evaluated as code. A comparison with a missing value is unknown;
            unknown rows are outside the domain and counted in ``.meta["where"]``. A Series is taken by position.

        Raises
        ------
        DataError
            An unknown column or level, or an empty domain.
        """
        if isinstance(condition, str):
            truth, told = conditions.evaluate(condition, self._frame), condition
        else:
            truth, told = conditions.from_series(condition, self._frame), _A_SERIES
        mask = truth.true & self.domain
        unknown = int((truth.unknown & self.domain).sum())
        if not mask.any():
            raise DataError(
                "The domain is empty.",
                where=told,
                found=f"0 of {int(self.domain.sum())} rows ({unknown} unknown)",
                todo="check the condition",
            )
        note = {"condition": told, "rows": int(mask.sum()), "unknown": unknown}
        return self._with(domain=mask, notes=(*self._notes, note))

    def assign(self, **columns: Any) -> Survey:
        """Add columns, as ``DataFrame.assign`` does: ``svy.assign(over55=lambda d: d["age"] >= 55)``.

        Columns that make the design (weights, strata, ...) cannot be replaced. A Series must have the index of
        ``svy.frame``; an array or list is taken in row order.
        """
        taken = [name for name in columns if name in self._design_columns()]
        if taken:
            raise DesignError(
                f"{taken[0]!r} makes the design and cannot be replaced.",
                where="svy.assign",
                todo="give the column another name, or make a new Survey",
            )
        with warnings.catch_warnings():
            # A file of hundreds of columns is "fragmented" for pandas; that is none of the user's doing.
            warnings.simplefilter("ignore", pd.errors.PerformanceWarning)
            return self._with(frame=assigned(self._frame, columns))

    def join(self, frame: pd.DataFrame, on: Names, *, validate: str | None = None) -> Survey:
        """Add the columns of another frame by key; rows keep their number and order.

        Parameters
        ----------
        frame : pandas.DataFrame
            At most one row for each key.
        on : str or list of str
            Key columns, in both.
        validate : {"1:1", "m:1"}, optional
            Check that keys are unique in the survey too (``1:1``).

        Raises
        ------
        DataError
            A key that is missing or repeated, keys of another type, or a column that is in both.
        """
        keys = as_names(on, "on")
        merged, unmatched = joined(self._frame, frame, keys, validate)
        note = {"join": keys, "unmatched_rows": unmatched}
        return self._with(frame=merged, notes=(*self._notes, note))

    def use_weights(self, name: str) -> Survey:
        """The same survey with another weight column, for all variables; missing weights count as zero rows.

        Rows without this weight (the other half of a split sample) are outside the domain.
        """
        if self._design.replicates is not None:
            raise DesignError(
                "Replicate weights belong to the weight they were made from.",
                where=f"use_weights({name!r})",
                todo="make a new Survey with the replicate weights of this weight, or use "
                f"svy.use_weights({name!r}) before llo.replicate",
            )
        if self._design.steps:
            raise DesignError(
                "The weights of this survey were made by weighting steps.",
                where=f"use_weights({name!r})",
                todo=f"take the weight before the steps: part = svy.use_weights({name!r}); then calibrate and "
                "replicate that survey, and use it for the items that need this weight",
            )
        series = column(self._frame, name, "use_weights")
        absent = series.isna().to_numpy()
        values = weights_of(self._frame.assign(**{name: series.fillna(0)}) if absent.any() else self._frame, name)
        arguments = {**self._arguments, "weights": name, "item_weights": {}}
        domain = self._domain if not absent.any() else self.domain & ~absent
        note = {"use_weights": name, "rows_without": int(absent.sum())}
        return self._with(
            weights=values,
            base_weights=values,
            arguments=arguments,
            domain=domain,
            notes=(*self._notes, note),
        )

    def _for_variables(self, names: Sequence[str], groups: Sequence[str] = ()) -> Survey:
        """The survey with the weight that these variables need (``item_weights``).

        `groups` and the variables of the domain count only if they have a weight of their own.
        """
        own = self._arguments["item_weights"]
        needed = {name: own.get(name, self._arguments["weights"]) for name in names}
        told = [note["condition"] for note in self._notes if note.get("condition", _A_SERIES) != _A_SERIES]
        of_domain = [name for text in told if own for name in parse(text, logical=True).names()]
        needed |= {name: own[name] for name in [*groups, *of_domain] if name in own}
        chosen = sorted({str(weight) for weight in needed.values()})
        if len(chosen) > 1:
            raise DesignError(
                "The variables of this call need different weights.",
                where=f"item_weights of {', '.join(needed)}",
                found=", ".join(f"{name}: {weight}" for name, weight in needed.items()),
                todo="call them one by one, or choose one with svy.use_weights(...)",
            )
        return self.use_weights(chosen[0]) if any(name in own for name in needed) else self

    def _weighted(self, step: WeightingStep, weights: Floats) -> Survey:
        """The survey after a weighting step, which is redone on replicate weights."""
        replicates = self._design.replicates
        if replicates is not None:
            replicates = replicates.with_weights(step.redo(replicates.weights, replicates))
        design = replace(self._design, steps=(*self._design.steps, step), replicates=replicates)
        return self._with(weights=weights, design=design)

    def _design_columns(self) -> set[str]:
        """Columns that make the design."""
        a = self._arguments
        names = [name for role in ("weights", "strata", "psu", "fpc", "unit", "time") for name in as_names(a[role])]
        replicates = self._design.replicates
        return {*names, *a["item_weights"].values(), *(replicates.names if replicates is not None else ())}

    # -- telling and keeping ------------------------------------------------------------------------------------

    def describe(self) -> Description:
        """Strata, PSUs, rows, sum of weights, degrees of freedom, design effect of weighting, and problems."""
        return describe(self)

    def save(self, path: str | Path) -> Path:
        """Save data and design in one file (``.npz``), without loss; :func:`read_survey` brings it back."""
        from llo_research.survey.storage import save_survey

        return save_survey(self, path)

    def _meta(self) -> dict[str, Any]:
        """What every result of this survey says of its source, weight and design."""
        return {
            "source": dict(self._source),
            "synthetic": bool(self._source.get("synthetic", False)),
            "weight": self._arguments["weights"],
            "weight_kind": self.weight_kind,
            "design": self._design.facts(),
            "domain": [dict(note) for note in self._notes],
        }


def _own_copy(frame: pd.DataFrame) -> pd.DataFrame:
    """A copy that later edits of the original do not reach; free of cost where pandas copies on write."""
    return frame.copy(deep=int(pd.__version__.split(".")[0]) < 3)


def _build(frame: pd.DataFrame, arguments: dict[str, Any]) -> tuple[Design, Floats]:
    """Design and weights from the constructor's arguments."""
    strata, psu, fpc = (as_names(arguments[role], role) for role in ("strata", "psu", "fpc"))
    unit, time = arguments["unit"], arguments["time"]
    roles = {name: arguments[name] for name in ("strata", "psu", "fpc", "unit", "time")}
    replicates = None
    if arguments["replicate_weights"] is not None:
        replicates = replicate_design(frame, arguments["replicate_weights"], arguments)
    elif lost := [name for name in _REPLICATE_OPTIONS if arguments[name] is not None]:
        raise DesignError(
            "There are no replicate weights.",
            where="replicate_weights",
            found=f"None, with {lost[0]}={arguments[lost[0]]!r}",
            expected="the columns of replicate weights",
            todo='give replicate_weights, as "SPFWT[1-80]", or leave the options of replicates out',
        )
    if unit is not None and not psu:
        sampling = sampling_stages(frame, strata, [unit], fpc, nest=False, role="unit", time=time)
    else:
        sampling = sampling_stages(frame, strata, psu, fpc, nest=arguments["nest"], time=time)
    first = sampling.stages[0]
    if unit is not None and psu:
        check_units_in_psus(frame, unit, first, psu[0], nested_waves=arguments["nest"] and time in strata)
    if time is not None and replicates is None:
        check_times(frame, time, first, free=unit is None and not psu, strata=strata)
        if fpc and time not in strata:
            check_fpc_of_waves(frame, time, first, fpc[0], persons=unit is not None and not psu)
    if arguments["weights"] is not None:
        weights = weights_of(frame, arguments["weights"])
    elif sampling.weights is not None:
        weights = sampling.weights
    else:
        warnings.warn(
            LloWarning("No weights and no fpc were given: every row counts the same (weight 1)."),
            stacklevel=4,
        )
        weights = np.ones(len(frame))
    return Design(len(frame), sampling.stages, arguments["lonely_psu"], replicates, (), roles), weights
