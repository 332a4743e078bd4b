"""A survey made by counting, without chance: what its titles say can be read off the table of shares."""

from __future__ import annotations

from typing import Any

import pandas as pd

import llo_research as llo

# Trained of 400 in each year, by education.
SHARES = {
    2014: {"low": 0.30, "middle": 0.45, "high": 0.60},
    2018: {"low": 0.20, "middle": 0.44, "high": 0.62},
    2022: {"low": 0.30, "middle": 0.50, "high": 0.64},
    2024: {"low": 0.40, "middle": 0.52, "high": 0.66},
}
BREAK = {"time": 2022, "what": {"nl": "andere waarneming", "en": "new collection"}, "series": []}


def _text(nl: str, en: str, **values: tuple[str, str]) -> dict[str, Any]:
    return {"nl": nl, "en": en, "values": {key: {"nl": told[0], "en": told[1]} for key, told in values.items()}}


LABELS = {
    "training": _text("Scholing, afgelopen twee jaar", "Training, past two years"),
    "course": _text("Cursus", "Course", ja=("ja", "yes"), nee=("nee", "no")),
    "education": _text(
        "Opleidingsniveau",
        "Education",
        low=("tot en met mbo-1", "up to mbo-1"),
        middle=("mbo 2-4", "mbo 2-4"),
        high=("hbo/wo", "higher"),
    ),
    "contract": _text(
        "Contract", "Contract", permanent=("vast", "permanent"), flexible=("flexibel", "flexible"), own=("zzp", "own")
    ),
    "autonomy": _text("Autonomie", "Autonomy"),
    "variety": _text("Afwisseling", "Variety"),
    "year": _text("Jaar", "Year"),
}


def survey(*, years: tuple[int, ...] = tuple(SHARES), breaks: bool = True) -> llo.Survey:
    """Employees: nobody works on his own account, two in three are permanent.

    Autonomy rises with education, variety with education and training.
    """
    rows = [
        {"year": year, "education": level, "training": float(i < share * 400), "contract": place, "i": i}
        for year in years
        for level, share in SHARES[year].items()
        for i in range(400)
        for place in ["flexible" if i % 3 == 0 else "permanent"]
    ]
    frame = pd.DataFrame(rows)
    for name in ("education", "contract"):
        order = list(LABELS[name]["values"])
        frame[name] = pd.Categorical(frame[name], order, ordered=True)
    frame["course"] = frame["training"].map({1.0: "ja", 0.0: "nee"})
    frame["autonomy"] = frame["education"].cat.codes * 0.5 + frame["i"] % 5
    frame["variety"] = frame["education"].cat.codes + frame["training"] + frame["i"] % 7
    frame["w"] = 1.0
    source = {
        "title": "NEA",
        "years": list(years),
        "reference_period": {"training": {"nl": "afgelopen twee jaar", "en": "past two years"}},
        "breaks": [BREAK] if breaks else [],
    }
    return llo.Survey(frame, weights="w", strata="year", time="year", labels=LABELS, source=source)
