"""Estimators of the meta-gradient against theory: where each is exact, unbiased, or biased by a known amount."""

import pytest
import torch

from small_runs import DOUBLE, OFF, ON, TRIAL_TYPES, experiences, network, rule
from threefactor import seeding
from threefactor.contract import Experience
from threefactor.metalearning import estimator_bias as estimators
from threefactor.metalearning import likelihood_ratio
from threefactor.metalearning.estimators import evolution, pathwise, reverse, score_local, score_total
from threefactor.metalearning.likelihood_ratio import others_mean
from threefactor.metalearning.sides import moved
from threefactor.metalearning.trial_record import Noise, carry, run_trials
from threefactor.network import synapses
from threefactor.training.batch import _map, select, with_weights
from threefactor.training.trial import learn, start_learning

SIGMA = 0.02
SMOOTH = ON | {"clip": float("inf")}
SCORED = ("score_total", "score_local")
ALL = {
    "pathwise": pathwise,
    "reverse": reverse,
    "score_total": score_total,
    "score_local": score_local,
    "evolution": evolution,
}


def source(name="noise"):
    return seeding.generator(4, name)


def many(count, learned, trials):
    """Return one small network, `count` times over, with the same few trials of one type each."""
    net = network(OFF)
    matrices = ("weights", "input_weights", "output_weights")
    net = net._replace(**{name: getattr(net, name)[:1].repeat(count, 1, 1) for name in matrices})
    sampled = []
    for trial, start, perturbation in experiences(learned.warm_up + trials):
        trial_type = torch.zeros(count, dtype=torch.int64)
        copies = (x[:1].repeat(count, *[1] * (x.dim() - 1)) for x in (*trial[:3], start, perturbation))
        inputs, target, window, first, perturbation = copies
        sampled.append(
            (
                trial._replace(inputs=inputs, target=target, window=window, trial_type=trial_type),
                first,
                perturbation,
            )
        )
    return start_learning(learned, net, TRIAL_TYPES), [Experience(*parts) for parts in sampled]


def truth_of(learned, learner, sampled, sigma):
    """Return the exact gradient of each network, under fixed weight noise, in reverse mode through learning."""
    theta = learned.params.theta.clone().requires_grad_()
    valued = learned._replace(params=learned.params._replace(theta=theta))
    generator, rewards = source(), []
    for one in sampled:
        awake = learner.trials >= learned.warm_up
        learner, outcome = learn(valued, learner, *one)
        if awake:
            rewards.append(outcome.feedback.reward)
            drawn = torch.randn(outcome.update.shape, generator=generator, dtype=DOUBLE)
            learner = with_weights(learner, learner.network.weights + sigma * drawn)
    mean = torch.stack(rewards).mean(0)
    found = [torch.autograd.grad(m, theta, retain_graph=True)[0].flatten() for m in mean]
    return torch.stack(found)


@pytest.mark.parametrize("name", ["pathwise", "reverse"])
def test_exact_estimators_equal_autograd_under_weight_noise(name):
    learned, sampled = rule(ON, 2), experiences(9)
    learner = start_learning(learned, network(ON), TRIAL_TYPES)
    found = ALL[name].estimate(learned, learner, sampled, noise=Noise(SIGMA), generator=source())
    torch.testing.assert_close(
        found.gradient, truth_of(learned, learner, sampled, SIGMA), rtol=1e-9, atol=1e-13
    )


@pytest.mark.parametrize("name", ["pathwise", "reverse"])
def test_truncated_estimators_see_the_updates_of_their_block_alone(name):
    """Autograd from a learner that is detached at the start of every block of trials."""
    learned, sampled, memory = rule(ON, 2), experiences(10), 3
    learner = start_learning(learned, network(ON), TRIAL_TYPES)
    found = ALL[name].estimate(learned, learner, sampled, noise=Noise(memory=memory), generator=source())
    theta = learned.params.theta.clone().requires_grad_()
    valued = learned._replace(params=learned.params._replace(theta=theta))
    rewards = []
    for one in sampled:
        if (learner.trials - learned.warm_up) % memory == 0:
            learner = _map(learner, torch.Tensor.detach, skip=set())
        learner, outcome = learn(valued, learner, *one)
        rewards.append(outcome.feedback.reward)
    mean = torch.stack(rewards[learned.warm_up :]).mean(0)
    exact = torch.stack([torch.autograd.grad(m, theta, retain_graph=True)[0].flatten() for m in mean])
    torch.testing.assert_close(found.gradient, exact, rtol=1e-9, atol=1e-14)
    whole = ALL[name].estimate(
        learned, start_learning(learned, network(ON), TRIAL_TYPES), sampled, noise=Noise(), generator=source()
    )
    assert (whole.gradient - exact).norm() > 0.1 * exact.norm()


