* The same numbers in Stata: llo_research 1.0.0, llo.decomposition.oaxaca_blinder('hours ~ education + age',
* svy, group='sex', of='m', minus='f')
* NOT RUN: llo_research has no Stata. The syntax was held against the manuals of Stata 16 and later.


* The file is written by svy.to_file('data.dta'); levels that are text are 1, 2, ... in declared order.
version 16
clear all
set more off
use "data.dta", clear
* education: 1 low, 2 middle, 3 high
* sex: 1 m, 2 f

* The design.
egen long stratum = group(h)
egen long sampling_unit = group(stratum psu)
generate double final = w
svyset psu [pweight = final], strata(h) singleunit(missing)

* units: the degrees of freedom of some people, sampling units minus strata among them, in r(df).
* (svy itself takes those of the whole design, 87, in the tables that it prints.)
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
generate byte domain = !missing(hours, education, age, side)
* rows with a missing value stay in the design, outside the domain; any value keeps Stata from dropping
foreach v of varlist hours education age side {
    capture summarize `v', meanonly
    capture replace `v' = r(min) if missing(`v')
}

* The columns of the model, one by one.
generate double x1 = (education == 2)  // education[T.middle]
generate double x2 = (education == 3)  // education[T.high]

* oaxaca (ssc install oaxaca, 4.1 or later).
oaxaca hours x1 x2 age, by(side) pooled svy(linearized, subpop(domain))

* The answer: estimate, standard error, degrees of freedom, ends of the interval, p.
row lincom wald "mean_of" ///
    "_b[overall:group_1]" ///
    `"domain"' ///
    0 "" 0
row lincom wald "mean_minus" ///
    "_b[overall:group_2]" ///
    `"domain"' ///
    0 "" 0
row lincom wald "gap" ///
    "_b[overall:difference]" ///
    `"domain"' ///
    0 "" 0
row lincom wald "explained" ///
    "_b[overall:explained]" ///
    `"domain"' ///
    0 "" 0
row lincom wald "explained:education[T.middle]" ///
    "_b[explained:x1]" ///
    `"domain"' ///
    0 "" 0
row lincom wald "explained:education[T.high]" ///
    "_b[explained:x2]" ///
    `"domain"' ///
    0 "" 0
row lincom wald "explained:age" ///
    "_b[explained:age]" ///
    `"domain"' ///
    0 "" 0
row lincom wald "unexplained" ///
    "_b[overall:unexplained]" ///
    `"domain"' ///
    0 "" 0
row lincom wald "unexplained:Intercept" ///
    "_b[unexplained:_cons]" ///
    `"domain"' ///
    0 "" 0
row lincom wald "unexplained:education[T.middle]" ///
    "_b[unexplained:x1]" ///
    `"domain"' ///
    0 "" 0
row lincom wald "unexplained:education[T.high]" ///
    "_b[unexplained:x2]" ///
    `"domain"' ///
    0 "" 0
row lincom wald "unexplained:age" ///
    "_b[unexplained:age]" ///
    `"domain"' ///
    0 "" 0
