"""The command ``llo``: get data, check a file, build the monitor."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from llo_research import __version__
from llo_research.errors import LloError

EDITION, LANGUAGES, SOURCES = "2023", ("nl", "en"), ("real", "synthetic")


def parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    top = argparse.ArgumentParser(prog="llo", description="Open statistics behind a learning-culture monitor.")
    top.add_argument("--version", action="version", version=f"llo-research {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _data(commands.add_parser("data", help="harmonise the data that are here, or fetch data from the internet"))
    check = commands.add_parser("check", help="lay a file beside its codebook: what fits, is missing, is unknown")
    check.add_argument("file", type=Path, metavar="FILE", help=".csv, .csv.gz, .sav, .zsav, .dta or .parquet")
    check.add_argument("--instrument", help="the file's instrument (default: told from its name or its columns)")
    check.add_argument("--mapping", type=Path, help=".toml or .csv file that maps its columns onto ours")
    check.add_argument("--year", type=int, help="year of the file, when it has no column of it")
    check.add_argument(
        "--template",
        type=Path,
        nargs="?",
        const=Path("-"),
        metavar="TO",
        help="write a mapping file to fill in (to TO, or to the screen) instead of a report",
    )
    monitor = commands.add_parser("monitor", help="rebuild the monitor: chapters and site")
    _edition(monitor)
    chapter = commands.add_parser("chapter", help="rebuild one chapter")
    chapter.add_argument("name", metavar="NAME", help="the chapter's name, such as 08_netherlands_in_piaac")
    _edition(chapter)
    chapter.set_defaults(source=None, language="en")
    return top


def _data(command: argparse.ArgumentParser) -> None:
    """``llo data`` and ``llo data fetch``."""
    command.add_argument("--source", default="auto", choices=("auto", "real", "synthetic"), help="default: auto")
    actions = command.add_subparsers(dest="action", metavar="ACTION")
    fetch = actions.add_parser("fetch", help="download data that are open to everyone")
    what = fetch.add_subparsers(dest="what", required=True, metavar="WHAT")
    piaac = what.add_parser("piaac", help="public use file of the OECD Survey of Adult Skills")
    piaac.add_argument("--country", default="nld", help="three letters (default: nld)")
    piaac.add_argument("--cycle", type=int, default=1, choices=(1, 2), help="cycle (default: 1)")
    piaac.add_argument("--year", type=int, help="for countries with several files in a cycle (usa: 2012, 2017)")
    statline = what.add_parser("statline", help="a table of CBS StatLine, with its description")
    statline.add_argument("table", metavar="TABLE", help="identifier, such as 85316NED")
    for one in (piaac, statline):
        one.add_argument("--to", type=Path, metavar="FOLDER", help="folder for the download (default: data_raw)")
        one.add_argument("--quiet", action="store_true", help="no progress")


def _edition(command: argparse.ArgumentParser) -> None:
    """Options of the monitor."""
    said = f"edition of the monitor, or a file of your own such as 2026.toml (default: {EDITION})"
    command.add_argument("--edition", default=EDITION, help=said)
    command.add_argument("--language", choices=LANGUAGES, help="language (default: both; a chapter: en)")
    said = "real: method chapters on restricted files of your own (default: each chapter has its own source)"
    command.add_argument("--source", choices=SOURCES, help=said)
    command.add_argument("--offline", action="store_true", help="do not fetch anything")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the exit code is 2 on bad input, with the reason on stderr."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    options = parser().parse_args(arguments)
    try:
        return _COMMANDS[options.command](options)
    except LloError as error:
        print(f"llo: {error}", file=sys.stderr)
        return 2


def _run_data(options: argparse.Namespace) -> int:
    """Fetch, or build data_processed."""
    if options.action == "fetch":
        return _fetch(options)
    from llo_research.data.build import build_processed
    from llo_research.data.places import project_root
    from llo_research.errors import DataError

    root = project_root()
    if root is None:
        raise DataError(
            "This is not inside a project: there is no folder data_raw here or above.",
            todo="Run it in the project's folder.",
        )
    entries, absent = build_processed(root, options.source)
    for entry in entries:
        files = ", ".join(f["path"] for f in entry["source"]["files"])
        what = f"{entry['rows']:,} rows, {entry['columns']} columns, from {files}"
        mark = {"synthetic": " [SYNTHETIC]", "restricted": " [restricted]"}.get(entry["kind"], "")
        print(f"data_processed/{entry['file']}{mark}: {what}{'' if entry['made'] else ' (up to date)'}")
    for line in absent:
        print(line)
    return 0


def _fetch(options: argparse.Namespace) -> int:
    """Download PIAAC or a StatLine table."""
    if options.what == "piaac":
        from llo_research.data.fetch import fetch_piaac

        path = fetch_piaac(options.country, options.cycle, year=options.year, folder=options.to, quiet=options.quiet)
    else:
        from llo_research.data.statline import fetch_statline

        path = fetch_statline(options.table, folder=options.to, quiet=options.quiet)
    print(path)
    return 0


def _run_check(options: argparse.Namespace) -> int:
    """Report on a file; 2 when it cannot be used."""
    from llo_research.data.check import check_file

    if options.template is not None:
        return _write_template(options)
    check = check_file(options.file, instrument=options.instrument, mapping=options.mapping, year=options.year)
    print(check)
    return 2 if check.problems else 0


def _write_template(options: argparse.Namespace) -> int:
    """A mapping file to fill in."""
    from llo_research.data.instrument import instrument_of
    from llo_research.data.mapping import Mapped
    from llo_research.data.template import mapping_template, write_template
    from llo_research.data.which_instrument import told_instrument

    named = options.instrument is not None
    item = instrument_of(options.instrument) if named else told_instrument(options.file, Mapped())[0]
    text = mapping_template(options.file, item, options.year)
    if options.template == Path("-"):
        print(text, end="")
    else:
        print(write_template(text, options.template))
    return 0


def _run_monitor(options: argparse.Namespace) -> int:
    """Rebuild the monitor or one chapter, and print where it is."""
    from llo_research.data.places import project_root

    build = import_module("llo_research.monitor.build")
    chapters = import_module("llo_research.monitor.chapters")
    root = project_root() or Path.cwd()
    editions = import_module("llo_research.monitor.editions")
    own = options.edition.endswith(".toml")
    choices = {
        "edition": editions.read_edition(options.edition).id if own else options.edition,
        "language": options.language,
        "source": options.source,
        "offline": options.offline,
    }
    if options.command == "monitor":
        print(build.build_monitor(root, **choices))
    else:
        own = chapters.sources_of(Path(options.name).name.removesuffix(".ipynb"))[0]
        print(build.build_chapter(root, options.name, **choices | {"source": options.source or own}))
    return 0


_COMMANDS = {"data": _run_data, "check": _run_check, "monitor": _run_monitor, "chapter": _run_monitor}


if __name__ == "__main__":
    sys.exit(main())
