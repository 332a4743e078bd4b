"""Proves the attacker: planted tables are worked out to the person, safe ones are not, and brackets hold the truth."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.errors import DataError
from llo_research.report.disclosure import attack_systems
from llo_research.report.disclosure.attack import attack, attack_frames
from llo_research.report.disclosure.attacked import attacked, is_told
from llo_research.results.result import Result

GONE = float("nan")


def people(seed: int, n: int = 400, *, weighted: bool = False) -> pd.DataFrame:
    """A population in which few are in group x and in region r."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "answer": rng.choice(["never", "monthly", "weekly"], n, p=[0.1, 0.3, 0.6]),
            "group": rng.choice(["x", "y", "z", "u"], n, p=[0.02, 0.38, 0.4, 0.2]),
            "region": rng.choice(["p", "q", "r"], n, p=[0.5, 0.45, 0.05]),
            "training": rng.random(n) < 0.3,
            "w": rng.uniform(0.5, 2.0, n) if weighted else np.ones(n),
        }
    )
    return frame.astype(dict.fromkeys(("answer", "group", "region"), "category"))


def counted(frame: pd.DataFrame, by: list[str], floor: int = 0) -> pd.DataFrame:
    """Counts by groups, the small ones withheld."""
    out = frame.groupby(by, observed=False).size().reset_index(name="n") if by else pd.DataFrame({"n": [len(frame)]})
    return out.assign(n=out["n"].where((out["n"] >= floor) | (out["n"] == 0)))


def written(folder: Path, results: dict[str, Result], withheld: dict[str, list[int]]) -> Path:
    """Safe files without the rows that break a rule by themselves, and with all that would give them away."""
    folder.mkdir()
    for name, result in results.items():
        result.save(folder / name)
        file = folder / f"{name}.json"
        told = json.loads(file.read_text(encoding="utf-8"))
        for i in withheld.get(name, []):
            told["estimate"][i] = told["n"][i] = told["details"]["sum_weights"][i] = None
        del told["cells"]
        file.write_text(json.dumps(told), encoding="utf-8")
    return folder


def test_the_margins_of_a_table_with_one_cell_withheld_tell_it() -> None:
    """ACRO's table with totals (`show_suppressed`, margins of all people): 43 less 40 is three."""
    cells = pd.DataFrame({"sex": ["f", "f", "m", "m"], "region": ["n", "s"] * 2, "n": [GONE, 40, 50, 60]})
    margins = pd.DataFrame({"sex": ["f", "m"], "n": [43, 110]})
    found = attack_frames({"cells": cells, "margins": margins})
    assert found[["sex", "region", "low", "high", "known"]].to_numpy().tolist() == [["f", "n", 3.0, 3.0, True]]
    assert not attack_frames({"cells": cells})["known"].any()
    closed = cells.assign(n=[GONE, GONE, GONE, GONE])
    both = {"cells": closed, "sex": margins, "region": pd.DataFrame({"region": ["n", "s"], "n": [53, 100]})}
    found = attack_frames(both)
    assert found["low"].tolist() == [0, 0, 10, 57] and found["high"].tolist() == [43, 43, 53, 100]
    assert not found["known"].any()


@pytest.mark.parametrize("n_to", [1, 5, 10])
def test_rounded_margins_tell_it_nearly(n_to: int) -> None:
    cells = pd.DataFrame({"sex": ["f", "f", "m", "m"], "region": ["n", "s"] * 2, "n": [GONE, 40, 50, 60]})
    margins = pd.DataFrame({"sex": ["f", "m"], "n": [43, 110]})
    cells["n"], margins["n"] = (cells["n"] / n_to).round() * n_to, (margins["n"] / n_to).round() * n_to
    found = attack_frames({"cells": cells, "margins": margins}, n_to=n_to)
    half = n_to / 2 if n_to > 1 else 0
    fits = [
        total - south
        for total in range(100)
        for south in range(total + 1)
        if abs(total - margins["n"][0]) <= half and abs(south - cells["n"][1]) <= half
    ]
    assert (found["low"].iloc[0], found["high"].iloc[0]) == (min(fits), max(fits))
    assert bool(found["known"].iloc[0]) == (max(fits) - min(fits) < 10) == (n_to < 10)


