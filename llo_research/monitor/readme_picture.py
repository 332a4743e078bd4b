"""The picture of the README: ``python -m llo_research.monitor.readme_picture``, from the open Dutch PIAAC file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llo_research.report.figures.figure import Figure

PATH = "docs/_static/readme.png"
_MEASURES = {"Training": "training", "Learning by doing": "learn_by_doing"}
_USED = ["employed", "age", "contract", *_MEASURES.values()]
_TITLE = (
    "The self-employed train {t:direction|more|less|neither clearly more nor clearly less} often than permanent staff "
    "({s[Training:self-employed]:estimate} against {s[Training:permanent]:estimate}), and learn by doing "
    "{d:direction|more|less|neither clearly more nor clearly less} often "
    "({s[Learning by doing:self-employed]:estimate} against {s[Learning by doing:permanent]:estimate})"
)
_SUBTITLE = (
    "Training in twelve months, and weekly learning by doing: people in work aged 25 to 65, the Netherlands, 2011-12"
)


def drawn() -> Figure:
    """The figure, with its finding as title, direction bound to the intervals.

    Raises
    ------
    DataError
        The PIAAC file is not there.
    """
    import llo_research as llo

    people = llo.load("piaac", country="nld", cycle=1, columns=_USED).where("employed == 1 & age >= 25")
    shares = llo.joint({word: llo.mean(column, people, by="contract") for word, column in _MEASURES.items()})
    apart = {word: shares.contrast(f"`{word}:self-employed` - `{word}:permanent`") for word in _MEASURES}
    told = llo.report.sentences(_TITLE, s=shares, t=apart["Training"], d=apart["Learning by doing"], language="en")
    title = " ".join(str(told).split())
    figure: Figure = llo.report.figure(shares, language="en", title=title, subtitle=_SUBTITLE)
    return figure


def write(root: Path) -> Path:
    """Draw the picture into the project; it carries the fingerprint of its numbers."""
    from llo_research.report.figures.fingerprint import fingerprint, marked_png
    from llo_research.report.figures.raster import raster

    figure, path = drawn(), root / PATH
    picture = raster("".join(figure._repr_mimebundle_()[0]["image/svg+xml"]))
    path.write_bytes(marked_png(picture, fingerprint(figure.frame)))
    return path


if __name__ == "__main__":
    print(write(Path.cwd()))
