* Towards the numbers of: llo_research 1.0.0, llo.panel.hausman('hours ~ age', svy, robust=False).
* SPSS has no comparison of fixed and random effects, and no script is made. Nearest: GENLINMIXED or MIXED.
* with the means by person as further columns, whose coefficients are tested.


* The file is written by svy.to_file('data.sav'), which keeps the order of rows and of levels.
GET FILE='data.sav'.

* The plan of the sample. Complex Samples reads it in each command.
CSPLAN ANALYSIS
  /PLAN FILE='design.csaplan'
  /PLANVARS ANALYSISWEIGHT=w
  /PRINT PLAN
  /DESIGN STRATA=h CLUSTER=person
  /ESTIMATOR TYPE=WR.
