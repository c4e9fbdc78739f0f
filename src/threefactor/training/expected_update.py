"""The expected update of several learning rules at fixed weights, on the same noisy trials.

Weights stay as they are while the rules learn on through many trials, so that the reward baselines and every rule's
memory are those of learning. A rule that explores with noise of its own meets the same trials with that noise, the noise
of its learning, and has the baseline of the rewards that it gets with it. Means are kept in blocks of trials and by trial
type: blocks give standard errors, and products of blocks that are no neighbours have no noise in common. Synapses that do
not exist do not count.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

import torch
from torch import Generator, Tensor

from threefactor.contract import Feedback, Network, Rule, Trajectory
from threefactor.network.bptt import reward_gradient
from threefactor.network.synapses import existing
from threefactor.training.environment import Environment, experience
from threefactor.training.rule_contract import expect_rule
from threefactor.training.trial import draw_exploration, learn, start_learning


class Draws(NamedTuple):
    """How many trials are averaged."""

    burn_in: int  # trials before, in which reward baselines and memories become stationary
    blocks: int  # n
    trials: int  # of each type in each block
    quiet: int  # of them, those on which rules are averaged whose updates hardly vary with the noise


class Expected(NamedTuple):
    """Means over the trials of a block and type."""

    update: dict[str, Tensor]  # n y b i j of each rule
    reward: Tensor  # y b


def expected(
    rules: Mapping[str, Rule],
    network: Network,
    environment: Environment,
    draws: Draws,
    *,
    quiet: Collection[str] = (),
    generator: Callable[[int], Generator],
) -> Expected:
    """Average the updates of rules over noisy trials at fixed weights.

    Parameters
    ----------
    rules
        Learning rules by name, one or more; the reward baseline decays as that of the first.
    network
        b networks.
    environment
        Task, of y trial types, and noise.
    draws
        Number of trials.
    quiet
        Names of the rules that `Draws.quiet` trials are enough for.
    generator
        Of the noise of trial h.

    Raises
    ------
    ContractError
        If a rule does not keep to its contract; see `threefactor.training.rule_contract.check`.
    """
    for rule in rules.values():
        expect_rule(rule, network, environment)
    trial_types, weights = len(environment.task.trial_types), network.weights
    still = Rule("still", (), _nothing, _no_update, next(iter(rules.values())).baseline_decay, 0)
    learner = start_learning(still, network, trial_types)
    exploring = dict.fromkeys([name for name, rule in rules.items() if rule.exploration], learner)
    memory = {name: rule.init(rule.params, network) for name, rule in rules.items()}
    count = {name: draws.quiet if name in quiet else draws.trials for name in rules}
    total = {name: weights.new_zeros(draws.blocks, trial_types, *weights.shape) for name in rules}
    reward = weights.new_zeros(trial_types, len(weights))
    for h in range(draws.burn_in + draws.blocks * draws.trials * trial_types):
        source = generator(h)
        sampled = experience(environment, network, h, generator=source)
        learner, outcome = learn(still, learner, *sampled)
        (block, draw), trial_type = divmod((h - draws.burn_in) // trial_types, draws.trials), h % trial_types
        for name in [name for name in rules if block < 0 or draw < count[name]]:
            rule, met = rules[name], outcome
            if name in exploring:
                noise = draw_exploration(rule, network, sampled.trial, generator=source.clone_state())
                own = still._replace(exploration=rule.exploration)
                exploring[name], met = learn(own, exploring[name], *sampled, noise)
            change, memory[name] = rule.update(
                rule.params, network, memory[name], met.trajectory, met.feedback
            )
            if block >= 0:
                total[name][block, trial_type].add_(existing(network, change), alpha=1 / count[name])
        if block >= 0:
            reward[trial_type] += outcome.feedback.reward / (draws.blocks * draws.trials)
    return Expected(total, reward)


def steepest(baseline_decay: float) -> Rule:
    """Return the rule whose update is dR/dW of the trial by BPTT."""

    def update(
        params: None, network: Network, memory: tuple[()], trajectory: Trajectory, feedback: Feedback
    ) -> tuple[Tensor, tuple[()]]:
        return reward_gradient(network, trajectory, feedback.output_gradient), memory

    return Rule("steepest", None, _nothing, update, baseline_decay, 0)


def _nothing(params: Any, network: Network) -> tuple[()]:
    return ()


def _no_update(
    params: Any, network: Network, memory: Any, trajectory: Trajectory, feedback: Feedback
) -> tuple[Tensor, Any]:
    return torch.zeros_like(network.weights), memory
