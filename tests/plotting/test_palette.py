"""Colours and names of learning rules follow from their files and names, and stay apart."""

import itertools
from pathlib import Path

import matplotlib.colors
import numpy as np
import pytest

from plotting.sight import SIGHT, distance
from threefactor.declarations import INFORMATION, PACKAGE, declared
from threefactor.experiment import rules
from threefactor.pipeline.settings import load
from threefactor.plotting import palette

APART = 14
"""Least distance in CIELAB of colours that share a line: lines are thin and do not lie side by side."""

CONFIGURATIONS = sorted((Path(__file__).parents[2] / "config").glob("*.yaml"))


def grey(colour):
    return np.dot(matplotlib.colors.to_rgb(colour), (0.299, 0.587, 0.114))


def apart(colours):
    """Return the least distance of two colours, of at most √3."""
    points = [np.array(matplotlib.colors.to_rgb(colour)) for colour in colours]
    return min(np.linalg.norm(a - b) for a, b in itertools.combinations(points, 2))


def test_a_rule_of_a_file_has_the_label_that_it_declares():
    for rule in rules.files():
        assert palette.label(rule) == declared(PACKAGE / "learning_rules" / f"{rule}.py")["LABEL"]


def test_other_rules_are_named_by_their_powers_or_key():
    assert palette.label("theta_15") == "θ₁₅"
    assert palette.label("theta_33_standardised") == "θ₃₃ standardised"
    assert palette.label("learned_theta33") == "learned from θ₃₃"
    assert palette.label("learned_random") == "learned from random"
    assert palette.label("start_learned_random") == "random start"
    assert palette.label("weight_dependent") == "weight dependent"
    assert palette.label("tuned_theta_33") == "θ₃₃ tuned"


def test_a_rule_that_was_tuned_stands_behind_its_own_with_its_colour_and_another_line():
    for rule in ("theta_33", "x", "start_x", "weight_perturbation"):
        assert palette.colour(f"tuned_{rule}") == palette.colour(rule)
        assert palette.dashes(f"tuned_{rule}") != palette.dashes(rule)
    names = ["bptt", "tuned_weight_perturbation", "x", "tuned_theta_33", "weight_perturbation", "theta_33"]
    expected = ["theta_33", "tuned_theta_33", "x", "weight_perturbation", "tuned_weight_perturbation", "bptt"]
    assert palette.ordered(names) == expected


def expect_apart(names):
    """Check that rules have colours of their own, which people with red or green blindness see where lines are alike."""
    assert len({palette.label(name) for name in names}) == len(names)
    assert apart([palette.colour(name) for name in names]) > 0.1
    for one, other in itertools.combinations(names, 2):
        if palette.dashes(one) == palette.dashes(other):
            assert distance(palette.colour(one), palette.colour(other)) > APART, (one, other)


@pytest.mark.parametrize("path", CONFIGURATIONS, ids=lambda path: path.stem)
def test_the_rules_of_an_experiment_have_names_and_colours_of_their_own(path):
    settings = load.load(path)
    for names in (settings.retrain.rules, settings.tune.rules):
        if len(names) > 1:
            expect_apart(names)


def test_rules_of_files_and_of_one_odd_term_stay_apart():
    expect_apart(rules.files())
    expect_apart([f"theta_{k}{l}" for k, l in itertools.product((1, 3, 5), repeat=2)])


def test_there_is_room_for_rules_to_come():
    assert set(palette.FILES) == set(INFORMATION)
    assert sum(map(len, palette.FILES.values())) >= 14
    assert apart([*palette.COOL, *palette.WARM, *itertools.chain(*palette.FILES.values())]) > 0.1
    together = [[*palette.COOL, *palette.WARM, *palette.FILES["reward"]], *palette.FILES.values()]
    for colours in together:
        assert min(distance(*pair) for pair in itertools.combinations(colours, 2)) > APART


def test_red_and_green_are_alike_to_some_and_greys_are_grey_to_all():
    assert distance("#BB3311", "#667700") < APART < distance("#BB3311", "#113388")
    assert all(seen.sum(1) == pytest.approx(1, abs=1e-5) for seen in SIGHT.values())  # of published digits


def test_lines_and_marks_go_by_what_rules_have_access_to():
    kinds = [[name for name in rules.files() if rules.about(name).information == one] for one in INFORMATION]
    kinds[0] += ["theta_33", "learned_random"]
    kinds += [["theta_33_standardised", "theta_13_raw"], ["start_learned_random", "start_zeta"]]
    for style in (palette.dashes, palette.mark):
        found = [{style(name) for name in names} for names in kinds]
        assert [len(one) for one in found] == [1] * len(kinds)
        assert len(set.union(*found)) == len(kinds)


def test_the_same_term_on_another_deviation_has_another_colour():
    names = [f"theta_{term}{end}" for term in (33, 13) for end in ("", "_normalised", "_standardised")]
    assert apart([palette.colour(name) for name in names]) > 0.1


def test_a_start_is_the_paler_dashed_rule():
    assert (palette.dashes("start_x"), palette.dashes("x")) == ("--", "-")
    assert grey(palette.colour("start_x")) > grey(palette.colour("x"))
    pale, full = (
        matplotlib.colors.rgb_to_hsv(matplotlib.colors.to_rgb(palette.colour(n))) for n in ("start_x", "x")
    )
    assert pale[0] == pytest.approx(full[0], abs=0.02)


def test_what_is_compared_most_stays_apart_in_grey():
    assert abs(grey(palette.colour("theta_33")) - grey(palette.colour("learned_random"))) > 0.2
    assert abs(grey(palette.colour("bptt")) - grey(palette.colour("node_perturbation"))) > 0.2


def test_the_order_goes_by_what_rules_have_access_to():
    names = ["bptt", "zeta", "rflo", "theta_33_raw", "start_zeta", "node_perturbation", "theta_11", "zeta"]
    wanted = ["theta_11", "theta_33_raw", "zeta", "start_zeta", "node_perturbation", "rflo", "bptt"]
    assert palette.ordered(names) == wanted
