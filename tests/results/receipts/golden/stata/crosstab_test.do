* The same numbers in Stata: llo_research 1.0.0, llo.crosstab('education', 'sex', svy).test('chisq')
* NOT RUN: llo_research has no Stata. The syntax was held against the manuals of Stata 16 and later.
* svy: tabulate prints the statistic as Uncorrected; for its first-order p-value it has no option, and what
* comes nearest is the line Design-based.


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
    if "`scale'" == "logit" {
        scalar `centre' = logit(`b')
        scalar `far' = `t' * `se' / (`b' * (1 - `b'))
        scalar `low' = invlogit(`centre' - `far')
        scalar `high' = invlogit(`centre' + `far')
    }
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
* rows missing in either variable are outside the domain

* The people that the call is about, with a known value; the design behind them stays whole.
generate byte domain = !missing(education, sex)
* rows with a missing value stay in the design, outside the domain; any value keeps Stata from dropping
foreach v of varlist education sex {
    capture summarize `v', meanonly
    capture replace `v' = r(min) if missing(`v')
}
* pearson: Rao and Scott's second-order correction, an F; our test('F')
svy, subpop(domain): tabulate education sex, cell se ci pearson wald
generate byte cell_1 = education == 1 & sex == 1
generate byte cell_2 = education == 1 & sex == 2
generate byte cell_3 = education == 2 & sex == 1
generate byte cell_4 = education == 2 & sex == 2
generate byte cell_5 = education == 3 & sex == 1
generate byte cell_6 = education == 3 & sex == 2
svy, subpop(domain): mean cell_1 cell_2 cell_3 cell_4 cell_5 cell_6

* The answer: estimate, standard error, degrees of freedom, ends of the interval, p.
row lincom logit "low:m" ///
    "_b[cell_1]" ///
    `"domain"' ///
    0 "" .
row lincom logit "low:f" ///
    "_b[cell_2]" ///
    `"domain"' ///
    0 "" .
row lincom logit "middle:m" ///
    "_b[cell_3]" ///
    `"domain"' ///
    0 "" .
row lincom logit "middle:f" ///
    "_b[cell_4]" ///
    `"domain"' ///
    0 "" .
row lincom logit "high:m" ///
    "_b[cell_5]" ///
    `"domain"' ///
    0 "" .
row lincom logit "high:f" ///
    "_b[cell_6]" ///
    `"domain"' ///
    0 "" .
