"""Proves which rows are withheld, by rules told in plain numbers, and that nothing done to a survey loses them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.errors import DataError
from llo_research.results import floors, rules
from llo_research.results.behind import smallest
from llo_research.results.profiles.profile import Rules
from llo_research.results.rules import guarded_kinds, profile, profile_for, use_for_auto

TEN = Rules(10, 10, 0.5)


def facts(n: list[float], inside: list[float], largest: list[float] | None = None) -> pd.DataFrame:
    """Counts of shares."""
    told = {"n": n, "n_nonzero": inside, "largest_share": largest or [0.1] * len(n)}
    frame = pd.DataFrame(told).assign(n_complement=np.array(n) - np.array(inside))
    return floors._complete(frame)


def hidden(rows: dict[str, list[Any]], told: pd.DataFrame, call: dict[str, Any] | None = None) -> list[bool]:
    """Rows that are withheld."""
    return floors.rows_to_hide(pd.DataFrame(rows), told, TEN, {"call": call or {}}).tolist()


@pytest.mark.parametrize(
    ("n", "inside", "largest", "gone"),
    [
        (9, 5, 0.1, True),
        (20, 10, 0.1, False),
        (19, 10, 0.1, True),  # nine without
        (19, 9, 0.1, True),  # nine with
        (500, 0, np.nan, True),  # nobody: what everybody is
        (500, 500, 0.1, True),
        (500, 250, 0.5, False),
        (500, 250, 0.51, True),
        (0, 0, np.nan, True),
        (np.nan, np.nan, np.nan, True),  # unknown is not safe
    ],
)
def test_one_share(n: float, inside: float, largest: float, gone: bool) -> None:
    assert hidden({"variable": ["x"]}, facts([n], [inside], [largest])) == [gone]


@pytest.mark.parametrize(
    ("counts", "gone"),
    [
        ([30, 40, 50], [False, False, False]),
        ([30, 40, 0], [False, False, False]),  # nobody in one of several levels
        ([3, 40, 50], [True, True, False]),  # 3 is 100 % minus the rest: the next smallest goes with it
        ([3, 4, 50], [True, True, True]),  # 3 and 4 together are still too few
        ([5, 6, 50, 60], [True, True, False, False]),
        ([3, 0, 40, 50], [True, False, True, False]),  # a level without people covers nothing
        ([60, 0, 0], [True, True, True]),  # everybody gave one answer
        ([57, 3], [True, True]),
        ([25, 35], [False, False]),
    ],
)
def test_levels_that_add_up(counts: list[float], gone: list[bool]) -> None:
    n = [float(sum(counts))] * len(counts)
    rows = {"variable": ["c"] * len(n), "level": list("abcd")[: len(n)]}
    assert hidden(rows, facts(n, counts)) == gone


def test_levels_of_cells_are_apart() -> None:
    rows = {"g": list("xxyy"), "variable": ["c"] * 4, "level": list("abab")}
    assert hidden(rows, facts([43, 43, 80, 80], [3, 40, 40, 40])) == [True, True, False, False]


def test_quantiles_near_the_ends() -> None:
    rows = {"variable": ["h"] * 4, "quantile": [0.1, 0.5, 0.9, 0.95]}
    told = floors._complete(pd.DataFrame({"n": [100.0] * 4, "n_nonzero": [100.0] * 4, "n_complement": [100.0] * 4}))
    assert hidden(rows, told) == [False, False, False, True]


def test_parts_of_a_decomposition_go_together() -> None:
    rows = {"year": [1, 1, 1, 2, 2, 2], "component": ["gap", "explained", "unexplained"] * 2}
    told = floors._complete(pd.DataFrame({"n": [50.0, 50.0, 4.0, 50.0, 50.0, 50.0]}))
    assert hidden(rows, told) == [True] * 3 + [False] * 3


def test_parts_beside_their_total() -> None:
    rows = {"result": ["all", *["by"] * 3], "g": [np.nan, "x", "y", "z"], "variable": ["t"] * 4}
    assert hidden(rows, facts([104, 4, 40, 60], [50, 2, 20, 30])) == [False, True, True, False]
    apart = {**rows, "variable": ["u", "t", "t", "t"]}
    assert hidden(apart, facts([104, 4, 40, 60], [50, 2, 20, 30])) == [False, True, False, False]


def test_a_joint_result_without_cells() -> None:
    """One row each, of domains: no column tells them apart but the name of the result."""
    frame = pd.DataFrame({"y": np.arange(40.0) % 7, "small": np.arange(40) < 4, "w": 1.0})
    svy = llo.Survey(frame, weights="w", source={"restricted": True})
    both = llo.joint({"few": llo.mean("y", svy.where("small")), "all": llo.mean("y", svy)})
    told = both.summary()
    assert "Withheld: 1 row" in told and f"{both.estimate[0]:.4f}" not in told


def test_smallest_cells_against_a_loop() -> None:
    draw = np.random.default_rng(1)
    told = facts(draw.integers(5, 50, 6).tolist(), draw.integers(0, 5, 6).tolist(), draw.uniform(0, 1, 6).tolist())
    used = draw.uniform(size=(4, 6)) < 0.4
    used[0] = [True, False, True, False, False, False]
    for i, row in enumerate(smallest(told, used).to_dict("records")):
        rows = told[used[i]]
        for name in ("n", "n_nonzero", "n_complement"):
            assert row[name] == (rows[name].min() if len(rows) else 0)
        assert row["largest_share"] == (
            rows["largest_share"].max() if len(rows) else pytest.approx(np.nan, nan_ok=True)
        )


# -- the facts of results ---------------------------------------------------------------------------------------------


def survey(**how: Any) -> llo.Survey:
    """Forty people of four groups at two times; the second group has three people."""
    draw = np.random.default_rng(5)
    group = ["a"] * 40 + ["b"] * 3 + ["c"] * 40
    frame = pd.DataFrame({"group": group * 2, "year": [2020] * 83 + [2022] * 83, "person": [*range(83)] * 2})
    frame["trained"] = draw.integers(0, 2, len(frame))
    frame["w"] = draw.uniform(1, 2, len(frame))
    return llo.Survey(frame, weights="w", **{"source": {"kind": "restricted", "title": "x"}, **how})


def test_counts_of_cells_against_a_loop() -> None:
    svy = survey(unit="person", time="year")
    told = llo.mean("trained", svy, by="group").cells
    for row in told.to_dict("records"):
        rows = svy.frame[svy.frame["group"] == row["group"]]
        assert row["n"] == len(rows) and row["n_units"] == rows["person"].nunique()
        assert row["n_nonzero"] == rows["trained"].sum() and row["n_complement"] == (1 - rows["trained"]).sum()
    assert told["n"].tolist() == [80, 6, 80] and told["n_units"].tolist() == [40, 3, 40]


def test_persons_are_counted_not_their_rows() -> None:
    frame = pd.DataFrame({"year": [1, 2, 3] * 5, "person": np.repeat(range(5), 3), "y": range(15), "w": 1.0})
    svy = llo.Survey(frame, weights="w", unit="person", time="year", source={"kind": "restricted"})
    assert "withheld" in llo.mean("y", svy).summary(), "fifteen rows of five persons"


def test_no_share_has_no_other_side() -> None:
    svy = survey().assign(one=lambda d: d["w"] * 0 + 1)
    middle = llo.quantile("w", svy, q=0.5).cells
    assert middle["n_complement"].tolist() == [n - 1 for n in middle["n"]]  # all others have another value
    for result in (llo.total("one", svy), llo.total("w", svy), llo.mean("w", svy)):
        assert result.cells["n_complement"].tolist() == result.cells["n"].tolist()
    shares = (llo.mean("trained", svy), llo.variance("trained", svy), llo.share("year", svy).contrast("`2020`"))
    for result in (*shares, llo.total("trained", svy)):
        assert result.cells["n_complement"].iloc[0] < 166


def gone_of(result: Any) -> floors.Withheld:
    """What may not be seen of a result of restricted files."""
    found = floors.withheld(result)
    assert found is not None
    return found


def coded(low: float, high: float) -> llo.Survey:
    """Forty people of whom three have the lower code, and sixty halves."""
    codes = [low] * 3 + [high] * 37 + [low, high] * 30
    frame = pd.DataFrame({"group": ["a"] * 40 + ["b"] * 60, "x": codes, "w": np.linspace(1.1, 2.3, 100)})
    return llo.Survey(frame, weights="w", source={"kind": "restricted"})


@pytest.mark.parametrize(("low", "high"), [(0, 1), (1, 2), (-1, 1), (0, 100), (0.3, 0.7)])
def test_two_codes_are_a_share_in_other_words(low: float, high: float) -> None:
    svy = coded(low, high)
    for result in (llo.mean("x", svy, by="group"), llo.variance("x", svy, by="group")):
        told = result.cells
        assert told["n_complement"].tolist() == [3, 30], "the three are known where the mean of two codes is"
        assert told["n_nonzero"].tolist() == [37, 30]
        assert gone_of(result).rows.tolist() == [True, False]


def test_a_total_of_yes_and_no_is_read_beside_its_sum_of_weights() -> None:
    result = llo.total("x", coded(0, 1), by="group")
    assert gone_of(result).rows.tolist() == [True, False]
    assert f"{result.estimate[0]:.1f}" not in result.summary()


def _stacked(svy: llo.Survey) -> Any:
    other = llo.Survey(svy.frame, weights="w", source={"kind": "public", "title": "y"})
    return llo.mean("trained", llo.stack({"one": other, "two": svy}), by="group")


def _saved(result: Any, folder: Path) -> Any:
    return llo.read_result(result.save(folder / "r"))


def test_nothing_loses_the_mark(tmp_path: Path) -> None:
    svy = survey()
    extra = pd.DataFrame({"person": range(83), "extra": 1.0})
    mean = llo.mean("trained", svy, by="group")
    both = llo.joint({"a": mean, "b": llo.mean("trained", svy)})
    gap = llo.gap("trained", svy, group="group", of="a", minus="b")
    path = svy.save(tmp_path / "survey")
    kept = {
        "where": llo.mean("trained", svy.where("year == 2020"), by="group"),
        "assign": llo.mean("trained", svy.assign(x=lambda d: d["trained"]), by="group"),
        "join": llo.mean("extra", svy.join(extra, on="person", validate="m:1"), by="group"),
        "weights": llo.mean("trained", svy.use_weights("w"), by="group"),
        "calibrated": llo.mean("trained", llo.calibrate(svy, {"year": {2020: 100.0, 2022: 110.0}}), by="group"),
        "replicates": llo.mean("trained", llo.replicate(svy, "jk1"), by="group"),
        "stack": _stacked(svy),
        "contrast": mean.contrast("a - b"),
        "smooth contrast": mean.contrast("a / (b + 1)"),
        "joint": both,
        "contrast of a joint result": both.contrast("`a:b` - b"),
        "gap": gap,
        "combined": llo.mean(
            "pv*", svy.assign(pv1=lambda d: d["trained"] + 0.1, pv2=lambda d: d["trained"]), by="group", plausible=True
        ),
        "saved survey": llo.mean("trained", llo.read_survey(path), by="group"),
    }
    kept |= {f"{name}, saved": _saved(result, tmp_path) for name, result in kept.items()}
    kept["contrast of a saved result"] = _saved(mean, tmp_path).contrast("a - b")
    for name, result in kept.items():
        gone = floors.withheld(result)
        assert gone is not None and gone.rows.any(), name
        assert "withheld" in result.summary().lower(), name
    safe = {
        "gap": llo.gap("trained", svy, group="group", of="a", minus="c"),
        "contrast": mean.contrast("a - c"),
        "saved": _saved(mean, tmp_path).contrast("a - c"),
    }
    for name, result in safe.items():
        gone = floors.withheld(result)
        assert gone is not None and not gone.rows.any(), name


def test_where_cells_are_unknown_influence_values_tell_them() -> None:
    class Bare:
        """A result without facts of its own, as a new estimator's may be."""

        def __init__(self, result: Any) -> None:
            self.rows, self.scores, self.n, self.meta = result.rows, result.scores, result.n, result.meta

    gap = llo.gap("trained", survey(), group="group", of="a", minus="b")
    assert gap.n is not None and gap.n[0] == 86
    assert floors.facts_of(Bare(gap))["n"].tolist() == [6], "the smaller group"
    assert floors.withheld(Bare(gap)).rows.all()  # type: ignore[union-attr]  # restricted, so not None


