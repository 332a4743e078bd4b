"""Means of both groups had everybody one level of a treatment: doubly robust, with weights in every model.

For level t and group g, psi_tg = mean over g of IPO_t, IPO_t = m_t(x) + r_t (y - m_t(x)), r_t = 1(T = t)/pi_t(x) over
its own mean, with m_t a model of the outcome among those at t and pi_t one of being at t, both on the group and the
columns. Influence values are w_i 1(i in g) (IPO_t - psi_tg) / W_g: the models are held at the fit of their fold (their
errors do not matter to first order), and are fitted anew at each replicate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from llo_research.decomposition.two_groups import solved, standards
from llo_research.errors import IdentificationError
from llo_research.numerics import glm
from llo_research.numerics.families import family_of
from llo_research.numerics.groups import Codes, Floats

LOGIT = family_of("binomial", "logit")


@dataclass(frozen=True, eq=False)
class People:
    """The rows used.

    y : (m,). x : (m, q) the group (1 of, 0 minus) and the formula's columns. of : (m,) bool.
    level : (m,) position of each row's treatment in `levels`. fold : (m,) 0, 1, ...; one value: no folds.
    binary : whether the outcome is 0 or 1, of which the models are logits.
    """

    y: Floats
    x: Floats
    of: np.ndarray
    level: Codes
    levels: tuple[Any, ...]
    fold: Codes
    binary: bool

    @property
    def number(self) -> int:
        """L, levels of the treatment."""
        return len(self.levels)

    def names(self) -> list[tuple[str, Any, str]]:
        """What the numbers are, in order: (``y``, None, group), (``p``, level, group), (``psi``, level, group)."""
        out: list[tuple[str, Any, str]] = []
        for side in ("of", "minus"):
            out.append(("y", None, side))
            out += [("p", level, side) for level in range(self.number)]
            out += [("psi", level, side) for level in range(self.number)]
        return out


@dataclass(frozen=True, eq=False)
class Scored:
    """numbers (2 + 4 L,) in the order of ``People.names``; influence (m, 2 + 4 L); lowest chance of one's own level.

    carried : the fewest people, in effect, who carry a level in a group.
    """

    numbers: Floats
    influence: Floats
    lowest: float
    carried: float


def scored(people: People, w: Floats) -> Scored:
    """The numbers at one set of weights."""
    outcomes, lowest, carried = [], 1.0, np.inf
    for level in range(people.number):
        mean, chance = _models(people, w, level)
        here = people.level == level
        used = here & (w > 0)
        lowest = min(lowest, float(chance[used].min()))
        ratio = np.where(here, 1 / np.where(here, chance, 1.0), 0.0)
        ratio = ratio / (w @ ratio / w.sum())
        outcomes.append(mean + ratio * (people.y - mean))
        for side in (people.of, ~people.of):
            own = np.where(side, w * ratio, 0.0)
            carried = min(carried, float(own.sum() ** 2 / (own @ own))) if own.any() else 0.0
    shares = [(people.level == level).astype(np.float64) for level in range(people.number)]
    columns = np.column_stack([people.y, *shares, *outcomes])
    numbers, parts = [], []
    for side in (people.of, ~people.of):
        v = np.where(side, w, 0.0)
        mean = v @ columns / v.sum()
        numbers.append(mean)
        parts.append(v[:, None] * (columns - mean) / v.sum())
    return Scored(np.concatenate(numbers), np.hstack(parts), lowest, carried)


def _models(people: People, w: Floats, level: int) -> tuple[Floats, Floats]:
    """(m,) mean outcome at a level, and chance of being there, each row by the fit of the other folds."""
    mean, chance = np.empty(len(w)), np.empty(len(w))
    folds = np.unique(people.fold)
    for fold in folds:
        own = people.fold == fold
        train = (~own if len(folds) > 1 else np.ones(len(w), dtype=bool)) & (w > 0)
        here = people.level[train] == level
        x, v = people.x[train], w[train]
        where = f"treatment level {people.levels[level]!r}" + (f", fold {fold + 1}" if len(folds) > 1 else "")
        beta = _fit(x[here], people.y[train][here], v[here], people.binary, f"outcome model, {where}")
        eta = people.x[own] @ beta
        mean[own] = LOGIT.link.mean(eta) if people.binary else eta
        gamma = _fit(x, here.astype(np.float64), v, True, f"model of the treatment, {where}")
        chance[own] = LOGIT.link.mean(people.x[own] @ gamma)
    return mean, chance


def _fit(x: Floats, y: Floats, w: Floats, binary: bool, where: str) -> Floats:
    """(q,) coefficients of a linear or logit model; what cannot be estimated raises."""
    scale, _ = standards(x, w, None) if len(x) else (np.ones(x.shape[1]), None)
    z = x / scale
    beta = solved((z * w[:, None]).T @ z, (z * w[:, None]).T @ y)
    found = "collinear columns, or too few people"
    if np.isfinite(beta).all() and binary:
        made = glm.fit(z, y, w[:, None], LOGIT)
        beta = made.coefficients[:, 0] if made.converged[0] else np.full(len(beta), np.nan)
        found = "no solution: the columns separate the answers"
    if not np.isfinite(beta).all():
        raise IdentificationError(
            "A model that the estimate needs cannot be fitted.",
            where=where,
            found=f"{found} ({len(y)} people)",
            expected="people of both groups at each level of the treatment, at all values of the columns",
            todo="leave terms out, join levels, or take fewer folds",
        )
    return np.asarray(beta / scale)
