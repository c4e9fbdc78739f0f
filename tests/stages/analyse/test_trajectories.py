import numpy as np
import pytest
import torch

from made import drawn, expect_labelled, texts
from stages.analyse.made_networks import (
    ANALYSED,
    LEVEL,
    NETWORKS,
    TASK,
    by_rule,
    fixed_points,
    networks_table,
)
from threefactor.pipeline.settings import load
from threefactor.plotting import style


def arrays(moments=50):
    """Return the arrays of each rule by their path."""
    found = {}
    for at, rule in enumerate(ANALYSED):
        source = torch.Generator().manual_seed(at)
        steps = torch.randn(NETWORKS, len(TASK.trial_types), moments, 3, generator=source)
        found[f"analyse/{rule}/0.safetensors"] = {
            "time_ms": torch.arange(1.0, moments + 1) * 20,
            f"{LEVEL}.network": torch.arange(NETWORKS),
            f"{LEVEL}.projection": steps.cumsum(2),
            f"{LEVEL}.explained": torch.tensor([[0.5, 0.25, 0.125]]).repeat(NETWORKS, 1),
        }
    return found


def results():
    tables = by_rule(".csv", networks_table()) | by_rule(".fixed_points.csv", fixed_points())
    return {**tables, **arrays()}


def test_one_network_of_each_rule_is_drawn_and_stated(tmp_path):
    figure, found, words = drawn(load.parse({"results": str(tmp_path)}), "trajectories", results())
    expect_labelled(figure)
    assert len(figure.axes) == len(ANALYSED)
    points = fixed_points().query("network == 2 and condition == 'none'")
    for rule, one in found["rules"].items():
        own = points[points.learning_rule == rule].stable
        assert one["network"] == 2, "of those whose fixed points are known, the one that took longest"
        assert one["explained"] == pytest.approx(0.75)
        assert (one["stable"], one["unstable"]) == (own.sum(), (~own).sum())
        assert f"``{rule}`` #2 75 %, {own.sum()} stable" in words


def test_the_lines_are_the_trials_of_that_network(tmp_path):
    figure, _, _ = drawn(load.parse({"results": str(tmp_path)}), "trajectories", results())
    wanted = arrays()[f"analyse/{ANALYSED[0]}/0.safetensors"][f"{LEVEL}.projection"][2, 1, :, :2].numpy()
    lines = [line.get_xydata() for line in figure.axes[0].lines]
    assert any(line.shape == wanted.shape and np.allclose(line, wanted) for line in lines)


def test_the_legend_names_every_mark(tmp_path):
    figure, _, _ = drawn(load.parse({"results": str(tmp_path)}), "trajectories", results())
    (legend,) = figure.legends
    words = {text.get_text() for text in legend.get_texts()}
    assert words >= {"onset", "end of the trial", "stable fixed point", "unstable", *TASK.trial_types}


def test_with_nobody_at_the_level_the_figure_says_so(tmp_path):
    nothing = results() | {path: table.iloc[:0] for path, table in by_rule(".csv", networks_table()).items()}
    figure, found, _ = drawn(load.parse({"results": str(tmp_path)}), "trajectories", nothing)
    assert texts(figure) == [style.NOBODY]
    assert found == {"rules": {}}
