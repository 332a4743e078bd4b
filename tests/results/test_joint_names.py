"""Proves that results are joined under names that tell their rows apart."""

from __future__ import annotations

import pandas as pd
import pytest

import llo_research as llo


@pytest.mark.parametrize("names", [(1, "1"), ("a", ""), ("a", " ")])
def test_names_that_are_the_same_or_empty_are_refused(names):
    mean = llo.mean("y", llo.Survey(pd.DataFrame({"y": [1.0, 2.0, 4.0], "w": 1.0}), weights="w"))
    with pytest.raises(llo.LloError, match="empty or the same"):
        llo.joint(dict.fromkeys(names, mean))
