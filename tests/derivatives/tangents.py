"""Tangents of small learning runs, and the same runs by slow loops as functions of theta."""

import torch

import references
from small_runs import TRIAL_TYPES, experiences, network, rule
from threefactor.derivatives.end_of_trial import start_tangents
from threefactor.training.trial import learn, start_learning

TRIALS = 14


def run(jvp, options, degree, trials=TRIALS, reward="squared"):
    """Return rho (h b p), U, psi after the last trial, and rewards and updates."""
    net, learned = network(options), rule(options, degree)
    learner = start_learning(learned, net, TRIAL_TYPES)
    tangents = start_tangents(learned, learner)
    rhos, rewards, weight_tangents, updates = [], [], [], []
    for experience in experiences(trials, reward=reward):
        before = learner
        learner, outcome = learn(learned, before, *experience)
        tangents, rho = jvp(learned, before, experience.trial, outcome, tangents)
        rhos.append(rho)
        rewards.append(outcome.feedback.reward)
        weight_tangents.append(tangents.weight)
        updates.append(outcome.update)
    return (
        torch.stack(rhos),
        torch.stack(weight_tangents),
        tangents,
        torch.stack(rewards),
        torch.stack(updates),
        learner,
    )


def reference(options, degree, trials=TRIALS, reward="squared"):
    """Return the slow learning run as a function of theta, and theta."""
    learned = rule(options, degree)
    net, trial_list = network(options), experiences(trials, reward=reward)

    def run(value):
        return references.learn(value, learned, net, trial_list, TRIAL_TYPES)

    return run, learned.params.theta
