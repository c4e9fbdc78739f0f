"""What an experiment is known by in its record."""

import hashlib
import json
import os
import subprocess
from typing import Any

from threefactor.declarations import PACKAGE
from threefactor.experiment.view import dump


def describe(config: Any) -> dict[str, str]:
    """Name the experiment: its task, seed, commit and a hash of its settings."""
    text = json.dumps(
        {key: value for key, value in dump(config).items() if key != "tracking"}, sort_keys=True
    )
    return {
        "task": config.task.name,
        "seed": str(config.seed),
        "commit": _commit(),
        "config": hashlib.sha256(text.encode()).hexdigest()[:12],
    }


def _commit() -> str:
    """Name the commit of the sources, with a + if they were edited since; empty outside a repository."""
    command = ["git", "-C", str(PACKAGE), "describe", "--always", "--abbrev=12", "--dirty=+", "--exclude=*"]
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
    try:
        found = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    except OSError:
        return ""
    return found.stdout.strip()
