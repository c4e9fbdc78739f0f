"""Walks that stand above a limit are brought back, and steps say truly whether they were taken."""

import torch

from dnms_run import environment, networks
from small_runs import DOUBLE
from threefactor import seeding
from threefactor.analysis.solutions.walk_step import (
    Gait,
    Ground,
    Place,
    draw_trials,
    norm,
    settle,
    take_step,
    within,
)
from threefactor.derivatives.task_error import mean_error, run
from threefactor.training.batch import convert
from threefactor.training.evaluation import evaluate

NOISY = environment()


def source(name):
    return seeding.generator(6, name)


def ground_of(net, level):
    return Ground(NOISY, net, norm(net.weights), level, 0.02, torch.inf)


def middle(net):
    """Return a level that some networks are above."""
    return float(evaluate(net, NOISY.task).error.median())


def place_of(net):
    direction = torch.randn(len(net.weights), 144, generator=source("direction"), dtype=DOUBLE)
    start = torch.zeros(len(net.weights), dtype=DOUBLE)
    return Place(net, direction / direction.norm(dim=1, keepdim=True), start + 0.02, start, start)


def test_limits_are_the_level_and_the_errors_of_the_anchors_in_the_same_trials():
    net = convert(networks(3), dtype=DOUBLE)
    ground = ground_of(net, middle(net))
    trials = draw_trials(ground, 2, generator=source("trials"))
    quiet, noisy = (mean_error(run(net, one), "graded")[0] for one in trials.sets)
    torch.testing.assert_close(quiet, evaluate(net, NOISY.task).error)
    torch.testing.assert_close(trials.limit[:, 1], noisy + 0.02)
    assert (trials.limit[:, 0] == ground.level).all()
    assert torch.equal(within(net, trials), quiet <= ground.level)
    assert not within(net, trials).all()


def test_settling_brings_networks_below_the_level_and_leaves_others():
    net = convert(networks(3), dtype=DOUBLE)
    ground, gait = ground_of(net, middle(net)), Gait()
    checked = draw_trials(ground, 4, generator=source("checked"))
    good = within(net, checked)
    assert good.any()
    assert not good.all()
    settled, passed = settle(place_of(net), ground, checked, gait, generator=source("settle"))
    assert passed.all()
    assert within(settled.network, checked).all()
    assert torch.equal(settled.network.weights[good], net.weights[good])
    assert norm(settled.network.weights - net.weights)[~good].min() > 0


def test_a_step_that_no_correction_brings_back_is_not_taken():
    net = convert(networks(3), dtype=DOUBLE)
    level = float(evaluate(net, NOISY.task).error.max())
    ground, nothing = ground_of(net, level), torch.zeros(3, 1, 144, dtype=DOUBLE)
    trials = draw_trials(ground, 0, generator=source("trials"))
    place = place_of(net)._replace(step=torch.tensor([0.02, 0.02, 5.0], dtype=DOUBLE))
    after = take_step(place, ground, trials, nothing, None, Gait(corrections=0, longest=9.0))
    taken = after.taken.bool()
    assert taken.any()
    assert not taken.all()
    assert torch.equal(after.network.weights[~taken], net.weights[~taken])
    assert not after.length[~taken].any()
    torch.testing.assert_close(after.length[taken], place.step[taken])
    torch.testing.assert_close(after.step, torch.where(taken, 1.2, 0.5) * place.step)
    assert within(after.network, trials).all()
