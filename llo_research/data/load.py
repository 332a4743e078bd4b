"""Surveys from files: by instrument and country, or from paths of one's own."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from llo_research.data import places
from llo_research.data.asked import columns_asked, paths_asked, whole_asked, years_asked
from llo_research.data.countries import countries_asked, country_names, file_names, not_found
from llo_research.data.harmonised_file import Request
from llo_research.data.harmonised_frame import assemble
from llo_research.data.instrument import Instrument, instrument_of
from llo_research.data.layout import shown_cycle
from llo_research.data.mapping_file import read_mapping
from llo_research.data.readers import read_table
from llo_research.data.textfile import first_names
from llo_research.data.yearly import is_yearly, named_year
from llo_research.errors import DataError, LloWarning
from llo_research.options import check_option
from llo_research.survey import Survey, stack

SOURCES = ("auto", "real", "synthetic")


def load(
    instrument: str,
    *,
    country: str | Sequence[str] | None = None,
    cycle: int = 1,
    years: int | Iterable[int] | None = None,
    source: str = "auto",
    n: int | str = "default",
    columns: Sequence[str] | None = None,
) -> Survey:
    """A Survey of an instrument, from the files found on this computer.

    Looks in ``$LLO_DATA/<instrument>/`` and then in ``data_raw/<instrument>/`` of the project found from the working
    directory upwards. Use :func:`read_microdata` for a file anywhere else.

    Parameters
    ----------
    instrument : str
        A name of :func:`instruments`, such as ``"piaac"``.
    country : str or sequence of str, optional
        Three letters (ISO 3166), for instruments with a file per country: ``"nld"``. Several, ``["nld", "swe"]``, give
        the stack of their surveys in this order: the columns `survey` and `country` tell them apart, each keeps its own
        weights and replicates, and they are independent. An error names those of which there are files. Two letters
        for instruments whose files hold several countries (``"ess"``): ``"NL"``.
    cycle : int, default 1
        Cycle of the instrument, where it has cycles.
    years : int or iterable of int, optional
        Years to keep, for instruments with several: a whole number, a range, a list, an array or a column of them; all
        when absent. Each must be in the data.
    source : {"auto", "real", "synthetic"}
        Real files, or synthetic data. ``auto`` takes synthetic data only for an instrument that has them and of which
        no real file is found, and warns. Real and synthetic years are never mixed.
    n : {"default", "full", "cohort", "cohort_full"} or int
        Size of synthetic data, as in :func:`synthetic`: about 6,000 respondents a year, about as many as the real
        survey has (``"full"``), the same people in several years (``"cohort"`` and ``"cohort_full"``, NEA), or a number
        of your own. It has no meaning for real files.
    columns : sequence of str, optional
        Names or patterns (``"PVLIT*"``) of columns to read, harmonised ones included; everything when absent. Weights
        and what identifies a person are always read.

    Returns
    -------
    Survey
        Files keep their own column names, codes and row order (missing codes become missing); harmonised variables
        stand beside them. ``.meta["source"]`` of each result names the files and their SHA-256.

    Raises
    ------
    DataError
        When no file is found (the message says where was looked and how to get it) or the file does not fit.

    Examples
    --------
    >>> import llo_research as llo
    >>> svy = llo.load("piaac", country="nld")                     # doctest: +SKIP
    >>> llo.mean("training", svy, by="education").to_frame()       # doctest: +SKIP
    >>> used = ["training", "education"]                           # weights come along by themselves
    >>> both = llo.load("piaac", country=["nld", "swe"], columns=used)  # doctest: +SKIP
    >>> llo.mean("training", both, by="country").to_frame()        # doctest: +SKIP
    """
    item = instrument_of(instrument)
    cycle, columns = whole_asked(cycle, "cycle", "1"), columns_asked(columns)
    _check_options(item, cycle, source)
    countries = countries_asked(country, item)
    if countries is not None and len(countries) > 1:
        return _several(item, countries, cycle, years=years, source=source, columns=columns)
    country = countries[0] if countries else str(country).lower() if country is not None else None
    has_cycles = bool(item.raw.get("cycles"))
    kept = years_asked(years)
    found = [] if source == "synthetic" else find_files(item, country, cycle if has_cycles else None)
    if source == "synthetic" or (not found and source == "auto" and item.about.get("synthetic")):
        return _synthetic(item, kept, n, columns, asked=source == "synthetic")
    if not found:
        raise not_found(item, countries, cycle)
    request = Request(columns=columns, country=country, cycle=cycle if has_cycles else None, years=kept)
    chosen = found if kept is None or not is_yearly(item) else [p for p in found if named_year(p) in (None, *kept)]
    frame, arguments = assemble(chosen or found[:1], item, request)
    if source == "real" and arguments["source"]["synthetic"]:
        raise DataError(
            "The files found are synthetic.",
            where=str(found[0].parent),
            found=found[0].name,
            expected="real files (source='real')",
            todo="Take synthetic files out of this folder, or ask for source='synthetic'.",
        )
    if kept is not None:
        _check_years(arguments["source"], item, found, kept)
    return Survey(frame, **arguments)


def _several(item: Instrument, countries: Sequence[str], cycle: int, *, years: Any, **options: Any) -> Survey:
    """The stack of several countries' surveys; all files must be there before one is read."""
    if years is not None:
        raise DataError(
            "years= cannot be told of several countries at once.",
            where="years=",
            found=f"{len(countries)} countries, each with its own year of the cycle",
            expected="cycle= alone",
            todo="restrict the stack: svy.where('year == 2012')",
        )
    absent = [code for code in countries if not find_files(item, code, cycle if item.raw.get("cycles") else None)]
    if absent:
        raise not_found(item, absent, cycle)
    svy = stack({code: load(item.name, country=code, cycle=cycle, **options) for code in countries})
    entry, told = item.harmonised["country"], svy._frame["country"]
    frame = svy._frame.assign(country=told.cat.reorder_categories(list(countries)))
    labels = {**svy.labels, "survey": {"nl": entry["nl"], "en": entry["en"], "values": country_names(item)}}
    return svy._with(frame=frame, labels=labels, source={**svy.source, "countries": list(countries)})


