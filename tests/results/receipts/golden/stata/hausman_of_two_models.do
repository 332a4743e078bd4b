* Towards the numbers of: llo_research 1.0.0, llo.panel.hausman('hours ~ age', svy, robust=False)
* NOT RUN: llo_research has no Stata. The syntax was held against the manuals of Stata 16 and later.
* Stata's hausman takes no weights, and no script is made. What comes nearest: hausman after xtreg, fe and
* xtreg, re where all weights are equal, and panel.hausman(robust=True), which has a script.


* The file is written by svy.to_file('data.dta'); levels that are text are 1, 2, ... in declared order.
version 16
clear all
set more off
use "data.dta", clear

* The design.
egen long stratum = group(h)
egen long sampling_unit = group(stratum person)
generate double final = w
svyset person [pweight = final], strata(h) singleunit(missing)
