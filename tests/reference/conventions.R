# What R gives on conventions_panel.csv. Run from this folder: Rscript conventions.R > conventions_r.csv
# One line a case: estimate and standard error of x, degrees of freedom (Inf: normal) and p-value as R prints them.
suppressWarnings(suppressPackageStartupMessages({library(survey); library(plm); library(sandwich); library(lmtest)}))
d <- read.csv("conventions_panel.csv")
d$who_f <- factor(d$who); d$year_f <- factor(d$year)
des <- svydesign(ids = ~firm, strata = ~stratum, weights = ~w, data = d)
tight <- glm.control(epsilon = 1e-15, maxit = 100)
cat("case,program,estimate,std_error,df,p_value\n")
put <- function(case, program, b, se, df, p) cat(sprintf("%s,%s,%.15g,%.15g,%s,%.15g\n", case, program, b, se, format(df), p))
row <- function(case, program, table, df, term = "x") put(case, program, table[term, 1], table[term, 2], df, table[term, 4])
survey_row <- function(case, fit) suppressWarnings(row(case, "survey svyglm", coef(summary(fit)), fit$df.residual))

# strata and sampling units: survey
survey_row("glm design", svyglm(y ~ x + u, des))
survey_row("logit design", svyglm(yes ~ x + u, des, family = quasibinomial, control = tight))
fit <- svyglm(y ~ x + u + who_f, des); put("fe1 design", "survey svyglm on dummies", coef(fit)["x"], SE(fit)["x"], fit$df.residual, NaN)
fit <- svyglm(y ~ x + u + who_f + year_f, des); put("fe2 design", "survey svyglm on dummies", coef(fit)["x"], SE(fit)["x"], fit$df.residual, NaN)
p <- pdata.frame(d, c("who", "year"))
wave <- d[order(d$who, d$year), ]
same <- c(FALSE, diff(wave$who) == 0 & diff(wave$year) == 1)
for (v in c("y", "x", "u")) wave[[paste0("d_", v)]] <- ifelse(same, c(NA, diff(wave[[v]])), NA)
steps <- wave[same, ]
steps$x <- steps$d_x
survey_row("fd design", svyglm(d_y ~ 0 + x + d_u, svydesign(ids = ~firm, strata = ~stratum, weights = ~w, data = steps)))
means <- aggregate(cbind(y, x, u, w, firm, stratum) ~ who, d, mean)
survey_row("between design", svyglm(y ~ x + u, svydesign(ids = ~firm, strata = ~stratum, weights = ~w, data = means)))

# weights as given: lm and glm with sandwich, fixed effects as dummies
m <- lm(y ~ x + u, d, weights = w); g <- glm(yes ~ x + u, quasibinomial, d, weights = w, control = tight)
f1 <- lm(y ~ x + u + who_f, d, weights = w); f2 <- lm(y ~ x + u + who_f + year_f, d, weights = w)
models <- list(glm = m, logit = g, fe1 = f1, fe2 = f2)
for (name in names(models)) {
  fit <- models[[name]]; how <- if (name == "logit") "glm" else if (name == "glm") "lm" else "lm on dummies"
  test <- function(case, v, call) row(paste(name, case), call, coeftest(fit, v), if (name == "logit") Inf else fit$df.residual)
  row(paste(name, "iid"), how, coef(summary(fit)), fit$df.residual)
  test("hc1", vcovHC(fit, type = "HC1"), paste(how, "with vcovHC HC1"))
  test("cluster", vcovCL(fit, cluster = ~firm, type = "HC1"), paste(how, "with vcovCL HC1"))
  test("two-way", vcovCL(fit, cluster = ~ firm + year, type = "HC1"), paste(how, "with vcovCL HC1"))
  if (name == "glm") test("driscoll-kraay", vcovPL(fit, cluster = ~who, order.by = ~year, lag = 1, aggregate = TRUE, adjust = FALSE), "lm with vcovPL")
}

# without weights: plm
plm_row <- function(case, fit, v, call) row(case, call, coeftest(fit, v), df.residual(fit))
w1 <- plm(y ~ x + u, p, model = "within"); w2 <- plm(y ~ x + u, p, model = "within", effect = "twoways")
re <- plm(y ~ x + u, p, model = "random"); be <- plm(y ~ x + u, p, model = "between")
for (name in c("fe1u", "fe2u", "reu", "betweenu")) {
  fit <- list(fe1u = w1, fe2u = w2, reu = re, betweenu = be)[[name]]
  row(paste(name, "iid"), "plm", coef(summary(fit)), if (name == "reu") Inf else df.residual(fit))
  if (name != "betweenu") {
    plm_row(paste(name, "cluster"), fit, vcovHC(fit, method = "arellano", type = "HC0"), "plm with vcovHC HC0")
    plm_row(paste(name, "driscoll-kraay"), fit, vcovSCC(fit, type = "HC0", maxlag = 1), "plm with vcovSCC HC0")
    plm_row(paste(name, "hc1"), fit, vcovHC(fit, method = "white1", type = "HC1"), "plm with vcovHC white1 HC1")
  }
}
