"""Makes files as somebody holds them inside: the NEA of four years in SPSS, under other names. Nobody in them exists.

    python stand_in.py PROJECT

They go to PROJECT/data_raw/nea. To rehearse a week inside with, before the real files are there: the library takes them
for real, restricted ones. What is computed from them says nothing of anybody.
"""

from __future__ import annotations

import sys
from pathlib import Path

import llo_research as llo

YEARS = (2019, 2020, 2021, 2022)
PEOPLE = 6_000  # a year
# columns that files have under these names; all others are V001, V002, ...
NAMES = {"weight": "WEEGFACTOR", "stratum": "STRATUM", "id": "RESPNR"}
NAMES |= {"age": "LEEFTIJD", "hours": "UREN", "tenure": "DIENSTJAREN"}
# the year stands in the name of the file
_NOT_THERE = ("synthetic", "year")


def make(project: Path) -> list[Path]:
    """The files, one a year."""
    import pyreadstat

    folder = project / "data_raw" / "nea"
    folder.mkdir(parents=True, exist_ok=True)
    book = llo.codebook("nea").set_index("variable")
    frame = llo.synthetic("nea", years=YEARS, n=PEOPLE).frame
    own = [one for one in book.index if book.loc[one, "kind"] == "own" or one in NAMES]
    asked = [one for one in own if one not in _NOT_THERE]
    names = {one: NAMES.get(one, f"V{number:03d}") for number, one in enumerate(asked, start=1)}
    paths = []
    for year, rows in frame.groupby("year", observed=True):
        kept = [one for one in asked if one in rows and rows[one].notna().any()]
        labels = {names[one]: book.loc[one, "label_nl"] for one in kept}
        values = {names[one]: {code: word["nl"] for code, word in book.loc[one, "values"].items()} for one in kept}
        paths.append(folder / f"nea{year}.sav")
        pyreadstat.write_sav(
            rows[kept].rename(columns=names).astype(float),
            paths[-1],
            column_labels=labels,
            variable_value_labels={name: codes for name, codes in values.items() if codes},
        )
    return paths


if __name__ == "__main__":
    for made in make(Path(sys.argv[1] if len(sys.argv) > 1 else ".")):
        print(made.as_posix())
