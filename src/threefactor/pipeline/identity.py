"""What an experiment is known by in its record."""

import hashlib
import json
import os
import subprocess
from pathlib import Path
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
        "commit": commit(PACKAGE),
        "config": hashlib.sha256(text.encode()).hexdigest()[:12],
    }


def commit(folder: Path) -> str:
    """Name the commit of the sources in a folder, with a + if they were edited since; empty outside a repository.

    Where Git does not say, the name is "unknown", with Git's reason.  A checkout of another user is read, too: its code
    is what runs here, so that nothing is left to be protected from.
    """
    words = ["describe", "--always", "--abbrev=12", "--dirty=+", "--exclude=*"]
    command = ["git", "-c", "safe.directory=*", "-C", str(folder), *words]
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    try:
        found = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    except OSError as problem:
        return f"unknown: git: {problem.strerror}" if _is_in_repository(folder) else ""
    if found.returncode and _is_in_repository(folder):
        return f"unknown: {' '.join(found.stderr.split())[:200]}"
    return found.stdout.strip()


def _is_in_repository(folder: Path) -> bool:
    return any((parent / ".git").exists() for parent in (folder, *folder.parents))
