"""data_processed: harmonised files made from what lies in data_raw, with a manifest; rebuilt, never edited."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from llo_research import __version__
from llo_research.data.assemble import assemble
from llo_research.data.codebook import instrument_of, instruments
from llo_research.data.load import find_files
from llo_research.data.part import Request


def build_processed(root: Path) -> tuple[list[dict[str, Any]], list[str]]:
    """Harmonise every microdata file that is found, into ``data_processed`` of the project.

    Parameters
    ----------
    root : Path
        Folder of the project.

    Returns
    -------
    (list of dict, list of str)
        What was made (also in ``data_processed/manifest.json``), and for instruments without a file how to get it.

    Raises
    ------
    DataError
        When a file that is there does not fit.
    """
    target = root / "data_processed"
    made, absent = [], []
    for name in instruments()["instrument"]:
        item = instrument_of(name)
        if "file_names" not in item.about:
            continue
        files = list(_files(name))
        if not files:
            absent.append(f"{name}: no file found. {item.about['how_to_obtain']}")
        for path, country, cycle in files:
            frame, arguments = assemble([path], item, Request(country=country, cycle=cycle))
            source = arguments["source"]
            own = "_".join(filter(None, [name, country, f"cycle{cycle}" if cycle else None]))
            output = target / name / f"{own}.csv.gz"
            output.parent.mkdir(parents=True, exist_ok=True)
            text = frame.to_csv(index=False, lineterminator="\n")
            output.write_bytes(gzip.compress(text.encode("utf-8"), compresslevel=6, mtime=0))
            entry = {"file": output.relative_to(target).as_posix(), "rows": len(frame), "columns": frame.shape[1]}
            made.append({**entry, "source": source})
    manifest = {"library": __version__, "files": made}
    target.mkdir(exist_ok=True)
    with (target / "manifest.json").open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
    return made, absent


def _files(name: str) -> Iterator[tuple[Path, str | None, int | None]]:
    """Files of an instrument that are found, with country and cycle."""
    item = instrument_of(name)
    countries: list[str | None] = list(item.identify.get("countries", ())) or [None]
    cycles: list[int | None] = [int(number) for number in item.raw.get("cycles", {})] or [None]
    for cycle in cycles:
        for country in countries:
            for path in find_files(item, country, cycle):
                yield path, country, cycle
