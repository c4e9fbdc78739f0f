"""The validation's own references agree with each other, and see mistakes."""

import pytest
import torch

from core.settings import BATCH, DOUBLE, KINDS, OFF, ON, UNITS, experiences, network, rule
from core.test_lifetime import environment, networks, noise, theta33
from threefactor.contract import Rule
from threefactor.network.bptt import reward_gradient
from threefactor.training.environment import experience
from threefactor.training.trial import learn, start_learning
from threefactor.validation import lifetimes
from threefactor.validation.accuracy import errors, relative_error
from threefactor.validation.alignment import Expected, align, expected_update


@pytest.mark.parametrize("options", [ON, OFF], ids=["on", "off"])
def test_complex_step_autograd_and_tangents_agree(options):
    net, learned, lived = network(options), rule(options, 3, warm_up=0), experiences(8, reward="graded")
    tangents = lifetimes.by_tangents(learned, net, lived, KINDS, DOUBLE)
    exact = lifetimes.by_complex_step(learned, net, lived, KINDS)
    for name, error in errors(tangents, exact).items():
        assert error[~error.isnan()].max() < 1e-12, name
    direction = torch.randn(UNITS, UNITS, dtype=DOUBLE, generator=torch.Generator().manual_seed(6))
    reward, weights = lifetimes.by_autograd(learned, net, lived, KINDS, direction)
    torch.testing.assert_close(reward, exact.reward, rtol=1e-9, atol=1e-13)
    torch.testing.assert_close(weights, (exact.weights * direction).sum((3, 4)), rtol=1e-9, atol=1e-13)
    assert exact.reward[-1].abs().min() > 0


def test_differences_approach_the_tangents():
    net, learned, lived = network(OFF), rule(OFF, 2, warm_up=0), experiences(6)
    exact = lifetimes.by_complex_step(learned, net, lived, KINDS)
    last = [
        errors(lifetimes.by_differences(learned, net, lived, KINDS, step), exact)["reward_tangent"][-1]
        for step in (1e-2, 1e-3)
    ]
    assert last[0] / last[1] == pytest.approx(100, rel=0.2)


def test_a_wrong_tangent_has_an_error_of_its_size():
    exact = torch.randn(3, BATCH, 4, dtype=DOUBLE, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(relative_error(1.01 * exact, exact), torch.full((3,), 0.01, dtype=DOUBLE))


def gradient_rule(noise_size=0.0, sign=1.0):
    """Return a rule that follows the gradient of its trial, with noise of its own."""

    def update(params, net, memory, trajectory, feedback):
        gradient = sign * reward_gradient(net, trajectory, feedback.output_gradient)
        g = torch.Generator().manual_seed(int(trajectory.state.abs().sum().item() * 1e3) % 2**31)
        return gradient + noise_size * torch.randn(gradient.shape, generator=g), memory

    return Rule("gradient", None, lambda params, net: (), update, 0.7, 0)


def measured(learned):
    expected = expected_update(
        learned, networks(3), environment(), blocks=4, draws=2, settle=8, generator=noise
    )
    return align(expected)


def test_the_gradient_is_aligned_with_itself_and_opposed_to_its_opposite():
    same, opposite = measured(gradient_rule()), measured(gradient_rule(sign=-1.0))
    torch.testing.assert_close(same.cosine, torch.ones(3), rtol=1e-4, atol=0)
    torch.testing.assert_close(same.norm_ratio, torch.ones(3), rtol=1e-4, atol=0)
    torch.testing.assert_close(same.sign_agreement, torch.ones(3), rtol=1e-2, atol=0)
    torch.testing.assert_close(opposite.cosine, -torch.ones(3), rtol=1e-4, atol=0)


def test_noise_shrinks_the_cosine_and_is_corrected():
    """Truth 1: the noisy gradient's cosine is small; over the root of the signal's share it is 1 again."""
    g = torch.Generator().manual_seed(2)
    gradient = torch.randn(200, 9, 9, generator=g)
    update = gradient + 6.0 * torch.randn(16, 200, 9, 9, generator=g)
    found = align(Expected(update, gradient, torch.zeros(200)))
    assert found.cosine.mean() < 0.7
    corrected = found.cosine.mean() / found.signal.mean().sqrt()
    assert corrected.item() == pytest.approx(1, abs=0.05)
    assert found.cosine.std().item() == pytest.approx(found.standard_error.mean().item(), rel=0.3)


def test_a_rule_without_relation_to_the_gradient_has_cosine_zero():
    g = torch.Generator().manual_seed(3)
    found = align(
        Expected(
            torch.randn(8, 300, 9, 9, generator=g), torch.randn(300, 9, 9, generator=g), torch.zeros(300)
        )
    )
    assert found.cosine.mean().item() == pytest.approx(0, abs=4 * found.cosine.std().item() / 300**0.5)


def test_expected_update_is_the_mean_over_blocks_of_whole_cycles():
    """Against one call of the rule per trial, the weights being put back by hand."""
    net, rule_, surroundings = networks(2), theta33()._replace(warm_up=0), environment()
    found = expected_update(rule_, net, surroundings, blocks=2, draws=1, settle=3, generator=noise)
    learner, updates = start_learning(rule_, net, 4), []
    for h in range(3 + 8):
        learner, outcome = learn(rule_, learner, *experience(surroundings, net, h, generator=noise(h)))
        learner = learner._replace(network=net)
        updates.append(outcome.update)
    torch.testing.assert_close(found.update[0], torch.stack(updates[3:7]).mean(0))
    torch.testing.assert_close(found.update[1], torch.stack(updates[7:11]).mean(0))
    assert found.update.abs().max() > 0
