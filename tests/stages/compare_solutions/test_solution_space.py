import numpy as np

from made import crossed, drawn, expect_labelled, texts
from threefactor.analysis.solutions.comparison_columns import EMBEDDING, SPREAD, TESTS
from threefactor.analysis.solutions.distances import named
from threefactor.pipeline.settings import load
from threefactor.plotting import style

RULES = ["theta_33", "learned_random", "bptt"]
DISTANCES = ["cka", "procrustes", "dsa", "dsa_state", "weights"]


def results():
    """Return tables in which one rule has two networks alone, so that its spread has no interval."""

    def unknown(value):
        return lambda table: np.where(table.learning_rule == "learned_random", np.nan, value)

    spread = crossed(
        SPREAD,
        level=[0.7, 0.5],
        quantity=[*DISTANCES, "participation_ratio"],
        learning_rule=RULES,
        networks=10,
        estimate=0.625,
        low=unknown(0.5),
        high=unknown(0.75),
        ratio_to_bptt=1.25,
        ratio_low=unknown(1.0),
        ratio_high=unknown(1.5),
    )
    tests = crossed(
        TESTS,
        level=[0.7, 0.5],
        distance=DISTANCES,
        test=["dispersion", "classification"],
        factor=["learning_rule", "initialisation"],
        networks=30,
        effect=lambda table: np.where(table.factor == "learning_rule", 0.25, 0.125),
        chance=lambda table: np.where(table.test == "classification", 0.5, np.nan),
        p=0.001,
        permuted_within=lambda table: np.where(
            table.factor == "learning_rule", "initialisation", "learning_rule"
        ),
    )
    placed = crossed(
        EMBEDDING,
        level=[0.7, 0.5],
        distance=DISTANCES,
        learning_rule=RULES,
        network=list(range(10)),
        explained=0.5,
    )
    made = {"embedding": placed, "spread": spread, "tests": tests}
    return {f"compare_solutions/{name}.csv": table for name, table in made.items()}


def test_distances_are_drawn_and_stated(tmp_path):
    figure, found, words = drawn(load.parse({"results": str(tmp_path)}), "solution_space", results())
    expect_labelled(figure)
    assert list(found["distances"]) == DISTANCES
    assert {name: one["unit"] for name, one in found["distances"].items()}["dsa_state"] == ""
    titles = [ax.get_title(loc="left").partition("  ")[2] for ax in figure.axes]
    assert titles[:3] == [f"Map of solutions, {named(name).label}" for name in ("cka", "dsa", "weights")]
    assert not any("Procrustes" in title for title in titles), "the first of each kind is drawn"
    one = found["distances"]["cka"]
    assert one["networks"] == 30
    assert f"By {one['label']}" in words
    assert one["spread"]["bptt"] == {
        "networks": 10,
        "estimate": [0.625, 0.5, 0.75],
        "ratio_to_bptt": [1.25, 1.0, 1.5],
    }
    assert one["spread"]["learned_random"]["estimate"] == [0.625, None, None]
    effects = {(test["test"], test["factor"]): test["effect"] for test in one["tests"]}
    assert effects["dispersion", "learning_rule"] == 0.25
    assert len(effects) == 4
    for number in ("30 networks", "0.25 (p = 0.001)", "0.12 (p = 0.001)", "0.625 [0.500, 0.750]"):
        assert number in words


def test_with_nobody_to_compare_the_figure_says_so(tmp_path):
    nothing = {path: table.iloc[:0] for path, table in results().items()}
    figure, found, _ = drawn(load.parse({"results": str(tmp_path)}), "solution_space", nothing)
    assert texts(figure) == [style.NOBODY]
    assert found == {"distances": {}}
