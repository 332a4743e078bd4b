* Towards the numbers of: llo_research 1.0.0, llo.break_robustness(llo.change('hours', svy, time='year',.
* base=2011)).
* Not run: written by the manual (IBM SPSS Complex Samples; Command Syntax Reference).
* It needs the module Complex Samples for its standard errors; WEIGHT BY alone gives estimates.
* What SPSS cannot do: It prints the changes. A break as large as the change is all of it; the margin of error.
* taken off, nothing certain is left of the change, and added, the change is one in the other direction.


* The file is written by svy.to_file('data.sav'), which keeps the order of rows and of levels.
GET FILE='data.sav'.

* The plan of the sample. Complex Samples reads it in each command.
CSPLAN ANALYSIS
  /PLAN FILE='design.csaplan'
  /PLANVARS ANALYSISWEIGHT=w
  /PRINT PLAN
  /DESIGN STRATA=h CLUSTER=person
  /ESTIMATOR TYPE=WR.

* People the call is about; SELECT IF would take the others out of the design as well.
COMPUTE people = (NOT MISSING(hours)) AND (NOT MISSING(year)).
RECODE people (1 = 1) (ELSE = 0).

* A column of 0 and 1 for each cell; without a constant the coefficients are the means of the cells.
COMPUTE cell_1 = (year = 2014).
RECODE cell_1 (SYSMIS = 0).
COMPUTE cell_2 = (year = 2011).
RECODE cell_2 (SYSMIS = 0).
COMPUTE cell_3 = (year = 2018).
RECODE cell_3 (SYSMIS = 0).
COMPUTE cell_4 = (year = 2022).
RECODE cell_4 (SYSMIS = 0).
CSGLM hours WITH cell_1 cell_2 cell_3 cell_4
  /PLAN FILE='design.csaplan'
  /DOMAIN VARIABLE=people(1)
  /MODEL cell_1 cell_2 cell_3 cell_4
  /INTERCEPT INCLUDE=NO SHOW=NO
  /STATISTICS PARAMETER SE CINTERVAL TTEST
  /CUSTOM LABEL='2014' LMATRIX=cell_1 1 cell_2 -1
  /CUSTOM LABEL='2018' LMATRIX=cell_3 1 cell_2 -1
  /CUSTOM LABEL='2022' LMATRIX=cell_4 1 cell_2 -1
  /CRITERIA CILEVEL=95.

* Without the module: the same means. Their standard errors take a weight for a number of people.
WEIGHT BY w.
TEMPORARY.
SELECT IF (people = 1).
MEANS TABLES=hours BY year
  /CELLS=MEAN COUNT.
WEIGHT OFF.
