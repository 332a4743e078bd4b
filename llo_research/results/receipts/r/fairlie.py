"""Fairlie's parts in R: people paired by the rank of their predictions, terms swapped in all orders."""

from __future__ import annotations

from llo_research.results.receipts.r import term_maps
from llo_research.results.receipts.r.words import vector
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told

WHY = (
    "R has no Fairlie decomposition of survey data: the script pairs weighted people rank by rank and takes each "
    "term's mean effect over all orders in which terms may be swapped, where Fairlie's programs draw pairs and orders "
    "at random. The errors are those of linearised variables on the whole design."
)
_SETS = (
    "masks <- as.matrix(expand.grid(rep(list(0:1), K)))  # sets of terms",
    "size <- rowSums(masks)",
    "weight <- function(s) factorial(s) * factorial(pmax(K - s - 1, 0)) / factorial(K)",
    "counts <- t(ifelse(masks == 1, weight(pmax(size - 1, 0)), -weight(size)))  # K x sets",
)
_ORDERED = (
    "in_order <- function(g, k, w, beta) {  # a group by its predictions, equal ones by their regressors",
    "  i <- which(cell == k & side %in% g & first)",
    "  x <- X[i, , drop = FALSE]",
    "  products <- sweep(x %*% t(M), 2, drop(B %*% beta), `*`)",
    "  parts <- matrix(sapply(players, function(p) rowSums(products[, p, drop = FALSE])), length(i))",
    "  eta <- rowSums(products)",
    "  large <- if (any(eta != 0)) max(abs(eta)) else 1",
    "  o <- do.call(order, c(list(round(eta / large / 1e-11)), unname(as.data.frame(x)), list(place[i])))",
    "  share <- together(w)[i][o] / sum(w[cell == k & side %in% g])",
    "  list(rows = i[o], x = x[o, , drop = FALSE], parts = parts[o, , drop = FALSE], eta = eta[o], share = share,",
    "    end = cumsum(share))",
    "}",
    "stands <- function(group, rank) pmin(findInterval(rank, group$end) + 1, length(group$end))",
    "paired <- function(a, b) {  # rank by rank",
    "  ends <- sort(unique(c(head(a$end, -1), head(b$end, -1), 1)))",
    "  mass <- diff(c(0, ends))",
    "  list(i = stands(a, ends - mass / 2), j = stands(b, ends - mass / 2), mass = mass)",
    "}",
    "predictor <- function(a, b, i, j, s)  # with the terms of set s from i",
    "  b$eta[j] + drop((a$parts[i, , drop = FALSE] - b$parts[j, , drop = FALSE]) %*% masks[s, ])",
    "effects <- function(a, b, i, j) {  # of each term, for each pair",
    "  out <- 0",
    "  for (s in seq_len(nrow(masks))) out <- out + outer(family$linkinv(predictor(a, b, i, j, s)), counts[, s])",
    "  out",
    "}",
    "both <- function(k, w, beta) list(in_order('of', k, w, beta), in_order('minus', k, w, beta))",
    "of_pairs <- numbers",
    "numbers <- function(k, w) {",
    "  at <- of_pairs(k, w)",
    '  two <- both(k, w, others("of", at))',
    "  pair <- paired(two[[1]], two[[2]])",
    "  parts <- colSums(pair$mass * effects(two[[1]], two[[2]], pair$i, pair$j))",
    '  c(at, setNames(parts, rep("swapped", K)))',
    "}",
)
_SLOPES = (
    "swapped_slopes <- function(a, b) {  # in the coefficients, pairs held",
    "  pair <- paired(a, b)",
    "  through <- function(group, p) group$x %*% t(M[p, , drop = FALSE]) %*% B[p, , drop = FALSE]",
    "  apart <- lapply(players, function(p) through(a, p)[pair$i, ] - through(b, p)[pair$j, ])",
    "  whole <- through(b, seq_len(nrow(M)))[pair$j, ]",
    "  out <- 0",
    "  for (s in seq_len(nrow(masks))) {",
    "    steep <- pair$mass * family$mu.eta(predictor(a, b, pair$i, pair$j, s))",
    "    moved <- Reduce(`+`, apart[masks[s, ] == 1], whole)",
    "    out <- out + outer(counts[, s], colSums(steep * moved))",
    "  }",
    "  out",
    "}",
)
_OWN = (
    "# of a person's own terms, less what those take over who move up in rank",
    "own_effect <- function(two, which) {",
    "  own <- two[[which]]",
    "  other <- two[[3 - which]]",
    "  n <- c(length(own$share), length(other$share))",
    "  pieces <- pmax(1, ceiling(own$share * 500))",
    "  person <- rep(seq_along(pieces), pieces)",
    "  mass <- (own$share / pieces)[person]",
    "  rank <- cumsum(mass) - mass / 2",
    "  matches <- max(4, 16 %/% 2^max(0, K - 9))",
    "  shift <- min(0.25, 0.5 * min(n)^(-1 / 5)) * (2 * seq_len(matches) - 1 - matches) / matches",
    "  reached <- abs(outer(rank, shift, `+`))",
    "  reached <- ifelse(reached > 1, 2 - reached, reached)",
    "  mine <- rep(person, matches)",
    "  match <- stands(other, as.vector(reached))",
    "  values <- if (which == 1) effects(own, other, mine, match) else effects(other, own, match, mine)",
    "  away <- reached - rank",
    "  centred <- away - rowMeans(away)",
    "  sapply(1:K, function(k) {",
    "    v <- matrix(values[, k], length(rank))",
    "    slope <- rowSums(centred * v) / rowSums(centred^2)",
    "    level <- rowMeans(v) - slope * rowMeans(away)",
    "    taken <- cumsum(slope * mass) - slope * mass / 2",
    "    rowsum((level - taken) * mass, person)[, 1] / own$share",
    "  })",
    "}",
    "of_numbers <- influence",
    "influence <- function(k, at) {",
    '  at <- at[names(at) != "swapped"]',
    "  u <- of_numbers(k, at)",
    '  two <- both(k, w, others("of", at))',
    '  moved <- u %*% t(swapped_slopes(two[[1]], two[[2]]) %*% slopes(function(at) others("of", at), at))',
    "  for (which in 1:2) {",
    "    group <- two[[which]]",
    "    effect <- matrix(own_effect(two, which), ncol = K)",
    "    whole <- c(1, -1)[which] * family$linkinv(group$eta)",
    "    effect <- effect + (whole - rowSums(effect)) / K  # what averaging leaves is spread evenly",
    "    effect <- sweep(effect, 2, colSums(group$share * effect))",
    '    members <- which(cell == k & side %in% c("of", "minus")[which])',
    "    mine <- effect[match(alike[members], group$rows), , drop = FALSE]",
    "    moved[members, ] <- moved[members, ] + mine / sum(w[members])",
    "  }",
    "  cbind(u, moved)",
    "}",
)


