"""Stage tune: draws within the bounds of a rule, judged on the same networks."""

import math
from typing import NamedTuple

import pytest
import torch

from stages.tune.tuned_runs import CPU, DRAWS, LEVELS, NETWORKS, SETTINGS, TRIALS, TUNED, config, tuned
from threefactor.experiment import build, build_rule, rules
from threefactor.experiment.follow_batch import evaluation_trials
from threefactor.experiment.train_batch import CHUNK
from threefactor.experiment.view import everything, value_at
from threefactor.pipeline import registry
from threefactor.pipeline.settings import load
from threefactor.stages.tune.compute import draws, usual_constants
from threefactor.stages.tune.tables import TABLES
from threefactor.training.followed_run import Plan, follow, start_following


@pytest.mark.parametrize("rule", TUNED)
def test_draws_lie_within_the_bounds_and_begin_with_the_usual_constants(rule):
    settings = everything(config(draws=40))
    usual, bounds = usual_constants(settings, rule), rules.tuned_keys(rule)
    assert usual == {key: value_at(settings, key) for key in bounds}
    first, *others = draws(settings, rule, usual)
    assert first == usual
    assert len(others) == 39
    for key, (low, high) in bounds.items():
        found = torch.tensor([one[key] for one in others], dtype=torch.float64) / usual[key]
        assert found.min() >= low
        assert found.max() <= high
        is_low = found < (low * high) ** 0.5
        # of 39 Sobol points in the logarithm half are below the middle; rounding moves some of the whole numbers
        assert 15 <= is_low.sum() <= 24


def test_whole_numbers_stay_whole_and_take_both_ends():
    settings = everything(config(draws=40))
    intervals = [
        one["learning_rules.force.interval"]
        for one in draws(settings, "force", usual_constants(settings, "force"))
    ]
    assert {type(one) for one in intervals} == {int}
    assert set(intervals) == set(range(1, 11))


def test_draws_are_those_of_the_seed_and_the_rule():
    def drawn(rule, seed=1, **tune):
        settings = everything(config(**tune)).changed({"seed": seed})
        return draws(settings, rule, usual_constants(settings, rule))

    assert drawn("rflo") == drawn("rflo")
    assert drawn("rflo", draws=3) == drawn("rflo")[:3]
    assert drawn("rflo", draws=1) == drawn("rflo")[:1]
    other = drawn("rflo", seed=2)
    assert other[0] == drawn("rflo")[0]
    assert all(one != before for one, before in zip(other[1:], drawn("rflo")[1:], strict=True))
    shares = [
        [value / one[0][key] for key, value in one[1].items()] for one in (drawn("rflo"), drawn("eprop"))
    ]
    assert shares[0] != shares[1], "of the same bounds"


class Judged(NamedTuple):
    """What a draw comes to."""

    objective: float
    error: float
    trials: int


def judged(settings, rule, constants):
    """Let the networks of tuning learn with these constants to the end, and take what the stage takes of it.

    It goes on by so many trials at a time, as long as a network is not at every level.
    """
    made = build_rule.learning_rule(settings.changed(constants), rule, None, CPU)
    network = build.network(settings, range(NETWORKS), CPU, purpose="tune")
    evaluations = evaluation_trials(TRIALS, 0.3, ())
    plan = Plan(TRIALS, build.criterion(settings), LEVELS, evaluations, ())
    environment, noise = build.environment(settings), build.noise(settings, "tune")
    start = start_following(made, network, environment, plan)
    run = follow(start, made, network, environment, plan, TRIALS, generator=noise)
    when = [trial if trial >= 0 else TRIALS for row in run.levels.trial.tolist() for trial in row]
    simulated = TRIALS if (run.levels.trial < 0).any() else min(TRIALS, CHUNK * math.ceil(max(when) / CHUNK))
    last = max(place for place, trial in enumerate(evaluations) if trial <= simulated)
    error = sorted(run.found.error[:, last].tolist())[NETWORKS // 2]
    return Judged(sum(when) / len(when), error, simulated * NETWORKS)


@pytest.mark.parametrize("rule", TUNED)
def test_each_draw_is_judged_on_the_same_networks_and_trials(rule):
    settings, found = everything(config()), tuned(config(), rule)
    table = found["draws"]
    assert list(table) == TABLES["draws"].names()
    assert table.draw.tolist() == [draw for draw in range(DRAWS) for _ in range(2)]
    drawn = draws(settings, rule, usual_constants(settings, rule))
    for draw, part in table.groupby("draw"):
        assert dict(zip(part["name"], part["value"], strict=True)) == drawn[draw]
        for name, value in judged(settings, rule, drawn[draw])._asdict().items():
            assert part[name].tolist() == [value] * 2
    assert (table.diverged == 0).all()
    assert table.objective.nunique() > 1, "constants matter"
    assert (table.trials < NETWORKS * TRIALS).any() == (rule == "force"), (
        "the one that gets everywhere in time"
    )


@pytest.mark.parametrize("rule", TUNED)
def test_the_best_draw_is_named_with_the_budget(rule):
    found = tuned(config(), rule)
    table, drawn = found["tuned"], found["draws"]
    assert list(table) == TABLES["tuned"].names()
    best = drawn[drawn.objective == drawn.objective.min()]
    best = best[best.draw == best.draw.min()]
    assert table["name"].tolist() == best["name"].tolist()
    assert table["value"].tolist() == best["value"].tolist()
    assert set(table.objective) == {drawn.objective.min()}
    assert table.usual.tolist() == drawn[drawn.draw == 0]["value"].tolist()
    assert set(table.usual_objective) == {drawn.objective[0]}
    budget = table[["draws", "networks", "trials"]].drop_duplicates()
    simulated = drawn.groupby("draw").trials.first().sum()
    assert budget.to_numpy().tolist() == [[DRAWS, NETWORKS, simulated]]


def test_networks_that_get_nowhere_leave_the_usual_constants():
    nowhere = {**SETTINGS, "retrain": {**SETTINGS["retrain"], "levels": [1e-3]}, "analyse": {"level": 1e-3}}
    found = tuned(load.parse(nowhere), "rflo")
    assert set(found["draws"].objective) == {TRIALS}
    assert found["tuned"]["value"].tolist() == found["tuned"]["usual"].tolist()


def test_a_single_draw_is_of_the_usual_constants():
    found = tuned(config(draws=1), "rflo")
    assert found["draws"].draw.tolist() == [0, 0]
    assert found["tuned"]["value"].tolist() == found["tuned"]["usual"].tolist()


def test_constants_of_the_settings_are_the_usual_ones():
    key = "learning_rules.rflo.learning_rate"
    plain, changed = tuned(config(), "rflo"), tuned(config(constants={"rflo": {key: 0.5}}), "rflo")
    of_key = [one["tuned"].set_index("name").loc[key] for one in (plain, changed)]
    assert of_key[0].usual != 0.5
    assert of_key[1].usual == 0.5
    assert of_key[1].usual_objective == judged(everything(config()), "rflo", {key: 0.5}).objective


def test_a_rule_that_is_not_there_is_refused():
    spec = registry.stages()["tune"]
    assert "must be theta_<k><l>" in spec.accepts(config(), {"tuned_rule": "nonsense"})
    assert spec.accepts(config(), {"tuned_rule": "bptt"}) is None, "by hand"
    assert [values["tuned_rule"] for values in spec.jobs(config())] == TUNED
