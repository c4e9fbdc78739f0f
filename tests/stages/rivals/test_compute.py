"""Stage rivals: every hand-made rule with the same number of draws, judged on the same networks."""

import pandas as pd
import pytest
import torch

from stages.rivals.rival_runs import DRAWS, NETWORKS, STEPS, TRIALS, config, tuned
from threefactor.experiment import build, build_rule
from threefactor.experiment.view import everything
from threefactor.metalearning.coordinates import with_theta
from threefactor.metalearning.held_out import score
from threefactor.pipeline import registry
from threefactor.stages.rivals.search import OF_ALL, OWN
from threefactor.stages.rivals.tables import TABLES

SINGLE = (
    9 + 6 + 1
)  # terms of degree 2, those with an even power of the deviation twice, and the least-squares fit


@pytest.fixture(scope="module", params=["standardised", "raw"])
def found(request):
    return request.param, tuned(config(), request.param)


def test_every_output_is_declared_and_has_its_columns(found):
    assert set(registry.stages()["rivals"].outputs) == set(TABLES) == set(found[1])
    for name, table in found[1].items():
        assert list(table) == TABLES[name].names() + ["deviation"] * (name == "theta")


def test_every_rule_is_tried_with_at_least_the_trials_that_learning_had(found):
    table = found[1]["rivals"]
    assert len(table) == SINGLE + 3, "three sums of two of the three best"
    assert table.rival.is_unique
    assert (table.draws == DRAWS).all()
    assert (table.trials == DRAWS * NETWORKS * TRIALS).all()
    assert (table.budget == STEPS * NETWORKS * TRIALS).all()
    assert DRAWS > STEPS


def test_where_learning_had_more_trials_there_are_more_draws():
    table = tuned(config(sums=0, draws=2), "raw")["rivals"]
    assert (table.draws == STEPS + 1).all()


def test_the_best_comes_first_and_no_draw_is_worse_than_the_usual_constants(found):
    table = found[1]["rivals"]
    assert table.place.tolist() == list(range(1, len(table) + 1))
    assert table.objective.is_monotonic_increasing
    assert (table.objective <= table.usual_objective).all()
    assert (table.objective < table.usual_objective).any()


def test_sums_are_of_the_best_monomials(found):
    table = found[1]["rivals"]
    single = table[~table.rival.str.contains(" ")].rival.tolist()
    sums = set(table[table.rival.str.contains(" and ")].rival)
    best = single[:3]
    assert sums == {f"{one} and {other}" for at, one in enumerate(best) for other in best[at + 1 :]}


@pytest.mark.parametrize("place", [1, 2, SINGLE])
def test_an_objective_is_that_of_networks_that_learn_by_the_rule(found, place):
    deviation, tables = found
    theta, constants = (one[one.place == place] for one in (tables["theta"], tables["constants"]))
    assert set(constants["name"]) == {*OF_ALL, *OWN[deviation]}
    changed = dict(zip(constants["name"], constants["value"], strict=True))
    settings = everything(config()).changed(changed | {"plasticity.deviation": deviation})
    terms = list(zip(theta.k, theta.l, strict=True))
    values = torch.tensor(theta.theta.to_numpy())
    rule = build_rule.polynomial(settings, terms, values)
    judged = score(
        with_theta(rule, values[None]),
        build.network(settings, range(NETWORKS), torch.device("cpu"), purpose="rivals"),
        build.environment(settings),
        build.criterion(settings, TRIALS),
        generator=build.noise(settings, "rivals"),
    )
    expected = tables["rivals"].set_index("place").objective[place]
    assert judged.smoothed_error_rate.mean().item() == pytest.approx(expected, rel=1e-9), "order of sums"


def test_the_same_seed_gives_the_same_results():
    one, other = (tuned(config(sums=0), "raw") for _ in range(2))
    for name in TABLES:
        pd.testing.assert_frame_equal(one[name], other[name], check_exact=True)


def test_without_a_learned_rule_there_are_no_jobs():
    for stage in ("rivals", "judge"):
        assert not list(registry.stages()[stage].jobs(config(learned_rule="")))
        assert list(registry.stages()[stage].jobs(config()))
