* Towards the numbers of: llo_research 1.0.0, llo.meta_analysis(llo.mean('hours', svy, by='education')).
* Not run: written by the manual (IBM SPSS Complex Samples; Command Syntax Reference).
* It needs the module Complex Samples for its standard errors; WEIGHT BY alone gives estimates.
* What SPSS cannot do: Degrees of freedom are those of the whole sample; those of the result are of the people.
* of each row. It prints the estimates; META ES CONTINUOUS (SPSS 28 and later) takes them and their standard.
* errors, typed into a file, for independent, and has no Paule and Mandel.


* The file is written by svy.to_file('data.sav'), which keeps the order of rows and of levels.
GET FILE='data.sav'.
* education: 1 = low, 2 = middle, 3 = high.
IF (h <> '') h_known = 1.

* The plan of the sample. Complex Samples reads it in each command.
CSPLAN ANALYSIS
  /PLAN FILE='design.csaplan'
  /PLANVARS ANALYSISWEIGHT=w
  /PRINT PLAN
  /DESIGN STRATA=h CLUSTER=psu
  /ESTIMATOR TYPE=WR.

* People the call is about; SELECT IF would take the others out of the design as well.
COMPUTE people = (NOT MISSING(hours)) AND (NOT MISSING(education)).
RECODE people (1 = 1) (ELSE = 0).

* Means; those of columns of 0 and 1 are shares, with an interval that is not kept within 0 and 1.
CSDESCRIPTIVES
  /PLAN FILE='design.csaplan'
  /SUMMARY VARIABLES=hours
  /MEAN
  /STATISTICS SE COUNT CIN(95)
  /SUBPOP TABLE=people BY education DISPLAY=LAYERED
  /MISSING SCOPE=ANALYSIS CLASSMISSING=EXCLUDE.

* Without the module: the same means. Their standard errors take a weight for a number of people.
WEIGHT BY w.
TEMPORARY.
SELECT IF (people = 1).
MEANS TABLES=hours BY education
  /CELLS=MEAN COUNT.
WEIGHT OFF.
