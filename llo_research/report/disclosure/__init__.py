"""What may leave a secure environment: the rules, what they hide of results that leave together, and why.

What the rules ask stands in ``results/profiles/*.toml``; their names, and in a sentence why a row breaks one, in
``words.toml``; the idea in decision 18. Results go in; a folder comes out, or a frame (``check``)::

    exportable, export_names, export_place      what can leave as a file, under which names, and where
    decided                                     what may leave: the stages in their order, a Decision as the answer
      1 rules, models, quantiles, by_values       each result by itself: its counts, and what its values tell
           few_values, few_in_replicates, model_groups
      2 numbering                                 which rows of which results are the same persons: surveys
      3 one_survey                                all results of one survey together
           tables, speaking, answers                cells as sets of persons, and in them those who gave an answer
           same_variables                           what is one variable under several names
           rules, one_person                        the sets that may not be told
           differences, packings, answers_together, told_together, nearly_equal, levels
                                                    what several numbers tell together of a few
           systems, families                        what else is hidden, so that none of it can be worked out
      4 identified                                results without their rows: by names and numbers alone
      5 covariances                               pairs of rows whose covariance, and rows whose error, stay inside
           bases, joint_answers, changes, weight_classes
    passing                                     of each result the rows that leave, whole or in part
    safe, safe_*, digits, quantile_ends         the file of a result, and its digits
    outgoing                                    the table that people read
    attacked, attack, attack_*                  a reader of the files alone tries to work out what is withheld
    control, control_pages, document, words     what the officer reads; it stays inside
"""
