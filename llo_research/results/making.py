"""How an estimator of any room makes a Result: from its rows, its estimates and the design."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from llo_research import __version__
from llo_research.design.design import Design
from llo_research.numerics.groups import Floats
from llo_research.options import check_level, check_switch
from llo_research.results.columns import row_labels
from llo_research.results.estimates import Estimates
from llo_research.results.freedom import counts
from llo_research.results.inference import Inference, infer
from llo_research.results.quantities import Quantity
from llo_research.results.result import Result
from llo_research.results.vcov import DESIGN, Vcov


def result_of(
    rows: pd.DataFrame,
    estimates: Estimates,
    design: Design | None,
    *,
    vcov: Vcov = DESIGN,
    inference: Inference | None = None,
    quantity: Quantity | Sequence[Quantity],
    by: Sequence[str] = (),
    labels: Sequence[str] | None = None,
    n: Floats | None = None,
    meta: Mapping[str, Any],
    level: float = 0.95,
    interval: str | tuple[str, ...] | None = None,
    simultaneous: bool = False,
    **further: Any,
) -> Result:
    """A result of k estimates with their covariance, degrees of freedom, labels and counts.

    An estimator calls it as its last line: ``result_of(rows, estimates, svy.design, quantity=..., meta=...)``. For a
    result with methods of its own (a subclass F of :class:`Result` with further fields) it is
    ``F(**result_of(...).as_fields(), family=family)``; what a file should keep of those fields is told by ``F.kept``
    and read back by ``F.restored``.

    Parameters
    ----------
    rows : DataFrame
        k rows: what identifies each estimate, `by` columns first, then `variable`, `level`, `term`, ...
    estimates : Estimates
        (k,) values with their scores (n rows of the survey), at the replicates of a replicate design also those.
        ``taken`` is what coefficients take of the degrees of freedom.
    design : Design
        ``svy.design`` of the survey with the weight of the call.
    vcov : Vcov
        Which covariance: the design's, clusters, ... (:mod:`llo_research.results.vcov`). ``.meta["vcov"]`` tells its
        small-sample factor where it is not the design's.
    inference : Inference, optional
        The covariance where it is known already (a map of estimates: ``infer(..., of=..., jacobian=...)``).
    quantity : Quantity, or k of them
        What kind of number the rows are. Where ``null`` is a number the rows are tested against it.
    by : sequence of str
        The columns of `rows` that are cells, for labels.
    labels : sequence of str, optional
        Names of the rows; default what tells them apart.
    n : (k,) array, optional
        Unweighted rows; default those with a weight in the cells that each estimate rests on.
    meta : mapping
        The call (``{"call": {"function": ..., ...}}``), ``svy._meta()``, and what else the result says of itself.
    level, simultaneous
        As the caller gave them.
    interval : str or tuple of str, optional
        Method of the intervals, by row where they differ; default ``log`` where the quantity is on logarithms, else
        ``wald``.
    **further
        Other fields of :class:`Result`: ``details``, ``cell_details``, ``extra_flags``, ``own_ends``, ``standing``.

    Raises
    ------
    DataError
        A level outside (0, 1); rows, labels or quantities that do not fit the estimates.
    DesignError
        Estimates without influence values, or without values at the replicates of a replicate design.

    Examples
    --------
    >>> import numpy as np, pandas as pd, llo_research as llo
    >>> from llo_research.design.scores import Block, Scores
    >>> from llo_research.results.quantities import Quantity
    >>> svy = llo.Survey(pd.DataFrame({"y": [1.0, 2.0, 6.0], "w": 1.0}), weights="w")
    >>> influence = (svy.frame["y"].to_numpy() - 3)[:, None] / 3
    >>> scores = Scores((Block(np.zeros(3, dtype=int), influence, 1),), np.ones(3))
    >>> made = result_of(
    ...     pd.DataFrame({"variable": ["y"]}), Estimates(np.array([3.0]), scores), svy.design,
    ...     quantity=Quantity("mean"), meta={"call": {"function": "mean"}},
    ... )
    >>> made.to_frame()[["estimate", "std_error", "df", "n"]].round(3).values.tolist()
    [[3.0, 1.528, 2.0, 3.0]]
    """
    check_level(level)
    check_switch(simultaneous, "simultaneous")
    k = len(estimates.value)
    kinds = (quantity,) * k if isinstance(quantity, Quantity) else tuple(quantity)
    found = inference or infer(estimates, design, vcov)
    words = tuple("log" if kind.on == "log" else "wald" for kind in kinds)
    told = {} if found.vcov.name == DESIGN.name else {"vcov": dict(found.facts)}
    return Result(
        rows=rows,
        labels=row_labels(rows, by) if labels is None else tuple(labels),
        estimates=estimates,
        inference=found,
        meta={"version": __version__, **told, **meta},
        design=design,
        quantity=kinds,
        level=level,
        interval=words if interval is None else interval,
        simultaneous=simultaneous,
        tested=all(kind.null is not None for kind in kinds),
        n=counts(estimates.scores, design) if n is None and estimates.scores is not None else n,
        **further,
    )
