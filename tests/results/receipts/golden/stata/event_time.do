* The same numbers in Stata: llo_research 1.0.0, llo.panel.event_time('hours ~ age + 'event[0]' + 'event[4]'',
* svy, event='moved', window=[-3, 4], effects=['unit', 'time'])
* NOT RUN: llo_research has no Stata. The syntax was held against the manuals of Stata 16 and later.


* The file is written by svy.to_file('data.dta'); levels that are text are 1, 2, ... in declared order.
version 16
clear all
set more off
use "data.dta", clear
* event_0_8166dad7 is 'event[0]': Stata does not take that name
* event_4_7f2dc3ef is 'event[4]': Stata does not take that name

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
generate byte domain = !missing(hours, age, person, year)
* rows with a missing value stay in the design, outside the domain; any value keeps Stata from dropping
foreach v of varlist hours age person year {
    capture summarize `v', meanonly
    capture replace `v' = r(min) if missing(`v')
}

* The time from the event; beyond the window the ends hold all; the reference is event[-3].
egen long unit_number = group(person)
quietly summarize moved
local yes_or_no = r(min) >= 0 & r(max) <= 1
egen double first = min(cond(moved == 1, year, .)), by(unit_number)
generate double since = year - cond(`yes_or_no', first, moved)
replace since = max(min(since, 4), -3) if !missing(since)
generate byte event_1 = since == 0
generate byte event_2 = since == 4
* the columns of the formula, one by one
generate double x1 = age if domain  // age
quietly tabulate year if domain, generate(effect1_)
drop effect1_1
generate double y0 = hours if domain
foreach v of varlist y0 x1 event_1 event_2 effect1_* {
    egen double above = total(final * `v' * domain), by(person)
    egen double below = total(final * domain), by(person)
    generate double w_`v' = cond(domain & below > 0, `v' - above / below, 0)
    drop above below
}
svy, subpop(domain): regress w_y0 w_x1 w_event_1 w_event_2 w_effect1_*, noconstant

* The answer: estimate, standard error, degrees of freedom, ends of the interval, p.
row lincom wald "age" ///
    "_b[w_x1]" ///
    `"domain"' ///
    2 "" 0
row lincom wald "event[0]" ///
    "_b[w_event_1]" ///
    `"domain"' ///
    2 "" 0
row lincom wald "event[4]" ///
    "_b[w_event_2]" ///
    `"domain"' ///
    2 "" 0
