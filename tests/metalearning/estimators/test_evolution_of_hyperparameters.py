"""Evolution of hyperparameters: along their lines, and of the rate of perturbations."""

import torch

from derivatives.with_hyperparameters import BOUNDED, learned_with, names_under, slow, values
from small_runs import DOUBLE, OFF, ON, TRIAL_TYPES, experiences, network
from threefactor import seeding
from threefactor.metalearning import sides
from threefactor.metalearning.estimators import evolution, pathwise
from threefactor.metalearning.trial_record import Noise
from threefactor.training.objective import SmoothedErrorRate
from threefactor.training.trial import learn, start_learning

SMOOTHED = SmoothedErrorRate(error=0.5, width=0.2)


def test_evolution_moves_hyperparameters_as_the_exact_gradient_says():
    """Along each network's own perturbation, at small steps."""
    options = {**ON, **BOUNDED, "clip": float("inf"), "momentum": 0.6}
    names = tuple(name for name in names_under(options) if name != "clip")
    learned, sampled = learned_with(options, names), experiences(12)
    learner = start_learning(learned, network(options), TRIAL_TYPES)
    size = torch.linspace(0.5e-5, 2e-5, 9 + len(names), dtype=DOUBLE)
    arguments = learned, learner, sampled
    generator = seeding.generator(4, "noise")
    found = evolution.estimate(
        *arguments, noise=Noise(0.01, size), objective=SMOOTHED, generator=seeding.generator(4, "noise")
    )
    direction = torch.randn(2, len(size), generator=generator, dtype=DOUBLE)
    exact = pathwise.estimate(*arguments, noise=Noise(0.01), objective=SMOOTHED, generator=generator)
    along = (exact.gradient * direction * size).sum(1, keepdim=True)
    torch.testing.assert_close(found.gradient, along * direction / size, rtol=1e-5, atol=1e-9)
    assert (exact.gradient[:, 9:].abs() > 1e-6).all()


def test_evolution_along_one_hyperparameter_is_the_smoothed_gradient_of_its_line():
    """Against differences of the slow loops along log learning_rate, at a step that is not small."""
    learned, sampled = learned_with(OFF, ("learning_rate",)), experiences(9)
    at, step = values(learned), 0.3
    size = torch.tensor([*[1e-12] * 9, step * at[-1]], dtype=DOUBLE)
    found = evolution.estimate(
        learned,
        start_learning(learned, network(OFF), TRIAL_TYPES),
        sampled,
        noise=Noise(0.0, size),
        generator=seeding.generator(3, "noise"),
    )
    direction = torch.randn(2, 10, generator=seeding.generator(3, "noise"), dtype=DOUBLE)[:, -1]
    run, wanted = slow(learned, OFF, sampled), []
    for b, drawn in enumerate(direction):
        moved = [torch.cat([at[:-1], at[-1:] * torch.exp(sign * step * drawn)]) for sign in (1, -1)]
        up, down = (run(x).reward[learned.warm_up :, b].mean() for x in moved)
        wanted.append((up - down) / 2 * drawn / size[-1])
    torch.testing.assert_close(found.gradient[:, -1], torch.stack(wanted), rtol=1e-8, atol=1e-10)


def test_evolution_sees_what_more_perturbations_do():
    """Half of what the rewards of both sides differ by, each side alone through the same marks."""
    learned = learned_with(OFF, ("perturbation_share",), warm_up=0)
    sampled = [one._replace(perturbation=40 * one.perturbation.sign()) for one in experiences(4)]
    learner = start_learning(learned, network(OFF), TRIAL_TYPES)
    size = torch.full((10,), 1e-9, dtype=DOUBLE)
    size[-1] = 0.2
    found = evolution.estimate(
        learned, learner, sampled, noise=Noise(0.0, size), generator=seeding.generator(2, "noise")
    )
    source = seeding.generator(2, "noise")
    direction = torch.randn(2, 10, generator=source, dtype=DOUBLE)
    marks = [sides.draw_marks(learned, one, generator=source) for one in sampled]

    def reward_of(side):
        after, rewards = learner, []
        for one, marked in zip(sampled, marks, strict=True):
            after, outcome = learn(side.rule, after, *sides.perturbed(side, one, marked))
            rewards.append(outcome.feedback.reward)
        return torch.stack(rewards).mean(0)

    for b in range(2):
        up, down = (
            reward_of(*sides.moved_sides(learned, s * direction[b : b + 1] * size))[b] for s in (1, -1)
        )
        assert (up - down).abs() > 1e-3
        wanted = (up - down) / 2 * direction[b] / size
        torch.testing.assert_close(found.gradient[b], wanted, rtol=1e-8, atol=0)
