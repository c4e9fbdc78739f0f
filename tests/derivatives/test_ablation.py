"""An ablation is the gradient of learning in which the path that is left out is detached."""

import pytest
import torch

from references import gate_factor, weight_dependence
from small_runs import BATCH, DOUBLE, OFF, ON, TRIAL_TYPES, VARIANTS, experiences, network, relative, rule
from threefactor.derivatives import ablation, clipping, stepwise, two_pass
from threefactor.derivatives.ablation import ABLATIONS, ROUNDING, WHOLE, compare
from threefactor.derivatives.end_of_trial import start_tangents
from threefactor.derivatives.reverse_checkpoints import Kept
from threefactor.training.trial import learn, start_learning

TRIALS, HORIZONS, DEGREE = 14, (8, 11, 14), 2


def run(learned, net, sampled, theta, left_out="whole", first=0, learner=None):
    """Return the rewards of an eager learning run (h, b as lists) and the learner before each trial, detached.

    ``left_out`` says where gradients stop; ``first`` and ``learner`` let it begin in its middle.
    """
    p = learned.params
    free = (~net.clamped).to(DOUBLE)
    weights = net.weights
    trace, baseline = (
        torch.zeros(BATCH, weights.shape[1], dtype=DOUBLE),
        [[None] * TRIAL_TYPES for _ in range(BATCH)],
    )
    if learner is not None:
        weights, trace, baseline = learner
    rewards, before = [], []
    for h, (trial, start, perturbation) in enumerate(sampled[first:], first):
        before.append((weights.detach(), trace.detach(), detached(baseline)))
        x, e = start, torch.zeros_like(weights)
        outputs = []
        for t in range(perturbation.shape[1]):
            r = torch.tanh(x)
            drive = (weights @ r[..., None])[..., 0] + (net.input_weights @ trial.inputs[:, t, :, None])[
                ..., 0
            ]
            x = x + free * net.leak * (-x + drive + perturbation[:, t])
            d = trace - x
            trace = p.trace_decay * trace + (1 - p.trace_decay) * x
            if left_out in ("indirect", "state"):
                r, d = r.detach(), d.detach()
            e = p.eligibility_decay * e
            if t >= p.onset:
                for k in range(theta.shape[0]):
                    for l in range(theta.shape[1]):
                        term = (free * d**l)[:, :, None] * (r**k)[:, None, :]
                        e = e + p.time_step * theta[k, l] * term
            outputs.append((net.output_weights @ torch.tanh(x)[..., None])[..., 0])
        error = torch.stack(outputs, 1) - trial.target
        reward = -(trial.window[..., None] * error**2).mean(2).sum(1)
        known = [baseline[b][int(trial.trial_type[b])] for b in range(BATCH)]
        mean = torch.stack([reward[b] if known[b] is None else known[b] for b in range(BATCH)])
        earned = reward.detach() if left_out in ("reward", "gate", "state") else reward
        usual = mean.detach() if left_out in ("baseline", "gate", "state") else mean
        gate_value = p.learning_rate * usual.abs() ** p.baseline_exponent * (earned - usual)
        gate_value = gate_value * torch.stack([gate_factor(earned[b], usual[b], p) for b in range(BATCH)])
        factor_of = weights.detach() if left_out in ("indirect", "state") else weights
        proposed = gate_value[:, None, None] * weight_dependence(factor_of, p) * e
        update = proposed.clamp(-p.clip, p.clip)
        if left_out == "clip":
            update = proposed + (update - proposed).detach()
        if h >= learned.warm_up:
            weights = weights + update - p.weight_decay * weights
        moved = learned.baseline_decay * mean + (1 - learned.baseline_decay) * reward
        baseline = [list(row) for row in baseline]
        for b in range(BATCH):
            baseline[b][int(trial.trial_type[b])] = moved[b]
        if not p.carry_trace:
            trace = torch.zeros_like(trace)
        rewards.append(reward)
    return rewards, before


def detached(baseline):
    return [[None if x is None else x.detach() for x in row] for row in baseline]


def gradient(rewards, theta):
    """Return the derivative of each network's reward; b p."""
    parts = [torch.autograd.grad(r, theta, retain_graph=True, allow_unused=True)[0] for r in rewards]
    return torch.stack([torch.zeros_like(theta) if g is None else g for g in parts]).flatten(1)


def oracle(options, learned, left_out):
    """Return the gradients of the mean rewards up to each horizon, by autograd; s b p."""
    theta = learned.params.theta.clone().requires_grad_()
    rewards, _ = run(learned, network(options), experiences(TRIALS), theta, left_out)
    return torch.stack([gradient(torch.stack(rewards[learned.warm_up : h]).mean(0), theta) for h in HORIZONS])


def truncated(options, learned, window):
    """Return the derivative of each reward after the warm-up with the learner `window` trials ago detached; h b p."""
    net, sampled, theta = network(options), experiences(TRIALS), learned.params.theta.clone().requires_grad_()
    _, learners = run(learned, net, sampled, theta)
    found = []
    for h in range(learned.warm_up, TRIALS):
        first = max(0, h - window)
        rewards, _ = run(learned, net, sampled[: h + 1], theta, first=first, learner=learners[first])
        found.append(
            gradient(rewards[-1], theta) if rewards[-1].requires_grad else torch.zeros(BATCH, theta.numel())
        )
    return torch.stack(found)


