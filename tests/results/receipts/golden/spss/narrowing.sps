* Towards the numbers of: llo_research 1.0.0, llo.narrowing('hours', svy.where('year in [2011, 2022]'),.
* group='sex', of='m', minus='f', by='education', time='year', base=2011).
* Not run: written by the manual (IBM SPSS Complex Samples; Command Syntax Reference).
* It needs the module Complex Samples for its standard errors; WEIGHT BY alone gives estimates.
* What SPSS cannot do: Degrees of freedom are those of the whole sample; those of the result are of the people.
* of each row. It prints the differences. The statement's p is the largest of three, each half of the one.
* printed where the sign is right: gap_change below 0, gap_sum above 0, change_both to the side of the group.
* that is named.


* The file is written by svy.to_file('data.sav'), which keeps the order of rows and of levels.
GET FILE='data.sav'.
* sex: 1 = m, 2 = f.
* education: 1 = low, 2 = middle, 3 = high.

* The plan of the sample. Complex Samples reads it in each command.
CSPLAN ANALYSIS
  /PLAN FILE='design.csaplan'
  /PLANVARS ANALYSISWEIGHT=w
  /PRINT PLAN
  /DESIGN STRATA=h CLUSTER=person
  /ESTIMATOR TYPE=WR.

* People the call is about; SELECT IF would take the others out of the design as well.
COMPUTE people = (ANY(year, 2011, 2022)) AND (NOT MISSING(hours)) AND (NOT MISSING(education)) AND (NOT
    MISSING(sex)) AND (NOT MISSING(year)).
RECODE people (1 = 1) (ELSE = 0).

* A column of 0 and 1 for each cell; without a constant the coefficients are the means of the cells.
COMPUTE cell_1 = (education = 1 AND year = 2011 AND sex = 1).
RECODE cell_1 (SYSMIS = 0).
COMPUTE cell_2 = (education = 1 AND year = 2011 AND sex = 2).
RECODE cell_2 (SYSMIS = 0).
COMPUTE cell_3 = (education = 1 AND year = 2022 AND sex = 1).
RECODE cell_3 (SYSMIS = 0).
COMPUTE cell_4 = (education = 1 AND year = 2022 AND sex = 2).
RECODE cell_4 (SYSMIS = 0).
COMPUTE cell_5 = (education = 2 AND year = 2011 AND sex = 1).
RECODE cell_5 (SYSMIS = 0).
COMPUTE cell_6 = (education = 2 AND year = 2011 AND sex = 2).
RECODE cell_6 (SYSMIS = 0).
COMPUTE cell_7 = (education = 2 AND year = 2022 AND sex = 1).
RECODE cell_7 (SYSMIS = 0).
COMPUTE cell_8 = (education = 2 AND year = 2022 AND sex = 2).
RECODE cell_8 (SYSMIS = 0).
COMPUTE cell_9 = (education = 3 AND year = 2011 AND sex = 1).
RECODE cell_9 (SYSMIS = 0).
COMPUTE cell_10 = (education = 3 AND year = 2011 AND sex = 2).
RECODE cell_10 (SYSMIS = 0).
COMPUTE cell_11 = (education = 3 AND year = 2022 AND sex = 1).
RECODE cell_11 (SYSMIS = 0).
COMPUTE cell_12 = (education = 3 AND year = 2022 AND sex = 2).
RECODE cell_12 (SYSMIS = 0).
CSGLM hours WITH cell_1 cell_2 cell_3 cell_4 cell_5 cell_6 cell_7 cell_8 cell_9 cell_10 cell_11 cell_12
  /PLAN FILE='design.csaplan'
  /DOMAIN VARIABLE=people(1)
  /MODEL cell_1 cell_2 cell_3 cell_4 cell_5 cell_6 cell_7 cell_8 cell_9 cell_10 cell_11 cell_12
  /INTERCEPT INCLUDE=NO SHOW=NO
  /STATISTICS PARAMETER SE CINTERVAL TTEST
  /CUSTOM LABEL='gap_base:low' LMATRIX=cell_1 1 cell_2 -1
  /CUSTOM LABEL='gap_later:low' LMATRIX=cell_3 1 cell_4 -1
  /CUSTOM LABEL='gap_change:low' LMATRIX=cell_1 -1 cell_3 1 cell_2 1 cell_4 -1
  /CUSTOM LABEL='gap_sum:low' LMATRIX=cell_1 1 cell_3 1 cell_2 -1 cell_4 -1
  /CUSTOM LABEL='change_of:low' LMATRIX=cell_1 -1 cell_3 1
  /CUSTOM LABEL='change_minus:low' LMATRIX=cell_2 -1 cell_4 1
  /CUSTOM LABEL='change_both:low' LMATRIX=cell_1 -1 cell_3 1 cell_2 -1 cell_4 1
  /CUSTOM LABEL='gap_base:middle' LMATRIX=cell_5 1 cell_6 -1
  /CUSTOM LABEL='gap_later:middle' LMATRIX=cell_7 1 cell_8 -1
  /CUSTOM LABEL='gap_change:middle' LMATRIX=cell_5 -1 cell_7 1 cell_6 1 cell_8 -1
  /CUSTOM LABEL='gap_sum:middle' LMATRIX=cell_5 1 cell_7 1 cell_6 -1 cell_8 -1
  /CUSTOM LABEL='change_of:middle' LMATRIX=cell_5 -1 cell_7 1
  /CUSTOM LABEL='change_minus:middle' LMATRIX=cell_6 -1 cell_8 1
  /CUSTOM LABEL='change_both:middle' LMATRIX=cell_5 -1 cell_7 1 cell_6 -1 cell_8 1
  /CUSTOM LABEL='gap_base:high' LMATRIX=cell_9 1 cell_10 -1
  /CUSTOM LABEL='gap_later:high' LMATRIX=cell_11 1 cell_12 -1
  /CUSTOM LABEL='gap_change:high' LMATRIX=cell_9 -1 cell_11 1 cell_10 1 cell_12 -1
  /CUSTOM LABEL='gap_sum:high' LMATRIX=cell_9 1 cell_11 1 cell_10 -1 cell_12 -1
  /CUSTOM LABEL='change_of:high' LMATRIX=cell_9 -1 cell_11 1
  /CUSTOM LABEL='change_minus:high' LMATRIX=cell_10 -1 cell_12 1
  /CUSTOM LABEL='change_both:high' LMATRIX=cell_9 -1 cell_11 1 cell_10 -1 cell_12 1
  /CRITERIA CILEVEL=95.

* Without the module: the same means. Their standard errors take a weight for a number of people.
WEIGHT BY w.
TEMPORARY.
SELECT IF (people = 1).
MEANS TABLES=hours BY year BY education BY sex
  /CELLS=MEAN COUNT.
WEIGHT OFF.
