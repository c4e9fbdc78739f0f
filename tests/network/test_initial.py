"""Initial networks: synapses that exist, Dale's law, outputs of rates that are never negative."""

import pytest
import torch

from threefactor import seeding
from threefactor.network import initial

UNITS, GAIN, CLAMPED = 60, 1.5, {1: 1.0, 10: -1.0}


FREE = [unit for unit in range(UNITS) if unit not in CLAMPED]


def networks(count=3, *, units=UNITS, outputs=1, readout="unit", **options):
    return initial.draw(
        units=units, inputs=2, outputs=outputs, gain=GAIN, input_scale=2.0, clamped=CLAMPED, readout=readout,
        leak=0.1, generators=[seeding.generator(7, n) for n in range(count)], dtype=torch.float64, **options,
    )  # fmt: skip


def radius(weights):
    return torch.linalg.eigvals(weights[:, FREE][:, :, FREE]).abs().amax(-1)


def test_synapses_that_exist_are_the_dense_ones_and_stronger():
    dense, sparse = networks(), networks(density=0.2)
    assert dense.exists is None
    assert sparse.exists.double().mean().item() == pytest.approx(0.2, abs=0.02)
    torch.testing.assert_close(sparse.weights * 0.2**0.5, torch.where(sparse.exists, dense.weights, 0))
    assert torch.equal(sparse.input_weights, dense.input_weights)
    assert radius(sparse.weights).mean().item() == pytest.approx(
        radius(dense.weights).mean().item(), rel=0.15
    )
    assert not torch.equal(sparse.exists[0], sparse.exists[1])


@pytest.mark.parametrize("density", [1.0, 0.3])
def test_by_dales_law_columns_have_signs_rows_balance_and_the_radius_is_the_gain(density):
    net = networks(inhibitory=0.25, density=density)
    excites, inhibits = FREE[:-14], FREE[-14:]  # a quarter of 58
    assert (net.sign[excites] == 1).all()
    assert (net.sign[inhibits] == -1).all()
    assert (net.sign[list(CLAMPED)] == 0).all()
    assert (net.weights[..., excites] >= 0).all()
    assert (net.weights[..., inhibits] <= 0).all()
    torch.testing.assert_close(
        net.weights[..., FREE].sum(2), torch.zeros(3, UNITS).double(), rtol=0, atol=1e-12
    )
    torch.testing.assert_close(radius(net.weights), torch.full((3,), GAIN).double())
    plain = networks(density=density)
    assert torch.equal(net.weights[..., list(CLAMPED)], plain.weights[..., list(CLAMPED)])
    assert (net.exists is None) == (density == 1)
    if net.exists is not None:
        assert torch.equal(net.weights != 0, net.exists)


def test_without_the_balance_an_eigenvalue_would_lie_far_outside():
    signed = networks(inhibitory=0.25).weights
    unbalanced = networks().weights.abs()
    unbalanced[..., FREE[-14:]] *= -1
    assert radius(unbalanced).min() > 2 * GAIN
    assert radius(signed).max() < 1.01 * GAIN


def test_outputs_of_rates_that_are_never_negative_are_differences_of_two_units():
    signed, positive = networks(outputs=2), networks(outputs=2, activation="relu")
    assert signed.output_weights[0].nonzero().tolist() == [[0, 0], [1, 2]]
    row = torch.zeros(2, UNITS).double()
    row[0, 0] = row[1, 2] = 1
    row[0, 3] = row[1, 4] = -1
    assert torch.equal(positive.output_weights[0], row)
    assert (positive.input_weights[:, [0, 2, 3, 4]] == 0).all()
    assert (positive.input_weights[:, 5] != 0).all()
    assert torch.equal(positive.weights, signed.weights)
    with pytest.raises(ValueError, match="outputs = 40: must be at most 29"):
        networks(outputs=40, activation="softplus")


def test_a_network_does_not_depend_on_its_batch():
    together, alone = networks(4), networks(1)
    assert torch.equal(alone.weights[0], together.weights[0])
    assert torch.equal(alone.input_weights[0], together.input_weights[0])
    assert not torch.equal(together.weights[1], together.weights[0])


def test_initial_weights_have_their_gain_and_leave_the_output_without_input():
    net = networks(units=200)
    assert net.weights.std().item() == pytest.approx(1.5 / 200**0.5, rel=0.02)
    assert (net.input_weights[:, 0] == 0).all()
    assert net.input_weights[:, 1:].abs().max().item() == pytest.approx(2.0, rel=0.02)


def test_feedback_is_added_to_weights_that_are_as_without_it():
    plain = networks(outputs=2, readout="random")
    fed = networks(outputs=2, readout="random", feedback=0.7)
    assert plain.feedback_weights is None
    assert torch.equal(fed.output_weights, plain.output_weights)
    assert torch.equal(fed.input_weights, plain.input_weights)
    torch.testing.assert_close(
        fed.weights - fed.feedback_weights @ fed.output_weights, plain.weights, rtol=0, atol=1e-15
    )
    assert (fed.feedback_weights[:, list(CLAMPED)] == 0).all()
    assert torch.equal(fed.weights[:, list(CLAMPED)], plain.weights[:, list(CLAMPED)])
    free = fed.feedback_weights[:, FREE].flatten()
    assert free.min() < -0.65
    assert free.max() > 0.65
    assert free.abs().max() <= 0.7
    alone = networks(1, outputs=2, readout="random", feedback=0.7)
    assert torch.equal(alone.feedback_weights[0], fed.feedback_weights[0])
    assert not torch.equal(fed.feedback_weights[0], fed.feedback_weights[1])


def test_a_random_readout_has_its_scale_and_nothing_else_changes():
    plain, scaled = (networks(outputs=2, readout="random", output_scale=scale) for scale in (1.0, 2.5))
    assert torch.equal(scaled.output_weights, 2.5 * plain.output_weights)
    for name in ("weights", "input_weights", "clamped", "clamped_state"):
        assert torch.equal(getattr(scaled, name), getattr(plain, name)), name
    assert torch.equal(networks(outputs=2, readout="random").output_weights, plain.output_weights)
    many = networks(40, outputs=2, readout="random", output_scale=2.5).output_weights
    # of 4800 draws the standard deviation is known to 1 %
    assert many.std().item() * UNITS**0.5 == pytest.approx(2.5, rel=0.03)


def test_units_that_are_read_are_not_scaled():
    plain, scaled = networks(outputs=2), networks(outputs=2, output_scale=2.5)
    assert torch.equal(scaled.output_weights, plain.output_weights)
    assert torch.equal(scaled.weights, plain.weights)


def test_outputs_are_fed_back_as_they_are_scaled():
    fed = networks(outputs=2, readout="random", output_scale=2.5, feedback=0.7)
    plain = networks(outputs=2, readout="random")
    torch.testing.assert_close(
        fed.weights - fed.feedback_weights @ fed.output_weights, plain.weights, rtol=0, atol=1e-15
    )


@pytest.mark.parametrize(
    "options",
    [{"readout": "unit"}, {"readout": "random", "density": 0.5}, {"readout": "random", "inhibitory": 0.2}],
)
def test_feedback_of_units_or_onto_constrained_synapses_is_refused(options):
    with pytest.raises(ValueError, match=r"feedback = 0\.5: must be 0"):
        networks(feedback=0.5, **options)
