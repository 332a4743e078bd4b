"""How two numbers go together in the population: their covariance, and Pearson's correlation."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import sparse

from llo_research.design.scores import Block, Scores
from llo_research.errors import DataError
from llo_research.estimation.assemble import Options, assemble, make_meta
from llo_research.estimation.means import mean_part
from llo_research.estimation.placing import standing_of
from llo_research.estimation.target import Target, make_target
from llo_research.numerics.groups import Floats
from llo_research.numerics.ratios import cell_means, divide
from llo_research.options import check_option, names_of
from llo_research.results.behind import smallest
from llo_research.results.estimates import Estimates, slopes
from llo_research.results.facts import Later, counted
from llo_research.results.inference import at_replicates
from llo_research.results.making import result_of
from llo_research.results.quantities import Quantity
from llo_research.results.result import Result
from llo_research.survey.lazy import cells_of, survey_for

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey

INTERVALS = ("fisher", "wald")
_CONSTANT = 1e-12  # of its size squared: a spread that rounding alone would give


def correlation(
    variables: Sequence[str],
    svy: Survey,
    *,
    by: str | Sequence[str] | None = None,
    interval: str = "fisher",
    level: float = 0.95,
    missing: str = "omit",
    simultaneous: bool = False,
) -> Result:
    """Pearson's correlation of each pair of numbers, of all people or of each cell of `by`.

    Parameters
    ----------
    variables : list of str
        Two columns or more, of numbers, booleans or conditions; each pair has a row, ``variable`` is ``"a:b"``.
    svy, by, level, missing, simultaneous
        As in :func:`mean`. All pairs speak of the same people.
    interval : {"fisher", "wald"}
        On the scale of artanh(r), within -1 and 1; or symmetric.

    Returns
    -------
    Result
        A row for each cell and pair, tested against 0. A cell in which a variable does not vary has no correlation.

    Raises
    ------
    DataError
        Fewer than two variables, text or categories, an unknown interval.

    Notes
    -----
    r = (m_ab - m_a m_b) / sqrt((m_aa - m_a^2) (m_bb - m_b^2)) with the weighted means m of a, b and their products in
    the cell. With u and v the standardised values its influence values are
    z_i = w_i (u_i v_i - r (u_i^2 + v_i^2) / 2) / sum w_i [1]_. Fisher's interval is
    tanh(artanh(r) -+ t se(r) / (1 - r^2)) [2]_.

    References
    ----------
    .. [1] Deville, J.-C. (1999). Variance estimation for complex statistics and estimators: linearization and residual
       techniques. Survey Methodology, 25, 193-203.
    .. [2] Fisher, R. A. (1921). On the "probable error" of a coefficient of correlation deduced from a small sample.
       Metron, 1, 3-32.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"a": [1.0, 2.0, 3.0, 6.0], "b": [1.0, 3.0, 2.0, 5.0], "w": [1.0] * 4})
    >>> llo.correlation(["a", "b"], llo.Survey(frame, weights="w")).estimate.round(3).tolist()
    [0.904]
    """
    check_option(interval, "interval", INTERVALS)
    call = {"function": "correlation", "variables": list(variables), "by": by, "interval": interval, "missing": missing}
    options = Options(level, interval, simultaneous, call)
    return _pairs(variables, svy, by, missing, options, Quantity("correlation", null=0.0))


def covariance(
    variables: Sequence[str],
    svy: Survey,
    *,
    by: str | Sequence[str] | None = None,
    level: float = 0.95,
    missing: str = "omit",
    simultaneous: bool = False,
) -> Result:
    """Covariance of each pair of numbers in the population, of all people or of each cell of `by`.

    Not the covariance of estimates (that is ``result.cov``), but how two numbers go together among people.

    Parameters
    ----------
    variables, svy, by, level, missing, simultaneous
        As in :func:`correlation`.

    Returns
    -------
    Result
        A row for each cell and pair, tested against 0; intervals are symmetric.

    Raises
    ------
    DataError
        As :func:`correlation`.

    Notes
    -----
    S_ab = n/(n-1) sum w_i (a_i - abar)(b_i - bbar) / sum w_i, n the people with a weight in the cell; the covariance of
    a number with itself is :func:`variance`. Its influence values are
    z_i = n/(n-1) w_i ((a_i - abar)(b_i - bbar) - s_ab) / sum w_i with s_ab = (n-1)/n S_ab [1]_.

    References
    ----------
    .. [1] Sarndal, C.-E., Swensson, B. and Wretman, J. (1992). Model Assisted Survey Sampling. Springer, section 5.9.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"a": [1.0, 2.0, 3.0, 6.0], "b": [1.0, 3.0, 2.0, 5.0], "w": [1.0] * 4})
    >>> llo.covariance(["a", "b"], llo.Survey(frame, weights="w")).estimate.round(3).tolist()
    [3.333]
    """
    call = {"function": "covariance", "variables": list(variables), "by": by, "missing": missing}
    return _pairs(
        variables, svy, by, missing, Options(level, "wald", simultaneous, call), Quantity("covariance", null=0.0)
    )


def _pairs(
    variables: Sequence[str],
    svy: Survey,
    by: str | Sequence[str] | None,
    missing: str,
    options: Options,
    quantity: Quantity,
) -> Result:
    """A row for each cell and pair: a smooth map of the means of the numbers, their squares and their products."""
    check_option(missing, "missing", ("omit", "raise"))
    svy = survey_for(svy, [], [*_names(variables), *cells_of(by)])
    target = make_target(svy, _names(variables), by, missing, "variables")
    names = [found.name for found in target.variables]
    pairs = list(combinations(range(len(names)), 2))
    base, factor = _moments(target, pairs)
    estimates = _of_moments(base, factor, pairs, quantity.kind == "correlation")
    keys, k, p = target.cells.keys, target.cells.number, len(pairs)
    rows = keys.iloc[np.repeat(np.arange(k), p)].reset_index(drop=True)
    rows["variable"] = [f"{names[a]}:{names[b]}" for a, b in pairs] * k
    meta = make_meta(target, options, None)
    return result_of(
        rows,
        estimates,
        target.svy.design,
        quantity=quantity,
        by=target.by,
        meta=meta,
        level=options.level,
        interval=options.interval,
        simultaneous=options.simultaneous,
        cell_details=Later(_facts, target, pairs, options)
        if target.svy.design.stands is None
        else Later(counted, np.repeat(target.counts, p)),
        standing=None if estimates.scores is None else standing_of(target.svy, estimates.scores, rows, meta),
    )


def _names(variables: Any) -> list[str]:
    """Two names or more."""
    names = names_of(variables, "variables")
    if len(names) < 2:
        raise DataError(
            "A pair needs two variables.",
            where="variables",
            found=repr(variables)[:80],
            expected="a list of two names or more",
            todo="as llo.correlation(['autonomy', 'variety'], svy)",
        )
    return names


def _moments(target: Target, pairs: Sequence[tuple[int, int]]) -> tuple[Estimates, Floats]:
    """Means of the centred, scaled numbers, their squares and products by cell; and (K, v) their scales.

    Centre and scale are numbers that no weight moves: they keep digits, and the map gives back what they took.
    """
    for found in target.variables:
        if found.kind == "category":
            raise DataError(
                f"{found.name!r} is not a number.",
                where="variables",
                found="text or categories",
                expected="a column of numbers, or a condition",
                todo="a condition makes a number of a category: \"contract == 'flexible'\"",
            )
    codes, k, weights = target.cells.codes, target.cells.number, target.weights
    values = np.column_stack([np.nan_to_num(found.values, nan=0.0) for found in target.variables])
    centre = _rows_of(cell_means(codes, k, values, weights).estimate, codes)
    spread = np.sqrt(cell_means(codes, k, (values - centre) ** 2, weights).estimate)
    spread[~(spread**2 > _CONSTANT * cell_means(codes, k, values**2, weights).estimate)] = np.nan
    scaled = (values - centre) / np.where(np.isfinite(spread), spread, 1.0)[np.minimum(codes, k - 1)]
    columns = np.column_stack([scaled, scaled**2, *(scaled[:, a] * scaled[:, b] for a, b in pairs)])
    means = cell_means(codes, k, columns, weights)
    replicates = at_replicates(target.svy.design, lambda design: _at(design.totals(codes, _with_one(columns), k)))
    scores = Scores((Block(codes, means.influence, k),), weights)
    size = np.ones(means.estimate.size)
    n = target.svy.design.rows_of_cells(np.where(weights != 0, codes, k), k)[:, None]
    with np.errstate(invalid="ignore"):
        scale = spread * np.sqrt(np.where(n > 1, divide(n, n - 1), np.nan))
    return Estimates(means.estimate.ravel(), scores, replicates, size=size), scale


def _rows_of(cells: Floats, codes: np.ndarray) -> Floats:
    """(n, p) the number of each row's cell, 0 outside."""
    return np.asarray(np.vstack([np.nan_to_num(cells, nan=0.0), np.zeros((1, cells.shape[1]))])[codes])


