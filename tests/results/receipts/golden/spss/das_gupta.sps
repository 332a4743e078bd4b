* Towards the numbers of: llo_research 1.0.0, llo.decomposition.das_gupta(factors, populations, ...).
* Not run: written by the manual (IBM SPSS Complex Samples; Command Syntax Reference).
* It needs the module Complex Samples for its standard errors; WEIGHT BY alone gives estimates.
* What SPSS cannot do: SPSS has no command like das_gupta that knows the design.


* The file is written by svy.to_file('data.sav'), which keeps the order of rows and of levels.
GET FILE='data.sav'.

* The plan of the sample. Complex Samples reads it in each command.
COMPUTE one = 1.
CSPLAN ANALYSIS
  /PLAN FILE='design.csaplan'
  /PLANVARS ANALYSISWEIGHT=one
  /PRINT PLAN
  /DESIGN STAGELABEL='element sample'
  /ESTIMATOR TYPE=WR.
