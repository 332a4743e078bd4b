* Towards the numbers of: llo_research 1.0.0, mean(variables=['PV*'], by='education', missing='omit',.
* plausible=True).
* Not run: written by the manual (IBM SPSS Complex Samples; Command Syntax Reference).
* It needs the module Complex Samples for its standard errors; WEIGHT BY alone gives estimates.
* What SPSS cannot do: Complex Samples combines no plausible values: run it for each, and combine by Rubin's.
* rules.


* The file is written by svy.to_file('data.sav'), which keeps the order of rows and of levels.
GET FILE='data.sav'.
* education: 1 = low, 2 = middle, 3 = high.
IF (h <> '') h_known = 1.
IF (psu <> '') psu_known = 1.

* The plan of the sample. Complex Samples reads it in each command.
CSPLAN ANALYSIS
  /PLAN FILE='design.csaplan'
  /PLANVARS ANALYSISWEIGHT=w
  /PRINT PLAN
  /DESIGN STRATA=year h CLUSTER=psu
  /ESTIMATOR TYPE=WR.

* The nearest: the means themselves. They are not the numbers of the result.

* People the call is about; SELECT IF would take the others out of the design as well.
COMPUTE people = (NOT MISSING(PV_8cfeb710)) AND (NOT MISSING(education)).
RECODE people (1 = 1) (ELSE = 0).

* Means; those of columns of 0 and 1 are shares, with an interval that is not kept within 0 and 1.
CSDESCRIPTIVES
  /PLAN FILE='design.csaplan'
  /SUMMARY VARIABLES=PV_8cfeb710
  /MEAN
  /STATISTICS SE COUNT CIN(95)
  /SUBPOP TABLE=people BY education DISPLAY=LAYERED
  /MISSING SCOPE=ANALYSIS CLASSMISSING=EXCLUDE.
