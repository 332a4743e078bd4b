"""Independent surveys as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from llo_research.definitions import OPTIONS
from llo_research.design.design import Design
from llo_research.errors import DataError, DesignError
from llo_research.options import check_option
from llo_research.survey.construct import as_names
from llo_research.survey.independence import check_independent
from llo_research.survey.item_weights import kind_of
from llo_research.survey.lazy import refuse_lazy
from llo_research.survey.stacked_collapsed import stacked_numbers, stands_of
from llo_research.survey.stacked_design import (
    check_designs,
    stacked_stages,
    stacked_steps,
)
from llo_research.survey.stacked_frame import stacked_frame
from llo_research.survey.stacked_replicates import stacked_replicates
from llo_research.survey.stacked_source import stacked_source
from llo_research.survey.survey import Survey
from llo_research.survey.unlike import labels_beside
from llo_research.survey.variables import numbers_of

LABEL = "survey"


def stack(surveys: Mapping[str, Survey], *, breaks: str = "refuse") -> Survey:
    """Independent surveys as one, with a column `survey`.

    Use it to compare or add up what was measured in samples that were drawn apart (employees and self-employed): every
    estimator then takes them together, with standard errors that know that they are independent.

    Parameters
    ----------
    surveys : mapping of str to Survey
        At least two, named as the levels of the column `survey`.
    breaks : {"refuse", "flag"}
        What a call does that sets answers to different questions beside each other: variables whose ``source`` gives
        another reference period (two years, twelve months) or another definition in each survey. ``refuse`` raises;
        ``flag`` marks each such number (`flag`, the reference period behind the name of the survey, a note).

    Returns
    -------
    Survey
        All rows and columns (missing where a survey lacks one); levels of categories merged in order; `person` as text
        where one of the surveys has text. Each survey keeps its strata, stages, finite population corrections, rule for
        lonely PSUs, weights, weighting steps, domain and item weights; sampling units of different surveys are
        different ones. `time` and `unit` are kept where all surveys name them alike (units whose labels occur in
        several surveys under ``survey:<unit>``); otherwise ``.meta`` says that they were not. It is synthetic if one of
        the surveys is; series breaks of a survey hold for the whole.

    Raises
    ------
    DataError
        Fewer than two surveys, a column of another kind in each, levels declared in another order.
    DesignError
        Surveys with and without replicate weights, with different kinds of weights, or with rows in common: domains
        and weightings of one survey are not independent.

    Notes
    -----
    Covariances of independent samples add up: V(z) = sum over surveys of V_s(z_s), with z_s the influence values of a
    survey's rows. Replicates of one survey stand beside the full weights of the others [1]_. Weights stay as they are:
    a mean over the whole stack counts expansion weights in proportion to the populations, and people in the population
    of two surveys twice.

    References
    ----------
    .. [1] Wolter, K. M. (2007). Introduction to Variance Estimation, 2nd ed. Springer, chapter 2.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> employees = llo.Survey(pd.DataFrame({"trained": [1, 0, 1, 1], "w": [10.0] * 4}), weights="w")
    >>> selfemployed = llo.Survey(pd.DataFrame({"trained": [0, 1], "w": [5.0] * 2}), weights="w")
    >>> both = llo.stack({"employees": employees, "self-employed": selfemployed})
    >>> llo.mean("trained", both, by="survey").estimate.tolist()
    [0.75, 0.5]
    """
    check_option(breaks, "breaks", OPTIONS)
    names, parts = _checked(surveys)
    check_independent(names, parts)
    replicated = check_designs(names, parts)
    frame = stacked_frame({name: svy._frame for name, svy in zip(names, parts, strict=True)}, LABEL)
    roles, notes = _roles(names, parts, frame)
    item_weights, kinds = _item_weights(names, parts, frame)
    stages, lonely = stacked_stages(names, parts) if not replicated else (_first_stages(names, parts), "error")
    design = Design(
        n=len(frame),
        stages=stages,
        lonely_psu=lonely,
        replicates=stacked_replicates(parts) if replicated else None,
        steps=stacked_steps(names, parts),
        persons=_persons(parts),
        stands=stands_of(parts),
        frames=tuple(one for svy in parts for one in svy.design.frames),
        roles={**{role: own for role, own in roles.items() if role != "weights" and own}, "stacked": list(names)},
    )
    domain = None if all(svy._domain is None for svy in parts) else np.concatenate([svy.domain for svy in parts])
    source = stacked_source({name: svy.source for name, svy in zip(names, parts, strict=True)})
    source |= {"differing": breaks} if breaks == "flag" else {}
    arguments = {**parts[0]._arguments, **roles, "item_weights": item_weights, "lonely_psu": lonely}
    frame, collapsed = stacked_numbers(names, parts, frame)
    return parts[0]._with(
        arguments=arguments,
        frame=frame,
        collapsed=collapsed,
        kinds={**{svy._arguments["weights"]: svy.weight_kind for svy in parts if svy._arguments["weights"]}, **kinds},
        origins=_origins(parts),
        domain=domain,
        notes=(*_notes(names, parts), *notes),
        labels=labels_beside({name: svy.labels for name, svy in zip(names, parts, strict=True)}, source),
        source=source,
        design=design,
        weights=np.concatenate([svy._weights for svy in parts]),
        base_weights=np.concatenate([svy._base_weights for svy in parts]),
    )


def _persons(parts: Sequence[Survey]) -> np.ndarray | None:
    """A number for each person, of one survey each; rows of surveys that name no unit are their own."""
    if all(svy.design.persons is None for svy in parts):
        return None
    out, start = [], 0
    for svy in parts:
        own = np.arange(len(svy)) if svy.design.persons is None else svy.design.persons
        out.append(np.where(own < 0, -1, own + start))
        start += int(own.max(initial=-1)) + 1
    return np.concatenate(out)


def _checked(surveys: object) -> tuple[list[str], list[Survey]]:
    """Names and surveys, two or more."""
    items = list(surveys.items()) if isinstance(surveys, Mapping) else []
    for name, svy in items:
        refuse_lazy(svy, f"stack, {name!r}")
    if len(items) < 2 or not all(isinstance(name, str) and isinstance(svy, Survey) for name, svy in items):
        kinds = ", ".join(f"{name!r}: {type(svy).__name__}" for name, svy in items) or f"a {type(surveys).__name__}"
        raise DataError(
            "stack takes at least two surveys by name.",
            where="stack",
            found=kinds[:200],
            expected="llo.stack({'nea': nea, 'zea': zea})",
            todo="give two or more, each under a name that is text: {'2014': first, '2016': second}",
        )
    return [name for name, _ in items], [svy for _, svy in items]


def _first_stages(names: Sequence[str], parts: Sequence[Survey]) -> tuple[Any, ...]:
    """The first stages of replicate designs, of which only descriptions make use."""
    plain = [svy._with(design=replace(svy.design, lonely_psu="error")) for svy in parts]
    return stacked_stages(names, plain)[0]


def _roles(
    names: Sequence[str], parts: Sequence[Survey], frame: pd.DataFrame
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The columns of the design, and notes of roles that could not be kept."""
    weights = list(dict.fromkeys(str(svy._arguments["weights"]) for svy in parts if svy._arguments["weights"]))
    roles: dict[str, Any] = {"weights": " / ".join(weights) or None}
    notes: list[dict[str, Any]] = []
    for role in ("strata", "psu", "fpc"):
        columns = [name for svy in parts for name in as_names(svy._arguments[role])]
        roles[role] = list(dict.fromkeys(columns)) or None
    for role in ("unit", "time", "unit_weights"):
        own_columns = [svy._arguments.get(role) for svy in parts]
        roles[role] = own_columns[0] if len(set(own_columns)) == 1 else None
        if roles[role] is None and any(own_columns):
            words = f"{role} is not the same column in all surveys, and was not kept"
            notes.append({"stack": words, "columns": own_columns})
    known = roles["unit"] is not None and roles["unit"] in frame
    if known and frame.groupby(roles["unit"], observed=True)[LABEL].nunique().max() > 1:
        own = f"{LABEL}:{roles['unit']}"
        frame[own] = frame[LABEL].astype(str) + ":" + frame[roles["unit"]].astype(str)
        roles["unit"] = own
    for role in ("replicate_weights", "replicate_method", "replicate_scale", "replicate_rscales", "fay"):
        roles[role] = None
    return roles, notes


