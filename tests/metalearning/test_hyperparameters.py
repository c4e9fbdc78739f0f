"""Meta-learned hyperparameters: their lines, their perturbed sides, and estimators of their gradients."""

import pytest
import torch

from derivatives.with_hyperparameters import NAMES, learned_with, slow, values
from small_runs import DOUBLE, OFF, ON, TRIAL_TYPES, experiences, network
from threefactor import seeding
from threefactor.metalearning import sides, transforms
from threefactor.metalearning.estimators import evolution, pathwise, score_total
from threefactor.metalearning.trial_record import Noise
from threefactor.training.objective import SmoothedErrorRate
from threefactor.training.trial import learn, start_learning

SMOOTHED = SmoothedErrorRate(error=0.5, width=0.2)


def test_evolution_moves_hyperparameters_as_the_exact_gradient_says():
    """Along each network's own perturbation, at small steps."""
    options = {**ON, "clip": float("inf")}
    names = tuple(name for name in NAMES if name != "clip")
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


def test_how_often_perturbations_come_is_moved_by_common_marks():
    learned = learned_with(OFF, ("perturbation_share",))
    one = experiences(1)[0]
    marks = sides.draw_marks(learned, one, generator=seeding.generator(1, "marks"))
    shift = torch.zeros(3, 10, dtype=DOUBLE)
    shift[1, -1], shift[2, -1] = 0.05, -0.05
    middle, up, down = sides.moved_sides(learned, shift)
    assert middle.perturbation_share == sides.SHARE
    assert down.perturbation_share < 0.5 < up.perturbation_share
    perturbation = [sides.perturbed(side, one, marks).perturbation != 0 for side in (down, middle, up)]
    assert (perturbation[0] <= perturbation[1]).all()
    assert (perturbation[1] <= perturbation[2]).all()
    assert 0.25 < perturbation[1].double().mean() < 0.75
    assert perturbation[0].sum() < perturbation[2].sum()


def test_evolution_sees_what_more_perturbations_do():
    """Half of what the rewards of both sides differ by, each side run by itself through the same marks."""
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

    def run(side):
        after, rewards = learner, []
        for one, marked in zip(sampled, marks, strict=True):
            after, outcome = learn(side.rule, after, *sides.perturbed(side, one, marked))
            rewards.append(outcome.feedback.reward)
        return torch.stack(rewards).mean(0)

    for b in range(2):
        up, down = (run(*sides.moved_sides(learned, s * direction[b : b + 1] * size))[b] for s in (1, -1))
        assert (up - down).abs() > 1e-3
        wanted = (up - down) / 2 * direction[b] / size
        torch.testing.assert_close(found.gradient[b], wanted, rtol=1e-8, atol=0)


@pytest.mark.parametrize("name", [*NAMES, "perturbation_share"])
def test_lines_invert_and_never_leave_their_bounds(name):
    for value in (1e-4, 0.3, 0.97):
        there = transforms.coordinate(name, value)
        assert transforms.value_at(name, there) == pytest.approx(value, rel=1e-12)
        step = 1e-6
        rise = (transforms.value_at(name, there + step) - transforms.value_at(name, there - step)) / (
            2 * step
        )
        assert transforms.slope(name, value) == pytest.approx(rise, rel=1e-6)
        assert transforms.moved(name, value, 1e-7 * value) == pytest.approx(value * (1 + 1e-7), rel=1e-9)
        for by in (-9 * transforms.slope(name, value), 9 * transforms.slope(name, value)):
            moved = transforms.moved(name, value, by)
            assert moved > 0 or name in transforms.COEFFICIENTS
            assert moved < 1 or name not in transforms.DECAYS


def test_free_steps_stay_within_reach_of_the_start():
    free = torch.tensor([-50.0, -1.0, 0.0, 0.3, 50.0], dtype=DOUBLE, requires_grad=True)
    kept = transforms.bounded(free)
    assert (kept.abs() <= transforms.REACH).all()
    assert kept[2] == 0
    slope = torch.autograd.grad(kept.sum(), free)[0]
    torch.testing.assert_close(slope, transforms.bounded_slope(free.detach()), rtol=1e-12, atol=1e-14)
    assert transforms.bounded_slope(free)[2] == 1


@pytest.mark.parametrize(("name", "value"), [("clip", 0.0), ("trace_decay", 0.0), ("eligibility_decay", 1.0)])
def test_a_start_from_where_no_step_leads_away_is_said(name, value):
    with pytest.raises(ValueError, match=f"{name} = {value}: must be"):
        transforms.coordinate(name, value)


def test_scores_are_for_theta_alone():
    learned = learned_with(OFF, ("baseline_exponent",))
    with pytest.raises(ValueError, match=r"hyperparameters = \('baseline_exponent',\): must be \(\)"):
        score_total.estimate(
            learned,
            start_learning(learned, network(OFF), TRIAL_TYPES),
            experiences(5),
            noise=Noise(0.1),
            generator=seeding.generator(0, "none"),
        )
