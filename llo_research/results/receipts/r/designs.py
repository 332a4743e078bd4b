"""The sampling design in R: ``svydesign``, or ``svrepdesign`` of replicate weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llo_research.results.receipts.r import carried
from llo_research.results.receipts.r.words import formula, fresh, listed, name, text
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

_MANY = 2000  # sampling units; with fewer labels do no harm
_RETURNS = (
    "R has no design for waves that were drawn by themselves and share people. Here influence values are centred by "
    "stratum and wave and added up by unit, as in llo_research, but with one factor n / (n - 1) for all strata: "
    "standard errors are ours where strata have equal numbers of units, and else differ by less than 1 in twice the "
    "smallest of these."
)
_APART = (
    "R has no design for waves that were drawn by themselves and share people: here each wave is a sample of its own. "
    "Estimates of one wave have our standard errors; of a change the people who are in both waves are left out of "
    "account, so that its standard error is usually too large (too small where answers move against each other), and "
    "degrees of freedom over several waves are larger."
)
_CENTRES = (
    "The replicates of each survey of the stack have a centre of their own; R has one for all, so that standard errors "
    "differ."
)


def weight_of(told: Told) -> str | None:
    """The column of the weights; a file of a stack has them in one of its own."""
    return "stack_weight" if "stacked" in told.design else told.meta.get("weight")


def write(told: Told, script: Script) -> None:
    """`design`, before weighting steps."""
    script.part("The design.")
    weight = weight_of(told)
    if weight and told.halves:
        script.add(f"data${name(weight)}[is.na(data${name(weight)})] <- 0  # not asked")
    weights = f"weights = {formula([weight])}" if weight else "" if told.design.get("fpc") else "weights = ~1"
    if replicates := told.survey.get("replicates"):
        script.add(f"data${row_of(told)} <- seq_len(nrow(data))")
        if not weights:
            script.add(*_sampled("sampled", told, script, weights))
            weights = 'weights = weights(sampled, "sampling")'
        weights = "weights = rep(1, nrow(data))" if weights == "weights = ~1" else weights
        if replicates.get("parts") and not replicates["mse"]:
            script.note(_CENTRES)
        _replicated(told, script, replicates, weights)
        return
    script.add(*_sampled("design", told, script, weights))


def counted(told: Told, script: Script) -> None:
    """`sampled`, of which `degf` of some rows are the degrees of freedom of these rows."""
    replicates = told.survey.get("replicates")
    if replicates is None:
        script.add("sampled <- design")
        return
    if not replicates["from_design"]:
        return  # known before the design, which R would count in its own way first
    script.part("Degrees of freedom: steps add no sampling units, nor do more replicates than there are units.")
    script.add(
        *_sampled("sampled", told, script, 'weights = weights(design, "sampling")'),
        f"degf.svyrep.design <- function(design, ...) degf(sampled[design$variables${row_of(told)}, ])",
    )


def row_of(told: Told) -> str:
    """The column of row numbers in `data`."""
    return fresh(told, "row_number")


def _ranks(told: Told) -> list[str]:
    """Ranks of the replicate weights before weighting steps, survey by survey."""
    say = "# Degrees of freedom: the rank of the replicate weights of some rows, minus one; steps add none."
    if not told.survey["replicates"].get("parts"):
        return [
            say,
            "degf.svyrep.design <- function(design, ...)",
            f"  max(qr(base[design$variables${row_of(told)}, , drop = FALSE], tol = 1e-5)$rank - 1, 0)",
        ]
    made = told.survey["replicates"].get("parts_from_design") or []
    here = [text(own) for own, one in zip(told.design["stacked"], made, strict=False) if one]
    counted = [
        *listed("  if (one %in% c(", here, ")) {  # made of its sampling units, which count"),
        "    own <- design$variables[design$variables$survey %in% one, ]",
        "    return(length(unique(own$stack_psu)) - length(unique(own$stack_stratum)))",
        "  }",
    ]
    return [
        say,
        "degf.svyrep.design <- function(design, ...) sum(sapply(unique(survey_of), function(one) {",
        *(counted if here else ()),
        f"  rows <- design$variables${row_of(told)}[design$variables$survey %in% one]",
        "  if (length(rows)) max(qr(base[rows, seq_len(sum(survey_of == one))], tol = 1e-5)$rank - 1, 0) else 0",
        "}))",
        "# survey itself counts at every step, and takes minutes for the rank of the weights of all surveys at once",
        'assignInNamespace("degf.svyrep.design", degf.svyrep.design, "survey")',
    ]


def _sampled(made: str, told: Told, script: Script, weights: str) -> list[str]:
    """``made <- svydesign(...)``."""
    design = told.design
    ids, strata, fpc = (listed_names(design.get(role)) for role in ("psu", "strata", "fpc"))
    ids = ids or listed_names(design.get("unit"))
    if "stacked" in design:
        ends = ["", *(f"_{number}" for number in range(2, len(told.survey["fractions"]) + 1))]
        ids, strata = [f"stack_psu{end}" for end in ends], ["stack_stratum"]
        fpc = [f"stack_fpc{end}" for end, drawn in zip(ends, told.survey["fractions"], strict=True) if drawn]
    if len(fpc) < len(ids) and fpc:
        ids, open_end = ids[: len(fpc) + 1], fresh(told, "no_fpc")
        script.say("the next stage counts as drawn with replacement; R would stop before it")
        script.add(f"data${open_end} <- if (all(data${name(fpc[0])} <= 1)) 0 else Inf")
        fpc = [*fpc, open_end]
    if returns(told):
        script.note(_RETURNS)
        return _by_wave(ids[0], strata, weights)
    if told.survey.get("returns"):
        script.note(_APART)
    lonely = _lonely(told, script)
    options = [f"ids = {formula(ids) if ids else '~1'}"]
    if strata:
        crossed = f"~interaction({', '.join(map(name, strata))}, drop = TRUE)"
        options.append(f"strata = {formula(strata) if len(strata) == 1 else crossed}")
    options += [f"fpc = {formula(fpc)}"] if fpc else []
    options += [weights] if weights else []
    options.append("data = data")
    nested = ids and strata and (told.survey.get("nest", True) or told.survey.get("returns"))
    if "stacked" in design or not nested:  # the numbers of the units of a stack are each used once
        numbered = []
    else:
        options.append("nest = TRUE")
        numbered = [f"{made}$cluster[] <- lapply({made}$cluster, as.integer)  # R goes through labels for minutes"]
    return [
        f"options(survey.lonely.psu = {text(lonely)})",
        *listed(f"{made} <- svydesign(", options),
        *(numbered if (design.get("n_psu") or told.survey.get("rows") or 0) > _MANY else ()),
    ]


def returns(told: Told) -> bool:
    """Whether waves share people, and the script can add them up."""
    alone = "stacked" not in told.design and not told.design.get("fpc") and not told.survey.get("replicates")
    return bool(told.survey.get("returns")) and alone and not carried.has_room(told)


def _by_wave(column: str, strata: Sequence[str], weights: str) -> list[str]:
    """Waves drawn by themselves that share people, as near as R comes."""
    unit = f"data${name(column)}"
    return [
        *listed("design <- svydesign(", [f"ids = {formula([column])}", weights, "data = data"]),
        f"stratum <- with(data, as.integer(interaction({', '.join(map(name, strata))}, drop = TRUE)))",
        f"rows_of <- ave(rep(1, nrow(data)), {unit}, stratum, FUN = sum)  # of a unit in a stratum and wave",
        "size <- ave(1 / rows_of, stratum, FUN = sum)  # units in a stratum and wave",
        "centre <- structure(stratum, weights = 1 / rows_of, oldweights = 1 / rows_of)",
        "design$postStrata <- list(centre)  # as postStratify: deviations from the mean of stratum and wave",
        f"n <- length(unique({unit}))",
        "factor_of_all <- weighted.mean((size / (size - 1))[size > 1], (1 / rows_of)[size > 1])",
        "design$fpc$popsize <- matrix(n / (1 - factor_of_all * (n - 1) / n), nrow(data), 1)  # in place of n / (n - 1)",
        "degf.survey.design2 <- function(design, ...) {  # different units minus strata of all waves",
        "  here <- is.finite(design$prob)",
        f"  length(unique({unit}[here])) - length(unique(stratum[here]))",
        "}",
    ]


def _lonely(told: Told, script: Script) -> str:
    """The rule for strata with one unit."""
    rules = str(told.survey.get("lonely_psu", "error")).split(" / ")
    if told.survey.get("lonely") and "adjust" in rules:
        script.note(
            'survey before 4.2 does not centre totals under lonely.psu = "adjust": standard errors of totals are '
            "larger there; those of means are not touched."
        )
    together = "stacked" in told.design and bool({"adjust", "average"} & {*rules})
    if told.survey.get("lonely") and (together or len(rules) > 1):
        script.note(
            f"The surveys of the stack have their own rules for strata with one unit ({', '.join(rules)}); R has one "
            f"for the whole, {rules[0]!r} here: such strata may count differently."
        )
    return "fail" if rules[0] == "error" else rules[0]


def _replicated(told: Told, script: Script, replicates: Mapping[str, Any], weights: str) -> None:
    """A design of replicate weights."""
    number, rscales = replicates["n_replicates"], replicates["rscales"]
    factors = [f"  rscales = rep({text(rscales[0])}, {number}),"]
    if len(rscales) > 1:
        factors = listed("  rscales = c(", [text(value) for value in rscales], "),")
    script.add(*(_blocks(told) if replicates.get("parts") else _columns(replicates)))
    if not replicates["from_design"]:
        script.add(*_ranks(told))
    script.add(
        f"# weights made by {replicates['method']}; mse: deviations from the full sample's estimate",
        f"design <- svrepdesign({weights}, repweights = {'all_weights' if replicates.get('parts') else 'base'},",
        f'  data = data, type = "other", combined.weights = TRUE, scale = {text(replicates["scale"])},',
        *factors,
        f"  mse = {text(replicates['mse'])})",
        "sampled <- design",
    )


def _columns(replicates: Mapping[str, Any]) -> list[str]:
    """`base`: the replicate weights, columns of the file."""
    columns = replicates["columns"]
    if replicates.get("in_file", bool(columns)):
        named = listed("replicates <- c(", [text(own) for own in columns])
    else:
        named = [f'replicates <- paste0("replicate_", 1:{replicates["n_replicates"]})']
    return [*named, "base <- as.matrix(data[, replicates])"]


def _blocks(told: Told) -> list[str]:
    """`all_weights` of a stack: in the file each row has the replicate weights of its own survey, here `base`."""
    parts = told.survey["replicates"]["parts"]
    names = [text(own) for own in told.design["stacked"]]
    return [
        "# The file has of each row the replicates of its own survey; at those of others it has its full weight.",
        *listed("survey_of <- rep(c(", names, "),"),
        *listed("  c(", [str(own) for own in parts], "))  # of each replicate"),
        f'base <- as.matrix(data[, paste0("replicate_", 1:{max(parts)})])',
        "data <- data[, setdiff(names(data), colnames(base))]",
        "all_weights <- matrix(data$stack_weight, nrow(data), length(survey_of))",
        "for (one in unique(survey_of)) {",
        "  rows <- which(data$survey == one)",
        "  all_weights[rows, survey_of == one] <- base[rows, seq_len(sum(survey_of == one))]",
        "}",
    ]


def listed_names(value: Any) -> list[str]:
    """None, a name or a list as a list."""
    return [] if value is None else [value] if isinstance(value, str) else [str(item) for item in value]
