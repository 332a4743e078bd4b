"""Two-way tables of shares, and tests of independence that know the design."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from llo_research.design.design import Design
from llo_research.design.scores import Block, Scores
from llo_research.errors import DataError
from llo_research.estimation.assemble import Options, assemble
from llo_research.estimation.means import check_levels, columns_of, mean_part, share
from llo_research.estimation.placing import standing_of
from llo_research.estimation.target import Target, make_target
from llo_research.numerics.groups import Codes, Floats
from llo_research.numerics.ratios import cell_totals
from llo_research.numerics.two_way import rao_scott, wald
from llo_research.numerics.wald import UNDEFINED, Outcome
from llo_research.options import check_option, names_of
from llo_research.results import intervals
from llo_research.results.columns import RESERVED, row_labels
from llo_research.results.estimates import Estimates
from llo_research.results.exported import is_exported, not_outside
from llo_research.results.facts import Facts, Known, Later
from llo_research.results.hypothesis import HypothesisTest
from llo_research.results.inference import at_replicates, sampling_covariance
from llo_research.results.result import Result
from llo_research.results.standing import YEAR
from llo_research.results.storage import packed, plain, told_of, unpacked
from llo_research.results.vanishing import ROUNDING
from llo_research.survey.lazy import cells_of, survey_for
from llo_research.survey.variables import Variable

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey

STATISTICS = ("F", "chisq", "wald")
SHARES = ("joint", "row", "column")
_MOST_CELLS = 400
_LOW_DF = 10


@dataclass(frozen=True, repr=False, eq=False)
class CrossTab(Result):
    """Joint shares of two variables: a result like any other, with row and column shares and tests.

    Made by :func:`crosstab`, not by hand.
    """

    row: str = ""
    column: str = ""
    shape: tuple[int, int] = (0, 0)
    conditional: Mapping[str, Facts] = field(default_factory=dict)
    totals: Facts | None = None

    def kept(self) -> dict[str, Any]:
        """The table's shape, shares within rows and columns, and totals with their covariance."""
        values, covariance = ([], np.zeros((0, 0))) if self.totals is None else self.totals()
        return {
            "row": self.row,
            "column": self.column,
            "shape": list(self.shape),
            "conditional": {of: told_of(result()) for of, result in self.conditional.items()},
            "totals": {"values": plain(np.asarray(values).ravel()), "covariance": packed(covariance)},
        }

    @classmethod
    def restored(cls, result: Result, own: Mapping[str, Any], rebuilt: Callable[[dict[str, Any]], Result]) -> CrossTab:
        """A table, with its shares and what its tests are made of."""
        r, c = own["shape"]
        values = np.array(own["totals"]["values"], dtype=np.float64)
        fits = values.size == len(result.rows) and len(result.rows) % (r * c) == 0
        if not fits or not {own["row"], own["column"]} <= {*result.rows}:
            raise ValueError("a table that does not fit its rows")
        known = values.reshape(-1, r * c), unpacked(own["totals"]["covariance"], values.size)
        return cls(
            **result.as_fields(),
            row=own["row"],
            column=own["column"],
            shape=(r, c),
            conditional={of: Known(rebuilt(told)) for of, told in own["conditional"].items() if of in SHARES},
            totals=Known(known),
        )

    def shares(self, of: str = "joint") -> Result:
        """Joint shares (adding up to one in each cell of `by`), or shares within each row or column.

        Parameters
        ----------
        of : {"joint", "row", "column"}

        Raises
        ------
        DataError
            Another word.
        """
        check_option(of, "of", SHARES, f"shares has no option {of!r}.")
        shares: Result = self if of == "joint" else self.conditional[of]()
        return shares

    def test(self, statistic: str = "F") -> HypothesisTest:
        """Test that the two variables are independent, in each cell of `by`.

        Parameters
        ----------
        statistic : {"F", "chisq", "wald"}
            ``F``: Pearson's X2 over its generalised design effects, against F (Rao-Scott, second order). ``chisq``: X2,
            with the p-value of X2 / deff against chi-square (Rao-Scott, first order). ``wald``: differences between
            cell totals and those expected, against F with (d - q + 1)/(d q), d the design's degrees of freedom and q
            those of the test; needs many sampling units, and gives nothing with fewer than q.

        Returns
        -------
        HypothesisTest
            ``.statistic``, ``.df``, ``.df_denominator``, ``.p_value``, and ``.to_frame()`` with `deff`, the mean
            generalised design effect. Levels without people are left out and counted in ``.meta``. Where empty cells
            leave the test undefined it is ``nan`` and flagged ``empty``; where there are more restrictions than
            degrees of freedom or their covariance is singular, ``nan`` and ``no_test``; where the
            weights are calibrated on the very shares, so that nothing varies, it is ``nan`` and flagged ``zero_se``.

        Raises
        ------
        DataError
            An unknown statistic.
        """
        check_option(statistic, "statistic", STATISTICS, f"test has no statistic {statistic!r}.")
        if is_exported(self.meta) and not np.isfinite(self.estimate).all():
            raise not_outside(self.meta, "A test over withheld cells", "test the table, and tell its p-value", "test")
        return _tested(self, statistic)


