"""Components of a gap as a smooth map of both groups' estimates; they add up, or raise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from llo_research.decomposition.columns import named_terms
from llo_research.decomposition.group_estimates import CANONICAL, Question
from llo_research.decomposition.normalise import Terms
from llo_research.decomposition.two_groups import Layout, linear
from llo_research.errors import DataError, IdentificationError
from llo_research.numerics.groups import Floats

TWO, THREE = ("explained", "unexplained"), ("endowments", "coefficients", "interaction")
TOTAL, RESIDUAL = "total", "residual"
# Parts and whole are sums of the same numbers in another order: they differ by rounding, of a size well below this.
_ADDS_UP = 1e-10
# Weights of linear predictors that cancel to this share of their size are rounding.
_CANCELS = 1e-14


@dataclass(frozen=True, eq=False)
class Parts:
    """The rows of a decomposition, and how they follow from the numbers of a cell.

    question : families, reference, kind. terms : the rows' maps. members : (g, Q) which terms a listed row adds up;
    None for totals only. names : (g,) names of the listed rows. silent : (g,) rows that consist of the constant alone.
    """

    question: Question
    layout: Layout
    terms: Terms
    names: tuple[str, ...]
    members: Floats | None
    silent: np.ndarray

    @property
    def components(self) -> tuple[str, ...]:
        """The components that add up to the gap."""
        return THREE if self.question.threefold else TWO

    @property
    def fairlie(self) -> bool:
        """Whether terms are swapped between paired people; what is not explained has no terms then."""
        return self.question.players is not None

    @property
    def residual(self) -> bool:
        """Whether mean predictions and means differ: the model's own equations do not say that they agree."""
        link = self.question.family.link.name
        return (self.question.family.name, link) not in CANONICAL

    def told(self) -> dict[str, Any]:
        """For `.meta`: the listed row of each term where terms are added up, and the maps of normalised terms."""
        out: dict[str, Any] = {}
        if self.members is not None and len(self.members) < self.members.shape[1]:
            out["laid_to"] = [self.names[row] for row in self.members.argmax(axis=0)]
        if not np.array_equal(self.terms.coefficients, np.eye(self.layout.q)):
            maps = {"coefficients": self.terms.coefficients, "means": self.terms.means}
            out["normalized"] = {name: rows.tolist() for name, rows in maps.items()}
        return out

    def rows(self) -> list[tuple[str, str]]:
        """Component and term of each row."""
        out = [("mean_of", TOTAL), ("mean_minus", TOTAL), ("gap", TOTAL)]
        for component in self.components:
            out.append((component, TOTAL))
            out += [(component, name) for name in self._listed(component)]
        return out

    def _listed(self, component: str) -> list[str]:
        """Terms of a component; the constant is the same in both groups, so that its difference explains nothing."""
        if self.members is None or (self.fairlie and component == "unexplained"):
            return []
        quiet = self.silent & self._of_x(component)
        names = [name for name, left_out in zip(self.names, quiet, strict=True) if not left_out]
        return [*names, RESIDUAL] if self.residual and component == self._takes_residual else names

    @property
    def _takes_residual(self) -> str:
        """The component to which the difference of mean residuals belongs."""
        return "coefficients" if self.question.threefold else "unexplained"

    @staticmethod
    def _of_x(component: str) -> bool:
        """Whether a component is made of differences between the means of the regressors."""
        return component in ("explained", "endowments", "interaction")

    def values(self, numbers: Floats) -> Floats:
        """(..., m) -> (..., k); also of complex numbers."""
        by_name = self.layout.take(numbers)
        y_of, y_minus = by_name["y_of"], by_name["y_minus"]
        out = [y_of, y_minus, y_of - y_minus]
        for component, total, detail in self._components(by_name):
            if self.residual and component == self._takes_residual:
                left = y_of - by_name["p_of"][..., :1] - (y_minus - by_name["p_minus"][..., :1])
                total = total + left
                detail = np.concatenate([detail, left], axis=-1)
            out.append(total)
            if self.members is not None and not (self.fairlie and component == "unexplained"):
                kept = ~self.silent if self._of_x(component) else np.ones(len(self.silent), dtype=bool)
                out.append(detail[..., np.append(kept, np.ones(detail.shape[-1] - len(kept), dtype=bool))])
        return np.concatenate(out, axis=-1)

    def _components(self, numbers: dict[str, Floats]) -> list[tuple[str, Floats, Floats]]:
        """Name, total (..., 1) and detail (..., g) of each component."""
        means, own = self.terms.means.T, self.terms.coefficients.T
        x_of, x_minus = numbers["x_of"] @ means, numbers["x_minus"] @ means
        b_of, b_minus = numbers["b_of"] @ own, numbers["b_minus"] @ own
        predicted = None if linear(self.question.family) else (numbers["p_of"], numbers["p_minus"])
        if self.question.threefold:
            products = [(x_of - x_minus) * b_minus, x_minus * (b_of - b_minus), (x_of - x_minus) * (b_of - b_minus)]
            wholes = None if predicted is None else _threefold(*predicted)
            made = [self._one(p, None if wholes is None else wholes[i]) for i, p in enumerate(products)]
        else:
            star = self.question.reference.star(numbers) @ own
            sides = [(x_of - x_minus) * star, x_of * (b_of - star), x_minus * (star - b_minus)]
            wholes = None if predicted is None else _twofold(*predicted)
            first, *both = [self._one(p, None if wholes is None else wholes[i]) for i, p in enumerate(sides)]
            if self.fairlie:
                swapped = np.zeros((*first[1].shape[:-1], len(self.silent)), dtype=first[1].dtype)
                swapped[..., ~self.silent] = numbers["swapped"]
                first = (first[0], swapped)
            made = [first, (both[0][0] + both[1][0], both[0][1] + both[1][1])]
        return [(name, *pair) for name, pair in zip(self.components, made, strict=True)]

    def _one(self, products: Floats, whole: Floats | None) -> tuple[Floats, Floats]:
        """Total and detail of one component: products as they are, or as shares of a difference of predictions."""
        total = products.sum(axis=-1, keepdims=True)
        if whole is not None:
            # Yun's weights: each term's share of the linear predictor
            size = np.abs(products).sum(axis=-1, keepdims=True)
            nothing = np.abs(total) <= _CANCELS * size
            share = products / np.where(nothing, 1.0, total)
            unknown = nothing & (np.abs(whole) > _CANCELS)
            products = np.where(unknown, np.nan, np.where(nothing, 0.0, share * whole))
            total = whole
        members = np.eye(products.shape[-1]) if self.members is None else self.members
        return total, products @ members.T

    def check(self, value: Floats, cells: Sequence[str]) -> None:
        """Parts (C, k) that do not add up to the gap, or terms that do not add up to their component, raise."""
        rows = self.rows()
        totals = [i for i, (component, term) in enumerate(rows) if term == TOTAL and component in self.components]
        size = np.abs(value[:, :3]).max(axis=1)
        check_sum(value[:, 2], value[:, totals], cells, "components", size)
        for component in self.components:
            own = [i for i, row in enumerate(rows) if row[0] == component and row[1] != TOTAL]
            whole = next(i for i, row in enumerate(rows) if row == (component, TOTAL))
            if own:
                check_sum(
                    value[:, whole], value[:, own], cells, f"terms of {component}", np.abs(value[:, :3]).max(axis=1)
                )


