# Reference numbers from R's survey package for the designs in designs.csv and replicate_designs.csv.
# Run from this folder: Rscript survey.R    It reads stages.csv and pairs.csv and writes survey_expected.csv.
# Left to lonely_adjust_by_hand.py: under the rule "adjust", standard errors of totals and all that is lonely in a
# second stage; older versions of the package do not centre there, newer ones do.
suppressMessages(library(survey))
options(survey.replicates.mse = FALSE, survey.adjust.domain.lonely = FALSE)
source_name <- paste("R", getRversion(), "survey", packageVersion("survey"))

rows <- list()
record <- function(case, stat, term, value) {
  rows[[length(rows) + 1]] <<- data.frame(case = case, stat = stat, term = as.character(term),
                                          value = sprintf("%.17g", as.numeric(value)))
}
record_vcov <- function(case, terms, v) {
  v <- as.matrix(v)
  for (i in seq_along(terms)) for (j in seq_len(i)) record(case, "vcov", paste(terms[i], terms[j], sep = "|"), v[i, j])
}
record_stat <- function(case, s, terms, df, with_se = TRUE, vcov_too = TRUE, ci = TRUE) {
  record(case, "est", terms, coef(s))
  if (!with_se) return(invisible())
  record(case, "se", terms, sqrt(diag(as.matrix(vcov(s)))))
  if (vcov_too && length(terms) > 1) record_vcov(case, terms, vcov(s))
  if (ci) {
    interval <- confint(s, df = df)
    record(case, "ci_lo", terms, interval[, 1])
    record(case, "ci_hi", terms, interval[, 2])
    record(case, "df", "df", df)
  }
}
# a domain of a replicate design keeps the degrees of freedom of the design
fit_df <- function(d) if (inherits(d, "svyrep.design")) whole_degf else degf(d)

by_case <- function(case, formula, by, d, fun, terms_of, ...) {
  s <- svyby(formula, by, d, fun, covmat = TRUE, keep.names = TRUE, drop.empty.groups = TRUE, ...)
  terms <- terms_of(s)
  v <- as.matrix(attr(s, "var"))
  record(case, "est", terms, coef(s))
  record(case, "se", terms, sqrt(diag(v)))   # from the joint covariance, so that all strata count
  record_vcov(case, terms, v)
  s
}
cell_names <- function(s) rownames(s)

deffs <- function(case, s, terms) record(case, "deff", terms, as.vector(diag(as.matrix(attr(s, "deff")))))

# totals, errors: FALSE where this version's standard errors (of totals, of everything) are not centred
short_set <- function(case, d, totals = TRUE, errors = TRUE) {
  df <- fit_df(d)
  record_stat(paste0(case, ":mean"), svymean(~ y + x, d), c("y", "x"), df, with_se = errors)
  record_stat(paste0(case, ":total"), svytotal(~ y + x, d), c("y", "x"), df, with_se = totals && errors)
  r <- svyratio(~y, ~x, d)
  record(paste0(case, ":ratio"), "est", "y/x", coef(r))
  if (errors) record(paste0(case, ":ratio"), "se", "y/x", SE(r))
  inner <- subset(d, inside == 1 & x > 6)
  record_stat(paste0(case, ":subset_mean"), svymean(~y, inner), "y", fit_df(inner), with_se = errors)
  record_stat(paste0(case, ":subset_total"), svytotal(~y, inner), "y", fit_df(inner), with_se = totals && errors)
  if (errors) by_case(paste0(case, ":by_mean"), ~y, ~g, d, svymean, cell_names)
}

# who has weight zero does not count in the n that `beta` corrects by; R counts the rows of the design
intervals <- function(case, d) {
  answered <- d[!is.na(d$variables$z) & weights(d) != 0, ]
  df <- fit_df(answered)
  record_stat(paste0(case, ":mean_missing"), svymean(~z, answered), "z", df)
  for (method in c("logit", "likelihood", "asin", "beta", "mean", "xlogit")) {
    p <- try(svyciprop(~z, answered, method = method, df = df), silent = TRUE)
    if (inherits(p, "try-error")) next
    name <- paste0(case, ":ciprop:", method)
    record(name, "est", "z", as.vector(p)[1])
    record(name, "ci_lo", "z", attr(p, "ci")[1])
    record(name, "ci_hi", "z", attr(p, "ci")[2])
  }
}

factors <- function(case, d) {
  s <- svymean(~g, d)
  terms <- sub("^g", "", names(coef(s)))
  record_stat(paste0(case, ":mean_factor"), s, terms, fit_df(d))
  s
}

by_cells <- function(case, d) {
  means <- by_case(paste0(case, ":by_mean2"), ~y, ~ g + h, d, svymean, cell_names)
  for (cell in split(d$variables, interaction(d$variables$g, d$variables$h))) {
    inner <- subset(d, g == as.character(cell$g[1]) & h == as.character(cell$h[1]))
    name <- paste(cell$g[1], cell$h[1], sep = ".")
    record(paste0(case, ":by_mean2"), "df", name, fit_df(inner))
    s <- confint(svymean(~y, inner), df = fit_df(inner))
    record(paste0(case, ":by_mean2"), "ci_lo", name, s[1]); record(paste0(case, ":by_mean2"), "ci_hi", name, s[2])
  }
  by_case(paste0(case, ":by_total"), ~x, ~g, d, svytotal, cell_names)
}

