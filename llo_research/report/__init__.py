"""Tables, figures and sentences of any result, in Dutch or English, with interval, source and notes."""

from llo_research.report.directions import directions
from llo_research.report.disclosure.attack import attack
from llo_research.report.disclosure.check import check_disclosure
from llo_research.report.disclosure.export import export
from llo_research.report.figures.figure import Figure
from llo_research.report.figures.figures import figure
from llo_research.report.sentence import sentence
from llo_research.report.sentences import Sentences, sentences
from llo_research.report.tables.grid import Table
from llo_research.report.tables.tables import table
from llo_research.report.tables.workbooks import workbook

__all__ = [
    "Figure",
    "Sentences",
    "Table",
    "attack",
    "check_disclosure",
    "directions",
    "export",
    "figure",
    "sentence",
    "sentences",
    "table",
    "workbook",
]
