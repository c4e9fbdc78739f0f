"""Estimators against the truth, trial by trial: means that are known without their noise."""

import pytest
import torch

from metalearning.estimator_runs import SCORED, SIGMA, SMOOTH, many, source
from small_runs import DOUBLE, OFF, ON, TRIAL_TYPES, experiences, network, rule
from threefactor.metalearning import estimator_bias as estimators
from threefactor.metalearning.estimators import score_local
from threefactor.metalearning.trial_record import carry, run_trials
from threefactor.network import synapses
from threefactor.training.batch import with_weights
from threefactor.training.trial import learn, start_learning


def test_differences_converge_to_the_exact_gradient_trial_by_trial():
    learned, sampled = rule(SMOOTH, 2), experiences(9)
    learner = start_learning(learned, network(SMOOTH), TRIAL_TYPES)
    exact = [
        trial.reward_tangent
        for trial in carry(learned, run_trials(learned, learner, sampled, SIGMA, generator=source()))
    ]
    errors = []
    for step in (1e-3, 1e-4):
        steps = step * torch.linspace(0.5, 2, 9, dtype=DOUBLE)
        found = estimators.differences(learned, learner, sampled, steps, SIGMA, generator=source())
        errors.append((torch.stack(list(found)) - torch.stack(exact)).abs().max())
    assert errors[1] < 0.02 * errors[0], "second order"
    assert errors[1] < 1e-5


def records(learned, learner, sampled, sigma=SIGMA):
    """Return what the trials after the warm-up tell."""
    trials = list(carry(learned, run_trials(learned, learner, sampled, sigma, generator=source())))
    kept = estimators.along_tangents(learned, trials)
    local = score_local.scores(learned, (trial.record for trial in trials))
    kept["score_local"] = torch.stack([trial.score for trial in local])
    kept |= {name: torch.zeros_like(kept["pathwise"]) for name in ("difference", "evolution")}
    return {name: value[learned.warm_up :] for name, value in kept.items()}


def test_the_mean_of_a_score_estimator_is_known_without_its_noise():
    """Sample means of all four variants against what Stein's lemma gives."""
    count, trials = 6000, 3
    learned = rule(OFF, 1, warm_up=1, learning_rate=1.0)
    learner, sampled = many(count, learned, trials)
    found = estimators.gradients(records(learned, learner, sampled), trials, SIGMA)
    exact = found["pathwise"].mean(0)
    for name in estimators.SCORES:
        paired = found[name] - found[f"mean_of_{name}"]
        error = paired.std(0) / count**0.5
        assert (paired.mean(0).abs() < 4 * error).all(), name
        if "running" not in name:  # which centres nothing here: one network, the same trials
            assert (exact.abs() / error).max() > 5, "the test must be able to see a gradient"
    torch.testing.assert_close(found["mean_of_score_local"], found["pathwise"])


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("total", [True, False])
def test_means_of_scores_are_derivatives_along_what_each_trial_adds(total, signed):
    """Over many updates with clip, decay and carried trace, against autograd from the weights behind each trial on.

    By Dale's law, too, where weights are held at zero after each update and again after its noise.
    """
    learned, sampled, sigma = rule(ON, 1, warm_up=3, learning_rate=0.5), experiences(10), 0.1
    net = network(ON)
    if signed:
        sign = torch.tensor([1, 1, 0, -1, -1], dtype=torch.int8)
        net = net._replace(weights=torch.where(sign == 0, net.weights, sign * net.weights.abs()), sign=sign)
    start = start_learning(learned, net, TRIAL_TYPES)
    kept = records(learned, start, sampled, sigma)
    trials = list(carry(learned, run_trials(learned, start, sampled, sigma, generator=source())))
    expected = {"": 0, "_running": 0}
    for h in range(learned.warm_up, len(trials) - 1):
        record_h, before, after, _ = trials[h]
        added = (
            after.weight - before.weight if total else score_local.slope(learned, *record_h[::2])
        )  # before, outcome
        weights = trials[h + 1].record.before.network.weights.clone().requires_grad_()
        learner, rewards, above = with_weights(trials[h + 1].record.before, weights), 0, 0
        for later in trials[h + 1 :]:
            learner, outcome = learn(learned, learner, *later.record.experience)
            noisy = learner.network.weights + sigma * later.record.drawn
            learner = with_weights(learner, synapses.hold(net, noisy))
            rewards = rewards + outcome.feedback.reward
            above = above + outcome.feedback.reward - outcome.feedback.baseline
        for name, climbed in (("", rewards), ("_running", above)):
            slope = torch.autograd.grad(climbed.sum(), weights, retain_graph=True)[0]
            slope = synapses.through(net, weights.detach(), slope)
            expected[name] = expected[name] + torch.einsum("bij,bpij->bp", slope, added)
    horizon = len(trials) - learned.warm_up
    found = estimators.gradients(kept, horizon, sigma)
    name = "score_total" if total else "score_local"
    for baseline, value in expected.items():
        got = found[f"mean_of_{name}{baseline}"]
        torch.testing.assert_close(got, value / horizon, rtol=1e-8, atol=1e-12)
    assert signed == bool((trials[-1].record.before.network.weights == 0).any())
    apart = (found["mean_of_score_total"] - found["pathwise"]).norm() / found["pathwise"].norm()
    assert apart > 0.01, "double counting must be seen"


def test_every_variant_weighs_the_score_of_a_trial_by_what_came_after_it():
    generator = torch.Generator().manual_seed(0)
    names = ("difference", "evolution", "pathwise", "pathwise_average", "twice", "twice_average")
    kept = {name: torch.randn(6, 3, 2, dtype=DOUBLE, generator=generator) for name in (*names, *SCORED)}
    kept |= {name: torch.randn(6, 3, dtype=DOUBLE, generator=generator) for name in ("reward", "average")}
    found = estimators.gradients(kept, 5, 0.1)
    for name in SCORED:
        for b in range(3):
            others, running = 0, 0
            for h in range(5):
                later = kept["reward"][h + 1 : 5].sum(0)
                alone = later[b] - (later.sum() - later[b]) / 2
                above = (kept["reward"] - kept["average"])[h + 1 : 5, b].sum()
                others = others + alone * kept[name][h, b] / 0.1 / 5
                running = running + above * kept[name][h, b] / 0.1 / 5
            torch.testing.assert_close(found[name][b], others)
            torch.testing.assert_close(found[f"{name}_running"][b], running)
    for name in ("difference", "evolution", "pathwise"):
        torch.testing.assert_close(found[name], kept[name][:5].mean(0))
