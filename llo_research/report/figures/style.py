"""The house style: colours that colour-blind readers tell apart, markers for grey scale, one font, fixed settings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from llo_research.packages import need

INK, GREY, LIGHT, PAPER = "#262626", "#595959", "#d9d9d9", "#ffffff"
# The hues of Okabe and Ito (2008), Color universal design, moved until each stands out from the paper (contrast of 3
# or more) and from the others, for colour-blind readers too: docs/decisions/0012. Ink last, free for totals.
COLOURS = ("#004ea2", "#bf4406", "#2ea768", "#b17fa5", "#623208", "#738dd5", INK)
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
# The same as letters, where they need a contrast of 4.5.
TEXTS = ("#004ea2", "#bf4406", "#1b7a49", "#8d5a80", "#623208", "#4c67b5", INK)


class Shade(NamedTuple):
    """A colour of the house on dark paper, and the letter of its class in SVG."""

    letter: str
    dark: str


PALETTE = {
    INK: Shade("i", "#f2f2f2"),
    GREY: Shade("g", "#b4bac2"),
    LIGHT: Shade("l", "#39424d"),
    PAPER: Shade("p", "#14181e"),
    "#004ea2": Shade("0", "#5598ea"),
    "#bf4406": Shade("1", "#ff7321"),
    "#2ea768": Shade("2", "#15e09d"),
    "#b17fa5": Shade("3", "#b285b1"),
    "#623208": Shade("4", "#f9d373"),
    "#738dd5": Shade("5", "#a6cfff"),
    "#1b7a49": Shade("6", "#15e09d"),
    "#8d5a80": Shade("7", "#c79ac6"),
    "#4c67b5": Shade("8", "#a6cfff"),
}
TITLE, SUBTITLE, BODY, SMALL = 12.0, 9.5, 8.5, 7.5
LEADING = 1.32
WIDTH = 497.0  # points: the text width of an A4 page with margins of 17.5 mm
NARROW = 255.0  # points: 340 pixels, what a telephone of 390 leaves between its margins
_STYLE = Path(__file__).with_name("llo.mplstyle")
# Settings that belong to the session, not to a drawing.
_NOT_DRAWING = (
    "backend",
    "interactive",
    "toolbar",
    "timezone",
    "webagg",
    "tk.",
    "keymap.",
    "date.",
)


@contextmanager
def house_style() -> Iterator[None]:
    """Draw with the defaults and the house style only, whatever the session or the user's matplotlibrc says."""
    need("matplotlib")
    import matplotlib

    settings = matplotlib.rc_params_from_file(str(_STYLE), use_default_template=True)
    with matplotlib.rc_context(rc={key: settings[key] for key in settings if not key.startswith(_NOT_DRAWING)}):
        yield


@lru_cache(maxsize=8)
def _font_path(weight: str) -> str:
    """The DejaVu file that matplotlib ships, never another one of the machine."""
    import matplotlib

    name = "DejaVuSans-Bold.ttf" if weight == "bold" else "DejaVuSans.ttf"
    return str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / name)


def font(size: float, weight: str = "normal") -> Any:
    """Font properties of this size."""
    from matplotlib.font_manager import FontProperties

    return FontProperties(fname=_font_path(weight), size=size)


@lru_cache(maxsize=4096)
def width_of(text: str, size: float, weight: str = "normal") -> float:
    """Width of a text in points."""
    from matplotlib.textpath import text_to_path

    width, _, _ = text_to_path.get_text_width_height_descent(text, font(size, weight), ismath=False)
    return float(width)


def wrap(text: str, room: float, size: float, weight: str = "normal") -> list[str]:
    """Lines that fit in this many points; a word that is too long is broken with a hyphen."""
    lines = [""]
    for word in text.split(" "):
        for piece in _pieces(word, room, size, weight):
            candidate = f"{lines[-1]} {piece}".strip(" ")
            if not lines[-1] or width_of(candidate, size, weight) <= room:
                lines[-1] = candidate
            else:
                lines.append(piece)
    return lines


def _pieces(word: str, room: float, size: float, weight: str) -> list[str]:
    """A word, in parts when it does not fit on a line."""
    out = []
    while width_of(word, size, weight) > room and len(word) > 2:
        cut = len(word) - 1
        while cut > 1 and width_of(f"{word[:cut]}-", size, weight) > room:
            cut -= 1
        out.append(f"{word[:cut]}-")
        word = word[cut:]
    return [*out, word]