def compared(options, learned, windows=()):
    learner = start_learning(learned, network(options), TRIAL_TYPES)
    return compare(learned, learner, experiences(TRIALS), HORIZONS, windows)


@pytest.mark.parametrize(
    "variant",
    [
        "all off",
        "all on, weight-dependent",
        "all on, shaped gate",
        "only carry_trace",
        "only baseline_exponent",
        "all but clip",
    ],
)
def test_an_ablation_equals_autograd_with_that_path_detached(variant):
    options = VARIANTS[variant]
    learned = rule(options, DEGREE)
    found = compared(options, learned).gradient
    exact = {name: oracle(options, learned, name) for name in ABLATIONS}
    for name in ABLATIONS:
        for s in range(len(HORIZONS)):
            assert relative(found[name][s], exact[name][s]) < 1e-10, (name, s)
    torch.testing.assert_close(found[ROUNDING], exact[WHOLE], rtol=1e-9, atol=1e-14)
    for name in set(ABLATIONS) - {WHOLE, *([] if options["clip"] < 1 else ["clip"])}:
        assert relative(found[name][-1], exact[WHOLE][-1]) > 1e-7, "what is left out has an effect here"


@pytest.mark.parametrize("options", [ON, OFF], ids=["on", "off"])
@pytest.mark.parametrize("window", [1, 2, 5])
def test_a_window_equals_autograd_from_a_learner_of_so_many_trials_ago(options, window):
    learned = rule(options, DEGREE)
    found = compared(options, learned, (window,)).gradient[f"window_{window}"]
    exact = truncated(options, learned, window)
    whole = oracle(options, learned, WHOLE)
    for s, horizon in enumerate(HORIZONS):
        assert relative(found[s], exact[: horizon - learned.warm_up].mean(0)) < 1e-10
    assert relative(found[-1], whole[-1]) > 1e-6


def test_rewards_in_a_block_see_no_fewer_updates_than_the_window():
    """With blocks of three rewards, the first sees two updates, the last four."""
    learned, net, sampled = rule(ON, DEGREE), network(ON), experiences(TRIALS)
    kept = everything(learned, net, sampled)
    found = ablation.windowed(learned, kept, 2, 3, [len(kept)])[0]
    first = [h // 3 * 3 for h in range(len(kept))]
    parts = [truncated(ON, learned, h - first[h] + 2)[h] for h in range(len(kept))]
    assert relative(found, torch.stack(parts).mean(0)) < 1e-10


def everything(learned, net, sampled):
    learner, kept = start_learning(learned, net, TRIAL_TYPES), []
    for experience in sampled:
        before = learner
        learner, outcome = learn(learned, before, *experience)
        if before.trials >= learned.warm_up:
            bits = clipping.unclipped(learned.params, before.network.weights, outcome.update)
            kept.append(Kept(before, experience, bits))
    return kept


def test_the_whole_is_the_jvp_of_the_outer_loop():
    learned, learner = rule(ON, DEGREE, warm_up=0), start_learning(rule(ON, DEGREE), network(ON), TRIAL_TYPES)
    tangents = {jvp: start_tangents(learned, learner) for jvp in (two_pass.jvp, stepwise.jvp)}
    mine = start_tangents(learned, learner)
    for experience in experiences(6):
        before = learner
        learner, outcome = learn(learned, before, *experience)
        mine, rho = ablation.jvp(learned, before, experience.trial, outcome, mine, ABLATIONS[WHOLE])
        for jvp in tangents:
            tangents[jvp], exact = jvp(learned, before, experience.trial, outcome, tangents[jvp])
            torch.testing.assert_close(rho, exact, rtol=1e-11, atol=1e-15)
            for one, other in zip(mine, tangents[jvp], strict=True):
                torch.testing.assert_close(one, other, rtol=1e-11, atol=1e-15)


def test_the_clipped_share_counts_updates_of_free_units():
    learned, net, sampled = rule(ON, DEGREE), network(ON), experiences(TRIALS)
    found = compared(ON, learned).clipped
    learner, shares = start_learning(learned, net, TRIAL_TYPES), []
    for experience in sampled:
        before = learner
        learner, outcome = learn(learned, before, *experience)
        moved = outcome.update + learned.params.weight_decay * before.network.weights
        at_bound = moved.abs() > learned.params.clip * (1 - 1e-9)
        if before.trials >= learned.warm_up:
            shares.append(at_bound[:, ~net.clamped].double().mean((1, 2)))
    for s, horizon in enumerate(HORIZONS):
        torch.testing.assert_close(found[s], torch.stack(shares[: horizon - learned.warm_up]).mean(0))
    assert 0.05 < found.min() < found.max() < 0.95
    assert (compared(OFF, rule(OFF, DEGREE)).clipped == 0).all()
