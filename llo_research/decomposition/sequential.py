"""A coefficient as blocks of controls are added one after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from llo_research.decomposition.columns import named_terms
from llo_research.decomposition.moments import coefficients_at, grouped, moments_of, moments_result, one_column
from llo_research.decomposition.parts import TOTAL
from llo_research.decomposition.plausible import drawn
from llo_research.errors import DataError
from llo_research.estimation.target import check_survey
from llo_research.numerics.groups import Floats
from llo_research.options import check_level, check_option, check_switch
from llo_research.results.decomposition import Decomposition
from llo_research.survey.collapsed import admitted
from llo_research.survey.lazy import is_lazy

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey


def sequential(
    formula: str,
    svy: Survey,
    *,
    focal: str,
    blocks: Mapping[str, Sequence[str]],
    level: float = 0.95,
    missing: str = "omit",
    plausible: bool = False,
) -> Decomposition:
    """How a coefficient falls as blocks of controls are added in a given order.

    Use it to repeat published tables made so; :func:`gelbach` does not depend on the order.

    Parameters
    ----------
    formula : str
        The first model, ``"y ~ focal"``.
    svy : Survey
        The data; all models are of the people with values for all blocks.
    focal : str
        The regressor whose coefficient is followed: one column.
    blocks : mapping
        ``{"person": ["a"], "job": ["b", "C(c)"]}``: terms added in this order.
    level, missing
        As in :func:`llo.glm`.
    plausible : bool
        A star in the formula or in a block (``PVLIT*``; its stem in `focal`) names plausible values,
        which are combined by Rubin's rules.

    Returns
    -------
    Decomposition
        Rows ``base`` (the first model), ``full`` (the last) and ``explained`` with `term` a block or ``total``: the
        coefficient before the block minus that with it. Of a 0/1 outcome tables and sentences show percentage points.

    Raises
    ------
    DataError
        A focal regressor of several columns, a block that is empty or stands in the formula already.
    IdentificationError
        Collinear columns, as many coefficients as rows.

    Notes
    -----
    The coefficients of all models are functions of one matrix of sums of products, so that their differences have a
    design-based covariance.

    References
    ----------
    Research Centre for Education and the Labour Market (2018). ROA-R-2018/5. Maastricht University.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"y": [1.0, 3.0, 4.0, 4.0, 7.0, 7.0], "x": [0.0, 1.0, 1.0, 2.0, 3.0, 3.0],
    ...                       "a": [0.0, 0.0, 1.0, 0.0, 1.0, 1.0], "w": 1.0})
    >>> parts = llo.decomposition.sequential("y ~ x", llo.Survey(frame, weights="w"), focal="x", blocks={"job": ["a"]})
    >>> parts.to_frame()[["component", "estimate"]].round(3).values.tolist()
    [['base', 1.864], ['full', 1.5], ['explained', 0.364], ['explained', 0.364]]
    """
    check_level(level)
    check_option(missing, "missing", ("omit", "raise"))
    check_switch(plausible, "plausible")
    if plausible:
        _whole(formula, svy, blocks)
        listed = named_terms(blocks, "blocks")

        def one(first: str, *rest: Any, **options: Any) -> Decomposition:
            *terms, data = rest
            left = iter(terms)
            own = {name: [next(left) for _ in items] for name, items in listed.items()}
            return sequential(first, data, blocks=own, **options)

        texts = [formula, *(term for items in listed.values() for term in items)]
        return drawn(one, texts, svy, {"formula": formula, "blocks": listed}, focal=focal, level=level, missing=missing)
    made = moments_of(_whole(formula, svy, blocks), svy, missing)
    at = one_column(made.columns, focal)
    named = grouped(made.columns, blocks, "blocks", at)
    q = made.data.x.shape[1]
    later = np.concatenate(list(named.values()))
    steps = [np.array([j for j in range(q) if j not in later])]
    for own in named.values():
        steps.append(np.concatenate([steps[-1], own]))
    places = [int(np.flatnonzero(step == at)[0]) for step in steps]
    scale = made.standard[0][at]

    def parts(grams: Floats) -> Floats:
        path = [coefficients_at(grams, step, q)[..., place] for step, place in zip(steps, places, strict=True)]
        falls = [before - after for before, after in pairwise(path)]
        return np.asarray(np.stack([path[0], path[-1], path[0] - path[-1], *falls], axis=-1) / scale)

    rows = pd.DataFrame(
        {"term": [TOTAL, TOTAL, TOTAL, *named], "component": ["base", "full", *["explained"] * (1 + len(named))]}
    )
    call: dict[str, Any] = {"function": "sequential", "formula": formula, "focal": focal}
    call |= {"blocks": named_terms(blocks, "blocks"), "missing": missing}
    return moments_result(made, made.smooth(parts), rows, call, level, 0, named, at)


def _whole(formula: str, svy: Survey, blocks: Mapping[str, Sequence[str]]) -> str:
    """The formula of the last model."""
    if not is_lazy(svy):
        check_survey(admitted(svy))
    if not isinstance(formula, str):
        raise DataError(
            "The formula of the first model is text.",
            where="formula",
            found=repr(formula)[:60],
            expected="'training ~ education'",
        )
    terms = [term for items in named_terms(blocks, "blocks").values() for term in items]
    columns = set(svy.columns if is_lazy(svy) else map(str, svy._frame.columns))
    written = [f"`{term}`" if term in columns and not str(term).isidentifier() else str(term) for term in terms]
    return " + ".join([formula, *written])
