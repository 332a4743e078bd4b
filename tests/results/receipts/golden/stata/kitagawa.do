* The same numbers in Stata: llo_research 1.0.0, llo.decomposition.kitagawa(rates, composition, ...)
* NOT RUN: llo_research has no Stata. The syntax was held against the manuals of Stata 16 and later.
* Published figures without their microdata: there are no standard errors.

version 16

* The published figures: columns then and now; rates, then numbers of people.
mata:
rates = (0.1, 0.2 \ 0.2, 0.3)
composition = (10, 20 \ 20, 15)
shares = composition :/ colsum(composition)
gap = sum(rates[., 2] :* shares[., 2]) - sum(rates[., 1] :* shares[., 1])
rate = sum((rates[., 2] - rates[., 1]) :* rowsum(shares)) / 2
composition_effect = sum((shares[., 2] - shares[., 1]) :* rowsum(rates)) / 2
(gap, rate, composition_effect)
end
