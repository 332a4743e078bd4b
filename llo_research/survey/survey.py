"""Survey: a data frame and the design by which it was drawn."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from llo_research.design.adjusted_replicates import redone
from llo_research.design.design import Design
from llo_research.design.recipe import WeightingStep
from llo_research.errors import DataError, DesignError
from llo_research.numerics.groups import Floats
from llo_research.survey import condition as conditions
from llo_research.survey.arguments import check_arguments, check_names, check_weight_kind, respelled
from llo_research.survey.collapse import collapse
from llo_research.survey.collapsed import Collapsed, check_not_collapsed, told_of
from llo_research.survey.columns import assigned, joined
from llo_research.survey.construct import Names, as_names, design_columns, weights_of
from llo_research.survey.describe import Description, describe
from llo_research.survey.for_scripts import for_scripts
from llo_research.survey.foreign_words import how_here
from llo_research.survey.item_weights import A_SERIES, chosen_weight, half_of, kind_of, needed_weights
from llo_research.survey.origins import warn_of_lost
from llo_research.survey.panel import times_of, waves_of
from llo_research.survey.sampling import sampling_of
from llo_research.survey.spoken import labelled, labels_told
from llo_research.survey.storage import HELD, save_survey, unpickled
from llo_research.survey.to_file import to_file
from llo_research.survey.variables import column, numbers_of, spelled


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
    unit_weights : str, optional
        Column of longitudinal weights, for panel estimators beside the weights of the waves.
    labels : mapping, optional
        variable -> text, or variable -> {"nl": text, "en": text}; for tables and figures. With "values", a mapping of
        levels to labels, conditions and gaps may name levels by their label (where it names exactly one).
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

    # columns that assigned ones were made of, and kinds of weight columns; copies take them along
    _origins: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    _kinds: Mapping[str, str] = MappingProxyType({})

    def __new__(cls, *frame: object, **arguments: object) -> Survey:
        """A survey to be filled; a misspelled argument is refused here, before Python does so in its own words."""
        check_names(arguments, cls.__init__, "Survey")
        return super().__new__(cls)

    _collapsed: Collapsed | None = None  # of rows that stand for many (survey/collapsed.py)
    _beside: Mapping[str, Any] = {}  # of a call on a stack: what its surveys ask (survey/unlike.py)

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
        unit_weights: str | None = None,
        labels: Mapping[str, Any] | None = None,
        source: Mapping[str, Any] | None = None,
    ) -> None:
        given = dict(locals())
        arguments = {name: value for name, value in given.items() if name not in ("self", "frame", "labels", "source")}
        check_arguments(frame, {**arguments, "labels": labels, "source": source})
        self._frame = _own_copy(frame)
        self._arguments = arguments = respelled(self._frame, arguments)
        self._domain: np.ndarray | None = None
        self._notes: tuple[dict[str, Any], ...] = ()
        self._labels = dict(labels or {})
        self._source = dict(source or {})
        if arguments["weights"] is not None:
            self._kinds = {arguments["weights"]: arguments["weight_kind"]}
        self._design, self._weights = sampling_of(self._frame, arguments)
        self._base_weights = self._weights
        if arguments["unit_weights"] is not None:
            weights_of(self._frame, arguments["unit_weights"], "unit_weights")
        for variable_name, weight_name in arguments["item_weights"].items():
            column(self._frame, variable_name, "item_weights")
            column(self._frame, weight_name, f"item_weights[{variable_name!r}]")

    # what tools show, who would take that of __new__
    __signature__ = inspect.Signature([*inspect.signature(__init__).parameters.values()][1:])

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
        mask = np.ones(len(self), dtype=bool) if self._domain is None else self._domain.view()
        mask.flags.writeable = False
        return mask

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

    def __getattr__(self, name: str) -> Any:
        """Only for names that a Survey does not have: what SPSS, Stata or R call otherwise says how it is done here."""
        done = None if name.startswith("_") else how_here(name)
        raise AttributeError(f"A Survey has no {name!r}." + (f" What to do: {done}." if done else ""))

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
            unknown rows are outside the domain and counted in ``.meta["domain"]``. Levels may be named by their label.
            A Series is taken by position; where all its true rows lie in one half of a split sample, that half's item
            weight holds.

        Raises
        ------
        DataError
            An unknown column or level, or an empty domain.
        """
        half = None
        if isinstance(condition, str):
            truth, words = conditions.evaluate(condition, self._frame, self._labels), condition
            if any(self._origins.get(name) == () for name in self._sources_of(condition)):
                half = self._half_of(truth.true)
        else:
            truth, words = conditions.from_series(condition, self._frame), A_SERIES
            half = self._half_of(truth.true)
        mask = truth.true & self.domain
        unknown = self._count(truth.unknown & self.domain)
        if not mask.any():
            raise DataError(
                "The domain is empty.",
                where=words,
                found=f"0 of {self._count(self.domain)} rows ({unknown} unknown)",
                todo="check the condition",
            )
        note: dict[str, Any] = {"condition": words, "rows": self._count(mask), "unknown": unknown}
        if half is not None:
            note["item_weight"] = half
        if times := times_of(self._frame, self.time, mask):
            note["times"] = times
        return self._with(domain=mask, notes=(*self._notes, note))

    def _count(self, rows: np.ndarray | None) -> int:
        """The number of rows of the data behind these rows (a mask; None: all)."""
        kept = np.ones(len(self), dtype=bool) if rows is None else rows
        stands = self._design.stands
        return int(kept.sum() if stands is None else stands.counts[kept].sum())

    def _waves(self) -> np.ndarray:
        """(n,) number of the wave of each row: its time, and its survey in a stack."""
        return waves_of(self._frame, [*as_names(self.time), *(["survey"] if "surveys" in self._source else [])])

    def assign(self, **columns: Any) -> Survey:
        """Add columns: ``svy.assign(over55="age >= 55")``, or as in pandas ``svy.assign(x=lambda d: d["a"] + d["b"])``.

        A text in the grammar of :meth:`where` is a condition: true, false, and missing where it is unknown; also in a
        wave (a time, a survey of a stack) that did not ask one of its questions, where one "no" of two is no answer.
        Functions get the frame; a comparison with a missing value is False for pandas, which is warned of. The survey
        remembers which columns a new one was made of: their own weights and series breaks hold for it as well. Columns
        that make the design (weights, strata, ...) cannot be replaced. A Series must have the index of ``svy.frame``;
        an array or list is taken in row order.
        """
        columns = {spelled(self._frame, name): value for name, value in columns.items()}
        if any(callable(value) for value in columns.values()):
            check_not_collapsed(self, "svy.assign of a function, which may look at all rows (conditions do not)")
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
            widened = assigned(self._frame, columns, self._origins, self._labels, self._waves())
        new = self._with(frame=widened.frame, origins=widened.sources)
        for name, lost in widened.lost.items():
            warn_of_lost(name, lost, new._rows_of(name))
        return new

    def label(self, **labels: Any) -> Survey:
        """Name columns in words, for tables, figures and conditions: ``svy.label(over55="aged 55 and over")``.

        A text, or one for each language: ``{"nl": "55 jaar en ouder", "en": "aged 55 and over"}``; values that were
        named stay so.
        """
        for name in labels:
            column(self._frame, name, "svy.label")
        return self._with(labels=labelled(self._labels, labels))

    def _sources_of(self, name: str) -> tuple[str, ...]:
        """The name itself, and all columns that a column or a condition given as text was made of."""
        if name in self._frame.columns:
            return (name, *self._origins.get(name, ()))
        condition = conditions.as_condition(name, self._frame)
        read = [] if condition is None else [spelled(self._frame, found) for found in condition.names()]
        return tuple(dict.fromkeys([name, *(source for found in read for source in self._sources_of(found))]))

    def _with_conditions(self, names: Sequence[str]) -> Survey:
        """The survey with columns for those names that are conditions, as ``"age >= 55"``, or spelled otherwise."""
        conditioned: dict[str, Any] = {}
        for name in names:
            own = spelled(self._frame, name)
            if own != name:
                conditioned[name] = self._frame[own]
            elif own not in self._frame.columns and conditions.as_condition(name, self._frame) is not None:
                conditioned[name] = name
        if not conditioned:
            return self
        widened = assigned(self._frame, conditioned, self._origins, self._labels, self._waves())
        return self._with(frame=widened.frame, origins=widened.sources)

    def join(self, frame: pd.DataFrame, on: Names, *, validate: str | None = None) -> Survey:
        """Add the columns of another frame by key; rows keep their number and order.

        The new columns are made from the keys: own weights and series breaks of these hold for them as well.

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
        sources = tuple(dict.fromkeys(s for key in keys for s in self._sources_of(spelled(self._frame, key))))
        new = dict.fromkeys(merged.columns[self._frame.shape[1] :], sources)
        return self._with(frame=merged, notes=(*self._notes, note), origins={**self._origins, **new})

    def use_weights(self, name: str, *, weight_kind: str | None = None) -> Survey:
        """The same survey with another weight column, for all variables; missing weights count as zero rows.

        Rows without this weight (the other half of a split sample) are outside the domain. The kind of the weight is
        `weight_kind` ("expansion" or "proportional"), else what the survey or the source's codebook knows of this
        column, else proportional where its mean is 1 (to 1e-6).
        """
        check_not_collapsed(self, "svy.use_weights")
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
        if weight_kind is None:
            weight_kind = kind_of(name, np.where(absent, np.nan, values), self._kinds, self._source)
        check_weight_kind(weight_kind)
        arguments = {**self._arguments, "weights": name, "weight_kind": weight_kind, "item_weights": {}}
        domain = self._domain if not absent.any() else self.domain & ~absent
        note = {"use_weights": name, "rows_without": int(absent.sum())}
        return self._with(
            weights=values,
            base_weights=values,
            arguments=arguments,
            kinds={**self._kinds, name: weight_kind},
            domain=domain,
            notes=(*self._notes, note),
        )

    def _for_variables(self, names: Sequence[str], groups: Sequence[str] = ()) -> Survey:
        """The survey with the weight that these variables need (``item_weights``).

        `groups` and the variables of the domain count only if they have a weight of their own.
        """
        needed = needed_weights(names, groups, self._arguments, self._notes, self._sources_of)
        chosen = chosen_weight(needed)
        main = self._arguments["weights"]
        return self if chosen is None or chosen == str(main) else self.use_weights(chosen)

    def _half_of(self, rows: np.ndarray) -> str | list[str] | None:
        """The item weight of the half of the sample in which these rows lie."""
        own = dict.fromkeys(self._arguments["item_weights"].values())
        values = {name: numbers_of(self._frame, name, "item_weights") for name in own}
        return half_of(rows, self._weights, self._base_weights, values)

    def _rows_of(self, name: str) -> np.ndarray:
        """(n,) rows that count for a variable: of the domain, with the weight that it needs."""
        try:
            svy = self._for_variables([name])
        except DesignError:
            svy = self
        return np.asarray(svy.domain & (svy._weights != 0))

    def _weighted(self, step: WeightingStep, weights: Floats) -> Survey:
        """The survey after a weighting step, which is redone on replicate weights."""
        replicates = self._design.replicates
        if replicates is not None:
            replicates = redone(step, replicates)
        design = replace(self._design, steps=(*self._design.steps, step), replicates=replicates)
        return self._with(weights=weights, design=design)

    def _design_columns(self) -> set[str]:
        """Columns that make the design."""
        return design_columns(self._arguments, self._design.replicates)

    # -- telling and keeping ------------------------------------------------------------------------------------

    def describe(self) -> Description:
        """Strata, PSUs, rows, sum of weights, degrees of freedom, design effect of weighting, and problems."""
        return describe(self._design, self._weights, self.domain, self._arguments, self._source)

    def save(self, path: str | Path) -> Path:
        """Save data and design in one file (``.npz``), without loss; :func:`read_survey` brings it back."""
        check_not_collapsed(self, "svy.save")
        held = {name: getattr(self, f"_{name}") for name in HELD}
        return save_survey(path, self._frame, self._design, held)

    __setstate__ = unpickled
    to_file = to_file
    collapse = collapse

    def _meta(self) -> dict[str, Any]:
        """What every result of this survey says of its source, weight and design."""
        own = {"unit_weights": self._arguments["unit_weights"]} if self._arguments.get("unit_weights") else {}
        return {
            "source": dict(self._source),
            "synthetic": bool(self._source.get("synthetic", False)),
            "weight": self._arguments["weights"],
            "weight_kind": self.weight_kind,
            "design": self._design.facts(),
            "domain": [dict(note) for note in self._notes],
            "survey": for_scripts(self._frame, self._design, self._arguments, self._domain is not None),
            "spoken": labels_told(
                self.labels, [*(note.get("condition") for note in self._notes), self._arguments["weights"]]
            ),
            **own,
            **({} if self._collapsed is None else {"collapsed": told_of(self)}),
            **self._beside,
        }


def _own_copy(frame: pd.DataFrame) -> pd.DataFrame:
    """A copy that later edits of the original do not reach; free of cost where pandas copies on write."""
    return frame.copy(deep=int(pd.__version__.split(".")[0]) < 3)
