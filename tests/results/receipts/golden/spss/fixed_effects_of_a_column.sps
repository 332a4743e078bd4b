* Towards the numbers of: llo_research 1.0.0, llo.panel.fixed_effects('hours ~ age + education', svy,.
* effects='region').
* Not run: written by the manual (IBM SPSS Complex Samples; Command Syntax Reference).
* It needs the module Complex Samples for its standard errors; WEIGHT BY alone gives estimates.
* What SPSS cannot do: SPSS has no command like panel.fixed_effects that knows the design. Nearest: CSGLM on.
* columns less their means by person, which takes the means for known.


* The file is written by svy.to_file('data.sav'), which keeps the order of rows and of levels.
GET FILE='data.sav'.
* education: 1 = low, 2 = middle, 3 = high.
IF (h <> '') h_known = 1.
IF (region <> '') region_known = 1.

* The plan of the sample. Complex Samples reads it in each command.
CSPLAN ANALYSIS
  /PLAN FILE='design.csaplan'
  /PLANVARS ANALYSISWEIGHT=w
  /PRINT PLAN
  /DESIGN STRATA=h CLUSTER=psu
  /ESTIMATOR TYPE=WR.
