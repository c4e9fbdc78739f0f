"""The score estimators against autograd, and unbiased where they are."""

import pytest
import torch

from metalearning.estimator_runs import ALL, SIGMA, many, source
from small_runs import GATE_SHAPE, OFF, ON, TRIAL_TYPES, experiences, network, rule
from threefactor.metalearning import likelihood_ratio
from threefactor.metalearning.estimators import pathwise, score_local
from threefactor.metalearning.trial_record import Noise, carry, run_trials
from threefactor.training.batch import with_weights
from threefactor.training.trial import learn, start_learning


@pytest.mark.parametrize(
    "own",
    [{}, {"weight_linear": 0.4, "weight_quadratic": -0.3}, GATE_SHAPE],
    ids=["", "weight-dependent", "shaped gate"],
)
def test_local_slope_is_the_derivative_at_fixed_weights_and_the_total_one_that_through_them(own):
    """Over many updates with clip, decay and carried trace, against autograd at the same noise."""
    learned, sampled = rule({**ON, **own}, 2), experiences(8)
    fixed = start_learning(learned, network(ON), TRIAL_TYPES)
    steps = list(carry(learned, run_trials(learned, fixed, sampled, SIGMA, generator=source())))
    theta = learned.params.theta.clone().requires_grad_()
    valued = learned._replace(params=learned.params._replace(theta=theta))
    through = fixed
    for (trial, before, after, _), one in zip(steps, sampled, strict=True):
        awake = through.trials >= learned.warm_up
        through, total = learn(valued, through, *one)
        _, local = learn(valued, trial.before, *one)
        if not awake:
            assert trial.drawn is None
            continue
        through = with_weights(through, through.network.weights + SIGMA * trial.drawn)
        slope = score_local.slope(learned, trial.before, trial.outcome)
        for b in range(2):
            for update, found in ((total.update, after.weight - before.weight), (local.update, slope)):
                value = (trial.drawn * update)[b].sum()
                exact = torch.autograd.grad(value, theta, retain_graph=True)[0].flatten()
                scored = likelihood_ratio.score(trial.drawn, found)[b]
                torch.testing.assert_close(scored, exact, rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize("name", ["score_total", "score_local"])
def test_score_estimators_are_unbiased_where_nothing_is_counted_twice(name):
    """In a learning run of which one weight change matters, total and local derivative are one."""
    count = 5000
    learned = rule(OFF, 1, warm_up=1, learning_rate=0.3)
    learner, sampled = many(count, learned, 2)
    found = ALL[name].estimate(learned, learner, sampled, noise=Noise(SIGMA), generator=source(name))
    exact = pathwise.estimate(learned, learner, sampled, noise=Noise(SIGMA), generator=source()).gradient
    error = (found.gradient.var(0) + exact.var(0)).sqrt() / count**0.5
    assert ((found.gradient.mean(0) - exact.mean(0)).abs() < 4 * error).all()
    assert (exact.mean(0).abs() / error).max() > 5, "the test must be able to see a gradient"


def test_score_local_finds_the_gradient_of_a_long_learning_run():
    count = 6000
    learned = rule(OFF, 1, warm_up=1, learning_rate=1.0)
    learner, sampled = many(count, learned, 3)
    found = score_local.estimate(learned, learner, sampled, noise=Noise(SIGMA), generator=source())
    exact = pathwise.estimate(learned, learner, sampled, noise=Noise(SIGMA), generator=source()).gradient
    error = found.gradient.std(0) / count**0.5
    assert ((found.gradient.mean(0) - exact.mean(0)).abs() < 4 * error).all()
    assert (exact.mean(0).abs() / error).max() > 5
