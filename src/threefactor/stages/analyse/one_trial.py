"""The one trial of one network that the figures look into."""

from pathlib import Path

import torch

from threefactor.analysis.learning.one_trial import look
from threefactor.experiment import build as assemble
from threefactor.experiment.solutions import network_of
from threefactor.pipeline.job import Job
from threefactor.plotting.one_trial import OneTrial
from threefactor.training.batch import select
from threefactor.training.environment import experience

RULE = "theta_33"
UNITS = 5  # that are looked at
TRIAL = 1  # of the cycle of trial types: in delayed nonmatch to sample, the first nonmatch


def trial(job: Job) -> OneTrial:
    """Simulate a trial, with kicks, of a network that θ₃₃ trained: the last to reach the criterion."""
    path = _batch(job.inputs["retrain_solutions"])
    arrays = job.arrays(path)
    place = int(torch.where(arrays["reached"], arrays["trials_to_criterion"], -1).argmax())
    trained = network_of(arrays, arrays["final.weights"], job.config.network.activation)
    network = select(trained, slice(place, place + 1))
    environment, source = assemble.environment(job.config), assemble.noise(job.config, "figures")
    sampled = experience(environment, network, TRIAL, generator=source(TRIAL))
    rule = assemble.learning_rule(job.config, RULE, None, job.device)
    seen = look(rule.params, network, sampled, UNITS)
    drawn = {name: value.double().cpu().numpy() for name, value in seen._asdict().items()}
    step, steps = job.config.network.time_step_ms, environment.task.steps
    return OneTrial(
        time=step * (1.0 + torch.arange(steps).double().numpy()),
        inputs=sampled.trial.inputs[0].double().cpu().numpy(),
        target=sampled.trial.target[0].double().cpu().numpy(),
        window=sampled.trial.window[0].double().cpu().numpy(),
        error=arrays["error"][place].double().cpu().numpy(),
        periods=environment.task.periods,
        trial_type=environment.task.trial_types[int(sampled.trial.trial_type[0])],
        rule=path.parent.name,
        **drawn,
    )


def _batch(paths: list[Path]) -> Path:
    """Choose the batch: the first of θ₃₃, or the first of all where θ₃₃ was not retrained."""
    return next((path for path in paths if path.parent.name == RULE), paths[0])
