"""Makes the file of the page "From SPSS to a table book", as SPSS would save it; and the same as CSV and for Stata.

    python spss_day.py FOLDER

Nobody in it exists. Names, codes and labels are those that such files have, and so are their traps.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

TRAINED = "Heeft u in de afgelopen twee jaar een opleiding of cursus gevolgd voor uw werk?"
LABELS = {
    "RNR": "Respondentnummer",
    "METING": "Jaar van de meting",
    "STRAT": "Steekproefstratum",
    "WEEG": "Ophooggewicht",
    "SEKSE": "Geslacht",
    "LEEFT": "Leeftijd in jaren",
    "OPL3": "Opleidingsniveau in drie klassen",
    "DV4": "Soort dienstverband",
    "GROOTTE": "Bedrijfsgrootte vestiging",
    "V12": TRAINED,
    "V12_N": TRAINED,
    "V20": "Kunt u zelf beslissen hoe u uw werk uitvoert?",
    "V21": "Bepaalt u zelf de volgorde van uw werkzaamheden?",
    "V22": "Kunt u zelf uw werktempo regelen?",
    "V30": "Tempo van het werk",
    "TEVR": "Hoe tevreden bent u met uw werk?",
    "DATUM": "Datum van het interview",
}
FREELY = {1: "Ja, regelmatig", 2: "Ja, soms", 3: "Nee", 98: "Weet niet", 99: "Geen antwoord"}
YES = {1: "Ja", 2: "Nee", 9: "Weet niet"}
CODES: dict[str, dict[int, str]] = {
    "SEKSE": {1: "Man", 2: "Vrouw"},
    "OPL3": {1: "Laag", 2: "Midden", 3: "Hoog", 9: "Onbekend"},
    "DV4": {1: "Vast", 2: "Tijdelijk", 3: "Oproep/invalkracht", 4: "Anders"},
    "GROOTTE": {1: "1-9", 2: "10-49", 3: "50-249", 4: "250 of meer"},
    "V12": YES,
    "V12_N": YES,
    "V20": FREELY,
    "V21": FREELY,
    "V22": FREELY,
    "V30": {1: "Hoog", 2: "Laag"},
    "TEVR": {1: "Zeer ontevreden", 2: "Ontevreden", 3: "Neutraal", 4: "Tevreden", 5: "Zeer tevreden"},
}
MISSING: dict[str, list[Any]] = {
    "OPL3": [9],
    "V12": [9],
    "V12_N": [9],
    **{name: [{"lo": 98, "hi": 99}] for name in ("V20", "V21", "V22")},
}


def people(number: int = 9_000, seed: int = 12) -> pd.DataFrame:
    """Three waves of employees; in 2023 the question about training has another name."""
    rng = np.random.default_rng(seed)
    year = np.repeat([2019, 2021, 2023], number // 3)
    education = rng.choice([1, 2, 3], number, p=[0.2, 0.4, 0.4])
    contract = rng.choice([1, 2, 3, 4], number, p=[0.66, 0.2, 0.09, 0.05])
    size = rng.choice([1, 2, 3, 4], number, p=[0.2, 0.25, 0.25, 0.3])
    chance = 0.28 + 0.11 * (education - 1) - 0.09 * (contract > 1) + 0.03 * (size - 1) - 0.03 * (year == 2021)
    trained = np.where(rng.random(number) < chance, 1.0, 2.0)
    trained[rng.random(number) < 0.02] = 9
    frame = pd.DataFrame({"RNR": np.arange(number) + 100_001, "METING": year})
    frame["STRAT"] = 10 * size + rng.integers(1, 4, number)
    frame["WEEG"] = np.round(rng.gamma(4.0, 600.0, number) * (1.3 - 0.2 * (education - 1)), 3)
    frame["SEKSE"], frame["LEEFT"] = rng.choice([1, 2], number), rng.integers(15, 75, number)
    frame["OPL3"] = np.where(rng.random(number) < 0.01, 9, education)
    frame["DV4"], frame["GROOTTE"] = contract, size
    frame["V12"], frame["V12_N"] = np.where(year < 2023, trained, np.nan), np.where(year == 2023, trained, np.nan)
    for item in ("V20", "V21", "V22"):
        frame[item] = rng.choice([1, 2, 3, 98, 99], number, p=[0.5, 0.3, 0.17, 0.02, 0.01])
    frame["V30"], frame["TEVR"] = rng.choice([1, 2], number), rng.choice([1, 2, 3, 4, 5], number)
    frame["DATUM"] = pd.to_datetime(pd.Series(year).astype(str) + "-03-01")
    return frame


def make(folder: Path) -> None:
    """The same people as SPSS, as a spreadsheet of Dutch Windows, and as Stata writes them."""
    import pyreadstat

    frame = people()
    excel, stata = folder / "excel" / "leren_en_werk.csv", folder / "stata" / "leren_en_werk.dta"
    for path in (excel, stata):
        path.parent.mkdir(parents=True, exist_ok=True)
    labels: dict[str, Any] = {"column_labels": LABELS, "variable_value_labels": CODES}
    pyreadstat.write_sav(frame, folder / "leren_en_werk.sav", missing_ranges=MISSING, **labels)
    pyreadstat.write_dta(frame, stata, **labels)
    named = frame.drop(columns="DATUM").copy()
    for name, codes in CODES.items():
        named[name] = named[name].map(codes)
    named.to_csv(excel, sep=";", decimal=",", index=False, encoding="cp1252")


if __name__ == "__main__":
    make(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
