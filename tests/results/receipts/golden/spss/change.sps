* The same numbers in SPSS: llo_research 1.0.0, llo.change('hours', svy, by='sex', time='year', base=2011).
* Not run: written by the manual (IBM SPSS Complex Samples; Command Syntax Reference).
* It needs the module Complex Samples for its standard errors; WEIGHT BY alone gives estimates.
* What SPSS cannot do: Degrees of freedom are those of the whole sample; those of the result are of the people.
* of each row.


* The file is written by svy.to_file('data.sav'), which keeps the order of rows and of levels.
GET FILE='data.sav'.
* sex: 1 = m, 2 = f.

* The plan of the sample. Complex Samples reads it in each command.
CSPLAN ANALYSIS
  /PLAN FILE='design.csaplan'
  /PLANVARS ANALYSISWEIGHT=w
  /PRINT PLAN
  /DESIGN STRATA=h CLUSTER=person
  /ESTIMATOR TYPE=WR.

* People the call is about; SELECT IF would take the others out of the design as well.
COMPUTE people = (NOT MISSING(hours)) AND (NOT MISSING(sex)) AND (NOT MISSING(year)).
RECODE people (1 = 1) (ELSE = 0).

* A column of 0 and 1 for each cell; without a constant the coefficients are the means of the cells.
COMPUTE cell_1 = (sex = 1 AND year = 2014).
RECODE cell_1 (SYSMIS = 0).
COMPUTE cell_2 = (sex = 1 AND year = 2011).
RECODE cell_2 (SYSMIS = 0).
COMPUTE cell_3 = (sex = 1 AND year = 2018).
RECODE cell_3 (SYSMIS = 0).
COMPUTE cell_4 = (sex = 1 AND year = 2022).
RECODE cell_4 (SYSMIS = 0).
COMPUTE cell_5 = (sex = 2 AND year = 2014).
RECODE cell_5 (SYSMIS = 0).
COMPUTE cell_6 = (sex = 2 AND year = 2011).
RECODE cell_6 (SYSMIS = 0).
COMPUTE cell_7 = (sex = 2 AND year = 2018).
RECODE cell_7 (SYSMIS = 0).
COMPUTE cell_8 = (sex = 2 AND year = 2022).
RECODE cell_8 (SYSMIS = 0).
CSGLM hours WITH cell_1 cell_2 cell_3 cell_4 cell_5 cell_6 cell_7 cell_8
  /PLAN FILE='design.csaplan'
  /DOMAIN VARIABLE=people(1)
  /MODEL cell_1 cell_2 cell_3 cell_4 cell_5 cell_6 cell_7 cell_8
  /INTERCEPT INCLUDE=NO SHOW=NO
  /STATISTICS PARAMETER SE CINTERVAL TTEST
  /CUSTOM LABEL='m:2014' LMATRIX=cell_1 1 cell_2 -1
  /CUSTOM LABEL='m:2018' LMATRIX=cell_3 1 cell_2 -1
  /CUSTOM LABEL='m:2022' LMATRIX=cell_4 1 cell_2 -1
  /CUSTOM LABEL='f:2014' LMATRIX=cell_5 1 cell_6 -1
  /CUSTOM LABEL='f:2018' LMATRIX=cell_7 1 cell_6 -1
  /CUSTOM LABEL='f:2022' LMATRIX=cell_8 1 cell_6 -1
  /CRITERIA CILEVEL=95.

* Without the module: the same means. Their standard errors take a weight for a number of people.
WEIGHT BY w.
TEMPORARY.
SELECT IF (people = 1).
MEANS TABLES=hours BY year BY sex
  /CELLS=MEAN COUNT.
WEIGHT OFF.
