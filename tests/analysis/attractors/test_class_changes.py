"""When attractors change along learning."""

import pandas as pd

from threefactor.analysis.attractors.class_changes import CLASS_CHANGES, class_changes


def rows(network, condition, trials, *kinds):
    return [(network, condition, trials, index, kind) for index, kind in enumerate(kinds)]


def test_changes_of_class_and_of_number_are_listed_with_the_points_between_which_they_fall():
    learned = [
        *rows(1, "none", 400, "limit cycle", "fixed point"),
        *rows(1, "none", 0, "fixed point"),
        *rows(1, "none", 100, "fixed point"),
        *rows(1, "none", 900, "limit cycle"),
        *rows(1, "a", 0, "fixed point"),
        *rows(1, "a", 900, "fixed point"),
        *rows(0, "none", 50, "chaos"),
        *rows(0, "none", 70, "fixed point"),
    ]
    table = pd.DataFrame(learned, columns=["network", "condition", "trials", "index", "class"])
    found = class_changes(table.sample(frac=1, random_state=1))
    assert found.columns.tolist() == CLASS_CHANGES.names()[1:]
    assert found.values.tolist() == [
        [0, "none", 50, 70, "chaos", "fixed point", 1, 1],
        [1, "none", 100, 400, "fixed point", "limit cycle", 1, 2],
        [1, "none", 400, 900, "limit cycle", "limit cycle", 2, 1],
    ]


def test_networks_at_one_point_of_learning_do_not_change():
    table = pd.DataFrame(
        rows(1, "a", 5, "torus"), columns=["network", "condition", "trials", "index", "class"]
    )
    assert class_changes(table).empty
