"""The two groups of a gap: levels of a column or conditions, who is in which, and the cells that they make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from llo_research.errors import DataError
from llo_research.estimation.comparisons import check_scale
from llo_research.estimation.target import Cells, Target
from llo_research.expression import parse
from llo_research.numerics.groups import Codes
from llo_research.options import names_of
from llo_research.survey import condition as conditions
from llo_research.survey.variables import variable

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey


@dataclass(frozen=True)
class Sides:
    """Two levels of a column, or two conditions.

    group : the column, or None for conditions.
    of, minus : the levels or conditions.
    """

    group: str | None
    of: Any
    minus: Any

    def named(self, svy: Survey) -> Sides:
        """The same groups, with levels as the data have them where labels were given."""
        return Sides(self.group, *named_levels(svy, self.group, self.of, self.minus))

    @property
    def columns(self) -> Sequence[str]:
        """The columns that the groups speak of."""
        return columns_of_groups(self.group, self.of, self.minus)

    def of_rows(self, svy: Survey, missing: str) -> tuple[Codes, dict[str, int]]:
        """Side of each row (0 of, 1 minus, 2 neither), and the rows of the domain for which it is unknown."""
        return two_groups(svy, self.group, self.of, self.minus, missing)

    def keys(self, side: int) -> dict[str, Any]:
        """What identifies one of the two groups."""
        return {self.group or "condition": (self.of, self.minus)[side]}


def check_options(scale: str, missing: str, group: Any, by: str | Sequence[str] | None) -> None:
    """Options that a gap has, and groups that are not its cells."""
    check_scale(scale)
    if missing == "available":
        raise DataError(
            "missing has no option 'available' for gaps.",
            where="missing",
            found="'available'",
            expected="omit, raise",
            todo="call llo.gap for each variable, and llo.joint for their covariance",
        )
    if group is not None and by is not None and group in names_of(by, "by"):
        raise DataError(
            "The groups of a gap cannot be its cells as well.",
            where=f"group={group!r}, by={by!r}",
            expected="different columns",
            todo="drop it from by; a cell of it holds one group only",
        )


def columns_of_groups(group: Any, of: Any, minus: Any) -> list[str]:
    """The columns that the two groups speak of."""
    if group is not None:
        return [group] if isinstance(group, str) else []
    texts = [text for text in (of, minus) if isinstance(text, str)]
    return [name for text in texts for name in parse(text, logical=True).names()]


def named_levels(svy: Survey, group: str | None, of: Any, minus: Any) -> tuple[Any, Any]:
    """The two levels as the data have them, where a label was given; conditions stay as they are."""
    if not isinstance(group, str):
        return of, minus
    found = variable(svy._with_conditions([group])._frame, group, "group", svy._labels)
    named = [(found.find_level(level), level) for level in (of, minus)]
    first, second = (level if place is None else found.levels[place] for place, level in named)
    return first, second


def two_groups(svy: Survey, group: str | None, of: Any, minus: Any, missing: str) -> tuple[Codes, dict[str, int]]:
    """Side of each row (0 of, 1 minus, 2 neither), and the rows of the domain for which it is unknown."""
    if group is not None:
        sides, unknown, told = *_by_levels(svy, group, of, minus), group
    else:
        sides, unknown, told = *_by_conditions(svy, of, minus), f"{of} / {minus}"
    inside = svy.domain
    for number, name, text in ((0, "of", of), (1, "minus", minus)):
        if not ((sides == number) & inside & (svy._weights != 0)).any():
            raise DataError(
                f"The group {name!r} is empty.",
                where=f"{name}={text!r}",
                found="no row of the domain with a weight",
                todo="check the condition, and the domain of svy.where",
            )
    count = svy._count(unknown & inside)
    if count and missing == "raise":
        raise DataError(
            "There are missing values.", where="group", found=f"{count} rows", todo="missing='omit' leaves them out"
        )
    return sides, {told: count} if count else {}


def _by_levels(svy: Survey, group: Any, of: Any, minus: Any) -> tuple[Codes, np.ndarray]:
    """Sides from two levels of a column, and the rows where it is missing."""
    if not isinstance(group, str):
        raise DataError(
            "group is a column name.",
            where="group",
            found=repr(group)[:60],
            expected="'education'",
            todo="group='education' with of='high', minus='low'",
        )
    found = variable(svy._frame, group, "group", svy._labels)
    first, second = found.level_number(of, "of"), found.level_number(minus, "minus")
    if first == second:
        raise DataError(
            "of and minus are the same group.",
            where=f"group {group!r}",
            found=repr(of),
            expected="two levels of " + ", ".join(repr(level) for level in found.levels[:20]),
            todo="name two different levels; the gap is the mean of `of` minus that of `minus`",
        )
    sides = np.where(found.codes == first, 0, np.where(found.codes == second, 1, 2)).astype(np.intp)
    return sides, found.missing


def _by_conditions(svy: Survey, of: Any, minus: Any) -> tuple[Codes, np.ndarray]:
    """Sides from two conditions, and the rows for which they are unknown."""
    for name, text in (("of", of), ("minus", minus)):
        if not isinstance(text, str) or not parse(text, logical=True).names():
            raise DataError(
                f"Without group, {name} is a condition on the data.",
                where=name,
                found=repr(text),
                todo="give group='education' for levels, or a condition as \"education == 'high'\"",
            )
    one, other = (conditions.evaluate(text, svy._frame, svy._labels) for text in (of, minus))
    overlap = one.true & other.true & svy.domain
    if overlap.any():
        raise DataError(
            f"The two groups overlap: {int(overlap.sum())} rows are in both.",
            where=f"of={of!r}, minus={minus!r}",
            found=f"for example row {int(overlap.argmax())}",
            expected="groups without a common member",
            todo="leave the members of one group out of the other, as minus=\"x > 1 & ~(education == 'high')\"",
        )
    sides = np.where(one.true, 0, np.where(other.true, 1, 2)).astype(np.intp)
    return sides, (one.unknown | other.unknown) & (sides == 2)


def paired(target: Target, sides: Codes) -> Cells:
    """Cells of `by` crossed with the two groups: 2 c for `of`, 2 c + 1 for `minus`."""
    k = target.cells.number
    outside = (sides == 2) | (target.cells.codes == k)
    codes = np.where(outside, 2 * k, 2 * target.cells.codes + sides)
    keys = target.cells.keys.iloc[np.repeat(np.arange(k), 2)].reset_index(drop=True)
    return Cells(codes, keys, target.cells.left_out, target.cells.absent)


def check_shares(target: Target) -> None:
    """Odds are of shares: the numbers of the call lie between 0 and 1."""
    inside = target.cells.codes < target.cells.number
    for found in target.variables:
        if found.kind != "number":
            continue
        values = found.values[inside]
        wrong = (values < 0) | (values > 1)
        if wrong.any():
            raise DataError(
                "Odds are those of a share.",
                where=f"column {found.name!r}",
                found=f"numbers such as {values[wrong][0]:g}",
                expected="booleans, categories, or numbers from 0 to 1",
                todo="use scale='difference' or 'ratio' for the means of numbers",
            )
