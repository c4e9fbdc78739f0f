"""Stages judge and compare_rivals: fresh networks under a learned rule, references and the best rivals."""

import importlib
from pathlib import Path

import pandas as pd
import pytest
import torch

from stages.rivals.rival_runs import DRAWS, SETTINGS, STEPS, config
from stages.tune.tuned_runs import ran
from threefactor.analysis.learning.judged import CRITERION, JUDGED
from threefactor.experiment import build, build_rule
from threefactor.experiment.follow_batch import plan_to
from threefactor.experiment.view import everything
from threefactor.metalearning.rivals import STRENGTHS
from threefactor.pipeline import registry
from threefactor.pipeline.storage import outputs
from threefactor.stages.judge.tables import TABLES
from threefactor.training.followed_run import follow, start_following

NAMES = ["learned_1", "mine", "theta_33", "start_mine", "standardised_1", "raw_1"]
NETWORKS, HORIZON = SETTINGS["rivals"]["held_out_networks"], SETTINGS["rivals"]["horizon"]
CPU = torch.device("cpu")


def stage(name):
    return importlib.import_module(f"threefactor.stages.{name}.compute").compute


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Run all jobs of these stages, and return the settings and where outputs are, by stage and what a job is of."""
    settings = config(tmp_path_factory.mktemp("rivals"))
    ran("metalearn", stage("metalearn"), settings, learned_rule="mine")
    found = {}
    for name in ("rivals", "judge", "compare_rivals"):
        for values in registry.stages()[name].jobs(settings):
            found[name, *values.values()] = ran(name, stage(name), settings, **values)
    return settings, found


def tables(paths):
    return {name: outputs.read_table(path) for name, path in paths.items()}


def test_the_learned_rule_references_and_the_best_rivals_are_judged(made):
    assert [key[1] for key in made[1] if key[0] == "judge"] == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_all_are_judged_on_the_same_networks(made, name):
    found = tables(made[1]["judge", name])
    for key, table in found.items():
        assert list(table) == TABLES[key].names()
    assert found["networks"].network.tolist() == list(range(NETWORKS))
    assert (found["networks"].trials == HORIZON).all()
    assert found["networks"].error_last.nunique() == NETWORKS


@pytest.mark.parametrize("family", ["standardised", "raw"])
def test_a_rival_learns_as_it_was_tuned(made, family):
    settings, found = made
    theta, constants = (tables(found["rivals", family])[name] for name in ("theta", "constants"))
    best, own = theta[theta.place == 1], constants[constants.place == 1]
    changed = dict(zip(own["name"], own["value"], strict=True)) | {"plasticity.deviation": family}
    under = everything(settings).changed(changed)
    rule = build_rule.polynomial(
        under, list(zip(best.k, best.l, strict=True)), torch.tensor(best.theta.to_numpy())
    )
    network = build.network(under, range(NETWORKS), CPU, purpose="judge")
    environment, plan = build.environment(under), plan_to(under, HORIZON, [0.97])
    run = start_following(rule, network, environment, plan)
    run = follow(run, rule, network, environment, plan, HORIZON, generator=build.noise(under, "judge", 0))
    judged = tables(found["judge", f"{family}_1"])["networks"]
    assert judged.noise_free_error.tolist() == pytest.approx(run.found.error[:, -1].tolist(), rel=1e-9)


def test_the_constants_of_the_learned_rule_are_tuned_with_what_learning_left(made):
    settings, found = made
    tuned = tables(found["rivals", "learned"])
    (row,) = tuned["rivals"].to_dict("records")
    assert row["draws"] == DRAWS - STEPS
    assert row["objective"] <= row["usual_objective"]
    learned = outputs.read_table(Path(settings.results) / "metalearn/mine/theta.csv")
    ratio = tuned["theta"].theta / learned.theta
    assert ratio.min() == pytest.approx(ratio.max()), "strength alone"
    assert ratio[0] in [pytest.approx(strength) for strength in STRENGTHS[: row["draws"]]]
    assert tuned["constants"].value.tolist() == pytest.approx(tuned["constants"].usual.tolist())


def test_rivals_that_are_not_there_are_refused(made):
    with pytest.raises(ValueError, match=r"--judged raw_99: must be up to raw_\d+"):
        ran("judge", stage("judge"), made[0], judged="raw_99")


def test_all_are_compared_with_the_learned_rule(made):
    settings, found = made
    table = outputs.read_table(found["compare_rivals",]["judged"])
    assert list(table) == JUDGED.names()
    assert set(table.goal) == {CRITERION, "0.97"}
    assert set(table.judged) == set(NAMES)
    named = table.drop_duplicates("judged").set_index("judged").rival
    for family in settings.rivals.deviations:
        best = tables(found["rivals", family])["rivals"].rival[0]
        assert named[f"{family}_1"] == best
    assert pd.isna(named["mine"])
    for rule in ("theta_33", "start_mine"):
        assert named[rule] == rule, "a rule without learning, too"
