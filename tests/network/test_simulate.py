"""A trial in one piece, step by step, and with outputs that are fed back."""

import torch

from small_runs import ON, experiences, network
from threefactor import seeding
from threefactor.network import initial
from threefactor.network.simulate import drive, inputs_of, rate, simulate, step

UNITS, OUTPUTS, CLAMPED = 6, 2, {1: 0.8}


def fed_back(feedback):
    """Return a batch of two networks, as many as there are in each of `experiences`."""
    return initial.draw(
        units=UNITS, inputs=3, outputs=OUTPUTS, gain=1.4, input_scale=1.0, clamped=CLAMPED, readout="random",
        leak=0.2, feedback=feedback, generators=[seeding.generator(5, n) for n in range(2)], dtype=torch.float64,
    )  # fmt: skip


def test_outputs_that_are_fed_back_are_those_of_a_slow_loop():
    trial = experiences(1)[0].trial
    net, plain = fed_back(1.5), fed_back(0.0)
    noise = {"generator": torch.Generator().manual_seed(3), "dtype": torch.float64}
    start = torch.where(net.clamped, net.clamped_state, torch.randn(2, UNITS, **noise))
    perturbation = 0.3 * torch.randn(2, trial.inputs.shape[1], UNITS, **noise)
    found = simulate(net, trial.inputs, start, perturbation)
    for b in range(2):
        state = start[b]
        for t in range(trial.inputs.shape[1]):
            rate = torch.tanh(state)
            output = plain.output_weights[b] @ rate
            total = plain.weights[b] @ rate + net.feedback_weights[b] @ output + perturbation[b, t]
            total = total + plain.input_weights[b] @ trial.inputs[b, t]
            state = torch.where(net.clamped, state, state + net.leak * (total - state))
            torch.testing.assert_close(found.state[b, t + 1], state, rtol=1e-12, atol=1e-13)
            torch.testing.assert_close(
                found.output[b, t], net.output_weights[b] @ torch.tanh(state), rtol=1e-12, atol=1e-13
            )
    without = simulate(plain, trial.inputs, start, perturbation)
    assert (found.output - without.output).abs().max() > 0.1


def test_steps_make_the_trial_and_what_happened_tells_its_inputs():
    net = network(ON)
    trial, start, perturbation = experiences(1)[0]
    found = simulate(net, trial.inputs, start, perturbation)
    driven, state = drive(net, trial.inputs, perturbation), start
    for t in range(trial.inputs.shape[1]):
        current = torch.einsum("bij,bj->bi", net.weights, rate(net, state)) + driven[:, t]
        state = step(net, state, current)
        torch.testing.assert_close(state, found.state[:, t + 1], rtol=1e-12, atol=1e-13)
    inputs = torch.einsum("bic,btc->bti", net.input_weights, trial.inputs)
    inputs[..., net.clamped] = 0
    # the leak divides what rounding left
    torch.testing.assert_close(inputs_of(net, found), inputs, rtol=1e-12, atol=1e-13)
