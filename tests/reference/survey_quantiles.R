# Reference numbers from R's survey package: quantiles, variances and tests of independence, on the designs of
# designs.csv (set "full") and replicate_designs.csv.
# Run from this folder: Rscript survey_quantiles.R    It writes survey_quantiles_expected.csv.
# Who has weight zero is left out as a domain: R would count them in n.
# Not here: the rule shahvaish (it depends on the scale of the weights); with unequal weights, the score interval
# (R turns its ends into probabilities without the weights); other intervals than "mean" on replicate designs (this
# version takes all of them for "mean").
suppressMessages(library(survey))
options(survey.replicates.mse = FALSE, survey.adjust.domain.lonely = FALSE, survey.lonely.psu = "fail")
source_name <- paste("R", getRversion(), "survey", packageVersion("survey"))

rows <- list()
record <- function(case, stat, term, value) {
  text <- ifelse(is.finite(as.numeric(value)), sprintf("%.17g", as.numeric(value)), "")
  rows[[length(rows) + 1]] <<- data.frame(case = case, stat = stat, term = as.character(term), value = text)
}
probabilities <- c(0.1, 0.25, 0.5, 0.75)
rules <- c("math", "school", paste0("hf", 1:9))

quantiles_of <- function(case, variable, d, ...) {
  s <- svyquantile(as.formula(paste0("~", variable)), d, probabilities, ...)[[1]]
  record(case, "est", probabilities, s[, 1])
  record(case, "ci_lo", probabilities, s[, 2])
  record(case, "ci_hi", probabilities, s[, 3])
  record(case, "se", probabilities, s[, 4])
}

tests_of <- function(case, d) {
  for (statistic in c("F", "Chisq", "Wald")) {
    test <- svychisq(~ g + h, d, statistic = statistic)
    name <- paste0(case, ":chisq:", statistic)
    record(name, "stat", "stat", test$statistic)
    record(name, "df", seq_along(test$parameter), test$parameter)
    record(name, "p", "p", test$p.value)
  }
}

variances_of <- function(case, d) {
  for (variable in c("y", "x")) {
    s <- svyvar(as.formula(paste0("~", variable)), d)
    record(paste0(case, ":var"), "est", variable, coef(s))
    record(paste0(case, ":var"), "se", variable, SE(s))
  }
}

parts <- function(text) strsplit(text, " ", fixed = TRUE)[[1]]
as_formula <- function(names) if (length(names) == 0) NULL else as.formula(paste("~", paste(names, collapse = "+")))

stages <- read.csv("stages.csv", colClasses = c(stratum = "character", area = "character"))
designs <- read.csv("designs.csv", colClasses = "character")
for (k in which(designs$set == "full")) {
  spec <- designs[k, ]
  data <- stages[stages$stratum %in% strsplit(spec$keep, "")[[1]], ]
  data$whole <- round(data$y / 5)   # with ties
  ids <- if (spec$ids == "") ~1 else as_formula(parts(spec$ids))
  d <- suppressWarnings(svydesign(ids, strata = as_formula(parts(spec$strata)), fpc = as_formula(parts(spec$fpc)),
                 weights = as_formula(parts(spec$weights)), data = data, nest = spec$strata != ""))
  d <- d[weights(d) != 0, ]
  case <- spec$design
  for (rule in rules) quantiles_of(paste0(case, ":quantile:", rule), "y", d, qrule = rule)
  for (rule in c("math", "school", "hf3")) quantiles_of(paste0(case, ":ties:", rule), "whole", d, qrule = rule)
  for (method in c("xlogit", "beta", "asin"))
    quantiles_of(paste0(case, ":quantileci:", method), "y", d, interval.type = method)
  for (cell in c("low", "middle", "high"))
    quantiles_of(paste0(case, ":by_quantile:", cell), "y", subset(d, g == cell))
  variances_of(case, d)
  for (cell in c("low", "middle", "high")) {
    s <- svyvar(~y, subset(d, g == cell))
    record(paste0(case, ":by_var"), "est", cell, coef(s))
    record(paste0(case, ":by_var"), "se", cell, SE(s))
  }
  tests_of(case, d)
}

pairs <- read.csv("pairs.csv")
specs <- read.csv("replicate_designs.csv", colClasses = "character")
for (k in seq_len(nrow(specs))) {
  spec <- specs[k, ]
  columns <- pairs[, grep(paste0("^", spec$prefix), names(pairs))]
  arguments <- list(data = pairs[, 1:9], weights = ~w, repweights = columns, type = spec$type,
                    combined.weights = TRUE, mse = as.logical(spec$mse))
  if (spec$scale != "") arguments$scale <- as.numeric(spec$scale)
  if (spec$rscales == "ramp") arguments$rscales <- seq_len(ncol(columns)) / 10
  else if (spec$rscales != "") arguments$rscales <- rep(as.numeric(spec$rscales), ncol(columns))
  if (spec$rho != "") arguments$rho <- as.numeric(spec$rho)
  d <- suppressWarnings(do.call(svrepdesign, arguments))
  case <- paste0("replicates:", spec$design)
  suppressWarnings(quantiles_of(paste0(case, ":quantile_rep"), "y", d, interval.type = "quantile"))
  suppressWarnings(quantiles_of(paste0(case, ":quantile_rep_hf6"), "y", d, interval.type = "quantile", qrule = "hf6"))
  quantiles_of(paste0(case, ":quantileci:mean"), "y", d, interval.type = "mean")
  variances_of(case, d)
  tests_of(case, d)
}

# equal weights: here R's score interval uses the right probabilities
pairs$one <- 1
d <- svydesign(~psu, strata = ~stratum, weights = ~one, data = pairs, nest = TRUE)
quantiles_of("equal:quantileci:score", "y", d, interval.type = "score")
for (rule in rules) quantiles_of(paste0("equal:quantile:", rule), "x", d, qrule = rule)

out <- do.call(rbind, rows)
con <- file("survey_quantiles_expected.csv", open = "wb")
writeLines(paste("# source:", source_name), con, sep = "\n")
write.csv(out, con, row.names = FALSE, quote = FALSE, eol = "\n")
close(con)
cat(nrow(out), "values written by", source_name, "\n")
