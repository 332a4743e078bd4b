"""What a profile holds: rules by kind of source, and the date on which somebody checked them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

# Of two rules the larger, or the smaller number is the stricter one.
STRICTER: Mapping[str, Callable[[Iterable[Any]], Any]] = {
    "units": max,
    "complement": max,
    "largest_share": min,
    "degrees_of_freedom": max,
    "one_category": min,
    "one_category_others": lambda several: None if None in (found := list(several)) else max(found),
    "width": max,
    "rounding": max,
}


@dataclass(frozen=True)
class Rules:
    """What a number must meet to be shown, and what more to leave a secure environment.

    units : unweighted persons in its cell, at least.
    complement : persons with the answer, and persons without it, at least.
    largest_share : of the cell's weighted total by one person, at most.
    degrees_of_freedom : persons of a model less its coefficients, at least; for what leaves.
    one_category : of a group in one category, at most; for what leaves.
    one_category_others : persons in its other categories from which that no longer holds; None where it always does.
    width : persons between the ends of what follows of a hidden count from all that leaves, at least.
    rounding : base to which counts are rounded in what leaves; 1 leaves them as they are.
    """

    units: int
    complement: int
    largest_share: float
    degrees_of_freedom: int = 10
    one_category: float = 0.9
    one_category_others: int | None = None
    width: int = 10
    rounding: int = 1

    def one_sided(self, most: Any, total: Any) -> Any:
        """Whether `most` persons of a group of `total` (numbers or arrays) are too many for one category."""
        few_others = True if self.one_category_others is None else total - most < self.one_category_others
        return (most > self.one_category * total) & few_others


@dataclass(frozen=True)
class Profile:
    """A named set of rules.

    rules : by kind of source, ``restricted`` and ``registered``, or by the name of one.
    confirmed : the date on which somebody checked them against the rules in force; empty when nobody did.
    """

    name: str
    title: Mapping[str, str]
    confirmed: str
    rules: Mapping[str, Rules]

    def strictest(self, kinds: Iterable[str]) -> Rules:
        """The rules that hold for all of these kinds and names together; those of restricted files where none is."""
        found = [self.rules[kind] for kind in kinds if kind in self.rules] or [self.rules["restricted"]]
        return strictest(found)


def strictest(rules: Iterable[Rules]) -> Rules:
    """The strictest of each rule."""
    several = list(rules)
    return Rules(
        **{entry.name: STRICTER[entry.name](getattr(one, entry.name) for one in several) for entry in fields(Rules)}
    )
