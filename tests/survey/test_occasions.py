"""Waves drawn by themselves: plain loops, laws, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo

EXACT = 1e-10


def rotating(
    *, waves: int = 3, strata: int = 3, n: int = 12, stay: float = 0.5, move: float = 0.2, seed: int = 1
) -> pd.DataFrame:
    """People of fixed number by stratum and wave; some return, some of these in another stratum."""
    rng = np.random.default_rng(seed)
    rows: list[tuple[int, str, int, float, float]] = []
    number, before = 0, {h: np.array([], dtype=int) for h in range(strata)}
    size = rng.normal(size=100_000)
    for t in range(waves):
        arrived: dict[int, list[int]] = {h: [] for h in range(strata)}
        for h in range(strata):
            for person in before[h][rng.random(len(before[h])) < stay]:
                to = (h + 1) % strata if rng.random() < move else h
                if len(arrived[to]) < n:
                    arrived[to].append(int(person))
        for h in range(strata):
            while len(arrived[h]) < n:
                arrived[h].append(number)
                number += 1
            rows += [(2000 + t, f"h{h}", p, 2 * h + size[p] + rng.normal(), float(h + 1)) for p in arrived[h]]
            before[h] = np.array(arrived[h])
    frame = pd.DataFrame(rows, columns=["t", "h", "id", "y", "w"])
    frame["N"] = frame["h"].map({f"h{h}": 4.0 * n + 8 * h for h in range(strata)})
    return frame.sample(frac=1, random_state=seed).reset_index(drop=True)


def by_hand(frame: pd.DataFrame, z: np.ndarray, *, unit: str = "id", counts: str | None = None) -> np.ndarray:
    """The covariance in loops: deviations by stratum and wave, products within and between waves."""
    deviation: dict[tuple[Any, Any, Any], np.ndarray] = {}
    sizes: dict[tuple[Any, Any], int] = {}
    fraction: dict[tuple[Any, Any], float] = {}
    for cell, rows in frame.groupby(["t", "h"]):
        sums = {u: z[r.index].sum(axis=0) for u, r in rows.groupby(unit)}
        mean = sum(sums.values()) / len(sums)
        sizes[cell] = len(sums)
        fraction[cell] = len(sums) / rows[counts].iloc[0] if counts else 0.0
        root = np.sqrt(len(sums) / (len(sums) - 1))
        deviation |= {(u, *cell): root * (s - mean) for u, s in sums.items()}
    both: dict[tuple[Any, Any], int] = {}
    keys = list(deviation)
    for a in keys:
        for b in keys:
            if a[0] == b[0]:
                both[a[1:], b[1:]] = both.get((a[1:], b[1:]), 0) + 1
    out = np.zeros((z.shape[1], z.shape[1]))
    for a in keys:
        for b in keys:
            if a[0] != b[0]:
                continue
            s, t = a[1:], b[1:]
            if s == t:
                factor = 1 - fraction[s]
            elif s[1] == t[1]:
                factor = 1 - fraction[s] * sizes[t] / both[s, t]
            else:
                factor = 1.0
            out += factor * np.outer(deviation[a], deviation[b])
    return out


def means(frame: pd.DataFrame) -> np.ndarray:
    """Influence values of the yearly means, n x T."""
    times = sorted(frame["t"].unique())
    z = np.zeros((len(frame), len(times)))
    for j, t in enumerate(times):
        rows = (frame["t"] == t).to_numpy()
        w, y = frame["w"][rows], frame["y"][rows]
        z[rows, j] = w * (y - (w * y).sum() / w.sum()) / w.sum()
    return z


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("counts", [None, "N"])
def test_plain_loops(seed: int, counts: str | None) -> None:
    frame = rotating(seed=seed)
    svy = llo.Survey(frame, weights="w", strata=["t", "h"], unit="id", time="t", fpc=counts)
    wanted = by_hand(frame, means(frame), counts=counts)
    assert np.allclose(llo.mean("y", svy, by="t").covariance, wanted, rtol=EXACT, atol=1e-15)
    change = llo.change("y", svy, time="t", base=2000)
    assert change.std_error[0] == pytest.approx(np.sqrt(wanted[0, 0] + wanted[1, 1] - 2 * wanted[0, 1]), rel=EXACT)


def test_pieces_do_not_tear_people_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = rotating(stay=0.8)
    for counts in (None, "N"):
        svy = llo.Survey(frame, weights="w", strata=["t", "h"], unit="id", time="t", fpc=counts)
        cal = llo.calibrate(svy, {"h": frame.groupby("h")["w"].sum() * 1.1})
        whole = [llo.mean("y", s, by=["t", "h"]).covariance for s in (svy, cal)]
        with monkeypatch.context() as patch:
            patch.setattr("llo_research.design.unit_sums._PIECE", 60)
            patch.setattr("llo_research.design.residuals._PIECE", 60)
            pieces = [llo.mean("y", s, by=["t", "h"]).covariance for s in (svy, cal)]
        for a, b in zip(whole, pieces, strict=True):
            assert np.allclose(a, b, rtol=1e-9, atol=1e-15)


def test_calibrated_waves_equal_their_residuals() -> None:
    frame = rotating()
    svy = llo.Survey(frame, weights="w", strata=["t", "h"], unit="id", time="t")
    cal = llo.calibrate(svy, {("t", "h"): frame.groupby(["t", "h"])["w"].sum() * 1.3})
    x = pd.get_dummies(frame["t"].astype(str) + frame["h"]).to_numpy(dtype=float)
    w, g = frame["w"].to_numpy(), 1.3
    z = means(frame)
    u = z / (w * g)[:, None]
    residuals = u - x @ np.linalg.solve((x * w[:, None]).T @ x, (x * w[:, None]).T @ u)
    wanted = by_hand(frame, residuals * (w * g)[:, None])
    assert np.allclose(llo.mean("y", cal, by="t").covariance, wanted, rtol=1e-8, atol=1e-14)


def test_nobody_returns_equals_independent_waves() -> None:
    frame = rotating(stay=0.0)
    roles = {"weights": "w", "strata": ["t", "h"], "time": "t"}
    for counts in (None, "N"):
        a = llo.mean("y", llo.Survey(frame, unit="id", fpc=counts, **roles), by="t")
        b = llo.mean("y", llo.Survey(frame, fpc=counts, **roles), by="t")
        assert np.allclose(a.covariance, b.covariance, rtol=1e-12, atol=1e-16)
        assert a.df.tolist() == b.df.tolist() == [33.0] * 3


def test_a_wave_alone_is_its_own_survey() -> None:
    frame = rotating()
    svy = llo.Survey(frame, weights="w", strata=["t", "h"], unit="id", time="t", fpc="N")
    for year in (2000, 2002):
        own = frame[frame["t"] == year].reset_index(drop=True)
        alone = llo.mean("y", llo.Survey(own, weights="w", strata="h", fpc="N"))
        part = llo.mean("y", svy.where(f"t == {year}"))
        assert part.std_error[0] == pytest.approx(alone.std_error[0], rel=EXACT)
        assert part.df[0] == alone.df[0]


def test_degrees_of_freedom_are_people_less_strata_of_waves() -> None:
    frame = rotating()
    svy = llo.Survey(frame, weights="w", strata=["t", "h"], unit="id", time="t")
    assert llo.mean("y", svy).df[0] == frame["id"].nunique() - 9
    two = frame[frame["t"] < 2002]
    assert llo.change("y", svy, time="t", base=2000).df[0] == two["id"].nunique() - 6
    assert svy.describe().psus == frame["id"].nunique()


def test_panel_of_the_same_people_in_the_same_strata() -> None:
    # everybody stays where they are: the change of means is the mean of changes, stratum by stratum
    frame = rotating(stay=1.0, move=0.0, waves=2)
    svy = llo.Survey(frame, weights="w", strata=["t", "h"], unit="id", time="t", fpc="N")
    wide = frame.pivot(index=["h", "id", "w", "N"], columns="t", values="y").reset_index()
    wide["d"] = wide[2001] - wide[2000]
    alone = llo.mean("d", llo.Survey(wide, weights="w", strata="h", fpc="N"))
    change = llo.change("y", svy, time="t", base=2000)
    assert change.estimate[0] == pytest.approx(alone.estimate[0], rel=EXACT)
    assert change.std_error[0] == pytest.approx(alone.std_error[0], rel=EXACT)


def test_row_order_does_not_matter() -> None:
    frame = rotating()
    other = frame.sample(frac=1, random_state=9).reset_index(drop=True)
    a, b = (
        llo.mean("y", llo.Survey(f, weights="w", strata=["t", "h"], unit="id", time="t", fpc="N"), by="t").covariance
        for f in (frame, other)
    )
    assert np.allclose(a, b, rtol=1e-12, atol=1e-16)


def test_psu_labels_that_return() -> None:
    frame = rotating(move=0.0).rename(columns={"id": "school"})
    frame["id"] = np.arange(len(frame))
    roles = {"weights": "w", "strata": ["t", "h"], "time": "t", "psu": "school"}
    returning = llo.Survey(frame, nest=False, **roles)
    wanted = by_hand(frame, means(frame), unit="school")
    assert np.allclose(llo.mean("y", returning, by="t").covariance, wanted, rtol=EXACT, atol=1e-15)
    apart = llo.mean("y", llo.Survey(frame, **roles), by="t")  # nest=True: other schools in each wave
    assert abs(apart.covariance[0, 1]) < 1e-16 < abs(wanted[0, 1])


def test_a_stack_keeps_who_returns() -> None:
    frames = {"a": rotating(seed=1), "b": rotating(seed=2)}
    roles = {"weights": "w", "strata": ["t", "h"], "unit": "id", "time": "t", "fpc": "N"}
    surveys = {name: llo.Survey(frame, **roles) for name, frame in frames.items()}
    own = [llo.change("y", svy, time="t", base=2000).std_error for svy in surveys.values()]
    both = llo.change("y", llo.stack(surveys), time="t", base=2000, by="survey").to_frame()
    for name, errors in zip(frames, own, strict=True):
        assert both.loc[both["survey"] == name, "std_error"].tolist() == pytest.approx(errors.tolist(), rel=EXACT)


def _refusal(frame: pd.DataFrame, **roles: Any) -> str:
    with pytest.raises(llo.DesignError) as caught:
        llo.Survey(frame, weights="w", **roles)
    return str(caught.value)


def test_what_is_refused() -> None:
    frame = rotating()
    once = _refusal(frame[frame["id"] % 2 == 0], unit="id", time="t", strata="h")
    assert "more than one stratum" in once
    assert "strata=['t', ...]" in _refusal(frame.assign(N=500.0), unit="id", time="t", fpc="N")
    twice = pd.concat([frame, frame.head(1).assign(h="elsewhere")], ignore_index=True)
    assert "more than one stratum of a wave" in _refusal(twice, strata=["t", "h"], unit="id", time="t")
    nested = frame.assign(p=frame["id"] // 3)
    assert "nest=False" in _refusal(nested, strata=["t", "h"], unit="id", psu="p", time="t")
    svy = llo.Survey(frame, weights="w", strata=["t", "h"], unit="id", time="t")
    with pytest.raises(llo.DesignError, match="share people"):
        llo.replicate(svy, "jkn")


def test_psus_of_a_panel_keep_their_fraction_where_all_are_in_every_wave() -> None:
    frame = pd.DataFrame({"t": [0, 1] * 8, "p": np.repeat(range(4), 4), "y": np.arange(16.0), "w": 1.0, "N": 10.0})
    whole = llo.mean("y", llo.Survey(frame, weights="w", psu="p", fpc="N", time="t"))
    assert whole.std_error[0] > 0
    assert "leave fpc out" in _refusal(frame.drop(index=[0, 2]), psu="p", fpc="N", time="t")
