"""R-squared laid to terms or groups of terms, averaged over all orders in which they may enter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from llo_research.decomposition.columns import named_terms
from llo_research.decomposition.moments import Moments, coefficients_at, grouped, moments_of, moments_result
from llo_research.decomposition.parts import TOTAL, check_sum
from llo_research.decomposition.plausible import drawn
from llo_research.decomposition.shapley_values import check_number, owen_weight
from llo_research.errors import DataError, IdentificationError
from llo_research.numerics.groups import Codes, Floats
from llo_research.options import check_level, check_option, check_switch
from llo_research.results.decomposition import Decomposition

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey


def shapley_r2(
    formula: str,
    svy: Survey,
    groups: Mapping[str, Sequence[str] | Mapping[str, Sequence[str]]] | None = None,
    *,
    level: float = 0.95,
    missing: str = "omit",
    plausible: bool = False,
) -> Decomposition:
    """The R-squared of a linear model by term: what each adds, averaged over all orders.

    Use it to compare the weight of drivers that go together, where what the last one adds says little.

    Parameters
    ----------
    formula : str
        ``"y ~ a + C(b) + c"``; a category is one term.
    svy : Survey
        The data.
    groups : mapping, optional
        ``{"job": ["a", "c"]}``: terms that enter together; all others enter by themselves. At most 12 in all. Nested
        groups, ``{"job": {"tasks": ["a"], "contract": ["c"]}}``, have a row each, and enter in such orders only in
        which those of one outer group stand side by side (Owen values): they add up to the value of the outer group.
    level, missing
        As in :func:`llo.glm`.
    plausible : bool
        A star in the formula (``PVLIT*``; its stem in `groups`) names plausible values,
        which are combined by Rubin's rules.

    Returns
    -------
    Decomposition
        A row for each `term` or group, and ``total``, the R-squared; `share_of_gap` is the share of it.

    Raises
    ------
    DataError
        More than 12 terms and groups, a group that names no term.
    IdentificationError
        Collinear columns, no constant, an outcome that does not vary.

    Notes
    -----
    phi_j = sum over sets S without j of s! (n - s - 1)! / n! (R2(S + j) - R2(S)), with n terms, s of them in S [1]_
    [2]_. With u_S the residuals of the model of S, the influence values of R2(S) = 1 - sum w u_S^2 / sum w u_0^2 are
    -w_i (u_iS^2 - (1 - R2(S)) u_i0^2) / sum w u_0^2; those of phi are their sums, worked out as one quadratic form.
    Of nested groups [3]_, with m outer groups, u in that of j, r whole ones in S and s others of its own,
    phi_j = sum over S of r! (m - r - 1)! / m! s! (u - s - 1)! / u! (R2(S + j) - R2(S)), S holding every other outer
    group whole or not at all.

    References
    ----------
    .. [1] Shapley, L. S. (1953). A value for n-person games. In H. W. Kuhn and A. W. Tucker (eds.), Contributions to
       the Theory of Games II, 307-317. Princeton University Press.
    .. [2] Lindeman, R. H., Merenda, P. F. and Gold, R. Z. (1980). Introduction to Bivariate and Multivariate Analysis.
       Scott, Foresman.
    .. [3] Owen, G. (1977). Values of games with a priori unions. In R. Henn and O. Moeschlin (eds.), Mathematical
       Economics and Game Theory, 76-88. Springer.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"y": [1.0, 3.0, 4.0, 4.0, 7.0, 7.0], "x": [0.0, 1.0, 1.0, 2.0, 3.0, 3.0],
    ...                       "a": [0.0, 0.0, 1.0, 0.0, 1.0, 1.0], "w": 1.0})
    >>> parts = llo.decomposition.shapley_r2("y ~ x + a", llo.Survey(frame, weights="w"))
    >>> parts.to_frame()[["term", "estimate"]].round(3).values.tolist()
    [['x', 0.658], ['a', 0.336], ['total', 0.994]]
    """
    check_level(level)
    check_option(missing, "missing", ("omit", "raise"))
    check_switch(plausible, "plausible")
    if plausible:
        return drawn(shapley_r2, [formula], svy, {"formula": formula}, groups=groups, level=level, missing=missing)
    made = moments_of(formula, svy, missing)
    constant = made.columns.constant
    if constant is None:
        raise IdentificationError(
            "R-squared is that of a model with a constant.",
            where=f"formula {formula!r}",
            todo="leave '0 +' and '- 1' out of the formula",
        )
    if np.ptp(made.data.y) == 0:
        raise IdentificationError(
            "The outcome does not vary: there is nothing to explain.",
            where=f"response {made.data.response!r}",
            found=f"{made.data.y[0]:g} in all {len(made.data.y)} rows used",
            todo="widen the domain, or check the coding",
        )
    flat, unions = _unions(groups)
    players = _players(made, flat)
    if not players:
        raise DataError(
            "There is no term to attribute R-squared to.",
            where=f"formula {formula!r}",
            expected="terms beside the constant",
        )
    check_number(len(players), "terms and groups")
    sets = _Sets([*players.values()], constant, _numbered(players, unions))
    value, slopes = sets.values(made.gram), sets.slopes(made.gram)
    check_sum(value[-1:], value[None, :-1], [""], "terms", np.ones(1))
    rows = pd.DataFrame({"term": [*players, TOTAL]})
    call: dict[str, Any] = {"function": "shapley_r2", "formula": formula}
    call |= {"groups": _told(groups), "missing": missing}
    return moments_result(made, made.estimates(value, slopes, sets.values), rows, call, level, len(players), players)


Named = Mapping[str, Sequence[str]]


def _unions(groups: Mapping[str, Any] | None) -> tuple[Named | None, dict[str, list[str]]]:
    """Groups without their nesting, and the names in each outer group."""
    if not isinstance(groups, Mapping):
        return groups, {}
    flat: dict[str, Any] = {}
    unions: dict[str, list[str]] = {}
    for name, terms in groups.items():
        inner = named_terms(terms, f"groups[{name!r}]") if isinstance(terms, Mapping) else {str(name): terms}
        twice = [one for one in inner if one in flat]
        if TOTAL in inner:
            raise DataError(
                "A group has the name of the sum of all.",
                where="groups",
                found=repr(TOTAL),
                todo="give the group another name",
            )
        if twice:
            raise DataError(
                "Two groups have the same name.",
                where=f"groups, {name!r}",
                found=repr(twice[0]),
                todo="give each inner group a name of its own",
            )
        flat |= inner
        unions[str(name)] = [*inner]
    return flat, unions


def _numbered(players: Mapping[str, Codes], unions: Mapping[str, Sequence[str]]) -> list[frozenset[int]]:
    """Which players stand side by side; those in no group stand by themselves."""
    place = {name: i for i, name in enumerate(players)}
    out = [frozenset(place[name] for name in names) for names in unions.values()]
    taken = frozenset().union(*out)
    return [*out, *(frozenset([i]) for i in place.values() if i not in taken)]


def _told(groups: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The groups of a call, for `.meta`."""
    if groups is None:
        return None
    nested = {str(name): terms for name, terms in groups.items()}
    return {
        name: named_terms(terms, "groups") if isinstance(terms, Mapping) else named_terms({name: terms}, "groups")[name]
        for name, terms in nested.items()
    }


