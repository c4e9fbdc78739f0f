"""The layers that import-linter checks are those of CONTRIBUTING.md, and nothing goes around them."""

import ast
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src/threefactor"


def test_the_layers_of_the_page_are_those_that_are_checked():
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("## Layers")[1].split("\n## ")[0]
    drawn = [re.split(r"\s{2,}", line)[0] for line in re.findall(r"^    (\S.*)$", page, flags=re.MULTILINE)]
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    assert drawn == [layer for layer in layers if not layer.startswith("(")]


def names_from_the_root(path):
    """Yield what a file imports from `threefactor` itself, whose names are found late, past all contracts."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name == "threefactor")
        elif isinstance(node, ast.ImportFrom) and node.module == "threefactor":
            yield from (alias.name for alias in node.names)


def test_nothing_inside_uses_the_public_names():
    modules = {path.stem for path in PACKAGE.iterdir() if path.is_dir() or path.suffix == ".py"}
    for path in sorted(PACKAGE.rglob("*.py")):
        assert set(names_from_the_root(path)) <= modules, path
