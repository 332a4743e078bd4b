* Towards the numbers of: llo_research 1.0.0, llo.panel.event_time('hours ~ age + `event[0]` + `event[4]`',.
* svy, event='moved', window=[-3, 4], effects=['unit', 'time']).
* Not run: written by the manual (IBM SPSS Complex Samples; Command Syntax Reference).
* It needs the module Complex Samples for its standard errors; WEIGHT BY alone gives estimates.
* What SPSS cannot do: SPSS has no command like panel.event_time that knows the design.
* 'event[0]' is called event_0_8166dad7 in SPSS, which does not take the name as it is.
* 'event[4]' is called event_4_7f2dc3ef in SPSS, which does not take the name as it is.


* The file is written by svy.to_file('data.sav'), which keeps the order of rows and of levels.
GET FILE='data.sav'.

* The plan of the sample. Complex Samples reads it in each command.
CSPLAN ANALYSIS
  /PLAN FILE='design.csaplan'
  /PLANVARS ANALYSISWEIGHT=w
  /PRINT PLAN
  /DESIGN STRATA=h CLUSTER=person
  /ESTIMATOR TYPE=WR.
