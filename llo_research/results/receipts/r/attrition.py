"""Weights for those who stay in a panel, in R."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llo_research.results.receipts.r.adjustments import right_side
from llo_research.results.receipts.r.calibrations import others
from llo_research.results.receipts.r.words import name, text
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

_WAVES = """
first <- used & wave == ave(ifelse(used, wave, Inf), who, FUN = min)
before <- match(paste(who, wave - 1), ifelse(used, paste(who, wave), NA))  # the person's row one wave before
there <- first  # and not after a return
for (t in seq_len(max(wave[used]))) {
  now <- used & wave == t & !first
  there[now] <- there[before[now]] %in% TRUE
}
along <- function(x) {  # sums over the person's earlier rows
  out <- x * 0
  for (t in seq_len(max(wave[used]))) {
    now <- which(there & !first & wave == t)
    out[now, ] <- out[before[now], ] + x[before[now], ]
  }
  out
}
chance <- function(w) {  # fitted, to stay
  p <- rep(1, length(w))
  p[asked] <- glm.fit(z, stays[asked], w[asked] / mean(w[asked]), family = quasibinomial(),
    control = list(epsilon = 1e-14, maxit = 100))$fitted.values
  p
}
stayed <- function(w, full) ifelse(used, ifelse(there, w * exp(-along(cbind(log(chance(w))))[, 1]), 0), w)
"""


def write(told: Told, script: Script, step: Mapping[str, Any]) -> None:
    """`design` with weights over the product of the chances to have stayed until then."""
    left, right = step["formula"].split("~")
    unit, time = (f"data${name(str(told.design[role]))}" for role in ("unit", "time"))
    script.add(
        'w <- weights(design, "sampling")',
        f"used <- w > 0{f' & !({others(step)})' if 'survey' in step else ''}",
        f"who <- {unit}",
        f"wave <- match({time}, sort(unique({time}[used])))",
        *_WAVES.strip().splitlines(),
        "asked <- there & wave < max(wave[used])",
        f"stays <- (data${name(left.strip().strip('`'))} == 1) %in% TRUE",
        f"z <- model.matrix(~ {right_side(right)}, data[asked, ])",
        "Z <- matrix(0, nrow(data), ncol(z))",
        "Z[asked, ] <- z",
    )
    if told.survey.get("replicates"):
        script.add("design <- after_step(design, stayed)")
        return
    script.add(
        "p <- chance(w)",
        f"stopifnot(abs(min(p[asked & stays]) - {text(step['smallest_probability'])}) < 1e-8)  # the same model",
        "design <- handed_on(design, stayed(w, w), along(Z * (1 - p)), -w * (stays - p) * Z * asked,",
        "  crossprod(Z, Z * w * p * (1 - p)))",
    )
