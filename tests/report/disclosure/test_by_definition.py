"""Proves what is no disclosure: an answer that follows from another one by definition; what only looks like it is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.report.disclosure.decided import decide

LONG = "training == 1 & long == 1"


def people(n: int = 6000) -> pd.DataFrame:
    """Half were trained, of whom alone it was asked whether for long; and an answer that nobody in region b gave."""
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "training": (np.arange(n) % 2 == 0).astype(float),
            "long": np.where(rng.random(n) < 0.2, 1.0, 0.0),
            "region": np.where(np.arange(n) < 40, "b", rng.choice(["a", "c"], n)),
            "edu": rng.choice(["low", "high"], n),
            "ill": np.where(rng.random(n) < 0.2, 1.0, 0.0),
            "w": 1.0,
        }
    )
    frame.loc[frame["training"] == 0, "long"] = np.nan
    frame.loc[frame["region"] == "b", "ill"] = 0.0
    return frame


def hidden(results: dict[str, Any]) -> int:
    """How many rows do not leave."""
    return sum(int(rows.sum()) for rows in decide(results).hidden.values())


@pytest.mark.parametrize("by", [None, "edu"])
@pytest.mark.parametrize("assigned", [False, True])
def test_a_share_of_those_asked_leaves_beside_the_same_as_a_share_of_all(by: str | None, assigned: bool) -> None:
    svy = llo.Survey(people(), weights="w")
    name, svy = ("long_of_all", svy.assign(long_of_all=LONG)) if assigned else (LONG, svy)
    asked, every = llo.mean("long", svy, by=by), llo.mean(name, svy, by=by)
    both = {"asked": asked, "every": every, "all": llo.mean(name, svy), "high": llo.mean("long", svy, by="edu")}
    assert hidden(both) == 0
    assert hidden(both | {"domain": llo.mean("long", svy.where("training == 1"))}) == 0


def test_a_group_in_which_nobody_gave_an_answer_that_was_asked_of_all_is_still_told() -> None:
    svy = llo.Survey(people(), weights="w")
    others = svy.where("region != 'b'")
    for name in ("ill", "ill == 1"):
        decision = decide({"every": llo.mean(name, svy), "others": llo.mean(name, others)})
        assert decision.findings[["rule", "found"]].values.tolist()[0] == ["difference", 0.0], name


def test_a_column_of_which_the_definition_is_not_known_is_taken_as_asked() -> None:
    frame = people()
    frame["long_of_all"] = ((frame["training"] == 1) & (frame["long"] == 1)).astype(float)
    svy = llo.Survey(frame, weights="w")
    assert hidden({"asked": llo.mean("long", svy), "every": llo.mean("long_of_all", svy)}) >= 1


def test_those_of_whom_an_answer_was_taken_out_are_not_those_who_were_not_asked() -> None:
    frame = people()
    frame["some"] = frame["ill"].where(frame["region"] != "b")
    svy = llo.Survey(frame, weights="w")
    results = {"some": llo.mean("some", svy), "every": llo.mean("ill == 1 & (some == 1 | isna(some))", svy)}
    assert hidden(results) >= 1


def test_a_region_without_training_is_told_of_by_its_name() -> None:
    """All others were trained: who was not asked is who lives in b."""
    frame = people()
    frame["training"] = np.where(frame["region"] == "b", 0.0, 1.0)
    frame["long"] = np.where(frame["region"] == "b", np.nan, (np.arange(len(frame)) % 3 == 0).astype(float))
    svy = llo.Survey(frame, weights="w")
    results = {"others": llo.mean(LONG, svy.where("region != 'b'")), "every": llo.mean(LONG, svy)}
    assert hidden(results) >= 1


def test_the_same_people_told_of_by_a_plain_answer_as_well() -> None:
    """A definition of one name does not cover what another name tells of the same persons."""
    frame = people()
    frame["plain"] = frame["long"].fillna(0.0)
    svy = llo.Survey(frame, weights="w").assign(long_of_all=LONG)
    results = {name: llo.mean(name, svy) for name in ("long", "long_of_all", "plain")}
    assert hidden(results) >= 1
