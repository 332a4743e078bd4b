"""Secondary suppression: which further numbers must not be told, so that those that may not be told stay unknown.

A number stays unknown when there is another table of whole numbers, none negative, with the same numbers where they are
told and that one `width` higher, and another with it `width` lower (or as low as it can be). Each such table is a
*move* of persons between classes; what it moves must be hidden. Moves are found by linear programmes that let each
statement move at its cost; what need not be hidden after all is shown again, dearest first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from scipy import optimize, sparse

from llo_research.errors import DisclosureError
from llo_research.numerics.brackets import brackets
from llo_research.numerics.statements import Statements

_WHOLE = 1e-6  # HiGHS meets a row up to 1e-7 of it; a move this near to whole numbers is rounded and checked exactly
_NODES = 5000  # of an integer programme: a number of steps, not seconds, so that the answer is the same on any machine
_OPTIMAL, _LIMIT, _INFEASIBLE = 0, 1, 2


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
    cost : (s,) of hiding each, above 0; 1 where None.
    width : (s,) or one: persons by which each unsafe statement must be able to be higher, and lower (not below 0).
    fixed : (s,) bool; known already, so that it cannot be hidden.

    Returns
    -------
    (s,) bool. Each unsafe statement can then be `width` more and `width` less than it is, or as much more and less as
    it could if all were hidden that is not fixed.

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
    >>> secondary(told, told.counts < 10, width=10).astype(int).tolist()
    [1, 1, 1, 1, 0, 0, 0, 0]
    """
    plan = _Plan.of(statements, unsafe, cost, width, fixed)
    moves = _protect(plan)
    _show_again(plan, moves)
    return np.asarray(plan.hidden[plan.own])


@dataclass(eq=False)
class _Plan:
    """Statements of different persons each, what is hidden so far, and what is needed.

    members : (s, a). people : (a,). ties : (r, a). cost : (s,), inf where fixed. hidden, unsafe : (s,) bool.
    needs : for each unsafe statement and direction (statement, +1 or -1, persons), the largest first.
    own : which of these each statement handed in is.
    """

    members: sparse.csr_array
    people: np.ndarray
    ties: sparse.csr_array
    cost: np.ndarray
    hidden: np.ndarray
    unsafe: np.ndarray
    own: np.ndarray
    needs: list[tuple[int, int, int]] = field(default_factory=list)

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
        plan = cls(
            members,
            statements.people,
            sparse.csr_array(statements.ties),
            np.where(left, np.inf, prices),
            bad.copy(),
            bad,
            own,
        )
        plan._ask(left, wide)
        return plan

    def _ask(self, fixed: np.ndarray, width: np.ndarray) -> None:
        """Fill in the needs; raise where what is fixed leaves too little."""
        targets = np.flatnonzero(self.unsafe)
        counts = (self.members @ self.people).astype(np.int64)
        told = np.flatnonzero(fixed)
        known = sparse.csr_array(sparse.vstack([self.members[told], self.ties]))
        values = np.concatenate([counts[told], np.zeros(self.ties.shape[0])])
        most = brackets(known, values, values, sparse.csr_array(self.members[targets]))
        low, high = np.fmax(most.reached_low, 0.0), np.where(most.high == np.inf, np.inf, most.reached_high)
        short = ~(high - low >= width[targets])
        if short.any():
            raise unprotectable(np.flatnonzero(np.isin(self.own, targets[short]) & self.unsafe[self.own]))
        up = np.minimum(width[targets], high - counts[targets])
        down = np.minimum(width[targets], counts[targets] - low)
        needs = [(int(t), 1, int(n)) for t, n in zip(targets, up, strict=True) if n > 0]
        needs += [(int(t), -1, int(n)) for t, n in zip(targets, down, strict=True) if n > 0]
        self.needs = sorted(needs, key=lambda need: (-need[2], need[0], -need[1]))


def unprotectable(which: np.ndarray) -> DisclosureError:
    """What is known already gives these away."""
    error = DisclosureError(
        "What is known already leaves too little doubt about a number that may not be told.",
        where="fixed",
        found=f"statements {', '.join(map(str, which[:10]))}{' ...' if len(which) > 10 else ''}",
        expected="at least `width` persons between the least and the most that each can be",
        todo="nothing that is hidden now can mend this; tell less of what may still be held back",
    )
    error.which = which  # type: ignore[attr-defined]  # for the caller to name them in its own words
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


Move = tuple[np.ndarray, np.ndarray]  # (a,) persons more or fewer in each class; (s,) in each statement


def _protect(plan: _Plan) -> list[Move]:
    """A move for each need; hides what they move."""
    bank: list[Move] = []
    out = []
    for need in plan.needs:
        move = _known_move(plan, need, bank, plan.hidden)
        if move is None:
            move = _cheapest_move(plan, need)
            bank.append(move)
            plan.hidden |= move[1] != 0
        out.append(move)
    return out