def test_two_tables_of_which_neither_tells_tell_together() -> None:
    """Group x within region, and group x whole less what is told elsewhere."""
    frame = people(3)
    few = counted(frame, ["group", "region"], 10)
    whole = {"cells": few, "group": counted(frame, ["group"]), "region": counted(frame, ["region"])}
    truth = counted(frame, ["group", "region"])["n"]
    found = attack_frames(whole)
    assert found["known"].all() and len(found) == few["n"].isna().sum()
    assert (found["low"] <= truth[found["row"]].to_numpy()).all() and (
        found["high"] >= truth[found["row"]].to_numpy()
    ).all()
    alone = attack_frames({"cells": few, "region": whole["region"].iloc[:0]})
    assert not alone["known"].any()


@pytest.mark.parametrize("seed", range(4))
def test_three_way_tables_of_all_margins_hold_the_truth(seed: int) -> None:
    frame = people(seed, 300)
    ways = [["group", "region"], ["group", "answer"], ["region", "answer"], ["group"], ["region"], []]
    told = {"-".join(way) or "all": counted(frame, way) for way in ways}
    told["cells"] = counted(frame, ["group", "region", "answer"], 6)
    truth = counted(frame, ["group", "region", "answer"])["n"].to_numpy()
    found = attack_frames(told, width=3)
    inside = truth[found["row"]]
    assert len(found) > 5 and (found["low"] <= inside).all() and (found["high"] >= inside).all()
    assert found["known"].tolist() == (found["high"] - found["low"] < 3).tolist()


