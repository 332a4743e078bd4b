"""Which chapters the monitor has, in which editions, and what each is computed from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from llo_research.errors import DataError
from llo_research.monitor.editions import counts, edition_of
from llo_research.options import check_option

if TYPE_CHECKING:
    import pandas as pd

EDITION, LANGUAGE, SOURCE = "2023", "en", "real"
LANGUAGES = ("nl", "en")
SOURCES = ("real", "synthetic")
# What the monitor can be built in, each chapter from its own source (:func:`sources_of`). Another value would change
# nothing, and is refused until it does.
BUILT = {"language": LANGUAGES, "source": (SOURCE,)}

# What a chapter is computed from, in the words that its page shows.
SOURCE_CLASSES = {
    "published": "published figures, each with its source",
    "public": "real microdata that anyone may download",
    "synthetic": "synthetic data: it shows method, not the Netherlands",
}
RESTRICTED = "restricted"  # what such a chapter is computed from when it reads somebody's own files


@dataclass(frozen=True)
class Chapter:
    """A chapter: the stem of its notebook, its titles, what it is computed from, and what can be fetched for it.

    fetch : instrument, country and cycle of an open file, or None.
    reads_real : whether a synthetic chapter also runs on the real, restricted files, with the same code.
    """

    name: str
    title_nl: str
    title_en: str
    source_class: str
    fetch: tuple[str, str, int] | None = None
    reads_real: bool = False

    @property
    def source(self) -> str:
        """The source of the committed notebook."""
        return "synthetic" if self.source_class == "synthetic" else SOURCE


CHAPTERS = (
    Chapter("00_data_and_method", "Gegevens en methode", "Data and method", "synthetic"),
    Chapter(
        "01_development",
        "Hoe de leercultuur zich ontwikkelt",
        "How the learning culture develops",
        "synthetic",
        reads_real=True,
    ),
    Chapter("02_learning_behaviour", "Leergedrag", "Learning behaviour", "synthetic", reads_real=True),
    Chapter("03_urgency", "Urgentie", "Urgency", "synthetic", reads_real=True),
    Chapter("04_stimulating_factors", "Stimulerende factoren", "Stimulating factors", "synthetic", reads_real=True),
    Chapter(
        "05_drivers_of_informal_learning",
        "Wat drijft informeel leren",
        "What drives informal learning",
        "public",
        ("piaac", "nld", 1),
    ),
    Chapter(
        "05m_drivers_method",
        "Wat drijft informeel leren: de methode",
        "What drives informal learning: the method",
        "synthetic",
        reads_real=True,
    ),
    Chapter(
        "06_participation_gaps",
        "Groepen die minder meedoen",
        "Groups that take part less",
        "public",
        ("piaac", "nld", 1),
    ),
    Chapter(
        "06m_changing_gaps_method",
        "Verschillen die veranderen: de methode",
        "Changing gaps: the method",
        "synthetic",
        reads_real=True,
    ),
    Chapter(
        "07_self_employed_and_firm_size",
        "Zelfstandigen en bedrijfsgrootte",
        "The self-employed, and firm size",
        "synthetic",
        reads_real=True,
    ),
    Chapter("08_netherlands_in_piaac", "Nederland in PIAAC", "The Netherlands in PIAAC", "public", ("piaac", "nld", 1)),
    Chapter("09_published_figures", "Gepubliceerde cijfers", "What the published figures say", "published"),
    Chapter(
        "10_the_netherlands_among_countries",
        "Nederland tussen andere landen",
        "The Netherlands among countries",
        "public",
        ("piaac", "nld", 1),
    ),
)


def check_choices(edition: str, language: str, source: str | None, *, chapter: str | None = None) -> None:
    """Refuse an edition, language or source that does not exist, or in which monitor or chapter is not built."""
    edition_of(edition)
    check_option(language, "language", LANGUAGES)
    if source is None:
        return
    check_option(source, "source", SOURCES)
    built = BUILT | ({} if chapter is None else {"source": sources_of(chapter)})
    for option, value in (("language", language), ("source", source)):
        if value not in built[option]:
            raise DataError(
                f"{chapter or 'The monitor'} with {option} {value!r} is not built yet.",
                where=f"--{option} {value}",
                expected=", ".join(built[option]),
                todo=f"Leave --{option} out: what is built would be the same as without it.",
            )


def sources_of(name: str) -> tuple[str, ...]:
    """The sources that a chapter can be built from, that of the committed notebook first."""
    chapter = chapter_of(name)
    if chapter is None:
        return BUILT["source"]
    return (chapter.source, SOURCE) if chapter.reads_real else (chapter.source,)


def reads_restricted(name: str, source: str | None) -> bool:
    """Whether a chapter that shows method on synthetic data is told to read somebody's own files."""
    chapter = chapter_of(name)
    return chapter is not None and chapter.reads_real and source == SOURCE


def chapter_of(name: str) -> Chapter | None:
    """The chapter of this name, or None."""
    return next((chapter for chapter in CHAPTERS if chapter.name == name), None)


def chapters(edition: str = EDITION) -> pd.DataFrame:
    """The chapters of an edition, in order, and what each is computed from.

    Parameters
    ----------
    edition : str
        One of :func:`editions`.

    Returns
    -------
    DataFrame
        ``name`` (the notebook), ``title_nl``, ``title_en``, ``source_class`` (published, public or synthetic);
        ``numbers`` of the figures of the monitor that it shows, how many ``figures`` that are, and how many of them
        were ``seen`` or ``reconstructed``, are ``rebuilt``, ``published_only`` or ``not_available``; and
        ``lacking_nl``, ``lacking_en``: what a reader will not find. Chapters without figures of the monitor are this
        project's own.

    Raises
    ------
    DataError
        When the edition does not exist.

    See Also
    --------
    figures : The same, a row for each figure.

    Examples
    --------
    >>> from llo_research.monitor import chapters
    >>> chapters().set_index("name").loc["08_netherlands_in_piaac", "source_class"]
    'public'
    >>> chapters("2023").set_index("name").loc["03_urgency", ["seen", "reconstructed", "not_available"]].tolist()
    [3, 5, 1]
    """
    import pandas as pd

    chosen = edition_of(edition)
    rows = []
    for item in CHAPTERS:
        numbers = chosen.chapters.get(item.name, ())
        about = (item.name, item.title_nl, item.title_en, item.source_class, ", ".join(numbers))
        told = dict(zip(("name", "title_nl", "title_en", "source_class", "numbers"), about, strict=True))
        lacking = chosen.lacking.get(item.name, {"nl": "", "en": ""})
        figures = tuple(chosen.figures[number] for number in numbers)
        rows.append({**told, **counts(figures), "lacking_nl": lacking["nl"], "lacking_en": lacking["en"]})
    return pd.DataFrame(rows)
