"""Evolution: the gradient along its perturbation, and of either side."""

import pytest
import torch

from metalearning.estimator_runs import SIGMA, SMOOTH, many, source
from small_runs import DOUBLE, OFF, ON, TRIAL_TYPES, experiences, network, rule
from threefactor.metalearning.estimators import evolution, pathwise
from threefactor.metalearning.sides import moved
from threefactor.metalearning.trial_record import Noise
from threefactor.training.batch import select, with_weights
from threefactor.training.trial import learn, start_learning


def test_evolution_is_the_gradient_along_its_perturbation():
    learned, sampled = rule(SMOOTH, 2), experiences(9)
    learner = start_learning(learned, network(SMOOTH), TRIAL_TYPES)
    size = torch.linspace(0.5e-5, 2e-5, 9, dtype=DOUBLE)
    found = evolution.estimate(learned, learner, sampled, noise=Noise(SIGMA, size), generator=source())
    generator = source()
    direction = torch.randn(2, 9, generator=generator, dtype=DOUBLE)
    exact = pathwise.estimate(learned, learner, sampled, noise=Noise(SIGMA), generator=generator)
    along = (exact.gradient * direction * size).sum(1, keepdim=True)
    torch.testing.assert_close(found.gradient, along * direction / size, rtol=1e-6, atol=1e-9)
    torch.testing.assert_close(found.objective, exact.objective, rtol=1e-8, atol=1e-10)


def test_evolution_equals_pathwise_on_average():
    count = 600
    learned = rule(OFF, 1, warm_up=1, learning_rate=0.3)
    learner, sampled = many(count, learned, 3)
    noise = Noise(0.0, torch.full((4,), 1e-3, dtype=DOUBLE))
    found = evolution.estimate(learned, learner, sampled, noise=noise, generator=source())
    exact = pathwise.estimate(learned, learner, sampled, noise=Noise(), generator=source()).gradient[0]
    error = found.gradient.std(0) / count**0.5
    assert ((found.gradient.mean(0) - exact).abs() < 4 * error).all()
    assert (exact.abs() / error).max() > 5, "the test must be able to see a gradient"


def test_evolution_needs_perturbations():
    learned = rule(OFF, 1)
    learner = start_learning(learned, network(OFF), TRIAL_TYPES)
    with pytest.raises(ValueError, match=r"noise\.theta = 0"):
        evolution.estimate(learned, learner, [], noise=Noise(), generator=source())


@pytest.mark.parametrize("options", [ON, OFF])
def test_pairs_side_by_side_equal_pairs_one_by_one(options):
    """Networks with a theta each, of which some terms are zero in some networks, learn as they do alone."""
    learned, sampled = rule(options, 2), experiences(9)
    learner = start_learning(learned, network(options), TRIAL_TYPES)
    shift = 0.2 * torch.randn(2, 9, generator=source(), dtype=DOUBLE)
    shift[0, 4] = -learned.params.theta[1, 1]
    together = list(evolution.contrast(learned, learner, sampled, shift, SIGMA, generator=source()))
    for b in range(2):
        sides = []
        for sign in (1, -1):
            one, noise, rewards = select(learner, slice(b, b + 1)), source(), []
            alone = moved(learned, sign * shift[b])
            for experience in sampled:
                awake = one.trials >= learned.warm_up
                one, outcome = learn(alone, one, *select(experience, slice(b, b + 1)))
                if awake:
                    drawn = torch.randn(2, 5, 5, generator=noise, dtype=DOUBLE)[b]
                    one = with_weights(one, one.network.weights + SIGMA * drawn)
                rewards.append(outcome.feedback.reward[0])
            sides.append(torch.stack(rewards))
        up, down = sides
        assert (up - down)[3:].abs().max() > 1e-4
        for name, value in (("reward", (up + down) / 2), ("difference", (up - down) / 2)):
            found = torch.stack([getattr(trial, name)[b] for trial in together])
            torch.testing.assert_close(found, value, rtol=1e-10, atol=1e-14)


def test_evolution_may_mix_its_perturbations():
    """A matrix is a change of coordinates: the gradient of the raw coefficients is that along each mixture."""
    learned, sampled = rule(ON, 1), experiences(6)
    learner = start_learning(learned, network(ON), TRIAL_TYPES)
    g = torch.Generator().manual_seed(8)
    mixture = 1e-3 * (torch.eye(4, dtype=DOUBLE) + 0.3 * torch.rand(4, 4, generator=g, dtype=DOUBLE))
    exact = pathwise.estimate(learned, learner, sampled, noise=Noise(), generator=source()).gradient
    found = evolution.estimate(learned, learner, sampled, noise=Noise(0.0, mixture), generator=source())
    drawn = evolution.draw_direction(learned, learner, mixture, generator=source())
    along = (exact * (drawn @ mixture.mT)).sum(1)
    assert torch.allclose(found.gradient @ mixture, along[:, None] * drawn, rtol=1e-3)
