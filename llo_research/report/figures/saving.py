"""A figure as files: SVG and PNG without date or version, the numbers as CSV, the words as text."""

from __future__ import annotations

import io
import itertools
import re
import unicodedata
from pathlib import Path

import pandas as pd

from llo_research.errors import DataError
from llo_research.report.figures.fingerprint import fingerprint, marked_png, marked_svg
from llo_research.report.figures.picture import Picture
from llo_research.report.figures.style import house_style
from llo_research.report.files import FORMULA, not_written, write_bytes

_DPI = 200
_NAME = re.compile(r"[^\W_][\w.\- ]*")
_LONGEST_NAME = 60
_OF_PICTURES = {".svg", ".png", ".pdf", ".eps", ".jpg", ".jpeg", ".gif", ".tif", ".tiff", ".webp"}


def save(figure: Picture, directory: Path, name: str | None, overwrite: bool = False) -> dict[str, Path]:
    """Write the four files."""
    stem = own_name(figure) if name is None else name
    if not _NAME.fullmatch(stem):
        raise DataError(
            "A file name holds letters, digits, blanks, - _ and points.",
            where="name",
            found=repr(stem),
            todo="give the folder as the first argument, and the name without it",
        )
    _check_no_picture(directory)
    _check_folder(directory)
    contents = {
        "svg": svg(figure).encode("utf-8"),
        "png": png(figure),
        "csv": csv(figure.frame).encode("utf-8"),
        "txt": f"{figure.alt_text}\n".encode(),
    }
    if not overwrite and not _is_free(directory, stem, contents):
        if name is not None:
            raise DataError(
                "There is another figure of this name.",
                where=f"name={name!r}",
                found=f"files in {directory.name or 'this folder'} with other contents",
                expected="a name that is free, or the same figure",
                todo="give another name, or overwrite=True to replace it",
            )
        stem = next(f"{stem}-{k}" for k in itertools.count(2) if _is_free(directory, f"{stem}-{k}", contents))
    paths = {ending: directory / f"{stem}.{ending}" for ending in contents}
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise not_written(directory, error) from None
    for ending, path in paths.items():
        write_bytes(path, contents[ending])
    return paths


def _check_no_picture(directory: Path) -> None:
    """Refuse the name of a picture where a folder is meant."""
    if directory.suffix.lower() not in _OF_PICTURES or directory.exists():
        return
    raise DataError(
        "A figure is saved in a folder, and this is the name of a picture.",
        where="directory",
        found=repr(directory.name),
        expected="a folder, and the name of the files without ending as the second argument",
        todo=f"figure.save({str(directory.parent)!r}, {directory.stem!r}): it writes the SVG, PNG, CSV and TXT there",
    )


def _is_free(directory: Path, stem: str, contents: dict[str, bytes]) -> bool:
    """Whether no file of this name is there, or only this very figure."""
    there = {ending: directory / f"{stem}.{ending}" for ending in contents}
    return all(not path.exists() or (path.is_file() and path.read_bytes() == contents[e]) for e, path in there.items())


def own_name(figure: Picture) -> str:
    """The name of a figure's files: variables, estimator, sides or group, cells, time; what it shows where unknown."""
    call = figure.content.meta.get("call") or {}
    if figure.content.published or not call.get("function"):
        return slug(figure.content.what)
    subject = ("variables", "variable", "numerator", "denominator", "row", "column", "formula")
    told = [*(call.get(role) for role in subject), *list(call.get("results") or ())]
    told += [call["function"], "contrast" if "contrast" in figure.content.meta else None]
    told += [call.get(role) for role in ("group", "of", "minus", "by", "time")]
    parts = [str(part) for role in told for part in (role if isinstance(role, list | tuple) else [role]) if part]
    return slug(" ".join(dict.fromkeys(parts)))


def _check_folder(directory: Path) -> None:
    """A figure is saved in a folder; no part of its path may be a file."""
    for place in (directory, *directory.parents):
        if place.is_dir():
            return
        if place.exists():
            raise DataError(
                "A figure is saved as four files in a folder.",
                where="directory",
                found=f"the file {place.name}",
                expected="a folder; it is made when it is not there",
                todo="figure.save(folder, name), with the name without an ending",
            )


def slug(text: str) -> str:
    """A file name from a sentence: plain letters, digits and hyphens."""
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", letters).strip("-")
    return words[:_LONGEST_NAME].rstrip("-") or "figure"


def png(figure: Picture) -> bytes:
    """The picture in dots."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    drawing, out = figure.plot(), io.BytesIO()
    with house_style():
        FigureCanvasAgg(drawing).print_figure(out, format="png", metadata={"Software": None}, dpi=_DPI)
    return marked_png(out.getvalue(), fingerprint(figure.frame))


def svg(figure: Picture) -> str:
    """The picture in lines, with a title and description for screen readers, and the fingerprint of its numbers."""
    return drawn(figure, figure.title)


def drawn(figure: Picture, title: str) -> str:
    """The picture in lines, under a title that screen readers say."""
    from llo_research.report.figures.vector import vector

    lines = vector(figure.plot(), title, figure.alt_text, figure.content.language)
    return marked_svg(lines, fingerprint(figure.frame))


def csv(frame: pd.DataFrame) -> str:
    """The numbers with ten significant digits; texts that a spreadsheet could run as a formula are quoted."""
    out = frame.copy()
    for name in out.columns:
        if not pd.api.types.is_numeric_dtype(out[name]):
            out[name] = [f"'{text}" if str(text).startswith(FORMULA) else text for text in out[name]]
    out.columns = [f"'{name}" if str(name).startswith(FORMULA) else name for name in out.columns]
    return str(out.to_csv(index=False, lineterminator="\n", float_format="%.10g"))
