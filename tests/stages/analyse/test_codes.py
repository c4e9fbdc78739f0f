import numpy as np
import pytest
import torch

from made import crossed, drawn, expect_labelled, texts
from stages.analyse.made_networks import ANALYSED, FACTORS, networks_table
from threefactor.analysis.representation.codes import DECODING
from threefactor.pipeline.settings import load
from threefactor.plotting import style

TIME = [20.0 * t for t in range(1, 51)]


def decoding():
    return crossed(
        DECODING,
        learning_rule=ANALYSED,
        variable=FACTORS,
        time_ms=TIME,
        accuracy=lambda table: 0.5 + 0.5 * np.exp(-(((table.time_ms - 300) / 300) ** 2)),
        low=lambda table: table.accuracy - 0.1,
        high=lambda table: table.accuracy,
        networks=6,
    )


def across():
    time = torch.tensor(TIME)
    accuracy = 0.5 + 0.5 * torch.exp(-(((time[:, None] - time) / 200) ** 2))
    return {"time_ms": time, **{f"{rule}.{factor}": accuracy for rule in ANALYSED for factor in FACTORS}}


def results():
    return {
        "analyse/networks.csv": networks_table(),
        "analyse/decoding.csv": decoding(),
        "analyse/cross_temporal.safetensors": across(),
    }


def test_decoding_is_drawn_and_stated(tmp_path):
    figure, found, words = drawn(load.parse({"results": str(tmp_path)}), "codes", results())
    expect_labelled(figure)
    assert (found["first"], found["last"]) == ("first", "choice")
    assert found["chance"] == dict.fromkeys(FACTORS, 0.5)
    assert list(found["rules"]) == ANALYSED
    table = networks_table()
    columns = {
        "held": "decoding_first_delay",
        "static": "static_first_delay",
        "decided": "decoding_choice_response",
    }
    for rule, one in found["rules"].items():
        own = table[table.learning_rule == rule]
        assert one["networks"] == 6
        for key, name in columns.items():
            assert one[key] == pytest.approx(own[name].sum() / len(own))
            assert f"{one[key]:.2f}" in words


def test_a_task_without_a_delay_holds_nothing(tmp_path):
    without = networks_table().assign(decoding_first_delay=np.nan, static_first_delay=np.nan)
    made = {**results(), "analyse/networks.csv": without}
    _, found, words = drawn(load.parse({"results": str(tmp_path)}), "codes", made)
    assert {one["held"] for one in found["rules"].values()} == {None}
    assert "None" not in words


def test_with_nobody_decoded_the_figure_says_so(tmp_path):
    nothing = {
        **results(),
        "analyse/decoding.csv": decoding().iloc[:0],
        "analyse/cross_temporal.safetensors": {"time_ms": torch.tensor(TIME)},
    }
    figure, found, _ = drawn(load.parse({"results": str(tmp_path)}), "codes", nothing)
    assert texts(figure) == [style.NOBODY]
    assert found["rules"] == {}
