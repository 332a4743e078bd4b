* Towards the numbers of: llo_research 1.0.0, llo.glm('training ~ age', svy, family='binomial').test('age',.
* method='lr').
* Not run: written by the manual (IBM SPSS Complex Samples; Command Syntax Reference).
* It needs the module Complex Samples for its standard errors; WEIGHT BY alone gives estimates.
* What SPSS cannot do: SPSS keeps the design's degrees of freedom; those of the result are less by the number.
* of slopes, so that its intervals are a little wider and its p-values larger (/CRITERIA DF= sets them). CSGLM.
* and CSLOGISTIC test each term as a whole (table Tests of Model Effects); other restrictions are typed as.
* /CUSTOM LMATRIX, and there is no likelihood ratio.


* The file is written by svy.to_file('data.sav'), which keeps the order of rows and of levels.
GET FILE='data.sav'.
IF (h <> '') h_known = 1.

* The plan of the sample. Complex Samples reads it in each command.
CSPLAN ANALYSIS
  /PLAN FILE='design.csaplan'
  /PLANVARS ANALYSISWEIGHT=w
  /PRINT PLAN
  /DESIGN STRATA=h CLUSTER=psu
  /ESTIMATOR TYPE=WR.

* A column for each term: the first declared level of a category is the base, as in the result.
COMPUTE x_1 = age.
VARIABLE LABELS x_1 'age'.

* People the call is about; SELECT IF would take the others out of the design as well.
COMPUTE people = (NOT MISSING(training)) AND (NOT MISSING(x_1)).
RECODE people (1 = 1) (ELSE = 0).

* The model. P of training = 1.
CSLOGISTIC training(LOW) WITH x_1
  /PLAN FILE='design.csaplan'
  /DOMAIN VARIABLE=people(1)
  /MODEL x_1
  /INTERCEPT INCLUDE=YES SHOW=YES
  /STATISTICS PARAMETER SE CINTERVAL TTEST
  /CRITERIA MXITER=100 PCONVERGE=[1E-12 RELATIVE] CILEVEL=95.
