"""Panel estimators: within, between and in differences, with the covariance of the survey's design."""
