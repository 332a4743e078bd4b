"""Fake files of NEA and the like: our names as a CSV, and other names, Dutch labels and user-missing codes as SPSS."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

ITEMS = [f"autonomy{k}" for k in range(1, 6)]


def small_nea(year: int = 2019, rows: int = 240) -> pd.DataFrame:
    """People of one year under our names, no randomness; since 2022 two halves, skills match asked of the first."""
    i = np.arange(rows)
    frame = pd.DataFrame({"year": year, "id": i + 1, "stratum": i % 6 + 1, "weight": 10.0 + i % 7})
    if year >= 2022:
        frame["half"] = 1 + i % 2
        for half in (1, 2):
            frame[f"weight_half{half}"] = np.where(i % 2 == half - 1, 2 * frame["weight"], np.nan)
    frame["sex_code"] = 1 + (i // 2) % 2
    frame["age"] = 16 + i % 58
    frame["education_code"] = 1 + i % 8
    frame["contract_code"] = 1 + (i // 3) % 8
    frame["firm_size_code"] = 1 + i % 4
    frame["training_code"] = 1 + (i * i // 3) % 2
    for k, name in enumerate(ITEMS):
        frame[name] = 1.0 + (i // (k + 1) + k) % 3
    frame["skills_match_code"] = np.where((year >= 2022) & (i % 2 == 1), np.nan, 1 + (i // 5) % 3)
    return frame


# ours -> (name in the file, Dutch label, value labels, codes declared missing)
YES_NO = {1: "ja", 2: "nee"}
REGULARLY = {1: "Nee", 2: "Ja, soms", 3: "Ja, regelmatig", 8: "weet niet", 9: "geen antwoord"}
DANS: dict[str, tuple[str, str, dict[int, str] | None, list[int]]] = {
    "id": ("RESPNR", "Volgnummer respondent", None, []),
    "weight": ("WEEG_OPH", "Ophooggewicht (telt op tot de populatie)", None, []),
    "sex_code": ("GESL", "Geslacht", {1: "Man", 2: "Vrouw"}, []),
    "age": ("LFT", "Leeftijd in jaren", None, []),
    "education_code": ("OPL8", "Hoogst behaald onderwijs in acht klassen", None, [98, 99]),
    "contract_code": ("AREL10", "Arbeidsrelatie in tien klassen", None, []),
    "training_code": ("V_61", "Heeft u in de afgelopen twee jaar een opleiding of cursus gevolgd?", YES_NO, [9]),
    "autonomy1": ("V_21A", "Kunt u zelf beslissen hoe u uw werk uitvoert?", REGULARLY, [8, 9]),
    "autonomy2": ("V_21B", "Bepaalt u zelf de volgorde van uw werkzaamheden?", REGULARLY, [8, 9]),
    "autonomy3": ("V_21C", "Kunt u zelf uw werktempo bepalen?", REGULARLY, [8, 9]),
    "autonomy4": (
        "V_21D",
        "Moet u in uw werk zelf oplossingen bedenken om bepaalde dingen te doen?",
        REGULARLY,
        [8, 9],
    ),
    "autonomy5": ("V_21E", "Kunt u verlof opnemen wanneer u dat wilt?", REGULARLY, [8, 9]),
}


def dans_columns(renamed: dict[str, str] | None = None) -> dict[str, str]:
    """Column in the file -> our variable; ``renamed``: ours -> another name in this file."""
    return {(renamed or {}).get(ours, theirs): ours for ours, (theirs, *_) in DANS.items()}


def write_dans(
    path: Path, frame: pd.DataFrame, renamed: dict[str, str] | None = None, labels: dict[str, Any] | None = None
) -> Path:
    """An SPSS file as an archive delivers it: other names, shuffled, labels, user-missing codes, no strata, no year."""
    pyreadstat = pytest.importorskip("pyreadstat")
    names = {ours: theirs for theirs, ours in dans_columns(renamed).items() if ours in frame}
    data = frame[list(names)].rename(columns=names).assign(OPM=[f"tekst {k}" for k in range(len(frame))])
    order = sorted(data.columns, key=lambda name: (hash_of(name), name))
    values = {names[ours]: codes for ours, (_, _, codes, _) in DANS.items() if codes and ours in names}
    pyreadstat.write_sav(
        data[order],
        str(path),
        column_labels={names[ours]: DANS[ours][1] for ours in names},
        variable_value_labels={**values, **(labels or {})},
        missing_ranges={names[ours]: DANS[ours][3] for ours in names if DANS[ours][3]},
    )
    return path


def hash_of(name: str) -> int:
    """A shuffle that is the same everywhere."""
    return sum(ord(sign) * (place + 3) for place, sign in enumerate(name)) % 17


def write_mapping(path: Path, columns: dict[str, str], more: str = "") -> Path:
    """A mapping file."""
    lines = [f'"{theirs}" = "{ours}"' for theirs, ours in columns.items()]
    path.write_text("[columns]\n" + "\n".join(lines) + "\n" + more, encoding="utf-8", newline="\n")
    return path