def check_sum(whole: Floats, parts: Floats, cells: Sequence[str], what: str, size: Floats) -> None:
    """Refuse parts (C, k) that do not add up to a whole (C,), measured against their own size and that of the means."""
    off = np.abs(whole - parts.sum(axis=1))
    wrong = off > _ADDS_UP * np.maximum(np.abs(parts).sum(axis=1), size)
    if wrong.any():
        c = int(wrong.argmax())
        raise IdentificationError(
            f"The {what} do not add up to the whole.",
            where=cells[c] if cells[c] else "the decomposition",
            found=f"{parts[c].sum():.12g}",
            expected=f"{whole[c]:.12g}",
            todo="the model has no constant, or its columns are nearly collinear: write the formula with a constant",
        )


def _twofold(of: Floats, minus: Floats) -> list[Floats]:
    """Explained, and the two sides of what is not: [P_g(b_g), P_g(b*)] of both groups."""
    return [of[..., 1:] - minus[..., 1:], of[..., :1] - of[..., 1:], minus[..., 1:] - minus[..., :1]]


def _threefold(of: Floats, minus: Floats) -> list[Floats]:
    """Endowments, coefficients, interaction: [P_of(b_of), P_of(b_minus)] and [P_minus(b_minus), P_minus(b_of)]."""
    endowments, coefficients = of[..., 1:] - minus[..., :1], minus[..., 1:] - minus[..., :1]
    return [endowments, coefficients, of[..., :1] - minus[..., :1] - endowments - coefficients]


def listed(terms: Terms, detail: bool, subsets: Mapping[str, Sequence[str]] | None) -> tuple[Any, Any, np.ndarray]:
    """Names, members (g, Q) and silence of the rows to list; subsets stand where their first term would.

    Raises
    ------
    DataError
        A subset that names no term, or a term in two subsets.
    """
    if not detail and not subsets:
        return (), None, np.zeros(0, dtype=bool)
    owner = np.full(len(terms.names), -1)
    named = {} if subsets is None or subsets == {} else named_terms(subsets, "subsets")
    for number, (label, items) in enumerate(named.items()):
        for item in items:
            mine = [i for i, names in enumerate(terms.owners) if item in names]
            taken = [i for i in mine if owner[i] not in (-1, number)]
            if not mine or taken:
                raise DataError(
                    "A subset names no term of the formula." if not mine else "A term is in two subsets.",
                    where=f"subsets, {label!r}",
                    found=repr(item),
                    expected=", ".join(dict.fromkeys(names[-1] for names in terms.owners)),
                    todo="name terms as the formula does, each in one subset",
                )
            owner[mine] = number
    labels, groups = list(named), []
    for i, number in enumerate(owner):
        if number == -1:
            groups.append((terms.names[i], [i]))
        elif all(name != labels[number] for name, _ in groups):
            groups.append((labels[number], list(np.flatnonzero(owner == number))))
    members = np.zeros((len(groups), len(owner)))
    for row, (_, mine) in enumerate(groups):
        members[row, mine] = 1.0
    silent = np.array([len(mine) == 1 and bool(terms.constant[mine[0]]) for _, mine in groups])
    return tuple(name for name, _ in groups), members, silent
