"""Draw a figure from tables as the frame does, look at it, and fill in its caption."""

import importlib
from pathlib import Path

import torch
from docutils.core import publish_string
from jinja2 import Environment, StrictUndefined

from threefactor.experiment.view import View
from threefactor.pipeline import captions, files, registry
from threefactor.pipeline.inputs import FileInputs
from threefactor.pipeline.job import existing
from threefactor.pipeline.settings import load
from threefactor.pipeline.storage import outputs

DPI = 100


class Drawn:
    """A figure, its findings as they are read from the file, and its caption."""

    def __init__(self, name, root, tables, settings=None):
        settings = load.parse({**(settings or {}), "results": str(root), "figures": {"dpi": DPI}})
        for place, table in tables.items():
            path = Path(root) / place
            path.parent.mkdir(parents=True, exist_ok=True)
            outputs.save({path: table})
        figure = registry.figures()[name]
        module = importlib.import_module(f"threefactor.stages.{figure.stage}.figures.{name}")
        view = View(settings, figure.settings, f"figure {name}")
        paths = existing(name, files.of_figure(settings, name))
        drawing = module.draw(FileInputs(paths, figure.inputs, view, torch.device("cpu")))
        written = Path(root) / "findings.json"
        outputs.save({written: dict(drawing.findings)})
        self.figure, self.found = drawing.figure, outputs.read_json(written)
        self.told = told(name, self.found)


def told(name, found):
    """Return what a caption says of findings; the whole caption must be sound."""
    text = registry.figures()[name].caption.read_text(encoding="utf-8")
    whole = Environment(undefined=StrictUndefined).from_string(text)
    whole = whole.render(snakemake={"config": {"findings": {name: found}}})
    publish_string(whole, writer="html5", settings_overrides={"halt_level": 2, "report_level": 2})
    return captions.finding(name, found)


def expect_legible(figure, panels):
    """Expect so many panels that show something, name their axes and lie inside the sheet."""
    figure.draw_without_rendering()
    drawn = [ax for ax in figure.axes if ax.axison and ax.get_subplotspec()]
    shown = [ax for ax in drawn if ax.get_label() != "<colorbar>"]
    assert len(shown) == panels
    for ax in shown:
        assert ax.lines or ax.collections or ax.images, ax.get_title(loc="left")
        assert ax.get_title(loc="left")
        across, up = (axis.get_siblings(ax) for axis in (ax.get_shared_x_axes(), ax.get_shared_y_axes()))
        assert any(other.get_xlabel() for other in across), ax.get_title(loc="left")
        names = [label.get_text() for other in up for label in other.get_yticklabels()]
        assert any(other.get_ylabel() for other in up) or any(names), ax.get_title(loc="left")
    for ax in drawn:
        box = ax.get_tightbbox()
        assert min(box.x0, box.y0) > -1
        assert box.x1 < figure.bbox.width + 1, ax.get_title(loc="left")
        assert box.y1 < figure.bbox.height + 1, ax.get_title(loc="left")


def words_in(figure):
    """Return the texts inside the panels of a figure."""
    return [text.get_text() for ax in figure.axes for text in ax.texts]
