"""What can befall a sound job is one line that names the job and what to change."""

import pytest

from threefactor.cli.main import main

WILD = """
device: cpu
task: {duration_ms: 100.0}
network: {units: 12}
plasticity: {learning_rate: 1.0e+30, clip: 1.0e+30, warm_up_trials: 0}
metalearn: {networks: 2, scaling_networks: 2, trials: 30, steps: 2, rules: {wild: {start: theta_33}}}
retrain: {rules: [theta_33]}
tracking: {uri: ""}
"""


@pytest.fixture
def wild(tmp_path, monkeypatch):
    """Stand in a folder of one's own, with settings that let every network overflow."""
    (tmp_path / "wild.yaml").write_text(WILD)
    monkeypatch.chdir(tmp_path)
    return ["--config", "wild.yaml"]


def test_meta_learning_without_a_finite_gradient_names_the_job_and_what_tames_it(wild, capsys):
    assert main(["metalearn", "--learned-rule", "wild", *wild]) == 1
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("Error")]
    assert line.startswith("Error: metalearn wild, step 0 of 2: no network has a finite meta-gradient")
    assert "smaller values of metalearn.norm, plasticity.learning_rate" in line
