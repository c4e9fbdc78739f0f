"""Gradients and scores of a problem, in the coordinates in which theta is learned."""

import pytest
import torch

from dnms_run import environment, networks
from metalearning.small_problem import START, TRIALS, draw, draw_held_out, problem
from threefactor.metalearning import coordinates, held_out, hyperparameters
from threefactor.metalearning.coordinates import with_theta
from threefactor.metalearning.estimators import evolution, pathwise
from threefactor.metalearning.problem import gradient, score
from threefactor.metalearning.trial_record import Noise
from threefactor.seeding import generator
from threefactor.training.environment import experience
from threefactor.training.trial import start_learning

MIXTURE = torch.tensor([[1.0, 0.2, 0.1], [0.2, 0.8, 0.3], [0.1, 0.3, 1.2]])
NOTHING = torch.zeros(0)


def mixed(**changes):
    made = problem(**changes)
    return made._replace(system=made.system._replace(basis=MIXTURE))


@pytest.mark.parametrize("made", [problem(), mixed()])
def test_the_gradient_is_that_of_the_estimator_along_the_coordinates(made):
    found, beside = gradient(made, START, NOTHING, 2)
    (sample,) = draw(2, {})
    rule = with_theta(sample.rule, coordinates.theta(made.system, START))
    raw = pathwise.estimate(
        rule, sample.learner, sample.experiences, noise=Noise(), generator=sample.generator
    )
    jacobian = torch.func.jacfwd(lambda one: coordinates.theta(made.system, one))(START)
    torch.testing.assert_close(found.gradient, raw.gradient @ jacobian)
    torch.testing.assert_close(found.objective, raw.objective)
    assert beside.gradient.shape == (3, 0)
    other, _ = gradient(made, START, NOTHING, 3)
    assert (other.gradient != found.gradient).any(), "each step draws anew"


def test_hyperparameters_are_differentiated_along_their_free_coordinates():
    made, free = problem(hyperparameters={"clip": 1e-3, "trace_decay": 0.05}), torch.tensor([0.3, -0.2])
    found, beside = gradient(made, START, free, 1)
    (sample,) = draw(1, hyperparameters.values(made.hyperparameters, free))
    rule = with_theta(sample.rule, coordinates.theta(made.system, START))
    raw = pathwise.estimate(
        rule, sample.learner, sample.experiences, noise=Noise(), generator=sample.generator
    )
    slopes = hyperparameters.slopes(rule, free)
    torch.testing.assert_close(found.gradient, raw.gradient[:, :3] * made.system.scale)
    torch.testing.assert_close(beside.gradient, raw.gradient[:, 3:] * slopes)
    assert (slopes != 0).all()


def under_conditions(step, values):
    """Draw the learning runs of a step under two conditions: of three networks, and of two with other trials."""
    (first,), (second,) = draw(step, values), draw(step + 10, values)
    fewer = start_learning(second.rule, networks(2), len(environment().task.trial_types))
    trials = (experience(environment(), networks(2), h, generator=generator(9, h)) for h in range(TRIALS))
    return [first, second._replace(learner=fewer, experiences=trials)]


def test_the_gradient_over_conditions_is_that_of_all_networks():
    """Networks stay in the order of conditions, so that the mean is that over the networks of each, by their number."""
    start, free = {"clip": 1e-3}, torch.tensor([0.2])
    found = gradient(mixed(draw=under_conditions, hyperparameters=start), START, free, 1)
    alone = []
    for n in (0, 1):
        made = mixed(
            draw=lambda step, values, n=n: under_conditions(step, values)[n : n + 1], hyperparameters=start
        )
        alone.append(gradient(made, START, free, 1))
    for part, (first, second) in zip(found, zip(*alone, strict=True), strict=True):
        assert part.gradient.shape[0] == part.objective.shape[0] == part.finite.shape[0] == 5
        torch.testing.assert_close(part.gradient, torch.cat([first.gradient, second.gradient]))
        torch.testing.assert_close(part.objective, torch.cat([first.objective, second.objective]))
        mean = (3 * first.gradient.mean(0) + 2 * second.gradient.mean(0)) / 5
        torch.testing.assert_close(part.gradient.mean(0), mean)
        assert (first.gradient[:2] != second.gradient).any()


def test_scores_of_conditions_are_joined_over_networks():
    (first,) = draw_held_out({})
    second = first._replace(network=networks(3), generator=lambda h: generator(3, h))
    thetas = torch.stack([START, -START])
    found = score(problem(draw_held_out=lambda values: [first, second]), thetas, NOTHING)
    alone = [
        score(problem(draw_held_out=lambda values, one=one: [one]), thetas, NOTHING)
        for one in (first, second)
    ]
    for part, *parts in zip(found, *alone, strict=True):
        assert part.shape == (2, 5)
        torch.testing.assert_close(part, torch.cat(parts, 1))


@pytest.mark.parametrize("make", [problem, mixed])
def test_evolution_perturbs_all_coordinates_alike(make):
    """Whatever the mixture, the gradient is that along one normal direction in the coordinates."""
    made = make(estimate=evolution.estimate, perturbation=1e-3)
    found, _ = gradient(made, START, NOTHING, 0)
    exact, _ = gradient(make(), START, NOTHING, 0)
    (sample,) = draw(0, {})
    normal = evolution.draw_direction(sample.rule, sample.learner, torch.ones(3), generator=sample.generator)
    along = (exact.gradient * normal).sum(1, keepdim=True) * normal
    torch.testing.assert_close(found.gradient, along, rtol=0.05, atol=0.02 * along.abs().max().item())


def test_scores_are_those_of_each_theta():
    made = mixed(draw_held_out=draw_held_out)
    thetas = torch.stack([START, 2 * START, -START])
    found = score(made, thetas, NOTHING)
    assert found.error.shape == (3, 2)
    (held,) = draw_held_out({})
    for r, one in enumerate(thetas):
        rule = with_theta(held.rule, coordinates.theta(made.system, one)[None])
        alone = held_out.score(rule, held.network, held.environment, held.criterion, generator=held.generator)
        torch.testing.assert_close(found.error[r], alone.error[0], rtol=1e-4, atol=1e-5)
    assert (found.error[0] != found.error[2]).any()
    assert (found.trials_to_criterion <= TRIALS).all()


def test_a_problem_without_held_out_networks_has_no_score():
    with pytest.raises(ValueError, match="draw_held_out = None"):
        score(problem(), START[None], NOTHING)