def _check_years(source: dict[str, Any], item: Instrument, found: Sequence[Path], kept: Sequence[int]) -> None:
    """The years asked for must all be there."""
    absent = sorted(set(kept) - set(source["years"]))
    if absent:
        mixing = "Ask for years that are there, or for source='synthetic': real and synthetic are never mixed."
        raise DataError(
            f"{item.name} has no data of {', '.join(map(str, absent))}.",
            where=found[0].parent.name if len(found) > 1 else found[0].name,
            found=", ".join(map(str, sorted({*source["years"], *_named(found)}))),
            expected="years that are in the data",
            todo=mixing if item.about.get("synthetic") else None,
        )


def _named(paths: Iterable[Path]) -> set[int]:
    """Years in the names of files."""
    return {year for path in paths if (year := named_year(path)) is not None}


def _synthetic(
    item: Instrument, years: list[int] | None, n: int | str, columns: Sequence[str] | None, *, asked: bool
) -> Survey:
    """Synthetic data of an instrument; when nobody asked for them, with a warning."""
    if not asked:
        text = (
            f"No real file of {item.name} was found ({places.describe(item.name)}): these data are synthetic. They show"
            " method, not the Netherlands."
        )
        warnings.warn(LloWarning(text), stacklevel=3)
    make = import_module("llo_research.data.synthetic").synthetic
    options = {} if columns is None else {"columns": columns}
    svy: Survey = make(item.name, years=years, n=n, **options)
    return svy


def find_files(item: Instrument, country: str | None, cycle: int | None) -> list[Path]:
    """The file of an instrument, country and cycle, as a list of one, or all its yearly files; empty without any.

    Raises
    ------
    DataError
        When several files fit.
    """
    if is_yearly(item):
        return places.find_all(item.name, file_names(item, country, cycle))
    found = places.find(item.name, file_names(item, country, cycle))
    if len(found) > 1:
        raise DataError(
            "Several files fit; which one is meant is not clear.",
            where=str(found[0].parent),
            found=", ".join(path.name for path in found),
            expected="one file",
            todo="Keep one, or name it with llo.read_microdata(path, ...).",
        )
    if found and cycle is not None and f"p{cycle}" not in found[0].name.lower():
        text = found[0].name.lower().endswith((".csv", ".csv.gz"))
        header = first_names(found[0]) if text else read_table(found[0], {}, lambda names: names[:1]).header
        if shown_cycle(header, item) not in (None, cycle):
            return []
    return found


