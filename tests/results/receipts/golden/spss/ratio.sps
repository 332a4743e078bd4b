* The same numbers in SPSS: llo_research 1.0.0, ratio(numerator='training', denominator='age', missing='omit').
* Not run: written by the manual (IBM SPSS Complex Samples; Command Syntax Reference).
* It needs the module Complex Samples for its standard errors; WEIGHT BY alone gives estimates.


* The file is written by svy.to_file('data.sav'), which keeps the order of rows and of levels.
GET FILE='data.sav'.

* The plan of the sample. Complex Samples reads it in each command.
CSPLAN ANALYSIS
  /PLAN FILE='design.csaplan'
  /PLANVARS ANALYSISWEIGHT=w
  /PRINT PLAN
  /DESIGN STRATA=year h CLUSTER=firm
  /ESTIMATOR TYPE=WR.

* People the call is about; SELECT IF would take the others out of the design as well.
COMPUTE people = (NOT MISSING(training)) AND (NOT MISSING(age)).
RECODE people (1 = 1) (ELSE = 0).

* The ratio.
CSDESCRIPTIVES
  /PLAN FILE='design.csaplan'
  /RATIO NUMERATOR=training DENOMINATOR=age
  /STATISTICS SE COUNT CIN(95)
  /SUBPOP TABLE=people DISPLAY=LAYERED
  /MISSING SCOPE=ANALYSIS CLASSMISSING=EXCLUDE.
