"""Which tasks and learning rules exist: the files that define them, found without importing them."""

import ast
import functools
import re
from pathlib import Path

from threefactor.pipeline.fingerprints import ROOT
from threefactor.pipeline.settings.model import Config

MONOMIAL = re.compile(r"theta_([0-9])([0-9])")
"""The rule of one term: powers k of the rate and l of the deviation."""

START = "start_"
"""Marks the rule that a meta-learned rule began as."""

NEEDS_THETA = "polynomial"
"""The learning rule that is named by its θ, never by its file."""


COMPARISONS = ("gradient", "shuffled", "all", "weighted")
"""What stands beside learning rules in tables."""


def tasks() -> list[str]:
    """List the tasks: files in `tasks/` that define `make`."""
    return _defining("tasks", "make")


def rule_files() -> list[str]:
    """List the learning rules: files in `learning_rules/` that define `update`."""
    return [name for name in _defining("learning_rules", "update") if name != NEEDS_THETA]


def learned(config: Config, learning_rule: str) -> str | None:
    """Return the key of `metalearn.rules` that a learning rule takes its θ from, or None."""
    key = learning_rule.removeprefix(START)
    return key if key in config.metalearn.rules else None


def taken(key: str) -> bool:
    """Tell whether a name means something else among learning rules or in the tables that compare them."""
    other_rule = MONOMIAL.fullmatch(key) or key.startswith(START) or key in rule_files() or key == NEEDS_THETA
    return bool(other_rule) or key in COMPARISONS or key.startswith(("term_", "best_", "random_"))


def compared(config: Config) -> list[str]:
    """List the learning rules whose updates are compared: those that networks learn by, and the references."""
    return list(dict.fromkeys([*config.retrain.rules, *config.align.references]))


def transferred(config: Config) -> list[str]:
    """List the learning rules that are judged under every condition."""
    return list(config.transfer.rules) or ["theta_33", *config.metalearn.rules, "node_perturbation"]


def of_rules(config: Config) -> dict[str, str]:
    """Return the keys that only one learning rule reads, with its name: ``retrain.<rule>_<key>``."""
    keys = type(config.retrain).model_fields
    return {f"retrain.{key}": rule for rule in rule_files() for key in keys if key.startswith(f"{rule}_")}


def module(config: Config, learning_rule: str) -> str:
    """Return the module of a learning rule, inside the package."""
    is_polynomial = MONOMIAL.fullmatch(learning_rule) or learned(config, learning_rule)
    return f"learning_rules.{NEEDS_THETA if is_polynomial else learning_rule}"


def exists(config: Config, learning_rule: str) -> bool:
    """Tell whether a learning rule can be retrained with."""
    is_polynomial = MONOMIAL.fullmatch(learning_rule) or learned(config, learning_rule)
    return bool(is_polynomial) or learning_rule in rule_files()


def allowed_rules(config: Config) -> str:
    """Say which learning rules can be named."""
    keys = ", ".join(f"{key}, {START}{key}" for key in config.metalearn.rules)
    return f"theta_<k><l> with digits k, l; {keys}; {', '.join(rule_files())}"


def allowed_references() -> str:
    """Say which learning rules can be named without meta-learning."""
    return f"theta_<k><l> with digits k, l; {', '.join(rule_files())}"


def _defining(folder: str, definition: str) -> list[str]:
    """List the files of a folder that define a function or class of that name."""
    files = (ROOT / folder).glob("*.py")
    return sorted(file.stem for file in files if definition in _definitions(file, file.stat().st_mtime_ns))


@functools.cache
def _definitions(file: Path, changed_at: int) -> frozenset[str]:
    """Name the functions and classes that a file defines, parsed once for each time at which it was changed."""
    body = ast.parse(file.read_text(encoding="utf-8")).body
    return frozenset(node.name for node in body if isinstance(node, ast.ClassDef | ast.FunctionDef))
