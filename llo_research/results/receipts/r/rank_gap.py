"""Gaps between the highest and the lowest share of a ranking in R."""

from __future__ import annotations

from llo_research.results.receipts.r import cells, smooth
from llo_research.results.receipts.r.words import listed, name, text
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

_END = (
    "end <- function(place, y, w) {  # mean of the first share, and what each person adds to it",
    "  classes <- rowsum(cbind(w, w * y), place)",
    "  wanted <- share * sum(w)",
    "  b <- which(cumsum(classes[, 1]) >= wanted * (1 - 1e-12))[1]  # the class in which the share ends",
    "  border <- sort(unique(place))[b]",
    "  part <- (wanted - sum(classes[seq_len(b - 1), 1])) / classes[b, 1]",
    "  counts <- ifelse(place < border, 1, ifelse(place == border, part, 0))",
    "  m <- sum(w * counts * y) / wanted",
    "  own <- classes[b, 2] / classes[b, 1]",
    "  list(mean = m, u = counts * (y - own) / wanted + (own - m) / sum(w))",
    "}",
    "of_row <- function(j, w) {",
    "  i <- which(cell %in% at[j] & w != 0)",
    "  high <- end(-rank[i], values[i, column[j]], w[i])",
    "  low <- end(rank[i], values[i, column[j]], w[i])",
    "  u <- numeric(length(w))",
    "  u[i] <- high$u - low$u",
    "  list(gap = high$mean - low$mean, u = u)",
    "}",
)


def write(told: Told, script: Script) -> None:
    """`theta`, `V` and `df` of gaps between the ends of a ranking."""
    script.note(
        "R has no gap between the ends of a ranking: means of the first and the last share of people, those of the "
        "class in which it ends in part; the errors by linearised variables that hold this class, or at the replicates."
    )
    variables, by, rank = told.listed("variable"), list(told.meta["by"]), str(told.call["rank"])
    smooth.people(told, script)
    script.part("The ranking, the variables and the cells, where all answers are known.")
    if told.is_category(rank):
        script.add(f"rank <- as.numeric(data${name(rank)})")
    else:
        script.add(f"rank <- data${name(rank)}")
    columns = [text(column) for column in dict.fromkeys([*variables, rank, *by])]
    script.add(*listed("known <- complete.cases(data[c(", columns, ")])"))
    script.add("used <- inside & known")
    script.add(f"cell <- {f'with(data, {cells.pasted(by)})' if by else 'rep(' + text('all') + ', nrow(data))'}")
    script.add("cell[!used] <- NA")
    made = cells.columns_of(told, variables)
    cells.numbers(told, script, made)
    script.add("values <- y")
    script.add(f"at <- rep_len({cells.pasted(by, 'rows$')}, nrow(rows))")
    script.add(f"column <- {cells.columns_vector(cells.columns_by_row(told, made))}")
    script.part(f"The gap of each row: the highest {told.call['share']:g} minus the lowest.")
    script.add(f"share <- {text(told.call['share'])}", *_END)
    script.add("pieces_at <- function(w) sapply(seq_along(at), function(j) of_row(j, w)$gap)")
    if told.survey.get("replicates"):
        smooth.replicated(script)
    else:
        script.add("u <- sapply(seq_along(at), function(j) of_row(j, w)$u)", *smooth.COVARIANCE)
    script.add("df <- sapply(at, function(own) degf(sampled[cell %in% own, ]))")
    if told.linearised:
        script.add("people <- sapply(at, function(own) cell %in% own)")
