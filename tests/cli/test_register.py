"""The networks of the best rule in MLflow's registry: they answer when they are loaded, and a version follows another."""

import mlflow
import numpy as np
import pytest
import torch
from mlflow import MlflowClient

import solution_files
from made import crossed
from solution_files import NETWORKS
from threefactor.analysis.solutions.comparison_columns import LEVELS
from threefactor.cli.main import main
from threefactor.experiment import build
from threefactor.network.simulate import simulate
from threefactor.pipeline import solution_file
from threefactor.pipeline.settings import load
from threefactor.training.batch import select
from threefactor.training.evaluation import at_rest, evaluate, noise_free_trial

MEANS = {"theta_33": 500.0, "theta_13": 300.0, "bptt": 9.0}
"""Of trials, at both levels."""

ROUNDING = {"rtol": 1e-11, "atol": 1e-13}
"""Compiled scans sum in another order."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder with results of three rules and a store, which takes seconds to make."""
    place = tmp_path_factory.mktemp("register")
    tracking = {"uri": f"sqlite:///{place}/mlflow.db", "experiment": "tests"}
    for rule in MEANS:
        for number in range(2):
            solution_files.write(place / "results", rule, number, tracking=tracking)
    table = crossed(
        LEVELS,
        learning_rule=list(MEANS),
        level=[0.7, 0.5],
        restricted_mean=lambda table: table.learning_rule.map(MEANS),
    )
    (place / "results/compare_learning").mkdir()
    table.to_csv(place / "results/compare_learning/levels.csv", index=False)
    return place


@pytest.fixture
def store(folder):
    """Return the store, which MLflow's own functions use during the test."""
    before, uri = mlflow.get_tracking_uri(), f"sqlite:///{folder}/mlflow.db"
    mlflow.set_tracking_uri(uri)
    yield uri
    mlflow.set_tracking_uri(before)


def register(folder, *words):
    return main(["register", "--config", str(folder / "results/config.yaml"), *words])


def solutions(folder, rule):
    """Return both batches of a rule."""
    paths = [folder / f"results/retrain/{rule}/{number}.safetensors" for number in range(2)]
    return [solution_file.solution(solution_file.read(path)) for path in paths]


def task_of(folder):
    return build.task(load.load(folder / "results/config.yaml"))


def answers(folder, batches):
    """Return the outputs of networks in noise-free trials, one of each type; trial, network, time, output."""
    task, outputs = task_of(folder), []
    for y in range(len(task.trial_types)):
        trials = [noise_free_trial(network, task, y) for network in batches]
        runs = [
            simulate(one, trial.inputs, *at_rest(one, trial))
            for one, trial in zip(batches, trials, strict=True)
        ]
        outputs.append(torch.cat([run.output for run in runs]))
    return torch.stack(outputs).numpy()


def inputs(folder):
    """Return noise-free inputs, a trial of each type."""
    task = task_of(folder)
    trial_types = torch.arange(len(task.trial_types))
    return task.draw(trial_types, generator=None, dtype=torch.float64).inputs.numpy()


def test_the_best_rule_answers_and_a_second_call_makes_a_second_version(folder, store, capsys):
    for version in (1, 2):
        assert register(folder) == 0
        said = capsys.readouterr().out.splitlines()
        assert said[0] == "best of 2 rules: theta_13, restricted mean 300 trials"
        assert f"threefactor-dnms, version {version}, alias best: {2 * NETWORKS} networks" in said[1]
    found = MlflowClient(store).get_model_version_by_alias("threefactor-dnms", "best")
    assert int(found.version) == 2
    assert found.tags["threefactor.learning_rule"] == "theta_13"
    model = mlflow.pyfunc.load_model("models:/threefactor-dnms@best")
    shown = inputs(folder)
    expected = answers(folder, [one.after for one in solutions(folder, "theta_13")])
    np.testing.assert_allclose(model.predict(shown), expected, **ROUNDING)
    assert [one.shape for one in model.metadata.signature.inputs] == [(-1, -1, shown.shape[2])]
    np.testing.assert_array_equal(model.input_example, shown)
    assert model.predict(shown[:1, :9]).shape == (1, 2 * NETWORKS, 9, 1)


def test_the_run_tells_how_good_the_networks_are(folder, store):
    assert register(folder, "--rule", "bptt", "--name", "other") == 0
    client = MlflowClient(store)
    run = client.get_run(client.get_model_version_by_alias("other", "best").run_id)
    assert run.info.status == "FINISHED"
    assert run.data.params["learning_rule"] == "bptt"
    both = [evaluate(one.after, task_of(folder)) for one in solutions(folder, "bptt")]
    error, accuracy = (torch.cat(parts).mean().item() for parts in zip(*both, strict=True))
    wanted = {"noise_free_error": error, "noise_free_accuracy": accuracy}
    assert run.data.metrics == pytest.approx(wanted, rel=1e-11)


def test_at_a_level_networks_are_those_that_crossed_it(folder, store):
    assert register(folder, "--rule", "theta_33", "--level", "0.5", "--name", "at level") == 0
    model = mlflow.pyfunc.load_model("models:/at level@best")
    there = [select(one.at[0.5], one.crossed[0.5] >= 0) for one in solutions(folder, "theta_33")]
    np.testing.assert_allclose(model.predict(inputs(folder)), answers(folder, there), **ROUNDING)


WRONG = {
    "no such rule": (["--rule", "rflo"], "rflo/0.safetensors: must be a file that stage retrain wrote"),
    "no such level": (["--rule", "bptt", "--level", "0.1"], "level = 0.1: must be one of 0.7, 0.5"),
    "a name that is none": (["--rule", "bptt", "--name", "a/b"], "model 'a/b': Invalid model name"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_use_is_one_line(folder, store, capsys, case):
    words, message = WRONG[case]
    assert register(folder, *words) == 2
    error = capsys.readouterr().err
    assert error.startswith("Error: ")
    assert message in error
    assert error.count("\n") == 1


def test_without_a_table_or_a_store_one_line_says_what_to_do(tmp_path, capsys):
    solution_files.write(tmp_path)
    assert main(["register", "--config", str(tmp_path / "config.yaml")]) == 2
    assert "tracking.uri = '': must be the address of a store" in capsys.readouterr().err
    solution_files.write(tmp_path, tracking={"uri": f"sqlite:///{tmp_path}/mlflow.db"})
    assert main(["register", "--config", str(tmp_path / "config.yaml")]) == 2
    assert "compare_learning/levels.csv: must be there to find the best rule" in capsys.readouterr().err
    assert not (tmp_path / "mlflow.db").exists()
