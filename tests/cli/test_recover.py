"""`recover`: a hidden rule, a file of one's own, and one line for what is wrong in it."""

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
def house(tmp_path_factory):
    """Hide a rule of two terms, and keep its recording."""
    folder = tmp_path_factory.mktemp("recover")
    (folder / "tiny.yaml").write_text(SETTINGS)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        hidden = ["--theta", "33=-1", "12=0.05", "--noise", "0.05", "--rate-noise", "0.001"]
        assert main(["recover", *hidden, "--save-data", "seen.npz", "--output", "hidden.svg", *WORDS]) == 0
    return folder


def test_a_hidden_rule_is_found_and_nothing_else(house):
    table = pd.read_csv(house / "hidden.csv")
    exact = table[table.data == "no noise"]
    assert (exact.recovered - exact.true).abs().max() < 1e-6
    assert set(zip(exact.k[exact.found], exact.l[exact.found], strict=True)) == {(3, 3), (1, 2)}
    assert list(dict.fromkeys(table.data)) == [
        "no noise",
        "changes ± 0.05 rms",
        "rates ± 0.001",
        "rates ± 0.001, twice",
    ]
    constants = pd.read_csv(house / "hidden.constants.csv")
    assert set(constants.constant) == {
        "trace_decay",
        "eligibility_decay",
        "baseline_decay",
        "baseline_exponent",
    }
    assert (house / "hidden.svg").exists()
    assert len(pd.read_csv(house / "hidden.trials.csv")) >= 4


@pytest.mark.parametrize("lacking", ["baseline_exponent", "clip", "learning_rate", "nothing"])
def test_the_recording_gives_the_rule_back(house, lacking, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    seen = dict(np.load(house / "seen.npz"))
    unit = seen["learning_rate"] if lacking == "learning_rate" else 1.0
    seen.pop(lacking, None)
    np.savez("own.npz", **seen)
    assert main(["recover", "--data", "own.npz", "--degree", "3", "--config", str(house / "tiny.yaml")]) == 0
    table = pd.read_csv("results/recover/own/recovery.csv").set_index(["k", "l"])
    assert table.recovered[3, 3] / unit == pytest.approx(-1, abs=1e-5)
    assert table.recovered[1, 2] / unit == pytest.approx(0.05, abs=1e-5)
    if lacking == "baseline_exponent":
        constants = pd.read_csv("results/recover/own/recovery.constants.csv")
        assert constants.best.iloc[0] == pytest.approx(2.1, abs=1e-4)


WRONG = {
    "missing": (lambda a: a.pop("reward"), "array 'reward' is missing (networks, trials: reward of the trial)"),
    "unknown": (lambda a: a.update(rates=a["rate"]), "unknown array 'rates', allowed are rate, change, reward"),
    "shape": (lambda a: a.update(reward=a["reward"][:, 1:]), "reward has shape (2, 15), wanted is (2, 16)"),
    "axes": (lambda a: a.update(rate=a["rate"][0]), "rate has shape (16, 21, 16), wanted are 4 axes"),
    "not a number": (lambda a: a["rate"].__setitem__((0, 0, 0, 0), np.nan), "rate has 1 values that are not finite"),
    "no unit": (lambda a: a.pop("state"), "state is missing, or unit, since 6 of 16 units were seen"),
    "kind": (lambda a: a.update(kind=a["kind"] - 0.5), "kind holds other than whole numbers from 0"),
    "few trials": (lambda a: a.update(learning=0 * a["learning"]), "0 trials change weights, wanted are 5 and more"),
    "few synapses": (lambda a: a.update(plastic=0 * a["plastic"]), "0 changes of plastic synapses are too few for 16"),
    "collinear": (lambda a: a.update(rate=0 * a["rate"] + 1), "cannot be told apart in this recording"),
    "half a measurement": (lambda a: a.update(rate_again=a["rate"]), "rate_again wants state and state_again"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_in_a_file_is_one_line(case, house, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    seen = {name: part.copy() for name, part in np.load(house / "seen.npz").items()}
    change, words = WRONG[case]
    change(seen)
    np.savez("odd.npz", **seen)
    assert main(["recover", "--data", "odd.npz", "--degree", "3", "--config", str(house / "tiny.yaml")]) == 2
    error = capsys.readouterr().err
    assert error.startswith("Error: --data odd.npz: ")
    assert words in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--data", "none.npz"], "--data none.npz is no file"),
        (["--data", "tiny.yaml"], "--data tiny.yaml: allowed are names that end in .npz or .safetensors"),
        (["--degree", "0"], "options: recover.degree = 0: should be greater than or equal to 1"),
        (["--degree", "2", "--theta", "random"], "allowed are such with term 33, which rule 'random' needs"),
        (["--theta", "55"], "--theta: term 55 is not looked for"),
        (["--trials", "4"], "recover.trials = 4: should be greater than or equal to 5"),
        (["--output", "terms=a.csv", "b.csv"], "--output: of one rule there is one drawing"),
    ],
)
def test_what_is_wrong_on_the_command_line_is_one_line(words, message, house, monkeypatch, capsys):
    monkeypatch.chdir(house)
    assert main(["recover", *WORDS, *words]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_a_table_of_a_rule_that_takes_another_deviation_is_refused(house, monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(house)
    path = tmp_path / "mine.csv"
    path.write_text("k,l,theta,deviation\n3,3,-1.5,standardised\n")
    assert main(["recover", *WORDS, "--theta", str(path)]) == 2
    error = capsys.readouterr().err
    assert f"--theta {path}: plasticity.deviation = 'standardised': allowed is 'raw', to hide a rule" in error


def test_a_factor_of_the_own_weight_is_refused(tmp_path, capsys):
    path = tmp_path / "own.yaml"
    path.write_text("plasticity: {weight_linear: 0.3}\n")
    assert main(["recover", "--theta", "33", "--config", str(path)]) == 2
    assert "plasticity.weight_linear = 0.3: allowed is 0" in capsys.readouterr().err
