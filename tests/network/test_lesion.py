"""Lesions: what silent units take with them, and which are drawn."""

import pytest
import torch

from small_runs import OFF, ON, experiences, network
from threefactor import seeding
from threefactor.network.lesion import draw_silent, silenced
from threefactor.network.simulate import simulate


def test_silent_units_have_no_effect_whatever_they_receive():
    whole, one = network(ON), experiences(1)[0]
    silent = torch.tensor([False, True, False, False, True])
    start = one.start.where(~whole.clamped, whole.clamped_state.double())
    found = simulate(silenced(whole, silent), one.trial.inputs, start, one.perturbation)
    loud = simulate(
        silenced(whole, silent), one.trial.inputs, start + 3 * silent, one.perturbation * (1 + 5 * silent)
    )
    left = ~silent
    smaller = whole._replace(
        weights=whole.weights[:, left][:, :, left],
        input_weights=whole.input_weights[:, left],
        output_weights=whole.output_weights[:, :, left],
        clamped=whole.clamped[left],
        clamped_state=whole.clamped_state[left],
    )
    without = simulate(smaller, one.trial.inputs, start[:, left], one.perturbation[:, :, left])
    torch.testing.assert_close(found.output, without.output)
    torch.testing.assert_close(loud.output, without.output)
    intact = simulate(whole, one.trial.inputs, start, one.perturbation)
    assert (intact.output - found.output).abs().max() > 1e-2


@pytest.mark.parametrize(("fraction", "count"), [(0.01, 1), (0.5, 2), (0.76, 3)])
def test_a_share_of_the_free_units_is_drawn(fraction, count):
    draws = [draw_silent(network(ON), fraction, generator=seeding.generator(seed)) for seed in range(40)]
    assert {int(silent.sum()) for silent in draws} == {count}
    often = torch.stack(draws).sum(0)
    assert (often > 0).tolist() == [True, True, False, True, True], "the third unit is clamped"
    again = draw_silent(network(ON), fraction, generator=seeding.generator(7))
    assert again.equal(draws[7])


def test_units_that_are_an_output_are_not_drawn():
    draws = [draw_silent(network(OFF), 0.4, generator=seeding.generator(seed)) for seed in range(40)]
    assert (torch.stack(draws).sum(0) > 0).tolist() == [False, False, True, True, True]
