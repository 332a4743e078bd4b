* The same numbers in SPSS: llo_research 1.0.0, glm(formula='age ~ education * training + `hours per week` +.
* sex', family='gaussian', link='identity', missing='omit', vcov='design').
* Not run: written by the manual (IBM SPSS Complex Samples; Command Syntax Reference).
* It needs the module Complex Samples for its standard errors; WEIGHT BY alone gives estimates.
* 'hours per week' is called hours_per_week_91012e78 in SPSS, which does not take the name as it is.


* The file is written by svy.to_file('data.sav'), which keeps the order of rows and of levels.
GET FILE='data.sav'.
* education: 1 = low, 2 = middle, 3 = high.
IF (sex <> '') sex_known = 1.

* The plan of the sample. Complex Samples reads it in each command.
CSPLAN ANALYSIS
  /PLAN FILE='design.csaplan'
  /PLANVARS ANALYSISWEIGHT=w
  /PRINT PLAN
  /DESIGN STRATA=year h CLUSTER=firm
  /ESTIMATOR TYPE=WR.

* A column for each term: the first declared level of a category is the base, as in the result.
COMPUTE x_1 = (education = 2).
VARIABLE LABELS x_1 'education[T.middle]'.
COMPUTE x_2 = (education = 3).
VARIABLE LABELS x_2 'education[T.high]'.
COMPUTE x_3 = training.
VARIABLE LABELS x_3 'training'.
COMPUTE x_4 = hours_per_week_91012e78.
VARIABLE LABELS x_4 'hours per week'.
COMPUTE x_5 = (sex = 'v') * sex_known.
VARIABLE LABELS x_5 'sex[T.v]'.
COMPUTE x_6 = (education = 2) * training.
VARIABLE LABELS x_6 'education[T.middle]:training'.
COMPUTE x_7 = (education = 3) * training.
VARIABLE LABELS x_7 'education[T.high]:training'.

* People the call is about; SELECT IF would take the others out of the design as well.
COMPUTE people = (NOT MISSING(age)) AND (NOT MISSING(x_1)) AND (NOT MISSING(x_2)) AND (NOT MISSING(x_3)) AND
    (NOT MISSING(x_4)) AND (NOT MISSING(x_5)) AND (NOT MISSING(x_6)) AND (NOT MISSING(x_7)).
RECODE people (1 = 1) (ELSE = 0).

* The model.
CSGLM age WITH x_1 x_2 x_3 x_4 x_5 x_6 x_7
  /PLAN FILE='design.csaplan'
  /DOMAIN VARIABLE=people(1)
  /MODEL x_1 x_2 x_3 x_4 x_5 x_6 x_7
  /INTERCEPT INCLUDE=YES SHOW=YES
  /STATISTICS PARAMETER SE CINTERVAL TTEST
  /CRITERIA CILEVEL=95.
* df: SPSS keeps those of the design; ours are less by the number of slopes, as svyglm's.
