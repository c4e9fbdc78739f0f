"""Captions of figures: templates beside them, filled in with the numbers that drawing them found.

A caption is reStructuredText with Jinja.  It reads its numbers from ``snakemake.config["findings"]["<figure>"]``, as
Snakemake's report hands them on, and says what was found in a block named ``finding``.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined, Template

from threefactor.pipeline import files, registry

AS_THE_REPORT = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
"""Snakemake renders captions so: the end of a line goes with a tag before it, unless the tag ends with ``+%}``."""


def findings(config: Any) -> dict[str, dict[str, Any]]:
    """Read the findings of every figure, by its name; empty where it is not drawn yet."""
    return {
        name: _json(Path(files.of_figure(config, name).outputs["findings"])) for name in registry.figures()
    }


def template_of(caption: Path) -> Template:
    """Return a caption as the report renders it."""
    return AS_THE_REPORT.from_string(caption.read_text(encoding="utf-8"))


def finding(name: str, found: Mapping[str, Any]) -> str:
    """Return what a figure found in words, on one line; empty where its caption says nothing of it."""
    template = template_of(registry.figures()[name].caption)
    if "finding" not in template.blocks:
        return ""
    context = template.new_context({"snakemake": {"config": {"findings": {name: found}}}})
    return " ".join("".join(template.blocks["finding"](context)).split())


def _json(path: Path) -> dict[str, Any]:
    """Read a JSON object; an empty one where there is none."""
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found
