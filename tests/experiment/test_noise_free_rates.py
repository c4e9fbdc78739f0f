"""Rates at the analysed moments: those of one trial after the other, without clamped units."""

import pytest
import torch

from threefactor.experiment import build
from threefactor.experiment.noise_free_rates import analysed_moments, noise_free_rates
from threefactor.experiment.view import everything
from threefactor.network.simulate import rate, simulate
from threefactor.pipeline.settings import load
from threefactor.training.batch import convert
from threefactor.training.evaluation import at_rest, noise_free_trial

SETTINGS = {
    "network": {"units": 10, "clamped": {1: 1.0, 3: -1.0}},
    "task": {"duration_ms": 200.0},
    "analyse": {"interval_ms": 40.0},
}


def test_rates_are_those_of_one_trial_after_the_other():
    settings = everything(load.parse(SETTINGS))
    drawn = build.network(settings, range(2), torch.device("cpu"), purpose="test")
    network, task, at = convert(drawn, dtype=torch.float64), build.task(settings), analysed_moments(settings)
    assert at.time.tolist() == [40.0 * (t + 1) for t in range(len(at.time))]
    found = noise_free_rates(settings, network)
    free = [unit for unit in range(10) if unit not in (1, 3)]
    for trial_type in range(len(task.trial_types)):
        trial = noise_free_trial(network, task, trial_type)
        state = simulate(network, trial.inputs, *at_rest(network, trial)).state
        for place, time in enumerate(at.time.tolist()):
            after = rate(network, state[:, round(time / 10.0)])[:, free]  # steps of 10 ms, from the start
            assert found[:, trial_type, place].flatten().tolist() == pytest.approx(after.flatten().tolist())