def test_differences_converge_to_the_exact_gradient_trial_by_trial():
    learned, sampled = rule(SMOOTH, 2), experiences(9)
    learner = start_learning(learned, network(SMOOTH), TRIAL_TYPES)
    exact = [
        trial.reward_tangent
        for trial in carry(learned, run_trials(learned, learner, sampled, SIGMA, generator=source()))
    ]
    errors = []
    for step in (1e-3, 1e-4):
        steps = step * torch.linspace(0.5, 2, 9, dtype=DOUBLE)
        found = estimators.differences(learned, learner, sampled, steps, SIGMA, generator=source())
        errors.append((torch.stack(list(found)) - torch.stack(exact)).abs().max())
    assert errors[1] < 0.02 * errors[0], "second order"
    assert errors[1] < 1e-5


def test_evolution_is_the_gradient_along_its_perturbation():
    learned, sampled = rule(SMOOTH, 2), experiences(9)
    learner = start_learning(learned, network(SMOOTH), TRIAL_TYPES)
    size = torch.linspace(0.5e-5, 2e-5, 9, dtype=DOUBLE)
    found = evolution.estimate(learned, learner, sampled, noise=Noise(SIGMA, size), generator=source())
    generator = source()
    direction = torch.randn(2, 9, generator=generator, dtype=DOUBLE)
    exact = pathwise.estimate(learned, learner, sampled, noise=Noise(SIGMA), generator=generator)
    along = (exact.gradient * direction * size).sum(1, keepdim=True)
    torch.testing.assert_close(found.gradient, along * direction / size, rtol=1e-6, atol=1e-9)
    torch.testing.assert_close(found.objective, exact.objective, rtol=1e-8, atol=1e-10)


def test_evolution_equals_pathwise_on_average():
    count = 600
    learned = rule(OFF, 1, warm_up=1, learning_rate=0.3)
    learner, sampled = many(count, learned, 3)
    noise = Noise(0.0, torch.full((4,), 1e-3, dtype=DOUBLE))
    found = evolution.estimate(learned, learner, sampled, noise=noise, generator=source())
    exact = pathwise.estimate(learned, learner, sampled, noise=Noise(), generator=source()).gradient[0]
    error = found.gradient.std(0) / count**0.5
    assert ((found.gradient.mean(0) - exact).abs() < 4 * error).all()
    assert (exact.abs() / error).max() > 5, "the test must be able to see a gradient"


@pytest.mark.parametrize(
    "own", [{}, {"weight_linear": 0.4, "weight_quadratic": -0.3}], ids=["", "weight-dependent"]
)
def test_local_slope_is_the_derivative_at_fixed_weights_and_the_total_one_that_through_them(own):
    """Over many updates with clip, decay and carried trace, against autograd at the same noise."""
    learned, sampled = rule({**ON, **own}, 2), experiences(8)
    fixed = start_learning(learned, network(ON), TRIAL_TYPES)
    steps = list(carry(learned, run_trials(learned, fixed, sampled, SIGMA, generator=source())))
    theta = learned.params.theta.clone().requires_grad_()
    valued = learned._replace(params=learned.params._replace(theta=theta))
    through = fixed
    for (trial, before, after, _), one in zip(steps, sampled, strict=True):
        awake = through.trials >= learned.warm_up
        through, total = learn(valued, through, *one)
        _, local = learn(valued, trial.before, *one)
        if not awake:
            assert trial.drawn is None
            continue
        through = with_weights(through, through.network.weights + SIGMA * trial.drawn)
        slope = score_local.slope(learned, trial.before, trial.outcome)
        for b in range(2):
            for update, found in ((total.update, after.weight - before.weight), (local.update, slope)):
                value = (trial.drawn * update)[b].sum()
                exact = torch.autograd.grad(value, theta, retain_graph=True)[0].flatten()
                scored = likelihood_ratio.score(trial.drawn, found)[b]
                torch.testing.assert_close(scored, exact, rtol=1e-9, atol=1e-13)


