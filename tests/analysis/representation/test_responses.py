import pytest
import torch

from threefactor.analysis.group import moments
from threefactor.analysis.representation import codes, contrasts, responses
from threefactor.contract import Network
from threefactor.network.simulate import simulate
from threefactor.tasks import dnms
from threefactor.training.batch import select

CLAMPED = torch.tensor([False, True, False, False, False, False])


def noise(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


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


def test_contrasts_are_balanced_orthogonal_and_choice_is_nonmatch():
    found = torch.cat([contrasts.contrasts(classes) for classes in dnms.FACTORS.values()], 1)
    assert found.sum(0).tolist() == [0, 0, 0]
    torch.testing.assert_close(found.T @ found, 4 * torch.eye(3, dtype=torch.float64))
    assert found[:, 2].tolist() == [-1, 1, 1, -1]


def test_guessing_names_the_most_frequent_class():
    assert contrasts.guessing((0, 1, 1, 0)) == 0.5
    assert contrasts.guessing((0, 1, 2, 0)) == 0.5
    assert contrasts.guessing((0, 1, 2)) == pytest.approx(1 / 3)


def test_moments_are_the_ends_of_intervals_and_know_periods():
    at = moments(100, 10.0, 20.0)
    assert at.time.tolist() == [20.0 * k for k in range(1, 51)]
    assert at.time[at.within((200.0, 400.0))].tolist() == [220.0 + 20 * k for k in range(10)]
    assert not at.within(None).any()
    assert moments(10, 10.0, 3.0).step.tolist() == list(range(10))


def test_codes_summarise_the_right_periods():
    accuracy = torch.full((2, 5, 5), 0.5, dtype=torch.float64)
    accuracy[:, 1:3, 1:3] = 0.9
    accuracy[1, 4, 4] = 1.0
    delay, response = torch.tensor([0, 1, 1, 0, 0]).bool(), torch.tensor([0, 0, 0, 0, 1]).bool()
    assert codes.accuracy_within(accuracy, delay).tolist() == pytest.approx([0.9, 0.9])
    assert codes.static_within(accuracy, delay, 0.5).tolist() == pytest.approx([1, 1])
    assert codes.accuracy_within(accuracy, response).tolist() == [0.5, 1.0]
    assert codes.accuracy_within(accuracy, torch.zeros(5).bool()).isnan().all()
    rows = codes.code_rows({"first": accuracy, "choice": accuracy}, torch.arange(5.0))
    assert len(rows) == 10
    assert list(rows[0]) == [name for name in codes.DECODING.names() if name != "learning_rule"]
    assert rows[-1] == {
        "variable": "choice",
        "time_ms": 4.0,
        "accuracy": 0.75,
        "low": 0.625,
        "high": 0.875,
        "networks": 2,
    }
    assert codes.code_rows({"first": accuracy[:0]}, torch.arange(5.0)) == []
