"""Proves that R prints the same numbers over plausible values and imputations, and of parts with own weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import llo_research as llo
from tests.results.receipts.r_people import designs, people
from tests.results.receipts.r_runs import answers, differences, r_with, told

# R sums in another order
DIGITS = 1e-9
GROUPS: dict[str, Any] = {"group": "education", "of": "high", "minus": "low"}


def results(svy: llo.Survey) -> dict[str, Any]:
    """Results over plausible values: columns, conditions on them, domains, groups, contrasts, beside others."""
    values = llo.mean("PV*", svy, by="education", plausible=True)
    together = llo.joint({"p": values, "h": llo.mean("hours", svy.where("age >= 30"), by="sex")})
    domains = [llo.mean(f"PV{m}", svy.where(f"PV{m} > 200"), by="education") for m in (1, 2, 3)]
    groups = [llo.gap("hours", svy, of=f"PV{m} > 250", minus=f"PV{m} <= 250", by="sex") for m in (1, 2, 3)]
    return {
        "means": values,
        "contrast": values.contrast("high - low"),
        "ranges": llo.mean("PV[1-3]", svy.where("sex == 'm'"), plausible=True),
        "gaps": llo.gap("PV*", svy, by="sex", plausible=True, **GROUPS),
        "conditions": llo.mean("PV* >= 276", svy, plausible=True, by="sex"),
        "joint": together,
        "of a joint result": together.contrast({"x": "`p:high` - 10 * `h:m`"}),
        "domains": llo.combine_imputations(domains),
        "groups": llo.combine_imputations(groups),
    }


@pytest.mark.parametrize("design", ["clusters", "replicates", "raked"])
@r_with("mitools")
def test_plausible_values(tmp_path: Path, design: str) -> None:
    check(results(designs()[design]), designs()[design], tmp_path)


@r_with()
def test_parts_with_weights_of_their_own(tmp_path: Path) -> None:
    frame = people().assign(w1=lambda d: np.where(d["person"] % 2 == 0, d["w"] * 2.1, np.nan))
    svy = llo.Survey(frame, weights="w", strata="h", psu="psu", item_weights={"hours": "w1"})
    parts = {"a": llo.mean("hours", svy, by="sex"), "b": llo.mean("age", svy, by="sex")}
    parts["r"] = llo.gap("hours", svy.where("age > 30"), group="sex", of="m", minus="v")
    together = llo.joint(parts)
    check({"joint": together, "contrast": together.contrast("`a:m` / `b:m` - r"), "one": parts["a"]}, svy, tmp_path)


def check(made: dict[str, Any], svy: llo.Survey, folder: Path) -> None:
    """R gives the same numbers."""
    found = answers(made, svy, folder)
    wrong = {name: own for name in made if max((own := differences(made[name], found[name])).values()) > DIGITS}
    assert not wrong, told(wrong)


def test_what_r_cannot_do_is_told() -> None:
    replicated = designs()["replicates"]
    assert "svyciprop" in llo.share("training", replicated, by="sex", interval="likelihood").to_r()
    ties = llo.quantile("age", replicated, q=0.5, rule="hf7").to_r().split("library")[0]
    assert "order of the rows" in ties.replace("\n# ", " ")
    joint = llo.mean("hours", replicated, by="sex", simultaneous=True).to_r().split("library")[0]
    assert "mvtnorm" in joint