def test_open_data_ask_for_no_facts() -> None:
    class Costly:
        """A result whose facts are not to be worked out in vain."""

        def __init__(self) -> None:
            self.meta = {"source": {"kind": "public"}}

        @property
        def cell_details(self) -> Any:
            raise AssertionError("not asked for")

    assert floors.withheld(Costly()) is None and floors.withheld(Costly(), "off") is None


# -- profiles ---------------------------------------------------------------------------------------------------------


def test_profiles() -> None:
    assert rules.names() == ("cbs", "publication", "strict")
    assert profile("cbs").rules["restricted"] == replace(TEN, one_category_others=100)
    assert profile("publication").rules["restricted"].units == 200
    for name in rules.names():
        assert profile(name).confirmed == "" and set(profile(name).rules) == {"restricted", "registered"}
    assert Rules(30, 10, 0.2) == rules.Profile(
        "x", {}, "", {"restricted": Rules(30, 5, 0.5), "registered": Rules(20, 10, 0.2)}
    ).strictest(["restricted", "registered"])


@pytest.mark.parametrize(
    ("source", "kinds"),
    [
        ({"kind": "restricted"}, ("restricted",)),
        ({"kind": "registered"}, ("registered",)),
        ({"restricted": True}, ("restricted",)),
        ({"kind": "public"}, ()),
        ({"kind": "synthetic", "restricted": False}, ()),
        ({"kind": "public", "surveys": {"a": {"kind": "public"}, "b": {"kind": "registered"}}}, ("registered",)),
        (None, ()),
    ],
)
def test_what_is_guarded(source: Any, kinds: tuple[str, ...]) -> None:
    assert guarded_kinds(source) == kinds
    assert (profile_for({"source": source}, "auto") is not None) is bool(kinds)
    assert profile_for({"source": source}, "off") is None
    assert profile_for({"source": source}, "strict") is not None


