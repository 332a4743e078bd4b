* The same numbers in Stata: llo_research 1.0.0, llo.narrowing('hours', svy.where('year in [2011, 2022]'),
* group='sex', of='m', minus='f', by='education', time='year', base=2011)
* NOT RUN: llo_research has no Stata. The syntax was held against the manuals of Stata 16 and later.


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
    matrix answers = nullmat(answers) \ (`b', `se', `d', `n')
    shown_row `scale' "`label'" `b' `se' `d' `n' `null'
end

* The two sides: 1 m, 2 f.
generate byte side = 1 if sex == 1
replace side = 2 if sex == 2

* The people that the call is about, with a known value; the design behind them stays whole.
generate byte domain = (inlist(year, 2011, 2022)) & !missing(hours, education, year, side)
* rows with a missing value stay in the design, outside the domain; any value keeps Stata from dropping
foreach v of varlist hours education year side {
    capture summarize `v', meanonly
    capture replace `v' = r(min) if missing(`v')
}
svy, subpop(domain): mean hours, over(education year side)

* The answer: estimate, standard error, degrees of freedom, ends of the interval, p.
row lincom wald "gap_base:low" ///
    "_b[c.hours@1.education#2011.year#1.side] - _b[c.hours@1.education#2011.year#2.side]" ///
    `"(domain & education == 1 & year == 2011 & side == 1) | (domain & education == 1 & year == 2011 & side == 2)"' ///
    0 "" 0
row lincom wald "gap_later:low" ///
    "_b[c.hours@1.education#2022.year#1.side] - _b[c.hours@1.education#2022.year#2.side]" ///
    `"(domain & education == 1 & year == 2022 & side == 1) | (domain & education == 1 & year == 2022 & side == 2)"' ///
    0 "" 0
row lincom wald "gap_change:low" ///
    "-_b[c.hours@1.education#2011.year#1.side] + _b[c.hours@1.education#2022.year#1.side] + _b[c.hours@1.education#2011.year#2.side] - _b[c.hours@1.education#2022.year#2.side]" ///
    `"(domain & education == 1 & year == 2011 & side == 1) | (domain & education == 1 & year == 2022 & side == 1) | (domain & education == 1 & year == 2011 & side == 2) | (domain & education == 1 & year == 2022 & side == 2)"' ///
    0 "" 0
row lincom wald "gap_sum:low" ///
    "_b[c.hours@1.education#2011.year#1.side] + _b[c.hours@1.education#2022.year#1.side] - _b[c.hours@1.education#2011.year#2.side] - _b[c.hours@1.education#2022.year#2.side]" ///
    `"(domain & education == 1 & year == 2011 & side == 1) | (domain & education == 1 & year == 2022 & side == 1) | (domain & education == 1 & year == 2011 & side == 2) | (domain & education == 1 & year == 2022 & side == 2)"' ///
    0 "" 0
row lincom wald "change_of:low" ///
    "-_b[c.hours@1.education#2011.year#1.side] + _b[c.hours@1.education#2022.year#1.side]" ///
    `"(domain & education == 1 & year == 2011 & side == 1) | (domain & education == 1 & year == 2022 & side == 1)"' ///
    0 "" 0
row lincom wald "change_minus:low" ///
    "-_b[c.hours@1.education#2011.year#2.side] + _b[c.hours@1.education#2022.year#2.side]" ///
    `"(domain & education == 1 & year == 2011 & side == 2) | (domain & education == 1 & year == 2022 & side == 2)"' ///
    0 "" 0
row lincom wald "change_both:low" ///
    "-_b[c.hours@1.education#2011.year#1.side] + _b[c.hours@1.education#2022.year#1.side] - _b[c.hours@1.education#2011.year#2.side] + _b[c.hours@1.education#2022.year#2.side]" ///
    `"(domain & education == 1 & year == 2011 & side == 1) | (domain & education == 1 & year == 2022 & side == 1) | (domain & education == 1 & year == 2011 & side == 2) | (domain & education == 1 & year == 2022 & side == 2)"' ///
    0 "" 0
row lincom wald "gap_base:middle" ///
    "_b[c.hours@2.education#2011.year#1.side] - _b[c.hours@2.education#2011.year#2.side]" ///
    `"(domain & education == 2 & year == 2011 & side == 1) | (domain & education == 2 & year == 2011 & side == 2)"' ///
    0 "" 0
row lincom wald "gap_later:middle" ///
    "_b[c.hours@2.education#2022.year#1.side] - _b[c.hours@2.education#2022.year#2.side]" ///
    `"(domain & education == 2 & year == 2022 & side == 1) | (domain & education == 2 & year == 2022 & side == 2)"' ///
    0 "" 0
row lincom wald "gap_change:middle" ///
    "-_b[c.hours@2.education#2011.year#1.side] + _b[c.hours@2.education#2022.year#1.side] + _b[c.hours@2.education#2011.year#2.side] - _b[c.hours@2.education#2022.year#2.side]" ///
    `"(domain & education == 2 & year == 2011 & side == 1) | (domain & education == 2 & year == 2022 & side == 1) | (domain & education == 2 & year == 2011 & side == 2) | (domain & education == 2 & year == 2022 & side == 2)"' ///
    0 "" 0
