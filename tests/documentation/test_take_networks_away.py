"""The guide to taking networks away, followed from its first line to its last."""

import re
import shutil
import sys
from pathlib import Path

import mlflow
import pytest
import torch

import solution_files
from made import crossed
from solution_files import NETWORKS, UNITS
from threefactor.analysis.solutions.comparison_columns import LEVELS
from threefactor.cli.main import main

PAGE = Path(__file__).parents[2] / "docs/how-to/take-networks-away.md"
STEP = re.compile(r"^    python -m threefactor ([^#\n]*)|^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.fixture
def results(tmp_path, monkeypatch):
    """Stand where there are results of two rules, in single precision and with a store, as by default."""
    more = {"precision": "float32", "tracking": {"uri": "sqlite:///mlflow.db"}}
    monkeypatch.chdir(tmp_path)
    for rule in ("theta_33", "bptt"):
        for number in range(2):
            solution_files.write("results", rule, number, **more)
    Path("config").mkdir()
    shutil.copy("results/config.yaml", "config")
    Path("results/compare_learning").mkdir()
    slow = {"theta_33": 900.0, "bptt": 9.0}
    levels = crossed(
        LEVELS,
        learning_rule=list(slow),
        level=0.5,
        restricted_mean=lambda table: table.learning_rule.map(slow),
    )
    levels.to_csv("results/compare_learning/levels.csv", index=False)
    monkeypatch.syspath_prepend(tmp_path)  # where Python finds what lies beside a script
    before = mlflow.get_tracking_uri()
    yield tmp_path
    mlflow.set_tracking_uri(before)
    sys.modules.pop("rate_network", None)


def test_the_guide_runs(results, capsys):
    pytest.importorskip("xarray", reason="optional: pip install -e '.[export]'")
    names = {"__name__": "example"}
    for command, script in STEP.findall(PAGE.read_text(encoding="utf-8")):
        if command:
            assert main(command.split()) == 0, command
        else:
            exec(compile(script, str(PAGE), "exec"), names)
    said = capsys.readouterr().out
    assert f"torch.Size([{NETWORKS}, {UNITS}, {UNITS}])" in said
    assert "registered: threefactor-dnms, version 1, alias best: 6 networks of theta_33" in said
    assert "registered: bptt-at-half, version 1, alias best: 2 networks of bptt" in said
    assert said.splitlines()[-1] == f"(4, {2 * NETWORKS}, 20, 1)"
    trained, before = (torch.load(f"{name}.pt")["tensors"]["weights"] for name in ("trained", "networks"))
    assert not torch.equal(trained, before)
