"""A measure of networks is one entry: nothing else is written."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml

import threefactor
from stages.analyse import retrained

PACKAGE = Path(threefactor.__file__).parent
ENTRIES = """    Measure(
        "largest_rate",
        "",
        "largest absolute rate after learning",
        lambda known: known.after.abs().amax((1, 2, 3)),
        compared=True,
    ),
    Measure(
        "classes_{factor}",
        "classes",
        "classes of the factor {factor}",
        lambda known, factor: torch.full((2,), 1.0 + max(known.task.factors[factor])),
        factors=EVERY,
    ),
"""


def test_a_measure_is_one_entry(tmp_path):
    shutil.copytree(PACKAGE, tmp_path / "src/threefactor", ignore=shutil.ignore_patterns("__pycache__"))
    file = tmp_path / "src/threefactor/analysis/measures.py"
    head, last = file.read_text().rsplit("\n)\n", 1)
    file.write_text(f"{head}\n{ENTRIES})\n{last}")
    rules = {"theta_33": [True] * 4, "bptt": [True] * 4}
    retrained.write(tmp_path / "results", rules)
    settings = retrained.settings("results", rules)
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(settings))
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "src")}
    command = [sys.executable, "-m", "threefactor", "analyse", "--config", "config.yaml"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    networks = pd.read_csv(tmp_path / "results/analyse/networks.csv")
    names = ["largest_rate", "classes_first", "classes_second", "classes_choice"]
    assert list(networks.columns[-4:]) == names
    analysed = networks[networks.analysed]
    assert analysed.largest_rate.between(0, 1, inclusive="neither").all()
    assert analysed.classes_choice.dropna().tolist() == [2.0] * 4, "of the first two networks of each rule"
    spread = pd.read_csv(tmp_path / "results/analyse/spread.csv")
    own = spread[spread.quantity == "largest_rate"].set_index("learning_rule").estimate
    means = analysed.groupby("learning_rule").largest_rate.mean()
    assert own.to_dict() == pytest.approx(means.to_dict())
