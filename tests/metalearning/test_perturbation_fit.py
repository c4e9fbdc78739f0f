"""How well rules of the deviation estimate perturbations."""

import pytest
import torch

from small_runs import DOUBLE, OFF, UNITS, network, rule
from threefactor import seeding
from threefactor.contract import Trial
from threefactor.kernels.standardise import Standard
from threefactor.metalearning import perturbation_fit as perturbation
from threefactor.network.perturbation import Sparse
from threefactor.network.simulate import simulate
from threefactor.training.environment import Environment, experience


class Still:
    """A task that asks for nothing but one type of trial after the other."""

    steps, trial_types = 9, tuple("abcd")

    def draw(self, trial_type, **options):
        batch = len(trial_type)
        window = torch.full((batch, self.steps), 1 / self.steps, dtype=DOUBLE)
        target = torch.zeros(batch, self.steps, 2, dtype=DOUBLE)
        return Trial(torch.zeros(batch, self.steps, 3, dtype=DOUBLE), target, window, trial_type, "squared")


def source(h):
    return seeding.generator(3, "perturbations", h)


def found(learned, size=0.5, probability=0.2):
    return perturbation.moments(
        learned, network(OFF), Environment(Still(), 0.3, Sparse(size, probability)), 12, generator=source
    )


def test_moments_equal_the_slow_sums():
    """One trial, one network, all synapses one by one."""
    learned = rule(OFF, 2)
    env = Environment(Still(), 0.3, Sparse(0.5, 0.2))
    net = network(OFF)
    made = perturbation.moments(learned, net, env, 1, generator=source)
    trial, start, given = experience(env, net, 0, generator=source(0))
    run = simulate(net, trial.inputs, start, given)
    basis, cross, true_square = torch.zeros(9, 9, dtype=DOUBLE), torch.zeros(9, dtype=DOUBLE), 0.0
    for b in range(len(given)):
        for i in range(UNITS):
            for j in range(UNITS):
                e, true, trace = torch.zeros(9, dtype=DOUBLE), 0.0, 0.0
                for t in range(9):
                    new = run.state[b, t + 1, i]
                    deviation, trace = trace - new, 0.6 * trace + 0.4 * new
                    if t >= learned.params.onset:
                        powers = [deviation**l * run.rate[b, t, j] ** k for k in range(3) for l in range(3)]
                        e += 0.5 * torch.stack(powers)
                        true += 0.5 * 0.2 * given[b, t, i] * run.rate[b, t, j]
                basis, cross, true_square = basis + torch.outer(e, e), cross + e * true, true_square + true**2
    assert torch.allclose(made.basis, basis, rtol=1e-10, atol=1e-14)
    assert torch.allclose(made.cross, cross, rtol=1e-10, atol=1e-14)
    assert torch.allclose(made.perturbation, true_square, rtol=1e-10)


@pytest.mark.parametrize("standard", [None, Standard(0.5, 0.6, 0.1)])
def test_no_rule_fits_better_than_the_best(standard):
    learned = rule({**OFF, "standard": standard}, 3)
    made = found(learned)
    best = perturbation.r2(made, perturbation.best_fit(made))
    assert 0.1 < best <= 1
    g = torch.Generator().manual_seed(1)
    for _ in range(50):
        other = perturbation.best_fit(made) * (1 + 0.3 * torch.randn(16, generator=g, dtype=DOUBLE))
        assert perturbation.r2(made, other) <= best + 1e-9
    assert perturbation.r2(made, 7 * perturbation.best_fit(made)) == pytest.approx(best)


def test_where_a_network_does_nothing_else_the_deviation_is_the_perturbation():
    """Without recurrence, input and leak from afar the guess is nearly perfect with one term."""
    learned = rule(OFF, 1)
    learned = learned._replace(params=learned.params._replace(trace_decay=0.0))
    still = network(OFF)
    still = still._replace(weights=0 * still.weights, leak=0.02)
    made = perturbation.moments(
        learned, still, Environment(Still(), 0.3, Sparse(5.0, 0.05)), 40, generator=source
    )
    assert perturbation.r2(made, torch.tensor([0.0, 0.0, 0.0, -1.0])) > 0.8
