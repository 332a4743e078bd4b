* The same numbers in SPSS: llo_research 1.0.0, llo.gap('hours', svy, group='sex', of='m', minus='f',.
* by='education').
* Not run: written by the manual (IBM SPSS Complex Samples; Command Syntax Reference).
* It needs the module Complex Samples for its standard errors; WEIGHT BY alone gives estimates.
* What SPSS cannot do: Degrees of freedom are those of the whole sample; those of the result are of the people.
* of each row.


* The file is written by svy.to_file('data.sav'), which keeps the order of rows and of levels.
GET FILE='data.sav'.
* education: 1 = low, 2 = middle, 3 = high.
* sex: 1 = m, 2 = f.
IF (h <> '') h_known = 1.

* The plan of the sample. Complex Samples reads it in each command.
CSPLAN ANALYSIS
  /PLAN FILE='design.csaplan'
  /PLANVARS ANALYSISWEIGHT=w
  /PRINT PLAN
  /DESIGN STRATA=h CLUSTER=psu
  /ESTIMATOR TYPE=WR.

* People the call is about; SELECT IF would take the others out of the design as well.
COMPUTE people = (NOT MISSING(hours)) AND (NOT MISSING(education)) AND (NOT MISSING(sex)).
RECODE people (1 = 1) (ELSE = 0).

* A column of 0 and 1 for each cell; without a constant the coefficients are the means of the cells.
COMPUTE cell_1 = (education = 1 AND sex = 1).
RECODE cell_1 (SYSMIS = 0).
COMPUTE cell_2 = (education = 1 AND sex = 2).
RECODE cell_2 (SYSMIS = 0).
COMPUTE cell_3 = (education = 2 AND sex = 1).
RECODE cell_3 (SYSMIS = 0).
COMPUTE cell_4 = (education = 2 AND sex = 2).
RECODE cell_4 (SYSMIS = 0).
COMPUTE cell_5 = (education = 3 AND sex = 1).
RECODE cell_5 (SYSMIS = 0).
COMPUTE cell_6 = (education = 3 AND sex = 2).
RECODE cell_6 (SYSMIS = 0).
CSGLM hours WITH cell_1 cell_2 cell_3 cell_4 cell_5 cell_6
  /PLAN FILE='design.csaplan'
  /DOMAIN VARIABLE=people(1)
  /MODEL cell_1 cell_2 cell_3 cell_4 cell_5 cell_6
  /INTERCEPT INCLUDE=NO SHOW=NO
  /STATISTICS PARAMETER SE CINTERVAL TTEST
  /CUSTOM LABEL='low' LMATRIX=cell_1 1 cell_2 -1
  /CUSTOM LABEL='middle' LMATRIX=cell_3 1 cell_4 -1
  /CUSTOM LABEL='high' LMATRIX=cell_5 1 cell_6 -1
  /CRITERIA CILEVEL=95.

* Without the module: the same means. Their standard errors take a weight for a number of people.
WEIGHT BY w.
TEMPORARY.
SELECT IF (people = 1).
MEANS TABLES=hours BY education BY sex
  /CELLS=MEAN COUNT.
WEIGHT OFF.
