"""Tables of stage align as files, one for each rule."""

from analysis.gradients import made_up as made

SETTINGS = {
    "metalearn": {"rules": {"learned_theta33": {"start": "theta_33"}, "learned_random": {"start": "random"}}},
    "retrain": {"rules": list(made.RULES), "batches": 1},
    "align": {"batches": 1},
}


def files(**tables):
    """Return each table divided by the rule that trained the networks, by its place below the results."""
    ends = {"alignment": ".csv", "similarity": ".similarity.csv", "descent": ".descent.csv"}
    return {
        f"align/{rule}/0{ends[name]}": table[table.learning_rule == rule]
        for name, table in tables.items()
        for rule in made.RULES
    }
