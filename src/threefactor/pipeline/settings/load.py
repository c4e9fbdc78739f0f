"""From a file to settings that hold, and back."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from threefactor.declarations import PACKAGE, DeclarationError, imported, is_named
from threefactor.experiment.settings import learning
from threefactor.experiment.settings.addresses import shown
from threefactor.experiment.settings.declared import block_of
from threefactor.experiment.settings.errors import SettingsError, explain, inside
from threefactor.experiment.view import dump
from threefactor.pipeline import registry
from threefactor.pipeline.settings import written
from threefactor.pipeline.settings.model import Base, broken_blocks, config_class, stage_blocks
from threefactor.pipeline.storage.whole import whole

FOLDERS = {"learning_rules": "learning_rules", "task": "tasks"}
"""Groups of keys that files declare, and the folders of these."""

NOT_YAML = (yaml.YAMLError, ValueError)
"""What reading raises: the parser's own error; bytes that are no text."""


def load(path: Path) -> Base:
    """Read the settings of a file.

    Raises
    ------
    SettingsError
        In one line, with the key, its value and what it must be.
    """
    return parse(read(path), str(path))


def merged(*trees: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings with those of later groups in place of earlier ones, key by key."""
    found: dict[str, Any] = {}
    for tree in trees:
        for key, value in tree.items():
            old = found.get(key)
            if isinstance(old, Mapping) and isinstance(value, Mapping):
                value = merged(old, value)
            found[key] = value
    return found


def read(path: Path) -> Any:
    """Read a file of settings, without a look at its keys; see `load`."""
    try:
        raw = written.read(path.read_text(encoding="utf-8-sig"), config_class())
    except OSError as problem:
        raise SettingsError(f"--config {path}: {problem.strerror}") from None
    except SettingsError as problem:
        raise SettingsError(f"{path}: {problem}") from None
    except NOT_YAML as problem:
        raise SettingsError(f"{path}: not YAML in UTF-8: {_one_line(problem)}") from None
    return {} if raw is None else raw


def parse(raw: Mapping[str, object], source: str = "config") -> Base:
    """Check settings; see `load`."""
    model = config_class()
    try:
        config = model.model_validate(raw)
    except ValidationError as problem:
        _expect_declared(problem)
        raise SettingsError(f"{source}: {explain(problem, model)}") from None
    for conflict in conflicts(config):
        raise SettingsError(f"{source}: {conflict}")
    return config


def _expect_declared(problem: ValidationError) -> None:
    """Refuse a file whose declarations are wrong where that is why a group of keys is unknown."""
    for error in problem.errors():
        place = [str(part) for part in error["loc"]]
        if error["type"] == "extra_forbidden" and len(place) == 2 and place[0] in FOLDERS:
            folder = FOLDERS[place[0]]
            if is_named(PACKAGE / folder / f"{place[1]}.py"):
                block_of(folder, place[1])


def conflicts(config: Base) -> Iterator[str]:
    """Yield a line for each key that does not fit the others; every stage looks at its own block."""
    yield from learning.conflicts(config)
    for stage in stage_blocks():
        if stage in broken_blocks():
            continue
        own = "conflicts" if (PACKAGE / "stages" / stage / "conflicts.py").exists() else "settings"
        module = imported(f"stages.{stage}.{own}")
        if hasattr(module, "conflicts"):
            yield from module.conflicts(config)


def expect_stages() -> None:
    """Refuse stages whose ``spec.py`` or ``settings.py`` is broken, for whoever needs all of them.

    Raises
    ------
    DeclarationError
        In one line, with the file.
    """
    for problem in (*registry.broken_stages().values(), *broken_blocks().values()):
        raise DeclarationError(problem)


def expect_block(stage: str) -> None:
    """Refuse to run a stage whose ``settings.py`` is broken."""
    if problem := broken_blocks().get(stage):
        raise DeclarationError(problem)


def options(entries: Iterable[str]) -> dict[str, Any]:
    """Read what was given as ``--config KEY=VALUE``, each value as it would stand in a file, a dotted key as groups.

    Snakemake's own reading loses the text: 2026_11_29 becomes a number, and a key that stands twice stands once.

    Raises
    ------
    SettingsError
        If a key is none, or if a text is no YAML or has a key twice, in one line.
    """
    return merged(*map(_option, entries))


def _option(entry: str) -> dict[str, Any]:
    """Read one ``KEY=VALUE``."""
    key, sign, text = entry.partition("=")
    names = key.split(".")
    if not sign or not all(names):
        raise SettingsError(f"--config {entry}: must be KEY=VALUE, KEY as seed or task.name")
    kind: Any = config_class()
    for name in names:
        kind = inside(kind, name)
    try:
        found: Any = written.read(text, kind) if text else ""  # as hydra does, where YAML has none
    except SettingsError as problem:
        raise SettingsError(f"--config {entry}: {problem}") from None
    except NOT_YAML as problem:
        raise SettingsError(
            f"--config {entry}: not YAML, as '{{units: 64}}' is: {_one_line(problem)}"
        ) from None
    for name in reversed(names):
        found = {name: found}
    return dict(found)


def expect_folder(config: Base, given: Iterable[Path] = ()) -> None:
    """Refuse results inside of what is a file, or where they would overwrite a given file of settings."""
    written = Path(config.results, "config.yaml")
    if any(written.resolve() == path.resolve() for path in given):
        raise SettingsError(
            f"results = {config.results!r}: must be another folder, {written} would be overwritten"
        )
    for path in (Path(config.results), *Path(config.results).parents):
        if path.exists() and not path.is_dir():
            raise SettingsError(f"results = {config.results!r}: must be a folder, {path} is a file")


def public(config: Base) -> dict[str, Any]:
    """Return all settings as a tree, without passwords in addresses."""
    tree: dict[str, Any] = dump(config)
    tree["tracking"]["uri"] = shown(tree["tracking"]["uri"])
    return tree


def save(config: Base, path: Path) -> None:
    """Write settings with every default filled in, whole or not at all, without passwords in addresses.

    Raises
    ------
    SettingsError
        If the folder cannot be written, in one line.
    """
    text = yaml.safe_dump(public(config), sort_keys=False, allow_unicode=True)
    try:
        with whole([path]) as (partial,):
            partial.write_text(text, encoding="utf-8")
    except OSError as problem:
        raise SettingsError(f"results = {config.results!r}: {path} {problem.strerror}") from None


def _one_line(problem: Exception) -> str:
    return " ".join(str(problem).split())
