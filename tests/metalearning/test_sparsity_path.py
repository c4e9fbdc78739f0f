"""The path from dense to sparse."""

import torch

from metalearning.small_problem import START, TRIALS, problem
from threefactor.metalearning import ascent, constraints, sparsity_path
from threefactor.metalearning.constraints import Constraint
from threefactor.metalearning.problem import gradient

WEIGHTS = (1e-4, 1e-3)


def run(made, weights):
    path, done = sparsity_path.start(made, START), []
    while not sparsity_path.is_finished(weights, path):
        path = sparsity_path.step(made, weights, path)
        done.append(sparsity_path.steps_done(made, weights, path))
    return path, done


def test_each_weight_goes_on_from_the_one_before():
    made = problem(schedule=(TRIALS,) * 6, constraint=Constraint(0.65))
    path, done = run(made, WEIGHTS)
    assert done == [1, 2, 3, 4, 5, 6]
    theta, number = START, 0
    for row, weight in enumerate(WEIGHTS, 1):
        held, by_hand, iterates = Constraint(0.65, weight), ascent.start_ascent(theta, 0.65), []
        for _ in range(3):
            estimate, _ = gradient(made, by_hand.coordinates, torch.zeros(0), number)
            mean, number = ascent.average(estimate).gradient, number + 1
            by_hand = constraints.ascend_within(by_hand, mean, made.learning_rate, held)
            iterates.append(by_hand.coordinates)
        theta = constraints.average_iterates(torch.stack(iterates), held)
        assert torch.equal(path.found[row], theta)
    assert torch.equal(path.found[0], START)
    assert not path.ended


def test_a_weight_that_leaves_no_term_ends_the_path():
    path, done = run(problem(), (1e-4, 1e6))
    assert path.ended
    assert len(path.found) == 2
    assert done == [1, 2, 2]


def test_without_weights_there_is_nothing_to_do():
    path = sparsity_path.start(problem(schedule=()), START)
    assert sparsity_path.is_finished((), path)
    assert sparsity_path.steps_done(problem(schedule=()), (), path) == 0
