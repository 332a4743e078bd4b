"""Several results of one survey with their joint covariance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Any

import numpy as np
import pandas as pd

from llo_research import __version__, definitions
from llo_research.design.stands_for import check_together
from llo_research.errors import DataError, DesignError
from llo_research.options import check_level, check_switch
from llo_research.results.columns import IDENTIFIERS
from llo_research.results.draws import by_draw, over_draws
from llo_research.results.estimates import beside
from llo_research.results.exported import is_exported, not_outside
from llo_research.results.facts import Facts, Later
from llo_research.results.inference import infer
from llo_research.results.intervals import OwnEnds
from llo_research.results.result import Result
from llo_research.results.standing import together

# what every result of one survey says of it
_OF_SURVEY = ("source", "synthetic", "weight", "weight_kind", "design", "domain", "unit_weights")


def joint(results: Mapping[str, Result], *, level: float | None = None, simultaneous: bool = False) -> Result:
    """Several results of one survey as one, with the covariances between them.

    Use it to compare estimates of different calls: a mean of one variable with that of another, a total with a subset,
    a gap with a later gap.

    Parameters
    ----------
    results : mapping of str to Result
        Results computed from the same Survey (domains of it count). The names come before the rows' own labels:
        ``joint({"all": r1, "low": r2})`` has the labels ``all`` and ``low`` when each is one row, and
        ``all:2014``, ... otherwise.

    level : float, optional
        Confidence level; default that of the first result.
    simultaneous : bool
        Joint intervals for all rows of all results.

    Returns
    -------
    Result
        Rows of all results with a column `result`; `.cov` holds all covariances. Each row keeps the method of its
        interval and its degrees of freedom; ends that a result found itself (those of quantiles) hold at its own level
        only, elsewhere the interval is symmetric and ``.interval`` says so. Rows are tested (differences against 0,
        ratios against 1) when all results are.

    Raises
    ------
    DesignError
        Results of different surveys, or read back from a file (they have no influence values).

    Notes
    -----
    The influence values stand side by side, z = (z_1, z_2, ...), and go through the kernel together; with replicate
    weights the estimates at each replicate do. Results over imputations are joined in each of them, and combined.

    References
    ----------
    Sarndal, C.-E., Swensson, B. and Wretman, J. (1992). Model Assisted Survey Sampling. Springer, section 5.5.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"a": [1.0, 2.0, 4.0], "b": [2.0, 2.0, 5.0], "w": [1.0, 1.0, 2.0]})
    >>> svy = llo.Survey(frame, weights="w")
    >>> both = llo.joint({"a": llo.mean("a", svy), "b": llo.mean("b", svy)})
    >>> both.contrast({"b": 1, "a": -1}).estimate.round(3).tolist()
    [0.75]
    """
    parts = {str(name): result for name, result in results.items()} if isinstance(results, Mapping) else {}
    if draws := [joint(draw, level=level, simultaneous=simultaneous) for draw in by_draw(parts)]:
        return Result(**over_draws(draws, draws[0].meta))
    first = _check(parts, results)
    check_level(first.level if level is None else level)
    check_switch(simultaneous, "simultaneous")
    estimates = beside({name: result.estimates for name, result in parts.items()})
    df = np.concatenate([result.df for result in parts.values()])
    inference = infer(estimates, first.design, first.inference.vcov, df=df)
    own_level = first.level if level is None else float(level)
    own, methods = _own_ends(parts, own_level)
    counts = [r.n if r.n is not None else np.full(len(r.estimate), np.nan) for r in parts.values()]
    return Result(
        rows=_rows(parts),
        labels=_labels(parts),
        estimates=estimates,
        inference=inference,
        meta=_meta(parts),
        design=first.design,
        quantity=tuple(quantity for result in parts.values() for quantity in result.quantity),
        level=own_level,
        interval=methods,
        simultaneous=simultaneous,
        tested=all(result.tested for result in parts.values()),
        n=np.concatenate(counts),
        details=_side_by_side(parts, "details"),
        cell_details=_side_by_side(parts, "cell_details"),
        extra_flags=tuple(f for r in parts.values() for f in (r.extra_flags or ("",) * len(r.estimate))),
        own_ends=own,
        standing=together([(result.standing, len(result.estimate)) for result in parts.values()]),
    )


def _check(parts: Mapping[str, Result], given: object) -> Result:
    """The first result, when all of them can stand together."""
    if not parts or not all(isinstance(result, Result) for result in parts.values()):
        kinds = given.values() if isinstance(given, Mapping) else [given]
        raise DataError(
            "joint takes a mapping of names to results.",
            where="joint",
            found=f"a {type(given).__name__} of {', '.join(type(kind).__name__ for kind in kinds) or 'nothing'}",
            expected="llo.joint({'a': result, 'b': other})",
            todo="give each result a name in a dict",
        )
    _check_names(list(given) if isinstance(given, Mapping) else list(parts))
    first = next(iter(parts.values()))
    for name, result in parts.items():
        if is_exported(result.meta):
            todo = "llo.joint({...}) of the results, exported as one: their covariance leaves with it"
            raise not_outside(result.meta, "A joint result", todo, name)
        if result.design is None or result.scores is None or first.design is None:
            raise DesignError(
                "A result without influence values cannot be joined.",
                where=name,
                found="a result that was read from a file, or combined over data sets",
                todo="call the estimators again on one survey",
            )
        if result.design is not first.design and not _same_design(result, first):
            raise DesignError(
                "The results come from different surveys.",
                where=name,
                found="another design",
                expected="the survey of the first result",
                todo="compute both from one Survey (svy.where keeps it one); independent surveys are stacked first",
            )
        _same_vcov(name, result, first)
        if "imputations" in result.meta:
            raise DesignError(
                "A result combined over imputations cannot be joined.",
                where=name,
                todo="join the results of each imputation, and combine those: llo.combine_imputations([...])",
            )
    numbers = [own for result in parts.values() for own in (result.meta.get("collapsed") or {}).get("numbers", ())]
    check_together(first.design.stands if first.design is not None else None, list(dict.fromkeys(numbers)))
    return first


def _check_names(names: Sequence[Any]) -> None:
    """Names of results differ as text and are not empty, so that the rows' labels do."""
    told = [str(name) for name in names]
    if len(set(told)) < len(told) or not all(name.strip() for name in told):
        raise DataError(
            "The names of joint results are empty or the same.",
            where="joint",
            found=", ".join(map(repr, names)),
            expected="names that differ as text",
            todo="give each result a name of its own; 1 and '1' are the same name",
        )


