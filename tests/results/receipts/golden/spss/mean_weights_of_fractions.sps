* Towards the numbers of: llo_research 1.0.0, llo.mean('hours', svy).
* Not run: written by the manual (IBM SPSS Complex Samples; Command Syntax Reference).
* It needs the module Complex Samples for its standard errors; WEIGHT BY alone gives estimates.
* What SPSS cannot do: The weights follow from the fpc columns, and no column of the file holds them: make one.
* first.


* The file is written by svy.to_file('data.sav'), which keeps the order of rows and of levels.
GET FILE='data.sav'.
IF (h <> '') h_known = 1.

* The plan of the sample. Complex Samples reads it in each command.
COMPUTE one = 1.
CSPLAN ANALYSIS
  /PLAN FILE='design.csaplan'
  /PLANVARS ANALYSISWEIGHT=one
  /PRINT PLAN
  /DESIGN STRATA=h CLUSTER=psu
  /ESTIMATOR TYPE=EQUAL_WOR
  /POPSIZE VARIABLE=n_psu
  /DESIGN CLUSTER=person
  /ESTIMATOR TYPE=EQUAL_WOR
  /POPSIZE VARIABLE=n_people.
