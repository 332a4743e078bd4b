* Towards the numbers of: llo_research 1.0.0, llo.crosstab('education', 'sex', svy).test('chisq').
* Not run: written by the manual (IBM SPSS Complex Samples; Command Syntax Reference).
* It needs the module Complex Samples for its standard errors; WEIGHT BY alone gives estimates.
* What SPSS cannot do: The test is in the table Tests of Independence: the adjusted F is test('F'); the others.
* are not made.


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
* The test is Rao and Scott's second-order F, as crosstab(...).test('F').

* Shares of each level, in per cent of the table.
CSTABULATE
  /PLAN FILE='design.csaplan'
  /TABLES VARIABLES=education BY sex
  /CELLS TABLEPCT
  /STATISTICS SE COUNT CIN(95)
  /TEST INDEPENDENCE
  /SUBPOP TABLE=people DISPLAY=LAYERED
  /MISSING SCOPE=TABLE CLASSMISSING=EXCLUDE.
