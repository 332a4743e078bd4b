# Random-effects meta-analyses of made-up estimates by metafor: the numbers of tests/estimation/test_pooling.py.
# Rscript tests/reference/metafor.R > tests/reference/metafor.csv   (metafor 3.8)
# Its interval of tau2 ends at 100 or so unless tau2.max is raised.
suppressMessages(library(metafor))
cases <- list(
  apart = list(y = c(0.10, 0.24, -0.05, 0.31, 0.18, 0.02, 0.27), v = c(4, 2, 9, 1, 3, 6, 2) * 1e-3),
  close = list(y = c(0.11, 0.13, 0.10, 0.12, 0.125), v = c(4, 2, 9, 1, 3) * 1e-3),
  three = list(y = c(12.3, 7.1, 15.8), v = c(1.5, 0.7, 4.2))
)
cat("case,method,knapp,measure,estimate,std_error,conf_low,conf_high,p_value\n")
row <- function(...) cat(paste(sapply(list(...), function(x) if (is.numeric(x)) sprintf("%.15g", x) else x), collapse = ","), "\n", sep = "")
for (case in names(cases)) for (method in c("PM", "DL", "REML")) for (knapp in c(TRUE, FALSE)) {
  own <- cases[[case]]
  fit <- rma(own$y, own$v, method = method, test = if (knapp) "knha" else "z",
             control = list(tol = 1e-14, threshold = 1e-13, maxiter = 10000))
  name <- c(PM = "paule-mandel", DL = "dersimonian-laird", REML = "reml")[[method]]
  row(case, name, knapp, "mean", fit$beta[1], fit$se, fit$ci.lb, fit$ci.ub, fit$pval)
  wide <- qt(0.975, length(own$y) - 2) * sqrt(fit$se^2 + fit$tau2)  # Higgins et al. (2009); predict() takes k - 1
  row(case, name, knapp, "prediction", fit$beta[1], NA, fit$beta[1] - wide, fit$beta[1] + wide, NA)
  q <- confint(rma(own$y, own$v, method = "PM", control = list(tol = 1e-14)), control = list(tol = 1e-14, tau2.max = 1e6))$random
  row(case, name, knapp, "tau2", fit$tau2, NA, q["tau^2", "ci.lb"], q["tau^2", "ci.ub"], NA)
  row(case, name, knapp, "i2", fit$I2 / 100, NA, q["I^2(%)", "ci.lb"] / 100, q["I^2(%)", "ci.ub"] / 100, NA)
  row(case, name, knapp, "q", fit$QE, NA, NA, NA, fit$QEp)
}
