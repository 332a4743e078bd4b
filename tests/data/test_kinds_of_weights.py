"""Proves that the codebook tells the kind of each weight column, also where their mean does not."""

from __future__ import annotations

import numpy as np
import pytest

import llo_research as llo


def test_nea_knows_its_proportional_weights_and_those_of_its_halves() -> None:
    svy = llo.synthetic("nea", years=[2023], n=2000)
    kinds = svy.source["weight_kinds"]
    assert {name for name, kind in kinds.items() if kind == "proportional"} == {
        name for name in svy.frame.columns if name.startswith("weight_proportional")
    }
    assert {kinds[name] for name in ("weight", "weight_half1", "weight_half2")} == {"expansion"}
    part = svy.frame.head(300)
    some = llo.Survey(part, weights="weight", source=svy.source)
    assert not np.isclose(part["weight_proportional"].mean(), 1, atol=1e-3)
    assert some.use_weights("weight_proportional").weight_kind == "proportional"
    with pytest.raises(llo.DesignError, match="sum to the sample"):
        llo.total("training", some.use_weights("weight_proportional"))
    back = svy.use_weights("weight_proportional").use_weights("weight_half1")
    assert back.weight_kind == "expansion"
