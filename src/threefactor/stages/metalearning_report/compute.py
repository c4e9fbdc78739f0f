"""Measure what the search for each learned rule cost, and what derivatives save over evolution."""

from threefactor.analysis.learning.search_cost import Search, savings, searches
from threefactor.experiment.rule_classes import search_classes, search_of
from threefactor.experiment.work import Results, Work


def compute(work: Work) -> Results:
    """Compare the searches.

    Outputs: ``searches`` (a row per rule and score on held-out networks) and ``savings`` (a row per evolved rule, rule
    of its class that derivatives learned, and share of evolution's improvement).
    """
    settings = work.settings
    rules = settings.metalearn.rules
    known = {
        name: Search(own, rules[name].estimator, search_of(settings, name))
        for name, own in search_classes(settings).items()
    }
    scores = searches(work.by("held_out", "learned_rule"), known)
    return Results({"searches": scores, "savings": savings(scores)})
