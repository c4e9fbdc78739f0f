import numpy as np
import pytest

from made import crossed, drawn, expect_labelled, texts
from stages.analyse.made_networks import (
    ANALYSED,
    LEVEL,
    NETWORKS,
    at_level,
    by_rule,
    fixed_points,
    networks_table,
)
from threefactor.analysis import network_table
from threefactor.analysis.landscape.spectra import SPECTRUM
from threefactor.pipeline.settings import load
from threefactor.plotting import style

DRAWN = ("relative_change", "rank_participation", "participation_ratio", "stable_fixed_points")


def spectrum(units=24):
    table = crossed(
        SPECTRUM,
        learning_rule=ANALYSED,
        network=list(range(NETWORKS)),
        level=LEVEL,
        index=list(range(1, units + 1)),
        singular_value=lambda table: np.exp(-0.3 * table["index"]),
    )
    eigenvalues = ["initial_real", "initial_imaginary", "final_real", "final_imaginary"]
    table.loc[table["index"] > units - 3, eigenvalues] = np.nan  # clamped units have no eigenvalue
    return table


def results():
    return {
        **by_rule(".csv", networks_table()),
        **by_rule(".spectrum.csv", spectrum()),
        **by_rule(".fixed_points.csv", fixed_points()),
    }


def test_the_landscape_is_drawn_and_stated(tmp_path):
    figure, found, words = drawn(load.parse({"results": str(tmp_path)}), "landscape", results())
    expect_labelled(figure)
    assert found["networks"] == dict.fromkeys(ANALYSED, NETWORKS)
    table = at_level(networks_table())
    for name in DRAWN:
        for rule in ANALYSED:
            own = table.loc[table.learning_rule == rule, name].dropna().sort_values().tolist()
            middle = (own[(len(own) - 1) // 2] + own[len(own) // 2]) / 2
            assert found["medians"][name][rule] == pytest.approx(middle)
    assert (found["fixed_points"], found["stable"]) == (81, 41)
    for number in ("n = 6", "81", "41", f"{found['medians']['relative_change']['bptt']:.2f}"):
        assert number in words


def test_labels_are_those_of_the_measures(tmp_path):
    figure, _, _ = drawn(load.parse({"results": str(tmp_path)}), "landscape", results())
    titles = {ax.get_title(loc="left").partition("  ")[2]: ax.get_xlabel() for ax in figure.axes}
    for name in DRAWN:
        measure = network_table.named(name)
        assert titles[measure.label] == (measure.unit or name.replace("_", " "))


def test_without_a_fixed_point_its_panel_says_so(tmp_path):
    few = {path: table if "fixed" not in path else table.iloc[:0] for path, table in results().items()}
    few |= by_rule(".csv", networks_table().assign(stable_fixed_points=np.nan))
    figure, found, _ = drawn(load.parse({"results": str(tmp_path)}), "landscape", few)
    assert len(texts(figure)) == 1
    assert found["fixed_points"] == 0
    assert found["medians"]["stable_fixed_points"]["bptt"] is None


def test_with_nobody_at_the_level_the_figure_says_so(tmp_path):
    nothing = {path: table.iloc[:0] for path, table in results().items()}
    figure, found, _ = drawn(load.parse({"results": str(tmp_path)}), "landscape", nothing)
    assert texts(figure) == [style.NOBODY]
    assert found["networks"] == {}
