"""The monitor: its chapters, the notebooks behind them, and the site they are read in."""

from llo_research.monitor.chapters import chapters, editions

__all__ = ["chapters", "editions"]
