"""data_processed: harmonised files made from what lies in data_raw, with a manifest; rebuilt, never edited."""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any

import pandas as pd

from llo_research import __version__
from llo_research.data.harmonised_file import Request
from llo_research.data.harmonised_frame import assemble
from llo_research.data.instrument import Instrument, instrument_names, instrument_of
from llo_research.data.load import SOURCES, find_files
from llo_research.data.provenance import sha256_of
from llo_research.data.yearly import is_yearly
from llo_research.errors import DataError
from llo_research.options import check_option
from llo_research.progress import Steps

MANIFEST = "manifest.json"
_KEPT_APART = ("restricted", "registered")


@dataclass(frozen=True)
class Job:
    """One file to be made: where, from which files, and how to make its frame and its source."""

    output: str
    inputs: list[Path]
    make: Callable[[], tuple[pd.DataFrame, dict[str, Any]]]


def build_processed(root: Path, source: str = "auto") -> tuple[list[dict[str, Any]], list[str]]:
    """Harmonise every microdata file that is found, into ``data_processed`` of the project.

    A file is made again only when its inputs, its mapping, or this library's data layer changed. What is made from
    restricted or registered files goes to ``data_processed/restricted``; synthetic files have ``synthetic`` in their
    name, in a column, and in the manifest.

    Parameters
    ----------
    root : Path
        Folder of the project.
    source : {"auto", "real", "synthetic"}
        Real files only, synthetic data only, or synthetic data for instruments without a real file.

    Returns
    -------
    (list of dict, list of str)
        The files (also in ``data_processed/manifest.json``; ``made`` is False for one that was up to date), and for
        instruments without a file how to get it.

    Raises
    ------
    DataError
        When a file that is there does not fit.
    """
    check_option(source, "source", SOURCES)
    target = root / "data_processed"
    before = _manifest(target)
    code = _fingerprint(root)
    planned, absent = [], []
    for name in instrument_names():
        item = instrument_of(name)
        if "file_names" not in item.about:
            continue
        jobs = [] if source == "synthetic" else list(_real(item))
        if not jobs and source != "real" and item.about.get("synthetic"):
            jobs = [_made(item)]
        if not jobs and source != "synthetic":
            absent.append(f"{name}: no file found. {item.about['how_to_obtain']}")
        planned += jobs
    entries, steps = [], Steps("data", len(planned))
    for job in planned:
        with steps.step(job.output):
            entries.append(_entry(job, target, before, code))
    for old in set(before) - {entry["file"] for entry in entries}:
        (target / old).unlink(missing_ok=True)
    target.mkdir(exist_ok=True)
    told = [{key: value for key, value in entry.items() if key != "made"} for entry in entries]
    _write(target / MANIFEST, json.dumps({"library": __version__, "files": told}, indent=2, ensure_ascii=False) + "\n")
    return entries, absent


def _entry(job: Job, target: Path, before: dict[str, dict[str, Any]], code: str) -> dict[str, Any]:
    """The manifest's entry of a file, made when it is not up to date."""
    mappings = {place for path in job.inputs for place in path.parent.glob("*mapping.toml")}
    digests = [sha256_of(path) for path in [*job.inputs, *sorted(mappings)]]
    inputs = hashlib.sha256("\n".join([code, *digests]).encode()).hexdigest()
    name = f"{job.output}.{'parquet' if importlib.util.find_spec('pyarrow') else 'csv.gz'}"
    output, old = target / name, before.get(name)
    if old and old["inputs"] == inputs and output.is_file() and sha256_of(output) == old["sha256"]:
        return {**old, "made": False}
    frame, source = job.make()
    output.parent.mkdir(parents=True, exist_ok=True)
    _save(frame, output)
    facts: dict[str, Any] = {"rows": len(frame), "columns": frame.shape[1], "synthetic": bool(source["synthetic"])}
    facts |= {"kind": source["kind"], "sha256": sha256_of(output), "inputs": inputs}
    return {"file": name, **facts, "source": source, "made": True}


def _real(item: Instrument) -> Iterator[Job]:
    """Files of an instrument that are found, a job for each sample."""
    folder = "restricted" if item.about["kind"] in _KEPT_APART else item.name
    countries: list[str | None] = list(item.identify.get("countries", ())) or [None]
    cycles: list[int | None] = [int(number) for number in item.raw.get("cycles", {})] or [None]
    for cycle in cycles:
        for country in countries:
            found = find_files(item, country, cycle)
            groups = [found] if is_yearly(item) and found else [[path] for path in found]
            for paths in groups:
                own = "_".join(filter(None, [item.name, country, f"cycle{cycle}" if cycle else None]))
                yield Job(f"{folder}/{own}", paths, _reader(paths, item, Request(country=country, cycle=cycle)))


def _reader(paths: list[Path], item: Instrument, request: Request) -> Callable[[], tuple[pd.DataFrame, dict[str, Any]]]:
    """How to make the frame of real files."""

    def read() -> tuple[pd.DataFrame, dict[str, Any]]:
        frame, arguments = assemble(paths, item, request)
        if arguments["source"]["synthetic"]:
            raise DataError(
                f"The files of {item.name} are synthetic, and lie where real files belong.",
                where=f"data_raw/{item.name}",
                found=paths[0].name,
                expected="real files",
                todo="Take them away: llo data --source synthetic makes synthetic data by itself.",
            )
        return frame, arguments["source"]

    return read


def _made(item: Instrument) -> Job:
    """The synthetic data of an instrument as a job."""

    def draw() -> tuple[pd.DataFrame, dict[str, Any]]:
        svy = import_module("llo_research.data.synthetic").synthetic(item.name)
        return svy.frame, dict(svy.source)

    return Job(f"synthetic/{item.name}_synthetic", [], draw)


def _save(frame: pd.DataFrame, output: Path) -> None:
    """Write a frame whole or not at all."""
    part = output.with_name(f"{output.name}.part")
    if output.name.endswith(".parquet"):
        mixed = {name: frame[name].astype("string") for name in frame.columns if frame[name].dtype == object}
        frame.assign(**mixed).to_parquet(part, index=False)
    else:
        text = frame.to_csv(index=False, lineterminator="\n")
        part.write_bytes(gzip.compress(text.encode("utf-8"), compresslevel=6, mtime=0))
    part.replace(output)


def _fingerprint(root: Path) -> str:
    """A checksum of the data layer: its code, its instruments, and the parameters of synthetic data."""
    package = Path(str(files("llo_research.data")))
    kinds = ("*.py", "*.toml")
    own = [path for kind in kinds for path in package.rglob(kind)]
    told = [path for path in (root / "data_raw" / "synthetic").glob("*") if path.is_file()]
    pairs = sorted((path.name, sha256_of(path)) for path in [*own, *told])
    return hashlib.sha256(json.dumps(pairs).encode()).hexdigest()


def _manifest(target: Path) -> dict[str, dict[str, Any]]:
    """The manifest's entries by file; empty when there is none, or one of another form."""
    path = target / MANIFEST
    if not path.is_file():
        return {}
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))["files"]
        return {entry["file"]: entry for entry in entries if "inputs" in entry}
    except (ValueError, KeyError, TypeError):
        return {}


def _write(path: Path, text: str) -> None:
    """Text as UTF-8 with LF."""
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(text)
