"""Proves that a note names each weight by what it counts, also where joint results have several."""

from __future__ import annotations

import llo_research as llo


def _note(result: llo.Result, language: str) -> str:
    notes = llo.report.figure(result, language=language).content.notes
    return notes["weight"]


def test_weights_of_joint_results_are_told_in_words() -> None:
    firms = llo.synthetic("wea", years=2021)
    parts = {"per vestiging": firms, "per werknemer (alle)": firms.use_weights("weight_employees")}
    both = llo.joint({name: llo.mean("trained_over_75", svy) for name, svy in parts.items()})
    assert _note(both, "nl") == (
        "Weging: ophooggewicht van vestigingen: elke vestiging telt één keer (per vestiging), ophooggewicht van"
        " werknemers: dat van vestigingen maal het aantal werknemers (per werknemer (alle))."
    )
    assert _note(llo.mean("trained_over_75", firms), "en") == (
        "Weight: expansion weight of establishments: each establishment counts once."
    )
