"""``import threefactor as tf``: train, simulate, differentiate, meta-learn, load and compare, in a few lines each."""

import doctest
import subprocess
import sys

import pytest
import torch

import solution_files
import threefactor as tf
from threefactor import api
from threefactor.cli.main import main
from threefactor.experiment.settings.errors import SettingsError
from threefactor.metalearning.constraints import Constraint
from threefactor.metalearning.coordinates import CoordinateSystem
from threefactor.metalearning.estimators import pathwise
from threefactor.pipeline.storage import arrays
from threefactor.pipeline.storage.damage import DamagedError
from threefactor.training.trial import start_learning

TINY = {
    "device": "cpu",
    "task": {"duration_ms": 200.0},
    "network": {"units": 16},
    "plasticity": {"warm_up_trials": 2},
    "criterion": {"window": 5, "horizon": 20},
    "metalearn": {
        "trials": 6,
        "steps": 2,
        "networks": 2,
        "held_out_networks": 0,
        "held_out_trials": 6,
        "scaling_networks": 2,
        "rules": {"small": {"start": "random", "terms": ["33", "13"]}},
    },
    "retrain": {"networks": 3, "batches": 1, "rules": ["theta_33", "bptt"], "snapshots": [0]},
    "align": {"snapshots": [0]},
    "tracking": {"uri": ""},
}


@pytest.fixture
def settings():
    return tf.load_settings(TINY)


def test_the_import_is_light():
    code = "import sys, threefactor; print('torch' in sys.modules, 'matplotlib' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).split() == ["False", "False"]


def test_public_names_are_there_and_others_are_named():
    assert set(dir(tf)) >= {"train", "simulate", "load_solution", "propagate_tangents"}
    with pytest.raises(AttributeError, match="no attribute 'trian'"):
        _ = tf.trian


