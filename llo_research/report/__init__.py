"""Tables and figures of any result, in Dutch or English, with interval, source and notes."""

from llo_research.report.figures import Figure, figure
from llo_research.report.tables import Table, table

__all__ = ["Figure", "Table", "figure", "table"]
