"""Gather the headline numbers of an experiment; `threefactor.analysis.learning.headline.keys` explains them."""

from threefactor.analysis.learning.headline import headline
from threefactor.analysis.solutions.examples import at_level
from threefactor.experiment.work import Results, Work


def compute(work: Work) -> Results:
    """Gather them from the tables of all stages."""
    summary = headline(
        work.table("criterion"),
        work.table("levels"),
        work.table("endings"),
        work.by("theta", "learned_rule"),
        work.by("history", "learned_rule"),
        work.table("accuracy"),
        work.joined("alignment"),
        at_level(work.table("spread"), work.settings.analyse.level),
        at_level(work.table("tests"), work.settings.analyse.level),
    )
    return Results({"summary": summary})
