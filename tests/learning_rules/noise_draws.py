"""Many draws of the noise by which a rule explores, in one trial of one network."""

import torch
from torch import Tensor

from small_runs import OFF, experiences, network
from threefactor.contract import Exploration, Feedback, Network, Rule, Trajectory, Trial
from threefactor.network.simulate import simulate
from threefactor.tasks.reward import reward
from threefactor.training.trial import draw_exploration, learn, start_learning


def repeated(count: int) -> tuple[Network, Trial, Tensor, Tensor]:
    """Return a network, a trial with the reward 'squared', start and perturbation, each as often as there are draws."""
    net, (trial, start, perturbation) = network({**OFF, "readout": "random"}), experiences(1)[0]
    several = {
        name: one[:1].expand(count, *one.shape[1:])
        for name, one in trial._asdict().items()
        if isinstance(one, Tensor)
    }
    batched = {
        name: getattr(net, name)[:1].expand(count, -1, -1)
        for name in ("weights", "input_weights", "output_weights")
    }
    first = (part[:1].expand(count, *part.shape[1:]) for part in (start, perturbation))
    return net._replace(**batched), trial._replace(**several), *first


def updates(module, params, of: str, count: int, *, seed: int = 4) -> Tensor:
    """Return the update for each draw, with the reward of the trial without that noise for a baseline; b i j."""
    net, trial, start, perturbation = repeated(count)
    rule = Rule("", params, module.init, module.update, 0.7, 0, Exploration(of, params.exploration))
    generator = torch.Generator().manual_seed(seed)
    noise = draw_exploration(rule, net, trial, generator=generator)
    quiet = simulate(net, trial.inputs, start, perturbation)
    learner = start_learning(rule, net, 4)._replace(
        baseline=reward(trial, quiet.output)[0][:, None].expand(-1, 4)
    )
    return learn(rule, learner, trial, start, perturbation, noise)[1].update


def without_noise() -> tuple[Network, Trial, Trajectory, Tensor]:
    """Return the network, the trial, what the network does in it, and dR/dy; all of batch one."""
    net, trial, start, perturbation = repeated(1)
    quiet = simulate(net, trial.inputs, start, perturbation)
    return net, trial, quiet, reward(trial, quiet.output)[1]


def standard_errors(drawn: Tensor, exact: Tensor) -> Tensor:
    """Return by how many standard errors the mean of the draws (b i j) is off; i j."""
    return (drawn.mean(0) - exact) / (drawn.std(0) / len(drawn) ** 0.5)


def over_window(trial: Trial, gradient: Tensor) -> Tensor:
    """Return dR/dy with the mean over the response window at each step of it; b t o."""
    inside = (trial.window > 0)[..., None]
    return inside * (gradient * inside).sum(1, keepdim=True) / inside.sum(1, keepdim=True)


def fed_back(net: Network, earned: float, baseline: float, noise: Tensor | None) -> Feedback:
    """Return feedback in which nothing but reward, baseline and noise can be used."""
    one = torch.ones(len(net.weights), dtype=net.weights.dtype)
    return Feedback(earned * one, baseline * one, torch.full((1,), torch.nan, dtype=net.weights.dtype), noise)