# replicate designs: a smooth expression is worked out at each replicate
cell_means <- function(formula, d) {
  if (!inherits(d, "svyrep.design")) return(svyby(formula, ~g, d, svymean, covmat = TRUE))
  svyby(formula, ~g, d, svymean, covmat = TRUE, return.replicates = TRUE)
}
contrast_of <- function(case, s, expression, term = "contrast") {
  thetas <- attr(s, "replicates")
  if (is.null(thetas) || is.numeric(expression)) {
    answer <- svycontrast(structure(s, replicates = NULL), expression)
    estimate <- coef(answer)
    se <- SE(answer)
  } else {
    estimate <- eval(expression, as.list(coef(s)))
    values <- apply(thetas, 1, function(theta) eval(expression, setNames(as.list(theta), names(coef(s)))))
    se <- sqrt(survey:::svrVar(values, attr(thetas, "scale"), attr(thetas, "rscales"), mse = attr(thetas, "mse"),
                               coef = estimate))
  }
  record(case, "est", term, estimate)
  record(case, "se", term, se)
}

contrasts_of <- function(case, d) {
  s <- cell_means(~y, d)
  contrast_of(paste0(case, ":contrast_lin"), s, c(high = 1, low = -1))
  contrast_of(paste0(case, ":contrast_nl"), s, quote(log(high / low)))
  p <- cell_means(~z, subset(d, !is.na(z)))
  forms <- list(difference = quote(high - low), ratio = quote(high / low),
                odds = quote(high / (1 - high) / (low / (1 - low))))
  for (scale in names(forms)) contrast_of(paste0(case, ":gap:", scale), p, forms[[scale]], "gap")
  record(paste0(case, ":contrast_lin"), "df", "df", fit_df(subset(d, g %in% c("high", "low"))))
}

effects <- function(case, d) {
  s <- svymean(~ y + x, d, deff = TRUE); deffs(paste0(case, ":mean"), s, c("y", "x"))
  s <- svytotal(~ y + x, d, deff = TRUE); deffs(paste0(case, ":total"), s, c("y", "x"))
  s <- svymean(~ y + x, d, deff = "replace"); deffs(paste0(case, ":mean_deffreplace"), s, c("y", "x"))
  for (name in sort(unique(as.character(d$variables$g)))) {
    s <- svymean(~y, subset(d, g == name), deff = TRUE)
    record(paste0(case, ":by_mean"), "deff", name, deff(s))
  }
}

full_set <- function(case, d) {
  short_set(case, d)
  factors(case, d)
  intervals(case, d)
  by_cells(case, d)
  contrasts_of(case, d)
  effects(case, d)
  joint <- svymean(~ y + x + z, subset(d, !is.na(z)))
  record_vcov(paste0(case, ":mean_together"), c("y", "x", "z"), vcov(joint))
  levels <- sort(unique(as.character(d$variables$g)))
  for (name in levels) {
    r <- svyratio(~y, ~x, subset(d, g == name))
    record(paste0(case, ":by_ratio"), "est", name, coef(r))
    record(paste0(case, ":by_ratio"), "se", name, SE(r))
  }
}

parts <- function(text) strsplit(text, " ", fixed = TRUE)[[1]]
as_formula <- function(names) if (length(names) == 0) NULL else as.formula(paste("~", paste(names, collapse = "+")))

stages <- read.csv("stages.csv", colClasses = c(stratum = "character", area = "character"))
designs <- read.csv("designs.csv", colClasses = "character")
for (k in seq_len(nrow(designs))) {
  spec <- designs[k, ]
  data <- stages[stages$stratum %in% strsplit(spec$keep, "")[[1]], ]
  ids <- if (spec$ids == "") ~1 else as_formula(parts(spec$ids))
  options(survey.lonely.psu = if (spec$lonely == "error") "fail" else spec$lonely)
  d <- suppressWarnings(svydesign(ids, strata = as_formula(parts(spec$strata)), fpc = as_formula(parts(spec$fpc)),
                 weights = as_formula(parts(spec$weights)), data = data, nest = spec$strata != ""))
  if (spec$set == "fails") {
    record(spec$design, "fails", "mean", as.numeric(inherits(try(svymean(~y, d), silent = TRUE), "try-error")))
  } else if (spec$set == "full") {
    full_set(spec$design, d)
  } else {
    second <- spec$lonely == "adjust" && grepl(" ", spec$ids)
    short_set(spec$design, d, totals = spec$lonely != "adjust", errors = !(second && grepl("f", spec$keep)))
  }
}

options(survey.lonely.psu = "fail")
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
  whole_degf <- degf(d)
  case <- paste0("replicates:", spec$design)
  record(case, "scale", "scale", d$scale)
  short_set(case, d)
  factors(case, d)
  by_cells(case, d)
  contrasts_of(case, d)
  answered <- subset(d, !is.na(z))
  record_stat(paste0(case, ":mean_missing"), svymean(~z, answered), "z", fit_df(answered))
  r <- svyby(~y, ~g, denominator = ~x, d, svyratio)
  record(paste0(case, ":by_ratio"), "est", rownames(r), coef(r))
  record(paste0(case, ":by_ratio"), "se", rownames(r), SE(r))
}

out <- do.call(rbind, rows)
con <- file("survey_expected.csv", open = "wb")
writeLines(paste("# source:", source_name), con, sep = "\n")
write.csv(out, con, row.names = FALSE, quote = FALSE, eol = "\n")
close(con)
cat(nrow(out), "values written by", source_name, "\n")
print(sessionInfo())