def _check_options(item: Instrument, cycle: int, source: str) -> None:
    """Options that this instrument does not have are refused with the allowed values."""
    check_option(source, "source", SOURCES)
    if source == "synthetic" and not item.about.get("synthetic"):
        raise DataError(
            f"There is no synthetic version of {item.name}.", where="source=", todo="Use source='real' or 'auto'."
        )
    cycles = [int(number) for number in item.raw.get("cycles", {})]
    if cycles and cycle not in cycles:
        raise DataError(f"{item.name} has no cycle {cycle!r}.", where="cycle=", expected=", ".join(map(str, cycles)))


def read_microdata(
    paths: str | Path | Sequence[str | Path],
    instrument: str = "nea",
    *,
    year: int | None = None,
    mapping: Mapping[str, str] | str | Path | None = None,
    columns: Sequence[str] | None = None,
    encoding: str | None = None,
) -> Survey:
    """A Survey from files of microdata anywhere on this computer.

    The files are checked against the instrument's codebook: whole and readable, of this instrument, known codes, one
    row a person, weights there. What does not fit raises; nothing is dropped or guessed. Codes for missing become
    missing; in PIAAC 9995 to 9999 are that in every column, your own included, but identifiers (names that end in
    ``ID``), weights, design columns and plausible values.

    Text becomes numbers only when every value of a column converts back to the same text ('011' stays text). Blanks at
    its end are dropped in every format. An instrument's tokens for missing ('NA', '.') hold everywhere in text files;
    in .sav, .dta and .parquet files, which have missing values, they hold in columns of numbers, and 'NA' in a column
    of text is a code.

    Parameters
    ----------
    paths : path or sequence of paths
        .csv, .csv.gz, .sav, .dta or .parquet; several are put below each other (waves of one instrument), and a topic
        that is absent in a year is missing in that year.
    instrument : str, default "nea"
        A name of :func:`instruments`.
    year : int, optional
        Year of the file, when it has no year column; yearly files may have it in their name (``nea2019.sav``).
    mapping : mapping or path, optional
        ``{column in the file: our column}``, or a .toml file with ``[columns]`` and ``[values.<our column>]``, or a
        .csv file with columns ``file`` and ``ours``. Our column is a name of the codebook, harmonised ones included.
        ``[file]`` of the .toml file may say ``year``; of a text file ``decimal``, ``thousands`` and ``skip`` (lines
        that are no data: a number at the top, or a list); and ``without_weight = "leave out"`` for rows whose weight is
        missing, negative or zero, which are counted in ``source["without_weight"]``. A column of dates that is mapped
        onto the year gives the year of each date.
        Yearly files take ``<file>.mapping.toml`` or ``mapping.toml`` beside them when none is given.
    columns : sequence of str, optional
        Names or patterns of columns to read; everything when absent.
    encoding : str, optional
        Encoding of the text in the files, such as ``"cp1252"``, where a file does not say it or says it wrongly (an
        SPSS file whose encoding record lies). CSV files in UTF-8 and Windows cp1252 are recognised without it.

    Returns
    -------
    Survey

    Raises
    ------
    DataError
        The message says what is wrong, in which file, column and row, and what was expected.

    Examples
    --------
    >>> import llo_research as llo
    >>> svy = llo.read_microdata("prgnldp1.csv", instrument="piaac")    # doctest: +SKIP
    """
    item = instrument_of(instrument)
    listed = paths_asked(paths)
    request = Request(
        year=whole_asked(year, "year", "2019, or None"),
        columns=columns_asked(columns),
        mapping=read_mapping(mapping),
        encoding=encoding,
    )
    frame, arguments = assemble(listed, item, request)
    return Survey(frame, **arguments)
