"""Surveys of two instruments, made up: one asks of two years, the other of twelve months."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

import llo_research as llo

TWO = {"nl": "afgelopen twee jaar", "en": "past two years"}
TWELVE = {"nl": "afgelopen twaalf maanden", "en": "past twelve months"}


def frame_of(seed: int, n: int = 240) -> pd.DataFrame:
    """Training, wages and what explains them, in two years."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"year": np.repeat([2014, 2020], n // 2), "w": 0.5 + rng.random(n)})
    frame["education"] = pd.Categorical(rng.choice(["low", "high"], n), categories=["low", "high"], ordered=True)
    frame["training"] = (rng.random(n) < 0.35 + 0.2 * (frame["education"] == "high")).astype(float)
    frame["wage"] = rng.normal(20, 4, n) + 3 * frame["training"]
    frame["hours"] = rng.integers(20, 41, n).astype(float)
    frame["autonomy"] = rng.integers(1, 6, n).astype(float)
    return frame


def survey(name: str, period: Any, definition: str, seed: int, **more: Any) -> llo.Survey:
    """One instrument; ``wage``, ``hours`` and ``autonomy`` are the same in all."""
    source = {
        "instrument": name,
        "title": name.upper(),
        "reference_period": {"training": period},
        "definition": {"training": definition, "wage": "hourly wage", "education": "three classes"},
        **more,
    }
    labels = {"training": {"nl": f"Opleiding, {period['nl']}", "en": f"Training, {period['en']}"}}
    return llo.Survey(frame_of(seed), weights="w", strata="year", time="year", labels=labels, source=source)


def parts(**other: Any) -> dict[str, llo.Survey]:
    """Two instruments that differ in the period; or as `other` says."""
    second = {"name": "piaac", "period": TWELVE, "definition": "any course", "seed": 2} | other
    return {"nea": survey("nea", TWO, "any course", 1), "piaac": survey(**second)}
