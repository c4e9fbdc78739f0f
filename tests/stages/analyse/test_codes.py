import numpy as np
import pytest
import torch

from made import drawn, expect_labelled, texts
from stages.analyse.made_networks import ANALYSED, FACTORS, LEVEL, at_level, by_rule, networks_table
from threefactor.pipeline.settings import load
from threefactor.plotting import style

TIME = torch.arange(1.0, 51) * 20
DECODED = 3


def accuracies(at):
    """Return the accuracy of each decoded network across time; the code of each lasts longer than that before it."""
    width = 100.0 * torch.arange(1 + at, 1 + at + DECODED)[:, None, None]
    return 0.5 + 0.5 * torch.exp(-(((TIME[:, None] - TIME) / width) ** 2))


def results(networks=None, decoded=ANALYSED):
    tables = by_rule(".csv", networks_table() if networks is None else networks)
    for at, rule in enumerate(ANALYSED):
        known = {f"{LEVEL}.cross_temporal.{factor}": accuracies(at) for factor in FACTORS if rule in decoded}
        tables[f"analyse/{rule}/0.safetensors"] = {"time_ms": TIME, **known}
    return tables


def test_decoding_across_time_is_drawn_and_stated(tmp_path):
    figure, found, words = drawn(load.parse({"results": str(tmp_path)}), "codes", results())
    expect_labelled(figure)
    assert (found["first"], found["last"]) == ("first", "choice")
    assert found["chance"] == dict.fromkeys(FACTORS, 0.5)
    assert list(found["rules"]) == ANALYSED
    table = at_level(networks_table())
    columns = {
        "held": "decoding_first_delay",
        "static": "static_first_delay",
        "decided": "decoding_choice_response",
    }
    for rule, one in found["rules"].items():
        own = table[table.learning_rule == rule]
        assert one["networks"] == DECODED
        for key, name in columns.items():
            assert one[key] == pytest.approx(own[name].sum() / len(own))
            assert f"{one[key]:.2f}" in words


def test_a_matrix_is_the_mean_over_the_networks_of_a_rule(tmp_path):
    figure, _, _ = drawn(load.parse({"results": str(tmp_path)}), "codes", results())
    shown = [np.asarray(ax.images[0].get_array()) for ax in figure.axes if ax.images][: len(ANALYSED)]
    for at, matrix in enumerate(shown):
        assert matrix == pytest.approx(accuracies(at).mean(0).numpy(), rel=1e-6)  # single precision


def test_a_task_without_a_delay_holds_nothing(tmp_path):
    without = networks_table().assign(decoding_first_delay=np.nan, static_first_delay=np.nan)
    _, found, words = drawn(load.parse({"results": str(tmp_path)}), "codes", results(without))
    assert {one["held"] for one in found["rules"].values()} == {None}
    assert "None" not in words


def test_with_nobody_decoded_the_figure_says_so(tmp_path):
    figure, found, _ = drawn(load.parse({"results": str(tmp_path)}), "codes", results(decoded=()))
    assert texts(figure) == [style.NOBODY]
    assert found["rules"] == {}
