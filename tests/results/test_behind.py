"""Proves that what is computed from rows tells nothing of rows that may not be seen, or of those that hide them."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.errors import DataError
from llo_research.results import floors

LEVELS = ["fixed", "flex", "self", "other"]


def survey(counts: list[int], **how: object) -> llo.Survey:
    """People by contract, all of restricted files."""
    contract = [level for level, n in zip(LEVELS, counts, strict=False) for _ in range(n)]
    frame = pd.DataFrame({"contract": pd.Categorical(contract, LEVELS[: len(counts)])})
    frame["w"] = np.linspace(1.0, 2.0, len(frame))
    frame["trained"] = np.arange(len(frame)) % 2
    return llo.Survey(frame.assign(**how), weights="w", source={"kind": "restricted"})


def gone_of(result: Any) -> floors.Withheld:
    """What may not be seen of a result of restricted files."""
    found = floors.withheld(result)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "counts", [[20, 3, 17], [300, 5, 6, 40], [30, 9, 9, 9], [50, 60, 70], [12, 1, 300, 40], [60, 0, 40]]
)
def test_contrasts_show_what_the_table_shows_and_no_more(counts: list[int]) -> None:
    result = llo.share("contract", survey(counts))
    gone = gone_of(result)
    seen = dict(zip(result.labels, ~gone.rows, strict=True))
    people = dict(zip(result.labels, counts, strict=True))
    for size in (1, 2, 3):
        for used in combinations([name for name in result.labels if people[name]], size):
            contrast = result.contrast(" + ".join(used) if size > 1 else {used[0]: 1})
            shown = not gone_of(contrast).rows.any()
            assert shown == all(seen[name] for name in used), used


def test_contrasts_of_cells_are_apart() -> None:
    svy = survey([40, 3, 37, 50], group=lambda d: np.where(np.arange(130) % 2 == 0, "x", "y"))
    result = llo.share("contract", svy, by="group")
    gone = dict(zip(result.labels, gone_of(result).rows, strict=True))
    for of, minus in combinations(result.labels, 2):
        contrast = result.contrast({of: 1, minus: -1})
        assert gone_of(contrast).rows[0] == (gone[of] or gone[minus]), (of, minus)


def test_crosstab_of_people_with_one_answer() -> None:
    svy = survey([40, 20, 40], trained=lambda d: np.where(d["contract"] == "flex", 1, np.arange(100) % 2))
    cross = llo.crosstab("contract", "trained", svy)
    label = next(name for name in cross.labels if "flex" in name and "1" in name)
    assert gone_of(cross).rows[cross.labels.index(label)]
    assert gone_of(cross.contrast({label: 1})).rows.all()


def test_messages_tell_no_number_of_hidden_rows() -> None:
    svy = survey([40, 1, 40], hours=lambda d: np.where(d["contract"] == "flex", 2.71828, 7.5 + np.arange(81) % 3))
    result = llo.mean("hours", svy, by="contract")
    with pytest.raises(DataError, match="withheld") as told:
        result.contrast("log(flex - 1000)")
    assert "2.718" not in str(told.value) and "fixed = 8" in str(told.value)
    shares = svy.assign(t=lambda d: np.where(d["contract"] == "flex", 1, np.arange(81) % 2))
    with pytest.raises(DataError, match=r"of 0[.]49\d*, minus withheld"):
        llo.gap("t", shares, group="contract", of="self", minus="flex", scale="odds")


def test_flags_of_tests_of_hidden_cells() -> None:
    svy = survey([40, 3, 40])
    frame = pd.concat([svy.frame.assign(year=year) for year in (2020, 2021, 2022)], ignore_index=True)
    waves = llo.Survey(frame, weights="w", strata="year", time="year", source={"kind": "restricted"})
    found = llo.trend("trained", waves, time="year", by="contract")
    lines = [line.split() for line in found.summary().splitlines() if line.strip().startswith("flex ")]
    assert len(lines) >= 3 and {line[-1] for line in lines} == {"withheld"}


def test_contrasts_of_a_total_and_its_parts() -> None:
    svy = survey([60, 5, 40])
    both = llo.joint({"all": llo.mean("trained", svy), "by": llo.mean("trained", svy, by="contract")})

    def gone(*what: str) -> list[bool]:
        return list(gone_of(both.contrast(list(what))).rows)

    assert gone("all", "`by:self`", "`by:fixed`") == [False, True, False], "5 = 105 - 60 - 40"
    assert gone("`by:self` - all") == [True]
    assert gone("`by:self`", "`by:fixed` - `by:self`") == [False, False], "without the total nothing is the rest"
