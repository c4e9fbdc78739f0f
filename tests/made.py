"""Made-up results: tables of the declared columns, and figures drawn from them as a job does."""

import importlib
import itertools
import json
from pathlib import Path
from typing import NamedTuple

import matplotlib
import numpy as np
import pandas as pd
import torch
from docutils.core import publish_string
from jinja2 import Environment
from matplotlib.figure import Figure

from threefactor.experiment.settings.errors import SettingsError
from threefactor.experiment.view import View
from threefactor.pipeline import captions, patterns, registry
from threefactor.pipeline.files import place
from threefactor.pipeline.inputs import FileInputs
from threefactor.pipeline.storage import outputs

matplotlib.use("agg")


def crossed(declared, *, seed=0, **columns):
    """Return a table of all declared columns: a row for each combination of what is listed.

    Lists are crossed, in the order of the columns; functions give a column from the table so far; what is not named
    is drawn between 0 and 1.
    """
    unknown = set(columns) - set(declared.names())
    assert not unknown, f"no such columns: {unknown}"
    lists = {name: value for name, value in columns.items() if isinstance(value, list | tuple)}
    rows = list(itertools.product(*lists.values()))
    table = pd.DataFrame(rows, columns=list(lists))
    source = np.random.default_rng(seed)
    for name in declared.names():
        if name not in columns:
            table[name] = source.uniform(size=len(table))
    for name in [name for name in columns if name not in lists]:
        value = columns[name]
        table[name] = value(table) if callable(value) else value
    return table[declared.names()]


class Drawn(NamedTuple):
    """A figure, and what its caption says."""

    figure: Figure
    findings: dict  # as they are read again from JSON
    words: str  # what the caption says was found


def drawn(config, name, results):
    """Draw a figure from results, which are written and read: path below the results, and table, arrays or object."""
    outputs.save({Path(place(config, path, {})): value for path, value in results.items()})
    about = registry.figures()[name]
    matching = {
        key: [Path(place(config, path, {})) for path in results if _is_of(pattern, path, about.inputs)]
        for key, pattern in about.inputs.items()
    }
    assert all(matching.values()), "a result for every input of the figure"
    view = View(config, about.settings, f"figure {name}")
    module = importlib.import_module(f"threefactor.stages.{about.stage}.figures.{name}")
    drawing = module.draw(FileInputs(matching, about.inputs, view, torch.device("cpu")))
    written = Path(config.results) / "findings" / f"{name}.json"
    outputs.save({written: dict(drawing.findings)})
    found = json.loads(written.read_text())
    _expect_sound(about.caption, name, found)
    return Drawn(drawing.figure, found, captions.finding(name, found))


def _is_of(pattern, path, patterns):
    """Tell whether a path is of a pattern, and of no longer one: 0.errors.csv is none of <batch>.csv."""
    fitting = [len(one) for one in patterns.values() if _fits(one, path)]
    return _fits(pattern, path) and len(pattern) == max(fitting)


def _fits(pattern, path):
    try:
        patterns.match(pattern, path)
    except SettingsError:
        return False
    return True


def _expect_sound(caption, name, found):
    """Check that the whole caption renders and is sound reStructuredText, and that no words run together."""
    snakemake = {"config": {"findings": {name: found}}}
    text = captions.template_of(caption).render(snakemake=snakemake)
    with_every_space = Environment().from_string(caption.read_text(encoding="utf-8"))
    assert text.split() == with_every_space.render(snakemake=snakemake).split()
    publish_string(text, writer="html5", settings_overrides={"halt_level": 2, "report_level": 2})


def expect_labelled(figure):
    """Check that every panel names its axes, shows something and lies inside the sheet."""
    figure.draw_without_rendering()
    for ax in figure.axes:
        if not ax.axison or not ax.get_subplotspec():
            continue
        assert ax.has_data() or ax.texts, ax.get_title(loc="left")
        shared = ax.get_shared_x_axes().get_siblings(ax)
        assert any(other.get_xlabel() for other in shared), ax.get_title(loc="left")
        assert ax.get_title(loc="left") or ax.get_label() == "<colorbar>"
        box = ax.get_tightbbox()
        assert min(box.x0, box.y0) > -1, ax.get_title(loc="left")
        assert box.x1 < figure.bbox.width + 1, ax.get_title(loc="left")
        assert box.y1 < figure.bbox.height + 1, ax.get_title(loc="left")
    for legend in figure.legends:
        box = legend.get_window_extent()
        assert box.x0 > -1
        assert box.x1 < figure.bbox.width + 1


def panels(figure):
    """Return the panels that are shown, without bars of colours."""
    return [ax for ax in figure.axes if ax.axison and ax.get_label() != "<colorbar>"]


def texts(figure):
    """Return all words of the panels."""
    return [text.get_text() for ax in figure.axes for text in ax.texts]
