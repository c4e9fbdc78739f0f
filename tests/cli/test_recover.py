"""`recover`: a ground-truth rule, a file of one's own, and one line for what is wrong in it."""

import errno
import io
import sys

import numpy as np
import pandas as pd
import pytest

from threefactor.cli.main import main

SETTINGS = """
device: cpu
task: {duration_ms: 200.0}
network: {units: 16, clamped: {1: 1.0}}
perturbation: {rate_per_ms: 0.01}
plasticity: {warm_up_trials: 4, gate_error: 0.4, gate_baseline: -0.3}
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


PER_TRIAL = ("rate", "state", "change", "reward", "trial_type", "learning")

OUT_OF_RANGE = {
    "learning_rate": ((0.0, -0.006), "above 0"),
    "clip": ((0.0, -0.003), "above 0, inf for none"),
    "time_step_ms": ((0.0, -10.0), "above 0"),
    "onset_steps": ((-5.0, 2.5, 20.0, 1000.0), "a whole number from 0 to 19"),
    "carry_trace": ((2.0, -1.0, 0.5), "0 or 1"),
    "trace_decay": ((1.0, 1.5, -0.3), "at least 0 and below 1"),
    "eligibility_decay": ((1.2, 1000.0, -0.1), "from 0 to 1"),
    "baseline_decay": ((1.0, 1.5, -0.5), "at least 0 and below 1"),
    "baseline_exponent": ((-1.0,), "at least 0"),
}
"""Numbers that no rule has, and the range that the message names; trials have 20 steps."""

WRONG = {
    **{
        f"{name} = {value:g}": (
            lambda a, name=name, value=value: a.update({name: value}),
            (f"{name} = {value:g}: must be {words}",),
        )
        for name, (values, words) in OUT_OF_RANGE.items()
        for value in values
    },
    "missing": (lambda a: a.pop("reward"), ("'reward'",)),
    "unknown": (lambda a: a.update(rates=a["rate"]), ("'rates'", "rate, change, reward")),
    "shape": (lambda a: a.update(reward=a["reward"][:, 1:]), ("reward", "(2, 15)", "(2, 16)")),
    "axes": (lambda a: a.update(rate=a["rate"][0]), ("rate", "(16, 21, 16)", "4 axes")),
    "not a number": (lambda a: a["rate"].__setitem__((0, 0, 0, 0), np.nan), ("rate", "1 values")),
    "no unit": (lambda a: a.pop("state"), ("'state'", "'unit'", "6 of 16")),
    "trial type": (lambda a: a.update(trial_type=a["trial_type"] - 0.5), ("trial_type = -0.5", "whole numbers")),
    "few trials": (lambda a: a.update(learning=0 * a["learning"]), ("0 trials", "at least 5")),
    "few synapses": (lambda a: a.update(plastic=0 * a["plastic"]), ("0 changes", "at least 32", "16 terms")),
    "collinear": (lambda a: a.update(rate=0 * a["rate"] + 1), ("collinear", "--degree")),
    "no change": (lambda a: a.update(change=0 * a["change"]), ("change = 0", "must differ from 0")),
    "complex": (lambda a: a.update(rate=a["rate"] + 0.5j), ("rate is complex",)),
    "words of MATLAB": (lambda a: a.update(__header__=np.array(b"MATLAB 5.0")), ("__header__ holds no numbers",)),
    "no network": (
        lambda a: a.update({name: a[name][:0] for name in PER_TRIAL}),
        ("rate has shape (0, 16, 21, 16)", "a network"),
    ),
    "no step": (
        lambda a: a.update({name: a[name][:, :, :1] for name in ("rate", "state")}),
        ("rate has shape (2, 16, 1, 16)", "a step"),
    ),
    "state twice": (lambda a: a.update(deviation=a["state"][:, :, 1:]), ("'state' or 'deviation'", "not both")),
    "unit beyond the last": (lambda a: a.update(unit=np.arange(6) + 11), ("unit = 16", "from 0 to 15")),
    "unit twice": (lambda a: a.update(unit=np.array([1, 2, 3, 4, 5, 5])), ("unit", "once")),
    "plastic": (lambda a: a.update(plastic=2 * a["plastic"]), ("plastic = 2", "0 or 1")),
    "label that float64 does not hold": (
        lambda a: a.update(trial_type=a["trial_type"] + 2.0**53), ("trial_type = 9.0072e+15", "below 2^53"),
    ),
    "same reward": (lambda a: a.update(reward=0 * a["reward"] - 0.3), ("reward = -0.3", "must vary")),
    "reward as expected": (lambda a: a.update(baseline=a["reward"]), ("baseline equals reward", "must differ")),
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


def _recovered(folder, seen, config):
    """Recover the rule of an odd file that is right; k l."""
    np.savez("odd.npz", **seen)
    assert main(["recover", "--data", "odd.npz", "--degree", "3", "--config", str(config)]) == 0
    return pd.read_csv(folder / "results/recover/odd/recovery.csv").set_index(["k", "l"]).recovered


ODD = {
    "labels are no sizes": lambda a: a.update(trial_type=a["trial_type"] * 1e10),
    "labels are dates": lambda a: a.update(trial_type=a["trial_type"] + 20261129),
    "labels below 0": lambda a: a.update(trial_type=a["trial_type"] - 1),
    "single numbers of MATLAB": lambda a: a.update({n: x.reshape(1, 1) for n, x in a.items() if not x.ndim}),
    "Fortran order": lambda a: a.update({n: np.asfortranarray(x) for n, x in a.items()}),
    "big-endian": lambda a: a.update({n: x.astype(">f8") for n, x in a.items()}),
    "truth values": lambda a: a.update(plastic=a["plastic"].astype(bool), learning=a["learning"].astype(bool)),
}  # fmt: skip
"""What is unusual in a recording and means the same."""


@pytest.mark.parametrize("case", ODD)
def test_what_is_unusual_in_a_file_gives_the_same_rule(case, ground_truth, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    seen = {name: part.copy() for name, part in np.load(ground_truth / "seen.npz").items()}
    usual = _recovered(tmp_path, seen, ground_truth / "tiny.yaml")
    ODD[case](seen)
    odd = _recovered(tmp_path, seen, ground_truth / "tiny.yaml")
    pd.testing.assert_series_equal(odd, usual, rtol=1e-12)
    assert odd[3, 3] == pytest.approx(-1, abs=1e-5)


def test_float32_gives_the_rule_to_its_precision(ground_truth, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    seen = {name: part.astype(np.float32) for name, part in np.load(ground_truth / "seen.npz").items()}
    found = _recovered(tmp_path, seen, ground_truth / "tiny.yaml")
    assert found[3, 3] == pytest.approx(-1, abs=1e-5)  # 24 bits


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


class Full(io.StringIO):
    """A standard output on a full disk."""

    def write(self, text):
        raise OSError(errno.ENOSPC, "No space left on device")


def test_results_are_written_before_anything_is_printed(ground_truth, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdout", Full())
    words = ["recover", "--data", str(ground_truth / "seen.npz"), "--output", "found.svg"]
    assert main([*words, "--degree", "3", "--config", str(ground_truth / "tiny.yaml")]) == 1
    assert "No space left" in capsys.readouterr().err
    assert len(pd.read_csv("found.csv")) == 16
    assert (tmp_path / "found.svg").exists()


def test_a_terminal_in_latin_1_loses_neither_results_nor_the_table(ground_truth, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    printed = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(printed, encoding="latin-1", errors="strict"))
    words = ["recover", "--data", str(ground_truth / "seen.npz"), "--output", "found.svg"]
    assert main([*words, "--degree", "3", "--config", str(ground_truth / "tiny.yaml")]) == 0
    sys.stdout.flush()
    assert rb"\u03b8\u2083\u2083" in printed.getvalue()
    assert len(pd.read_csv("found.csv")) == 16


def test_a_single_array_under_the_name_of_many_is_one_line(tmp_path, capsys):
    np.save(tmp_path / "array.npy", np.zeros(3))
    (tmp_path / "array.npy").rename(tmp_path / "seen.npz")
    (tmp_path / "empty.yaml").touch()
    words = ["recover", "--data", str(tmp_path / "seen.npz"), "--config", str(tmp_path / "empty.yaml")]
    assert main(words) == 2
    assert "seen.npz: must be readable: it is a single array" in capsys.readouterr().err
