# Distributions, inequality and causal readings by R's survey package: functions written by hand, given to
# withReplicates on bootstrap weights. Run from this folder: Rscript decomposition_distributions.R
# It reads decomposition_change.csv and writes decomposition_distributions_expected.csv. `amount` is made of its columns.
suppressMessages(library(survey))
d <- read.csv("decomposition_change.csv")
d$amount <- exp(d$autonomy / 2) * (1 + d$y)
d <- d[d$g != "c", ]
reps <- as.matrix(d[, grep("^r[0-9]+$", names(d))])
design <- svrepdesign(data = d, weights = ~w, repweights = reps, type = "other", combined.weights = TRUE,
                      scale = 1 / ncol(reps), rscales = rep(1, ncol(reps)), mse = TRUE)
X <- cbind(1, d$autonomy, d$job == "q", d$job == "r")
of <- d$g == "a"
ols <- function(x, y, w) drop(solve(crossprod(x, x * w), crossprod(x, w * y)))
logit <- function(x, y, w) {
  b <- rep(0, ncol(x))
  for (i in 1:60) {
    p <- plogis(drop(x %*% b))
    b <- b + drop(solve(crossprod(x, x * (w * p * (1 - p))), crossprod(x, w * (y - p))))
  }
  b
}
mean_of <- function(y, w) sum(w * y) / sum(w)
quantile_of <- function(y, w, tau) {
  o <- order(y)
  y[o][which(cumsum(w[o]) / sum(w) >= tau - 1e-10)[1]]
}
width <- function(y, w) {
  m <- mean_of(y, w)
  iqr <- quantile_of(y, w, .75) - quantile_of(y, w, .25)
  sqrt(5) * 0.9 * min(sqrt(mean_of((y - m)^2, w)), iqr / 1.349) * length(y)^(-0.2)
}
h <- c(width(d$amount[of], d$w[of]), width(d$amount[!of], d$w[!of]))
gini <- function(y, w) sum(outer(w, w) * abs(outer(y, y, "-"))) / sum(w)^2 / (2 * mean_of(y, w))
rif <- function(y, w, measure, h) {
  if (measure == "gini") {
    apart <- drop(abs(outer(y, y, "-")) %*% w) / sum(w)
    return((apart - gini(y, w) * y) / mean_of(y, w))
  }
  if (measure == "variance") return((y - mean_of(y, w))^2)
  q <- quantile_of(y, w, .5)
  f <- mean_of(0.75 * pmax(1 - ((y - q) / h)^2, 0), w) / h
  q + (0.5 - (y <= q)) / f
}
by_rif <- function(measure) function(w, data) {
  part <- function(side, h) {
    own <- side & w > 0
    v <- w[own]
    z <- rif(d$amount[own], v, measure, h)
    list(b = ols(X[own, ], z, v), x = colSums(X[own, ] * v) / sum(v), m = mean_of(z, v))
  }
  a <- part(of, h[1]); b <- part(!of, h[2])
  c(a$m, b$m, a$m - b$m, sum((a$x - b$x) * b$b), sum(a$x * (a$b - b$b)))
}
odds_of <- function(w) exp(drop(X %*% logit(X, of, w)))
reweight <- function(measure) function(w, data) {
  omega <- w * odds_of(w)
  a <- measure(d$amount[of], w[of]); b <- measure(d$amount[!of], w[!of]); c <- measure(d$amount[!of], omega[!of])
  c(a, b, c, a - b, c - b, a - c)
}
robust <- function(w, data) {
  omega <- w * odds_of(w)
  beta <- ols(X[!of, ], d$amount[!of], w[!of])
  c <- mean_of(drop(X[of, ] %*% beta), w[of]) + mean_of(d$amount[!of] - drop(X[!of, ] %*% beta), omega[!of])
  a <- mean_of(d$amount[of], w[of]); b <- mean_of(d$amount[!of], w[!of])
  c(a, b, c, a - b, c - b, a - c)
}
theil <- function(y, w) mean_of(y / mean_of(y, w) * log(y / mean_of(y, w)), w)
mld <- function(y, w) mean_of(log(mean_of(y, w) / y), w)
split <- function(measure) function(w, data) {
  y <- d$amount; m <- mean_of(y, w)
  total <- get(measure)(y, w)
  jobs <- unique(d$job)
  f <- sapply(jobs, function(j) sum(w[d$job == j]) / sum(w))
  mu <- sapply(jobs, function(j) mean_of(y[d$job == j], w[d$job == j]))
  own <- sapply(jobs, function(j) get(measure)(y[d$job == j], w[d$job == j]))
  s <- f * mu / m
  if (measure == "theil") return(c(total, sum(s * own), sum(s * log(mu / m))))
  if (measure == "mld") return(c(total, sum(f * own), sum(f * log(m / mu))))
  between <- gini(mu, f)
  c(total, sum(f * s * own), between, total - sum(f * s * own) - between)
}
atkinson <- function(w, data) {
  y <- d$amount; jobs <- unique(d$job)
  f <- sapply(jobs, function(j) sum(w[d$job == j]) / sum(w))
  ede <- sapply(jobs, function(j) exp(mean_of(log(y[d$job == j]), w[d$job == j])))
  whole <- exp(mean_of(log(y), w)); m <- mean_of(y, w)
  c(1 - whole / m, 1 - sum(f * ede) / m, (sum(f * ede) - whole) / m)
}
rank_of <- function(w) {
  r <- d$autonomy
  sapply(r, function(v) sum(w[r < v]) + sum(w[r == v]) / 2) / sum(w)
}
concentration <- function(w, data) {
  r <- rank_of(w); y <- d$amount
  J <- X[, c(1, 3, 4)]
  b <- ols(J, y, w)
  along <- function(x) 2 * mean_of((x - mean_of(x, w)) * r, w)
  parts <- b[-1] * c(along(J[, 2]), along(J[, 3])) / mean_of(y, w)
  total <- along(y) / mean_of(y, w)
  c(total, sum(parts), parts, total - sum(parts))
}
erreygers <- function(w, data) 4 * 2 * mean_of((d$y - mean_of(d$y, w)) * rank_of(w), w)
wagstaff <- function(w, data) {
  m <- mean_of(d$y, w)
  2 * mean_of((d$y - m) * rank_of(w), w) / (m * (1 - m))
}
treat <- as.numeric(d$job == "q")
potential <- function(w, level) {
  x <- cbind(1, of, d$autonomy)
  here <- treat == level
  m <- drop(x %*% ols(x[here, ], d$amount[here], w[here]))
  p <- plogis(drop(x %*% logit(x, as.numeric(here), w)))
  r <- here / p
  m + r / mean_of(r, w) * (d$amount - m)
}
four <- function(w, data) {
  p0 <- potential(w, 0); p1 <- potential(w, 1)
  at <- function(v, side) mean_of(v[side], w[side])
  gap <- at(d$amount, of) - at(d$amount, !of)
  base <- at(p0, of) - at(p0, !of)
  tau <- c(at(p1 - p0, of), at(p1 - p0, !of)); share <- c(at(treat, of), at(treat, !of))
  prevalence <- (share[1] - share[2]) * tau[2]; effect <- share[1] * (tau[1] - tau[2])
  c(gap, base, prevalence, effect, gap - base - prevalence - effect)
}
closing <- function(w, data) {
  p0 <- potential(w, 0); p1 <- potential(w, 1)
  at <- function(v, side) mean_of(v[side], w[side])
  q <- at(treat, of)
  left <- c(q * at(p1, of) + (1 - q) * at(p0, of), q * at(p1, !of) + (1 - q) * at(p0, !of))
  gap <- at(d$amount, of) - at(d$amount, !of)
  c(gap, left, left[1] - left[2], gap - left[1] + left[2])
}
cases <- list(rif_q50 = by_rif("q50"), rif_gini = by_rif("gini"), rif_variance = by_rif("variance"),
              reweight_mean = reweight(mean_of), reweight_gini = reweight(gini), robust = robust,
              theil = split("theil"), mld = split("mld"), gini = split("gini"), atkinson = atkinson,
              concentration = concentration, erreygers = erreygers, wagstaff = wagstaff,
              four_parts = four, gap_closing = closing)
out <- NULL
for (name in names(cases)) {
  made <- withReplicates(design, cases[[name]])
  est <- as.numeric(coef(made)); V <- as.matrix(vcov(made))
  for (i in seq_along(est)) {
    out <- rbind(out, data.frame(case = name, i = i, estimate = sprintf("%.17g", est[i]),
                                 std_error = sprintf("%.17g", sqrt(V[i, i]))))
  }
}
con <- file("decomposition_distributions_expected.csv", "wb")
writeLines(sprintf("# %s survey %s withReplicates", R.version.string, packageVersion("survey")), con)
write.csv(out, con, row.names = FALSE, quote = FALSE, eol = "\n")
close(con)
