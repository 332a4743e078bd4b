* The same numbers in SPSS: llo_research 1.0.0, llo.gap('training', svy, of='age >= 50', minus='age < 30',.
* scale='odds').
* Not run: written by the manual (IBM SPSS Complex Samples; Command Syntax Reference).
* It needs the module Complex Samples for its standard errors; WEIGHT BY alone gives estimates.
* What SPSS cannot do: Ratios and odds ratios of means have no command; the difference is given.


* The file is written by svy.to_file('data.sav'), which keeps the order of rows and of levels.
GET FILE='data.sav'.
IF (h <> '') h_known = 1.

* The plan of the sample. Complex Samples reads it in each command.
CSPLAN ANALYSIS
  /PLAN FILE='design.csaplan'
  /PLANVARS ANALYSISWEIGHT=w
  /PRINT PLAN
  /DESIGN STRATA=h CLUSTER=psu
  /ESTIMATOR TYPE=WR.

* People the call is about; SELECT IF would take the others out of the design as well.
COMPUTE people = (NOT MISSING(training)).
RECODE people (1 = 1) (ELSE = 0).

* A column of 0 and 1 for each cell; without a constant the coefficients are the means of the cells.
COMPUTE cell_1 = ((age >= 50)).
RECODE cell_1 (SYSMIS = 0).
COMPUTE cell_2 = ((age < 30)).
RECODE cell_2 (SYSMIS = 0).
CSGLM training WITH cell_1 cell_2
  /PLAN FILE='design.csaplan'
  /DOMAIN VARIABLE=people(1)
  /MODEL cell_1 cell_2
  /INTERCEPT INCLUDE=NO SHOW=NO
  /STATISTICS PARAMETER SE CINTERVAL TTEST
  /CUSTOM LABEL='training' LMATRIX=cell_1 1 cell_2 -1
  /CRITERIA CILEVEL=95.

* Without the module: the same means. Their standard errors take a weight for a number of people.
WEIGHT BY w.
TEMPORARY.
SELECT IF (people = 1).
MEANS TABLES=training
  /CELLS=MEAN COUNT.
WEIGHT OFF.
