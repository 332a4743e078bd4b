"""Rubin's rules: several completed data sets, or plausible values, as one result."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from llo_research.errors import DataError
from llo_research.estimation.assemble import Options, smallest
from llo_research.estimation.result import Result, row_labels
from llo_research.estimation.target import Target, check_survey, make_target, names_of
from llo_research.numerics.groups import Codes, Floats
from llo_research.survey.scores import stacked
from llo_research.survey.variables import Variable, nearest

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey


def combine_imputations(results: Sequence[Result]) -> Result:
    """Combine the same estimate from M imputed data sets (or plausible values) by Rubin's rules.

    Parameters
    ----------
    results : sequence of Result
        At least two results with the same rows, one for each imputation.

    Returns
    -------
    Result
        Estimates averaged over imputations; covariance = average sampling covariance + (1 + 1/M) times the covariance
        between imputations; degrees of freedom after Barnard and Rubin.

    Raises
    ------
    DataError
        Fewer than two results, or results with different rows.

    Notes
    -----
    T = Ubar + (1 + 1/M) B. With lambda = (1 + 1/M) B / T, nu_m = (M - 1) / lambda^2 and nu_obs = (nu + 1)/(nu + 3)
    nu (1 - lambda), nu the complete-data degrees of freedom, df = 1/(1/nu_m + 1/nu_obs) [1]_ [2]_.

    References
    ----------
    .. [1] Rubin, D. B. (1987). Multiple Imputation for Nonresponse in Surveys. Wiley.
    .. [2] Barnard, J. and Rubin, D. B. (1999). Small-sample degrees of freedom with multiple imputation. Biometrika,
       86, 948-955.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"y1": [1.0, 2.0, 4.0], "y2": [1.0, 3.0, 4.0], "w": [1.0, 1.0, 1.0]})
    >>> svy = llo.Survey(frame, weights="w")
    >>> parts = [llo.mean(name, svy) for name in ("y1", "y2")]
    >>> float(llo.combine_imputations(parts).estimate.round(3)[0])
    2.5
    """
    results = list(results) if isinstance(results, Iterable) else [results]
    if len(results) < 2 or not all(isinstance(result, Result) for result in results):
        raise DataError(
            "Imputations are combined from at least two results.",
            where="combine_imputations",
            expected="a list of results, one for each imputed data set",
            todo="llo.combine_imputations([llo.mean('y1', svy), llo.mean('y2', svy), ...])",
            found=f"{len(results)} of type {', '.join(sorted({type(r).__name__ for r in results}))}",
        )
    first = results[0]
    names = [name for name in first.rows.columns if name != "variable"]
    for number, result in enumerate(results[1:], start=2):
        if len(result.rows) != len(first.rows) or not _same(first.rows, result.rows, names):
            raise DataError(
                "The results do not have the same rows.",
                where=f"result {number}",
                found=list(result.labels)[:5],
                expected=list(first.labels)[:5],
                todo="make the same call on each data set; levels must be declared where one of them may be absent",
            )
    estimates = np.array([result.estimate for result in results])
    within = np.mean([result.covariance for result in results], axis=0)
    one_design = all(
        r.survey is not None and first.survey is not None and r.survey.design is first.survey.design for r in results
    )
    scores = None
    if one_design and all(result.scores is not None for result in results):
        average = np.tile(np.eye(len(first.estimate)) / len(results), (1, len(results)))
        scores = stacked([r.scores for r in results if r.scores is not None]).mapped(average)
    meta = {**first.meta, "imputations": len(results)}
    first, imputed = _named_together(results)
    if imputed:
        meta["imputed_variables"] = imputed
    return _combined(first, estimates, within, meta, scores=scores)


def _named_together(results: Sequence[Result]) -> tuple[Result, dict[str, list[str]]]:
    """The first result under names for all: the common stem of numbered names, else the first with the count."""
    first = results[0]
    if "variable" not in first.rows:
        return first, {}
    sets = list(zip(*([str(name) for name in result.rows["variable"]] for result in results), strict=True))
    if all(len(set(names)) == 1 for names in sets):
        return first, {}
    stems = [_stem(names) or f"{names[0]} ({len(results)} imputations)" for names in sets]
    if len(set(stems)) < len({names[0] for names in sets}):
        stems = [f"{names[0]} ({len(results)} imputations)" for names in sets]
    new = {names[0]: stem for names, stem in zip(sets, stems, strict=True)}
    rows = first.rows.assign(variable=stems)
    labels = tuple(":".join(new.get(part, part) for part in label.split(":")) for label in first.labels)
    return replace(first, rows=rows, labels=labels), {stem: list(n) for n, stem in zip(sets, stems, strict=True)}


def _stem(names: Sequence[str]) -> str:
    """What numbered names have in common: ``PV`` of PV1, PV2, ...; nothing where they differ in more."""
    parts = [re.fullmatch(r"(.*?)_?(\d+)(\D*)", name) for name in names]
    stems = {f"{part.group(1)}{part.group(3)}" if part else "" for part in parts}
    return stems.pop() if len(stems) == 1 and len(set(names)) == len(names) else ""


def _same(one: pd.DataFrame, other: pd.DataFrame, names: Sequence[str]) -> bool:
    """Whether two results speak of the same rows, apart from the name of the variable."""
    if list(one.columns) != list(other.columns):
        return False
    return all(one[n].astype(str).tolist() == other[n].astype(str).tolist() for n in names)


def _combined(first: Result, estimates: Floats, within: Floats, meta: dict[str, Any], **changes: Any) -> Result:
    """Rubin's rules for estimates (M x k) and the average sampling covariance (k x k)."""
    m = len(estimates)
    theta = estimates.mean(axis=0)
    deviation = estimates - theta
    between = deviation.T @ deviation / (m - 1)
    covariance = within + (1 + 1 / m) * between
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(np.diag(covariance) > 0, (1 + 1 / m) * np.diag(between) / np.diag(covariance), 0.0)
        nu = first.df
        observed = (nu + 1) / (nu + 3) * nu * (1 - share)
        df = 1 / (share**2 / (m - 1) + 1 / observed)
    return replace(
        first,
        estimate=theta,
        covariance=covariance,
        df=np.asarray(df, dtype=np.float64),
        meta={**meta, "imputation_share_of_variance": [float(s) for s in share]},
        details=_without_design_effect(first),
        replicates=None,
        extra_flags=_undefined(first, theta, covariance),
        interval="wald" if first.own_ends is not None else first.interval,
        own_ends=None,
        **changes,
    )


