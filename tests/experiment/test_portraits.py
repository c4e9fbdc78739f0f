import numpy as np

from stages.analyse.made_networks import ANALYSED, LEVEL, TASK, fixed_points, networks_table
from stages.compare_solutions.test_page import Made, arrays
from threefactor.experiment.portraits import portraits

WANTED = {ANALYSED[0]: [4, 1], ANALYSED[2]: [0, 99]}


def taken(level, points):
    found = portraits(Made(networks_table(), points), level, WANTED, TASK.trial_types)
    return {(one.rule, one.network): one for one in found}


def test_networks_that_are_wanted_are_taken_with_their_own_arrays():
    found = taken(0.7, fixed_points().assign(level=0.7))
    assert list(found) == [(ANALYSED[0], 1), (ANALYSED[0], 4), (ANALYSED[2], 0)]
    for (rule, network), one in found.items():
        assert np.allclose(one.projection, arrays(rule)["0.7.projection"][network].numpy())
        assert one.trial_types == tuple(TASK.trial_types)


def test_fixed_points_are_those_of_the_network_and_level_without_input():
    points = fixed_points()
    one = taken(LEVEL, points)[ANALYSED[0], 1]
    own = points.query("learning_rule == @ANALYSED[0] and network == 1 and condition == 'none'")
    assert len(own) == 3
    assert np.array_equal(one.points, own[["pc1", "pc2", "pc3"]].to_numpy())
    assert np.array_equal(one.stable, own.stable)
    assert all(len(one.points) == 0 for one in taken(0.7, points).values())


def test_a_level_without_arrays_has_no_portrait():
    assert taken(0.123, fixed_points()) == {}
    assert all(len(one.points) == 0 for one in taken(LEVEL, fixed_points().iloc[:0]).values())
