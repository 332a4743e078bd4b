"""Split samples: parts that were weighted apart, combined in proportion to what each tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from llo_research.errors import CalibrationError, DataError
from llo_research.numerics.groups import Floats, group_sums
from llo_research.options import check_option, nearest
from llo_research.survey.variables import Variable, variable
from llo_research.weighting.account import plain
from llo_research.weighting.steps import GivenFactors, check_whole_survey, nth_row

if TYPE_CHECKING:
    from llo_research.design.replicates import Replicates
    from llo_research.survey.survey import Survey

PROPORTIONAL_TO = ("n", "n_eff")
# Weights of the parts add up to the same population when they differ by less than this share.
_SAME_POPULATION = 1e-6
_SHARES_ADD_UP = 1e-9


@dataclass(frozen=True, eq=False)
class Combination(GivenFactors):
    """The step that multiplies each part's weights with its share.

    before, after : (n,) weights; factor : (n,) the share of each row's part.
    """

    before: Floats
    after: Floats
    factor: Floats
    told: dict[str, Any]

    def redo(self, weights: Floats, replicates: Replicates | None = None) -> Floats:
        """The same shares."""
        return weights * self.factor[:, None]

    def describe(self) -> dict[str, Any]:
        """For ``.meta``."""
        return dict(self.told)


def combine_parts(svy: Survey, part: str, *, proportional_to: str | Mapping[Any, float] = "n") -> Survey:
    """Combine the parts of a split sample, each of which was weighted to the whole population by itself.

    Use it after ``calibrate(..., by=part)``: questions that all parts answered are estimated with the combined weights;
    a question that one part was asked keeps that part's own weights, from before this step.

    Parameters
    ----------
    svy : Survey
        With weights of which each part's add up to the same population.
    part : str
        Column that says in which part a row is.
    proportional_to : {"n", "n_eff"} or mapping
        Share of each part: its number of rows with a weight, its effective number (Kish), or shares of one's own that
        add up to 1.

    Returns
    -------
    Survey
        With w' = share of the part times w. Rows keep their part and stay in the design as they are.

    Raises
    ------
    CalibrationError
        Parts that add up to different populations, shares that do not add up to 1 or name other parts.
    DataError
        A row with a weight whose part is missing; one part only.

    Notes
    -----
    A total is the sum over parts of share times the part's own estimate. The shares are taken as given in variances, in
    linearised and replicate designs alike. Kish's effective number is (sum w)^2 / sum w^2.

    References
    ----------
    Kish, L. (1992). Weighting for unequal P_i. Journal of Official Statistics, 8, 183-200.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"half": [1, 1, 2], "w": [5.0, 5.0, 10.0]})
    >>> llo.combine_parts(llo.Survey(frame, weights="w"), "half").weights.round(4).tolist()
    [3.3333, 3.3333, 3.3333]
    """
    check_whole_survey(svy, "combine_parts")
    before = svy._weights
    used = before != 0
    typed = variable(svy._frame, part, "part")
    absent = typed.missing & used
    if absent.any():
        raise DataError("The part is missing for rows with a weight.", where=f"column {part!r}", found=nth_row(absent))
    sizes = group_sums(typed.codes[used], np.ones(int(used.sum())), len(typed.levels))
    if (sizes > 0).sum() < 2:
        raise DataError("There is one part only.", where=f"column {part!r}", found=typed.levels[:3])
    sums = group_sums(typed.codes[used], before[used], len(typed.levels))
    _check_population(typed, sums, sizes)
    shares = _shares(typed, sizes, sums, before, used, proportional_to)
    factor = np.where(used, np.append(shares, 1.0)[typed.codes], 1.0)
    account = {
        "step": "combine_parts",
        "part": part,
        "proportional_to": proportional_to if isinstance(proportional_to, str) else "shares",
        "shares": {str(typed.levels[i]): float(shares[i]) for i in np.flatnonzero(sizes)},
        "levels": [plain(typed.levels[i]) for i in np.flatnonzero(sizes)],
    }
    after = before * factor
    return svy._weighted(Combination(before, after, factor, account), after)


def _check_population(found: Variable, sums: Floats, sizes: Floats) -> None:
    """Each part stands for the same population."""
    there = np.flatnonzero(sizes)
    low, high = there[sums[there].argmin()], there[sums[there].argmax()]
    if sums[high] - sums[low] > _SAME_POPULATION * abs(sums[high]):
        raise CalibrationError(
            "The parts add up to different populations.",
            where=f"column {found.name!r}",
            found=f"{found.levels[low]!r}: {sums[low]:.12g}, {found.levels[high]!r}: {sums[high]:.12g}",
            todo=f"weight each part to the population first: llo.calibrate(svy, {{part: totals}}, by={found.name!r})",
        )


def _shares(
    found: Variable, sizes: Floats, sums: Floats, before: Floats, used: np.ndarray, proportional_to: Any
) -> Floats:
    """The share of each level, 0 where it has no rows."""
    if isinstance(proportional_to, Mapping | pd.Series):
        return _given_shares(found, sizes, dict(proportional_to))
    shares = "a mapping of parts to shares"
    check_option(proportional_to, "proportional_to", PROPORTIONAL_TO, error=CalibrationError, also=shares)
    if proportional_to == "n":
        return np.asarray(sizes / sizes.sum())
    squares = group_sums(found.codes[used], before[used] ** 2, len(found.levels))
    effective = np.divide(sums**2, squares, out=np.zeros_like(sums), where=squares > 0)
    return np.asarray(effective / effective.sum())


def _given_shares(found: Variable, sizes: Floats, given: Mapping[Any, float]) -> Floats:
    """Shares of one's own, one for each part that occurs."""
    shares = np.zeros(len(sizes))
    present = [found.levels[i] for i in np.flatnonzero(sizes)]
    for level, share in given.items():
        if level not in present:
            raise CalibrationError(
                "A share was given for a part without people.",
                where="proportional_to",
                found=f"{level!r}{nearest(level, present)}",
                expected=present,
            )
        if isinstance(share, bool) or not isinstance(share, Real | Decimal) or not share > 0:
            raise CalibrationError("A share is a positive number.", where=f"share of {level!r}", found=repr(share))
        shares[found.level_number(level, "proportional_to")] = float(share)
    lost = [level for level in present if level not in given]
    if lost:
        raise CalibrationError("A part has no share.", where="proportional_to", found=lost, expected=present)
    if abs(shares.sum() - 1) > _SHARES_ADD_UP:
        raise CalibrationError("The shares do not add up to 1.", where="proportional_to", found=f"{shares.sum():.12g}")
    return shares
