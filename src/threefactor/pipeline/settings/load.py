"""From a file to settings that hold, and back."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from threefactor.config import paths
from threefactor.pipeline.settings.conflicts import conflicts
from threefactor.experiment.settings.errors import ConfigError, explain
from threefactor.pipeline.settings.model import Config
from threefactor.config.paths import FIGURES

NOT_YAML = (yaml.YAMLError, ValueError)
"""What reading raises: the parser's own error; bytes that are no text, or a date that no calendar has."""


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
    except NOT_YAML as problem:
        raise ConfigError(f"{path}: not YAML in UTF-8: {_one_line(problem)}") from None
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


def retype(value: Any, key: str = "") -> Any:
    """Read texts as YAML does: Snakemake hands on what is nested in ``--config network={units: 64}`` as text.

    Raises
    ------
    ConfigError
        If a text is no YAML, in one line.
    """
    if isinstance(value, Mapping):
        return {name: retype(inner, f"{key}.{name}" if key else str(name)) for name, inner in value.items()}
    if isinstance(value, list):
        return [retype(inner, key) for inner in value]
    try:
        return yaml.safe_load(value) if isinstance(value, str) and value else value
    except NOT_YAML as problem:
        raise ConfigError(
            f"--config {key}={value}: not YAML, as '{{units: 64}}' is: {_one_line(problem)}"
        ) from None


def expect_folder(config: Config) -> None:
    """Refuse results inside of what is a file; Snakemake would stumble over it."""
    for path in (Path(config.results), *Path(config.results).parents):
        if path.exists() and not path.is_dir():
            raise ConfigError(f"results = {config.results!r}: {path} is a file, allowed are folders")


def save(config: Config, path: Path) -> None:
    """Write settings with every default filled in, whole or not at all.

    Raises
    ------
    ConfigError
        If the folder cannot be written, in one line.
    """
    text = yaml.safe_dump(dump(config), sort_keys=False, allow_unicode=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            partial.write_text(text, encoding="utf-8")
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as problem:
        raise ConfigError(
            f"results = {config.results!r}: {path} cannot be written: {problem.strerror}"
        ) from None


def findings(config: Config) -> dict[str, str]:
    """Return what the drawn results say in words, by figure; an empty text where nothing is drawn yet."""
    found: dict[str, Any] = {}
    for path in paths.findings(config):  # of what was made without all the rest
        found |= _json(Path(path))
    found |= _json(Path(config.results, "summary.json")).get("findings", {})
    return {name: str(found.get(name, "")) for name in FIGURES}


def _json(path: Path) -> dict[str, Any]:
    """Read a JSON object; an empty one where there is none."""
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found


def dump(config: Config) -> dict[str, object]:
    """Turn settings into plain values."""
    return config.model_dump(mode="json", by_alias=True)


def _one_line(problem: Exception) -> str:
    return " ".join(str(problem).split())
