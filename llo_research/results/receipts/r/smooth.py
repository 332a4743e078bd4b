"""Statistics that R has no function for: smooth functions of numbers whose influence values are known.

A writer emits, after :func:`people`, three functions of R and a list, and ends with :func:`estimates`:

    numbers(cell, w)      what the parts of a cell are a function of, at the weights w (of each row of the design)
    influence(cell, at)   (rows of the design x numbers) what each person, counted once, adds to each; 0 for others
    pieces(at)            the estimates of a block from the numbers of its cells, one cell after the other; it is also
                          called with complex numbers, so no abs, max, pnorm or comparison of them
    blocks                list of numbers of cells, one entry for each block of `rows`, all blocks of equal length

The errors of functions are those of the totals of their influence values on the whole design, which is right for
strata, clusters, finite populations and calibrated weights; on replicate weights the parts are computed again.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from llo_research.results.receipts.r.opening import inside
from llo_research.results.receipts.r.words import listed, name, text
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

_SLOPES = (
    "slopes <- function(f, at) {",
    "  step <- function(j) Im(f(replace(at + 0i, j, at[j] + 1e-100i))) / 1e-100",
    "  matrix(sapply(seq_along(at), step), ncol = length(at))",
    "}",
)
# from `u` and `pieces_at`
COVARIANCE = ("theta <- pieces_at(w)", "V <- as.matrix(vcov(svytotal(u, design)))")


def people(told: Told, script: Script) -> None:
    """`w` and `inside`: the weights of all rows of the design, and which rows are of the domain."""
    script.part("All rows of the design, their weights, and who of them is of the domain.")
    here = inside(told)
    script.add('w <- weights(design, "sampling")')
    script.add("inside <- w != 0" if here == "TRUE" else f"inside <- w != 0 & with(data, ({here}) %in% TRUE)")


def slopes(script: Script) -> None:
    """`slopes(f, at)`: the matrix of derivatives of a function of R in the numbers `at`; once in a script."""
    if _SLOPES[0] in script.lines:
        return
    script.part("Derivatives without rounding: the imaginary part of f where one number has a step of 1e-100 i.")
    script.add(*_SLOPES)


def estimates(told: Told, script: Script) -> None:
    """`theta` and `V` of `pieces` over `blocks`; `u` are its influence values, `pieces_at(w)` is it at any weights."""
    if told.survey.get("replicates"):
        script.part("The parts, computed again at every set of replicate weights.")
    else:
        slopes(script)
        script.part("The parts, and their covariance: that of the totals of u, what each person adds to them.")
    script.add(
        "pieces_at <- function(w) unlist(lapply(blocks, function(b) pieces(unlist(lapply(b, numbers, w = w)))))",
    )
    if told.survey.get("replicates"):
        replicated(told, script)
        return
    script.add(
        "u_of <- function(b) {",
        "  at <- lapply(b, numbers, w = w)",
        "  do.call(cbind, Map(influence, b, at)) %*% t(slopes(pieces, unlist(at)))",
        "}",
        "u <- do.call(cbind, lapply(blocks, u_of))",
        *COVARIANCE,
    )


def replicated(told: Told, script: Script) -> None:
    """`theta`, `V` and `reps` of `pieces_at(w)` at every set of replicate weights."""
    if told.survey["replicates"].get("parts"):
        script.say("replicates of a survey that none of these people is of leave their weights, and the parts, alone")
        script.add(
            'theta <- pieces_at(weights(design, "sampling"))',
            "reps <- matrix(theta, length(survey_of), length(theta), byrow = TRUE)",
            "for (r in which(survey_of %in% data$survey[used])) reps[r, ] <- pieces_at(all_weights[, r])",
            "V <- svrVar(reps, design$scale, design$rscales, mse = design$mse, coef = theta)",
            "V <- matrix(V, length(theta))",
        )
        return
    script.add(
        "made <- withReplicates(design, function(w, data) pieces_at(w), return.replicates = TRUE)",
        "theta <- as.vector(coef(made))",
        "reps <- matrix(made$replicates, ncol = length(theta))",
        "V <- as.matrix(vcov(made))",
    )


def degrees(told: Told, script: Script, rows: str = "used & cell %in% b") -> None:
    """`df`: sampling units minus strata among the people of each block (`b`, its cells); `people` where it is asked."""
    script.add(
        "k <- length(theta) / length(blocks)",
        f"df <- rep(sapply(blocks, function(b) degf(sampled[{rows}, ])), each = k)",
    )
    if told.linearised:
        script.add(
            f"people <- sapply(blocks, function(b) {rows})[, rep(seq_along(blocks), each = k), drop = FALSE]",
        )


def lines_of(told: Told) -> pd.DataFrame:
    """Component and term of the rows of one block, all of them: a contrast is taken of some only."""
    lines = pd.DataFrame(told.meta["lines"], columns=["component", "term"])
    whole = ~lines["component"].isin(["mean_of", "mean_minus"])
    return lines[whole].reset_index(drop=True) if told.meta.get("shares") else lines


def picked(told: Told, script: Script, columns: Sequence[str], lines: Sequence[str], key: str) -> None:
    """The estimates of `rows` out of those of all lines of all blocks, where only some are asked for.

    columns : of `rows` that tell the blocks. lines : what tells the rows of a block; key : the same of `rows`.
    """
    blocks = len(told.rows[list(columns)].drop_duplicates()) if columns else 1
    if len(told.rows) == blocks * len(lines):
        return
    own = pasted("rows", columns) if columns else 'rep("", nrow(rows))'
    script.part("The rows that are asked for.")
    script.add(
        *listed("lines <- c(", [text(line) for line in lines]),
        f"lines_there <- as.vector(t(outer(unique({own}), lines, paste)))",
        f"place <- match(paste({own}, {key}), lines_there)",
        "theta <- theta[place]",
        "V <- V[place, place, drop = FALSE]",
        "df <- df[place]",
    )
    if told.linearised:
        script.add("people <- people[, place, drop = FALSE]")
        left = "reps" if told.survey.get("replicates") else "u"
        script.add(*([] if told.call.get("vcov") == "delta" else [f"{left} <- {left}[, place, drop = FALSE]"]))


def pasted(frame: str, columns: Sequence[str]) -> str:
    """Columns of a frame in one text, as R pastes them."""
    return f"paste({', '.join(f'as.character({frame}${name(column)})' for column in columns)})"


def finished(told: Told, script: Script, columns: Sequence[str], people: str = "used & cell %in% b") -> None:
    """Degrees of freedom, and of the estimates the rows that are asked for; `people` of a block in R."""
    degrees(told, script, people)
    lines = lines_of(told)
    named = (lines["component"].ne("")).any()
    words = (lines["component"] + " " + lines["term"]).str.strip().tolist()
    picked(told, script, columns, words, "paste(rows$component, rows$term)" if named else "rows$term")