def _undefined(first: Result, theta: Floats, covariance: Floats) -> tuple[str, ...]:
    """Flags of the parts, and of estimates without a standard error at one of the replicates."""
    known = first.extra_flags or ("",) * len(theta)
    replicated = first.survey is not None and first.survey.design.replicates is not None
    lost = np.isfinite(theta) & np.isnan(np.diag(covariance)) & replicated
    return tuple(
        f"{words} replicate_undefined".strip() if gone else words for words, gone in zip(known, lost, strict=True)
    )


def _without_design_effect(first: Result) -> Callable[[], pd.DataFrame] | None:
    """Sums of weights only: a design effect of imputed values is not defined here."""
    details = first.details
    if details is None:
        return None
    return lambda: details()[["sum_weights"]]


def expand_pattern(pattern: str, columns: Sequence[str]) -> list[str]:
    """The plausible-value columns of a pattern such as ``PVLIT*`` or ``PVLIT[1-10]``, in numerical order."""
    ranged = re.fullmatch(r"(.*)\[(\d+)-(\d+)\](.*)", pattern)
    if ranged:
        head, low, high, tail = ranged.groups()
        found = [f"{head}{i}{tail}" for i in range(int(low), int(high) + 1)]
        absent = [name for name in found if name not in columns]
        if absent:
            raise DataError(
                f"There is no column {absent[0]!r}.",
                where=f"pattern {pattern!r}",
                found=f"{len(found) - len(absent)} of {len(found)} columns{nearest(absent[0], columns)}",
                expected="every column of the range",
                todo="name the range that is there, or use a star",
            )
    elif pattern.count("*") != 1:
        found = [pattern] if pattern in columns else []
    else:
        matches = [c for c in columns if isinstance(c, str) and fnmatch.fnmatchcase(c, pattern)]
        found = [c for c in matches if _number_in(c, pattern) is not None]
        found.sort(key=lambda c: _number_in(c, pattern) or 0)
    if len(found) < 2:
        raise DataError(
            f"The pattern {pattern!r} finds {len(found)} columns of plausible values.",
            where="plausible=True",
            found=f"{found}{'' if found else nearest(pattern.rstrip('*'), columns)}",
            expected="at least two, numbered, as 'PVLIT*' for PVLIT1 to PVLIT10",
            todo="check the pattern against svy.frame.columns; for an ordinary column leave plausible=True out",
        )
    return found


def _number_in(name: str, pattern: str) -> int | None:
    """The number that the star of the pattern stands for."""
    match = re.fullmatch(fnmatch.translate(pattern).replace(".*", r"(\d+)"), name)
    return int(match.group(1)) if match else None


def _check_lengths(lengths: dict[str, int]) -> None:
    """As many plausible values of each."""
    if len(set(lengths.values())) > 1:
        raise DataError(
            "The patterns find different numbers of plausible values.",
            where="plausible=True",
            found=lengths,
            expected="as many of each, drawn together",
            todo="call llo.mean for each pattern",
        )


