"""One job that draws one figure, and writes the numbers that its caption states."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from threefactor.declarations import imported
from threefactor.experiment.view import View
from threefactor.experiment.work import Drawing
from threefactor.pipeline import fingerprints, registry, sources
from threefactor.pipeline.files import Files
from threefactor.pipeline.inputs import Checked, FileInputs, blamed, checked, placed
from threefactor.pipeline.storage import outputs
from threefactor.pipeline.storage.manifest import Job
from threefactor.plotting import style


def run(config: Any, name: str, files: Files) -> Mapping[str, Any]:
    """Draw a figure and return its findings.

    A figure is a file ``stages/<stage>/figures/<figure>.py`` with ``draw(inputs) -> Drawing``, and ``HEADING``,
    ``INPUTS`` and ``READS`` (settings) at its top.

    Raises
    ------
    FileNotFoundError
        If an input is missing.
    DamagedError
        If one is not whole.
    """
    figure = registry.figures()[name]
    module = imported(f"stages.{figure.stage}.figures.{name}")
    view = View(config, figure.settings, f"figure {name}")
    found = checked(f"draw {name}", files, figure.inputs)
    with blamed(found, figure.inputs):
        drawing: Drawing = module.draw(FileInputs(found.paths, figure.inputs, view, "cpu"))
    page = style.without_empty_logarithms(drawing.figure)
    made: dict[str, outputs.Output] = {"figure": page, "findings": dict(drawing.findings)}
    job = Job(f"draw {name}", {}, _fingerprint(config, name, found), placed(found, config.results))
    outputs.save_job({key: Path(path) for key, path in files.outputs.items()}, made, job)
    return drawing.findings


def _fingerprint(config: Any, name: str, found: Checked) -> str:
    """Hash what a figure is drawn by: its file, its settings and its inputs.

    Not all code that it imports, which takes a figure's time to read; `snakemake` knows it.
    """
    figure = registry.figures()[name]
    file = sources.fingerprint(figure.caption.with_suffix(".py"))
    settings = fingerprints.settings_lines(config, figure.settings)
    return fingerprints.digest([file, *settings, *found.digests.values()])
