# A logit and a regression with effects of persons and years at the jackknife replicates of a design, by withReplicates.
# Run from the root of the repository:
#   python -c "from tests.scanning.test_passes import FRAME; FRAME.to_csv('rows.csv', index=False)"
#   Rscript tests/reference/scan_replicates.R rows.csv tests/reference/scan_replicates.csv
# R 4.2.2, survey 4.1-1.
suppressMessages(library(survey))
given <- commandArgs(trailingOnly = TRUE)
f <- read.csv(given[1])
f$training <- f$training == "True"
design <- svydesign(~psu, strata = ~stratum, weights = ~w, data = f, nest = TRUE)
replicates <- as.svrepdesign(design, type = "JKn", mse = TRUE)
logit <- withReplicates(replicates, function(own, d) {
  d$own <- own
  coef(glm(training ~ autonomy + hours, family = quasibinomial, data = d, weights = own,
           control = glm.control(epsilon = 1e-14, maxit = 50)))
})
effects <- withReplicates(replicates, function(own, d) {
  kept <- !is.na(d$hours) & own > 0
  d <- d[kept, ]
  own <- own[kept]
  z <- cbind(d$autonomy, model.matrix(~ factor(year), d)[, -1], d$hours)
  sums <- rowsum(cbind(z * own, own), d$person)
  q <- ncol(z)
  r <- z - (sums[, 1:q] / sums[, q + 1])[as.character(d$person), ]
  lm.wfit(r[, -q], r[, q], own)$coefficients[1]
})
out <- data.frame(
  model = c("logit", "logit", "logit", "effects"),
  estimate = c(coef(logit), coef(effects)),
  std_error = c(sqrt(diag(vcov(logit))), sqrt(diag(vcov(effects))))
)
out$estimate <- sprintf("%.15g", out$estimate)
out$std_error <- sprintf("%.15g", out$std_error)
write.csv(out, given[2], row.names = FALSE, quote = FALSE, eol = "\n")