def _same_vcov(name: str, result: Result, first: Result) -> None:
    """One way to make the covariance of all rows."""
    if result.inference.vcov.name != first.inference.vcov.name:
        raise DesignError(
            "The results have different covariances.",
            where=name,
            found=f"vcov={result.inference.vcov.name!r} beside {first.inference.vcov.name!r}",
            expected="one way to make the covariance of all rows",
            todo="call the estimators again with one vcov",
        )


def _side_by_side(parts: Mapping[str, Result], name: str) -> Facts | None:
    """The details of all results, one below the other; nan where a result has none, nothing when none has any."""
    made = [(getattr(result, name), len(result.estimate)) for result in parts.values()]
    return None if all(facts is None for facts, _ in made) else Later(_frames, made)


def _frames(made: Sequence[tuple[Facts | None, int]]) -> pd.DataFrame:
    """Frames of so many rows, one below the other."""
    known = [pd.DataFrame(index=range(k)) if facts is None else facts().reset_index(drop=True) for facts, k in made]
    return pd.DataFrame(pd.concat(known, ignore_index=True))


def _own_ends(parts: Mapping[str, Result], level: float) -> tuple[OwnEnds | None, tuple[str, ...]]:
    """Ends of intervals that only their own results know, where they hold at this level; the method of each row."""
    methods: list[str] = []
    low, high = (np.full(sum(len(result.estimate) for result in parts.values()), np.nan) for _ in range(2))
    here = np.zeros(len(low), dtype=bool)
    for result in parts.values():
        rows = slice(len(methods), len(methods) + len(result.estimate))
        own, words = result.own_ends, list(result.methods)
        if own is not None and own.hold_at(level, False):
            low[rows], high[rows], here[rows] = own.low, own.high, own.here
        elif own is not None:
            words = ["wald" if there else word for word, there in zip(words, own.here, strict=True)]
        methods += words
    return (OwnEnds(level, False, low, high, here) if here.any() else None), tuple(methods)


