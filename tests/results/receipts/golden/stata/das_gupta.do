* The same numbers in Stata: llo_research 1.0.0, llo.decomposition.das_gupta(factors, populations, ...)
* NOT RUN: llo_research has no Stata. The syntax was held against the manuals of Stata 16 and later.
* Published figures without their microdata: there are no standard errors.

version 16

* The published figures: a column each factor, of a, b.
* rdecompose (ssc install rdecompose) does the same from a data set with the factors as variables
mata:
f1 = (1, 2)  // x
f2 = (3, 2.5)  // y
real scalar rate_of(pointer rowvector f, real rowvector at)
{
    real scalar i
    real colvector product
    product = (*f[1])[., at[1]]
    for (i = 2; i <= cols(f); i++) product = product :* (*f[i])[., at[i]]
    return(sum(product))
}
f = (&f1, &f2)
for (a = 1; a < 2; a++) for (b = a + 1; b <= 2; b++) {
    effect = J(1, 2, 0)
    for (set = 0; set < 2^2; set++) {
        at = mod(floor(set :/ (2 :^ (0..(2 - 1)))), 2)
        s = sum(at)
        for (k = 1; k <= 2; k++) if (!at[k]) {
            one = at
            one[k] = 1
            weight = factorial(s) * factorial(2 - s - 1) / factorial(2)
            change = rate_of(f, a :+ (b - a) :* one) - rate_of(f, a :+ (b - a) :* at)
            effect[k] = effect[k] + weight * change
        }
    }
    (a, b), effect, sum(effect)
}
end