def test_the_mean_of_a_score_estimator_is_known_without_its_noise():
    """Sample means of all four variants against what Stein's lemma gives."""
    count, trials = 6000, 3
    learned = rule(OFF, 1, warm_up=1, learning_rate=1.0)
    learner, sampled = many(count, learned, trials)
    found = estimators.gradients(records(learned, learner, sampled), trials, SIGMA)
    exact = found["pathwise"].mean(0)
    for name in estimators.SCORES:
        paired = found[name] - found[f"mean_of_{name}"]
        error = paired.std(0) / count**0.5
        assert (paired.mean(0).abs() < 4 * error).all(), name
        if "running" not in name:  # which centres nothing here: one network, the same trials
            assert (exact.abs() / error).max() > 5, "the test must be able to see a gradient"
    torch.testing.assert_close(found["mean_of_score_local"], found["pathwise"])


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("total", [True, False])
def test_means_of_scores_are_derivatives_along_what_each_trial_adds(total, signed):
    """Over many updates with clip, decay and carried trace, against autograd from the weights behind each trial on.

    By Dale's law, too, where weights are held at zero after each update and again after its noise.
    """
    learned, sampled, sigma = rule(ON, 1, warm_up=3, learning_rate=0.5), experiences(10), 0.1
    net = network(ON)
    if signed:
        sign = torch.tensor([1, 1, 0, -1, -1], dtype=torch.int8)
        net = net._replace(weights=torch.where(sign == 0, net.weights, sign * net.weights.abs()), sign=sign)
    start = start_learning(learned, net, TRIAL_TYPES)
    kept = records(learned, start, sampled, sigma)
    trials = list(carry(learned, run_trials(learned, start, sampled, sigma, generator=source())))
    expected = {"": 0, "_running": 0}
    for h in range(learned.warm_up, len(trials) - 1):
        lived_h, before, after, _ = trials[h]
        added = (
            after.weight - before.weight if total else score_local.slope(learned, *lived_h[::2])
        )  # before, outcome
        weights = trials[h + 1].record.before.network.weights.clone().requires_grad_()
        learner, rewards, above = with_weights(trials[h + 1].record.before, weights), 0, 0
        for later in trials[h + 1 :]:
            learner, outcome = learn(learned, learner, *later.record.experience)
            noisy = learner.network.weights + sigma * later.record.drawn
            learner = with_weights(learner, synapses.hold(net, noisy))
            rewards = rewards + outcome.feedback.reward
            above = above + outcome.feedback.reward - outcome.feedback.baseline
        for name, climbed in (("", rewards), ("_running", above)):
            slope = torch.autograd.grad(climbed.sum(), weights, retain_graph=True)[0]
            slope = synapses.through(net, weights.detach(), slope)
            expected[name] = expected[name] + torch.einsum("bij,bpij->bp", slope, added)
    horizon = len(trials) - learned.warm_up
    found = estimators.gradients(kept, horizon, sigma)
    name = "score_total" if total else "score_local"
    for baseline, value in expected.items():
        got = found[f"mean_of_{name}{baseline}"]
        torch.testing.assert_close(got, value / horizon, rtol=1e-8, atol=1e-12)
    assert signed == bool((trials[-1].record.before.network.weights == 0).any())
    apart = (found["mean_of_score_total"] - found["pathwise"]).norm() / found["pathwise"].norm()
    assert apart > 0.01, "double counting must be seen"


def records(learned, learner, sampled, sigma=SIGMA):
    """Return what the trials after the warm-up tell."""
    trials = list(carry(learned, run_trials(learned, learner, sampled, sigma, generator=source())))
    kept = estimators.along_tangents(learned, trials)
    local = score_local.scores(learned, (trial.record for trial in trials))
    kept["score_local"] = torch.stack([trial.score for trial in local])
    kept |= {name: torch.zeros_like(kept["pathwise"]) for name in ("difference", "evolution")}
    return {name: value[learned.warm_up :] for name, value in kept.items()}


@pytest.mark.parametrize("name", ["score_total", "score_local"])
def test_score_estimators_are_unbiased_where_nothing_is_counted_twice(name):
    """In a lifetime of which one weight change matters, total and local derivative are one."""
    count = 5000
    learned = rule(OFF, 1, warm_up=1, learning_rate=0.3)
    learner, sampled = many(count, learned, 2)
    found = ALL[name].estimate(learned, learner, sampled, noise=Noise(SIGMA), generator=source(name))
    exact = pathwise.estimate(learned, learner, sampled, noise=Noise(SIGMA), generator=source()).gradient
    error = (found.gradient.var(0) + exact.var(0)).sqrt() / count**0.5
    assert ((found.gradient.mean(0) - exact.mean(0)).abs() < 4 * error).all()
    assert (exact.mean(0).abs() / error).max() > 5, "the test must be able to see a gradient"