def _rows(parts: Mapping[str, Result]) -> pd.DataFrame:
    """The rows of all results, with the name of each result first."""
    rows = pd.concat([result.rows.assign(result=name) for name, result in parts.items()], ignore_index=True, sort=False)
    cells = [name for name in rows.columns if name not in IDENTIFIERS and name != "result"]
    return rows[["result", *cells, *(name for name in IDENTIFIERS if name in rows.columns)]]


def _labels(parts: Mapping[str, Result]) -> tuple[str, ...]:
    """The name of a result of one row; otherwise the name and the row's own label."""
    return tuple(
        name if len(result.labels) == 1 else f"{name}:{label}"
        for name, result in parts.items()
        for label in result.labels
    )


def _of_part(meta: Mapping[str, Any]) -> dict[str, Any]:
    """What a part said of itself and the joint result does not."""
    return {name: value for name, value in meta.items() if name not in ("source", "survey", "labels", "spoken")}


def _survey(parts: Mapping[str, Result]) -> dict[str, Any]:
    """What the parts know of the survey, the columns of all of them."""
    told: list[dict[str, Any]] = [dict(result.meta.get("survey") or {}) for result in parts.values()]
    columns = {name: kind for own in told for name, kind in (own.get("columns") or {}).items()}
    values = [own["values"] for own in told if "values" in own]
    every = {"values": reduce(or_, values)} if values else {}
    return {**told[0], **every, "columns": columns, "in_domain": any(own.get("in_domain") for own in told)}


def _meta(parts: Mapping[str, Result]) -> dict[str, Any]:
    """What the joint result says of itself."""
    first = next(iter(parts.values())).meta
    left_out = {f"{n}: {k}": v for n, r in parts.items() for k, v in r.meta.get("left_out", {}).items()}
    calls = {name: result.meta.get("call") for name, result in parts.items()}
    labels = {k: v for result in parts.values() for k, v in result.meta.get("labels", {}).items()}
    return {
        **{name: first[name] for name in _OF_SURVEY if name in first},
        "domain": _domains(parts),
        **{n: whose({k: r.meta.get(n) for k, r in parts.items()}) for n in ("weight", "weight_kind")},
        "call": {"function": "joint", "results": calls},
        "parts": {name: _of_part(result.meta) for name, result in parts.items()},
        "survey": _survey(parts),
        "version": __version__,
        "left_out": left_out,
        "derived_from": {k: v for r in parts.values() for k, v in r.meta.get("derived_from", {}).items()},
        "labels": labels,
        "spoken": {k: v for result in parts.values() for k, v in result.meta.get("spoken", {}).items()},
        "base_levels": _bases(parts),
        "unit": {k: v for result in parts.values() for k, v in result.meta.get("unit", {}).items()},
        **definitions.together({name: result.meta for name, result in parts.items()}),
    }


def _bases(parts: Mapping[str, Result]) -> dict[str, Any]:
    """The base levels of the models among the results, of categories that have the same one in all of them."""
    told = [result.meta.get("base_levels") or {} for result in parts.values()]
    every = {name: base for bases in told for name, base in bases.items()}
    return {name: base for name, base in every.items() if all(own.get(name, base) == base for own in told)}


def _domains(parts: Mapping[str, Result]) -> list[dict[str, Any]]:
    """The conditions of all results, each once; those of some results only say whose they are."""
    told = {name: result.meta.get("domain") or [] for name, result in parts.items()}
    out: list[dict[str, Any]] = []
    for name, notes in told.items():
        for note in notes:
            if not all(note in others for others in told.values()):
                out.append({**note, "result": f"{name}:{note['result']}" if "result" in note else name})
            elif note not in out:
                out.append(note)
    return out


def whose(values: Mapping[str, Any]) -> Any:
    """What all have, or in words who has what, as ``w (training), w_part1 (skills_match)``."""
    names: dict[Any, list[str]] = {}
    for name, value in values.items():
        names.setdefault(value, []).append(name)
    if len(names) == 1:
        return next(iter(names))
    return ", ".join(f"{value or 'none'} ({', '.join(some)})" for value, some in names.items())


def _same_design(one: Result, other: Result) -> bool:
    """Whether two designs differ only in the weight of the call (item weights of one survey)."""
    a, b = one.design, other.design
    if a is None or b is None:
        return False
    return a.stages is b.stages and a.replicates is b.replicates and a.steps == b.steps
