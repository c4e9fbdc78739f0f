"""Settings on the screen: all, a block, or what a word leads to; keys that differ from the file."""

import pytest

from threefactor.cli.main import main


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """Stand in an empty folder, far from any checkout."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "1000")  # a line a key
    return tmp_path


def keys(capsys, *words):
    """Return the values that are shown, by key."""
    assert main(["settings", *words]) == 0
    rows = [line.split(maxsplit=2) for line in capsys.readouterr().out.splitlines()[1:]]
    return {key: value for key, value, *_ in rows}


def test_built_in_defaults_hold_without_a_file(capsys):
    found = keys(capsys)
    assert found["network.units"] == "128"
    assert found["task.name"] == "'dnms'"


def test_a_block_or_a_word_is_shown_alone(capsys):
    every, block = keys(capsys), keys(capsys, "task")
    assert set(block) == {key for key in every if key.startswith("task.")}
    found = keys(capsys, "HORIZON")
    assert {"criterion.horizon", "retrain.horizon"} <= set(found) < set(every)
    assert set(keys(capsys, "seed")) == {"seed"}


def test_a_word_that_leads_nowhere_is_refused_with_a_guess(capsys):
    assert main(["settings", "horizn"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("Error: settings horizn: must be ")
    assert error.endswith("did you mean 'horizon'?\n")


def test_keys_differ_from_a_file_as_with_snakemake(capsys, elsewhere):
    (elsewhere / "mine.yaml").write_text("seed: 2\nnetwork: {gain: 1.1}\nretrain: {horizons: {bptt: 5}}\n")
    words = ["--config", "mine.yaml", "task.name=dpa", "network.units=20", "retrain.horizons={rflo: 9}", "e"]
    every = keys(capsys, *words)
    assert {key: every[key] for key in ("seed", "network.gain", "network.units", "task.name")} == {
        "seed": "2",
        "network.gain": "1.1",
        "network.units": "20",
        "task.name": "'dpa'",
    }
    assert main(["settings", *words[:-1], "retrain.horizons"]) == 0
    assert "{'bptt': 5, 'rflo': 9}" in capsys.readouterr().out, "groups are merged"


def test_a_key_without_a_value_is_empty(capsys):
    assert keys(capsys, "--config", "tracking.uri=", "tracking.uri") == {"tracking.uri": "''"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["task.nam=dpa"], "settings: task.nam = 'dpa': unknown key, must be one of name, "),
        (["task..name=dpa"], "--config task..name=dpa: must be KEY=VALUE"),
        (["network={units"], "--config network={units: not YAML"),
        (["a.yaml", "--config", "b.yaml"], "--config a.yaml b.yaml: must be one file"),
    ],
)
def test_what_is_no_key_is_refused_in_one_line(words, message, capsys):
    assert main(["settings", "--config", *words]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"Error: {message}")
    assert error.count("\n") == 1
