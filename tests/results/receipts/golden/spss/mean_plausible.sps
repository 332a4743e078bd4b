* Towards the numbers of: llo_research 1.0.0, llo.mean('PV*', svy, by='education', plausible=True).
* Not run: written by the manual (IBM SPSS Complex Samples; Command Syntax Reference).
* It needs the module Complex Samples for its standard errors; WEIGHT BY alone gives estimates.
* What SPSS cannot do: Degrees of freedom are those of the whole sample; those of the result are of the people.
* of each row. Complex Samples combines no plausible values: run it for each, and combine by Rubin's rules.


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
