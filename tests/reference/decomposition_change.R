# Decompositions by R's survey package: functions written by hand, given to withReplicates on bootstrap weights.
# Run from this folder: Rscript decomposition_change.R
# It reads decomposition_change.csv and writes decomposition_change_expected.csv.
suppressMessages(library(survey))
d <- read.csv("decomposition_change.csv")
reps <- as.matrix(d[, grep("^r[0-9]+$", names(d))])
design <- svrepdesign(data = d, weights = ~w, repweights = reps, type = "other", combined.weights = TRUE,
                      scale = 1 / ncol(reps), rscales = rep(1, ncol(reps)), mse = TRUE)

x_of <- function(data) cbind(Intercept = 1, autonomy = data$autonomy, q = as.numeric(data$job == "q"),
                             r = as.numeric(data$job == "r"))
ols <- function(x, y, w) drop(solve(crossprod(x, x * w), crossprod(x, w * y)))
logit <- function(x, y, w) {
  b <- rep(0, ncol(x))
  for (i in 1:60) {
    p <- plogis(drop(x %*% b))
    b <- b + drop(solve(crossprod(x, x * (w * p * (1 - p))), crossprod(x, w * (y - p))))
  }
  b
}
group <- function(w, data, year, g, fit = ols) {
  own <- data$year == year & data$g == g
  x <- x_of(data[own, ]); y <- data$y[own]; v <- w[own]
  list(x = x, v = v, b = fit(x, y, v), m = colSums(x * v) / sum(v), y = sum(v * y) / sum(v))
}
gaussian <- function(w, data, year) {
  a <- group(w, data, year, "a"); b <- group(w, data, year, "b")
  e <- (a$m - b$m) * b$b; u <- a$m * (a$b - b$b)
  c(gap = a$y - b$y, explained = sum(e), explained = e[-1], unexplained = sum(u), unexplained = u)
}
pooled <- function(w, data, year) {
  a <- group(w, data, year, "a"); b <- group(w, data, year, "b")
  own <- data$year == year & data$g %in% c("a", "b")
  x <- cbind(x_of(data[own, ]), minus = as.numeric(data$g[own] == "b"))
  s <- ols(x, data$y[own], w[own])[1:4]
  e <- (a$m - b$m) * s; u <- a$m * (a$b - s) + b$m * (s - b$b)
  c(gap = a$y - b$y, explained = sum(e), explained = e[-1], unexplained = sum(u), unexplained = u)
}
yun <- function(w, data, year) {
  a <- group(w, data, year, "a", logit); b <- group(w, data, year, "b", logit)
  middle <- sum(a$v * plogis(drop(a$x %*% b$b))) / sum(a$v)
  e <- (a$m - b$m) * b$b; u <- a$m * (a$b - b$b)
  e <- e / sum(e) * (middle - b$y); u <- u / sum(u) * (a$y - middle)
  c(gap = a$y - b$y, explained = sum(e), explained = e[-1], unexplained = sum(u), unexplained = u)
}
smith_welch <- function(w, data) {
  a0 <- group(w, data, 1, "a"); b0 <- group(w, data, 1, "b"); a1 <- group(w, data, 2, "a"); b1 <- group(w, data, 2, "b")
  main <- ((a1$m - b1$m) - (a0$m - b0$m)) * b0$b
  of_group <- (a1$m - a0$m) * (a0$b - b0$b)
  time <- (a1$m - b1$m) * (b1$b - b0$b)
  both <- a1$m * ((a1$b - b1$b) - (a0$b - b0$b))
  c(gap_change = (a1$y - b1$y) - (a0$y - b0$y), main = sum(main), main = main[-1], group = sum(of_group),
    group = of_group[-1], time = sum(time), time = time[-1], group_time = sum(both), group_time = both)
}
gelbach <- function(w, data) {
  focal <- as.numeric(data$g == "a")
  base <- cbind(1, focal); more <- x_of(data)[, -1]
  full <- ols(cbind(base, more), data$y, w)
  gamma <- apply(more, 2, function(z) ols(base, z, w)[2])
  d <- gamma * full[3:5]
  c(base = ols(base, data$y, w)[2], full = full[2], total = sum(d), person = d[1], job = d[2] + d[3])
}
standardise <- function(w, data) {
  cell <- factor(data$job)
  sums <- function(v, year) tapply((w * v)[data$year == year], cell[data$year == year], sum)
  n0 <- sums(1, 1); n1 <- sums(1, 2); r0 <- sums(data$y, 1) / n0; r1 <- sums(data$y, 2) / n1
  c0 <- n0 / sum(n0); c1 <- n1 / sum(n1)
  c(change = sum(r1 * c1) - sum(r0 * c0), rate = sum((r1 - r0) * (c0 + c1) / 2),
    composition = sum((c1 - c0) * (r0 + r1) / 2))
}

rows <- list()
record <- function(case, f) {
  found <- withReplicates(design, f)
  theta <- coef(found); v <- as.matrix(vcov(found))
  k <- length(theta)
  for (i in seq_len(k)) {
    rows[[length(rows) + 1]] <<- data.frame(case = case, stat = "est", i = i, j = 0, value = sprintf("%.17g", theta[i]))
    for (j in seq_len(i))
      rows[[length(rows) + 1]] <<- data.frame(case = case, stat = "vcov", i = i, j = j, value = sprintf("%.17g", v[i, j]))
  }
}
record("level", function(w, data) gaussian(w, data, 1))
record("pooled", function(w, data) pooled(w, data, 1))
record("difference", function(w, data) gaussian(w, data, 2) - gaussian(w, data, 1))
record("difference_pooled", function(w, data) pooled(w, data, 2) - pooled(w, data, 1))
record("difference_logit", function(w, data) yun(w, data, 2) - yun(w, data, 1))
record("smith_welch", smith_welch)
record("gelbach", gelbach)
record("standardise", standardise)
out <- file("decomposition_change_expected.csv", "w")
writeLines(paste("# R", getRversion(), "survey", packageVersion("survey"), "withReplicates"), out)
write.csv(do.call(rbind, rows), out, row.names = FALSE, quote = FALSE)
close(out)
