"""Stacks of collapsed surveys give the numbers of stacks of the surveys."""

from __future__ import annotations

import pytest

import llo_research as llo
from tests.survey.collapsed_samples import CALLS, COLUMNS, GAP, NUMBERS, collapsed, people, raked, survey
from tests.survey.test_collapsed import _same

KINDS = {
    "elements": ("elements in strata", "elements"),
    "numbers and fractions": ("fractions", "equal weights"),
    "persons": ("panel", "elements in strata"),
    "returning persons": ("waves with fractions", "fractions"),
    "psus": ("psu in strata", "psu"),
}
ASKED = (
    "mean of yes and no", "two numbers", "total", "gap", "change of a number", "gap change", "trend", "crosstab test",
    "domain", "joint", "logit", "variance", "clusters", "oaxaca", "ordered logit", "gelbach", "few, raked",
)  # fmt: skip


def _stacks(kind: str, prepared: bool = False) -> tuple[llo.Survey, llo.Survey]:
    """A stack of surveys, and that of the collapsed ones."""
    parts = [survey(design, people(seed), lonely_psu="adjust") for seed, design in enumerate(KINDS[kind], start=31)]
    parts = [raked(part) for part in parts] if prepared else parts
    few = [collapsed(part) for part in parts]
    one, other = (llo.stack(dict(zip("ab", own, strict=True))) for own in (parts, few))
    return one, other


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("call", ASKED)
def test_stacks_of_collapsed_rows_give_the_same(kind: str, call: str) -> None:
    one, other = _stacks(kind)
    assert other.design.stands is not None and other._count(None) == len(one)
    _same(CALLS[call](one), CALLS[call](other))


@pytest.mark.parametrize("kind", KINDS)
def test_surveys_are_compared(kind: str) -> None:
    for prepared in (False, True):
        one, other = _stacks(kind, prepared)
        for ask in (
            lambda s: llo.mean(["training", "hours"], s, by="survey"),
            lambda s: llo.gap("wage", s, group="survey", of="a", minus="b"),
            lambda s: llo.gap_change("training", s, **GAP, time="year", base=2019),
            lambda s: llo.decomposition.oaxaca_blinder("training ~ education", s, group="survey", of="a", minus="b"),
        ):
            _same(ask(one), ask(other))


def test_a_psu_survey_may_be_collapsed_alone() -> None:
    parts = {name: survey("psu in strata", people(seed)) for seed, name in enumerate("ab", start=31)}
    few = {**parts, "b": parts["b"].collapse(COLUMNS)}
    one, other = llo.stack(parts), llo.stack(few)
    for call in ("mean of yes and no", "gap", "logit", "crosstab test"):
        _same(CALLS[call](one), CALLS[call](other))


def test_replicates_stand_beside_each_other() -> None:
    parts = [llo.replicate(survey("psu in strata", people(seed)), "jkn") for seed in (31, 32)]
    few = [collapsed(part) for part in parts]
    one, other = (llo.stack(dict(zip("ab", own, strict=True))) for own in (parts, few))
    for call in ("mean of yes and no", "gap change", "logit", "few, raked"):
        _same(CALLS[call](one), CALLS[call](other))


def test_what_a_stack_does_not_take_is_said() -> None:
    one, other = (survey("elements", people(seed)) for seed in (31, 32))
    few, kept = one.collapse(COLUMNS, numbers=NUMBERS), other.collapse([*COLUMNS, "hours"])
    for surveys, words in (
        ({"a": few, "b": other}, "Collapsed rows without sampling units"),
        ({"a": few, "b": kept}, "kept as sums in one survey, and a column of another"),
        ({"a": few, "b": one.collapse(COLUMNS)}, "rows of one survey"),
        ({"a": few, "b": few.where("sex")}, "rows of one survey"),
    ):
        with pytest.raises(llo.LloError, match=words):
            llo.stack(surveys)
    with pytest.raises(llo.DataError, match="collapse each survey, and stack"):
        llo.stack({"a": one, "b": other}).collapse(COLUMNS)
    assert NUMBERS