def _known_move(plan: _Plan, need: tuple[int, int, int], bank: Iterable[Move], hidden: np.ndarray) -> Move | None:
    """A move that was found for another need and serves this one, or its reverse."""
    statement, sign, persons = need
    for y, moved in bank:
        way = 1 if sign * moved[statement] > 0 else -1
        if way * sign * moved[statement] >= persons and not moved[~hidden].any() and (plan.people + way * y >= 0).all():
            return way * y, way * moved
    return None


def _cheapest_move(plan: _Plan, need: tuple[int, int, int]) -> Move:
    """The move that hides least, first by a linear programme; in whole numbers by an integer one where it must."""
    free = np.isfinite(plan.cost)
    price = np.where(plan.hidden, 0.0, plan.cost)
    for integer in (False, True):
        move = _move(plan, need, free, price, integer)
        if move is not None:
            return move
    raise DisclosureError(
        "A number that may not be told could not be protected within the steps allowed.",
        found=f"statement {np.flatnonzero(plan.own == need[0])[0]}",
        expected=f"a table that differs by {need[2]} persons in it",
        todo="tell fewer tables together, or hide more of them beforehand",
    )


def _move(plan: _Plan, need: tuple[int, int, int], free: np.ndarray, price: np.ndarray, integer: bool) -> Move | None:
    """The cheapest move for a need among moves of the statements that are `free`; None where none is found."""
    statement, sign, persons = need
    rigid, costly = np.flatnonzero(~free), np.flatnonzero(free & (price > 0))
    stiff, soft, aim = (
        sparse.vstack([plan.members[rigid], plan.ties]),
        plan.members[costly],
        sign * plan.members[[statement]],
    )
    none, eye = sparse.csr_array((stiff.shape[0], len(costly))), sparse.identity(len(costly), format="csr")
    zero = sparse.csr_array((1, len(costly)))
    # persons more and fewer by class, then how much more and less each statement with a price is
    rows = sparse.vstack(
        [
            sparse.hstack([stiff, -stiff, none, none]),
            sparse.hstack([soft, -soft, -eye, eye]),
            sparse.hstack([aim, -aim, zero, zero]),
        ],
        format="csr",
    )
    a, levels = len(plan.people), stiff.shape[0] + len(costly)
    top = np.concatenate([np.full(a, np.inf), plan.people, np.full(2 * len(costly), np.inf)])
    answer = optimize.milp(
        np.concatenate([np.zeros(2 * a), price[costly], price[costly]]),
        integrality=np.concatenate([np.full(2 * a, int(integer)), np.zeros(2 * len(costly))]),
        bounds=optimize.Bounds(0, top),
        constraints=optimize.LinearConstraint(
            rows, np.append(np.zeros(levels), persons), np.append(np.zeros(levels), np.inf)
        ),
        options={"node_limit": _NODES} if integer else {},
    )
    if answer.x is None:
        return None
    return _checked(plan, need, free, answer.x[:a] - answer.x[a : 2 * a])


def _checked(plan: _Plan, need: tuple[int, int, int], free: np.ndarray, found: np.ndarray) -> Move | None:
    """A move in whole numbers that does what it must, exactly; None where it does not."""
    y = np.round(found).astype(np.int64)
    moved = np.asarray(plan.members @ y)
    statement, sign, persons = need
    fits = (np.abs(found - y) < _WHOLE).all() and (plan.people + y >= 0).all() and not (plan.ties @ y).any()
    return (y, moved) if fits and sign * moved[statement] >= persons and not moved[~free].any() else None


def _show_again(plan: _Plan, moves: list[Move]) -> None:
    """Show, dearest first, what need not be hidden: where every need is met by moves that leave it alone."""
    extra = np.flatnonzero(plan.hidden & ~plan.unsafe)
    for s in sorted(extra.tolist(), key=lambda one: (-plan.cost[one], one)):
        trial = plan.hidden.copy()
        trial[s] = False
        renewed: dict[int, Move] = {}
        for i in [i for i, (_, moved) in enumerate(moves) if moved[s]]:
            move = _known_move(plan, plan.needs[i], [*moves, *renewed.values()], trial)
            if move is None:
                move = _move_within(plan, plan.needs[i], trial)
            if move is None:
                break
            renewed[i] = move
        else:
            plan.hidden = trial
            for i, move in renewed.items():
                moves[i] = move


def _move_within(plan: _Plan, need: tuple[int, int, int], hidden: np.ndarray) -> Move | None:
    """A move for a need among hidden statements alone."""
    price = np.where(plan.unsafe, 0.0, np.where(hidden, plan.cost, 0.0))
    return next((m for m in (_move(plan, need, hidden, price, i) for i in (False, True)) if m is not None), None)
