import numpy as np
import pytest

from made import crossed, drawn, expect_labelled, panels, texts
from stages.analyse.made_networks import ANALYSED, LEVEL, NETWORKS, by_rule, fixed_points, networks_table
from stages.compare_solutions.test_page import arrays
from threefactor.analysis.measures import MEASURES
from threefactor.analysis.solutions.class_columns import (
    CLUSTERS,
    EXPLAINED,
    OVER_NULL,
    PREDICTIONS,
    TWO_BY_TWO,
)
from threefactor.analysis.solutions.class_findings import shown_rules
from threefactor.analysis.solutions.comparison_columns import EMBEDDING
from threefactor.pipeline.settings import load
from threefactor.plotting import style

DISTANCES = ["cka", "procrustes", "dsa", "weights"]
LEVELS = [0.7, LEVEL]
COMPARED = [*(measure.name for measure in MEASURES if measure.compared), "error_out_of_distribution"]


def clear(name):
    """Return a column that is one where an effect is of feedback on sharpness, and else zero, times a number."""
    return lambda table: (
        np.where((table.effect == "feedback") & (table.quantity == "sharpness"), 1.0, 0.0) * name
    )


def results():
    """Return tables in which clusters are the rules, and feedback alone makes networks flat."""
    embedding = crossed(
        EMBEDDING, level=LEVELS, distance=DISTANCES, learning_rule=ANALYSED, network=list(range(NETWORKS))
    )
    explained = crossed(
        EXPLAINED,
        level=LEVELS,
        distance=DISTANCES,
        covariates=["none", "rank and error"],
        factor=["learning_rule", "initialisation", "gain", "residual"],
        levels=lambda table: np.where(table.factor == "residual", 0, 3),
        effect=0.25,
        null=0.125,
        adjusted=lambda table: np.where(table.factor == "learning_rule", 0.375, 0.0625),
        p_holm=lambda table: np.where(table.factor == "learning_rule", 0.01, 0.5),
    )
    clusters = crossed(
        CLUSTERS,
        level=LEVELS,
        distance=DISTANCES,
        of=["all", "all without initialisations", "bptt"],
        number=3,
        p=0.01,
        rand_learning_rule=0.75,
    )
    predictions = crossed(
        PREDICTIONS,
        level=LEVELS,
        features=["measures", "units", "trajectory"],
        left_out=["initialisation", "gain"],
        accuracy=0.875,
        chance=0.25,
        p=0.02,
        networks=18,
    )
    over_null = crossed(
        OVER_NULL,
        level=LEVELS,
        distance=DISTANCES,
        learning_rule=ANALYSED,
        walks=["steered", "random"],
        anchors=4,
        ratio=lambda table: np.select(
            [table.walks == "random", table.learning_rule == "theta_33", table.learning_rule == "bptt"],
            [2.0, 0.75, 1 / 3],
            0.5,
        ),
        ratio_low=lambda table: np.where(table.learning_rule == "bptt", np.nan, 0.25),
        ratio_high=lambda table: np.where(table.learning_rule == "bptt", np.nan, 4.0),
        noise=lambda table: np.where(table.distance == "weights", 0.0, 0.125),
        reachable=0.5,
        reachable_halfway=0.25,
        within=0.25,
        from_anchor=0.75,
    )
    effects = crossed(
        TWO_BY_TWO,
        level=LEVELS,
        quantity=COMPARED,
        effect=["locality", "feedback", "interaction"],
        rules=8,
        estimate=lambda table: 0.5 - clear(4.5)(table),
        standardised=lambda table: table.estimate / 2,
        estimate_low=lambda table: table.estimate - 1,
        estimate_high=lambda table: table.estimate + 1,
        low_rules=lambda table: table.estimate - 2,
        high_rules=lambda table: table.estimate + 2,
        p_rules=lambda table: 0.9 - clear(0.8999)(table),
    )
    made = {
        "embedding": embedding,
        "explained": explained,
        "clusters": clusters,
        "predictions": predictions,
        "over_null": over_null,
        "two_by_two": effects,
    }
    made = {f"compare_solutions/{name}.csv": table for name, table in made.items()}
    tables = by_rule(".csv", networks_table()) | by_rule(".fixed_points.csv", fixed_points())
    return made | tables | {f"analyse/{rule}/0.safetensors": arrays(rule) for rule in ANALYSED}


def draw(folder, **changed):
    """Draw the figure from results of which some tables are changed by a function."""
    made = results()
    made |= {
        f"compare_solutions/{name}.csv": change(made[f"compare_solutions/{name}.csv"])
        for name, change in changed.items()
    }
    return drawn(load.parse({"results": str(folder)}), "solution_classes", made)


def none_of(table):
    return table.iloc[:0]


def titles(figure):
    return [ax.get_title(loc="left").partition("  ")[2].replace("$", "") for ax in panels(figure)]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return draw(tmp_path_factory.mktemp("whole"))


def test_every_panel_is_there(whole):
    expect_labelled(whole.figure)
    shown = titles(whole.figure)
    assert len(shown) == len(LEVELS) + len(ANALYSED) + 3 + 1 + 3
    assert [title.split(",")[0] for title in shown[:2]] == ["Error 0.7", "Error 0.5"]
    assert shown[5:8] == ["arccos CKA", "DSA\nwith inputs", "weights"], "the first distance of each kind"
    assert shown[-3:] == ["Locality", "Feedback", "Interaction"]