def crosstab(
    row: str,
    column: str,
    svy: Survey,
    *,
    by: str | Sequence[str] | None = None,
    interval: str = "logit",
    level: float = 0.95,
    missing: str = "omit",
    simultaneous: bool = False,
) -> CrossTab:
    """Two-way table of shares; ``.test("F")`` says whether the two variables are independent.

    Parameters
    ----------
    row, column : str
        Text, categoricals, booleans or whole numbers. Rows with a missing value in either are left out and counted.
    svy : Survey
        The data.
    by : str or list of str, optional
        A table (and a test) for each cell.
    interval, level, missing, simultaneous
        As in :func:`share`.

    Returns
    -------
    CrossTab
        A result with a row for each pair of levels, under the names of the two variables; ``.shares("row")`` and
        ``.shares("column")`` give the shares within rows and columns.

    Raises
    ------
    DataError
        A variable with broken numbers, or too many pairs of levels.

    Notes
    -----
    p_ij = sum w 1(row i, column j) / sum w. With X2 = n sum (p_ij - p_i. p_.j)^2 / (p_i. p_.j) and the generalised
    design effects d_1, ..., d_k, k = (r-1)(c-1): F = X2 / sum d on nu = (sum d)^2 / sum d^2 and nu times the design's
    degrees of freedom [1]_ [2]_. The Wald test is that of [3]_ with the factor of [2]_ for few sampling units (R's
    ``adjWald``).

    References
    ----------
    .. [1] Rao, J. N. K. and Scott, A. J. (1984). On chi-squared tests for multiway contingency tables with cell
       proportions estimated from survey data. Annals of Statistics, 12, 46-60.
    .. [2] Thomas, D. R. and Rao, J. N. K. (1987). Small-sample comparisons of level and power for simple
       goodness-of-fit statistics under cluster sampling. Journal of the American Statistical Association, 82, 630-636.
    .. [3] Koch, G. G., Freeman, D. H. and Freeman, J. L. (1975). Strategies in the multivariate analysis of data from
       complex surveys. International Statistical Review, 43, 59-78.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"contract": list("ppfpffpf"), "trained": [1, 1, 0, 0, 0, 1, 1, 0], "w": [1.0] * 8})
    >>> table = llo.crosstab("contract", "trained", llo.Survey(frame, weights="w"))
    >>> table.estimate.tolist(), round(table.test("chisq").statistic, 3)
    ([0.375, 0.125, 0.125, 0.375], 2.0)
    """
    intervals.check_interval(interval, intervals.PROPORTION)
    names = [*names_of(row, "row"), *names_of(column, "column")]
    _check(names, by, missing)
    target = make_target(survey_for(svy, [], [*names, *cells_of(by)]), names, by, missing, "row and column")
    first, second = target.variables
    columns = _columns(first, second)
    heads = [{"variable": first.name}] * columns.shape[1]
    part = mean_part(target, target.cells.codes, heads, columns)
    call = {"function": "crosstab", "row": row, "column": column, "by": by, "missing": missing}
    joint = assemble(target, [part], Options(level, interval, simultaneous, call))
    rows = _rows(joint.rows[list(target.by)], first, second)

    options = {"interval": interval, "level": level, "missing": missing, "simultaneous": simultaneous}
    return CrossTab(
        **{
            **joint.as_fields(),
            "rows": rows,
            "labels": row_labels(rows, [*target.by, row, column]),
            "standing": None if joint.scores is None else standing_of(target.svy, joint.scores, rows, joint.meta),
        },
        row=row,
        column=column,
        shape=(len(first.levels), len(second.levels)),
        conditional={
            of: Later(_conditional, (row, column), _few_columns(target), target.by, options, of) for of in SHARES[1:]
        },
        totals=Later(_totals, target.svy.design, target.weights, target.cells.codes, target.cells.number, columns),
    )


