* The same numbers in Stata: llo_research 1.0.0, llo.break_robustness(llo.change('hours', svy, time='year',
* base=2011))
* NOT RUN: llo_research has no Stata. The syntax was held against the manuals of Stata 16 and later.


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
    matrix answers = nullmat(answers) \ (`b', `se', `d', `n')
    shown_row `scale' "`label'" `b' `se' `d' `n' `null'
end

* The people that the call is about, with a known value; the design behind them stays whole.
generate byte domain = !missing(hours, year)
* rows with a missing value stay in the design, outside the domain; any value keeps Stata from dropping
foreach v of varlist hours year {
    capture summarize `v', meanonly
    capture replace `v' = r(min) if missing(`v')
}
svy, subpop(domain): mean hours, over(year)

* The answer: estimate, standard error, degrees of freedom, ends of the interval, p.
row lincom wald "2014" ///
    "_b[c.hours@2014.year] - _b[c.hours@2011.year]" ///
    `"(domain & year == 2014) | (domain & year == 2011)"' ///
    0 "" 0
row lincom wald "2018" ///
    "_b[c.hours@2018.year] - _b[c.hours@2011.year]" ///
    `"(domain & year == 2018) | (domain & year == 2011)"' ///
    0 "" 0
row lincom wald "2022" ///
    "_b[c.hours@2022.year] - _b[c.hours@2011.year]" ///
    `"(domain & year == 2022) | (domain & year == 2011)"' ///
    0 "" 0

* How large a break would have to be to undo each change (rows as above).
tempname b se d margin
forvalues i = 1/`=rowsof(answers)' {
    scalar `b' = answers[`i', 1]
    scalar `se' = answers[`i', 2]
    scalar `d' = answers[`i', 3]
    scalar `margin' = invttail(`d', 0.025) * `se'
    display as text "row `i'" _continue
    display as text "  not significant from " as result %12.8g cond(abs(`b') > `margin', `b' - ///
        sign(`b') * `margin', 0) _continue
    display as text "  zero at " as result %12.8g `b' _continue
    display as text "  reversed from " as result %12.8g `b' + sign(`b') * `margin'
}