def test_a_map_shows_every_network_at_its_level(whole):
    placed = results()["compare_solutions/embedding.csv"].query("distance == 'cka'")
    for ax, level in zip(whole.figure.axes, LEVELS, strict=False):
        marks = np.concatenate([line.get_xydata() for line in ax.lines])
        own = placed[placed.level == level][["x", "y"]].to_numpy()
        assert np.array_equal(np.sort(marks, axis=0), np.sort(own, axis=0))


def test_what_is_clear_of_zero_over_rules_is_filled(whole):
    (feedback,) = [ax for ax in whole.figure.axes if ax.get_title(loc="left").endswith("Feedback")]
    marks = [line for line in feedback.lines if line.get_marker() == "o"]
    assert len(marks) == len(COMPARED)
    filled = [line for line in marks if line.get_markerfacecolor() != "white"]
    assert [line.get_xdata()[0] for line in filled] == [-2.0], "in standard deviations"


def test_findings_state_the_tables_at_the_level(whole):
    found = whole.findings
    assert found["level"] == LEVEL
    assert found["explained"]["cka"]["factors"]["learning_rule"]["adjusted"] == 0.375
    assert set(found["explained"]["cka"]["factors"]) == {"learning_rule", "initialisation", "gain"}
    over_null = found["over_null"]["cka"]
    assert (over_null["rules"], over_null["noise"], over_null["second_half"]) == (len(ANALYSED), 0.25, 2.0)
    assert over_null["away"] == 3
    assert over_null["mean"] == pytest.approx(0.5)
    assert over_null["highest"] == {"rule": "theta_33", "ratio": 0.75}
    assert (over_null["below"], over_null["above"]) == (0, 0), (
        "the interval of one holds 1, the other has none"
    )
    assert found["effects"] == {"locality": {}, "feedback": {"Sharpness": -2.0}, "interaction": {}}
    assert found["classes"]["answer"] == "yes"
    assert found["simplicity"]["answer"] == "yes"
    assert {name: one["answer"] for name, one in found["simplicity"]["effects"].items()} == {
        "locality": "unknown",
        "feedback": "yes",
    }


@pytest.mark.parametrize(
    "number",
    [
        "rule 0.38*, initialisation 0.06, gain 0.06",
        "0.50 (geometric mean",
        "0.75), interval below 1 for 0",
        "2.00 times as far",
        "88 %",
        "chance is 25 %",
        "-2.0 SD [-3.0, -1.0]",
        "rules by 0.75",
    ],
)
def test_the_caption_states_the_numbers(whole, number):
    assert number in whole.words


def test_the_caption_answers_both_questions(whole, tmp_path):
    assert "classes of solutions? Yes." in whole.words
    assert "simpler solutions? Yes." in whole.words
    other = draw(
        tmp_path,
        clusters=lambda table: table.assign(rand_learning_rule=0.125),
        two_by_two=lambda table: table.assign(low_rules=-9.0, high_rules=9.0),
    )
    assert "classes of solutions? No." in other.words
    assert "simpler solutions? Unknown." in other.words


def test_without_walks_or_a_full_two_by_two_panels_say_so(tmp_path):
    figure, found, words = draw(tmp_path, over_null=none_of, two_by_two=none_of, predictions=none_of)
    expect_labelled(figure)
    said = " ".join(texts(figure))
    assert "no walks" in said
    assert "2 × 2" in said
    assert found["over_null"] == {"cka": {}, "dsa": {}, "weights": {}}
    assert found["simplicity"]["answer"] == "unknown"
    assert "simpler solutions? Unknown." in words


def test_walks_of_no_anchor_are_no_walks(tmp_path):
    figure, _, _ = draw(tmp_path, over_null=lambda table: table.assign(ratio=np.nan))
    assert any("no walks" in one for one in texts(figure))


def test_another_level_may_have_nothing_to_show(tmp_path):
    figure, found, words = draw(
        tmp_path,
        **{
            name: lambda table: table[table.level != LEVEL]
            for name in ("explained", "clusters", "predictions", "over_null", "two_by_two")
        },
    )
    expect_labelled(figure)
    assert found["explained"] == {}
    assert "classes of solutions? Unknown." in words


def test_with_nobody_to_compare_the_figure_says_so(tmp_path):
    names = ("embedding", "explained", "clusters", "predictions", "over_null", "two_by_two")
    figure, found, _ = draw(tmp_path, **dict.fromkeys(names, none_of))
    assert texts(figure) == [style.NOBODY]
    assert found["classes"]["answer"] == "unknown"


def test_rules_of_every_access_are_shown_first():
    rules = ["theta_33", "theta_13", "theta_11", "eprop", "rflo", "bptt"]
    access = dict(zip(rules, ["reward"] * 3 + ["error"] * 2 + ["gradient"], strict=True))
    assert shown_rules(rules, access, 3) == ["theta_33", "eprop", "bptt"]
    assert shown_rules(rules, access, 4) == ["theta_33", "theta_13", "eprop", "bptt"]
    assert shown_rules(rules, access, 9) == rules
