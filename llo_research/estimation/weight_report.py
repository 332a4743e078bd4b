"""The weight report: what each weighting step did to the weights, the margins and the outcomes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from llo_research.estimation.weight_outcomes import outcomes_by_step, units_of
from llo_research.numerics.groups import Floats
from llo_research.results import floors
from llo_research.results.receipts.receipt import Receipt, receipt_of_weights
from llo_research.results.rules import profile_for
from llo_research.weighting.calibration import Calibration
from llo_research.weighting.steps import KeptStep, check_whole_survey, names_of_columns, ratio

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey

_LARGEST, _BINS = 10, 24
EXTREMES = ("weight_min", "weight_max", "g_min", "g_max")
_STEP_WORDS = {
    "calibrate": "calibration",
    "adjust_nonresponse": "nonresponse",
    "trim": "trimming",
    "combine_parts": "parts combined",
}


@dataclass(frozen=True, eq=False)
class WeightReport:
    """What was done to the weights of a survey; made by :func:`weight_report`.

    Attributes
    ----------
    steps : DataFrame
        A row for the base weights and for each step: `step` `name` `n` `sum_weights` `weight_min` `weight_median`
        `weight_max` `g_min` `g_median` `g_max` `deff_kish` `n_eff` `negative`. g is the weight over that before the
        step; the base weights have none.
    margins : DataFrame
        A row for each total of each calibration: `step` `group` `margin` `level` `before` `after` `target` `now` `n`
        (people of a level; none for a total of numbers).
    largest : DataFrame
        The ten largest weights: `row` (label of the row), the unit where the survey has one, `base_weight` `weight`
        `g` `share` (of the sum of weights).
    outcomes : DataFrame
        Each outcome with the weights after each step: `step` `name` `variable` `level` `estimate` `std_error` `df`
        `conf_low` `conf_high` `n` `deff_kish` `deff_henry`.
    distribution : DataFrame
        How many rows with a weight have a weight over base weight between `low` and `high`: `n`.
    meta : dict
        The steps as they were called, source and design.
    """

    steps: pd.DataFrame
    margins: pd.DataFrame
    largest: pd.DataFrame
    outcomes: pd.DataFrame
    distribution: pd.DataFrame
    meta: dict[str, Any]

    def to_frame(self) -> pd.DataFrame:
        """The steps, as a new DataFrame."""
        return self.steps.copy()

    def receipt(self, *, language: str = "en", disclosure: str = "auto") -> Receipt:
        """Call, data, weight, weighting steps and design; see :meth:`Result.receipt`."""
        return receipt_of_weights(self.meta, language, disclosure)

    @property
    def parts(self) -> dict[str, pd.DataFrame]:
        """The frames that have rows, by name."""
        named = {"steps": self.steps, "margins": self.margins, "outcomes": self.outcomes, "largest": self.largest}
        return {name: frame for name, frame in named.items() if len(frame)}

    def __str__(self) -> str:
        shown, note = self._shown()
        parts = [f"{name}\n{_rounded(frame).to_string(index=False)}" for name, frame in shown.items()]
        return "\n\n".join(["Weight report", *parts, *note])

    def _shown(self) -> tuple[dict[str, pd.DataFrame], list[str]]:
        """The parts without what may not be seen of restricted files: persons, and the ends of their weights."""
        rules = profile_for(self.meta, "auto")
        if rules is None:
            return self.parts, []
        shown, note = {}, "Withheld: the largest and smallest weight and g, and what rests on few people."
        for name, frame in self.parts.items():
            hidden = floors.withheld(frame) if name == "outcomes" else None
            frame = floors.margins_without_few(frame, rules[1])[0] if name == "margins" else frame
            if name != "largest":
                ends = {end: floors.HIDDEN for end in EXTREMES if end in frame}
                shown[name] = floors.blanked(frame, hidden).assign(**ends)
        return shown, [note]

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        shown, note = self._shown()
        parts = [f"<h4>{name}</h4>\n{_rounded(frame).to_html(index=False)}" for name, frame in shown.items()]
        return "\n".join([*parts, *(f"<p>{text}</p>" for text in note)])


def weight_report(svy: Survey, outcomes: str | Sequence[str] | None = None, *, level: float = 0.95) -> WeightReport:
    """Tell what each weighting step did: to the weights, the margins, and the outcomes.

    Read it before using new weights: are g-weights far from 1, do a few people carry the estimates, how much precision
    do unequal weights cost, and did an outcome move by more than its margin of error?

    Parameters
    ----------
    svy : Survey
        After its weighting steps; the whole survey.
    outcomes : str or list of str, optional
        Variables of which the mean (numbers and booleans) or the share of each level is estimated with the weights
        after each step. Rows where an outcome is missing are left out of it.
    level : float
        Confidence level of the intervals of outcomes.

    Returns
    -------
    WeightReport
        With ``.steps``, ``.margins``, ``.largest``, ``.outcomes``; ``llo.report.table`` and ``llo.report.figure`` show
        it and its parts.

    Raises
    ------
    DataError
        No survey, unknown outcomes.
    DesignError
        A domain.

    Notes
    -----
    Kish's design effect is n sum w^2 / (sum w)^2 = 1 + cv(w)^2, and n_eff = n / deff [1]_. It takes weights as not
    related to the outcome. The one of Henry and Valliant for calibrated weights [2]_ compares the calibrated estimate
    of a total with that of a simple random sample: with w the weights before the calibration, e the residuals of the
    outcome from its auxiliaries, and all moments weighted with w, their equation 3.4

        deff_K s2_u / s2_y + n / (N s2_y) [cov(u^2, w) - 2 ubar cov(u, w)],  u = ubar + e,

    which is n sum w^2 e^2 / (N^2 s2_y), N = sum w. It stands in the rows of calibrations, and knows neither strata nor
    clusters. Standard errors of outcomes take the steps up to there into account. With replicate weights they are known
    for the last step only, because earlier replicate weights are not kept; the others are empty.

    References
    ----------
    .. [1] Kish, L. (1992). Weighting for unequal P_i. Journal of Official Statistics, 8, 183-200.
    .. [2] Henry, K. A. and Valliant, R. (2015). A design effect measure for calibration weighting in single-stage
       samples. Survey Methodology, 41, 315-331.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"sex": ["m", "v", "v", "m"], "w": [1.0, 1.0, 1.0, 1.0]})
    >>> svy = llo.calibrate(llo.Survey(frame, weights="w"), {"sex": {"m": 6, "v": 10}})
    >>> llo.weight_report(svy).steps[["name", "g_min", "g_max", "n_eff"]].round(2).values.tolist()
    [['base weights', nan, nan, 4.0], ['calibration', 3.0, 5.0, 3.76]]
    """
    check_whole_survey(svy, "weight_report")
    names = [] if outcomes is None else names_of_columns(outcomes, "outcomes")
    steps = [step for step in svy.design.steps if isinstance(step, KeptStep)]
    weights = [steps[0].before if steps else svy._weights, *(step.after for step in steps)]
    titles = ["base weights", *(_title(step) for step in steps)]
    rows = [_weights_row(k, titles[k], weights[k - 1] if k else None, w) for k, w in enumerate(weights)]
    told = outcomes_by_step(svy, names, steps, weights, titles, level)
    meta = {"call": {"function": "weight_report", "variables": names, "level": level}, **svy._meta()}
    totals = _margins(svy, steps)
    named = [*told["variable"].unique(), *totals["margin"].unique()]
    meta["labels"] = {name: svy.labels[name] for name in named if name in svy.labels}
    meta["unit"] = units_of(svy, names)
    parts = {
        "steps": pd.DataFrame(rows),
        "margins": totals,
        "largest": _largest(svy, weights[0]),
        "outcomes": told,
        "distribution": _distribution(weights[0], svy._weights),
    }
    for name, frame in parts.items():
        frame.attrs.update({"part": name, **meta})
    return WeightReport(**parts, meta=meta)


def _title(step: KeptStep) -> str:
    """A step in a word or two."""
    told = step.describe()
    return _STEP_WORDS.get(str(told.get("step")), str(told.get("step", "step")))


def _weights_row(number: int, title: str, before: Floats | None, after: Floats) -> dict[str, Any]:
    """Facts of the weights after a step, among rows with a weight."""
    w = after[after != 0]
    deff = float(len(w) * (w**2).sum() / w.sum() ** 2) if len(w) and w.sum() else np.nan
    g = np.full(1, np.nan) if before is None else ratio(after, before)[after != 0]
    return {
        "step": number,
        "name": title,
        "n": len(w),
        "sum_weights": float(w.sum()),
        "weight_min": float(w.min()),
        "weight_median": float(np.median(w)),
        "weight_max": float(w.max()),
        "g_min": float(g.min()),
        "g_median": float(np.median(g)),
        "g_max": float(g.max()),
        "deff_kish": deff,
        "n_eff": len(w) / deff,
        "negative": int((w < 0).sum()),
    }


def _margins(svy: Survey, steps: list[KeptStep]) -> pd.DataFrame:
    """Every total of every calibration: before, after, wanted, and with the current weights."""
    columns = ["step", "group", "margin", "level", "before", "after", "target", "now", "n"]
    parts = []
    for number, step in enumerate(steps, start=1):
        if not isinstance(step, Calibration):
            continue
        for group, system in zip(step.groups, step.systems, strict=True):
            reached = {
                name: system.totals_of(weights)
                for name, weights in (("before", step.before), ("after", step.after), ("now", svy._weights))
            }
            labels, levels = zip(*system.names, strict=True)
            shown = [" & ".join(map(str, level)) if isinstance(level, tuple) else level for level in levels]
            counts = system.totals_of((step.before != 0).astype(np.float64))
            reached["n"] = np.where([level is None for level in levels], np.nan, np.round(counts))
            part = {"step": number, "group": group, "margin": labels, "level": pd.Series(shown, dtype=object)}
            parts.append(pd.DataFrame({**part, **reached, "target": system.wanted})[columns])
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def _largest(svy: Survey, base: Floats) -> pd.DataFrame:
    """The rows with the largest weights."""
    w = svy._weights
    rows = np.argsort(-w, kind="stable")[: min(_LARGEST, int((w != 0).sum()))]
    unit = svy._arguments["unit"]
    person = {} if unit is None else {str(unit): svy._frame[unit].to_numpy()[rows]}
    return pd.DataFrame(
        {
            "row": svy._frame.index[rows],
            **person,
            "base_weight": base[rows],
            "weight": w[rows],
            "g": ratio(w, base)[rows],
            "share": w[rows] / w.sum(),
        }
    )


def _distribution(base: Floats, now: Floats) -> pd.DataFrame:
    """Bins of weight over base weight among the rows with a weight."""
    used = (now != 0) & (base != 0)
    counts, ends = np.histogram(now[used] / base[used], bins=_BINS)
    return pd.DataFrame({"low": ends[:-1], "high": ends[1:], "n": counts})


def _rounded(frame: pd.DataFrame) -> pd.DataFrame:
    """Numbers with five digits, as text."""
    out = frame.copy()
    for name in out.columns:
        if pd.api.types.is_float_dtype(out[name]):
            out[name] = [_text(value) for value in out[name]]
        else:
            out[name] = ["" if value is None else str(value) for value in out[name]]
    return out


def _text(value: float) -> str:
    """A number to read: five digits, no negative zero, empty where there is none."""
    if not np.isfinite(value):
        return ""
    if abs(value) >= 1e5:
        return f"{value:,.0f}"
    return f"{float(f'{value:.5g}') + 0.0:g}"