row lincom wald "gap_sum:middle" ///
    "_b[c.hours@2.education#2011.year#1.side] + _b[c.hours@2.education#2022.year#1.side] - _b[c.hours@2.education#2011.year#2.side] - _b[c.hours@2.education#2022.year#2.side]" ///
    `"(domain & education == 2 & year == 2011 & side == 1) | (domain & education == 2 & year == 2022 & side == 1) | (domain & education == 2 & year == 2011 & side == 2) | (domain & education == 2 & year == 2022 & side == 2)"' ///
    0 "" 0
row lincom wald "change_of:middle" ///
    "-_b[c.hours@2.education#2011.year#1.side] + _b[c.hours@2.education#2022.year#1.side]" ///
    `"(domain & education == 2 & year == 2011 & side == 1) | (domain & education == 2 & year == 2022 & side == 1)"' ///
    0 "" 0
row lincom wald "change_minus:middle" ///
    "-_b[c.hours@2.education#2011.year#2.side] + _b[c.hours@2.education#2022.year#2.side]" ///
    `"(domain & education == 2 & year == 2011 & side == 2) | (domain & education == 2 & year == 2022 & side == 2)"' ///
    0 "" 0
row lincom wald "change_both:middle" ///
    "-_b[c.hours@2.education#2011.year#1.side] + _b[c.hours@2.education#2022.year#1.side] - _b[c.hours@2.education#2011.year#2.side] + _b[c.hours@2.education#2022.year#2.side]" ///
    `"(domain & education == 2 & year == 2011 & side == 1) | (domain & education == 2 & year == 2022 & side == 1) | (domain & education == 2 & year == 2011 & side == 2) | (domain & education == 2 & year == 2022 & side == 2)"' ///
    0 "" 0
row lincom wald "gap_base:high" ///
    "_b[c.hours@3.education#2011.year#1.side] - _b[c.hours@3.education#2011.year#2.side]" ///
    `"(domain & education == 3 & year == 2011 & side == 1) | (domain & education == 3 & year == 2011 & side == 2)"' ///
    0 "" 0
row lincom wald "gap_later:high" ///
    "_b[c.hours@3.education#2022.year#1.side] - _b[c.hours@3.education#2022.year#2.side]" ///
    `"(domain & education == 3 & year == 2022 & side == 1) | (domain & education == 3 & year == 2022 & side == 2)"' ///
    0 "" 0
row lincom wald "gap_change:high" ///
    "-_b[c.hours@3.education#2011.year#1.side] + _b[c.hours@3.education#2022.year#1.side] + _b[c.hours@3.education#2011.year#2.side] - _b[c.hours@3.education#2022.year#2.side]" ///
    `"(domain & education == 3 & year == 2011 & side == 1) | (domain & education == 3 & year == 2022 & side == 1) | (domain & education == 3 & year == 2011 & side == 2) | (domain & education == 3 & year == 2022 & side == 2)"' ///
    0 "" 0
row lincom wald "gap_sum:high" ///
    "_b[c.hours@3.education#2011.year#1.side] + _b[c.hours@3.education#2022.year#1.side] - _b[c.hours@3.education#2011.year#2.side] - _b[c.hours@3.education#2022.year#2.side]" ///
    `"(domain & education == 3 & year == 2011 & side == 1) | (domain & education == 3 & year == 2022 & side == 1) | (domain & education == 3 & year == 2011 & side == 2) | (domain & education == 3 & year == 2022 & side == 2)"' ///
    0 "" 0
row lincom wald "change_of:high" ///
    "-_b[c.hours@3.education#2011.year#1.side] + _b[c.hours@3.education#2022.year#1.side]" ///
    `"(domain & education == 3 & year == 2011 & side == 1) | (domain & education == 3 & year == 2022 & side == 1)"' ///
    0 "" 0
row lincom wald "change_minus:high" ///
    "-_b[c.hours@3.education#2011.year#2.side] + _b[c.hours@3.education#2022.year#2.side]" ///
    `"(domain & education == 3 & year == 2011 & side == 2) | (domain & education == 3 & year == 2022 & side == 2)"' ///
    0 "" 0
row lincom wald "change_both:high" ///
    "-_b[c.hours@3.education#2011.year#1.side] + _b[c.hours@3.education#2022.year#1.side] - _b[c.hours@3.education#2011.year#2.side] + _b[c.hours@3.education#2022.year#2.side]" ///
    `"(domain & education == 3 & year == 2011 & side == 1) | (domain & education == 3 & year == 2022 & side == 1) | (domain & education == 3 & year == 2011 & side == 2) | (domain & education == 3 & year == 2022 & side == 2)"' ///
    0 "" 0

* The statement of each cell: the largest of three one-sided p-values.
matrix p = nullmat(p) \ (max( ///
    t(answers[3, 3], answers[3, 1] / answers[3, 2]), ///
    t(answers[4, 3], -answers[4, 1] / answers[4, 2]), ///
    t(answers[7, 3], answers[7, 1] / answers[7, 2])))
matrix p = nullmat(p) \ (max( ///
    t(answers[10, 3], answers[10, 1] / answers[10, 2]), ///
    t(answers[11, 3], -answers[11, 1] / answers[11, 2]), ///
    t(answers[14, 3], answers[14, 1] / answers[14, 2])))
matrix p = nullmat(p) \ (max( ///
    t(answers[17, 3], answers[17, 1] / answers[17, 2]), ///
    t(answers[18, 3], -answers[18, 1] / answers[18, 2]), ///
    t(answers[21, 3], answers[21, 1] / answers[21, 2])))
* each p, and p after Holm: as it is, and times the number of those that are not smaller
mata:
p = st_matrix("p")
first = order(p, 1)
held = 0
for (i = 1; i <= rows(p); i++) {
    held = max((held, min((1, (rows(p) - i + 1) * p[first[i]]))))
    printf("cell %g: p %12.8g, p_adjusted %12.8g\n", first[i], p[first[i]], held)
}
end
