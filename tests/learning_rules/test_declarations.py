"""Every learning rule declares what it is, and makes its parameters from its settings and its surroundings."""

import importlib

import pytest
import torch

from declarations import problems
from threefactor import seeding
from threefactor.contract import GateShape, Surroundings
from threefactor.declarations import PACKAGE, declared, functions, names_in
from threefactor.experiment.view import everything, value_at
from threefactor.learning_rules.bptt import Bptt
from threefactor.learning_rules.force import Force
from threefactor.learning_rules.local_gradient import LocalGradient
from threefactor.learning_rules.third_factor import Constants
from threefactor.network.initial import unit_readout
from threefactor.pipeline.settings import load

RULES = {name: PACKAGE / f"learning_rules/{name}.py" for name in names_in("learning_rules", "update")}
OF_THETA = "polynomial"  # the parameters of which are theta and the constants of plasticity
INFORMATION = {
    "bptt": "gradient",
    "bptt_gradient_descent": "gradient",
    "eprop": "error",
    "force": "error",
    "full_force": "error",
    "exploratory_hebb": "reward",
    "node_perturbation": "perturbation",
    "polynomial": "reward",
    "reinforce": "perturbation",
    "reward_eprop": "perturbation",
    "reward_rflo": "perturbation",
    "rflo": "error",
    "weight_perturbation": "perturbation",
}
NOT_LOCAL = {"bptt", "bptt_gradient_descent", "force", "full_force", "reinforce"}
EXPLORES = {
    "reinforce": "outputs",
    "reward_eprop": "outputs",
    "reward_rflo": "outputs",
    "weight_perturbation": "weights",
}
STEPS = {"learning_rate", "plasticity.learning_rate", "regularisation"}
"""What decides how far a rule goes at a time; in least squares that is how much a change costs."""

UNITS, OUTPUTS, CLAMPED = 9, 2, {1: 1.0}


def surroundings(rule, *, readout, dtype=torch.float64):
    read = unit_readout(UNITS, OUTPUTS, CLAMPED, "tanh") if readout == "unit" else None
    return Surroundings(
        learning_rate=0.4,
        clip=0.03,
        baseline_exponent=1.5,
        time_step=10.0,
        onset=3,
        units=UNITS,
        outputs=OUTPUTS,
        dtype=dtype,
        device=torch.device("cpu"),
        unit_readout=read,
        generator=lambda purpose: seeding.generator(7, rule, purpose),
        shape=GateShape(gate_error=0.6),
    )


def made(rule, *, readout="unit", dtype=torch.float64, **settings):
    defaults = {name: one["default"] for name, one in declared(RULES[rule]).get("SETTINGS", {}).items()}
    module = importlib.import_module(f"threefactor.learning_rules.{rule}")
    return module.parameters(defaults | settings, surroundings(rule, readout=readout, dtype=dtype))


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_declares_its_label_its_information_and_its_settings(rule):
    found = declared(RULES[rule])
    assert found["LABEL"]
    assert found["INFORMATION"] in ("reward", "perturbation", "error", "gradient")
    assert found.get("MIXES_TRIAL_TYPES", True) is True
    assert problems(found.get("SETTINGS", {})) == []
    assert {"init", "update"} <= functions(RULES[rule])
    assert "parameters" in functions(RULES[rule]) or rule == OF_THETA


def test_labels_differ_and_information_is_what_each_rule_has_access_to():
    labels = {rule: declared(file)["LABEL"] for rule, file in RULES.items()}
    assert len(set(labels.values())) == len(labels)
    found = {rule: declared(file)["INFORMATION"] for rule, file in RULES.items()}
    assert {rule: found[rule] for rule in INFORMATION} == INFORMATION


def test_a_rule_is_local_unless_a_synapse_needs_what_only_others_know():
    found = {rule for rule, file in RULES.items() if not declared(file).get("LOCAL", True)}
    assert found >= NOT_LOCAL
    assert not found & (INFORMATION.keys() - NOT_LOCAL)


def test_a_rule_that_explores_says_with_what_and_how_much():
    found = {rule: one["EXPLORES"] for rule, file in RULES.items() if "EXPLORES" in (one := declared(file))}
    assert {rule: found[rule] for rule in EXPLORES} == EXPLORES
    for rule in found:
        assert made(rule, exploration=0.25).exploration == 0.25


@pytest.mark.parametrize("rule", RULES)
def test_two_settings_are_tuned_within_their_bounds_the_step_among_them(rule):
    """Keys without a dot are of the rule, others of the experiment; multiples of the default around one."""
    found = declared(RULES[rule])
    assert found["SOURCE"]
    own, tuned = found.get("SETTINGS", {}), found["TUNED"]
    assert len(tuned) == 2
    assert tuned.keys() & STEPS
    experiment = everything(load.parse({}))
    for key, (lowest, highest) in tuned.items():
        assert lowest <= 1 < highest
        for factor in (lowest, highest):
            if "." in key:
                block, name = key.split(".")
                load.parse({block: {name: factor * value_at(experiment, key)}})
            else:
                value = factor * own[key]["default"]
                load.parse({"learning_rules": {rule: {key: value}}})


def test_node_perturbation_takes_the_constants_of_plasticity_and_its_own_learning_rate():
    assert made("node_perturbation") == Constants(1.8e-3, 0.03, 1.5, 10.0, 3, GateShape(gate_error=0.6))
    assert made("node_perturbation", learning_rate=0.2).learning_rate == 0.2


def test_bptt_takes_adams_constants_and_its_own_learning_rate():
    assert made("bptt") == Bptt(1e-3, 0.9, 0.999, 1e-8)
    assert made("bptt", learning_rate=0.2, first_decay=0.5)[:2] == (0.2, 0.5)


def test_force_and_full_force_take_their_own_settings_and_weights_of_the_target_are_drawn():
    assert made("force", regularisation=0.2, interval=3) == Force(0.2, 3)
    found = made("full_force", regularisation=0.2, interval=3, target_scale=0.5, dtype=torch.float32)
    assert found[:2] == (0.2, 3)
    drawn = torch.rand(
        UNITS, OUTPUTS, generator=seeding.generator(7, "full_force", "target"), dtype=torch.float64
    )
    assert torch.equal(found.target_weights, (0.5 * (2 * drawn - 1)).float())


@pytest.mark.parametrize(
    ("rule", "rate", "feedback"), [("rflo", 0.03, "random"), ("eprop", 0.3, "symmetric")]
)
def test_local_rules_have_their_usual_feedback(rule, rate, feedback):
    found = made(rule)
    assert found[:2] == (rate, 0.03)
    assert (found.broadcast is None) == (feedback == "symmetric")
    assert made(rule, feedback="symmetric") == LocalGradient(rate, 0.03, None)


@pytest.mark.parametrize("rule", ["rflo", "eprop"])
@pytest.mark.parametrize("readout", ["unit", "random"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_random_feedback_is_drawn_in_double_precision_and_output_units_get_their_own_error(
    rule, readout, dtype
):
    found = made(rule, readout=readout, dtype=dtype, feedback="random").broadcast
    source = seeding.generator(7, rule, "feedback")
    exact = torch.randn(OUTPUTS, UNITS, generator=source, dtype=torch.float64) / UNITS**0.5
    if readout == "unit":  # units 0 and 2: the first that are not clamped
        exact[:, 0] = torch.tensor([1.0, 0.0])
        exact[:, 2] = torch.tensor([0.0, 1.0])
    assert torch.equal(found, exact.to(dtype))
