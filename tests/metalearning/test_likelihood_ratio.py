"""What the score estimators share: baselines, and rewards to go."""

import pytest
import torch

from derivatives.with_hyperparameters import learned_with
from metalearning.estimator_runs import ALL, source
from small_runs import DOUBLE, OFF, ON, TRIAL_TYPES, experiences, network, rule
from threefactor import seeding
from threefactor.metalearning import likelihood_ratio
from threefactor.metalearning.estimators import score_total
from threefactor.metalearning.likelihood_ratio import others_mean
from threefactor.metalearning.trial_record import Noise
from threefactor.training.trial import learn, start_learning


def test_the_running_average_telescopes():
    """The rewards above the running averages of all later trials are the way that these averages still go."""
    learned, sampled = rule(ON, 1), experiences(14)
    learner, rewards, averages, behind = start_learning(learned, network(ON), TRIAL_TYPES), [], [], []
    for one in sampled:
        learner, outcome = learn(learned, learner, *one)
        rewards.append(outcome.feedback.reward)
        averages.append(outcome.feedback.baseline)
        behind.append(learner.baseline)
    to_go = likelihood_ratio.reward_to_go(torch.stack(rewards) - torch.stack(averages))
    for h in range(4, 14):
        left = (behind[-1] - behind[h]).sum(1) / (1 - learned.baseline_decay)
        torch.testing.assert_close(to_go[h], left)


def test_the_baseline_comes_from_the_other_networks():
    rewards = torch.randn(7, 5, dtype=DOUBLE, generator=torch.Generator().manual_seed(0))
    to_go = likelihood_ratio.reward_to_go(rewards)
    for h in range(7):
        torch.testing.assert_close(to_go[h], rewards[h + 1 :].sum(0))
        for b in range(5):
            others = [to_go[h, other] for other in range(5) if other != b]
            torch.testing.assert_close(likelihood_ratio.others_mean(to_go)[h, b], torch.stack(others).mean())


@pytest.mark.parametrize("name", ["score_total", "score_local"])
def test_score_estimators_need_noise_and_company(name):
    learned, net = rule(OFF, 1), network(OFF)
    learner = start_learning(learned, net, TRIAL_TYPES)
    with pytest.raises(ValueError, match=r"noise\.weights = 0"):
        ALL[name].estimate(learned, learner, [], noise=Noise(), generator=source())
    alone = start_learning(learned, net._replace(weights=net.weights[:1]), TRIAL_TYPES)
    with pytest.raises(ValueError, match="networks = 1"):
        ALL[name].estimate(learned, alone, [], noise=Noise(1.0), generator=source())


def test_a_diverged_network_takes_no_other_ones_baseline_away():
    values = torch.tensor([[1.0, float("nan"), 3.0, 5.0]], dtype=torch.float64)
    found = others_mean(values)
    torch.testing.assert_close(found[:, [0, 2, 3]], torch.tensor([[4.0, 3.0, 2.0]], dtype=torch.float64))
    assert others_mean(values[:, :2]).isnan()[0, 0], "no other network is left"


def test_scores_are_for_theta_alone():
    learned = learned_with(OFF, ("baseline_exponent",))
    with pytest.raises(ValueError, match="hyperparameters = "):
        score_total.estimate(
            learned,
            start_learning(learned, network(OFF), TRIAL_TYPES),
            experiences(5),
            noise=Noise(0.1),
            generator=seeding.generator(0, "none"),
        )
