"""Whether gaps narrowed by what one group did, in R: four means of each cell, their differences, the statement."""

from __future__ import annotations

from llo_research.results.receipts.narrowing import NARROWING
from llo_research.results.receipts.r import cells, smooth
from llo_research.results.receipts.r.two_groups import group_of
from llo_research.results.receipts.r.words import listed, name, text
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

_ROWS = [f"  {name} = c({', '.join(map(str, own))})," for name, own in NARROWING.items()]
_DIFFERENCES = ("C <- rbind(", *_ROWS[:-1], _ROWS[-1].removesuffix(",") + ")")


def write(told: Told, script: Script) -> None:
    """`theta`, `V` and `df` of the differences of each cell."""
    by, time, variable = list(told.meta["by"]), str(told.call["time"]), told.listed("variable")[0]
    by = [column for column in by if column != time]
    smooth.people(told, script)
    script.part("The four groups of each cell: of at the base and later, minus at the base and later.")
    of, minus = (group_of(told, side) for side in ("of", "minus"))
    base, later = (_time(told, time, value) for value in _two(told))
    script.add(
        f"side <- ifelse({of}, 0, ifelse({minus}, 2, NA))",
        f"when <- match(as.character(data${name(time)}), as.character(c({base}, {later})))",
        "place <- side + when",
        f"keys <- unique({cells.pasted(by, 'rows$')})",
        f"cell <- match(with(data, {cells.pasted(by)}), keys)",
    )
    columns = list(dict.fromkeys([variable, *by]))
    script.add(*listed("known <- complete.cases(data[c(", [text(column) for column in columns], ")])"))
    script.add(
        "used <- inside & known & !is.na(place) & !is.na(cell)",
        "cell[!used] <- 0",
        f"y <- ifelse(used, as.numeric(data${name(variable)}), 0)",
        "D <- outer(ifelse(used, place, 0), 1:4, `==`)",
        "influence <- function(k, at) (cell == k) * cbind(D, y * D)",
        "numbers <- function(k, w) colSums(w * influence(k))",
        "blocks <- as.list(seq_along(keys))",
    )
    script.part("Differences of these four means, in the order of `rows`.")
    script.add(*_DIFFERENCES, "pieces <- function(at) drop(C %*% (at[5:8] / at[1:4]))")
    smooth.estimates(told, script)
    script.say("degrees of freedom: of the people of the means that each difference is of")
    script.add(
        "of_row <- function(k, r) used & cell == k & place %in% which(C[r, ] != 0)",
        "pairs <- expand.grid(r = seq_len(nrow(C)), k = seq_along(keys))",
        "df <- mapply(function(k, r) degf(sampled[of_row(k, r), ]), pairs$k, pairs$r)",
    )
    if told.linearised:
        script.add("people <- mapply(of_row, pairs$k, pairs$r)")
    smooth.picked(told, script, by, [*NARROWING], "rows$measure")


def _two(told: Told) -> tuple[object, object]:
    """The base and the later time."""
    base = told.meta["base"]
    later = next(time for time in told.meta["times"] if time != base)
    return base, later


def _time(told: Told, time: str, value: object) -> str:
    """A time as R compares it."""
    number = isinstance(value, int | float) and not told.is_category(time)
    return text(value if number else str(value))


def statement(told: Told) -> list[str]:
    """Lines that make the statement from `theta`, `std_error` and `df`: the largest of three one-sided p-values."""
    sign = "1" if told.call["because"] == "of" else "-1"
    script = Script("#")
    script.part("The statement: the gap is smaller, not as large the other way, and by the group that is named.")
    by = [column for column in told.meta["by"] if column != str(told.call["time"])]
    columns = ", ".join(f"{name(column)} = answer${name(column)}[here]" for column in by)
    script.add(
        "below <- function(measure, sign) {",
        "  i <- answer$measure == measure",
        "  pt(sign * answer$estimate[i] / answer$std_error[i], answer$df[i])",
        "}",
        f'p <- pmax(below("gap_change", 1), below("gap_sum", -1), below("change_both", {sign}))',
        'here <- answer$measure == "gap_change"',
        f'statement <- data.frame({columns}, p_value = p, p_adjusted = p.adjust(p, "holm"), check.names = FALSE)',
        f"statement$holds <- statement$p_adjusted <= 1 - {text(told.level)}",
        "print(statement, digits = 8, row.names = FALSE)",
        "max(p)  # in all cells at once",
    )
    return script.lines
