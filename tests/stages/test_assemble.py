import pandas as pd
import pytest
import torch

from threefactor.config import load
from threefactor.stages import assemble

CONFIG = load.parse({"plasticity": {"eligibility_time_ms": 200.0, "weight_time_ms": 5000.0}})
CPU = torch.device("cpu")


def test_a_learned_rule_and_its_start_take_their_own_columns():
    theta = pd.DataFrame({"k": [1, 3], "l": [5, 3], "start": [0.1, 0.2], "theta": [0.3, 0.4]})
    learned = assemble.learning_rule(CONFIG, "learned_random", theta, CPU).params.theta
    start = assemble.learning_rule(CONFIG, "start_learned_random", theta, CPU).params.theta
    assert [learned[1, 5].item(), learned[3, 3].item()] == pytest.approx([0.3, 0.4])
    assert [start[1, 5].item(), start[3, 3].item()] == pytest.approx([0.1, 0.2])
    assert learned.count_nonzero() == 2


def test_times_become_decays():
    rule = assemble.learning_rule(CONFIG, "theta_21", None, CPU)
    assert rule.params.eligibility_decay == pytest.approx(1 - 10 / 200)
    assert rule.params.weight_decay == pytest.approx(1000 / 5000)
    assert assemble.network(CONFIG, [0], CPU, purpose="test").leak == pytest.approx(0.1)
    plain = assemble.learning_rule(load.parse({}), "theta_21", None, CPU).params
    assert (plain.eligibility_decay, plain.weight_decay) == (1, 0)


def test_the_sign_of_a_monomial_follows_the_power_of_the_deviation():
    assert assemble.learning_rule(CONFIG, "theta_21", None, CPU).params.theta[2, 1] == -1
    assert assemble.learning_rule(CONFIG, "theta_12", None, CPU).params.theta[1, 2] == 1
