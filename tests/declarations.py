"""What learning rules and tasks declare, read from their files without importing them."""

import ast
from pathlib import Path
from typing import Any

import threefactor

ROOT = Path(threefactor.__file__).parent

KEYS = {"default", "meaning", "unit", "choices", "above", "at_least", "below", "at_most"}
"""Of a setting."""


def files(folder: str, function: str) -> dict[str, ast.Module]:
    """Return the files of a folder that define a function, parsed, by name."""
    parsed = {path.stem: ast.parse(path.read_text("utf-8")) for path in (ROOT / folder).glob("*.py")}
    return {name: tree for name, tree in sorted(parsed.items()) if function in defined(tree)}


def defined(tree: ast.Module) -> set[str]:
    """Return the names of the functions that a file defines itself."""
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def literals(tree: ast.Module) -> dict[str, Any]:
    """Return what a file assigns to names in capitals as literals; what is none is left out."""
    found = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            try:
                found[node.targets[0].id] = ast.literal_eval(node.value)
            except ValueError:
                continue
    return found


def problems(settings: dict[str, dict[str, Any]]) -> list[str]:
    """Say what is wrong with the declaration of settings: keys, a missing meaning, a default out of bounds."""
    found = []
    for name, one in settings.items():
        default = one.get("default")
        if unknown := one.keys() - KEYS:
            found.append(f"{name}: unknown {sorted(unknown)}")
        if "default" not in one or not one.get("meaning"):
            found.append(f"{name}: without default or meaning")
        if "choices" in one and default not in one["choices"]:
            found.append(f"{name}: default is no choice")
        inside = {
            "above": lambda x, bound: x > bound,
            "at_least": lambda x, bound: x >= bound,
            "below": lambda x, bound: x < bound,
            "at_most": lambda x, bound: x <= bound,
        }
        found += [
            f"{name}: default not {key}" for key in inside.keys() & one if not inside[key](default, one[key])
        ]
    return found
