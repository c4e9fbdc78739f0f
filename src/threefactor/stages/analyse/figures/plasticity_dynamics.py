"""Draw one trial of one trained network, from its inputs to the eligibility of its synapses."""

from collections.abc import Mapping
from typing import Any

import torch
from matplotlib.figure import Figure
from torch import Tensor

from threefactor.analysis.learning.one_trial import look
from threefactor.experiment import build, build_rule
from threefactor.experiment.solutions import network_of
from threefactor.experiment.work import Drawing, Inputs
from threefactor.plotting import one_trial, style
from threefactor.plotting.one_trial import OneTrial
from threefactor.training.batch import select
from threefactor.training.environment import experience

HEADING = 3.0
INPUTS = {"solutions": "retrain/{learning_rule}/{batch}.safetensors"}
READS = ("figures", "seed", "precision", "network", "perturbation", "plasticity", "task")

RULE = "theta_33"
UNITS = 5  # that are looked at
TRIAL = 1  # of the cycle of trial types: in delayed nonmatch to sample, the first nonmatch


def draw(inputs: Inputs) -> Drawing:
    """Simulate a trial, with perturbations, of a network that θ₃₃ trained: the last to reach the criterion."""
    rule, arrays = _batch(inputs)
    shown = trial(inputs.settings, rule, arrays)
    return Drawing(page(shown, inputs.settings.figures.dpi), findings(shown))


def findings(data: OneTrial) -> dict[str, object]:
    """State which trial is shown, of which network."""
    return {
        "trial_type": data.trial_type,
        "learning_rule": data.rule,
        "trials_of_training": int((data.error == data.error).sum()),
        "perturbations": int((data.perturbation != 0).sum()),
        "units": [int(unit) for unit in data.units],
    }


def page(data: OneTrial, dpi: float) -> Figure:
    """Draw one trial from input to eligibility, and the training of that network."""
    with style.look():
        figure = style.sheet(7.6, 6.2, dpi)
        left, right = style.columns(figure, (1.15, 1))
        axes = left.subplots(4, 1, sharex=True, height_ratios=(0.5, 1, 1.5, 1))
        panels = (one_trial.inputs, one_trial.rates, one_trial.deviations, one_trial.output)
        for ax, panel in zip(axes, panels, strict=True):
            panel(ax, data)
        axes[0].set_xlim(0, data.time[-1])
        other = right.subplots(2, 1, height_ratios=(1.4, 1))
        one_trial.eligibility(other[0], data)
        one_trial.training(other[1], data)
        style.letters([*axes, *other])
    return figure


def trial(settings: Any, rule: str, arrays: Mapping[str, Tensor]) -> OneTrial:
    """Simulate the trial.

    Parameters
    ----------
    settings
        Those of `READS`.
    rule
        That trained the networks.
    arrays
        Of the file of their batch.
    """
    place = int(arrays["criterion_trial"].argmax())
    trained = network_of(arrays, "final", settings.network.activation)
    network = select(trained, slice(place, place + 1))
    environment, source = build.environment(settings), build.noise(settings, "figures")
    sampled = experience(environment, network, TRIAL, generator=source(TRIAL))
    params = build_rule.learning_rule(settings, RULE, None, network.weights.device).params
    seen = look(params, network, sampled, UNITS)
    drawn = {name: value.double().numpy() for name, value in seen._asdict().items()}
    step, steps = settings.network.time_step_ms, environment.task.steps
    return OneTrial(
        time=step * (1.0 + torch.arange(steps).double().numpy()),
        inputs=sampled.trial.inputs[0].double().numpy(),
        target=sampled.trial.target[0].double().numpy(),
        window=sampled.trial.window[0].double().numpy(),
        error=arrays["error"][place].double().numpy(),
        periods=environment.task.periods,
        trial_type=environment.task.trial_types[int(sampled.trial.trial_type[0])],
        rule=rule,
        **drawn,
    )


def _batch(inputs: Inputs) -> tuple[str, dict[str, Tensor]]:
    """Choose the batch: the first of θ₃₃, or the first of all where θ₃₃ was not retrained."""
    first = None
    for values, arrays in inputs.each_arrays("solutions"):
        first = first or (values["learning_rule"], arrays)
        if values["learning_rule"] == RULE:
            return RULE, arrays
    assert first is not None, "retrain.rules has at least one rule"
    return first