def _with_one(columns: Floats) -> Floats:
    """The columns after one of ones."""
    return np.column_stack([np.ones(len(columns)), columns])


def _at(totals: Floats) -> Floats:
    """(R, K m) means at the replicates."""
    return np.asarray(divide(totals[:, :, 1:], totals[:, :, :1]).reshape(len(totals), -1))


def _of_moments(base: Estimates, scale: Floats, pairs: Sequence[tuple[int, int]], correlated: bool) -> Estimates:
    """The map of the moments of each cell; a cell's rows rest on the moments of their two numbers."""
    k, v = scale.shape
    one, two = (np.array(side) for side in zip(*pairs, strict=True))
    factor = np.where(np.isfinite(scale[:, one] * scale[:, two]), 1.0, np.nan)
    factor = factor if correlated else scale[:, one] * scale[:, two]
    m = 2 * v + len(pairs)

    def f(means: np.ndarray) -> np.ndarray:
        """(..., K, m) to (..., K, P)."""
        together = means[..., 2 * v :] - means[..., one] * means[..., two]
        if not correlated:
            return np.asarray(factor * together)
        spread = means[..., v : 2 * v] - means[..., :v] ** 2
        return np.asarray(factor * together / np.sqrt(spread[..., one] * spread[..., two]))

    at = base.value.reshape(k, m)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = f(at).ravel()
        steep = np.nan_to_num(slopes(lambda step: f(at[None] + step[:, None, :]), np.zeros(m)))
        replicates = (
            None if base.replicates is None else f(base.replicates.reshape(-1, k, m)).reshape(-1, k * len(pairs))
        )
    jacobian = sparse.block_diag(list(np.moveaxis(steep.reshape(len(pairs), k, m), 1, 0)), format="csr")
    rests = np.zeros((len(pairs), m), dtype=bool)
    for row, (a, b) in enumerate(pairs):
        rests[row, [a, b, v + a, v + b, 2 * v + row]] = True
    uses = sparse.csr_array(sparse.kron(sparse.eye_array(k), rests)).astype(bool)
    return base.mapped(value, sparse.csr_array(jacobian), replicates=replicates, uses=uses)


def _facts(target: Target, pairs: Sequence[tuple[int, int]], options: Options) -> pd.DataFrame:
    """What disclosure control reads: of each pair the number with fewer people behind it."""
    heads = [{"variable": found.name} for found in target.variables]
    columns = np.column_stack([np.nan_to_num(found.values, nan=0.0) for found in target.variables])
    means = assemble(target, [mean_part(target, target.cells.codes, heads, columns)], options)
    assert means.cell_details is not None
    k, v = target.cells.number, len(heads)
    used = np.zeros((len(pairs), v), dtype=bool)
    for row, pair in enumerate(pairs):
        used[row, list(pair)] = True
    return smallest(means.cell_details(), sparse.kron(sparse.eye_array(k), used, format="csr"))