def _conditional(names: tuple[str, str], svy: Survey, by: Sequence[str], options: dict[str, Any], of: str) -> Result:
    """Shares within each row or column."""
    within, what = names if of == "row" else names[::-1]
    return share(what, svy, by=[*by, within], **options)


def _check(names: Sequence[str], by: str | Sequence[str] | None, missing: str) -> None:
    """Two different variables, whose names a result has not taken."""
    cells = [] if by is None else names_of(by, "by")
    if len(set(names)) != 2 or len(names) != 2 or set(names) & set(cells):
        raise DataError(
            "A crosstab has one row variable and one column variable, neither of them in by.",
            where="crosstab",
            found=f"{list(names)}, by={by!r}",
            expected="llo.crosstab('contract', 'training', svy)",
            todo="name two different columns, and leave both out of by",
        )
    taken = [name for name in names if name in RESERVED]
    if taken:
        raise DataError(
            f"A result has a column {taken[0]!r} of its own.",
            where="crosstab",
            todo=f"give the column another name: svy.assign({taken[0]}_=lambda d: d[{taken[0]!r}])",
        )
    if missing == "available":
        raise DataError(
            "missing has no option 'available' for a crosstab.",
            where="missing",
            found="'available'",
            expected="omit, raise",
            todo="a pair of levels needs both values",
        )


def _columns(first: Variable, second: Variable) -> Floats:
    """Indicators (n x rc) of all pairs of levels, the second variable's running fastest."""
    for found in (first, second):
        check_levels(found)
    if len(first.levels) * len(second.levels) > _MOST_CELLS:
        raise DataError(
            "The table has too many cells.",
            where=f"crosstab of {first.name!r} and {second.name!r}",
            found=f"{len(first.levels)} x {len(second.levels)} levels",
            expected=f"at most {_MOST_CELLS}",
            todo="group levels into classes first",
        )
    _, one = columns_of([first], all_levels=True)
    _, other = columns_of([second], all_levels=True)
    return np.asarray((one[:, :, None] * other[:, None, :]).reshape(len(one), -1))


def _rows(cells: pd.DataFrame, first: Variable, second: Variable) -> pd.DataFrame:
    """The identifying columns: `by`, then both variables under their own names."""
    r, c = len(first.levels), len(second.levels)
    rows, times = cells.reset_index(drop=True).copy(), len(cells) // (r * c)
    for found, numbers in ((first, np.repeat(np.arange(r), c)), (second, np.tile(np.arange(c), r))):
        positions = np.tile(numbers, times)
        if found.declared:
            rows[found.name] = found.series.cat.categories.take(positions).astype(found.series.dtype)
        else:
            rows[found.name] = pd.Series([found.levels[i] for i in positions])
    return rows


def _few_columns(target: Target) -> Survey:
    """The survey with the columns of a table, and those that its breaks are placed by, alone."""
    svy = target.svy
    names = [*(v.name for v in target.variables), *target.by, svy._arguments["unit"], svy.time, YEAR, "survey"]
    return svy._with(frame=svy._frame[[name for name in dict.fromkeys(names) if name in svy._frame.columns]])


