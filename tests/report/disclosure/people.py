"""A restricted stand-in with what may not leave planted in it, and results of every kind made of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import llo_research as llo
from tests import recorded_calls

# a path, a checksum, a number of rows, and the values of conditions that keep fewer people than may be told
PATH, CHECKSUM, ROWS = "/secure/disk/nea_2022_full.sav", "deadbeef0badf00d", 987654
SOURCE = {
    "kind": "restricted",
    "restricted": True,
    "title": "nea_2022_full.sav",
    "files": [{"path": PATH, "sha256": CHECKSUM, "rows": ROWS}],
}


def restricted(kind: str = "clusters") -> llo.Survey:
    """A survey of a kind, as if it came from a restricted file."""
    svy = recorded_calls.surveys()[kind]()
    return svy._with(source={**svy.source, **SOURCE})


def with_town(svy: llo.Survey) -> llo.Survey:
    """With a column of towns that nobody declared: two large ones, and forty of a single person."""
    n = len(svy)
    town = np.where(np.arange(n) % 2 == 0, "Stad", "Dorp").astype(object)
    lone = np.arange(5, n, max(n // 40, 1))
    town[lone] = [f"Geheimveld{i}" for i in range(len(lone))]
    return svy.assign(town=town)


HIGH = {"group": "education", "of": "high", "minus": "low"}
SIDES = {"group": "sex", "of": "v", "minus": "m"}
DECOMPOSE = llo.decomposition

# every public maker of results that these people can carry
MAKERS: dict[str, Callable[[llo.Survey], Any]] = {
    **recorded_calls.CALLS,
    "glm": lambda s: llo.glm("training ~ sex + education", s, family="binomial"),
    "clustered": lambda s: llo.glm("hours ~ sex", s, vcov="cluster", cluster="psu"),
    "wild": lambda s: llo.glm("hours ~ sex", s, vcov="wild", cluster="psu", seed=1, draws=99),
    "ordered": lambda s: llo.ordered("education ~ sex + hours", s),
    "margins": lambda s: llo.glm("training ~ sex + education", s, family="binomial").margins("sex"),
    "oaxaca": lambda s: DECOMPOSE.oaxaca_blinder("hours ~ education", s, **SIDES, reference="minus"),
    "oaxaca change": lambda s: DECOMPOSE.oaxaca_change("hours ~ education", s, **SIDES, time="year", base=2014),
    "gelbach": lambda s: DECOMPOSE.gelbach("hours ~ sex + worked", s, focal="sex", groups={"w": ["worked"]}),
    "sequential": lambda s: DECOMPOSE.sequential("hours ~ sex + worked", s, focal="sex", blocks={"w": ["worked"]}),
    "shapley": lambda s: DECOMPOSE.shapley_r2("hours ~ sex + education", s),
    "standardise": lambda s: DECOMPOSE.standardise("hours", s, cells="education", over="year", base=2014),
    "banner": lambda s: llo.banner(["training", "contract"], s, by=["sex", "education"]),
    "correlation": lambda s: llo.correlation(["hours", "worked"], s),
    "covariance": lambda s: llo.covariance(["hours", "worked"], s),
    "adjusted": lambda s: llo.gap("hours", s, **HIGH, by="year").adjusted(),
    "equivalence": lambda s: llo.gap("hours", s, **HIGH, by="year").equivalence(2.0),
    "fixed effects": lambda s: llo.panel.fixed_effects("hours ~ worked", s),
    "mundlak": lambda s: llo.panel.mundlak("hours ~ worked", s),
    "hybrid": lambda s: llo.panel.hybrid("hours ~ worked", s),
    "between": lambda s: llo.panel.between("hours ~ worked", s),
}