def test_score_local_finds_the_gradient_of_a_long_lifetime():
    count = 6000
    learned = rule(OFF, 1, warm_up=1, learning_rate=1.0)
    learner, sampled = many(count, learned, 3)
    found = score_local.estimate(learned, learner, sampled, noise=Noise(SIGMA), generator=source())
    exact = pathwise.estimate(learned, learner, sampled, noise=Noise(SIGMA), generator=source()).gradient
    error = found.gradient.std(0) / count**0.5
    assert ((found.gradient.mean(0) - exact.mean(0)).abs() < 4 * error).all()
    assert (exact.mean(0).abs() / error).max() > 5


def test_the_running_average_telescopes():
    """The rewards above the running averages of all later trials are the way that these averages still go."""
    learned, sampled = rule(ON, 1), experiences(14)
    learner, rewards, averages, behind = start_learning(learned, network(ON), TRIAL_TYPES), [], [], []
    for one in sampled:
        learner, outcome = learn(learned, learner, *one)
        rewards.append(outcome.feedback.reward)
        averages.append(outcome.feedback.baseline)
        behind.append(learner.baseline)
    to_go = likelihood_ratio.reward_to_go(torch.stack(rewards) - torch.stack(averages))
    for h in range(4, 14):
        left = (behind[-1] - behind[h]).sum(1) / (1 - learned.baseline_decay)
        torch.testing.assert_close(to_go[h], left)


def test_every_variant_weighs_the_score_of_a_trial_by_what_came_after_it():
    generator = torch.Generator().manual_seed(0)
    names = ("difference", "evolution", "pathwise", "pathwise_average", "twice", "twice_average")
    kept = {name: torch.randn(6, 3, 2, dtype=DOUBLE, generator=generator) for name in (*names, *SCORED)}
    kept |= {name: torch.randn(6, 3, dtype=DOUBLE, generator=generator) for name in ("reward", "average")}
    found = estimators.gradients(kept, 5, 0.1)
    for name in SCORED:
        for b in range(3):
            others, running = 0, 0
            for h in range(5):
                later = kept["reward"][h + 1 : 5].sum(0)
                alone = later[b] - (later.sum() - later[b]) / 2
                above = (kept["reward"] - kept["average"])[h + 1 : 5, b].sum()
                others = others + alone * kept[name][h, b] / 0.1 / 5
                running = running + above * kept[name][h, b] / 0.1 / 5
            torch.testing.assert_close(found[name][b], others)
            torch.testing.assert_close(found[f"{name}_running"][b], running)
    for name in ("difference", "evolution", "pathwise"):
        torch.testing.assert_close(found[name], kept[name][:5].mean(0))


def test_the_baseline_comes_from_the_other_networks():
    rewards = torch.randn(7, 5, dtype=DOUBLE, generator=torch.Generator().manual_seed(0))
    to_go = likelihood_ratio.reward_to_go(rewards)
    for h in range(7):
        torch.testing.assert_close(to_go[h], rewards[h + 1 :].sum(0))
        for b in range(5):
            others = [to_go[h, other] for other in range(5) if other != b]
            torch.testing.assert_close(likelihood_ratio.others_mean(to_go)[h, b], torch.stack(others).mean())


@pytest.mark.parametrize("name", ["score_total", "score_local"])
def test_score_estimators_need_noise_and_company(name):
    learned, net = rule(OFF, 1), network(OFF)
    learner = start_learning(learned, net, TRIAL_TYPES)
    with pytest.raises(ValueError, match=r"noise\.weights = 0"):
        ALL[name].estimate(learned, learner, [], noise=Noise(), generator=source())
    alone = start_learning(learned, net._replace(weights=net.weights[:1]), TRIAL_TYPES)
    with pytest.raises(ValueError, match="networks = 1"):
        ALL[name].estimate(learned, alone, [], noise=Noise(1.0), generator=source())


def test_evolution_needs_perturbations():
    learned = rule(OFF, 1)
    learner = start_learning(learned, network(OFF), TRIAL_TYPES)
    with pytest.raises(ValueError, match=r"noise\.theta = 0"):
        evolution.estimate(learned, learner, [], noise=Noise(), generator=source())


@pytest.mark.parametrize("name", ALL)
def test_a_lifetime_needs_trials_after_the_warm_up(name):
    learned = rule(OFF, 1)
    learner = start_learning(learned, network(OFF), TRIAL_TYPES)
    noise = Noise(0.1, torch.full((4,), 0.1, dtype=DOUBLE))
    with pytest.raises(ValueError, match="trials = 2: allowed is more than 2"):
        ALL[name].estimate(learned, learner, experiences(2), noise=noise, generator=source())


