"""Fisher scoring against statsmodels, derivatives of families against complex steps, separation by construction."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from llo_research.numerics.families import FAMILIES, LINKS, family_of, links_of
from llo_research.numerics.glm import fit, grams, working
from llo_research.numerics.separation import certain, separating_direction

# statsmodels iterates to 1e-14 in the coefficients
AGREED = 1e-11
PAIRS = [(family, link) for family in FAMILIES for link in links_of(family)]


def sample(family: str, link: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Regressors, response, offsets, and four sets of weights, the last with zeros."""
    rng = np.random.default_rng(3)
    n = 400
    x = np.column_stack([np.ones(n), rng.normal(size=n), rng.integers(0, 3, n)])
    offset = rng.uniform(-0.2, 0.2, n)
    eta = x @ [0.3, 0.5, -0.4] + offset + (4.0 if link == "identity" and family != "gaussian" else 0.0)
    mu = family_of(family, link).link.mean(eta)
    y = {
        "gaussian": lambda: mu + rng.normal(size=n) * 0.3,
        "binomial": lambda: (rng.random(n) < mu).astype(float),
        "poisson": lambda: rng.poisson(mu).astype(float),
        "gamma": lambda: rng.gamma(3, mu / 3),
    }[family]()
    weights = rng.uniform(0.5, 3, (n, 4))
    weights[:, 3] *= rng.integers(0, 2, n)
    return x, y, offset, weights


@pytest.mark.parametrize(("family", "link"), PAIRS)
def test_against_statsmodels(family: str, link: str) -> None:
    import statsmodels.api as sm

    x, y, offset, weights = sample(family, link)
    own = {"identity": "Identity", "log": "Log", "logit": "Logit", "probit": "Probit", "cloglog": "CLogLog"}[link]
    kind = {"gaussian": "Gaussian", "binomial": "Binomial", "poisson": "Poisson", "gamma": "Gamma"}[family]
    found = fit(x, y, weights, family_of(family, link), offset=offset)
    assert found.converged.all()
    for k in range(4):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = sm.GLM(
                y, x, getattr(sm.families, kind)(getattr(sm.families.links, own)()), offset, freq_weights=weights[:, k]
            )
            wanted = model.fit(tol=1e-14, maxiter=300, tol_criterion="params").params
        assert found.coefficients[:, k] == pytest.approx(wanted, rel=AGREED, abs=AGREED)


@pytest.mark.parametrize(("family", "link"), PAIRS)
def test_scores_are_zero_at_the_solution(family: str, link: str) -> None:
    x, y, offset, weights = sample(family, link)
    chosen = family_of(family, link)
    beta = fit(x, y, weights[:, :1], chosen, offset=offset).coefficients[:, 0]
    at = working(x @ beta + offset, y, chosen)
    score = (weights[:, 0] * at.residual) @ x
    assert np.abs(score).max() < 1e-9 * (weights[:, 0] * np.abs(at.residual)).sum()


def test_a_start_leads_to_the_same_place() -> None:
    x, y, offset, weights = sample("binomial", "probit")
    cold = fit(x, y, weights, family_of("binomial", "probit"), offset=offset)
    warm = fit(x, y, weights, family_of("binomial", "probit"), offset=offset, start=cold.coefficients[:, 0])
    assert warm.coefficients == pytest.approx(cold.coefficients, rel=1e-11)
    again = fit(x, y, weights[:, :1], family_of("binomial", "probit"), offset=offset, start=cold.coefficients[:, 0])
    assert again.iterations <= 2


@pytest.mark.parametrize("name", LINKS)
def test_slopes_and_curvatures_of_links(name: str) -> None:
    link, eta = LINKS[name], np.linspace(-3, 2, 21)
    assert np.imag(link.mean(eta + 1e-30j)) / 1e-30 == pytest.approx(link.slope(eta), rel=1e-12, abs=1e-15)
    numerical = (link.slope(eta + 1e-5) - link.slope(eta - 1e-5)) / 2e-5
    assert link.curvature(eta) == pytest.approx(numerical, rel=1e-6, abs=1e-9)
    inside = eta[eta > 0] if name == "log" else eta
    assert link.predictor(np.real(link.mean(inside))) == pytest.approx(inside, rel=1e-9, abs=1e-9)


def test_separated_answers_have_no_maximum() -> None:
    rng = np.random.default_rng(2)
    x = np.column_stack([np.ones(60), rng.normal(size=60), rng.integers(0, 2, 60)])
    apart = (x[:, 1] > 0.2).astype(float)
    direction = separating_direction(x, apart)
    assert direction is not None
    assert (((2 * apart - 1) * (x @ direction)) >= -1e-12).all()
    found = fit(x, apart, np.ones((60, 1)), family_of("binomial"))
    mean = working(x @ found.coefficients[:, 0], apart, family_of("binomial")).mean
    assert certain(mean, apart, np.ones(60), family_of("binomial")).any()
    assert separating_direction(x, (rng.random(60) < 0.5).astype(float)) is None
    cell = np.where(x[:, 2] == 1, 1.0, (rng.random(60) < 0.5).astype(float))  # a level that always answers yes
    assert separating_direction(x, cell) is not None


def test_grams_of_many_and_of_few_sets_of_weights() -> None:
    rng = np.random.default_rng(1)
    x, weights = rng.normal(size=(50, 4)), rng.uniform(size=(50, 9))
    for own in (weights, weights[:, :2]):
        wanted = [(x * own[:, k, None]).T @ x for k in range(own.shape[1])]
        assert grams(x, own) == pytest.approx(np.array(wanted), rel=1e-13)


@pytest.mark.parametrize("link", ["logit", "probit", "cloglog"])
def test_a_set_of_weights_that_separates_the_answers_is_not_solved(link: str) -> None:
    rng = np.random.default_rng(7)
    group, x = np.repeat([1.0, 0.0], [6, 194]), rng.normal(size=200)
    y = (rng.random(200) < 0.4).astype(float)
    y[:6] = [1, 1, 1, 1, 1, 0]
    weights = np.ones((200, 3))
    weights[5, 1] = 0.0  # without its only "no" the group's coefficient has no maximum
    weights[:6, 2] = [0, 0, 0, 0, 1, 1]
    made = fit(np.column_stack([np.ones(200), group, x]), y, weights, family_of("binomial", link))
    assert made.converged.tolist() == [True, False, True]


def test_a_certain_outlier_does_not_separate() -> None:
    rng = np.random.default_rng(8)
    x = np.append(rng.normal(size=199), 400.0)
    y = np.append((rng.random(199) < 1 / (1 + np.exp(-x[:199]))).astype(float), 1.0)
    design = np.column_stack([np.ones(200), x])
    made = fit(design, y, np.ones((200, 1)), family_of("binomial"))
    mean = working(design @ made.coefficients[:, 0], y, family_of("binomial")).mean
    assert certain(mean, y, np.ones(200), family_of("binomial")).any()
    assert made.converged.all()


def test_a_set_of_weights_in_which_a_group_counted_nothing_is_not_solved() -> None:
    rng = np.random.default_rng(9)
    group, y = np.repeat([1.0, 0.0], [6, 194]), rng.poisson(2.0, 200).astype(float)
    y[:6] = [0, 0, 0, 0, 0, 3]
    weights = np.ones((200, 2))
    weights[5, 1] = 0.0
    made = fit(np.column_stack([np.ones(200), group]), y, weights, family_of("poisson"))
    assert made.converged.tolist() == [True, False]
