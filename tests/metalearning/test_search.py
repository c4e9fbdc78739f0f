"""The outer loop: steps, scores, patience, and what is learned in the end."""

import pytest
import torch

from metalearning.small_problem import START, draw_held_out, problem
from threefactor.contract import MetaGradient
from threefactor.metalearning import ascent, constraints, hyperparameters, search
from threefactor.metalearning.constraints import Constraint
from threefactor.metalearning.problem import gradient
from threefactor.metalearning.search import best, is_finished, start, step, stopped

BEST = {"patience": 1, "held_out_every": 1, "draw_held_out": draw_held_out}


def run(made):
    state, states = start(made, START), []
    while not is_finished(made, state):
        state = step(made, state)
        states.append(state)
    return state, states


def test_a_loop_of_steps_is_adam_on_the_average_gradient():
    made = problem()
    state, states = run(made)
    assert len(states) == made.steps == 4
    by_hand, iterates = ascent.start_ascent(START, 0.65), []
    for number in range(4):
        estimate, _ = gradient(made, by_hand.coordinates, torch.zeros(0), number)
        mean = ascent.average(estimate).gradient
        by_hand = constraints.ascend_within(by_hand, mean, 0.1, made.constraint)
        iterates.append(by_hand.coordinates)
        assert torch.equal(states[number].theta.coordinates, by_hand.coordinates)
        assert torch.equal(state.history.gradient[number], estimate.gradient)
    found = best(made, state)
    assert found.step == 4
    assert torch.equal(found.theta, constraints.average_iterates(torch.stack(iterates), made.constraint))
    assert found.theta.norm().item() == pytest.approx(0.65)
    assert (found.theta - state.history.theta[0]).norm() > 0.01


def test_theta_starts_within_its_constraint():
    held = Constraint(0.5)
    assert start(problem(constraint=held), START).theta.coordinates.norm().item() == pytest.approx(0.5)
    assert torch.equal(start(problem(constraint=Constraint(0)), START).theta.coordinates, START)


def test_hyperparameters_move_together_with_theta():
    made = problem(hyperparameters={"clip": 1e-3, "trace_decay": 0.05})
    state, states = run(made)
    assert state.history.free.shape == (5, 2)
    assert (state.history.free[0] == 0).all()
    assert (state.history.free[1:] != 0).all()
    found = best(made, state)
    assert torch.equal(found.free, state.history.free[-1])  # a third of four steps is one
    values = hyperparameters.values(made.hyperparameters, state.free.coordinates)
    shown = search.metrics(made, states[-1])
    assert {name: shown[f"value_{name}"] for name in values} == values


@pytest.mark.parametrize(("every", "scored"), [(2, [0, 2, 4]), (3, [0, 3, 4]), (9, [0, 4])])
def test_scores_come_every_so_many_steps_and_at_the_end(every, scored):
    made = problem(draw_held_out=draw_held_out, held_out_every=every)
    state, states = run(made)
    assert state.history.scored.tolist() == scored
    assert len(states) == 4 + len(scored)
    assert best(made, state).step == 4, "without patience what was learned last is taken"
    kinds = ["held_out_smoothed_error_rate" in search.metrics(made, one) for one in states]
    assert sum(kinds) == len(scored)
    assert kinds[0]
    assert kinds[-1]


def downhill(rule, learner, experiences, *, noise, objective=None, generator):
    """Return a gradient along which the score gets worse."""
    list(experiences)
    slope = torch.tensor([0.0, 0.0, -5.0]).expand(3, 3)
    return MetaGradient(slope.clone(), torch.zeros(3), torch.ones(3, dtype=torch.bool))


def test_learning_stops_where_scores_get_no_better_and_the_best_is_taken():
    made = problem(estimate=downhill, **BEST)
    state, _ = run(made)
    means = state.history.score[:, 0].mean(1)
    place = int(means.argmin())
    assert len(means) == place + 2 < 5, "one score more than the best, before all steps are done"
    found = best(made, state)
    assert found.step == int(state.history.scored[place])
    assert torch.equal(found.theta, stopped(made, state, found.step).theta)
    patient, _ = run(made._replace(patience=9))
    assert patient.history.scored.tolist() == [0, 1, 2, 3, 4]


def nowhere(rule, learner, experiences, *, noise, objective=None, generator):
    """Return a gradient of no network."""
    return MetaGradient(torch.zeros(3, 3), torch.zeros(3), torch.zeros(3, dtype=torch.bool))


def test_without_a_finite_gradient_the_step_is_named():
    made = problem(estimate=nowhere)
    with pytest.raises(FloatingPointError, match="step 0 of 4"):
        step(made, start(made, START))


def test_the_history_tells_every_step():
    made = problem()
    state, states = run(made)
    shown = [search.metrics(made, one) for one in states]
    finite = state.history.objective[2]
    assert shown[2]["objective"] == pytest.approx(finite.mean().item(), rel=1e-6)
    assert shown[2]["objective_standard_error"] == pytest.approx((finite.std() / 3**0.5).item(), rel=1e-5)
    assert shown[2]["theta_scaled_31"] == state.history.theta[2, 1].item()
    assert shown[2]["gradient_33"] == state.history.mean_gradient[2, 2].item()
    assert search.metrics(made, start(made, START)) == {}