@pytest.mark.parametrize("name", ALL)
def test_a_lifetime_may_begin_where_the_warm_up_ends(name):
    """Nothing depends on theta in the warm-up: begun behind it, every estimator finds the same."""
    learned, sampled = rule(ON, 1), experiences(7)
    learner = start_learning(learned, network(ON), TRIAL_TYPES)
    noise = Noise(SIGMA, torch.full((4,), 0.01, dtype=DOUBLE))
    whole = ALL[name].estimate(learned, learner, sampled, noise=noise, generator=source())
    for one in sampled[: learned.warm_up]:
        learner, _ = learn(learned, learner, *one)
    rest = ALL[name].estimate(learned, learner, sampled[learned.warm_up :], noise=noise, generator=source())
    torch.testing.assert_close(rest, whole)


@pytest.mark.parametrize("name", ALL)
def test_an_overflow_is_marked_and_carries_nothing(name):
    learned = rule(OFF, 2)
    huge = learned._replace(params=learned.params._replace(learning_rate=1e308))
    learner = start_learning(huge, network(OFF), TRIAL_TYPES)
    noise = Noise(0.1, torch.full((9,), 0.1, dtype=DOUBLE))
    found = ALL[name].estimate(huge, learner, experiences(10), noise=noise, generator=source())
    assert not found.finite.any()
    assert (found.gradient == 0).all()


def test_a_diverged_network_takes_no_other_ones_baseline_away():
    values = torch.tensor([[1.0, float("nan"), 3.0, 5.0]], dtype=torch.float64)
    found = others_mean(values)
    torch.testing.assert_close(found[:, [0, 2, 3]], torch.tensor([[4.0, 3.0, 2.0]], dtype=torch.float64))
    assert others_mean(values[:, :2]).isnan()[0, 0], "no other network is left"


@pytest.mark.parametrize("options", [ON, OFF])
def test_pairs_side_by_side_equal_pairs_one_by_one(options):
    """Networks with a theta each, of which some terms are zero in some networks, live as they do alone."""
    learned, sampled = rule(options, 2), experiences(9)
    learner = start_learning(learned, network(options), TRIAL_TYPES)
    shift = 0.2 * torch.randn(2, 9, generator=source(), dtype=DOUBLE)
    shift[0, 4] = -learned.params.theta[1, 1]
    together = list(evolution.contrast(learned, learner, sampled, shift, SIGMA, generator=source()))
    for b in range(2):
        sides = []
        for sign in (1, -1):
            one, noise, rewards = select(learner, slice(b, b + 1)), source(), []
            alone = moved(learned, sign * shift[b])
            for experience in sampled:
                awake = one.trials >= learned.warm_up
                one, outcome = learn(alone, one, *select(experience, slice(b, b + 1)))
                if awake:
                    drawn = torch.randn(2, 5, 5, generator=noise, dtype=DOUBLE)[b]
                    one = with_weights(one, one.network.weights + SIGMA * drawn)
                rewards.append(outcome.feedback.reward[0])
            sides.append(torch.stack(rewards))
        up, down = sides
        assert (up - down)[3:].abs().max() > 1e-4
        for name, value in (("reward", (up + down) / 2), ("difference", (up - down) / 2)):
            found = torch.stack([getattr(trial, name)[b] for trial in together])
            torch.testing.assert_close(found, value, rtol=1e-10, atol=1e-14)


def test_evolution_may_mix_its_perturbations():
    """A matrix is a change of coordinates: the gradient of the raw coefficients is that along each mixture."""
    learned, sampled = rule(ON, 1), experiences(6)
    learner = start_learning(learned, network(ON), TRIAL_TYPES)
    g = torch.Generator().manual_seed(8)
    mixture = 1e-3 * (torch.eye(4, dtype=DOUBLE) + 0.3 * torch.rand(4, 4, generator=g, dtype=DOUBLE))
    exact = pathwise.estimate(learned, learner, sampled, noise=Noise(), generator=source()).gradient
    found = evolution.estimate(learned, learner, sampled, noise=Noise(0.0, mixture), generator=source())
    drawn = evolution.draw_direction(learned, learner, mixture, generator=source())
    along = (exact * (drawn @ mixture.mT)).sum(1)
    assert torch.allclose(found.gradient @ mixture, along[:, None] * drawn, rtol=1e-3)
