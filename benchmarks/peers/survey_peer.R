# The tasks through R's survey. Arguments: repeats, result file, data folder.
suppressMessages(library(survey))
arguments <- commandArgs(trailingOnly = TRUE)
repeats <- as.integer(arguments[1]); out <- arguments[2]; folder <- arguments[3]
sizes <- file.info(file.path(folder, "y.bin"))$size / 8
real <- function(name, n = sizes) readBin(file.path(folder, paste0(name, ".bin")), "double", n)
whole <- function(name) readBin(file.path(folder, paste0(name, ".bin")), "integer", sizes)
has <- function(name) file.exists(file.path(folder, paste0(name, ".bin")))
kind <- sub('.*"kind": "([a-z]+)".*', "\\1", readLines(file.path(folder, "task.json"), warn = FALSE))
asked <- as.integer(sub('.*"replicates": ([0-9]+).*', "\\1", readLines(file.path(folder, "task.json"), warn = FALSE)))

frame <- data.frame(y = real("y"), w = real("w"))
if (has("domain")) frame$domain <- factor(whole("domain"))
if (has("stratum")) frame$stratum <- factor(whole("stratum"))
if (has("psu")) frame$psu <- whole("psu")
margins <- paste0("m", which(sapply(1:9, function(m) has(paste0("m", m)))))
if (has("totals")) for (m in margins) frame[[m]] <- factor(whole(m))

if (has("r1")) {
  count <- length(list.files(folder, "^r[0-9]+[.]bin$"))
  weights <- sapply(seq_len(count), function(r) real(paste0("r", r)))
  build <- function() svrepdesign(data = frame, weights = ~w, repweights = weights, type = "other", combined.weights = TRUE,
                                  scale = 1 / count, rscales = rep(1, count), mse = TRUE)
} else if (has("psu")) {
  build <- function() svydesign(~psu, strata = ~stratum, weights = ~w, data = frame, nest = TRUE)
} else if (has("stratum")) {
  build <- function() svydesign(~1, strata = ~stratum, weights = ~w, data = frame)
} else {
  build <- function() svydesign(~1, weights = ~w, data = frame)
}

if (kind == "mean") {
  estimate <- function(d) svyby(~y, ~domain, d, svymean)
  told <- function(answer) list(as.character(answer$domain), coef(answer), SE(answer))
} else if (kind == "bootstrap") {
  estimate <- function(d) svymean(~y, as.svrepdesign(d, type = "subbootstrap", replicates = asked, mse = TRUE))
  told <- function(answer) list("y", coef(answer), SE(answer))
} else {
  levels <- lapply(frame[margins], nlevels)
  totals <- split(real("totals", sum(unlist(levels))), rep(seq_along(margins), unlist(levels)))
  # the model matrix leaves the first level of each margin out; the intercept is the population
  population <- c(sum(totals[[1]]), unlist(lapply(totals, function(t) t[-1]), use.names = FALSE))
  formula <- as.formula(paste("~", paste(margins, collapse = "+")))
  names(population) <- colnames(model.matrix(formula, frame[1:1000, ]))
  estimate <- function(d) calibrate(d, formula, population, calfun = kind, epsilon = 1e-10, maxit = 100)
  told <- function(answer) {
    w <- unname(weights(answer))
    places <- seq(1, length(w), by = max(1, length(w) %/% 1000))
    list(paste("row", sprintf("%d", places - 1L)), w[places], w[places])
  }
}
now <- function() unname(proc.time()["elapsed"])

times <- list(build = c(), first = c(), again = c())
for (k in seq_len(repeats)) {
  started <- now(); d <- suppressWarnings(build())
  built <- now(); if (k == 1) invisible(gc(reset = TRUE)); answer <- estimate(d)
  times$build[k] <- built - started; times$first[k] <- now() - built; times$again[k] <- now() - built
  if (k == 1) memory <- sum(gc()[, 6]) - sum(gc()[, 2])
}
numbers <- function(x) paste0("[", paste(sprintf("%.17g", x), collapse = ", "), "]")
answers <- told(answer)
rows <- sprintf('["%s", %.17g, %.17g]', answers[[1]], answers[[2]], answers[[3]])
text <- sprintf('{"version": "R %s survey %s", "times": {"build": %s, "first": %s, "again": %s}, "memory": {"build": null, "estimate": %.1f}, "rows": [%s]}',
                getRversion(), packageVersion("survey"), numbers(times$build), numbers(times$first), numbers(times$again), memory,
                paste(rows, collapse = ", "))
writeLines(text, out)
