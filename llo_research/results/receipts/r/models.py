"""Generalised linear models in R: ``svyglm``, and ``glm`` for covariances that take the weights as given."""

from __future__ import annotations

from llo_research.results.receipts.r import covariances, linearised
from llo_research.results.receipts.r.formulas import InR
from llo_research.results.receipts.r.model_rows import joined, place_of, prepare, their_names
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

_FAMILIES = {
    "gaussian": ("gaussian", "gaussian"),
    "binomial": ("quasibinomial", "binomial"),
    "poisson": ("quasipoisson", "poisson"),
    "gamma": ("Gamma", "Gamma"),
}
# links whose Fisher scoring is Newton's method: the others come near the solution by a factor a step
_CANONICAL = ("gaussian identity", "binomial logit", "poisson log")
_CONTROL = "epsilon = 1e-15, maxit = 100"
_START = ["start = .(coef(fit))", _CONTROL]


def write(told: Told, script: Script) -> None:
    """`theta`, `V` and `df` of a generalised linear model."""
    model = prepare(told, script)
    script.part("The model. R stops where the deviance no longer moves, ours where no linear predictor does.")
    if told.call.get("vcov", "design") == "design":
        fit(told, script, model)
        place_of(script, their_names(told, model), "names(coef(fit))")
        script.add("theta <- coef(fit)[place]", "V <- vcov(fit)[place, place, drop = FALSE]")
        apart = linearised.counted_apart(told)
        if apart or told.linearised:
            linearised.people(told, script)
        if apart:
            script.say("replicates made of a design have its degrees of freedom; R takes the rank of their weights")
        own = f"{linearised.degrees(told)} + 1 - length(theta)" if apart else "fit$df.residual"
        script.add(f"df <- rep({own}, length(theta))")
        if told.linearised:
            _beside_others(told, script, model)
        return
    without_design(told, script, model)


def _beside_others(told: Told, script: Script, model: InR) -> None:
    """`u` or `reps`, for contrasts and joint results."""
    if linearised.replicated(told):
        found = "matrix(fit$replicates, ncol = length(theta))[, place, drop = FALSE]"
        if told.survey["replicates"].get("parts"):
            script.add("reps <- matrix(theta, length(survey_of), length(theta), byrow = TRUE)")
            script.add(f"reps[touched, ] <- {found}")
        else:
            script.add(f"reps <- {found}")
    else:
        linearised.matrix(script, model, their_names(told, model))
        script.add("b <- theta")
        influence(told, script, model)
        linearised.on_design(script, "z.b")
    linearised.left(told, script, "length(theta)")


def influence(told: Told, script: Script, model: InR) -> None:
    """`z.b`: the influence of the coefficients `b` of the columns `X`."""
    script.say("the influence of the coefficients: one more weight for a person moves them by so much")
    parts = model.right.split(" + offset(")
    script.add(f"off <- {'rep(0, n)' if len(parts) == 1 else f'with(persons, ({parts[1]})'}")
    script.add(f"family <- {family(told)}", f"y <- persons${model.response}")
    script.add("eta <- drop(X %*% b) + off", "mu <- family$linkinv(eta)", "d <- family$mu.eta(eta)")
    script.add("A <- crossprod(X, X * (w * d^2 / family$variance(mu)))")
    script.add("z.b <- (X * ((y - mu) * d / family$variance(mu))) %*% solve(A)")


def family(told: Told, quasi: bool = True) -> str:
    """R's family, of link and name of the model."""
    kind, link = str(told.meta["family"]), str(told.meta["link"])
    return f'{_FAMILIES[kind][0 if quasi else 1]}("{link}")'


def canonical(told: Told) -> bool:
    """Whether R's iterations are Newton's."""
    return f"{told.meta['family']} {told.meta['link']}" in _CANONICAL


def fit(told: Told, script: Script, model: InR) -> None:
    """`fit` by svyglm."""
    chosen = (
        "" if told.meta["family"] == "gaussian" and told.meta["link"] == "identity" else f", family = {family(told)}"
    )
    replicates = ", return.replicates = TRUE" if told.survey.get("replicates") else ""
    formula_of(script, model)
    design = "domain"
    if (told.survey.get("replicates") or {}).get("parts"):
        design = "few"
        script.say("replicates of a survey that none of these people is of leave their weights, and the model, alone")
        script.add(
            "touched <- survey_of %in% domain$variables$survey",
            "few <- domain",
            "few$repweights <- domain$repweights[, touched]",
            "few$rscales <- domain$rscales[touched]",
        )
    script.add(f"fit <- svyglm(model, design = {design}{chosen}{replicates}, {_CONTROL})")
    _again(told, script, f"svyglm(model, design = {design}{chosen}{replicates}")


def formula_of(script: Script, model: InR) -> None:
    """`model`: the formula in R."""
    script.add(*joined(f"model <- {model.response} ~ ", model.right.split(" + "), " + ", ""))


def _again(told: Told, script: Script, call: str) -> None:
    """Iterate on where R's criterion stops short."""
    if canonical(told):
        return
    script.say("this link is not the canonical one: the deviance is still long before the coefficients are")
    script.add("for (again in 1:10)", *joined(f"  fit <- eval(bquote({call}, ", _START, ", ", ")))"))


def without_design(told: Told, script: Script, model: InR) -> None:
    """`theta`, `V`, `df` of a fit that takes the weights as given."""
    script.need("sandwich")
    script.add('persons <- cbind(domain$variables, given = weights(domain, "sampling"))')
    script.add("persons <- persons[persons$given > 0, ]", "persons$given <- persons$given / mean(persons$given)")
    formula_of(script, model)
    call = f"glm(model, family = {family(told, quasi=False)}, data = persons, weights = given"
    script.add("suppressWarnings({  # weights that are no counts", f"fit <- {call}, {_CONTROL})")
    _again(told, script, call)
    script.add("})")
    place_of(script, their_names(told, model), "names(coef(fit))")
    script.add("theta <- coef(fit)[place]", "n <- nrow(persons)", "k <- length(theta)")
    if told.linearised:
        linearised.left(told, script, "k")
    if told.call.get("vcov") == "iid":
        script.add("V <- vcov(fit)[place, place, drop = FALSE]", "df <- rep(n - k, length(theta))")
        return
    script.add("scores <- estfun(fit)[, place, drop = FALSE]")
    script.add("bread <- (bread(fit) / n)[place, place, drop = FALSE]")
    covariances.write(told, script)
