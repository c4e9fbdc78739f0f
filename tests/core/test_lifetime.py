"""Trials in a row: noise, criterion, snapshots, checkpoints."""

import pytest
import torch

from threefactor import seeding
from threefactor.contract import Rule
from threefactor.learning_rules import polynomial
from threefactor.learning_rules.polynomial import Polynomial
from threefactor.network import initial
from threefactor.network.perturbation import draw_sparse, draw_start
from threefactor.pipeline.storage.trees import flatten, restore
from threefactor.tasks import dnms
from threefactor.training.batch import select
from threefactor.training.environment import Environment, experience
from threefactor.training.learning_run import Criterion, advance, finished, start_run, train

CRITERION = Criterion(window=6, fraction=0.5, error=0.9, horizon=40)


def networks(count, units=12):
    return initial.draw(
        units=units,
        inputs=2,
        outputs=1,
        gain=1.5,
        input_scale=2.0,
        clamped={1: 1.0, 10: -1.0},
        readout="unit",
        leak=0.1,
        generators=[seeding.generator(7, "network", n) for n in range(count)],
    )


def theta33(learning_rate=0.01):
    theta = torch.zeros(4, 4)
    theta[3, 3] = -1
    params = Polynomial(theta, (), learning_rate, 3e-3, 1.0, 0.05, False, 1.0, 0.0, 10.0, 3)
    return Rule("polynomial", params, polynomial.init, polynomial.update, 0.7, 5)


def environment():
    return Environment(dnms.make(1000, 20, 0.98, "graded"), 0.1, 0.5, 0.02)


def noise(h):
    return seeding.generator(7, "trial", h)


def test_kicks_have_the_rate_and_size_that_they_claim():
    net = networks(20)
    perturbation = draw_sparse(net, 500, 0.5, 0.01, generator=seeding.generator(1, "kicks")) * net.leak
    count, hit = perturbation.numel(), (perturbation != 0)
    assert hit.sum().item() == pytest.approx(0.01 * count, abs=5 * (0.01 * count) ** 0.5)
    size = perturbation[hit]
    assert size.abs().max() <= 0.5
    assert size.mean().item() == pytest.approx(0, abs=5 * 0.5 / 3**0.5 / len(size) ** 0.5)
    assert size.std().item() == pytest.approx(0.5 / 3**0.5, rel=0.05)
    for part in (hit[:, :250], hit[:, 250:], hit[:10], hit[10:], hit[..., :6], hit[..., 6:]):
        share = part.double().mean().item()
        assert share == pytest.approx(0.01, abs=5 * (0.01 / part.numel()) ** 0.5)


def test_no_kicks_at_rate_zero_and_all_at_rate_near_one():
    net = networks(2)
    assert (draw_sparse(net, 10, 0.5, 0.0, generator=noise(0)) == 0).all()
    dense = draw_sparse(net, 200, 0.5, 0.9, generator=noise(0))
    assert (dense != 0).double().mean().item() == pytest.approx(0.9, abs=0.03)


def test_start_holds_clamped_units():
    start = draw_start(networks(3), 0.1, generator=noise(0))
    assert (start[:, 1] == 1).all()
    assert (start[:, 10] == -1).all()
    assert start[:, [0, 2, 3]].abs().max() <= 0.1


def test_a_network_does_not_depend_on_its_batch():
    together = networks(4)
    alone = initial.draw(
        units=12, inputs=2, outputs=1, gain=1.5, input_scale=2.0, clamped={1: 1.0, 10: -1.0}, readout="unit",
        leak=0.1, generators=[seeding.generator(7, "network", 2)],
    )  # fmt: skip
    assert torch.equal(alone.weights[0], together.weights[2])
    assert torch.equal(alone.input_weights[0], together.input_weights[2])


def test_seeds_and_purposes_give_different_numbers():
    draws = [
        torch.rand(3, generator=seeding.generator(*key))
        for key in [(1, "a"), (2, "a"), (1, "b"), (1, "a", 0), (1, "a0")]
    ]
    assert len({tuple(d.tolist()) for d in draws}) == len(draws)
    assert torch.equal(draws[0], torch.rand(3, generator=seeding.generator(1, "a")))


def test_dnms_rewards_nonmatch():
    task = dnms.make(1000, 20, 0.98, "graded")
    trial = task.draw(torch.arange(4))
    assert task.steps == 50
    wanted = {"aa": -0.98, "ab": 0.98, "ba": 0.98, "bb": -0.98}
    for row, name in enumerate(task.trial_types):
        assert trial.target[row, -1, 0].item() == pytest.approx(wanted[name])
        for start, letter in ((0, name[0]), (20, name[1])):
            channel = "ab".index(letter)
            assert (trial.inputs[row, start : start + 10, channel] == 1).all()
            assert (trial.inputs[row, start : start + 10, 1 - channel] == 0).all()
    assert (trial.inputs[:, 10:20] == 0).all()
    assert (trial.inputs[:, 30:] == 0).all()
    torch.testing.assert_close(trial.window.sum(1), torch.ones(4))
    assert (trial.window[:, :40] == 0).all()


def test_dnms_refuses_a_trial_that_has_no_fifths():
    with pytest.raises(ValueError, match="multiples of 5 time steps"):
        dnms.make(1000, 30, 0.98, "graded")