def _totals(design: Design, weights: Floats, codes: Codes, k: int, columns: Floats) -> tuple[Floats, Floats]:
    """Totals (K x rc) of all pairs of levels, and their covariance."""
    ratios = cell_totals(codes, k, columns, weights)
    replicates = at_replicates(design, lambda known: known.totals(codes, columns, k))
    flat = None if replicates is None else replicates.reshape(len(replicates), -1)
    scores = Scores((Block(codes, ratios.influence, k),), weights)
    return ratios.estimate, sampling_covariance(Estimates(ratios.estimate.ravel(), scores, flat), design)


def _tested(table: CrossTab, statistic: str) -> HypothesisTest:
    """The test in each cell of `by`."""
    r, c = table.shape
    size, k = r * c, len(table.estimate) // (r * c)
    assert table.n is not None and table.totals is not None
    values, covariance = table.estimate.reshape(k, size), table.covariance
    if statistic == "wald":
        values, covariance = table.totals()
    outcomes, fixed, left_out = [], [], 0
    for cell in range(k):
        block = slice(cell * size, (cell + 1) * size)
        n, df = float(table.n[block][0]), float(table.df[block][0])
        outcome, without = _one(values[cell].reshape(r, c), covariance[block, block], n, df, statistic)
        fixed.append(bool(_fixed(table, block, outcome, n)))
        outcome = UNDEFINED if fixed[-1] else outcome
        outcomes.append(outcome)
        left_out += without
    return HypothesisTest(
        rows=table.rows.iloc[::size].drop(columns=[table.row, table.column]).reset_index(drop=True),
        statistics=np.array([outcome.statistic for outcome in outcomes]),
        dfs=np.array([outcome.df for outcome in outcomes]),
        df_denominators=np.array([outcome.df_denominator for outcome in outcomes]),
        p_values=np.array([outcome.p_value for outcome in outcomes]),
        details=_details(outcomes, fixed, table.n[::size], table.df[::size]),
        meta={
            **table.meta,
            "test": statistic,
            "hypothesis": f"{table.row} and {table.column} are independent",
            "levels_without_people": left_out,
        },
        of=table,
    )


def _fixed(table: CrossTab, block: slice, outcome: Outcome, n: float) -> bool:
    """Whether nothing varies that the test could rest on: shares, or design effects, of rounding size."""
    people = table.estimate[block] > 0
    all_known = bool(people.any()) and bool(table.vanishing[block][people].all())
    return all_known or bool(outcome.deff <= ROUNDING**2 * n)


def _details(outcomes: Sequence[Outcome], fixed: Sequence[bool], n: Floats, df: Floats) -> pd.DataFrame:
    """Counts, mean generalised design effects and flags of the tests."""
    flags = []
    for outcome, known, count in zip(outcomes, fixed, df, strict=True):
        none = not known and np.isnan(outcome.statistic)
        levels = np.isnan(outcome.df) and count > 0
        words = [
            ("zero_se", known),
            ("empty", none and levels),
            ("no_test", none and not levels),
            ("low_df", 0 < count < _LOW_DF),
        ]
        flags.append(" ".join(word for word, holds in words if holds))
    return pd.DataFrame({"n": n.astype(np.int64), "deff": [outcome.deff for outcome in outcomes], "flag": flags})


def _one(values: Floats, covariance: Floats, n: float, df: float, statistic: str) -> tuple[Outcome, int]:
    """One table without its empty rows and columns, and how many those are."""
    values = np.nan_to_num(values, nan=0.0)
    rows, columns = values.sum(axis=1) > 0, values.sum(axis=0) > 0
    without = int((~rows).sum() + (~columns).sum())
    if rows.sum() < 2 or columns.sum() < 2:
        return UNDEFINED, without
    kept = np.outer(rows, columns).ravel()
    shares, cov = values[np.ix_(rows, columns)], covariance[np.ix_(kept, kept)]
    if not np.isfinite(cov).all():
        return UNDEFINED, without
    if statistic == "wald":
        return wald(shares, cov, df), without
    return rao_scott(shares, cov, n, df, second_order=statistic == "F"), without
