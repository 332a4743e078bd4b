# The tasks through R's survey. Arguments: repeats, result file, data folder.
suppressMessages(library(survey))
arguments <- commandArgs(trailingOnly = TRUE)
repeats <- as.integer(arguments[1]); out <- arguments[2]; folder <- arguments[3]
sizes <- file.info(file.path(folder, "y.bin"))$size / 8
real <- function(name) readBin(file.path(folder, paste0(name, ".bin")), "double", sizes)
whole <- function(name) readBin(file.path(folder, paste0(name, ".bin")), "integer", sizes)
has <- function(name) file.exists(file.path(folder, paste0(name, ".bin")))

frame <- data.frame(y = real("y"), w = real("w"), domain = factor(whole("domain")))
if (has("stratum")) frame$stratum <- factor(whole("stratum"))
if (has("psu")) frame$psu <- whole("psu")
if (has("r1")) {
  count <- length(list.files(folder, "^r[0-9]+[.]bin$"))
  weights <- sapply(seq_len(count), function(r) real(paste0("r", r)))
  build <- function() svrepdesign(data = frame, weights = ~w, repweights = weights, type = "other", combined.weights = TRUE,
                                  scale = 1 / count, rscales = rep(1, count), mse = TRUE)
} else if (has("psu")) {
  build <- function() svydesign(~psu, strata = ~stratum, weights = ~w, data = frame, nest = TRUE)
} else {
  build <- function() svydesign(~1, strata = ~stratum, weights = ~w, data = frame)
}
estimate <- function(d) svyby(~y, ~domain, d, svymean)
now <- function() unname(proc.time()["elapsed"])

times <- list(build = c(), first = c(), again = c())
for (k in seq_len(repeats)) {
  started <- now(); d <- suppressWarnings(build())
  built <- now(); if (k == 1) invisible(gc(reset = TRUE)); answer <- estimate(d)
  if (k == 1) memory <- sum(gc()[, 6]) - sum(gc()[, 2])
  times$build[k] <- built - started; times$first[k] <- now() - built; times$again[k] <- now() - built
}
numbers <- function(x) paste0("[", paste(sprintf("%.17g", x), collapse = ", "), "]")
rows <- sprintf('["%s", %.17g, %.17g]', as.character(answer$domain), coef(answer), SE(answer))
text <- sprintf('{"version": "R %s survey %s", "times": {"build": %s, "first": %s, "again": %s}, "memory": {"build": null, "estimate": %.1f}, "rows": [%s]}',
                getRversion(), packageVersion("survey"), numbers(times$build), numbers(times$first), numbers(times$again), memory,
                paste(rows, collapse = ", "))
writeLines(text, out)
