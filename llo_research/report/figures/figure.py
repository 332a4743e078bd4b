"""The figure itself: rows, kind and texts; drawn anew for each picture, saved with its numbers and words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from llo_research.report.content.content import Content
from llo_research.report.content.numbers import unit_text
from llo_research.report.figures import saving
from llo_research.report.figures.bundle import bundle
from llo_research.report.figures.contours import draw_contours
from llo_research.report.figures.dots import draw_dots
from llo_research.report.figures.histogram import draw_histogram
from llo_research.report.figures.known import KNOWN, known_of
from llo_research.report.figures.lines import draw_lines
from llo_research.report.figures.panels import draw_panels, panels_of
from llo_research.report.figures.plane import draw_plane
from llo_research.report.figures.style import house_style
from llo_research.report.figures.waterfall import draw_waterfall
from llo_research.report.figures.wording import Wording


@dataclass(frozen=True, repr=False)
class Figure:
    """A figure of a result; made by :func:`llo_research.report.figure`.

    Attributes
    ----------
    content : Content
        The rows drawn.
    whole : Content
        All rows, of which a waterfall draws some.
    kind : str
        ``dots``, ``lines``, ``waterfall``, ``coefficients``, ``counterfactual``, ``plane``, ``contours`` or
        ``histogram``.
    wording : Wording
        Its texts.
    """

    content: Content
    whole: Content
    kind: str
    wording: Wording
    time: str | None = None
    limits: tuple[float, float] | None = None
    is_narrow: bool = False

    def drawing(self) -> Figure:
        """The same figure without title, subtitle and foot, for a page that has these as text."""
        return replace(self, wording=replace(self.wording, title="", subtitle="", foot=()))

    def narrow(self) -> Figure:
        """The same figure for a telephone (390 pixels): labels and numbers above what they name."""
        return replace(self, is_narrow=True)

    @property
    def title(self) -> str:
        """The finding."""
        return self.wording.title

    @property
    def alt_text(self) -> str:
        """The figure in words: what it shows, the finding, the numbers or their range, n and interval."""
        return self.wording.alt

    @property
    def notes(self) -> tuple[str, ...]:
        """What stands under the drawing."""
        return self.wording.foot

    @property
    def more(self) -> tuple[str, ...]:
        """The rest of what is to be said of the figures, for who asks: method, what was left out, the whole source."""
        return self.content.more

    @property
    def frame(self) -> pd.DataFrame:
        """The numbers drawn, in the units drawn: identifiers as shown, estimate, interval, n, unit, flags."""
        content = self.content
        out = content.names.rename(columns=content.heads) if _distinct(content) else content.names.copy()
        out["estimate"], out["conf_low"], out["conf_high"] = content.estimate, content.low, content.high
        if content.n is not None:
            out["n"] = content.n
        out["unit"] = [unit_text(quantity.unit, content.language) for quantity in content.quantities]
        gone = content.withheld or ("",) * len(out)
        out["flag"] = ["withheld" if mark else " ".join(w) for w, mark in zip(content.flags, gone, strict=True)]
        if known_of(content):
            out[KNOWN] = list(known_of(content))
        return out

    def plot(self) -> Any:
        """A new matplotlib Figure; nothing is shown, and no global state is touched."""
        with house_style():
            if self.kind == "lines":
                assert self.time is not None
                draw = draw_panels if panels_of(self.content, self.time) else draw_lines
                return draw(self.content, self.wording, self.time, self.limits, narrow=self.is_narrow)
            if self.kind == "waterfall":
                return draw_waterfall(self.whole, self.wording, self.limits, narrow=self.is_narrow)
            if self.kind == "plane":
                return draw_plane(self.content, self.wording, self.limits, narrow=self.is_narrow)
            if self.kind == "contours":
                return draw_contours(self.content, self.wording, narrow=self.is_narrow)
            if self.kind == "histogram":
                return draw_histogram(self.content, self.wording, narrow=self.is_narrow)
            return draw_dots(self.content, self.wording, self.limits, narrow=self.is_narrow)

    def save(self, directory: str | Path, name: str | None = None, *, overwrite: bool = False) -> dict[str, Path]:
        """Save as SVG and PNG, with the numbers as CSV and the alternative text as TXT; the same bytes every time.

        No other figure is lost: under its own name a figure of other contents gets a number (``-2``), under a name that
        you give it is refused.

        Parameters
        ----------
        directory : str or Path
            Folder; made when it is not there.
        name : str, optional
            File name without ending; by default made from the variables, the estimator, the groups and the cells.
        overwrite : bool
            Replace the files of that name, whatever they hold.

        Returns
        -------
        dict
            Path of each file by its ending: ``svg``, ``png``, ``csv``, ``txt``.

        Raises
        ------
        DataError
            A file, or the name of a picture, where a folder is expected; a name with signs that file names do not
            hold, or of another figure; a place that cannot be written.
        """
        if name is None and self.is_narrow:
            name = f"{saving.own_name(self)}-narrow"
        return saving.save(self, Path(directory), name, overwrite)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict[str, Any], dict[str, Any]]:
        """The picture with its words, for notebooks; and, for the site, its narrow form, rows and call."""
        return bundle(self)

    def __str__(self) -> str:
        return self.alt_text

    def __repr__(self) -> str:
        return self.alt_text


def _distinct(content: Content) -> bool:
    """Whether heads can be column names: all different, and none that of a number."""
    heads = list(content.heads.values())
    return len(set(heads)) == len(heads) and not set(heads) & {"estimate", "conf_low", "conf_high", "n", "unit", "flag"}