def _players(made: Moments, groups: Mapping[str, Sequence[str]] | None) -> dict[str, Codes]:
    """The columns of each term or group, groups where their first term stands."""
    named = {} if groups is None else grouped(made.columns, groups, "groups", None)
    owner = {int(j): label for label, mine in named.items() for j in mine}
    out: dict[str, list[int]] = {}
    for j, column in enumerate(made.columns.columns):
        if column.key:
            out.setdefault(owner.get(j, column.term), []).append(j)
    return {name: np.array(mine, dtype=np.intp) for name, mine in out.items()}


class _Sets:
    """All sets of players, and the weight of the fit of each in every player's value."""

    def __init__(self, players: list[Codes], constant: int, unions: Sequence[frozenset[int]]) -> None:
        n = len(players)
        self.n = n
        self.sets = [frozenset(some) for size in range(n + 1) for some in combinations(range(n), size)]
        self.columns = [np.array([constant, *(j for i in sorted(some) for j in players[i])]) for some in self.sets]
        # (n + 1, sets): what R-squared of each set counts for in phi_j, and in the total
        self.weights = np.zeros((n + 1, len(self.sets)))
        for place, some in enumerate(self.sets):
            for j in range(n):
                share = owen_weight(j, some - {j}, unions)
                self.weights[j, place] = share if j in some else -share
        self.weights[n, -1], self.weights[n, 0] = 1.0, -1.0

    def _left(self, grams: Floats, columns: Codes) -> Floats:
        """(..., q + 1) v of the residual y - x'b = v'z of one set."""
        out = np.zeros(grams.shape[:-1])
        out[..., columns] = -coefficients_at(grams, columns, grams.shape[-1] - 1)
        out[..., -1] = 1.0
        return out

    def values(self, grams: Floats) -> Floats:
        """(..., n + 1) the values and R-squared."""
        squares = []
        for columns in self.columns:
            left = self._left(grams, columns)
            squares.append(np.einsum("...i,...ij,...j->...", left, grams, left))
        share = np.stack(squares, axis=-1)
        return np.asarray(-(share / share[..., :1]) @ self.weights.T)

    def slopes(self, gram: Floats) -> Floats:
        """(n + 1, q + 1, q + 1) derivatives in the sums of products: that of v'Gv is v v', as b is its minimum."""
        left = np.stack([self._left(gram, columns) for columns in self.columns])
        total = left[0] @ gram @ left[0]
        value = self.values(gram)
        out = -np.einsum("js,si,sk->jik", self.weights, left, left, optimize=True) / total
        return np.asarray(out - value[:, None, None] * np.outer(left[0], left[0]) / total)
