"""Networks followed to a horizon, against loops over trials, networks, levels and synapses."""

import copy

import pytest
import torch

from dnms_run import environment, noise
from small_runs import DOUBLE
from threefactor.training.followed_run import follow, is_followed, start_following
from threefactor.training.learning_run import train
from threefactor.training.weight_change import clipped_share
from training.followed import (
    HORIZON,
    NETWORKS,
    PLAN,
    exploring,
    followed,
    net,
    noise_free,
    overflowing,
    plain,
    rule,
    seen,
)

LATER = [e for e in PLAN.evaluations if e > 0]


@pytest.mark.parametrize("learning_rule", [rule(), exploring("weights"), exploring("outputs")])
def test_trials_are_those_of_a_loop_of_ones_own(learning_rule):
    run, own = followed(learning_rule), seen(learning_rule)
    for h, outcome in enumerate(own.outcomes):
        for b in range(NETWORKS):
            window = own.windows[h][b].nonzero()[:, 0]
            output = outcome.trajectory.output[b, window, 0]
            wanted = own.targets[h][b, 0]
            assert run.error[b, h].item() == pytest.approx((output - wanted).abs().mean().item(), rel=1e-12)
            assert run.correct[b, h].item() == float(output.mean() * wanted > 0)
    assert torch.equal(run.learner.network.weights, own.weights[-1])
    assert not run.diverged.any()
    assert (run.learner.network.weights != net().weights).any()


def test_evaluations_are_noise_free_and_of_the_weights_then():
    run, own = followed(rule()), seen(rule())
    for e, trial in enumerate(PLAN.evaluations):
        error, right = noise_free(own.weights[trial])
        torch.testing.assert_close(run.found.error[:, e], error, rtol=1e-11, atol=1e-13)
        assert torch.equal(run.found.correct[:, e], right)
        change = own.weights[trial] - own.weights[0]
        norm = (change**2).sum((1, 2)).sqrt()
        torch.testing.assert_close(run.found.change_norm[:, e], norm, rtol=1e-12, atol=0)
    for e, trial in enumerate(PLAN.evaluations):
        singular = torch.linalg.svdvals(own.weights[trial] - own.weights[0])
        rank = (singular**2).sum(1) ** 2 / (singular**4).sum(1)  # NaN before the first change
        torch.testing.assert_close(run.found.change_rank[:, e], rank, rtol=1e-9, atol=0, equal_nan=True)
    assert run.found.error[:, 0].ne(run.found.error[:, -1]).all()


def test_weights_are_kept_where_a_level_is_first_crossed():
    run, own = followed(rule()), seen(rule())
    errors = {trial: noise_free(own.weights[trial])[0] for trial in PLAN.evaluations}
    firsts = []
    for b in range(NETWORKS):
        for place, level in enumerate(PLAN.levels):
            first = next((trial for trial in PLAN.evaluations if errors[trial][b] <= level), -1)
            kept = own.weights[first][b] if first >= 0 else torch.zeros(12, 12, dtype=DOUBLE)
            assert run.levels.trial[b, place] == first
            assert torch.equal(run.levels.weights[b, place], kept)
            readout = net().output_weights[b] * (first >= 0)
            assert torch.equal(run.levels.output_weights[b, place], readout)
            firsts.append(first)
    assert {-1, 0} < set(firsts), "some are there from the start, some later, some never"
    above = {trial: error > PLAN.levels[0] for trial, error in errors.items()}
    assert any(above[trial][4] for trial in LATER), "the first crossing counts, whatever follows"


def test_an_error_that_equals_a_level_crosses_it():
    exact = followed(rule()).found.error[:, 0].max().item()
    run = followed(rule(), PLAN._replace(levels=(exact, exact - 1e-6)))
    assert (run.levels.trial[:, 0] == 0).all()
    assert (run.levels.trial[:, 1] == 0).sum() == NETWORKS - 1


def test_snapshots_are_the_weights_then():
    run, own = followed(rule()), seen(rule())
    for place, trial in enumerate(PLAN.snapshots):
        assert (run.snapshots.trial[:, place] == trial).all()
        assert torch.equal(run.snapshots.weights[:, place], own.weights[trial])
        assert torch.equal(run.snapshots.output_weights[:, place], net().output_weights)