def test_pages_of_the_monitor_have_the_floor_for_publication(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "_CHOSEN", {"auto": "cbs"})
    result = llo.mean("trained", survey())
    assert floors.withheld(result).rules.units == 10  # type: ignore[union-attr]  # restricted, so not None
    use_for_auto("publication")
    found = floors.withheld(result)
    assert found is not None and found.rules.units == 200 and found.rows.all()
    assert "fewer than 200" in found.note("en") and "niet bevestigd" in found.note("nl")
    with pytest.raises(DataError, match="no such profile"):
        use_for_auto("off")


def test_ends_of_quantiles_are_values_of_people() -> None:
    frame = pd.DataFrame({"x": [1.2345, *(np.arange(39) + 10.0)], "w": [20.0] + [1.0] * 39})
    svy = llo.Survey(frame, weights="w", source={"kind": "restricted"})
    result = llo.quantile("x", svy, q=0.5)
    assert result.ends[0][0] == 1.2345, "the end is the one person with the lowest value"
    gone = floors.withheld(result)
    assert gone is not None and not gone.rows.any() and gone.ends.all()
    shown = [result.summary(), result._repr_html_(), str(llo.report.table(result, language="en"))]
    shown += [llo.report.figure(result).frame.to_csv(), llo.report.figure(result).alt_text]
    for text in shown:
        assert "19" in text and "1.23" not in text and f"{result.std_error[0]:.2f}" not in text
    assert "the interval of 1 row (fewer than 10 observations at or beyond an end" in shown[0]
    assert "het interval van 1 rij (minder dan 10" in str(llo.report.table(result))
    with_mean = llo.joint({"q": result, "m": llo.mean("x", svy.where("x > 5"))})
    assert gone_of(with_mean).ends.tolist() == [True, False]
    assert gone_of(with_mean.contrast("q - m")).ends.all()
    assert not gone_of(with_mean.contrast({"m": 2})).ends.any()


def test_ends_among_enough_people_are_shown(tmp_path: Path) -> None:
    frame = pd.DataFrame({"x": np.arange(300.0), "w": 1.0})
    svy = llo.Survey(frame, weights="w", source={"kind": "restricted"})
    result = llo.quantile("x", svy, q=[0.04, 0.05, 0.5])
    gone = floors.withheld(result)
    low = result.ends[0]
    assert gone is not None and gone.ends.tolist() == [value + 1 < 10 for value in low] and not gone.ends[2]
    again = floors.withheld(_saved(result, tmp_path))
    assert again is not None and again.ends.tolist() == gone.ends.tolist()
    replicated = llo.quantile("x", llo.replicate(svy, "bootstrap", replicates=20, seed=1), q=0.04)
    assert not gone_of(replicated).ends.any()


def test_joint_results_without_cells() -> None:
    frame = pd.DataFrame({"x": [1, 0, 0] + [0] * 60, "y": [0, 1, 1] * 21, "w": 1.0})
    svy = llo.Survey(frame, weights="w", source={"kind": "restricted"})
    both = llo.joint({"a": llo.mean("x", svy), "b": llo.mean("y", svy)})
    assert gone_of(both).rows.tolist() == [True, False]
    assert "withheld" in both.summary()
