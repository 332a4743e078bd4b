# Rscript tests/reference/nonlinear_panels.R   writes nonlinear_panels.csv beside nonlinear_panels_data.csv
# survival (clogit), glm with dummies, sandwich, survey, AER (ivreg)
suppressPackageStartupMessages({library(survival); library(survey); library(sandwich); library(AER)})
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
d <- read.csv(file.path(here, "nonlinear_panels_data.csv"))
out <- list()
put <- function(case, term, stat, value) {
  out[[length(out) + 1]] <<- sprintf("%s,%s,%s,%.17g", case, term, stat, value)
}
keep <- function(case, theta, V) {
  for (a in names(theta)) put(case, a, "coef", theta[[a]])
  for (a in names(theta)) for (b in names(theta)) put(case, paste(a, b, sep = "|"), "vcov", V[a, b])
}
exact <- function(f, data) suppressWarnings(clogit(f, data = data, method = "exact", eps = 1e-14, iter.max = 100))
whole <- function(data) {  # whole weights: as many persons
  k <- data[rep(seq_len(nrow(data)), data$w), ]
  k$who <- paste(k$who, sequence(data$w))
  k
}
f <- exact(yes ~ x + u + strata(who), d)
keep("clogit", coef(f), vcov(f)); put("clogit", "_model", "loglik", f$loglik[2])
f <- exact(yes ~ x + u + strata(who), whole(d))
keep("clogit_weighted", coef(f), vcov(f)); put("clogit_weighted", "_model", "loglik", f$loglik[2])
blown <- function(data) do.call(rbind, lapply(2:4, function(k)
  transform(data, above = as.integer(level >= k), group = paste(who, k))))
f <- exact(above ~ x + u + strata(group), blown(d)); keep("buc", coef(f), vcov(f))
f <- exact(above ~ x + u + strata(group), blown(whole(d))); keep("buc_weighted", coef(f), vcov(f))

tight <- glm.control(epsilon = 1e-15, maxit = 200)
counted <- d[ave(d$count, d$who, FUN = sum) > 0, ]
slopes <- c("x", "u")
poisson.case <- function(case, formula, data, weights) {
  data$own <- weights
  f <- suppressWarnings(glm(formula, poisson, data, weights = own, control = tight))
  keep(paste0(case, ":iid"), coef(f)[slopes], vcov(f)[slopes, slopes])
  keep(paste0(case, ":cluster"), coef(f)[slopes],
       vcovCL(f, cluster = data$who, type = "HC0", cadjust = FALSE)[slopes, slopes])
}
poisson.case("poisson", count ~ x + u + factor(who), counted, rep(1, nrow(counted)))
poisson.case("poisson_weighted", count ~ x + u + factor(who), counted, counted$wv)
poisson.case("poisson_two", count ~ x + u + factor(who) + factor(year), counted, counted$wv)
design <- svydesign(~who, strata = ~stratum, weights = ~w, data = d, nest = TRUE)
mine <- subset(design, ave(d$count, d$who, FUN = sum) > 0)
f <- suppressWarnings(svyglm(count ~ x + u + factor(who), mine, family = quasipoisson(), control = tight))
keep("poisson:design", coef(f)[slopes], vcov(f)[slopes, slopes])

iv.case <- function(case, formula, weights) {
  d$own <- weights
  f <- ivreg(formula, data = d, weights = own)
  rows <- c("x", "e")
  keep(paste0(case, ":cluster"), coef(f)[rows], vcovCL(f, cluster = d$who, type = "HC0", cadjust = FALSE)[rows, rows])
}
iv.case("iv_just", y ~ x + e + factor(who) | x + z1 + factor(who), d$wv)
iv.case("iv_over", y ~ x + e + factor(who) | x + z1 + z2 + factor(who), d$wv)
iv.case("iv_two", y ~ x + e + factor(who) + factor(year) | x + z1 + factor(who) + factor(year), d$wv)
writeLines(c(sprintf("# R %s, survival %s, survey %s, sandwich %s, AER %s", getRversion(), packageVersion("survival"),
  packageVersion("survey"), packageVersion("sandwich"), packageVersion("AER")), "case,term,stat,value",
  unlist(out)), file.path(here, "nonlinear_panels.csv"))