def test_the_criterion_is_that_of_networks_that_stop_there():
    run, stopped = followed(rule()), train(rule(), net(), environment(), PLAN.criterion, generator=noise)
    wanted = torch.where(stopped.reached, stopped.trials_to_criterion, -1)
    assert torch.equal(run.criterion_trial, wanted)
    assert len(set(wanted.tolist())) > 2
    assert -1 in wanted
    for b, last in enumerate(stopped.trials_to_criterion.tolist()):
        torch.testing.assert_close(run.error[b, :last], stopped.error[b, :last], rtol=1e-9, atol=0)
    assert run.error.isfinite().all(), "networks learn on after it"


@pytest.mark.parametrize("learning_rule", [rule(), exploring("outputs")])
def test_a_run_in_pieces_is_the_same_bit_for_bit(learning_rule):
    whole = plain(followed(learning_rule))
    run = start_following(learning_rule, net(), environment(), PLAN)
    while not is_followed(run, PLAN):
        before = plain(copy.deepcopy(run))
        later = follow(run, learning_rule, net(), environment(), PLAN, 7, generator=noise)
        for name, part in plain(run).items():
            assert torch.equal(part, before[name]), f"{name} of the piece before is untouched"
        run = copy.deepcopy(later)
    assert run.learner.trials == HORIZON
    for name, part in plain(run).items():
        assert torch.equal(part, whole[name]), name


def test_a_network_that_overflows_keeps_its_last_finite_weights_and_leaves_the_others_alone():
    last, lost = 7, 1  # trials before the one that overflows
    run, own, sound = followed(overflowing(rule(), lost, last)), seen(rule()), followed(rule())
    assert run.diverged.tolist() == [b == lost for b in range(NETWORKS)]
    assert torch.equal(run.learner.network.weights[lost], own.weights[last][lost])
    assert torch.equal(run.error[lost, :last], sound.error[lost, :last])
    for along in (run.error, run.correct):
        assert along[lost, last:].isnan().all()
    for name, part in run.found._asdict().items():
        for e, trial in enumerate(PLAN.evaluations):
            is_known = trial <= last and not (name == "change_rank" and run.found.change_norm[lost, e] == 0)
            assert part[lost, e].isfinite() == is_known, (name, trial)
    assert (run.levels.trial[lost] <= last).all()
    assert (sound.levels.trial[lost] > last).any()
    assert run.snapshots.trial[lost].tolist() == list(PLAN.snapshots)
    assert torch.equal(run.snapshots.weights[lost, -1], own.weights[last][lost])
    others = [b for b in range(NETWORKS) if b != lost]
    for name, part in plain(run).items():
        assert torch.equal(part[others], plain(sound)[name][others]), name


def test_a_trial_that_overflows_meets_no_criterion():
    """The first window would be good enough without its last trial, which is the one that overflows."""
    easy = PLAN._replace(criterion=PLAN.criterion._replace(error=10.0))
    bursting = overflowing(rule(), 2, easy.criterion.window - 1)
    stopped = train(bursting, net(), environment(), easy.criterion, generator=noise)
    wanted = torch.where(stopped.reached, stopped.trials_to_criterion, -1)
    assert wanted.tolist() == [6, 6, -1, 6, 6]
    assert torch.equal(followed(bursting, easy).criterion_trial, wanted)


def test_following_ends_at_the_horizon_or_when_no_network_is_left():
    run = start_following(rule(), net(), environment(), PLAN)
    assert not is_followed(run, PLAN)
    assert is_followed(followed(rule()), PLAN)
    one = follow(run, rule(), net(), environment(), PLAN, 1, generator=noise)
    assert not is_followed(one._replace(diverged=torch.tensor([True] * 4 + [False])), PLAN)
    assert is_followed(one._replace(diverged=torch.ones(NETWORKS, dtype=torch.bool)), PLAN)


def test_the_clipped_share_is_that_of_the_last_update():
    run, own, clip = followed(rule()), seen(rule()), rule().params.clip
    assert (run.found.clipped[:, 0] == 0).all()
    for e, trial in enumerate(PLAN.evaluations[1:], 1):
        assert torch.equal(
            run.found.clipped[:, e], clipped_share(net(), own.outcomes[trial - 1].update, clip)
        )
    assert (run.found.clipped > 0).any()
    unbounded = rule()._replace(params=None, update=lambda _, *rest: rule().update(rule().params, *rest))
    assert (followed(unbounded).found.clipped == 0).all(), "a rule without a clip"
