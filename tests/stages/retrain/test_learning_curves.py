import numpy as np
import pytest

from made import drawn, expect_labelled, texts
from stages.retrain.results_of_rules import HORIZON, NETWORKS, curves, solutions
from threefactor.experiment.view import everything
from threefactor.pipeline.settings import load

RULES = ["theta_33", "bptt"]


@pytest.fixture
def config(tmp_path):
    return load.parse(
        {"results": str(tmp_path), "network": {"units": 16}, "criterion": {"window": 10, "horizon": HORIZON}}
    )


def results(config, **changed):
    made = {rule: solutions(everything(config), rule, **changed) for rule in RULES}
    return {f"retrain/{rule}/{batch}.safetensors": made[rule] for rule in RULES for batch in (0, 1)}


def test_curves_of_all_batches_are_drawn_and_counted(config):
    figure, found, words = drawn(config, "learning_curves", results(config))
    expect_labelled(figure)
    assert found["networks"] == dict.fromkeys(RULES, 2 * NETWORKS)
    assert f"``bptt`` {2 * NETWORKS}" in words
    error, _ = curves("bptt", (HORIZON, 40, 50, HORIZON))
    last = [np.nanmean(row[:stop][-10:]) for row, stop in zip(error, (60, 40, 50, 60), strict=True)]
    ends = [line.get_ydata()[-1] for line in figure.axes[0].lines]
    assert np.median(last) == pytest.approx(min(ends, key=lambda end: abs(end - np.median(last))))


def test_without_a_trial_the_figure_says_so(config):
    figure, found, _ = drawn(config, "learning_curves", results(config, stops=(0,) * NETWORKS))
    assert len(texts(figure)) == 2
    assert found["networks"] == dict.fromkeys(RULES, 2 * NETWORKS)