def _origins(parts: Sequence[Survey]) -> dict[str, tuple[str, ...]]:
    """The columns that assigned columns of any survey were made of."""
    names = dict.fromkeys(name for svy in parts for name in svy._origins)
    return {name: tuple(dict.fromkeys(s for svy in parts for s in svy._origins.get(name, ()))) for name in names}


def _item_weights(
    names: Sequence[str], parts: Sequence[Survey], frame: pd.DataFrame
) -> tuple[dict[str, str], dict[str, str]]:
    """Item weights of all surveys, and the kinds of their columns.

    A survey that has none for a variable counts with its own weights there.
    """
    wanted = list(dict.fromkeys(variable for svy in parts for variable in svy._arguments["item_weights"]))
    out: dict[str, str] = {}
    kinds: dict[str, str] = {}
    for variable in wanted:
        sources = [svy._arguments["item_weights"].get(variable) for svy in parts]
        own_weights = list(dict.fromkeys(source for source in sources if source is not None))
        own = [svy for svy, source in zip(parts, sources, strict=True) if source is None]
        if len(own_weights) == 1 and not any(own_weights[0] in svy._frame.columns for svy in own):
            name = str(own_weights[0])
        else:
            name = " / ".join(str(source or "own weights") for source in sources)
        if own or len(own_weights) > 1:
            values = [
                svy._weights if source is None else numbers_of(svy._frame, source, "item_weights")
                for svy, source in zip(parts, sources, strict=True)
            ]
            frame[name] = np.concatenate(values)
        out[variable] = name
        kinds[name] = _one_kind(variable, names, parts, sources)
    return out, kinds


def _one_kind(variable: str, names: Sequence[str], parts: Sequence[Survey], sources: Sequence[str | None]) -> str:
    """The kind of the weights of a variable, which must be one."""
    kinds = {
        name: svy.weight_kind
        if source is None
        else kind_of(source, numbers_of(svy._frame, source, "weights"), svy._kinds, svy._source)
        for name, svy, source in zip(names, parts, sources, strict=True)
    }
    if len(set(kinds.values())) > 1:
        raise DesignError(
            f"The surveys have different kinds of weights for {variable!r}.",
            where="stack, item_weights",
            found=", ".join(f"{name}: {kind}" for name, kind in kinds.items()),
            expected="expansion weights in all, or proportional ones in all",
            todo="choose one weight in each survey first: svy.use_weights(name, weight_kind=...)",
        )
    return next(iter(kinds.values()))


def _notes(names: Sequence[str], parts: Sequence[Survey]) -> list[dict[str, Any]]:
    """The notes of each survey, with its name."""
    return [{**note, "survey": name} for name, svy in zip(names, parts, strict=True) for note in svy._notes]
