* The same numbers in SPSS: llo_research 1.0.0, llo.share('education', svy, by='sex').
* Not run: written by the manual (IBM SPSS Complex Samples; Command Syntax Reference).
* It needs the module Complex Samples for its standard errors; WEIGHT BY alone gives estimates.
* What SPSS cannot do: Degrees of freedom are those of the whole sample; those of the result are of the people.
* of each row.


* The file is written by svy.to_file('data.sav'), which keeps the order of rows and of levels.
GET FILE='data.sav'.
* education: 1 = low, 2 = middle, 3 = high.
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
COMPUTE people = (NOT MISSING(education)) AND (NOT MISSING(sex)).
RECODE people (1 = 1) (ELSE = 0).

* Shares of each level, in per cent of the table.
CSTABULATE
  /PLAN FILE='design.csaplan'
  /TABLES VARIABLES=education
  /CELLS TABLEPCT
  /STATISTICS SE COUNT CIN(95)
  /SUBPOP TABLE=people BY sex DISPLAY=LAYERED
  /MISSING SCOPE=TABLE CLASSMISSING=EXCLUDE.
