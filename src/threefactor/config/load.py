"""From a file to settings that hold, and back."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from threefactor.config.conflicts import conflicts
from threefactor.config.errors import ConfigError, explain
from threefactor.config.model import Config


def load(path: Path) -> Config:
    """Read the settings of a file.

    Raises
    ------
    ConfigError
        In one line, with the key, its value and what is allowed.
    """
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise ConfigError(f"--config {path}: {problem.strerror}") from None
    except yaml.YAMLError as problem:
        raise ConfigError(f"{path}: not YAML: {' '.join(str(problem).split())}") from None
    return parse({} if raw is None else raw, str(path))


def parse(raw: Mapping[str, object], source: str = "config") -> Config:
    """Check settings; see `load`."""
    try:
        config = Config.model_validate(raw)
    except ValidationError as problem:
        raise ConfigError(f"{source}: {explain(problem, Config)}") from None
    for conflict in conflicts(config):
        raise ConfigError(f"{source}: {conflict}")
    return config


def retype(value: Any) -> Any:
    """Read texts as YAML does: Snakemake hands on what is nested in ``--config network={units: 64}`` as text."""
    if isinstance(value, Mapping):
        return {name: retype(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [retype(inner) for inner in value]
    return yaml.safe_load(value) if isinstance(value, str) and value else value


def save(config: Config, path: Path) -> None:
    """Write settings with every default filled in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump(dump(config), sort_keys=False, allow_unicode=True)
    path.write_text(text, encoding="utf-8")


def dump(config: Config) -> dict[str, object]:
    """Turn settings into plain values."""
    return config.model_dump(mode="json", by_alias=True)
