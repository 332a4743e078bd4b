"""How strong an omitted variable would have to be, as a table: a row for each measure and each benchmark."""

from __future__ import annotations

from dataclasses import replace

from llo_research.report.content.sensitivity import sensitivity_content
from llo_research.report.tables.grid import Table, table_of_content
from llo_research.results.rules import AUTO
from llo_research.results.sensitivity import Sensitivity

_DECIMALS = 2  # beyond those of percentages: shares of variance are small


def sensitivity_table(found: Sensitivity, digits: int, language: str, disclosure: str = AUTO) -> Table:
    """The table: what each number is, the benchmark, how many times as strong, the number."""
    content = sensitivity_content(found, digits + _DECIMALS, language, disclosure)
    return replace(table_of_content(content), row_heads=len(content.names.columns))
