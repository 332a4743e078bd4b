"""Files from the internet: short time-outs, resume, checksum, and never half a file under its final name.

The only module, with ``statline``, that opens a network connection; nothing else in the library does.
"""

from __future__ import annotations

import errno
import http.client
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from llo_research.data.countries import countries_asked
from llo_research.data.instrument import Instrument, instrument_of
from llo_research.data.places import data_folders, project_root
from llo_research.data.provenance import read_sums, record_sum, sha256_of
from llo_research.errors import DataError

PIAAC_BASE = "https://webfs.oecd.org/piaac/"
TIMEOUT = 15.0
_PIECE = 1 << 18
_OF_THE_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EACCES, errno.EPERM, errno.EROFS)


def fetch_piaac(
    country: str,
    cycle: int = 1,
    *,
    year: int | None = None,
    folder: Path | None = None,
    base: str = PIAAC_BASE,
    timeout: float = TIMEOUT,
    quiet: bool = False,
) -> Path:
    """Download a country's public use file of PIAAC from the OECD, unless it is there already.

    Parameters
    ----------
    country : str
        Three letters, ``"nld"``.
    cycle : {1, 2}
        Cycle.
    year : int, optional
        For countries with several files in one cycle (United States: 2012, 2017).
    folder : Path, optional
        Where the file goes; ``data_raw/piaac`` of the project, or else ``$LLO_DATA/piaac``, when absent.
    base : str
        Address below which the files lie.
    timeout : float
        Seconds without an answer after which the attempt ends.
    quiet : bool
        No progress on stderr.

    Returns
    -------
    Path
        The file. Its SHA-256 stands in ``SHA256SUMS`` beside it.

    Raises
    ------
    DataError
        No connection, no such file, or a file cut off (what came in is kept, and the next call resumes).

    Examples
    --------
    >>> from llo_research.data.fetch import fetch_piaac
    >>> fetch_piaac("nld", 1)                                     # doctest: +SKIP
    """
    name = piaac_name(country, cycle, year)
    target = (folder or download_folder() / "piaac") / name
    return of_country(country, cycle, target, base=base, timeout=timeout, quiet=quiet)


def of_country(country: str, cycle: int, target: Path, *, base: str, **options: Any) -> Path:
    """Download a country's file; where none is known to be open and none comes, the error says why."""
    none = instrument_of("piaac").why_absent(country.lower(), cycle)
    address = f"{base}cy{cycle}-puf-data/CSV/{target.name}"
    try:
        return download(address, target, **options)
    except DataError as error:
        if not none or target.with_name(f"{target.name}.part").is_file():
            raise
        words = f"There is no file of {country}, cycle {cycle}."
        raise NoSuchFile(words, where=address, found=none["why"], todo=none["instead"]) from error


def piaac_name(country: str, cycle: int, year: int | None = None) -> str:
    """The name of a country's file.

    Raises
    ------
    DataError
        When the country took no part, or has several files and no year is said.
    """
    item = instrument_of("piaac")
    code = _known(country, cycle, item)
    years = item.cycle(cycle).get("several_files", {}).get(code)
    if years and year is None:
        raise DataError(
            f"There are several files of {code} in cycle {cycle}.",
            where="country",
            found=f"files of {' and '.join(map(str, years))}",
            expected="one year",
            todo=f"Say which: llo data fetch piaac --country {code} --year {years[0]}",
        )
    return f"prg{code}p{cycle}" + (f"_{year}" if year is not None else "") + ".csv"


def _known(country: str, cycle: int, item: Instrument) -> str:
    """The code of a country that took part in a cycle."""
    if str(cycle) not in item.raw["cycles"]:
        raise DataError(f"PIAAC has no cycle {cycle!r}.", where="cycle", expected=", ".join(item.raw["cycles"]))
    code = (countries_asked(country, item) or [""])[0]
    there = item.cycle(cycle)["took_part"]
    if code not in there:
        raise DataError(
            f"{code} took no part in cycle {cycle} of PIAAC.",
            where="country",
            found=code,
            expected=f"one of {', '.join(there)}",
        )
    return code


def download_folder() -> Path:
    """``data_raw`` of the project, or else ``$LLO_DATA``.

    Raises
    ------
    DataError
        When there is neither.
    """
    root = project_root()
    if root is not None:
        return root / "data_raw"
    if data_folders():
        return data_folders()[0]
    raise DataError(
        "There is no folder to put the data in.",
        found="no data_raw in or above the working directory, and $LLO_DATA is not set",
        todo="Run this in the project's folder, set LLO_DATA to a folder, or say where with --to.",
    )