def swaps(told: Told) -> bool:
    """Whether terms are swapped between paired people; of linear models Fairlie's parts are the products themselves."""
    call = told.call
    listed = call.get("detail", True) or bool(call.get("subsets"))
    return call.get("nonlinear") == "fairlie" and call.get("family", "gaussian") != "gaussian" and bool(listed)


def parts(told: Told, script: Script) -> None:
    """`numbers`, `influence` and `decompose` with Fairlie's parts among them, after those of both groups."""
    script.note(WHY)
    script.part("The terms that are swapped, people who are alike, and both groups in order of their predictions.")
    _players(told, script)
    _alike(told, script)
    script.add(*_SETS, *_ORDERED)
    if not told.survey.get("replicates"):
        script.part("What each person adds to Fairlie's parts: by the own terms, and through the coefficients.")
        script.add(*_SLOPES, *_OWN)
    script.part("The decomposition, in the order of `rows`.")
    rest = ' + get("y_of") - p_of[1] - (get("y_minus") - p_minus[1])' if told.call["family"] == "probit" else ""
    script.add(
        "decompose <- function(at) {",
        "  get <- function(name) at[names(at) == name]",
        '  p_of <- get("p_of")  # by the own coefficients, by the reference',
        '  p_minus <- get("p_minus")',
        f"  unexplained <- p_of[1] - p_of[2] + p_minus[2] - p_minus[1]{rest}",
        '  c(get("y_of"), get("y_minus"), get("y_of") - get("y_minus"), p_of[2] - p_minus[2], get("swapped"),',
        "    unexplained)",
        "}",
    )


def _players(told: Told, script: Script) -> None:
    """`players`: rows of the terms that are swapped together; `B` and `M` make rows of coefficients and means."""
    normalised = term_maps.listing(told, script)
    terms = list(told.meta["terms"])
    if not normalised:
        script.add("B <- M <- diag(ncol(X))")
        rows = [[float(i == j) for j in range(len(terms))] for i in range(len(terms))]
    else:
        rows = [[float(value) for value in row] for row in told.meta["normalized"]["means"]]
    laid = list(told.meta.get("laid_to") or range(len(rows)))
    groups = [[i for i, own in enumerate(laid) if own == name] for name in dict.fromkeys(laid)]
    constant = [float(term == "Intercept") for term in terms]
    swapped = [group for group in groups if len(group) > 1 or rows[group[0]] != constant]
    lists = ", ".join(vector([i + 1 for i in group]) for group in swapped)
    script.add(f"players <- list({lists})", "K <- length(players)")


def _alike(told: Told, script: Script) -> None:
    """`alike`: of each row the first that is like it; `first`, `together(w)`: that row, and the weight of all."""
    if not told.meta.get("rows_alike"):
        script.add("alike <- seq_along(y)", "first <- used", "place <- alike", "together <- function(w) w")
        return
    script.say("people of equal group, outcome and regressors are one, with the sum of their weights")
    script.add(
        "key <- do.call(paste, unname(data.frame(cell, side, y, X)))",
        "alike <- match(key, ifelse(used, key, NA))",
        "first <- used & alike == seq_along(y)",
        "place <- alike",
        "together <- function(w) {",
        "  sums <- rowsum(w[used], alike[used])",
        "  replace(numeric(length(w)), as.integer(rownames(sums)), sums)",
        "}",
    )