def over_plausible_values(
    patterns: Sequence[str],
    svy: Survey,
    *,
    by: str | Sequence[str] | None,
    missing: str,
    options: Options,
    estimate: Callable[[Target, str, Options], Result],
    groups: Sequence[str] = (),
    levels: bool = False,
) -> Result:
    """One estimate for each pattern, cell (and level), combined over its plausible values.

    estimate : makes the result of all plausible values at once, cells outside, variables and levels inside.
    groups : further columns of the call. levels : whether every level of a variable gives a row.
    """
    check_survey(svy)
    sets = {pattern: expand_pattern(pattern, list(svy._frame.columns)) for pattern in patterns}
    _check_lengths({pattern: len(found) for pattern, found in sets.items()})
    names = names_of([name for found in sets.values() for name in found], "plausible values")
    target = make_target(svy, names, by, missing, "variables", groups=groups)
    if levels:
        target = replace(target, variables=_of_the_same_levels(target.variables, sets))
    elif any(found.kind == "category" for found in target.variables):
        raise DataError(
            "Plausible values are numbers.",
            where=f"pattern {patterns}",
            found="text or categories",
            expected="columns of numbers",
            todo="llo.share(..., plausible=True) for plausible levels; or check the pattern",
        )
    every = estimate(target, missing, options)
    m = len(next(iter(sets.values())))
    variables = every.rows["variable"].astype(str)
    chosen = np.array([np.flatnonzero(variables.isin({found[j] for found in sets.values()})) for j in range(m)])
    estimates = every.estimate[chosen]
    within = np.mean([every.covariance[np.ix_(c, c)] for c in chosen], axis=0)
    first = _of_one(every, chosen, sets, target.by, within)
    k = len(first.estimate)
    average = np.zeros((k, k * m))
    average[np.arange(k)[:, None], chosen.T] = 1 / m
    assert every.scores is not None
    unit = {_stem_of(pattern): every.meta["unit"].get(found[0]) for pattern, found in sets.items()}
    meta = {**every.meta, "unit": {**every.meta["unit"], **unit}, "plausible_values": sets, "imputations": m}
    return _combined(first, estimates, within, meta, scores=every.scores.mapped(average))


def _stem_of(pattern: str) -> str:
    """The name for all plausible values of a pattern."""
    return re.sub(r"\*|\[\d+-\d+\]", "", pattern)


def _of_one(every: Result, chosen: Codes, sets: dict[str, list[str]], by: Sequence[str], covariance: Floats) -> Result:
    """The rows of the first plausible values under the names of all; facts for disclosure are those of the smallest."""
    rows = every.rows.iloc[chosen[0]].reset_index(drop=True)
    stems = {found[0]: _stem_of(pattern) for pattern, found in sets.items()}
    rows["variable"] = [stems[name] for name in rows["variable"]]
    details, cell_details = every.details, every.cell_details
    used = np.zeros((len(rows), len(every.estimate)), dtype=bool)
    used[np.arange(len(rows))[:, None], chosen.T] = True
    return replace(
        every,
        rows=rows,
        estimate=every.estimate[chosen[0]],
        covariance=covariance,
        df=every.df[chosen[0]],
        labels=row_labels(rows, by),
        interval=tuple(every.methods[i] for i in chosen[0]),
        n=None if every.n is None else every.n[chosen[0]],
        details=None if details is None else lambda: details().iloc[chosen[0]],
        cell_details=None if cell_details is None else lambda: smallest(cell_details(), used),
        extra_flags=tuple(every.extra_flags[i] for i in chosen[0]) if every.extra_flags else (),
        replicates=None,
        scale=lambda: every.scales[chosen[0]],
    )


def _of_the_same_levels(variables: Sequence[Variable], sets: dict[str, list[str]]) -> tuple[Variable, ...]:
    """Plausible levels: those that occur in any of a pattern's columns are levels of all of them."""
    by_name = {found.name: found for found in variables}
    out = []
    for pattern, names in sets.items():
        found = [by_name[name] for name in names]
        declared = [variable.levels for variable in found if variable.declared]
        if declared and (len(declared) < len(found) or any(one != declared[0] for one in declared)):
            raise DataError(
                "The plausible values do not have the same levels.",
                where=f"pattern {pattern!r}",
                found="; ".join(f"{variable.name}: {variable.levels[:8]}" for variable in found[:3]),
                expected="the same levels, in the same order, in each column",
                todo="declare them alike: pandas.Categorical(..., categories=[...], ordered=True) in svy.assign",
            )
        if declared or found[0].kind == "boolean":
            out += found
            continue
        every = dict.fromkeys(level for variable in found for level in variable.levels)
        levels = sorted(every, key=lambda level: (isinstance(level, str), level))
        out += [
            Variable(one.name, "category", one.series.astype(pd.CategoricalDtype(levels, ordered=True)), declared=True)
            for one in found
        ]
    return tuple(out)
