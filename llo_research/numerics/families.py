"""Families of generalised linear models as values: mean and variance functions, and what a fit asks of them.

Mean functions take complex arguments too, so that derivatives of predictions can be had by complex steps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from llo_research.numerics.groups import Floats

_ROOT = 1 / np.sqrt(2 * np.pi)
# Linear predictors beyond these ends have a mean that is 0 or 1 (or infinite) to a computer.
_EXP, _LOG = 700.0, 1e-300


@dataclass(frozen=True)
class Link:
    """A link g: eta = g(mu).

    mean : eta -> mu. slope : eta -> d mu / d eta. curvature : eta -> d2 mu / d eta2. predictor : mu -> eta.
    """

    name: str
    mean: Callable[[Any], Any]
    slope: Callable[[Floats], Floats]
    curvature: Callable[[Floats], Floats]
    predictor: Callable[[Floats], Floats]

    def __reduce__(self) -> tuple[Callable[[str], Link], tuple[str]]:
        """Pickled by name: its functions have none."""
        return link_of, (self.name,)


def _expit(eta: Any) -> Any:
    """1 / (1 + exp(-eta)), also for complex numbers."""
    return 1 / (1 + np.exp(-eta))


def _cloglog_slope(eta: Floats) -> Floats:
    """exp(eta - exp(eta))."""
    return np.asarray(np.exp(eta - np.exp(np.minimum(eta, _EXP))))


def _logit_slope(eta: Floats) -> Floats:
    """p (1 - p), without cancellation in either tail."""
    return np.asarray(special.expit(eta) * special.expit(-eta))


LINKS = {
    link.name: link
    for link in (
        Link("identity", lambda eta: eta, np.ones_like, np.zeros_like, lambda mu: mu),
        Link("log", np.exp, np.exp, np.exp, np.log),
        Link("logit", _expit, _logit_slope, lambda eta: -_logit_slope(eta) * np.tanh(eta / 2), special.logit),
        Link(
            "probit",
            special.ndtr,
            lambda eta: np.asarray(_ROOT * np.exp(-(eta**2) / 2)),
            lambda eta: np.asarray(-eta * _ROOT * np.exp(-(eta**2) / 2)),
            special.ndtri,
        ),
        Link(
            "cloglog",
            lambda eta: -np.expm1(-np.exp(eta)),
            _cloglog_slope,
            lambda eta: np.asarray(_cloglog_slope(eta) * -np.expm1(np.minimum(eta, _EXP))),
            lambda mu: np.asarray(np.log(-np.log1p(-mu))),
        ),
    )
}


@dataclass(frozen=True)
class Family:
    """A family with its link.

    variance : mu -> V(mu). deviance : (y, mu) -> unit deviances. start : y -> a first mu inside the range.
    low, high : ends of the range of y. share : whether the mean is a probability.
    """

    name: str
    link: Link
    variance: Callable[[Floats], Floats]
    deviance: Callable[[Floats, Floats], Floats]
    start: Callable[[Floats, Floats], Floats]
    low: float
    high: float
    open_low: bool = False

    def __reduce__(self) -> tuple[Callable[[str, str], Family], tuple[str, str]]:
        """Pickled by name: its functions have none."""
        return family_of, (self.name, self.link.name)

    @property
    def share(self) -> bool:
        """Whether the mean is a probability."""
        return self.high == 1.0


def _xlogx(y: Floats, mu: Floats) -> Floats:
    """y log(y / mu), 0 where y is 0."""
    return np.asarray(special.xlogy(y, y) - special.xlogy(y, np.maximum(mu, _LOG)))


def _binomial_deviance(y: Floats, mu: Floats) -> Floats:
    """2 (y log(y/mu) + (1 - y) log((1 - y)/(1 - mu)))."""
    return 2 * (_xlogx(y, mu) + _xlogx(1 - y, 1 - mu))


_KINDS: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "gaussian": (
        ("identity", "log"),
        {
            "variance": np.ones_like,
            "deviance": lambda y, mu: (y - mu) ** 2,
            "start": lambda y, ybar: y,
            "low": -np.inf,
            "high": np.inf,
        },
    ),
    "binomial": (
        ("logit", "probit", "cloglog"),
        {
            "variance": lambda mu: mu * (1 - mu),
            "deviance": _binomial_deviance,
            "start": lambda y, ybar: (y + 0.5) / 2,
            "low": 0.0,
            "high": 1.0,
        },
    ),
    "poisson": (
        ("log", "identity"),
        {
            "variance": lambda mu: mu,
            "deviance": lambda y, mu: 2 * (_xlogx(y, mu) - (y - mu)),
            "start": lambda y, ybar: (y + ybar) / 2 + 1e-3 * ybar,
            "low": 0.0,
            "high": np.inf,
        },
    ),
    "gamma": (
        ("log", "identity"),
        {
            "variance": lambda mu: mu**2,
            "deviance": lambda y, mu: 2 * (y / mu - 1 - np.log(y / mu)),
            "start": lambda y, ybar: y,
            "low": 0.0,
            "high": np.inf,
            "open_low": True,
        },
    ),
}
FAMILIES = tuple(_KINDS)


def link_of(name: str) -> Link:
    """A link by its name."""
    return LINKS[name]


def links_of(name: str) -> tuple[str, ...]:
    """The links that a family takes; the first one is its default."""
    return _KINDS[name][0]


def family_of(name: str, link: str | None = None) -> Family:
    """A family by its name, with its default link or another that it takes."""
    links, parts = _KINDS[name]
    return Family(name=name, link=LINKS[link or links[0]], **parts)
