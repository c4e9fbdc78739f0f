"""Columns of scores of rules, which several tables share."""

from threefactor.analysis.table import Column, with_interval

SCORES = (
    Column("networks", "networks", "networks that the rule was scored on"),
    Column("failed", "networks", "networks whose error is not finite"),
    *with_interval("smoothed_error_rate", "fraction of trials", "smoothed error rate after the warm-up"),
    *with_interval("change", "fraction of trials", "change from the first row, paired over networks"),
    *with_interval("restricted_mean", "trials", "restricted mean of the trials to criterion"),
    Column("error", "", "mean |y − y*|"),
    Column("reached", "networks", "networks that reached the criterion"),
)
