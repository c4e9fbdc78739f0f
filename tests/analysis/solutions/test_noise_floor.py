"""Resampled rates are means over noisy trials, and the noise floor falls with their number."""

import torch

from dnms_run import environment, networks
from small_runs import DOUBLE
from threefactor import seeding
from threefactor.analysis.representation.responses import noise_free
from threefactor.analysis.solutions.cka import cka_distance
from threefactor.analysis.solutions.noise_floor import resampled_rates
from threefactor.network.perturbation import Sparse
from threefactor.training.batch import convert

NOISY = environment()
TYPES = len(NOISY.task.trial_types)


def source(name="floor"):
    return seeding.generator(3, name)


def flat(rates):
    return rates.flatten(2, 3)


def test_without_noise_all_resamples_are_the_noise_free_rates():
    net = convert(networks(3), dtype=DOUBLE)
    quiet = NOISY._replace(start_scale=0.0, perturbation=Sparse(0.5, 0.0))
    found = resampled_rates(net, quiet, 2, 3, generator=source())
    inputs = quiet.task.draw(torch.arange(TYPES), generator=None, dtype=DOUBLE).inputs
    exact = noise_free(net, inputs).rate[..., ~net.clamped]
    assert found.shape == (3, 2, TYPES, quiet.task.steps, 10)
    for r in range(2):
        torch.testing.assert_close(found[:, r], exact, rtol=1e-12, atol=1e-14)


def test_means_over_more_trials_lie_closer_together():
    net = convert(networks(4), dtype=DOUBLE)
    floors = [
        torch.stack(
            [cka_distance(one)[0, 1] for one in flat(resampled_rates(net, NOISY, 2, k, generator=source()))]
        )
        for k in (1, 16)
    ]
    assert floors[1].mean() < 0.6 * floors[0].mean()
    assert (floors[1] > 0).all()


def test_resamples_are_independent_trials():
    net = convert(networks(2), dtype=DOUBLE)
    one = resampled_rates(net, NOISY, 1, 1, generator=source())
    several = resampled_rates(net, NOISY, 3, 1, generator=source())
    assert torch.equal(several[:, 0], one[:, 0])
    assert not torch.allclose(several[:, 0], several[:, 1], atol=1e-2)
    mean = resampled_rates(net, NOISY, 1, 3, generator=source())[:, 0]
    torch.testing.assert_close(mean, several.mean(1))
