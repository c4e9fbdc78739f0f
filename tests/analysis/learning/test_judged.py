"""Whether a learned rule beats every hand-made one, from planted trials to the goal."""

import numpy as np
import pandas as pd
import pytest
import torch

from threefactor.analysis.learning.judged import CRITERION, JUDGED, answer, judged_table
from threefactor.analysis.solutions.bootstrap import resample_counts

NETWORKS, HORIZON = 40, 100
RIVALS = {"raw_1": "theta_33", "raw_2": "theta_11"}
COUNTS = resample_counts(NETWORKS, 500, generator=torch.Generator().manual_seed(0))


def planted(**factor):
    """Give each rule so many times the trials of the learned one, up to some noise."""
    source = np.random.default_rng(0)
    base = source.uniform(20, 40, NETWORKS)
    rows = []
    for rule, times in {"mine": 1.0, **factor}.items():
        trials = np.round(times * base * source.uniform(0.95, 1.05, NETWORKS))
        rows.append(pd.DataFrame({"learning_rule": rule, "network": range(NETWORKS), "trials": trials}))
    table = pd.concat(rows, ignore_index=True)
    reached = table.trials <= HORIZON
    within = table.trials.where(reached, HORIZON)
    levels = table.assign(level=0.5, crossed=False, trials=float(HORIZON))
    return table.assign(reached=reached, trials_to_criterion=within), levels


def judged(**factor):
    return judged_table(*planted(**factor), RIVALS, "mine", HORIZON, COUNTS)


def test_every_rule_has_a_row_for_every_goal_beside_the_learned_one():
    table = judged(raw_1=2.0, raw_2=1.5, node_perturbation=0.5)
    assert list(table) == JUDGED.names()
    assert len(table) == 4 * 2
    own = table[table.goal == CRITERION].set_index("judged")
    assert own.ratio["mine"] == 1
    assert own.ratio["raw_1"] == pytest.approx(0.5, rel=0.03), "the noise of the planted trials"
    assert own.ratio_low["raw_1"] < own.ratio["raw_1"] < own.ratio_high["raw_1"] < 1
    assert own.rival.to_dict() == {"mine": "", "node_perturbation": "", **RIVALS}


@pytest.mark.parametrize(("times", "said"), [(1.5, "yes"), (0.7, "no"), (1.0, "unknown")])
def test_the_answer_is_about_the_best_rival_alone(times, said):
    found = answer(judged(raw_1=2.0, raw_2=times, node_perturbation=0.1), CRITERION)
    assert (found.answer, found.best, found.rival) == (said, "raw_2", "theta_11")
    assert found.ratio == pytest.approx(1 / times, rel=0.03)


def test_where_nobody_got_there_nothing_is_known():
    found = answer(judged(raw_1=2.0), "0.5")
    assert found.answer == "unknown"
    assert np.isnan(found.ratio)
