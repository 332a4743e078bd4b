* The same numbers in Stata: llo_research 1.0.0, llo.quantile('hours', svy, q=[0.25, 0.5], by='sex')
* NOT RUN: llo_research has no Stata. The syntax was held against the manuals of Stata 16 and later.
* Stata has no quantiles of survey data with design errors: _pctile and centile take no design. The quantile
* is found here from its definition, the smallest value with at least the share q of the weight at or below
* it, Woodruff's interval by svy: mean of the share below it.


* The file is written by svy.to_file('data.dta'); levels that are text are 1, 2, ... in declared order.
version 16
clear all
set more off
use "data.dta", clear
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

* The quantile of the people of a cell: its definition, and the share below it with its error.
mata:
real scalar quantile_of(string scalar y, string scalar w, string scalar who, real scalar p)
{
    real matrix D
    real colvector enough
    D = sort(st_data(., (y, w), who), 1)
    enough = selectindex(runningsum(D[., 2]) / sum(D[., 2]) :>= p - 1e-12)
    if (rows(enough) == 0) return(D[rows(D), 1])
    return(D[enough[1], 1])
}
end
program define quantile_row
    args label y p people
    tempvar own below
    tempname q se d t low high
    quietly generate byte `own' = (`people') & final > 0
    mata: st_numscalar("`q'", quantile_of("`y'", "final", "`own'", `p'))
    quietly generate byte `below' = `y' <= `q' if !missing(`y')
    quietly replace `below' = 0 if missing(`y')
    quietly svy, subpop(`own'): mean `below'
    units `own'
    scalar `d' = r(df)
    scalar `t' = invttail(`d', 0.025)
    scalar `se' = `t' * _se[`below']
    mata: st_numscalar("`low'", quantile_of("`y'", "final", "`own'", `=_b[`below'] - `se''))
    mata: st_numscalar("`high'", quantile_of("`y'", "final", "`own'", `=_b[`below'] + `se''))
    scalar `se' = (`high' - `low') / (2 * `t')
    display as text "`label'" _column(44) as result %14.0g `q' %14.0g `se' _continue
    display as result %8.0g `d' %14.0g `low' %14.0g `high'
end

* The answer: estimate, standard error (a quarter of Woodruff's interval, about), degrees of freedom, ends.

* The people that the call is about, with a known value; the design behind them stays whole.
generate byte domain = !missing(hours, sex)
* rows with a missing value stay in the design, outside the domain; any value keeps Stata from dropping
foreach v of varlist hours sex {
    capture summarize `v', meanonly
    capture replace `v' = r(min) if missing(`v')
}
quantile_row "0.25:m" hours 0.25 "domain & sex == 1"
quantile_row "0.5:m" hours 0.5 "domain & sex == 1"
quantile_row "0.25:f" hours 0.25 "domain & sex == 2"
quantile_row "0.5:f" hours 0.5 "domain & sex == 2"
