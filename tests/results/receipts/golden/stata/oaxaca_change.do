* The same numbers in Stata: llo_research 1.0.0, llo.decomposition.oaxaca_change('hours ~ education + age',
* svy, group='sex', of='m', minus='f', time='year', base=2011)
* NOT RUN: llo_research has no Stata. The syntax was held against the manuals of Stata 16 and later.
* Stata has no command for a change of a decomposition: each wave is decomposed here by oaxaca, and the rows
* of a change are a later wave's less the base's. Their standard errors need the covariance of the waves (the
* same people and sampling units are in several), which two commands do not share: they are not printed.


* The file is written by svy.to_file('data.dta'); levels that are text are 1, 2, ... in declared order.
version 16
clear all
set more off
use "data.dta", clear
* sex: 1 m, 2 f
* education: 1 low, 2 middle, 3 high

* The design.
egen long stratum = group(h)
egen long sampling_unit = group(stratum person)
generate double final = w
svyset person [pweight = final], strata(h) singleunit(missing)

* units: the degrees of freedom of some people, sampling units minus strata among them, in r(df).
* (svy itself takes those of the whole design, 395, in the tables that it prints.)
program define units, rclass
    args own
    tempvar unit layer
    quietly egen byte `unit' = tag(sampling_unit) if `own'
    quietly egen byte `layer' = tag(stratum) if `own'
    quietly count if `unit' == 1
    local units = r(N)
    quietly count if `layer' == 1
    return scalar df = `units' - r(N)
end

* shown_row: prints estimate, standard error, degrees of freedom, ends, and p where there is a test.
program define shown_row
    args scale label b se d n null
    tempname t low high centre far size
    scalar `t' = invttail(`d', 0.025)
    scalar `low' = `b' - `t' * `se'
    scalar `high' = `b' + `t' * `se'
    display as text "`label'" _column(44) as result %14.0g `b' %14.0g `se' %8.0g `d' _continue
    display as result %14.0g `low' %14.0g `high' _continue
    if "`null'" == "." display
    else display as result %12.5g 2 * ttail(`d', abs((`b' - `null') / `se'))
end

* row: lincom or nlcom, interval, label, expression, condition of its people, what is taken off the degrees of
* freedom, or these themselves, and the value that a test is against.
program define row
    args command scale label expression people fewer df null
    tempname b se d n B
    tempvar own
    if "`command'" == "nlcom" {
        quietly nlcom (own: `expression')
        matrix `B' = r(b)
        scalar `b' = `B'[1, 1]
        matrix `B' = r(V)
        scalar `se' = sqrt(`B'[1, 1])
    }
    else {
        quietly lincom `expression'
        scalar `b' = r(estimate)
        scalar `se' = r(se)
    }
    quietly generate byte `own' = (`people') & final > 0 & !missing(final)
    quietly count if `own'
    scalar `n' = r(N)
    units `own'
    scalar `d' = r(df) - `fewer'
    if "`df'" != "" scalar `d' = `df'
    shown_row `scale' "`label'" `b' `se' `d' `n' `null'
end

* The groups: 1 m, 2 f; oaxaca takes 1 less 2.
generate byte side = 1 if sex == 1
replace side = 2 if sex == 2

* The columns of the model.

* The people that the call is about, with a known value; the design behind them stays whole.
generate byte domain = !missing(hours, education, age, side, year)
* rows with a missing value stay in the design, outside the domain; any value keeps Stata from dropping
foreach v of varlist hours education age side year {
    capture summarize `v', meanonly
    capture replace `v' = r(min) if missing(`v')
}

* The columns of the model, one by one.
generate double x1 = (education == 2)  // education[T.middle]
generate double x2 = (education == 3)  // education[T.high]
generate byte wave_2011 = domain & year == 2011

* oaxaca (ssc install oaxaca, 4.1 or later).
oaxaca hours x1 x2 age, by(side) weight(0) svy(linearized, subpop(wave_2011))
matrix parts_2011 = e(b)
matrix list parts_2011
generate byte wave_2014 = domain & year == 2014

* oaxaca (ssc install oaxaca, 4.1 or later).
oaxaca hours x1 x2 age, by(side) weight(0) svy(linearized, subpop(wave_2014))
matrix parts_2014 = e(b)
matrix list parts_2014
matrix change_2014 = parts_2014 - parts_2011
matrix list change_2014
generate byte wave_2018 = domain & year == 2018

* oaxaca (ssc install oaxaca, 4.1 or later).
oaxaca hours x1 x2 age, by(side) weight(0) svy(linearized, subpop(wave_2018))
matrix parts_2018 = e(b)
matrix list parts_2018
matrix change_2018 = parts_2018 - parts_2011
matrix list change_2018
generate byte wave_2022 = domain & year == 2022

* oaxaca (ssc install oaxaca, 4.1 or later).
oaxaca hours x1 x2 age, by(side) weight(0) svy(linearized, subpop(wave_2022))
matrix parts_2022 = e(b)
matrix list parts_2022
matrix change_2022 = parts_2022 - parts_2011
matrix list change_2022
