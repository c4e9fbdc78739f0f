"""A new experiment: its files are those of a checkout, they plan every job, and none is overwritten."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

from threefactor.cli.init import PARTS
from threefactor.cli.main import main

ROOT = Path(__file__).parents[2]


def test_a_new_experiment_runs_the_workflow_with_its_own_settings(tmp_path):
    folder = tmp_path / "deep/mine"
    assert main(["init", str(folder)]) == 0
    settings = folder / "config/config.yaml"
    settings.write_text(
        settings.read_text(encoding="utf-8").replace("    - reinforce\n", ""), encoding="utf-8"
    )
    command = [sys.executable, "-m", "snakemake", "--dry-run", "--quiet", "rules"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    planned = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert planned.returncode == 0, planned.stderr
    lines = [line.split() for line in planned.stdout.splitlines()]
    assert ["retrain", "9"] in lines
    assert ["headline", "1"] in lines


def test_nothing_is_overwritten(tmp_path, capsys):
    (tmp_path / "workflow").mkdir()
    assert main(["init", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"Error: init {tmp_path}: must not have workflow yet\n"
    assert [path.name for path in tmp_path.iterdir()] == ["workflow"]
    (tmp_path / "a file").touch()
    assert main(["init", str(tmp_path / "a file")]) == 2


def test_the_wheel_holds_what_is_written():
    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]
    held = build["targets"]["wheel"]["force-include"]
    assert held == {part: f"threefactor/new_experiment/{part}" for part in PARTS}
