"""Variances of what R has no function for: by the total of linearised variables, by replicates, by clusters."""

from __future__ import annotations

from llo_research.results.receipts.r import covariances
from llo_research.results.receipts.r.formulas import InR
from llo_research.results.receipts.r.model_rows import joined
from llo_research.results.receipts.r.words import text
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

UNDEFINED = "if (anyNA(reps)) V[] <- NA  # a replicate without a solution leaves no variance"


def replicated(told: Told) -> bool:
    """Whether the variance is that of replicate weights."""
    return bool(told.survey.get("replicates")) and told.call.get("vcov", "design") == "design"


def on_design(script: Script, z: str) -> None:
    """`u`: influence `z` of the rows of the model in the rows of the whole design."""
    script.say("linearised variables, 0 outside the domain: their total in the whole design has the variance")
    script.add(f"u <- matrix(0, nrow(design$variables), ncol({z}))")
    script.add(f"u[match(rownames(persons), rownames(design$variables)), ] <- {z}")


def left(told: Told, script: Script, k: str) -> None:
    """What contrasts and joint results ask for beside `u` or `reps`: whom estimates rest on, what they take of df."""
    script.add("people <- matrix(rownames(data) %in% rownames(persons), nrow(data), length(theta))")
    script.add(f"taken <- rep({'0' if k == '0' else f'{k} - 1'}, length(theta))")


def counted_apart(told: Told) -> bool:
    """Whether degrees of freedom are not those of R's replicate weights: of weights made here, or after a step."""
    replicates = told.survey.get("replicates") or {}
    return bool(replicates) and bool(told.steps or replicates.get("from_design"))


def degrees(told: Told, *, fewer: bool = False) -> str:
    """R's words for the degrees of freedom of the design among `people`, who may be `fewer` than those of `domain`."""
    if not counted_apart(told):
        return "degf(domain[rownames(domain$variables) %in% rownames(persons), ])" if fewer else "degf(domain)"
    return "degf(sampled[rownames(data) %in% rownames(persons), ])"


def people(told: Told, script: Script) -> None:
    """`persons`: the rows of the model; `w`: their weights; `W`: their replicate weights."""
    script.add('w <- weights(domain, "sampling")', "persons <- domain$variables[w > 0, ]")
    if replicated(told):
        script.add('W <- weights(domain, "analysis")[w > 0, ]')
    script.add("w <- w[w > 0]", "n <- nrow(persons)")


def matrix(script: Script, model: InR, names: list[str], of: str = "persons") -> None:
    """`X`: the columns of the formula, as the result has them."""
    right = model.right.split(" + offset(")[0]
    script.add(*joined("X <- model.matrix(~ ", right.split(" + "), " + ", f", {of})"))
    script.add(*joined("X <- X[, c(", [text(one) for one in names], ", ", "), drop = FALSE]"))


def spread(told: Told, script: Script, k: str = "k", factor_k: str | None = None, *, fewer: bool = False) -> None:
    """`V` and `df` of `theta`: from `z`, the derivatives in each weight, or `estimate(w)` at the replicates.

    k : R's words for the coefficients that take a degree of freedom. factor_k : those in a factor of clusters. fewer :
    whether `persons` are not all of `domain`.
    """
    vcov = told.call.get("vcov", "design")
    if vcov == "iid":
        raise ValueError("the classical covariance is that of coefficients")
    if vcov != "design":
        script.add("scores <- w * z", "bread <- diag(ncol(z))")
        covariances.write(told, script, factor_k or k)
    elif replicated(told):
        script.add("reps <- matrix(apply(W, 2, estimate), ncol = length(theta), byrow = TRUE)")
        script.add("V <- svrVar(reps, design$scale, design$rscales, mse = design$mse, coef = theta)")
        script.add("V <- matrix(V, length(theta))", UNDEFINED)
    else:
        on_design(script, "z")
        script.add("V <- matrix(vcov(svytotal(u, design)), ncol(z))")
    if told.linearised:
        left(told, script, k)
    if vcov == "design":
        less = "" if k == "0" else f" + 1 - {k}"
        script.add(f"df <- rep({degrees(told, fewer=fewer)}{less}, length(theta))")
