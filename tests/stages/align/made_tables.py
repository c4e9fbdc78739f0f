"""Tables of stage align as files, one for each rule."""

from analysis.gradients import made_up as made
from threefactor.pipeline.settings import load

METALEARN = {"rules": {"learned_theta33": {"start": "theta_33"}, "learned_random": {"start": "random"}}}


def settings(root):
    """Return settings in which the rules of the tables are learned."""
    return load.parse({"results": str(root), "metalearn": METALEARN, "retrain": {"rules": list(made.RULES)}})


def files(**tables):
    """Return each table divided by the rule that trained the networks, by its place below the results."""
    ends = {"alignment": ".csv", "similarity": ".similarity.csv", "descent": ".descent.csv"}
    return {
        f"align/{rule}/0{ends[name]}": table[table.learning_rule == rule]
        for name, table in tables.items()
        for rule in made.RULES
    }
