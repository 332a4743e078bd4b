"""Tables, figures and sentences of any result, in Dutch or English, with interval, source and notes."""

from llo_research.report.figures.figures import Figure, figure
from llo_research.report.sentences import Sentences, sentences
from llo_research.report.tables.tables import Table, table
from llo_research.report.tables.workbooks import workbook

__all__ = ["Figure", "Sentences", "Table", "figure", "sentences", "table", "workbook"]
