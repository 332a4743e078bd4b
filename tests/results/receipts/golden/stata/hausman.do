* The same numbers in Stata: llo_research 1.0.0, llo.panel.mundlak('hours ~ age', svy)  # its unit means are
* tested, as llo.panel.hausman does
* NOT RUN: llo_research has no Stata. The syntax was held against the manuals of Stata 16 and later.
* Standard errors are ours where the weight of a unit is the same in all its waves; else the means of units
* move with the weights, which Stata takes as given (ours does not).


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

* The columns of the model.

* The people that the call is about, with a known value; the design behind them stays whole.
generate byte domain = !missing(hours, age, person)
* rows with a missing value stay in the design, outside the domain; any value keeps Stata from dropping
foreach v of varlist hours age person {
    capture summarize `v', meanonly
    capture replace `v' = r(min) if missing(`v')
}

* The weighted means of units over the waves that the model uses.
egen long unit_number = group(person)
* mean_1: mean(age)
egen double above = total(final * age * domain), by(unit_number)
egen double below = total(final * domain), by(unit_number)
generate double mean_1 = cond(below > 0, above / below, 0)
drop above below

* The model.
svy, subpop(domain): regress hours age mean_1

* The answer: estimate, standard error, degrees of freedom, ends of the interval, p.
row lincom wald "Intercept" ///
    "_b[_cons]" ///
    `"domain"' ///
    2 "" 0
row lincom wald "age" ///
    "_b[age]" ///
    `"domain"' ///
    2 "" 0
row lincom wald "mean(age)" ///
    "_b[mean_1]" ///
    `"domain"' ///
    2 "" 0

* The test: nosvyadjust is F = W/q, as ours; its degrees of freedom are set to ours.
test ///
    (_b[mean_1] = 0), nosvyadjust
tempname F q d
scalar `q' = r(df)
scalar `F' = cond(missing(r(F)), r(chi2) / r(df), r(F))
tempvar tested
quietly generate byte `tested' = (domain) & final > 0 & !missing(final)
units `tested'
scalar `d' = r(df) - 2
display as text "statistic " as result %14.0g `F' * `q' as text "  df " as result `q' ///
    as text " and " as result `d' as text "  p " as result %14.0g Ftail(`q', `d', `F')
