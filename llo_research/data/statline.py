"""Tables of CBS StatLine as CSV, with their description, through OData version 3."""

from __future__ import annotations

import csv
import hashlib
import http.client
import io
import json
import re
import sys
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

from llo_research.data.fetch import TIMEOUT, download_folder
from llo_research.data.provenance import record_sum
from llo_research.errors import DataError

STATLINE_BASE = "https://opendata.cbs.nl/ODataApi/odata/"
PAGE = 5000


def fetch_statline(
    table: str,
    *,
    folder: Path | None = None,
    base: str = STATLINE_BASE,
    timeout: float = TIMEOUT,
    page: int = PAGE,
    quiet: bool = False,
) -> Path:
    """Download a StatLine table: its cells, its description, and the labels of its dimensions.

    Parameters
    ----------
    table : str
        Identifier of the table, such as ``"85316NED"``.
    folder : Path, optional
        Where the table's folder goes; ``data_raw/statline`` of the project when absent.
    base : str
        Address below which the tables lie.
    timeout : float
        Seconds without an answer after which the attempt ends.
    page : int
        Rows asked for at a time.
    quiet : bool
        No progress on stderr.

    Returns
    -------
    Path
        Folder with ``TypedDataSet.csv`` (codes as in StatLine), ``TableInfos.csv`` (title, period, date of change),
        ``DataProperties.csv``, one file per dimension, and ``SHA256SUMS``. CBS open data: CC BY 4.0.

    Raises
    ------
    DataError
        No connection, no such table, or an answer that is not OData; files of an earlier download then stay as they
        were.

    Examples
    --------
    >>> from llo_research.data.statline import fetch_statline
    >>> fetch_statline("85316NED")                                # doctest: +SKIP
    """
    if not re.fullmatch(r"\w{5,12}", table):
        raise DataError(f"{table!r} is not an identifier of a StatLine table.", expected="such as 85316NED")
    target = (folder or download_folder() / "statline") / table
    texts: dict[str, str] = {}
    properties: list[dict[str, Any]] = []
    for part in ("TableInfos", "DataProperties"):
        rows = _rows(f"{base}{table}/{part}", timeout, page, quiet)
        texts[part] = _as_csv(rows)
        properties = rows
    for name in (row["Key"] for row in properties if str(row.get("Type", "")).endswith("Dimension")):
        texts[name] = _as_csv(_rows(f"{base}{table}/{name}", timeout, page, quiet))
    texts["TypedDataSet"] = _as_csv(_rows(f"{base}{table}/TypedDataSet", timeout, page, quiet))
    target.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        path, raw = target / f"{name}.csv", text.encode("utf-8")
        part_file = path.with_name(f"{path.name}.part")
        part_file.write_bytes(raw)
        part_file.replace(path)
        record_sum(path, hashlib.sha256(raw).hexdigest(), f"{base}{table}/{name}")
    if not quiet:
        print(f"{table}: {texts['TypedDataSet'].count(chr(10)) - 1:,} rows in {len(texts)} files", file=sys.stderr)
    return target


def _rows(address: str, timeout: float, page: int, quiet: bool) -> list[dict[str, Any]]:
    """All rows of a part of a table, page after page."""
    rows: list[dict[str, Any]] = []
    following: str | None = None
    while True:
        query = urllib.parse.urlencode({"$format": "json", "$top": page, "$skip": len(rows)}, safe="$")
        answer = _json(following or f"{address}?{query}", timeout)
        found = answer.get("value")
        if not isinstance(found, list):
            raise DataError(
                "The server's answer is not a table.", where=address, found=", ".join(answer), expected="value"
            )
        rows += found
        if not quiet and len(rows) > len(found):
            print(f"{address.rsplit('/', 1)[1]}: {len(rows):,} rows", file=sys.stderr)
        following = answer.get("odata.nextLink")
        if not found or (following is None and len(found) < page):
            return rows


def _json(address: str, timeout: float) -> dict[str, Any]:
    """One answer of the server."""
    request = urllib.request.Request(address, headers={"Accept": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=timeout) as reply:
            answer = json.loads(reply.read().decode("utf-8"))
    except urllib.error.HTTPError as error:
        raise DataError(
            "StatLine has no such table." if error.code == 404 else "StatLine refused to answer.",
            where=address,
            found=f"HTTP {error.code} {error.reason}",
            todo="Check the identifier at opendata.cbs.nl.",
        ) from error
    except (http.client.HTTPException, OSError) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        raise DataError(
            "StatLine cannot be reached: no internet connection, or the server is down.",
            where=address,
            found=str(reason),
            todo="Try again when online.",
        ) from error
    except ValueError as error:
        raise DataError("The server's answer is not JSON.", where=address, found=str(error)[:80]) from error
    return answer if isinstance(answer, dict) else {}


def _as_csv(rows: list[dict[str, Any]]) -> str:
    """Rows as CSV text, columns in the order in which they first occur; empty for missing."""
    if not rows:
        return ""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    stream = io.StringIO()
    writer = csv.DictWriter(stream, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()
