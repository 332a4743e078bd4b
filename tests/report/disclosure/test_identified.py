"""Proves that results that hold no rows of the data do not tell beside others what may not be told."""

from __future__ import annotations

from pathlib import Path

import pytest

import llo_research as llo
from llo_research.report.disclosure.decided import decide
from llo_research.results.result import Result
from tests.report.disclosure.test_planted import people, survey


def saved(result: Result, folder: Path, name: str) -> Result:
    """The result as it is read again."""
    result.save(folder / f"{name}.json")
    return llo.read_result(folder / f"{name}.json")


@pytest.mark.parametrize("few", [9, 20])
@pytest.mark.parametrize("apart", [{"parts", "all"}, {"parts"}, {"all"}])
@pytest.mark.parametrize("whole", [None, "sex"])
def test_a_total_beside_its_parts(few: int, apart: set[str], whole: str | None, tmp_path: Path) -> None:
    frame = people()
    inside = frame.index[frame["group"] == "b"]
    frame.loc[inside[few:], "group"] = "a"
    frame.loc[inside[:few], "yes"] = [i % 2 for i in range(few)]
    svy = survey(frame)
    live = {"parts": llo.mean("hours", svy, by="group"), "all": llo.mean("yes", svy, by=whole)}
    hidden = decide({n: saved(r, tmp_path, n) if n in apart else r for n, r in live.items()}).hidden
    assert not hidden["all"].any()
    assert hidden["parts"].sum() == (2 if few < 10 else 0) and hidden["parts"][1] == (few < 10)
    assert hidden["parts"].tolist() == decide(live).hidden["parts"].tolist()


@pytest.mark.parametrize("few", [9, 20])
def test_a_stack_beside_one_of_its_surveys(few: int) -> None:
    frame = people()
    inside = frame.index[frame["group"] == "b"]
    frame.loc[inside[few:], "group"] = "a"
    frame.loc[inside[:few], "yes"] = [i % 2 for i in range(few)]
    one, two = (llo.Survey(own, weights="w", source={"title": t}) for own, t in ((frame, "1"), (people(900, 2), "2")))
    both = llo.stack({"one": one, "two": two})
    parts = {"both": llo.mean("yes", both, by=["survey", "group"]), "all": llo.mean("hours", one)}
    decision = decide(parts)
    rows, hidden = parts["both"].rows, decision.hidden["both"]
    assert not decision.hidden["all"].any()
    assert hidden[(rows["survey"] == "one").to_numpy()].sum() == (2 if few < 10 else 0)
    assert hidden.any() == (few < 10)
    # the groups of both surveys less those of the other one
    parts = {"both": llo.mean("yes", both, by="group"), "two": llo.mean("yes", two, by="group")}
    decision = decide(parts)
    assert decision.hidden["two"][1] == decision.hidden["two"].any() == (few < 10)
    assert not decision.hidden["both"].any()


@pytest.mark.parametrize("few", [9, 10])
def test_domains_that_differ_by_few(few: int, tmp_path: Path) -> None:
    frame = people()
    frame["age"] = frame["age"].clip(upper=58)
    frame.loc[:199, "age"] = 65
    frame.loc[: few - 1, "age"] = 60
    svy = survey(frame)
    domains = {"from": "age >= 60", "above": "age > 60"}
    parts = {name: saved(llo.mean("hours", svy.where(one)), tmp_path, name) for name, one in domains.items()}
    decision = decide(parts)
    assert decision.hidden["above"].tolist() == [few < 10] and not decision.hidden["from"].any()
    assert set(decision.findings["rule"]) == ({"difference"} if few < 10 else set())
