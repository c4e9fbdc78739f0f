import torch

from random_numbers import noise
from threefactor.analysis.representation import responses
from threefactor.contract import Network
from threefactor.network.simulate import simulate
from threefactor.training.batch import select

CLAMPED = torch.tensor([False, True, False, False, False, False])


def networks():
    state = torch.tensor([0.0, 1, 0, 0, 0, 0], dtype=torch.float64)
    return Network(noise(3, 6, 6), noise(3, 6, 2, seed=1), noise(3, 1, 6, seed=2), CLAMPED, state, 0.1)


def test_every_network_meets_every_trial_as_if_alone():
    inputs, start, perturbation = noise(4, 7, 2), noise(3, 4, 6, seed=1), noise(3, 4, 7, 6, seed=2)
    start[..., CLAMPED] = 1
    found = responses.respond(networks(), inputs, start, perturbation)
    for b in range(3):
        for h in range(4):
            alone = simulate(
                select(networks(), slice(b, b + 1)),
                inputs[h : h + 1],
                start[b, h][None],
                perturbation[b, h][None],
            )
            torch.testing.assert_close(found.state[b, h], alone.state[0])
            torch.testing.assert_close(found.output[b, h], alone.output[0])
            torch.testing.assert_close(found.rate[b, h], torch.tanh(alone.state[0, 1:]))


def test_noise_free_trials_start_at_rest_with_clamped_units_held():
    state = responses.noise_free(networks(), noise(4, 7, 2)).state
    assert (state[:, :, 0, ~CLAMPED] == 0).all()
    assert (state[..., CLAMPED] == 1).all()