WRONG = {
    "negative power": ({(-1, 3): 1.0}, r"term \(-1, 3\): must be two powers"),
    "one power": ({"33": 1.0}, r"term '33': must be two powers"),
    "no number": ({(3, 3): float("nan")}, r"coefficient of \(3, 3\) = nan: must be finite"),
    "no term": ({}, r"rule = \{\}: must have a term"),
    "no such rule": ("theta_3", r"rule = 'theta_3': must be theta_<k><l>"),
    "a list": ([(3, 3)], r"rule = \[\(3, 3\)\]: must be a name"),
    "a rule that moves a unit's readout": ("force", r"rule: 'force' moves the weights of the readout"),
    "a rule in a file": ("small", r"rule = 'small': must be read by load_rule"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_no_rule_is_refused_in_one_line(settings, case):
    rule, words = WRONG[case]
    with pytest.raises(SettingsError, match=words):
        tf.make_rule(settings, rule)


def test_what_cannot_be_done_is_refused_in_one_line(settings):
    bptt, network = tf.make_rule(settings, "bptt"), tf.draw_networks(settings, 1)
    with pytest.raises(SettingsError, match="count = 0"):
        tf.draw_networks(settings, 0)
    with pytest.raises(SettingsError, match="rule = 'bptt': must be a polynomial"):
        tf.plot_rule(bptt)
    with pytest.raises(SettingsError, match="rule = 'bptt': must be a polynomial"):
        list(tf.propagate_tangents(settings, bptt, network, 1))
    for count in (2.5, -1):
        with pytest.raises(SettingsError, match=rf"count = {count}: must be a whole number from 1 on"):
            tf.draw_networks(settings, count)
    with pytest.raises(SettingsError, match="count = -3: must be a whole number from 0 on"):
        list(tf.draw_trials(settings, network, -3))
    other = tf.load_settings({**TINY, "network": {"units": 18}})
    with pytest.raises(SettingsError, match="same number of units"):
        tf.compare(settings, [network, tf.draw_networks(other, 1)])
    with pytest.raises(SettingsError, match=r"networks = \[\]"):
        tf.compare(settings, [])
    with pytest.raises(SettingsError, match=r"the whole = \[1\]"):
        tf.load_settings([1])


OTHERS = {
    "leak": {"network": {"units": 16, "time_step_ms": 20.0}},
    "precision": {"precision": "float64"},
    "outputs": {"task": {"name": "context", "duration_ms": 200.0}},
}


@pytest.mark.parametrize("word", OTHERS)
def test_networks_and_rules_of_other_settings_are_refused(settings, word):
    other = tf.load_settings({**TINY, **OTHERS[word]})
    rule, network = tf.make_rule(settings, "theta_33"), tf.draw_networks(settings, 1)
    with pytest.raises(SettingsError, match=rf"network: (input channels|{word}) "):
        tf.train(other, rule, network)
    if word != "outputs":
        with pytest.raises(SettingsError, match=r"rule: (time step|precision)"):
            tf.train(other, rule, tf.draw_networks(other, 1))


def test_networks_of_another_task_learn_in_its_environment(settings):
    other = tf.load_settings({**TINY, **OTHERS["outputs"]})
    rule, network = tf.make_rule(settings, "theta_33"), tf.draw_networks(other, 2)
    run = tf.train(settings, rule, network, environment=tf.make_environment(other))
    torch.testing.assert_close(run.error, tf.train(other, rule, network).error, equal_nan=True)


def test_a_file_of_something_else_is_no_solution(settings, tmp_path):
    path = tmp_path / "other.safetensors"
    arrays.save(path, {"other": torch.zeros(2)})
    with pytest.raises(DamagedError, match=r"other\.safetensors: has no array initial\.weights: must have "):
        tf.load_solution(path, settings)


def test_networks_that_were_trained_are_loaded_in_three_lines(tmp_path, monkeypatch):
    solution_files.write(tmp_path / "results")
    monkeypatch.chdir(tmp_path)
    found = tf.load_solution("results/retrain/bptt/0.safetensors")
    settings = tf.load_settings("results/config.yaml")
    given = tf.load_solution("results/retrain/bptt/0.safetensors", settings)
    assert torch.equal(found.after.weights, given.after.weights)
    assert tf.compare(settings, [found.before, found.after]).shape == (6, 6)


def test_trained_networks_go_to_other_programs(tmp_path):
    path = solution_files.write(tmp_path / "results")
    assert tf.export_solution(path, tmp_path / "out.npz") == [tmp_path / "out.npz"]
    settings, network = tf.load_settings(tmp_path / "results/config.yaml"), tf.load_solution(path).after
    (trial,) = tf.draw_trials(settings, network, 1)
    output, state = tf.to_module(network)(trial.trial.inputs, trial.start, trial.perturbation)
    expected = tf.simulate(network, trial)
    torch.testing.assert_close(output, expected.output)
    torch.testing.assert_close(state, expected.state)


def test_trained_networks_come_as_labelled_arrays(tmp_path):
    pytest.importorskip("xarray", reason="optional: pip install -e '.[export]'")
    path = solution_files.write(tmp_path / "results")
    found, network = tf.load_dataset(path), tf.load_solution(path).after
    assert found.final_weights.sel(network=1, unit_post=2).values.tolist() == network.weights[1, 2].tolist()
    assert found.attrs["task"] == "dnms"


def test_the_example_of_the_module_runs():
    result = doctest.testmod(api)
    assert result.attempted > 4
    assert result.failed == 0


def test_networks_train_as_the_stage_trains_them(settings, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.yaml").write_text(str({**TINY}).replace("'", '"'))
    assert main(["retrain", "--learning-rule", "theta_33", "--batch", "0", "--config", "tiny.yaml"]) == 0
    solution = tf.load_solution("results/retrain/theta_33/0.safetensors", settings)
    network = tf.draw_networks(settings, 3, purpose="retrain")
    assert torch.equal(solution.before.weights, network.weights)
    run = tf.train(settings, tf.make_rule(settings, {(3, 3): -1.0}), network)
    assert run.error.shape == (3, 20)
    assert (run.weights != network.weights).any()
    distance = tf.compare(settings, [solution.before, solution.after])
    assert distance.shape == (6, 6)
    assert torch.equal(distance, distance.T)
    assert (tf.compare(settings, [solution.before, solution.after], "cka") >= 0).all()
    moved = tf.compare(settings, [solution.before, solution.after], "weights_aligned")
    assert (moved.diagonal(3) > 0).all()
    assert (moved.diagonal(3) < moved[0, 1]).all(), "what a network learned is less than what tells two apart"
    with pytest.raises(SettingsError, match=r"^distance = 'other': must be one of cka, procrustes"):
        tf.compare(settings, [solution.before], "other")


def test_tangents_are_the_slope_of_the_reward(settings):
    exact = settings.changed({"precision": "float64", "task.reward": "squared"})
    network = tf.draw_networks(exact, 2)
    rewards, step = {}, 1e-6
    for shift in (-step, 0.0, step):
        rule = tf.make_rule(exact, {(3, 3): -1.0 + shift})
        trials = list(tf.propagate_tangents(exact, rule, network, 6))
        rewards[shift] = torch.stack([one.record.outcome.feedback.reward for one in trials])
        if shift == 0:
            tangent = torch.stack([one.reward_tangent[:, 0] for one in trials])
    slope = (rewards[step] - rewards[-step]) / (2 * step)
    assert (tangent != 0).any()
    torch.testing.assert_close(tangent, slope, rtol=1e-5, atol=1e-8)


def test_meta_learning_in_a_loop_of_ones_own(settings):
    """Two steps of θ, on networks and trials that the caller draws."""
    network = tf.draw_networks(settings, 3)
    rule = tf.make_rule(settings, {(1, 3): -1.0, (3, 3): -1.0})
    system = CoordinateSystem(list(rule.params.terms), torch.ones(2), None)

    def draw(step, hyperparameters):
        learner = start_learning(rule, network, len(tf.make_task(settings).trial_types))
        trials = tf.draw_trials(settings, network, 8, purpose=f"step {step}")
        return [tf.Sample(rule, learner, trials, tf.generator(1, "noise", step))]

    problem = tf.Problem(system, (8, 8), draw, pathwise.estimate, Constraint(norm=1.0), learning_rate=0.1)
    search = tf.outer_loop.start(problem, torch.tensor([0.0, -1.0]))
    while not tf.outer_loop.is_finished(problem, search):
        search = tf.outer_loop.step(problem, search)
    found = tf.outer_loop.best(problem, search)
    assert found.step == 2
    assert found.theta.norm().item() == pytest.approx(1.0)
    assert (found.theta != torch.tensor([0.0, -1.0])).all()


def test_a_trial_is_simulated_and_a_rule_is_drawn(settings):
    network = tf.draw_networks(settings, 2)
    (trial,) = tf.draw_trials(settings, network, 1)
    assert tf.simulate(network, trial).output.shape == (2, tf.make_task(settings).steps, 1)
    figure = tf.plot_rule(tf.make_rule(settings, {(1, 3): -0.5, (3, 3): -1.0}), title="two terms")
    assert [ax.get_title() or ax.get_title(loc="left") for ax in figure.axes][:2] == ["two terms", "H(r, Δx)"]


def test_a_rule_comes_out_of_the_folder_that_meta_learning_wrote(settings, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.yaml").write_text(str({**TINY}).replace("'", '"'))
    assert main(["metalearn", "--learned-rule", "small", "--config", "tiny.yaml"]) == 0
    rule = tf.load_rule(settings, "results/metalearn/small")
    assert sorted(rule.params.terms) == [(1, 3), (3, 3)]
    with pytest.raises(FileNotFoundError, match="stage metalearn writes it"):
        tf.load_rule(settings, "results/metalearn/none")
