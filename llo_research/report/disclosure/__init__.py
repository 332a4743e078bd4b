"""What may leave a secure environment: the rules, what they hide of results that leave together, and why.

What the rules ask stands in ``results/profiles/*.toml``; their names, and in a sentence why a row breaks one, in
``words.toml``; the idea in decision 18. Results go in, a folder of files comes out::

    results ─ exportable, export_names                  what can leave as a file, by name
       │
    tables  ─ speaking, answers, one_survey, numbering  sets of persons: of each row its cell, and who gave the answer
       │
    rules   ─ decided calls, in this order
       │       rules                                    each row by itself: few, complement, dominance, one category
       │       models, quantiles, by_values,            what models, quantiles, values and errors tell
       │         few_values, covariances, ...
       │       differences, answers_together,           what several rows tell together of few persons
       │         told_together, nearly_equal, ...
       │       systems, families                        what else is hidden, so that none of it can be worked out
       │       identified                               results without their rows, by names and numbers alone
       │
    decided.Decision                                    hidden rows, findings, what was not checked
       │   └─ check.check_disclosure                    the findings as a frame
       │
    passing ─ safe*, digits, outgoing                   what of each result leaves, in which digits: its safe file
       │
    export  ─ attacked, attack*                         a reader of the files alone tries to work out what is withheld
            ─ control*, document, words                 what the officer reads, which stays inside
"""
