"""Weighting steps that are no calibration, in R: nonresponse, trimming, parts of a split sample."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llo_research.results.receipts.r.words import compared, name, text
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told


def parts(told: Told, script: Script, step: Mapping[str, Any]) -> None:
    """Each part's weights times its share, which variances take as given."""
    raise NotImplementedError


def trim(told: Told, script: Script, step: Mapping[str, Any]) -> None:
    """Weights within bounds."""
    raise NotImplementedError


def nonresponse(told: Told, script: Script, step: Mapping[str, Any]) -> None:
    """Respondents also stand for those who did not answer."""
    raise NotImplementedError
