"""Lonely sampling units in domains: the strata with rows in the domain count, as R's subset; plain loops."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import llo_research as llo

EXACT = 1e-12


def sample(seed: int = 3) -> pd.DataFrame:
    """Six strata, of which 1 and 4 have one unit."""
    rng = np.random.default_rng(seed)
    units = {0: 3, 1: 1, 2: 4, 3: 2, 4: 1, 5: 3}
    rows = [(h, f"{h}-{p}") for h, n in units.items() for p in range(n) for _ in range(5)]
    frame = pd.DataFrame(rows, columns=["h", "p"])
    frame["y"], frame["w"] = rng.normal(3, 1, len(frame)), rng.uniform(1, 9, len(frame))
    frame["g"] = np.where(frame["h"] < 2, "a", np.where(frame["h"] < 4, "b", "c"))
    return frame


def by_hand(frame: pd.DataFrame, z: np.ndarray, inside: np.ndarray, rule: str) -> float:
    """Variance of the sum of z: strata with rows inside only; units of the design, zero outside."""
    variance, strata, lonely = 0.0, 0, []
    everyone: list[float] = []
    for _, rows in frame.groupby("h"):
        if not inside[rows.index].any():
            continue
        sums = np.array([z[unit.index].sum() for _, unit in rows.groupby("p")])
        strata += 1
        everyone += sums.tolist()
        if len(sums) == 1:
            lonely.append(sums[0])
        else:
            variance += len(sums) / (len(sums) - 1) * ((sums - sums.mean()) ** 2).sum()
    if rule == "average":
        return variance * strata / (strata - len(lonely)) if strata > len(lonely) else np.nan
    if rule == "adjust":
        variance += sum((one - np.mean(everyone)) ** 2 for one in lonely)
    return variance


@pytest.mark.parametrize("rule", ["remove", "certainty", "adjust", "average"])
@pytest.mark.parametrize("domain", ["h != 1", "h == 0", "h <= 1", "h >= 0", "h in [1, 4]", "h in [0, 1, 4]"])
def test_means_and_totals_of_domains(rule: str, domain: str) -> None:
    frame = sample()
    svy = llo.Survey(frame, weights="w", strata="h", psu="p", lonely_psu=rule).where(domain)
    inside = svy.domain
    w, y = frame["w"].to_numpy(), frame["y"].to_numpy()
    theta = (w * y)[inside].sum() / w[inside].sum()
    mean = np.where(inside, w * (y - theta) / w[inside].sum(), 0.0)
    for found, z in ((llo.mean("y", svy), mean), (llo.total("y", svy), np.where(inside, w * y, 0.0))):
        wanted = np.sqrt(by_hand(frame, z, inside, rule))
        assert found.std_error[0] == pytest.approx(wanted, rel=EXACT, abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("rule", ["remove", "adjust", "average"])
def test_cells_equal_domains(rule: str) -> None:
    svy = llo.Survey(sample(), weights="w", strata="h", psu="p", lonely_psu=rule)
    for estimator in (llo.mean, llo.total):
        cells = estimator("y", svy, by="g")
        own = [estimator("y", svy.where(f"g == '{g}'")).std_error[0] for g in "abc"]
        assert cells.std_error.tolist() == pytest.approx(own, rel=EXACT)


def test_a_lonely_stratum_without_members_raises_nothing() -> None:
    svy = llo.Survey(sample(), weights="w", strata="h", psu="p")
    assert llo.mean("y", svy.where("h not in [1, 4]")).std_error[0] > 0
    with pytest.raises(llo.DesignError, match="single sampling unit") as caught:
        llo.mean("y", svy.where("h != 1"))
    assert "stratum 4" in str(caught.value)


def test_after_calibration_all_strata_count() -> None:
    frame = sample()
    svy = llo.Survey(frame, weights="w", strata="h", psu="p", lonely_psu="average")
    cal = llo.calibrate(svy, {"g": frame.groupby("g")["w"].sum()})
    removed = llo.calibrate(svy._with(design=_with_rule(svy, "remove")), {"g": frame.groupby("g")["w"].sum()})
    ratio = llo.mean("y", cal.where("h == 0")).std_error / llo.mean("y", removed.where("h == 0")).std_error
    assert ratio[0] == pytest.approx(np.sqrt(6 / 4), rel=EXACT)


def _with_rule(svy: llo.Survey, rule: str) -> object:
    from dataclasses import replace

    return replace(svy.design, lonely_psu=rule)


@pytest.mark.parametrize(
    "rules", [("average", "average"), ("average", "remove"), ("adjust", "average"), ("adjust",) * 2]
)
def test_a_stack_keeps_each_rule_in_domains(rules: tuple[str, str]) -> None:
    roles = {"weights": "w", "strata": "h", "psu": "p"}
    surveys = {f"s{number}": llo.Survey(sample(number), lonely_psu=rule, **roles) for number, rule in enumerate(rules)}
    both = llo.stack(surveys)
    for domain in ("h >= 0", "h <= 1", "h != 1"):
        own = [llo.total("y", svy.where(domain)).std_error[0] for svy in surveys.values()]
        apart = llo.total("y", both.where(domain), by="survey")
        assert apart.std_error.tolist() == pytest.approx(own, rel=EXACT)
        assert llo.total("y", both.where(domain)).std_error[0] == pytest.approx(np.hypot(*own), rel=EXACT)


def test_a_stack_of_lonely_units_has_no_replicates_in_silence() -> None:
    roles = {"weights": "w", "strata": "h", "psu": "p", "lonely_psu": "average"}
    both = llo.stack({name: llo.Survey(sample(seed), **roles) for seed, name in enumerate("ab")})
    with pytest.raises(llo.DesignError, match="single sampling unit"):
        llo.replicate(both, "jkn")
