* Towards the numbers of: llo_research 1.0.0, llo.panel.mundlak('hours ~ age', svy)  # its unit means are.
* tested, as llo.panel.hausman does.
* Not run: written by the manual (IBM SPSS Complex Samples; Command Syntax Reference).
* It needs the module Complex Samples for its standard errors; WEIGHT BY alone gives estimates.
* What SPSS cannot do: SPSS has no command like panel.mundlak that knows the design. Nearest: CSGLM with the.
* means by person that AGGREGATE makes as further columns. CSGLM and CSLOGISTIC test each term as a whole.
* (table Tests of Model Effects); other restrictions are typed as /CUSTOM LMATRIX, and there is no likelihood.
* ratio.


* The file is written by svy.to_file('data.sav'), which keeps the order of rows and of levels.
GET FILE='data.sav'.

* The plan of the sample. Complex Samples reads it in each command.
CSPLAN ANALYSIS
  /PLAN FILE='design.csaplan'
  /PLANVARS ANALYSISWEIGHT=w
  /PRINT PLAN
  /DESIGN STRATA=h CLUSTER=person
  /ESTIMATOR TYPE=WR.
