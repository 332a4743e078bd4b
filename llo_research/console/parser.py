"""All commands of ``llo`` and their options."""

from __future__ import annotations

import argparse
import difflib
import re
from pathlib import Path
from typing import Any, NoReturn

from llo_research import __version__
from llo_research.console import help as told

EDITION, LANGUAGES, SOURCES = "2023", ("nl", "en"), ("real", "synthetic")
_CHOICE = re.compile(r"invalid choice: '?([^'\s]*)'? \(choose from (.*)\)")
_UNKNOWN = re.compile(r"unrecognized arguments: ([^\s=]+)()")


class _Parser(argparse.ArgumentParser):
    """A parser whose help keeps its lines, and that says what may have been meant."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"formatter_class": argparse.RawDescriptionHelpFormatter} | options)

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, what may have been meant, and where help is; exit code 2."""
        wrong = _CHOICE.search(message) or _UNKNOWN.search(message)
        known = re.findall(r"[\w.-]+", wrong[2]) if wrong and wrong[2] else sorted(self._every_option())
        close = difflib.get_close_matches(wrong[1], known, n=1) if wrong else []
        hint = f"; did you mean {close[0]!r}?" if close else ""
        self.exit(2, f"{self.prog}: {message}{hint}\n  what to do: {self.prog} --help\n")

    def _every_option(self) -> set[str]:
        """The options of this command and of those below it."""
        below = [one for action in self._actions if isinstance(action.choices, dict) for one in action.choices.values()]
        return set(self._option_string_actions).union(*(one._every_option() for one in below))


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = _Parser(prog="llo", description=told.TOP.does, epilog=told.TOP.epilog)
    top.add_argument("--version", action="version", version=f"llo-research {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _data(_command(commands, "data", told.DATA))
    _check(_command(commands, "check", told.CHECK))
    _monitor(_command(commands, "monitor", told.MONITOR))
    _chapter(_command(commands, "chapter", told.CHAPTER))
    _verify(_command(commands, "verify", told.VERIFY))
    _export(_command(commands, "export", told.EXPORT))
    return top


def _command(commands: Any, name: str, help: told.Help) -> argparse.ArgumentParser:
    """A command with its help."""
    made: argparse.ArgumentParser = commands.add_parser(name, help=help.line, description=help.does, epilog=help.epilog)
    return made


def _data(command: argparse.ArgumentParser) -> None:
    """``llo data`` and ``llo data fetch``."""
    command.add_argument("--source", default="auto", choices=("auto", "real", "synthetic"), help="default: auto")
    said = "write each file by year too, as llo.scan reads it (default: one file)"
    command.add_argument("--format", default="auto", choices=("auto", "parquet"), help=said)
    _quiet(command)
    fetch = _command(command.add_subparsers(dest="action", metavar="ACTION"), "fetch", told.FETCH)
    what = fetch.add_subparsers(dest="what", required=True, metavar="WHAT")
    piaac = _command(what, "piaac", told.PIAAC)
    which = piaac.add_mutually_exclusive_group()
    which.add_argument("--country", nargs="+", default=["nld"], metavar="CCC", help="three letters each (default: nld)")
    which.add_argument("--all", action="store_true", help="every country of the cycle with an open file (about 1 GB)")
    piaac.add_argument("--cycle", type=int, default=1, choices=(1, 2), help="cycle (default: 1)")
    piaac.add_argument("--year", type=int, help="for countries with several files in a cycle (usa: 2012, 2017)")
    statline = _command(what, "statline", told.STATLINE)
    statline.add_argument("table", metavar="TABLE", help="identifier, such as 85316NED")
    for one in (piaac, statline):
        one.add_argument("--to", type=Path, metavar="FOLDER", help="folder for the download (default: data_raw)")
        _quiet(one)


def _check(check: argparse.ArgumentParser) -> None:
    """``llo check``."""
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


def _monitor(monitor: argparse.ArgumentParser) -> None:
    """``llo monitor``."""
    _edition(monitor)
    monitor.add_argument("--language", choices=LANGUAGES, help="language of the site (default: both)")
    said = (
        "real: chapters of method on your own, restricted files (default: open files where there are, else synthetic)"
    )
    monitor.add_argument("--source", choices=SOURCES, help=said)
    said = "a site of results that llo export wrote, without data: the folders of what left"
    monitor.add_argument("--exported", type=Path, nargs="+", metavar="FOLDER", help=said)
    said = "where the site will stand, so that a link to a page shows its picture (default: links show no picture)"
    monitor.add_argument("--address", metavar="URL", default="", help=said)


def _chapter(chapter: argparse.ArgumentParser) -> None:
    """``llo chapter``."""
    chapter.add_argument("name", metavar="NAME", help="number or name, such as 8 or 08_netherlands_in_piaac")
    _edition(chapter)
    chapter.add_argument("--language", choices=LANGUAGES, default="en", help="language (default: en)")
    chapter.add_argument("--source", choices=SOURCES, help="real or synthetic data (default: the chapter's own)")


def _verify(verify: argparse.ArgumentParser) -> None:
    """``llo verify``."""
    verify.add_argument("--edition", default=EDITION, help=f"edition of the monitor (default: {EDITION})")
    said = "run the scripts of all results in R (default: where R and its package survey are)"
    verify.add_argument("--r", action=argparse.BooleanOptionalAction, default=None, help=said)
    verify.add_argument(
        "--chapters", nargs="+", metavar="N", help="chapters beside the edition's figures (default: 05 06 08 09 10)"
    )
    verify.add_argument("--out", type=Path, metavar="FOLDER", help="folder of the report (default: build/verify)")
    _quiet(verify)


def _export(export: argparse.ArgumentParser) -> None:
    """``llo export``."""
    export.add_argument("files", nargs="*", type=Path, metavar="FILE", help="results that result.save(FILE) wrote")
    export.add_argument("--chapter", metavar="NAME", help="the results behind a chapter, by its number or name")
    export.add_argument("--to", type=Path, required=True, metavar="FOLDER", help="a folder that is not there yet")
    said = "cbs, strict, publication, or a file of your own such as rules.toml (default: cbs)"
    export.add_argument("--profile", default="cbs", help=said)
    export.add_argument("--before", nargs="+", type=Path, metavar="FOLDER", help="exports that left before this one")
    export.add_argument("--code", nargs="+", type=Path, metavar="FILE", help="your program, for the documents")
    export.add_argument("--language", choices=LANGUAGES, default="en", help="of the documents (default: en)")
    export.add_argument("--source", choices=SOURCES, help="data of the chapter (default: the chapter's own)")
    export.add_argument("--edition", default=EDITION, help=f"edition of the chapter (default: {EDITION})")
    _quiet(export)


def _edition(command: argparse.ArgumentParser) -> None:
    """What monitor and chapter share."""
    said = f"edition of the monitor, or a file of your own such as 2026.toml (default: {EDITION})"
    command.add_argument("--edition", default=EDITION, help=said)
    command.add_argument("--offline", action="store_true", help="do not fetch anything")
    _quiet(command)


def _quiet(command: argparse.ArgumentParser) -> None:
    """No progress."""
    command.add_argument("--quiet", action="store_true", help="no progress on stderr")
