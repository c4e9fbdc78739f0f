"""Learned rules out of the files that meta-learning wrote."""

from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd
import torch

from threefactor.experiment import rules as names
from threefactor.pipeline.settings.model import Config
from threefactor.contract import Rule
from threefactor.experiment import build as assemble
from threefactor.pipeline.job import Job


class Learned(NamedTuple):
    """What meta-learning found."""

    theta: pd.DataFrame  # a row per term
    hyperparameters: pd.DataFrame  # a row per setting learned beside


class Living(NamedTuple):
    """A learning rule, and the settings that it lives under."""

    rule: Rule
    config: Config


def tables(job: Job) -> dict[str, Learned]:
    """Read what a job is given, by key of ``metalearn.rules``."""
    thetas, hyperparameters = (job.inputs.get(name, []) for name in ("theta", "hyperparameters"))
    pairs = zip(thetas, hyperparameters, strict=True)
    return {path.parent.name: Learned(job.table(path), job.table(beside)) for path, beside in pairs}


def living(config: Config, name: str, found: Mapping[str, Learned], device: torch.device) -> Living:
    """Return a learning rule by its name, with the settings that were learned beside its theta."""
    own = found.get(names.learned(config, name) or "")
    theta, hyperparameters = own or (None, None)
    settings = assemble.with_hyperparameters(config, name, hyperparameters)
    return Living(assemble.learning_rule(settings, name, theta, device), settings)
