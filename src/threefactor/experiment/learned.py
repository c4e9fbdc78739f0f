"""Learned rules out of the files that meta-learning wrote."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd
import torch

from threefactor.contract import Rule
from threefactor.declarations import START
from threefactor.experiment import build_rule
from threefactor.experiment.constants import in_force
from threefactor.experiment.rules import key_of
from threefactor.experiment.work import Inputs


class Learned(NamedTuple):
    """What meta-learning found."""

    theta: pd.DataFrame  # a row per term
    hyperparameters: pd.DataFrame  # a row per hyperparameter that was learned with it


class RuleUnder(NamedTuple):
    """A learning rule, and the settings under which it runs."""

    rule: Rule
    settings: Any


def tables(inputs: Inputs) -> dict[str, Learned]:
    """Read inputs ``theta`` and ``hyperparameters``, by key of ``metalearn.rules``."""
    thetas, found = (inputs.by(name, "learned_rule") for name in ("theta", "hyperparameters"))
    return {key: Learned(theta, found[key]) for key, theta in thetas.items()}


def _as_begun(learned: Learned) -> pd.DataFrame:
    """Return theta.csv with the rule's own settings as they were before they were learned."""
    rows = zip(learned.hyperparameters["name"], learned.hyperparameters["start"], strict=True)
    own = {key.removeprefix("plasticity."): start for key, start in rows}
    return learned.theta.assign(**{key: start for key, start in own.items() if key in learned.theta})


def rule_under(
    settings: Any,
    name: str,
    learned: Mapping[str, Learned],
    device: torch.device,
    tuned: Mapping[str, float] = {},
) -> RuleUnder:
    """Return a learning rule by its name, with the hyperparameters that were learned with its θ in force.

    Constants that were tuned, by dotted key, come before these.
    """
    found = learned.get(key_of(name))
    theta, hyperparameters = found or (None, None)
    under = in_force(build_rule.with_hyperparameters(settings, name, hyperparameters), tuned)
    if found and name.startswith(START):
        theta = _as_begun(found)
    return RuleUnder(build_rule.learning_rule(under, name, theta, device), under)