def download(address: str, target: Path, *, timeout: float = TIMEOUT, quiet: bool = False, lead: str = "") -> Path:
    """Download one file, resuming what an earlier attempt left behind.

    The file grows as ``<name>.part`` and gets its own name when it is whole. A file that is there and agrees with its
    recorded checksum is left alone. ``lead`` stands before what is told of its progress.
    """
    if target.is_file():
        recorded, digest = read_sums(target.parent).get(target.name), sha256_of(target)
        if recorded is None:
            record_sum(target, digest)
        elif recorded != digest:
            raise DataError(
                f"{target.name} is there, but is not the file that was recorded when it was fetched.",
                where=str(target.parent),
                found=f"SHA-256 {digest[:16]}...",
                expected=f"SHA-256 {recorded[:16]}...",
                todo="Remove the file to fetch it again.",
            )
        say(quiet, f"{lead}{target.name}: already there ({target.stat().st_size:,} bytes)")
        return target
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f"{target.name}.part")
        _receive(address, part, timeout, quiet, lead)
        return _finish(part, target, address, quiet, lead)
    except urllib.error.HTTPError as error:
        raise _refused(address, error) from error
    except (http.client.HTTPException, OSError) as error:
        raise (_not_written if _is_of_the_disk(error) else _offline)(address, target, error) from error


def _receive(address: str, part: Path, timeout: float, quiet: bool, lead: str) -> None:
    """Append to the .part file until the server's size is reached."""
    version = part.with_name(f"{part.name}.version")
    have = part.stat().st_size if part.is_file() and version.is_file() else 0
    headers = {"Accept-Encoding": "identity"}
    if have:
        headers |= {"Range": f"bytes={have}-", "If-Range": version.read_text(encoding="utf-8")}
    request = urllib.request.Request(address, headers=headers)
    with urllib.request.urlopen(request, timeout=timeout) as reply:
        resumed = reply.status == 206
        have = have if resumed else 0
        length = reply.headers.get("Content-Length")
        total = None if length is None else have + int(length)
        mark = reply.headers.get("ETag") or reply.headers.get("Last-Modified")
        if mark:
            version.write_text(mark, encoding="utf-8")
        else:
            version.unlink(missing_ok=True)
        with part.open("ab" if resumed else "wb") as stream:
            while piece := reply.read(_PIECE):
                stream.write(piece)
                have += len(piece)
                _progress(quiet, lead + part.name.removesuffix(".part"), have, total)
    if total is not None and have != total:
        raise DataError(
            f"The download of {part.name.removesuffix('.part')} was cut off.",
            where=address,
            found=f"{have:,} bytes",
            expected=f"{total:,} bytes",
            todo="Run the same command again: it goes on where it stopped.",
        )


def _finish(part: Path, target: Path, address: str, quiet: bool, lead: str) -> Path:
    """Refuse an error page, record the checksum, give the file its name."""
    with part.open("rb") as stream:
        start = stream.read(200).lstrip().lower()
    if not start or start.startswith((b"<!doctype", b"<html")):
        part.unlink()
        raise DataError(
            "The server sent a web page or nothing instead of the file.",
            where=address,
            found=start[:40].decode("ascii", "replace") or "0 bytes",
            todo="A network sign-in page may stand between; open the address in a browser and save the file by hand.",
        )
    digest = sha256_of(part)
    part.replace(target)
    part.with_name(f"{part.name}.version").unlink(missing_ok=True)
    record_sum(target, digest, address)
    say(quiet, f"\r{lead}{target.name}: {target.stat().st_size:,} bytes, SHA-256 {digest}")
    return target


class NoSuchFile(DataError):
    """The server answers that it has no such file."""


def _refused(address: str, error: urllib.error.HTTPError) -> DataError:
    """The server answered, but not with the file."""
    absent = error.code in (404, 410)
    return (NoSuchFile if absent else DataError)(
        "The server has no such file." if absent else "The server refused to send the file.",
        where=address,
        found=f"HTTP {error.code} {error.reason}",
        todo="Check country, cycle or table; the producer may have moved it."
        if absent
        else "Try again later, or open the address in a browser and save the file by hand.",
    )


def _offline(address: str, target: Path, error: Exception) -> DataError:
    """No connection, or one that broke off."""
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    return DataError(
        "The server cannot be reached: no internet connection, or the server is down.",
        where=address,
        found=str(reason),
        todo="Try again when online: the download goes on where it stopped. Or get the file on another computer and "
        f"put it in {target.parent.name}/{target.name} of the data folder.",
    )


def _is_of_the_disk(error: Exception) -> bool:
    """Whether a file or folder on this computer failed, not the connection."""
    if not isinstance(error, OSError) or isinstance(error, urllib.error.URLError):
        return False
    return error.filename is not None or error.errno in _OF_THE_DISK


def _not_written(_: str, target: Path, error: Exception) -> DataError:
    """The disk is full, or the folder takes no file."""
    return DataError(
        f"{target.name} cannot be written.",
        where=str(target.parent),
        found=str(getattr(error, "strerror", None) or error),
        expected="a folder of yours with room",
        todo="Make room, or say where else with --to, and run the same command again.",
    )


def _progress(quiet: bool, name: str, have: int, total: int | None) -> None:
    """One line on stderr, written over itself."""
    if quiet:
        return
    share = f" of {total / 1e6:.1f} MB ({100 * have // total} %)" if total else " MB"
    print(f"\r{name}: {have / 1e6:.1f}{share}", end="", file=sys.stderr, flush=True)


def say(quiet: bool, text: str) -> None:
    """A line on stderr."""
    if not quiet:
        print(text, file=sys.stderr)
