* Towards the numbers of: llo_research 1.0.0, llo.quantile('hours', svy, q=[0.25, 0.5], by='sex').
* Not run: written by the manual (IBM SPSS Complex Samples; Command Syntax Reference).
* It needs the module Complex Samples for its standard errors; WEIGHT BY alone gives estimates.
* What SPSS cannot do: Degrees of freedom are those of the whole sample; those of the result are of the people.
* of each row. SPSS has no command like quantile that knows the design. Nearest: FREQUENCIES with WEIGHT BY.
* gives the quantile under another rule, and no error of the design.


* The file is written by svy.to_file('data.sav'), which keeps the order of rows and of levels.
GET FILE='data.sav'.
* sex: 1 = m, 2 = f.
IF (h <> '') h_known = 1.

* The plan of the sample. Complex Samples reads it in each command.
CSPLAN ANALYSIS
  /PLAN FILE='design.csaplan'
  /PLANVARS ANALYSISWEIGHT=w
  /PRINT PLAN
  /DESIGN STRATA=h CLUSTER=psu
  /ESTIMATOR TYPE=WR.

* People the call is about; SELECT IF would take the others out of the design as well.
COMPUTE people = (NOT MISSING(hours)) AND (NOT MISSING(sex)).
RECODE people (1 = 1) (ELSE = 0).

* Quantiles by SPSS's own rule; it gives no standard error of a sample design.
SORT CASES BY sex.
SPLIT FILE LAYERED BY sex.
WEIGHT BY w.
TEMPORARY.
SELECT IF (people = 1).
FREQUENCIES VARIABLES=hours
  /FORMAT=NOTABLE
  /PERCENTILES=25 50.
WEIGHT OFF.
SPLIT FILE OFF.