@pytest.mark.parametrize("seed", range(3))
def test_tables_of_too_many_classes_are_tied_by_what_they_share(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = people(seed, 300)
    ways = [["group", "region"], ["region", "answer"]]
    told = {"-".join(way): counted(frame, way, 12) for way in ways} | {"group": counted(frame, ["group"])}
    truth = {name: counted(frame, name.split("-"))["n"].to_numpy() for name in told}
    whole = attack_frames(told)
    monkeypatch.setattr(attack_systems, "_MANY", 20)  # of 36 classes
    tied = attack_frames(told)
    inside = np.array([truth[name][row] for name, row in zip(tied["result"], tied["row"], strict=True)])
    assert len(tied) == len(whole) > 3 and (tied["low"] <= inside).all() and (tied["high"] >= inside).all()
    # never narrower; told by two tables of which one holds the total of the other's cells
    assert (tied["low"] <= whole["low"]).all() and (tied["high"] >= whole["high"]).all()
    assert np.isfinite(tied["high"]).all()


def test_shares_are_read_with_their_decimals() -> None:
    """3 of 53 is 5.7 %: told exactly, told to one decimal, and, of a rounded number of people, hardly."""
    one = pd.DataFrame({"variable": "training", "region": ["n", "s"], "n": [53, 100], "estimate": [GONE, 0.5]})
    whole = pd.DataFrame({"variable": ["training"], "n": [153], "estimate": [53 / 153]})
    found = attack_frames({"by": one, "all": whole})
    assert found[["what", "low", "high"]].to_numpy().tolist() == [["answer", 3, 3]]
    found = attack_frames({"by": one, "all": whole.round(3)}, share_digits=3)
    assert found[["low", "high", "known"]].to_numpy().tolist() == [[3, 3, True]]
    found = attack_frames({"by": one.assign(n=[50, 100]), "all": whole.assign(n=150).round(2)}, n_to=10, share_digits=2)
    yes = [
        total - second
        for first in range(45, 56)
        for other in range(95, 106)
        for total in range(first + other + 1)
        for second in range(other + 1)
        if 145 <= first + other <= 155 and abs(second / other - 0.5) <= 0.005 and 0 <= total - second <= first
        if abs(total / (first + other) - 0.35) <= 0.005
    ]
    assert (found["low"].iloc[0], found["high"].iloc[0]) == (min(yes), max(yes))


def test_weighted_sums_add_up_as_people_do(tmp_path: Path) -> None:
    frame = people(1, weighted=True)
    svy = llo.Survey(frame, weights="w")
    results = {"by": llo.mean("training", svy, by="group"), "all": llo.mean("training", svy)}
    row = [str(level) for level in results["by"].rows["group"]].index("x")
    found = attack(written(tmp_path / "left", results, {"by": [row]})).set_index("what")
    own = frame[frame["group"] == "x"]
    assert found["low"]["n"] == found["high"]["n"] == len(own) < 10
    mean = frame["w"].sum() / len(frame)  # of all people; the attacker has that of those who are told
    # sums of weights left to four digits, so that the attacker knows it to these
    low, high = found.loc["answer, weighted", ["low", "high"]]
    assert low * 0.95 <= own.loc[own["training"], "w"].sum() / mean <= high * 1.05 and high - low < 1
    assert found["known"].all()


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("seed", [0, 1])
def test_nothing_is_found_in_what_we_export_and_much_without_what_we_hide(
    seed: int, weighted: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frame = people(seed, weighted=weighted)
    svy = llo.Survey(frame, weights="w")
    results: dict[str, Result] = {
        "by_both": llo.mean("training", svy, by=["group", "region"]),
        "by_group": llo.mean("training", svy, by=["group"]),
        "all": llo.mean("training", svy),
        "answers": llo.mean("answer", svy, by="group"),
        "by_region": llo.mean("answer", svy, by="region"),
        "answers_all": llo.mean("answer", svy),
        "cross": llo.crosstab("answer", "group", svy),
    }
    small = {}
    for name, result in results.items():
        facts = result.cell_details()
        broken = (facts["n"] < 10) | (facts["n_nonzero"] < 10) | (facts["n_complement"] < 10)
        small[name] = np.flatnonzero(broken).tolist()
    leaking = attack(written(tmp_path / "leaking", results, small))
    assert leaking["known"].sum() >= 5
    llo.report.export(results, tmp_path / "left", profile="cbs")
    capsys.readouterr()
    found = attack(tmp_path / "left")
    assert len(found) > 5 and not is_told(found).any()
    assert attack(tmp_path / "left", also=[tmp_path / "leaking"])["known"].any()
    for one in leaking[leaking["what"] == "n"].itertuples():
        truth = results[one.result].cell_details()["n"].iloc[one.row]
        assert one.low <= truth <= one.high


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("kind", ["gap", "change", "contrast", "contrast of three"])
def test_a_gap_a_change_and_a_contrast_tell_a_withheld_share(tmp_path: Path, kind: str, weighted: bool) -> None:
    """The share of x is withheld and its size is not; everybody's share is not told, the gap of x and y is."""
    rng = np.random.default_rng(5)
    group = np.repeat(["x", "y", "z"], [60, 300, 240])
    yes = rng.random(600) < 0.4
    yes[:60] = np.arange(60) < 4
    frame = pd.DataFrame(
        {"group": pd.Categorical(group, ordered=True), "yes": yes, "w": rng.uniform(1, 2, 600) if weighted else 1.0}
    )
    svy = llo.Survey(frame, weights="w")
    shares = llo.mean("yes", svy, by="group")
    beside = {
        "gap": llo.gap("yes", svy, group="group", of="x", minus="y"),
        "change": llo.change("yes", svy, time="group", base="x"),
        "contrast": shares.contrast({"y": 1, "x": -1}),
        "contrast of three": shares.contrast({"x": 1, "y": -0.5, "z": -0.5}),
    }[kind]
    results = {"shares": shares, "beside": beside}
    folder = written(tmp_path / "out", results, {"shares": [0]})
    if weighted:  # the size of the group leaves beside the withheld share
        file = folder / "shares.json"
        safe = json.loads(file.read_text(encoding="utf-8"))
        safe["n"][0], safe["details"]["sum_weights"][0] = 60, float(frame["w"][:60].sum())
        file.write_text(json.dumps(safe), encoding="utf-8")
    told = attack(folder).set_index("what")
    truth = float((frame["yes"] * frame["w"])[:60].sum())
    if weighted:  # in persons of the group's average weight
        found, mean = told.loc["answer, weighted"], float(frame["w"][:60].mean())
        assert found["known"] and found["low"] - 0.1 < truth / mean < found["high"] + 0.1 < found["low"] + 2
    else:
        found = told.loc["answer"]
        assert found["known"] and (found["low"], found["high"]) == (truth, truth) == (4, 4)
    whole = llo.report.export(results, tmp_path / "safe")
    after = attack(whole)
    assert not is_told(after).any() and not (whole / "beside.json").exists()


def test_people_in_no_group_are_allowed_for_where_the_numbers_say_so() -> None:
    """Ten did not tell their region: what is told contradicts that all are in a region, so that less is known."""
    cells = pd.DataFrame({"sex": ["f", "f", "m", "m"], "region": ["n", "s"] * 2, "n": [GONE, 40, 50, 60]})
    margins = pd.DataFrame({"sex": ["f", "m"], "n": [43, 120]})
    found = attack_frames({"cells": cells, "margins": margins})
    assert found[["low", "high"]].to_numpy().tolist() == [[0, 3]]
    torn = attack_frames({"cells": cells, "margins": margins.assign(n=[30, 110])})
    assert not len(torn) and "No table fits" in torn.attrs["unread"][0]


def test_rows_left_out_without_a_name_are_allowed_for(tmp_path: Path) -> None:
    """What all tell less what the named regions tell is that of several others, and not that of the one withheld."""
    svy = llo.Survey(people(1), weights="w")
    results = {"by": llo.mean("training", svy, by="region"), "all": llo.mean("training", svy)}
    folder = written(tmp_path / "left", results, {"by": [2]})
    assert attack(folder)["known"].all()
    told = json.loads((folder / "by.json").read_text("utf-8"))
    told["meta"]["exported"] = {"others": True}
    (folder / "by.json").write_text(json.dumps(told), "utf-8")
    found = attack(folder).set_index("what")
    assert (found.loc["n", "low"], found.loc["n", "high"]) == (0, 29) and not found.loc["n", "known"]


def test_a_silent_part_of_a_joint_result_is_not_read_as_the_total(tmp_path: Path) -> None:
    """A part with a domain of two people is not the sum of the rows that leave, and is said not to be read."""
    frame = people(1).assign(number=np.arange(400))
    svy = llo.Survey(frame, weights="w")
    parts = {"a": llo.mean("training", svy, by="group"), "few": llo.mean("training", svy.where("number < 2"))}
    folder = llo.report.export({"j": llo.joint(parts)}, tmp_path / "left")
    found = attack(folder)
    assert not (found.get("part", pd.Series(dtype=object)) == "few").any()
    assert any("j (few)" in text for text in found.attrs["unread"])


def test_an_export_that_gives_a_number_away_is_refused(tmp_path: Path) -> None:
    """Where the attack finds the number of people in a small cell nothing is handed over, and the cell is named."""
    svy = llo.Survey(people(1), weights="w")
    results = {"by": llo.mean("training", svy, by="group"), "all": llo.mean("training", svy)}
    row = [str(level) for level in results["by"].rows["group"]].index("x")
    folder = written(tmp_path / "left", results, {"by": [row]})
    with pytest.raises(llo.DisclosureError, match="by; x; training; n"):
        attacked(folder, [])
    # what the earlier folder tells alone is not held against a later one
    later = written(tmp_path / "later", {"z": llo.mean("answer", svy)}, {})
    with pytest.warns(llo.LloWarning, match="could not be shown"):
        assert is_told(attacked(later, [folder])).any()  # type: ignore[arg-type]  # a frame, where it could be read


def test_a_folder_without_results_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no exported result"):
        attack(tmp_path)
