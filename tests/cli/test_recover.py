"""`recover`: a ground-truth rule, a file of one's own, and one line for what is wrong in it."""

import numpy as np
import pandas as pd
import pytest

from threefactor.cli.main import main

SETTINGS = """
device: cpu
task: {duration_ms: 200.0}
network: {units: 16, clamped: {1: 1.0}}
perturbation: {rate_per_ms: 0.01}
plasticity: {warm_up_trials: 4}
tracking: {uri: ""}
"""
WORDS = ["--config", "tiny.yaml", "--degree", "3", "--trials", "12", "--units", "6"]


@pytest.fixture(scope="module")
def ground_truth(tmp_path_factory):
    """Record networks that learn by a rule of two terms, and recover it."""
    folder = tmp_path_factory.mktemp("recover")
    (folder / "tiny.yaml").write_text(SETTINGS)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        rule = ["--theta", "33=-1", "12=0.05", "--noise", "0.05", "--rate-noise", "0.001"]
        assert main(["recover", *rule, "--save-data", "seen.npz", "--output", "found.svg", *WORDS]) == 0
    return folder


def test_the_terms_of_a_rule_are_found_and_no_others(ground_truth):
    table = pd.read_csv(ground_truth / "found.csv")
    exact = table[table.data == "no noise"]
    assert (exact.recovered - exact.true).abs().max() < 1e-6
    assert set(zip(exact.k[exact.found], exact.l[exact.found], strict=True)) == {(3, 3), (1, 2)}
    assert list(dict.fromkeys(table.data)) == [
        "no noise",
        "changes ± 0.05 rms",
        "rates ± 0.001",
        "rates ± 0.001, twice",
    ]
    constants = pd.read_csv(ground_truth / "found.constants.csv")
    assert set(constants.constant) == {
        "trace_decay",
        "eligibility_decay",
        "baseline_decay",
        "baseline_exponent",
    }
    assert (ground_truth / "found.svg").exists()
    assert len(pd.read_csv(ground_truth / "found.trials.csv")) >= 4


@pytest.mark.parametrize("lacking", ["baseline_exponent", "clip", "learning_rate", "nothing"])
def test_the_recording_gives_the_rule_back(ground_truth, lacking, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    seen = dict(np.load(ground_truth / "seen.npz"))
    unit = seen["learning_rate"] if lacking == "learning_rate" else 1.0
    seen.pop(lacking, None)
    np.savez("own.npz", **seen)
    assert (
        main(["recover", "--data", "own.npz", "--degree", "3", "--config", str(ground_truth / "tiny.yaml")])
        == 0
    )
    table = pd.read_csv("results/recover/own/recovery.csv").set_index(["k", "l"])
    assert table.recovered[3, 3] / unit == pytest.approx(-1, abs=1e-5)
    assert table.recovered[1, 2] / unit == pytest.approx(0.05, abs=1e-5)
    if lacking == "baseline_exponent":
        constants = pd.read_csv("results/recover/own/recovery.constants.csv")
        assert constants.best.iloc[0] == pytest.approx(2.1, abs=1e-4)


WRONG = {
    "missing": (lambda a: a.pop("reward"), ("'reward'",)),
    "unknown": (lambda a: a.update(rates=a["rate"]), ("'rates'", "rate, change, reward")),
    "shape": (lambda a: a.update(reward=a["reward"][:, 1:]), ("reward", "(2, 15)", "(2, 16)")),
    "axes": (lambda a: a.update(rate=a["rate"][0]), ("rate", "(16, 21, 16)", "4 axes")),
    "not a number": (lambda a: a["rate"].__setitem__((0, 0, 0, 0), np.nan), ("rate", "1 values")),
    "no unit": (lambda a: a.pop("state"), ("'state'", "'unit'", "6 of 16")),
    "trial type": (lambda a: a.update(trial_type=a["trial_type"] - 0.5), ("trial_type", "whole numbers from 0")),
    "few trials": (lambda a: a.update(learning=0 * a["learning"]), ("0 trials", "at least 5")),
    "few synapses": (lambda a: a.update(plastic=0 * a["plastic"]), ("0 changes", "at least 32", "16 terms")),
    "collinear": (lambda a: a.update(rate=0 * a["rate"] + 1), ("collinear", "--degree")),
    "half a measurement": (lambda a: a.update(rate_again=a["rate"]), ("'rate_again'", "'state_again'")),
}  # fmt: skip
"""What is changed in a recording, and what the message names."""


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_in_a_file_is_one_line(case, ground_truth, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    seen = {name: part.copy() for name, part in np.load(ground_truth / "seen.npz").items()}
    change, named = WRONG[case]
    change(seen)
    np.savez("odd.npz", **seen)
    assert (
        main(["recover", "--data", "odd.npz", "--degree", "3", "--config", str(ground_truth / "tiny.yaml")])
        == 2
    )
    error = capsys.readouterr().err
    assert error.startswith("Error: --data odd.npz: ")
    assert "must " in error
    assert all(word in error for word in named)
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--data", "none.npz"], ("--data none.npz", "must be")),
        (["--data", "tiny.yaml"], ("--data tiny.yaml", "must end in .npz or .safetensors")),
        (["--degree", "0"], ("recover.degree = 0", "must be")),
        (["--degree", "2", "--theta", "random"], ("recover.degree = 2", "term 33", "'random'")),
        (["--theta", "55"], ("term 55", "--degree")),
        (["--trials", "4"], ("recover.trials = 4", "must be")),
        (["--output", "terms=a.csv", "b.csv"], ("--output", "must be one path")),
    ],
)
def test_what_is_wrong_on_the_command_line_is_one_line(words, named, ground_truth, monkeypatch, capsys):
    monkeypatch.chdir(ground_truth)
    assert main(["recover", *WORDS, *words]) == 2
    error = capsys.readouterr().err
    assert all(word in error for word in named)
    assert error.count("\n") == 1


def test_a_table_of_a_rule_that_takes_another_deviation_is_refused(
    ground_truth, monkeypatch, tmp_path, capsys
):
    monkeypatch.chdir(ground_truth)
    path = tmp_path / "mine.csv"
    path.write_text("k,l,theta,deviation\n3,3,-1.5,standardised\n")
    assert main(["recover", *WORDS, "--theta", str(path)]) == 2
    error = capsys.readouterr().err
    assert f"--theta {path}: plasticity.deviation = 'standardised': must be 'raw'" in error


def test_a_weight_dependent_rule_is_refused(tmp_path, capsys):
    path = tmp_path / "own.yaml"
    path.write_text("plasticity: {weight_linear: 0.3}\n")
    assert main(["recover", "--theta", "33", "--config", str(path)]) == 2
    assert "plasticity.weight_linear = 0.3: must be 0.0" in capsys.readouterr().err
