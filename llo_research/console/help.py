"""The help of each command: what it does, examples, where the output goes, and what its exit code means."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent, indent


@dataclass(frozen=True)
class Help:
    """One command: a line for the list of commands, what it does, examples, where the output goes, exit codes."""

    line: str
    does: str
    examples: str
    output: str
    codes: str

    @property
    def epilog(self) -> str:
        """What stands below the options."""
        parts = (("examples", self.examples), ("output", self.output), ("exit code", self.codes))
        return "\n\n".join(f"{head}:\n{indent(dedent(text).strip(), '  ')}" for head, text in parts if text)


_STOPPED = """
    0  done
    1  begun, but it stopped: a notebook stopped in a cell, a file could not be written; the message says where
    2  what was asked does not exist or does not fit: an option, a name, a file; the message says what would
"""

TOP = Help(
    "",
    "Open statistics behind a learning-culture monitor. The library is for Python (import llo_research as llo); these\n"
    "commands get and check its data, and rebuild the monitor.",
    """
    llo check my_file.sav                what fits the codebook, what is missing, what is unknown
    llo data fetch piaac --country nld   the open data of the OECD, once, with internet
    llo monitor                          all chapters and the site
    llo chapter 8                        one chapter
    llo verify                           every number again, and in R
    llo export training.json --to out    what may leave a secure environment
    llo COMMAND --help                   what a command does, with examples
    """,
    "Results go to stdout, progress and errors to stderr.",
    _STOPPED,
)

DATA = Help(
    "harmonise the data that are here, or fetch data from the internet",
    "Harmonise every microdata file that is found: codes, labels, missing values and weights as the codebook of its\n"
    "instrument has them. Files are looked for in $LLO_DATA/INSTRUMENT, then in data_raw/INSTRUMENT of the project.\n"
    "A file is made again only when it, its mapping or the library changed. 'llo data fetch' downloads open data.",
    """
    llo data                       real files where they are, else synthetic data (marked as such)
    llo data --source real         real files alone
    llo data --format parquet      by year too: what llo.scan reads
    llo data fetch piaac --country nld
    llo data fetch statline 85316NED
    """,
    "data_processed/INSTRUMENT, restricted files in data_processed/restricted, and data_processed/manifest.json with\n"
    "rows, sources and checksums. A line for each file on stdout; how to get what is absent as well.",
    _STOPPED,
)

FETCH = Help(
    "download data that are open to everyone",
    "Download open data, with its checksum in SHA256SUMS. A download that broke off goes on where it stopped; a file\n"
    "that is there and agrees with its checksum is left alone.",
    """
    llo data fetch piaac --country nld --cycle 2
    llo data fetch statline 85316NED --to statline
    """,
    "data_raw/piaac, data_raw/statline, or the folder of --to. The path is printed on stdout.",
    _STOPPED,
)

PIAAC = Help(
    "public use file of the OECD Survey of Adult Skills",
    "Download the public use files of countries in the OECD Survey of Adult Skills. Files that are there\n"
    "stay; after an interruption the same line does the rest. Cycle 2 has no Dutch file.",
    """
    llo data fetch piaac                         the Netherlands, cycle 1 (2012), 18 MB
    llo data fetch piaac --country nld swe fra
    llo data fetch piaac --country bel --cycle 2    Flanders, 32 MB
    llo data fetch piaac --all                   every country of cycle 1
    llo data fetch piaac --country usa --year 2017
    """,
    "data_raw/piaac, or the folder of --to, with all checksums in SHA256SUMS. Paths are printed on stdout.",
    _STOPPED,
)

STATLINE = Help(
    "a table of CBS StatLine, with its description",
    "Download a table of CBS StatLine, with the description of its columns.",
    """
    llo data fetch statline 85316NED
    """,
    "data_raw/statline, or the folder of --to. The path is printed on stdout.",
    _STOPPED,
)

CHECK = Help(
    "lay a file beside its codebook: what fits, is missing, is unknown",
    "Lay a file beside the codebook of its instrument. Columns and codes that are ours are told by name; for a file\n"
    "with names of its own, --template writes a mapping file to fill in, with a proposal for every column.",
    """
    llo check nea_2024.sav
    llo check nea_2024.sav --template nea_mapping.toml    then look at its lines, and
    llo check nea_2024.sav --mapping nea_mapping.toml
    """,
    "A report on stdout; with --template TO a mapping file, without TO the same on stdout.",
    """
    0  the file can be used
    2  it cannot, or it cannot be read; the report says why and what to do
    """,
)

MONITOR = Help(
    "rebuild the monitor: chapters and site",
    "Rebuild the monitor: fetch the open data that are not here, execute the notebooks whose data are here, and build\n"
    "the site in Dutch and English. Nothing is done twice: what did not change since the last time is kept. The\n"
    "first time takes about ten minutes on two cores. Notebooks in notebooks/ are left as they are.",
    """
    llo monitor                        both languages, edition 2023
    llo monitor --language nl          Dutch alone, twice as fast
    llo monitor --edition 2026.toml    an edition of your own (docs/how_to/add_an_edition.md)
    llo monitor --source real          chapters of method on your own files of NEA, ZEA and WEA
    llo monitor --exported release     pages of results that left a secure environment, without data
    llo monitor --offline              nothing from the internet
    llo monitor --address https://example.org/monitor/    for a site that will be read there
    """,
    "build/site/index.html, its path is the last line of stdout; open it in a browser. Executed notebooks go to\n"
    "build/notebooks, other editions and languages below build/EDITION. What is made of restricted files goes to\n"
    "build/restricted alone, and may not be shared as it is (docs/how_to/use_restricted_files.md). Pages of exported\n"
    "results stand in build/exported/site.",
    _STOPPED,
)

CHAPTER = Help(
    "rebuild one chapter",
    "Execute one chapter from the top, whether anything changed or not, and save it with its numbers.",
    """
    llo chapter 8                                  by its number
    llo chapter 08_netherlands_in_piaac            the same, by its name
    llo chapter 2 --language nl --edition 2025
    llo chapter 2 --source real                    on your own files of NEA and ZEA
    """,
    "notebooks/NAME.ipynb, the notebook that is committed; another edition, language or source goes below\n"
    "build/EDITION, real restricted files below build/restricted. The path is printed on stdout.",
    _STOPPED,
)

VERIFY = Help(
    "compute every number of an edition again, and compare; in R too",
    "For reviewers. Computes the figures of an edition and the results behind chapters 05, 06, 08, 09 and 10 again\n"
    "from their calls, and compares them with the numbers that were recorded. Where R and its package survey are on\n"
    "the machine, the script of each result is run there, on a file of its survey, and compared to all digits.",
    """
    llo verify                       the default edition, in R where it is
    llo verify --no-r                without R: some minutes
    llo verify --edition 2025        figures of another edition
    llo verify --chapters 08         figures of the edition, and one chapter
    llo verify --r --out review      fails where R is absent; files, scripts and answers stay in review/r
    """,
    "A page, verify.txt and verify.html, in build/verify or the folder of --out: how many numbers, verified by what,\n"
    "what was not verified and why, the largest difference and its reason. The same text on stdout.",
    """
    0  every number is as recorded, and as R has it where R gives it
    1  a number differs, or a chapter stopped; the page says which
    2  what was asked does not exist: an edition, a chapter, R
    """,
)

EXPORT = Help(
    "what may leave a secure environment, with the documents for the officer",
    "Write what of results passes the rules of a profile, as tables to read and as files that llo.read_result reads\n"
    "outside, with the documents for whoever checks the export in its folder control. Of saved results it is not\n"
    "known who is in a cell: of restricted data one file leaves as it was checked when it was saved, and nothing\n"
    "beside another of the same data; save them as one, with llo.joint. --chapter runs a chapter and checks all.",
    """
    llo export training_and_gaps.json --to export_1
    llo export results.json --to export_2 --profile strict --language nl --code analysis.py
    llo export results.json --to export_3 --before export_1 export_2
    llo export --chapter 02 --source real --to chapter_2
    """,
    "The folder of --to: NAME.csv, NAME.json and README.txt may leave, its folder control stays inside. The path is\n"
    "printed on stdout.",
    """
    0  done
    1  nothing passes, or a file could not be written; nothing half-made is left
    2  what was asked does not exist or does not fit: an option, a name, a file; the message says what would
    """,
)
