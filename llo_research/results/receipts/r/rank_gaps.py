"""Gaps between the ends of a ranking in R: linearised variables, or the gap at each replicate."""

from __future__ import annotations

from llo_research.results.receipts.r import cells
from llo_research.results.receipts.r.totals import linearised
from llo_research.results.receipts.r.words import name, text
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

_END = """# the mean of the people with the lowest (sign 1) or highest (sign -1) ranks that make up the share (the class
# on the border counts in part), and its linearised variable
end <- function(y, order, w, sign) {
  class <- match(sign * order, sort(unique(sign * order)))
  size <- tapply(w, class, sum)
  sums <- tapply(w * y, class, sum)
  wanted <- share * sum(w)
  border <- sum(cumsum(size) < wanted * (1 - 1e-12)) + 1
  before <- sum(size[seq_len(border - 1)])
  part <- ifelse(class < border, 1, ifelse(class == border, (wanted - before) / size[border], 0))
  own <- sums[border] / size[border]
  mean <- (sum(sums[seq_len(border - 1)]) + (wanted - before) * own) / wanted
  list(mean = unname(mean), u = part * (y - own) / wanted + (own - mean) / sum(w))
}""".splitlines()


def write(told: Told, script: Script) -> None:
    """`theta`, `V` and `df` of highest minus lowest."""
    variables, by, rank = told.listed("variable"), told.listed("by"), str(told.call["rank"])
    made = cells.columns_of(told, variables)
    script.part("The ends of the ranking in each cell, of people with a known answer and rank.")
    cells.cell_column(told, script, by, [cells.known([*variables, rank, *by])])
    cells.numbers(told, script, made)
    script.add(
        f"at <- rep_len({cells.pasted(by, 'rows$')}, nrow(rows))",
        f"column <- {cells.columns_vector(cells.columns_by_row(told, made))}",
        f"order <- as.numeric(data${name(rank)})",
        f"share <- {text(float(told.call['share']))}",
        'people <- sapply(at, function(own) cell %in% own) & weights(design, "sampling") != 0',
        *_END,
        "ends <- function(w, what) sapply(seq_along(at), function(j) {",
        "  own <- people[, j]",
        "  high <- end(y[own, column[j]], order[own], w[own], -1)",
        "  low <- end(y[own, column[j]], order[own], w[own], 1)",
        '  if (what == "gap") return(high$mean - low$mean)',
        "  replace(numeric(nrow(data)), which(own), high$u - low$u)",
        "})",
    )
    linearised(told, script, 'ends(w, "gap")', 'ends(w, "u")')
    cells.freedom(told, script)
