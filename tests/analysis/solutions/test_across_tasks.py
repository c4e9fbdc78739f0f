"""Networks of two tasks: what a rule does on both is found, and told on a task and gain that were never seen."""

import numpy as np
import pandas as pd
import pytest

from threefactor import seeding
from threefactor.analysis.solutions.across_tasks import across_tasks

RULES = ["theta_33", "reinforce", "bptt"]


def draw(seed, effect, task_shift=3.0):
    """Draw networks of two tasks in which rules shift two measures alike, and the task shifts all."""
    rng = np.random.default_rng(seed)
    tables = {}
    for place, task in enumerate(("dnms", "dpa")):
        rows = [(rule, network, 0.9 + 0.3 * (network % 3)) for rule in RULES for network in range(12)]
        table = pd.DataFrame(rows, columns=["learning_rule", "network", "gain"])
        for name in ("a", "b", "c"):
            table[name] = rng.normal(size=len(table)) + task_shift * place
        shift = table.learning_rule.map({rule: effect * at for at, rule in enumerate(RULES)})
        tables[task] = table.assign(a=table.a + shift, b=table.b - shift, d=np.nan, e=1.0)
    return tables


def compared(tables, seed=0):
    return across_tasks(tables, ["a", "b", "c", "d", "e"], 99, generator=seeding.generator(seed))


def test_what_rules_do_on_both_tasks_is_found_and_told():
    found = compared(draw(1, 2.0))
    shares = {share.factor: share for share in found.shares}
    assert found.measures == ["a", "b", "c"]
    assert found.networks == 2 * len(RULES) * 12
    assert shares["learning_rule"].p == 0.01
    assert shares["task"].adjusted > 0.3
    assert found.accuracy.accuracy > 0.8 > found.accuracy.chance


def test_without_an_effect_rules_are_guessed():
    found = compared(draw(2, 0.0))
    shares = {share.factor: share for share in found.shares}
    assert abs(shares["learning_rule"].adjusted) < 0.05
    assert found.accuracy.p > 0.05


def test_one_task_or_no_common_measure_is_refused():
    tables = draw(1, 2.0)
    with pytest.raises(ValueError, match="must be at least two of each"):
        compared({"dnms": tables["dnms"]})
    bare = {task: table.assign(a=np.nan, b=np.nan, c=np.nan) for task, table in tables.items()}
    with pytest.raises(ValueError, match="measures = none"):
        compared(bare)
