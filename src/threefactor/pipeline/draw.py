"""One job that draws one figure, and writes the numbers that its caption states."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from threefactor.declarations import imported
from threefactor.experiment.view import View
from threefactor.experiment.work import Drawing
from threefactor.pipeline import registry
from threefactor.pipeline.files import Files
from threefactor.pipeline.inputs import FileInputs, existing
from threefactor.pipeline.storage import outputs
from threefactor.plotting import style


def run(config: Any, name: str, files: Files) -> Mapping[str, Any]:
    """Draw a figure and return its findings.

    A figure is a file ``stages/<stage>/figures/<figure>.py`` with ``draw(inputs) -> Drawing``, and ``HEADING``,
    ``INPUTS`` and ``READS`` (settings) at its top.

    Raises
    ------
    FileNotFoundError
        If an input is missing.
    """
    figure = registry.figures()[name]
    module = imported(f"stages.{figure.stage}.figures.{name}")
    view = View(config, figure.settings, f"figure {name}")
    inputs = FileInputs(existing(name, files), figure.inputs, view, "cpu")
    drawing: Drawing = module.draw(inputs)
    page = style.without_empty_logarithms(drawing.figure)
    made: dict[str, outputs.Output] = {"figure": page, "findings": dict(drawing.findings)}
    outputs.save({Path(files.outputs[key]): value for key, value in made.items()})
    return drawing.findings
