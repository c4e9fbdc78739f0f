"""Progress ends where the work ends."""

import logging
import re

import pytest

from threefactor.cli.main import main

TINY = """
device: cpu
task: {duration_ms: 100.0}
network: {units: 12}
criterion: {window: 5, horizon: 73, error: 1.0e-6}
metalearn: {rules: {learned_random: {start: random}}}
retrain: {networks: 2, batches: 1, rules: [theta_33], snapshots: [0], horizon: 73}
tracking: {uri: ""}
"""


@pytest.mark.parametrize("command", [["retrain", "--learning-rule", "theta_33", "--batch", "0"], ["learn"]])
def test_the_last_chunk_of_trials_does_not_overshoot(command, tmp_path, monkeypatch, caplog):
    (tmp_path / "tiny.yaml").write_text(TINY)
    monkeypatch.chdir(tmp_path)
    with caplog.at_level(logging.INFO, logger="threefactor"):
        assert main([*command, "--config", "tiny.yaml"]) == 0
    assert re.findall(r"trials of learning (\d+/\d+)", caplog.text)[-1] == "73/73"
