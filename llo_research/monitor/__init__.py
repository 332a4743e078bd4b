"""The monitor: its editions, figures, indicators and groups; the notebooks behind it, and the site they are read in."""

from llo_research.monitor.approximate import approximate_intervals
from llo_research.monitor.asked import asked
from llo_research.monitor.beside import beside
from llo_research.monitor.beside_truth import beside_truth, held
from llo_research.monitor.chapter_results import results
from llo_research.monitor.chapters import chapters
from llo_research.monitor.columns import with_columns
from llo_research.monitor.editions import editions, read_edition, tally
from llo_research.monitor.figures import estimates, figure, figures
from llo_research.monitor.groups import group
from llo_research.monitor.indicators import indicator
from llo_research.monitor.lacking import lacking
from llo_research.monitor.latest import latest
from llo_research.monitor.listing import listing
from llo_research.monitor.margins import margins
from llo_research.monitor.opening import opening
from llo_research.monitor.practice import practice
from llo_research.monitor.printed import (
    printed,
    printed_difference,
    printed_gap,
    printed_rates,
    printed_together,
)
from llo_research.monitor.published_index import published_index
from llo_research.monitor.sources import sources
from llo_research.monitor.surveys import surveys
from llo_research.monitor.true_values import population, true_values
from llo_research.monitor.undated import undated

__all__ = [
    "approximate_intervals",
    "asked",
    "beside",
    "beside_truth",
    "chapters",
    "editions",
    "estimates",
    "figure",
    "figures",
    "group",
    "held",
    "indicator",
    "lacking",
    "latest",
    "listing",
    "margins",
    "opening",
    "population",
    "practice",
    "printed",
    "printed_difference",
    "printed_gap",
    "printed_rates",
    "printed_together",
    "published_index",
    "read_edition",
    "results",
    "sources",
    "surveys",
    "tally",
    "true_values",
    "undated",
    "with_columns",
]
