"""Rules as functions of the rates and deviations that networks visit."""

import pytest
import torch

from metalearning.estimator_runs import source
from small_runs import DOUBLE, ON, TRIAL_TYPES, experiences, network, rule
from threefactor.analysis.families import visited
from threefactor.kernels.standardise import Standard, standardise
from threefactor.learning_rules.polynomial import deviation
from threefactor.training.trial import learn, start_learning


@pytest.mark.parametrize("standard", [None, Standard(0.5, 0.6, 0.1)])
def test_products_of_rules_are_means_over_all_synapses_and_times(standard):
    learned, sampled = rule(ON, 2), experiences(6)
    seen = learned.params._replace(standard=standard)
    thetas = torch.randn(3, 3, 3, generator=source(), dtype=DOUBLE)
    learner = start_learning(learned, network(ON), TRIAL_TYPES)
    both = visited.moments(learned, learner, sampled, [learned.params, seen], 2, [range(2), range(3, 6)])
    found = [step_weight[1] for step_weight in both]
    values = []
    for experience in sampled:
        before = learner
        learner, outcome = learn(learned, learner, *experience)
        change, _ = deviation(learned.params, before.memory, outcome.trajectory)
        change = change if standard is None else standardise(change, standard).values
        grown = torch.zeros(3, 2, 7, 5, 5, dtype=DOUBLE)
        for k in range(3):
            for l in range(3):
                pair = change[..., :, None] ** l * outcome.trajectory.rate[..., None, :] ** k
                grown += thetas[:, k, l][:, None, None, None, None] * pair
        values.append(grown[:, :, learned.params.onset :, ~before.network.clamped].flatten(1))
    for step_weight, mark in zip(found, (range(2), range(3, 6)), strict=True):
        h = torch.cat([values[n] for n in mark], 1)
        torch.testing.assert_close(
            visited.products(thetas, step_weight), h @ h.T / h.shape[1], rtol=1e-10, atol=1e-13
        )
    assert (found[0] - found[1]).abs().max() > 1e-3


def test_a_network_that_is_not_finite_is_left_out():
    rate, change = torch.rand(2, 4, 3, dtype=DOUBLE), torch.rand(2, 4, 2, dtype=DOUBLE)
    whole = visited.of_trial(rate, change, 1, 1)
    rate[0, 2, 1] = torch.nan
    torch.testing.assert_close(visited.of_trial(rate, change, 1, 1), whole[1:])
