"""One trial of learning."""

import torch
from torch import Generator, Tensor

from threefactor.contract import Learner, Network, Outcome, Rule, Trial
from threefactor.network.simulate import simulate
from threefactor.network.synapses import hold
from threefactor.tasks.feedback import compute_feedback, next_baseline
from threefactor.training.memory import expect_memory
from threefactor.training.normalised_update import step_of


def start_learning(rule: Rule, network: Network, trial_types: int) -> Learner:
    """Return a learner before its first trial, of a task with so many trial types.

    Raises
    ------
    ContractError
        If the rule begins with a memory that would be lost; see `threefactor.training.memory.expect_memory`.
    """
    memory = rule.init(rule.params, network)
    expect_memory(rule.name, memory, len(network.weights))
    baseline = torch.full((len(network.weights), trial_types), torch.nan).to(network.weights)
    has_momentum = rule.momentum > 0 and rule.learn is None
    is_normalised = rule.normalisation is not None and rule.learn is None
    change = torch.zeros_like(network.weights) if has_momentum else None
    square = torch.zeros_like(network.weights[:, :, 0]) if is_normalised else None
    return Learner(network, memory, baseline, 0, change, square)


def learn(
    rule: Rule,
    learner: Learner,
    trial: Trial,
    start: Tensor,
    perturbation: Tensor,
    exploration: Tensor | None = None,
) -> tuple[Learner, Outcome]:
    """Run one trial, reward it, update the weights and the reward baseline of its type.

    ``R_bar_c <- alpha_R R_bar_c + (1 - alpha_R) R``; the first trial of a type sets its baseline, so that its reward
    prediction error is zero. The update, normalised where the rule is (`threefactor.training.normalised_update`), is the
    step. Weights move by the step, or with momentum by ``change <- beta change + (1 - beta) step``; a rule that learns
    within a trial has neither normalisation nor momentum. Weights stay as they are during the warm-up, and always within
    what the network's synapses allow (`threefactor.network.synapses.hold`). A rule that explores with outputs is rewarded
    for outputs to which its noise was added, one that explores with weights for a trial with weights to which it was
    added.

    Parameters
    ----------
    rule
        The learning rule.
    learner
        Before the trial; untouched.
    trial
        For b networks.
    start
        b i, state at t = 0.
    perturbation
        b t i.
    exploration
        Noise of the rule's own, b t o or b i j, by `draw_exploration`; None for a rule without.

    Returns
    -------
    learner : Learner
        After the trial.
    outcome : Outcome
        Trajectory, feedback and weight update of the trial.
    """
    if rule.learn is not None:
        return rule.learn(rule, learner, trial, start, perturbation)
    network = learner.network
    weights = _explored(rule, "weights", network.weights, exploration)
    simulated = network if weights is network.weights else network._replace(weights=hold(network, weights))
    trajectory = simulate(simulated, trial.inputs, start, perturbation)
    acted = _explored(rule, "outputs", trajectory.output, exploration)
    feedback = compute_feedback(learner, trial, acted)._replace(exploration=exploration)
    update, memory = rule.update(rule.params, learner.network, learner.memory, trajectory, feedback)
    if learner.trials < rule.warm_up:
        update = torch.zeros_like(update)
    step, square = step_of(rule, learner, update)
    change = step
    if learner.change is not None:
        change = rule.momentum * learner.change + (1 - rule.momentum) * step
    network = network._replace(weights=hold(network, network.weights + change))
    baselines = next_baseline(rule, learner, trial, feedback)
    kept = None if learner.change is None else change
    after = Learner(network, memory, baselines, learner.trials + 1, kept, square)
    return after, Outcome(trajectory, feedback, update, step, change)


def draw_exploration(rule: Rule, network: Network, trial: Trial, *, generator: Generator) -> Tensor | None:
    """Draw the noise by which a rule explores in a trial, N(0, size²); None for a rule that does not.

    Of weights it is one number for each; b i j. Of outputs it is one number for each, which is held over the response
    window and zero elsewhere; b t o. White noise would hardly be heard in the reward, which is a mean over the window.
    """
    if rule.exploration is None:
        return None
    of_outputs, weights = rule.exploration.of == "outputs", network.weights
    size = trial.target[:, :1].shape if of_outputs else weights.shape
    drawn = torch.randn(size, generator=generator, dtype=torch.float64)
    noise = (rule.exploration.size * drawn).to(weights)
    return noise * (trial.window > 0)[..., None] if of_outputs else noise


def _explored(rule: Rule, of: str, values: Tensor, exploration: Tensor | None) -> Tensor:
    """Return outputs or weights, with the noise of a rule that explores with them."""
    if exploration is None or rule.exploration is None or rule.exploration.of != of:
        return values
    return values + exploration
