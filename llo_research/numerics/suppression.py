"""Secondary suppression: which further numbers must not be told, so that those that may not be told stay unknown.

A number stays unknown when there is another table of whole numbers, none negative, with the same numbers where they are
told and that one `width` higher, and another with it `width` lower (or as low as it can be). Each such table is a
*move* of persons between classes; what it moves must be hidden. Moves are found by linear programmes that let each
statement move at its cost; what need not be hidden after all is shown again, dearest first.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
from scipy import sparse

from llo_research.errors import DisclosureError
from llo_research.numerics.brackets import brackets
from llo_research.numerics.moves import Move, Need, Table
from llo_research.numerics.statements import Statements

# A change is priced once, or again by how much was changed; neither is always the better one. Five turns gain nothing.
_TURNS = (1, 3)


def secondary(
    statements: Statements,
    unsafe: np.ndarray,
    *,
    cost: np.ndarray | None = None,
    width: np.ndarray | int = 1,
    fixed: np.ndarray | None = None,
) -> np.ndarray:
    """All statements to hide: the unsafe ones, those of the same persons, and what would give them away.

    Parameters
    ----------
    statements : s statements.
    unsafe : (s,) bool; never told. A difference that nobody tells, but must stay unknown, is an unsafe statement too.
    cost : (s,) of hiding each, 0 of what is hidden already; 1 where None.
    width : (s,) or one: persons by which each unsafe statement must be able to be higher, and lower (not below 0).
    fixed : (s,) bool; known already, so that it cannot be hidden.

    Returns
    -------
    (s,) bool, with what is hidden already. Each unsafe statement can then be `width` more and `width` less than it is,
    or as much more and less as it could if all were hidden that is not fixed.

    Raises
    ------
    DisclosureError
        When what is known already leaves an unsafe statement less than `width` to vary; its attribute `which` (u,)
        numbers those.

    References
    ----------
    Kelly, J. P., Golden, B. L. and Assad, A. A. (1992). Cell suppression: disclosure protection for sensitive tabular
    data. Networks 22(4), 397-417.
    Fischetti, M. and Salazar-Gonzalez, J. J. (2000). Models and algorithms for optimizing cell suppression in tabular
    data with linear constraints. Journal of the American Statistical Association 95(451), 916-928.

    Examples
    --------
    >>> import numpy as np
    >>> from llo_research.numerics.statements import of_codes
    >>> from llo_research.numerics.suppression import secondary
    >>> sex, region = np.repeat([0, 0, 1, 1], [3, 40, 50, 60]), np.repeat([0, 1, 0, 1], [3, 40, 50, 60])
    >>> told = of_codes([2 * sex + region, sex, region], [4, 2, 2])
    >>> margins_left_already = np.arange(8) >= 4
    >>> secondary(told, told.counts < 10, width=10, fixed=margins_left_already).astype(int).tolist()
    [1, 1, 1, 1, 0, 0, 0, 0]
    """
    plan = _Plan.of(statements, unsafe, cost, width, fixed)
    best, least = plan.unsafe, np.inf
    for turns in _TURNS:
        hidden = _hidden(plan, turns)
        if (paid := float(plan.cost[hidden & ~plan.unsafe].sum())) < least:
            best, least = hidden, paid
        if least == 0:
            break
    return np.asarray(best[plan.own])


def _hidden(plan: _Plan, turns: int) -> np.ndarray:
    """(s,) what to hide when each move is looked for so many times."""
    plan = replace(plan, hidden=plan.unsafe | (plan.cost == 0))
    _show_again(plan, _protect(plan, turns))
    return plan.hidden


@dataclass(eq=False)
class _Plan:
    """Statements of different persons each, what is hidden so far, and what is needed.

    table : the persons, and s statements. cost : (s,), inf where fixed. hidden, unsafe : (s,) bool.
    needs : for each unsafe statement and direction, the largest first.
    own : which of these each statement handed in is.
    """

    table: Table
    cost: np.ndarray
    hidden: np.ndarray
    unsafe: np.ndarray
    own: np.ndarray
    needs: list[Need] = field(default_factory=list)

    @classmethod
    def of(
        cls,
        statements: Statements,
        unsafe: np.ndarray,
        cost: np.ndarray | None,
        width: np.ndarray | int,
        fixed: np.ndarray | None,
    ) -> _Plan:
        """Statements of the same persons as one, and how far each unsafe one must be able to move."""
        s = statements.members.shape[0]
        unsafe = np.asarray(unsafe, dtype=bool)
        known = np.zeros(s, dtype=bool) if fixed is None else np.asarray(fixed, dtype=bool)
        price = np.ones(s) if cost is None else np.asarray(cost, dtype=np.float64)
        first, own = _same_rows(statements.members)
        number = len(first)
        bad, left = (np.bincount(own, weights=mask, minlength=number) > 0 for mask in (unsafe, known))
        prices = np.bincount(own, weights=price, minlength=number)
        wide = np.zeros(number, dtype=np.int64)
        np.maximum.at(wide, own, np.where(unsafe, np.broadcast_to(width, s), 0).astype(np.int64))
        members = sparse.csr_array(statements.members[first])
        table = Table(members, sparse.csr_array(statements.ties), statements.people)
        plan = cls(table, np.where(left, np.inf, prices), bad.copy(), bad, own)
        plan._ask(left, wide)
        return plan

    def _ask(self, fixed: np.ndarray, width: np.ndarray) -> None:
        """Fill in the needs; raise where what is fixed leaves too little."""
        targets = np.flatnonzero(self.unsafe)
        members, ties = self.table.members, self.table.ties
        counts = (members @ self.table.people).astype(np.int64)
        told = np.flatnonzero(fixed)
        known = sparse.csr_array(sparse.vstack([members[told], ties]))
        values = np.concatenate([counts[told], np.zeros(ties.shape[0])])
        most = brackets(known, values, values, sparse.csr_array(members[targets]))
        # what was found, and the truth itself
        low, high = np.fmin(most.reached_low, counts[targets]), np.fmax(most.reached_high, counts[targets])
        short = ~(high - low >= width[targets])
        if short.any():
            raise unprotectable(np.flatnonzero(np.isin(self.own, targets[short]) & self.unsafe[self.own]))
        up = np.minimum(width[targets], high - counts[targets])
        down = np.minimum(width[targets], counts[targets] - low)
        needs = [Need(int(t), 1, int(n)) for t, n in zip(targets, up, strict=True) if n > 0]
        needs += [Need(int(t), -1, int(n)) for t, n in zip(targets, down, strict=True) if n > 0]
        self.needs = sorted(needs, key=lambda need: (-need.persons, need.statement, -need.sign))


def unprotectable(which: np.ndarray) -> DisclosureError:
    """What is known already gives these away."""
    error = DisclosureError(
        "What is known already leaves too little doubt about a number that may not be told.",
        where="fixed",
        found=f"statements {', '.join(map(str, which[:10]))}{' ...' if len(which) > 10 else ''}",
        expected="at least `width` persons between the least and the most that each can be",
        todo="nothing that is hidden now can mend this; tell less of what may still be held back",
    )
    error.which = which
    return error


def _same_rows(members: sparse.csr_array) -> tuple[np.ndarray, np.ndarray]:
    """The first of each set of equal rows, and which set each row is of."""
    rows = sparse.csr_array(members)
    rows.sort_indices()
    ends = rows.indptr.tolist()
    place: dict[bytes, int] = {}
    keys = [rows.indices[i:j].astype(">i4").tobytes() for i, j in pairwise(ends)]
    own = np.array([place.setdefault(key, len(place)) for key in keys], dtype=np.intp)
    return np.unique(own, return_index=True)[1] if len(own) else own, own


def _protect(plan: _Plan, turns: int) -> list[Move]:
    """A move for each need; hides what they move."""
    bank: list[Move] = []
    out = []
    for need in plan.needs:
        move = plan.table.known_move(need, bank, plan.hidden) or plan.table.free_move(need, plan.hidden)
        if move is None:
            move = _cheap_move(plan, need, turns)
            bank.append(move)
            plan.hidden |= move.statements != 0
        out.append(move)
    return out


def _cheap_move(plan: _Plan, need: Need, turns: int) -> Move:
    """The move that hides least of what is shown: by price of a change, then by price of being changed at all."""
    free, cost = np.isfinite(plan.cost), np.where(plan.hidden | np.isinf(plan.cost), 0.0, plan.cost)
    price, best, least = cost, None, np.inf
    for _ in range(turns):
        move = plan.table.cheapest_move(need, free, price)
        if move is None:
            break
        if (paid := float(cost[move.statements != 0].sum())) < least:
            best, least = move, paid
        change = np.abs(move.statements)
        price = cost / np.where(change > 0, change, need.persons)
        if least == 0:
            break
    if best is None:
        raise _not_found(need, plan.own)
    return best


def _not_found(need: Need, own: np.ndarray) -> DisclosureError:
    """The integer programme ended without a table."""
    return DisclosureError(
        "A number that may not be told could not be protected within the steps allowed.",
        found=f"statement {np.flatnonzero(own == need.statement)[0]}",
        expected=f"a table that differs by {need.persons} persons in it",
        todo="tell fewer tables together, or hide more of them beforehand",
    )


def _show_again(plan: _Plan, moves: list[Move]) -> None:
    """Show, dearest first, what need not be hidden: where every need is met by moves that leave it alone."""
    extra = np.flatnonzero(plan.hidden & ~plan.unsafe & (plan.cost > 0))
    for s in sorted(extra.tolist(), key=lambda one: (-plan.cost[one], one)):
        trial = plan.hidden.copy()
        trial[s] = False
        price = np.where(trial & ~plan.unsafe, plan.cost, 0.0)
        renewed: dict[int, Move] = {}
        for i in [i for i, move in enumerate(moves) if move.statements[s]]:
            need = plan.needs[i]
            move = plan.table.known_move(need, [*moves, *renewed.values()], trial) or plan.table.free_move(need, trial)
            move = plan.table.cheapest_move(need, trial, price) if move is None else move
            if move is None:
                break
            renewed[i] = move
        else:
            plan.hidden = trial
            for i, move in renewed.items():
                moves[i] = move
