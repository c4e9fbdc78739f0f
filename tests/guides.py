"""Code in the pages of the documentation."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]


def blocks(page: Path, language: str) -> list[str]:
    """Return the blocks of code of a page."""
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


def guide(name: str, language: str = "python") -> list[str]:
    """Return the blocks of code of the guide ``add-a-<name>``."""
    return blocks(ROOT / f"docs/how-to/add-a-{name}.md", language)
