"""The two ways to install what the pipeline needs."""

from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]


def test_conda_and_pip_agree():
    lines = (ROOT / "envs/requirements.txt").read_text(encoding="utf-8").split()
    pins = dict(line.lower().split("==") for line in lines if "==" in line)
    pins["pytorch"] = pins["torch"]
    wanted = yaml.safe_load((ROOT / "envs/threefactor.yaml").read_text(encoding="utf-8"))["dependencies"]
    for name, version in (line.split(" =") for line in wanted if not line.startswith("python ")):
        assert pins[name] == version, name
