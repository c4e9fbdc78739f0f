"""One trial of learning."""

import torch

from threefactor.contract import Feedback, Learner, Network, Outcome, Rule, Trajectory, Trial
from threefactor.network.simulate import simulate
from threefactor.network.synapses import hold
from threefactor.tasks.reward import reward


def start_learning(rule: Rule, network: Network, trial_types: int) -> Learner:
    """Return a learner before its first trial, of a task with so many trial types."""
    baseline = torch.full((len(network.weights), trial_types), torch.nan).to(network.weights)
    return Learner(network, rule.init(rule.params, network), baseline, 0)


def learn(
    rule: Rule, learner: Learner, trial: Trial, start: torch.Tensor, perturbation: torch.Tensor
) -> tuple[Learner, Outcome]:
    """Run one trial, reward it, update the weights and the reward baseline of its type.

    ``R_bar_c <- alpha_R R_bar_c + (1 - alpha_R) R``; the first trial of a type sets its baseline, so that its reward
    prediction error is zero. Weights stay as they are during the warm-up, and always within what the network's synapses
    allow (`threefactor.network.synapses.hold`).

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

    Returns
    -------
    learner : Learner
        After the trial.
    outcome : Outcome
        Trajectory, feedback and weight update of the trial.
    """
    trajectory = simulate(learner.network, trial.inputs, start, perturbation)
    feedback = compute_feedback(learner, trial, trajectory)
    update, memory = rule.update(rule.params, learner.network, learner.memory, trajectory, feedback)
    if learner.trials < rule.warm_up:
        update = torch.zeros_like(update)
    moved = rule.baseline_decay * feedback.baseline + (1 - rule.baseline_decay) * feedback.reward
    baselines = learner.baseline.scatter(1, trial.trial_type[:, None], moved[:, None])
    weights = hold(learner.network, learner.network.weights + update)
    network = learner.network._replace(weights=weights)
    return Learner(network, memory, baselines, learner.trials + 1), Outcome(trajectory, feedback, update)


def compute_feedback(learner: Learner, trial: Trial, trajectory: Trajectory) -> Feedback:
    """Reward a trial of the learner, whose baseline is that before the trial, or the reward itself in the first."""
    earned, output_gradient = reward(trial, trajectory.output)
    known = learner.baseline.gather(1, trial.trial_type[:, None])[:, 0]
    return Feedback(earned, torch.where(known.isnan(), earned, known), output_gradient)
