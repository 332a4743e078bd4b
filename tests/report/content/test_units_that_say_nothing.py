"""Proves that tables tell how many units say nothing of changes, and name each panel model once."""

from __future__ import annotations

import pytest

import llo_research as llo
from tests.regression.panel.panels import frame, survey


@pytest.mark.parametrize("language", ["nl", "en"])
def test_notes(language: str) -> None:
    data = frame(60, 4)
    data.loc[data["who"] < 105, "yes"] = 1
    data.loc[data["who"] < 103, "count"] = 0
    svy = survey(data)
    yes = llo.panel.conditional_logit("yes ~ x", svy)
    counts = llo.panel.fixed_effects_poisson("count ~ x", svy)
    texts = [str(llo.report.table(fit, language=language)) for fit in (yes, counts)]
    words = {
        "nl": ("steeds hetzelfde antwoorden", "nooit iets is geteld", "conditioneel logit.", "vaste effecten."),
        "en": ("always answer the same", "nothing was ever counted", "conditional logit.", "fixed effects Poisson."),
    }[language]
    assert f"{words[0]}: {yes.meta['units_without_variation']}" in texts[0] and words[2] in texts[0]
    assert f"{words[1]}: {counts.meta['separated']['unit']}" in texts[1] and words[3] in texts[1]
