"""The command ``llo``: get data, check a file, build the monitor."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from llo_research.console.parser import EDITION, parser
from llo_research.console.progress import shown
from llo_research.errors import DataError, LloError

DONE, STOPPED, WRONG, INTERRUPTED = 0, 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; 0 done, 1 begun but it stopped, 2 bad input, with the reason on stderr."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    options = parser().parse_args(arguments)
    try:
        with shown(getattr(options, "quiet", True)):
            return _COMMANDS[options.command](options)
    except LloError as error:
        print(f"llo: {error}", file=sys.stderr)
        return STOPPED if type(error) is LloError else WRONG
    except OSError as error:
        print(f"llo: {error}", file=sys.stderr)
        return STOPPED
    except KeyboardInterrupt:
        print("llo: stopped", file=sys.stderr)
        return INTERRUPTED


def _run_data(options: argparse.Namespace) -> int:
    """Fetch, or build data_processed."""
    if options.action == "fetch":
        return _fetch(options)
    from llo_research.data.build import build_processed

    entries, absent = build_processed(_root(), options.source)
    for entry in entries:
        files = ", ".join(f["path"] for f in entry["source"]["files"])
        what = f"{entry['rows']:,} rows, {entry['columns']} columns, from {files}"
        mark = {"synthetic": " [SYNTHETIC]", "restricted": " [restricted]"}.get(entry["kind"], "")
        print(f"data_processed/{entry['file']}{mark}: {what}{'' if entry['made'] else ' (up to date)'}")
    if options.format == "parquet":
        from llo_research.data.by_year import by_year

        for glob in by_year(_root() / "data_processed", entries):
            print(f"by year, for llo.scan: data_processed/{glob}")
    for line in absent:
        print(line)
    return DONE


def _fetch(options: argparse.Namespace) -> int:
    """Download PIAAC or a StatLine table."""
    if options.what == "piaac":
        from llo_research.data.fetch import fetch_piaac
        from llo_research.data.fetch_countries import fetch_countries

        asked = None if options.all else options.country
        own = {"year": options.year, "folder": options.to, "quiet": options.quiet}
        if asked is not None and len(asked) == 1:
            print(fetch_piaac(asked[0], options.cycle, **own))
        else:
            print(*fetch_countries(asked, options.cycle, **own).files, sep="\n")
    else:
        from llo_research.data.statline import fetch_statline

        print(fetch_statline(options.table, folder=options.to, quiet=options.quiet))
    return DONE


def _run_check(options: argparse.Namespace) -> int:
    """Report on a file; 2 when it cannot be used."""
    from llo_research.data.check import check_file

    _is_there(options.file)
    if options.template is not None:
        return _write_template(options)
    check = check_file(options.file, instrument=options.instrument, mapping=options.mapping, year=options.year)
    print(check)
    return WRONG if check.problems else DONE


def _is_there(path: Path) -> None:
    """Refuse a path without a file, with the names beside it that look like it."""
    from llo_research.options import nearest

    if path.is_file():
        return
    beside = sorted(one.name for one in path.parent.iterdir()) if path.parent.is_dir() else []
    found = "a folder" if path.is_dir() else f"no such file{nearest(path.name, beside, 'there')}"
    raise DataError(f"{path.name} cannot be read.", where=path.parent, found=found, expected="the path of a file")


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
    return DONE


def _run_monitor(options: argparse.Namespace) -> int:
    """Rebuild the monitor, or a site of what was exported, and print where it is."""
    if options.exported:
        return _run_exported(options)
    build = import_module("llo_research.monitor.build")
    own = {name: said for name in ("source", "address") if (said := getattr(options, name))}
    print(build.build_monitor(_root(), **_choices(options), **own))
    return DONE


def _run_exported(options: argparse.Namespace) -> int:
    """A site of exported results alone; what would ask for data is refused."""
    if options.source or options.edition != EDITION:
        given = f"--source {options.source}" if options.source else f"--edition {options.edition}"
        todo = "leave it out: the results say what they are of"
        raise DataError("A site of exported results computes nothing.", where=given, todo=todo)
    exported = import_module("llo_research.monitor.exported")
    own = {"language": options.language, "address": options.address}
    print(exported.build_exported(_root(), options.exported, **own))
    return DONE


def _run_chapter(options: argparse.Namespace) -> int:
    """Rebuild one chapter, and print where it is."""
    from llo_research.monitor.which_chapter import which_chapter

    build, root = import_module("llo_research.monitor.build"), _root()
    print(build.build_chapter(root, which_chapter(options.name, root), **_choices(options), source=options.source))
    return DONE


def _run_verify(options: argparse.Namespace) -> int:
    """Compare every number of an edition, and write the page; 1 when one differs."""
    from llo_research.monitor.verify import account, r_session, verify
    from llo_research.options import check_option

    root, own = _root(), options.chapters or list(verify.CHAPTERS)
    known = tuple(import_module("llo_research.monitor.editions").editions()["edition"])
    check_option(options.edition, "--edition", known, f"There is no edition {options.edition!r}.")
    chapters = [name.zfill(2) for name in own]
    for name in chapters:
        check_option(name, "--chapters", verify.CHAPTERS, f"Chapter {name!r} has no results of its own to compare.")
    if options.r and (absent := r_session.missing()):
        raise DataError("R cannot be asked.", found=f"absent: {', '.join(absent)}", todo="install it, or --no-r")
    folder = options.out or root / "build" / "verify"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError("The folder cannot be made.", where=f"--out {folder}", found=str(error)) from None
    found = verify.verify(root, options.edition, r=options.r is not False, out=options.out, chapters=chapters)
    account.write(found, folder)
    print(account.as_text(found), end="")
    return STOPPED if found.differing else DONE


def _run_export(options: argparse.Namespace) -> int:
    """Write what may leave of saved results, or of those behind a chapter; 1 when nothing does."""
    from llo_research.errors import DisclosureError
    from llo_research.report import export

    results = _results_of(options)
    told = {"profile": options.profile, "left_before": options.before, "code": options.code}
    try:
        print(export(results, options.to, language=options.language, **told))
    except DisclosureError as error:
        print(f"llo: {error}", file=sys.stderr)
        return STOPPED
    return DONE


def _results_of(options: argparse.Namespace) -> dict[str, Any]:
    """The results to export, by the names of their files."""
    from llo_research.results.saved import read_result

    if bool(options.files) == bool(options.chapter):
        raise DataError(
            "An export is of saved results, or of a chapter.",
            found="both" if options.files else "neither",
            expected="llo export FILE ... --to FOLDER, or llo export --chapter NAME --to FOLDER",
        )
    if options.chapter:
        made, root = import_module("llo_research.monitor.chapter_results"), _root()
        name = import_module("llo_research.monitor.which_chapter").which_chapter(options.chapter, root)
        own = {"edition": options.edition, "language": options.language, "source": options.source}
        return dict(made.chapter_results(root, name, **own))
    names = [file.name.removesuffix(".json") for file in options.files]
    if len(set(names)) < len(names):
        raise DataError("Two files have the same name.", found=", ".join(names), expected="a name for each result")
    read = {name: read_result(file) for name, file in zip(names, options.files, strict=True)}
    print("llo: saved results do not tell who is in a cell: differences go by names alone", file=sys.stderr)
    return read


def _choices(options: argparse.Namespace) -> dict[str, Any]:
    """Edition, language and offline, as the monitor takes them."""
    from llo_research.options import check_option

    editions, edition = import_module("llo_research.monitor.editions"), options.edition
    if edition.endswith(".toml"):
        edition = editions.read_edition(edition).id
    else:
        known, own = tuple(editions.editions()["edition"]), "the path of a .toml file of your own"
        said = f"There is no edition {edition!r}."
        todo = f"llo {options.command} ... --edition {known[-1]}"
        check_option(edition, "--edition", known, said, also=own, todo=todo)
    return {"edition": edition, "language": options.language, "offline": options.offline}


def _root() -> Path:
    """The project's folder."""
    from llo_research.data.places import project_root
    from llo_research.data.spill import sweep

    root = project_root()
    if root is None:
        raise DataError(
            "This is not inside a project: there is no folder data_raw here or above.",
            where=Path.cwd(),
            todo="Run it in the project's folder: a clone of the repository, or its archive unpacked.",
        )
    sweep(root)  # what a process that was killed left there
    return root


_COMMANDS = {
    "data": _run_data,
    "check": _run_check,
    "monitor": _run_monitor,
    "chapter": _run_chapter,
    "verify": _run_verify,
    "export": _run_export,
}


if __name__ == "__main__":
    sys.exit(main())
