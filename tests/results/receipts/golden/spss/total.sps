* The same numbers in SPSS: llo_research 1.0.0, total(variables=['hours per week'], by='sex', missing='omit').
* Not run: written by the manual (IBM SPSS Complex Samples; Command Syntax Reference).
* It needs the module Complex Samples for its standard errors; WEIGHT BY alone gives estimates.
* 'hours per week' is called hours_per_week_91012e78 in SPSS, which does not take the name as it is.


* The file is written by svy.to_file('data.sav'), which keeps the order of rows and of levels.
GET FILE='data.sav'.
IF (sex <> '') sex_known = 1.

* The plan of the sample. Complex Samples reads it in each command.
CSPLAN ANALYSIS
  /PLAN FILE='design.csaplan'
  /PLANVARS ANALYSISWEIGHT=w
  /PRINT PLAN
  /DESIGN STRATA=year h CLUSTER=firm
  /ESTIMATOR TYPE=WR.

* People the call is about; SELECT IF would take the others out of the design as well.
COMPUTE people = (NOT MISSING(hours_per_week_91012e78)) AND (sex <> '').
RECODE people (1 = 1) (ELSE = 0).

* Totals.
CSDESCRIPTIVES
  /PLAN FILE='design.csaplan'
  /SUMMARY VARIABLES=hours_per_week_91012e78
  /SUM
  /STATISTICS SE COUNT CIN(95)
  /SUBPOP TABLE=people BY sex DISPLAY=LAYERED
  /MISSING SCOPE=ANALYSIS CLASSMISSING=EXCLUDE.

* Without the module: the same means. Their standard errors take a weight for a number of people.
WEIGHT BY w.
TEMPORARY.
SELECT IF (people = 1).
MEANS TABLES=hours_per_week_91012e78 BY sex
  /CELLS=MEAN COUNT.
WEIGHT OFF.