def test_a_good_trial_may_have_to_be_correct_too():
    net, rule = networks(5), theta33()
    easy = CRITERION._replace(error=10.0)
    anything = train(rule, net, environment(), easy, generator=noise)
    assert (anything.trials_to_criterion == easy.window).all()
    strict = train(rule, net, environment(), easy._replace(correct=True, fraction=1.0), generator=noise)
    for b in range(5):
        right = strict.correct[b].nan_to_num(0).tolist()
        first = next((h for h in range(6, 41) if sum(right[h - 6 : h]) == 6), 40)
        assert strict.trials_to_criterion[b] == first
    assert (strict.trials_to_criterion > 6).any()


def test_lifetime_goes_on_bit_for_bit_after_a_checkpoint():
    net, rule, snapshots = networks(5), theta33(), (0, 10, 30)
    whole = advance(
        start_run(rule, net, environment(), CRITERION, snapshots),
        rule, net, environment(), CRITERION, snapshots, 40, generator=noise,
    )  # fmt: skip
    fresh = start_run(rule, net, environment(), CRITERION, snapshots)
    parts = fresh
    while not finished(parts, CRITERION):
        parts = advance(parts, rule, net, environment(), CRITERION, snapshots, 7, generator=noise)
        parts = restore(fresh, {name: x.clone() for name, x in flatten(parts).items()})
    for name, value in flatten(whole).items():
        if name != "learner.trials":
            assert torch.equal(value.nan_to_num(9), flatten(parts)[name].nan_to_num(9)), name
    assert not torch.equal(whole.weights, net.weights)


def test_a_network_meets_the_same_trials_whoever_else_is_there():
    """Networks that stop early leave the others as they would be alone."""
    net, rule = networks(5), theta33()
    whole = train(rule, net, environment(), CRITERION, generator=noise)
    assert whole.trials_to_criterion.max() > whole.trials_to_criterion.min(), "some must stop before others"
    slow = whole.trials_to_criterion.argmax().item()
    start = start_run(rule, net, environment(), CRITERION._replace(error=0.0), ())
    never = advance(start, rule, net, environment(), CRITERION._replace(error=0.0), (), 40, generator=noise)
    done = whole.trials_to_criterion[slow]
    torch.testing.assert_close(whole.error[slow, :done], never.error[slow, :done], rtol=1e-4, atol=1e-5)


def test_criterion_is_the_first_window_with_enough_good_trials():
    net, rule = networks(6), theta33()
    result = train(rule, net, environment(), CRITERION, generator=noise)
    for b in range(6):
        good = result.error[b] < CRITERION.error
        first = next(
            (h for h in range(6, 41) if good[h - 6 : h].sum() >= 3),
            CRITERION.horizon,
        )
        assert result.trials_to_criterion[b] == first
        stopped = first if result.reached[b] else CRITERION.horizon
        assert result.error[b, :stopped].isfinite().all()
        assert result.error[b, stopped:].isnan().all()


def test_snapshots_hold_the_weights_of_their_trial():
    net, rule, snapshots = networks(5), theta33(), (0, 10, 30)
    run = start_run(rule, net, environment(), CRITERION, snapshots)
    run = advance(run, rule, net, environment(), CRITERION, snapshots, 40, generator=noise)
    assert torch.equal(run.snapshot_weights[:, 0], net.weights)
    assert torch.equal(run.snapshot_weights[:, -1], run.weights)
    short = CRITERION._replace(horizon=10)
    ten = advance(
        start_run(rule, net, environment(), short, ()),
        rule,
        net,
        environment(),
        short,
        (),
        10,
        generator=noise,
    )
    late = run.trials_to_criterion >= 10
    torch.testing.assert_close(run.snapshot_weights[late, 1], ten.weights[late])
    assert (run.snapshot_trial[late, 1] == 10).all()
    assert (run.snapshot_trial[~late, 1] == run.trials_to_criterion[~late]).all()


def test_a_network_that_overflows_is_stopped_and_counted():
    net, rule = networks(3), theta33(learning_rate=float("inf"))
    result = train(rule, net, environment(), CRITERION, generator=noise)
    assert result.diverged.all()
    assert not result.reached.any()
    assert result.weights.isfinite().all()
    assert (result.trials_to_criterion == CRITERION.horizon).all()


def test_select_leaves_what_is_common():
    net = networks(4)
    sampled = experience(environment(), net, 3, generator=noise(3))
    some = select(sampled, torch.tensor([True, False, True, False]))
    assert torch.equal(some.start, sampled.start[[0, 2]])
    assert some.trial.reward == "graded"
    part = select(net, torch.tensor([1]))
    assert torch.equal(part.clamped, net.clamped)
    assert torch.equal(part.weights, net.weights[1:2])


def test_initial_weights_have_their_gain_and_leave_the_output_without_input():
    net = networks(3, units=200)
    assert net.weights.std().item() == pytest.approx(1.5 / 200**0.5, rel=0.02)
    assert (net.input_weights[:, 0] == 0).all()
    assert net.input_weights[:, 1:].abs().max().item() == pytest.approx(2.0, rel=0.02)
