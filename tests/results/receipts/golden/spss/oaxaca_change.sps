* Towards the numbers of: llo_research 1.0.0, llo.decomposition.oaxaca_change('hours ~ education + age', svy,.
* group='sex', of='m', minus='f', time='year', base=2011).
* Not run: written by the manual (IBM SPSS Complex Samples; Command Syntax Reference).
* It needs the module Complex Samples for its standard errors; WEIGHT BY alone gives estimates.
* What SPSS cannot do: SPSS has no command like oaxaca_change that knows the design. Nearest: CSGLM for each.
* group and time; the parts are sums of products of its coefficients and means.


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
