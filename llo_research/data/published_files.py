"""Reads data_raw/published: figures, what their series measure, rows that deviate, breaks; and checks them."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llo_research.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

ABSENT = "The published figures are not here."
FILES = ("figures.csv", "series.csv", "parts.csv", "breaks.csv", "words.csv")
CREDIT = (
    "Published figures of SER and TNO (Monitor Leercultuur), TNO and CBS (NEA, ZEA, WEA), CBS (StatLine, "
    "CC BY 4.0), OCW, Eurostat, OECD, ROA, SCP; the source of each figure stands in the column `source`."
)
COLUMNS = [
    "series",
    "label_nl",
    "label_en",
    "concept",
    "indicator",
    "instrument",
    "reference_period",
    "reference_note",
    "population",
    "ages",
    "workers",
    "kind",
    "definition",
    "measure",
    "breakdown",
    "category",
    "year",
    "period",
    "value",
    "unit",
    "rounding",
    "exactness",
    "qualifier",
    "additive",
    "provisional",
    "repeated",
    "break_year",
    "break_what",
    "break_flag",
    "flag",
    "status",
    "inferred",
    "basis",
    "note",
    "figure_or_table",
    "source_title",
    "source_year",
    "source",
]
_NOT_TEXT = [
    "year",
    "value",
    "rounding",
    "additive",
    "provisional",
    "repeated",
    "break_year",
    "break_flag",
    "source_year",
]
KEY = ["series", "population", "breakdown", "category", "measure", "year", "period"]
# What is shown of a figure; titles of sources and periods have words only where a part of them is to be translated.
_SPOKEN = (
    "reference_period",
    "population",
    "definition",
    "breakdown",
    "category",
    "break_what",
    "measure",
    "status",
)
_SPOKEN_IN_PART = ("period", "source_title", "unit")
_MEASURES = {"%": "share", "x1000 persons": "participants", "score 0-10": "score"}


def folder() -> Path:
    """Where the figures lie: data_raw from the working directory upwards, beside the package, or inside it."""
    here, package = Path.cwd().resolve(), Path(__file__).resolve().parent
    places = [above / "data_raw" / "published" for above in (here, *here.parents, package.parents[1])]
    for place in [*places, package / "published_figures"]:
        if all((place / name).is_file() for name in FILES):
            return place
    raise DataError(
        ABSENT,
        where="data_raw/published, from the working directory upwards, beside the package and inside it",
        expected=", ".join(FILES),
        todo="work inside the project, or install its own wheel; a bundle for a sealed environment is without them: "
        "unzip llo_research-...-figures.zip, which is asked for by itself, where the bundle was unzipped",
    )


def read(place: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """All figures with the metadata of their series, and the table of breaks."""
    figures = _table(place / "figures.csv", "series_id indicator population category year value unit source")
    series = _table(place / "series.csv", "series concept instrument reference_period population definition unit")
    parts = _table(place / "parts.csv", "series column equals field value")
    scopes = _table(place / "breaks.csv", "scope year what").astype({"year": "int64"}).sort_values("year")
    frame = _typed(_overridden(_joined(figures, series), figures, parts))
    frame = _sorted(_located(frame, scopes))[COLUMNS]
    return frame.astype({name: "string[python]" for name in COLUMNS if name not in _NOT_TEXT}), scopes


def provenance(place: Path, rows: int) -> dict[Hashable | None, Any]:
    """What the figures are and which files they come from."""
    sums = {name: hashlib.sha256((place / name).read_bytes()).hexdigest() for name in FILES}
    return {
        "kind": "published",
        "synthetic": False,
        "file": "data_raw/published/figures.csv",
        "sha256": sums["figures.csv"],
        "files": sums,
        "rows": rows,
        "credit": CREDIT,
    }


def words(place: Path, frame: pd.DataFrame) -> dict[str, dict[str, str]]:
    """The texts of a frame in Dutch and English, by the text as it stands in the files."""
    told = _table(place / "words.csv", "text nl en").set_index("text")
    if twice := told.index[told.index.duplicated()].tolist():
        raise DataError("A text stands there twice.", where="words.csv", found=twice)
    shown = {str(text) for name in (*_SPOKEN, *_SPOKEN_IN_PART) for text in frame[name].dropna().unique()}
    needed = {str(text) for name in _SPOKEN for text in frame[name].dropna().unique()}
    if lacking := sorted(needed - set(told.index)):
        raise DataError(
            "A text of the published figures has no Dutch.",
            where="words.csv",
            found=lacking[:5],
            todo="add a line with the text as it stands in the files, in Dutch and in English",
        )
    return {text: {"nl": row["nl"], "en": row["en"]} for text, row in told.iterrows() if text in shown}


def scope_of(frame: pd.DataFrame, scopes: pd.DataFrame) -> pd.Series:
    """Whose breaks hold for a row: its series' own where listed, else its instrument's."""
    return frame["series"].where(frame["series"].isin(scopes["scope"].tolist()), frame["instrument"])


def first_years(frame: pd.DataFrame) -> pd.Series:
    """The first year that each figure speaks of; that of a period of several years is not its `year`."""
    found = frame["period"].str.extract(r"((?:19|20)\d\d)", expand=False)
    return found.where(found.notna(), frame["year"].astype("string")).astype("int64")


def _table(path: Path, columns: str) -> pd.DataFrame:
    """A small CSV as text, checked for its columns and for empty cells."""
    import pandas as pd

    table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    lacking = [name for name in columns.split() if name not in table.columns]
    if lacking:
        raise DataError("A column is missing.", where=path.name, found=list(table.columns), expected=lacking)
    empty = table.index[(table == "").any(axis=1)].tolist()
    if empty:
        raise DataError(
            "A cell is empty.",
            where=f"{path.name}, row {empty[0] + 1} below the header",
            expected="a value in every cell; 'not stated' where the source does not say",
        )
    return table


def _joined(figures: pd.DataFrame, series: pd.DataFrame) -> pd.DataFrame:
    """Each figure beside the row of its series; a series must have one row, and a row a series."""
    twice = series.loc[series["series"].duplicated(), "series"].tolist()
    apart = sorted(set(figures["series_id"]) ^ set(series["series"]))
    if twice or apart:
        raise DataError(
            "Figures and series do not match one to one.",
            where="figures.csv and series.csv",
            found=twice or apart,
            expected="one row in series.csv for each series of figures.csv",
        )
    given = figures.rename(columns={"series_id": "series", "breakdown_variable": "breakdown"})
    given = given.drop(columns="population")
    frame = given.merge(series.drop(columns="unit"), on="series", how="left", validate="m:1")
    return frame.assign(measure=frame["unit"].map(_MEASURES), qualifier="exactly as printed")


def _overridden(frame: pd.DataFrame, figures: pd.DataFrame, parts: pd.DataFrame) -> pd.DataFrame:
    """Rows that differ from their series (another survey, population, measure) get their own values."""
    for name, column, equals, field, value in parts[["series", "column", "equals", "field", "value"]].to_numpy():
        rows = figures["series_id"].eq(name) & figures[column].eq(equals)
        if not rows.any() or field not in frame.columns:
            raise DataError("A line fits no figure.", where="parts.csv", found=f"{name}: {column} = {equals}")
        frame[field] = frame[field].mask(rows, value)
    return frame


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Text to numbers, years and truth values; a later source of the same figure is marked."""
    import pandas as pd

    years = pd.to_numeric(frame["year"].str.extract(r"((?:19|20)\d\d)(?!.*(?:19|20)\d\d)", expand=False))
    values = pd.to_numeric(frame["value"], errors="coerce")
    bad = frame.index[values.isna() | years.isna() | frame["measure"].isna()].tolist()
    if bad:
        raise DataError(
            "A figure has no number, year or known unit.",
            where=f"figures.csv, row {bad[0] + 1} below the header",
            found=frame.loc[bad[0], ["value", "year", "unit"]].tolist(),
        )
    frame = frame.assign(
        period=frame["year"],
        provisional=frame["year"].str.contains("provisional"),
        year=years.astype("int64"),
        value=values,
        rounding=pd.to_numeric(frame["rounding"].mask(frame["rounding"].eq("not stated"))),
        additive=frame["additive"].eq("yes"),
        source_year=frame["source_year"].astype("int64"),
    )
    return frame.assign(repeated=frame.sort_values("source_year", kind="stable").duplicated(KEY))


def _located(frame: pd.DataFrame, scopes: pd.DataFrame) -> pd.DataFrame:
    """The latest break known at or before each row's year; the flags are filled per selection."""
    frame = frame.assign(break_year=0, break_what="none known", break_flag=False, flag="")
    scope = scope_of(frame, scopes)
    for name, year, what in scopes[["scope", "year", "what"]].to_numpy():
        after = scope.eq(name) & frame["year"].ge(year)
        frame["break_year"] = frame["break_year"].mask(after, year)
        frame["break_what"] = frame["break_what"].mask(after, what)
    years = frame["break_year"].astype("Int64")
    return frame.assign(break_year=years.mask(years.eq(0)))


def _sorted(frame: pd.DataFrame) -> pd.DataFrame:
    """By series, then as the sources order their breakdowns, categories and measures, then by year."""
    order = {
        name: frame.groupby(["series", name], sort=False).ngroup() for name in ("breakdown", "category", "measure")
    }
    keys = frame[["series", "year", "period", "source_year"]].assign(**order)
    by = ["series", "breakdown", "category", "measure", "year", "period", "source_year"]
    return frame.loc[keys.sort_values(by, kind="stable").index].reset_index(drop=True)
