"""What saving asks of a figure: the picture, the numbers behind it, and the same in words."""

from __future__ import annotations

from typing import Any, Protocol

import pandas as pd

from llo_research.report.content.content import Content


class Picture(Protocol):
    """A figure as far as files of it go."""

    @property
    def content(self) -> Content:
        """The rows drawn."""

    @property
    def title(self) -> str:
        """The finding."""

    @property
    def alt_text(self) -> str:
        """The figure in words."""

    @property
    def frame(self) -> pd.DataFrame:
        """The numbers drawn."""

    def plot(self) -> Any:
        """A new matplotlib Figure."""
