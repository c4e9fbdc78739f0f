"""Draw whether a learned rule beats the best hand-made ones on fresh networks."""

import math

import pandas as pd
from matplotlib.figure import Figure

from threefactor.analysis.learning.judged import CRITERION, answer
from threefactor.experiment.tuned_rules import LEARNED, judged_name
from threefactor.experiment.work import Drawing, Inputs
from threefactor.plotting import judged_rules, palette, style

HEADING = 2.6
INPUTS = {"judged": "compare_rivals/judged.csv"}
READS = ("figures.dpi", "rivals.learned_rule", "rivals.horizon")

NOTHING = "no learned rule is held against hand-made ones (rivals.learned_rule)"


def draw(inputs: Inputs) -> Drawing:
    """Draw judged.csv."""
    table, chosen, dpi = inputs.table("judged"), inputs.settings.rivals, inputs.settings.figures.dpi
    if table.empty:
        return Drawing(style.blank(NOTHING, dpi), {})
    answers = {str(goal): answer(table, str(goal)) for goal in dict.fromkeys(table.goal)}
    known = {goal: one for goal, one in answers.items() if math.isfinite(one.low)}
    found = {
        "learned": chosen.learned_rule,
        "networks": int(table.networks.max()),
        "goals": {goal: one._asdict() for goal, one in known.items()},
        "answer": answers[CRITERION].answer,
    }
    best = pd.DataFrame([{"goal": goal, **one._asdict()} for goal, one in known.items()])
    names = {judged_name(LEARNED, 1): f"{palette.label(chosen.learned_rule)}, tuned"}
    return Drawing(page(table.replace({"judged": names}), best, chosen.horizon, dpi), found)


def page(table: pd.DataFrame, best: pd.DataFrame, horizon: int, dpi: float) -> Figure:
    """Draw the trials to the criterion under all judged rules, and the ratio to the best rival at each goal."""
    at_criterion = table[table.goal == CRITERION]
    with style.look():
        figure = style.sheet(7.6, 1.2 + 0.24 * len(at_criterion), dpi)
        left, right = figure.subplots(1, 2, width_ratios=(1.6, 1))
        judged_rules.trials(left, at_criterion, horizon)
        if len(best):
            judged_rules.ratios(right, best)
        else:
            style.nothing(right, "nobody got there")
        style.letters([left, right])
    return figure
