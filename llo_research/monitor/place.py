"""Where one combination of edition, language and source is built, below ``build`` of the project."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from llo_research.monitor.chapters import EDITION, LANGUAGE, SOURCE, sources_of
from llo_research.monitor.notebooks.stamps import Stamps


@dataclass(frozen=True)
class Place:
    """A combination of edition, language and source, and its folder.

    real : whether a chapter on synthetic data reads the real, restricted files; else each chapter has its own source.
    alone : the source of the one chapter that is built here; that of a whole monitor is ``real``, as its sites are.
    """

    root: Path
    edition: str
    language: str
    real: bool = False
    alone: str = SOURCE

    @property
    def is_default(self) -> bool:
        """Whether it is the combination whose notebooks are committed."""
        return (self.edition, self.language, self.real) == (EDITION, LANGUAGE, False)

    @property
    def folder(self) -> Path:
        """``build``, ``build/<edition>/<language>/<source>``, or that below ``build/restricted``."""
        build = self.root / "build"
        if self.is_default:
            return build
        return (build / "restricted" if self.real else build) / self.edition / self.language / self.alone

    def parameters(self, name: str) -> dict[str, str]:
        """What a notebook is told."""
        sources = sources_of(name)
        source = SOURCE if self.real and SOURCE in sources else sources[0]
        return {"edition": self.edition, "language": self.language, "source": source}

    def notebook(self, name: str) -> Path:
        """Where the executed copy of a notebook goes."""
        return self.folder / "notebooks" / f"{name}.ipynb"

    def receipts(self, name: str) -> Path:
        """Where the receipts of what it shows stand, beside it."""
        return self.notebook(name).with_suffix(".receipts.json")

    def stamps(self) -> Stamps:
        """What was made here, and from what."""
        return Stamps(self.folder / "stamps.json")


def folder_of_site(root: Path, edition: str, language: str | None, real: bool = False) -> Path:
    """Where a site goes with its sources and stamps: one of both languages, or of one.

    ``build`` or ``build/<edition>`` for both languages; ``build/<edition>/<language>/real`` for one. One that was made
    from restricted files stands below ``build/restricted``, always in the folder of its edition.
    """
    build = root / "build" / "restricted" if real else root / "build"
    if language is None:
        return build if edition == EDITION and not real else build / edition
    return build / edition / language / SOURCE
