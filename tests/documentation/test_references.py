"""What the documentation points to is there: files, sections, functions and tests."""

import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])

EQUATIONS = (ROOT / "docs/explanation/equations.md").read_text(encoding="utf-8")


ADDED = {"src/threefactor/learning_rules/hebb.py", "src/threefactor/tasks/gonogo.py"}
"""What the guides add, see `test_examples.py`."""


def text(page):
    """Return a page without its blocks of code."""
    return re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)


def anchors(page):
    """Name the sections of a page as links do."""
    headings = re.findall(r"^#+ (.*)$", text(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    for link in re.findall(r"\]\(([^)\s]+)\)", text(page)):
        if link.startswith(("http://", "https://")):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page}: {link}"
        assert not anchor or anchor in anchors(target), f"{page}: {link}"


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.name != "CHANGELOG.md"], ids=lambda page: page.name
)
def test_files_that_are_named_are_there(page):
    """Paths in backticks that begin at the top of the repository."""
    blocks = re.findall(r'^```\w+ title="(.+)"$', page.read_text(encoding="utf-8"), re.MULTILINE)
    written = {*ADDED, *blocks}
    for path in re.findall(r"`((?:src|config|docs|tests|workflow|profiles|envs)/[\w./-]+)`", text(page)):
        assert path in written or (ROOT / path).exists(), f"{page}: {path}"


def functions():
    """Yield the functions of the table of equations; ``.name`` is of the module before it."""
    for row in re.findall(r"^\|.*\|(.*)\|.*\|$", EQUATIONS, re.MULTILINE):
        module = ""
        for name in re.findall(r"`([\w.]+\.\w+|\.\w+)`", row):
            module, _, function = (module + name if name.startswith(".") else name).rpartition(".")
            yield module, function


@pytest.mark.parametrize(("module", "function"), dict.fromkeys(functions()))
def test_functions_of_the_equations_are_there(module, function):
    assert hasattr(importlib.import_module(f"threefactor.{module}"), function)


@pytest.mark.parametrize("place", dict.fromkeys(re.findall(r"`([\w/]+\.py::\w+)`", EQUATIONS)))
def test_tests_of_the_equations_are_there(place):
    file, _, name = place.partition("::")
    assert f"\ndef {name}(" in (ROOT / "tests" / file).read_text(encoding="utf-8")
