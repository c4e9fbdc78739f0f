"""Meta-learned hyperparameters between settings and core: bounded, differentiated, in force for the learned rule."""

import math

import pandas as pd
import pytest
import torch

from threefactor.cli.main import main
from threefactor.contract import GateShape
from threefactor.experiment import build, build_rule, hyperparameters, learned, learning_runs
from threefactor.experiment.settings.errors import SettingsError
from threefactor.experiment.view import everything, value_at
from threefactor.metalearning import hyperparameters as core
from threefactor.metalearning import transforms
from threefactor.metalearning.sides import SHARE, value_of
from threefactor.pipeline.settings import load
from threefactor.stages.metalearn.hyperparameters import MOST, RATE, SIGNED

CPU = torch.device("cpu")
KEYS = [key for key in hyperparameters.IN_CORE if key not in ("perturbation.noise", "plasticity.update_size")]
POSITIVE = {"eligibility_time_ms": 800.0, "weight_time_ms": 50_000.0, "momentum": 0.4}
DEVIATION = {"deviation": "standardised", "deviation_bound": 3.0}
SETTINGS = everything(
    load.parse({"plasticity": {**POSITIVE, **DEVIATION}, "perturbation": {"rate_per_ms": 0.002}})
)
LEARNED = [
    "plasticity.baseline_exponent",
    "perturbation.size",
    "plasticity.eligibility_time_ms",
    "plasticity.weight_quadratic",
    "plasticity.deviation_rms_ms",
    "plasticity.deviation_bound",
    "plasticity.gate_baseline",
]
TINY = f"""
device: cpu
precision: float64
task: {{duration_ms: 200.0}}
network: {{units: 12}}
perturbation: {{rate_per_ms: 0.01}}
plasticity: {{warm_up_trials: 4, eligibility_time_ms: 150.0, deviation: normalised, deviation_bound: 2.5}}
criterion: {{window: 5, horizon: 12}}
metalearn:
  scaling_networks: 2
  networks: 2
  trials: 12
  steps: 3
  held_out_networks: 0
  rules:
    both: {{start: theta_33, estimator: reverse, objective: smoothed_error_rate, hyperparameters: {LEARNED}}}
    rate: {{start: theta_33, terms: ['33'], estimator: evolution, hyperparameters: [{RATE}]}}
    alone: {{start: theta_33, terms: ['33']}}
retrain: {{networks: 2, batches: 1, rules: [both, start_both, alone], snapshots: [0]}}
tracking: {{uri: ""}}
"""


def at(free):
    """Return the settings and the rule at free coordinates."""
    values = core.values(hyperparameters.core_values(SETTINGS, KEYS), free)
    settings = hyperparameters.with_hyperparameters(SETTINGS, KEYS, values)
    return settings, build_rule.polynomial(settings, [(3, 3)], torch.ones(1), hyperparameters.names(KEYS))


def size_of(key, free):
    """Return what can grow by a factor: a size, the odds of a decay, or of a coefficient its exponential."""
    settings, rule = at(free)
    if key.startswith("perturbation"):  # of which the core knows a factor alone
        return value_at(settings, key)
    name = hyperparameters.IN_CORE[key].name
    value = value_of(rule, name)
    if name in transforms.DECAYS:
        return value / (1 - value)
    return math.exp(value) if key in SIGNED else value


def test_hyperparameters_begin_where_they_are_and_stay_within_a_factor_of_four():
    nothing = torch.zeros(len(KEYS), dtype=torch.float64)
    for key in KEYS:
        assert value_at(at(nothing)[0], key) == pytest.approx(value_at(SETTINGS, key), rel=1e-12)
        start, most, least = (size_of(key, nothing + far) for far in (0, 1e3, -1e3))
        assert [most / start, least / start] == pytest.approx([4, 1 / 4], rel=1e-9), key


def test_a_time_at_its_very_bound_cannot_be_learned():
    config = load.parse({"task": {"delay_ms": 900.0}, "plasticity": {"weight_time_ms": 1500.0}})
    with pytest.raises(SettingsError, match=r"^plasticity\.weight_time_ms = 1500\.0: must be"):
        hyperparameters.core_values(everything(config), ["plasticity.weight_time_ms"])


def test_constants_of_a_deviation_are_those_that_the_rule_has():
    standard = at(torch.zeros(len(KEYS), dtype=torch.float64))[1].params.standard
    found = hyperparameters.core_values(SETTINGS, [key for key in KEYS if "deviation" in key])
    assert standard == pytest.approx(tuple(found.values()), rel=1e-12)
    assert standard.bound == pytest.approx(3.0)


def test_the_size_of_normalised_updates_is_a_hyperparameter():
    settings, key = SETTINGS.changed({"plasticity.update_size": 0.02}), "plasticity.update_size"
    assert hyperparameters.core_values(settings, [key]) == {"update_size": 0.02}
    larger = hyperparameters.with_hyperparameters(settings, [key], {"update_size": 0.03})
    rule = build_rule.polynomial(larger, [(3, 3)], torch.ones(1), ("update_size",))
    assert value_of(rule, "update_size") == rule.normalisation.size == 0.03
    assert rule.params.clip == math.inf
    network = SETTINGS.network
    assert rule.normalisation.unit == pytest.approx(network.gain / network.units**0.5)
    assert core.slopes(rule, torch.zeros(1)).item() == pytest.approx(0.03)


def test_slopes_are_those_of_the_core_values():
    free = torch.linspace(-1, 1, len(KEYS), dtype=torch.float64)
    found, step = core.slopes(at(free)[1], free), 1e-5
    for s, key in enumerate(KEYS):
        moved = torch.zeros_like(free)
        moved[s] = step
        (up_settings, up), (down_settings, down) = at(free + moved), at(free - moved)
        name = hyperparameters.IN_CORE[key].name
        if key.startswith("perturbation"):  # of which the core knows a factor alone
            here = value_at(at(free)[0], key)
            rise = (value_at(up_settings, key) - value_at(down_settings, key)) / here
            rise *= value_of(at(free)[1], name)
        else:
            rise = value_of(up, name) - value_of(down, name)
        assert found[s].item() == pytest.approx(rise / (2 * step), rel=1e-5), key


@pytest.fixture(scope="module")
def learning(tmp_path_factory):
    """Learn three rules and train networks under them; return settings and folder."""
    root = tmp_path_factory.mktemp("hyperparameters")
    path = root / "tiny.yaml"
    path.write_text(f"{TINY}\nresults: {root}\n")
    for key in ("both", "rate", "alone"):
        assert main(["metalearn", "--learned-rule", key, "--config", str(path)]) == 0
    for name in ("both", "start_both", "alone"):
        assert main(["retrain", "--learning-rule", name, "--batch", "0", "--config", str(path)]) == 0
    return load.load(path), root


def test_candidates_come_more_often_where_their_rate_is_learned(learning):
    settings = everything(learning[0])
    given = {}
    for key in ("rate", "alone"):
        source = learning_runs.source(settings, key, CPU)
        values = hyperparameters.core_values(settings, source.hyperparameters)
        (sample,) = learning_runs.draw(source, 0, values)
        trials = list(sample.experiences)
        given[key] = sum((trial.perturbation != 0).sum().item() for trial in trials)
    expected = 2 * 12 * 12 * 20 * 0.1  # networks, trials, units, steps, per step
    for key, factor in (("alone", 1.0), ("rate", 1 / SHARE)):
        assert given[key] == pytest.approx(factor * expected, abs=5 * (factor * expected) ** 0.5)
    assert pytest.approx(math.exp(transforms.REACH) / SHARE) == MOST


def test_what_was_learned_is_written_with_its_start(learning):
    config, root = learning
    found = pd.read_csv(root / "metalearn/both/hyperparameters.csv")
    assert list(found.name) == LEARNED
    assert list(found.start) == [value_at(config, key) for key in LEARNED]
    assert (found.start != found.value).all()
    assert found.unit.fillna("").tolist() == ["", "", "ms", "", "ms", "running rms", ""]
    assert len(pd.read_csv(root / "metalearn/alone/hyperparameters.csv")) == 0
    steps = pd.read_csv(root / "metalearn/both/history.csv")
    for key, start in zip(found.name, found.start, strict=True):
        assert steps[f"value_{key}"][0] == pytest.approx(start, rel=1e-12)
        assert steps[f"value_{key}"].nunique() == 3
        assert (steps[f"slope_{key}"] != 0).all()
    rate = pd.read_csv(root / "metalearn/rate/hyperparameters.csv")
    assert rate.name.tolist() == [RATE]
    assert rate.value[0] != rate.start[0]


def test_the_learned_rule_runs_under_its_hyperparameters_and_its_start_under_those_given(learning):
    config, root = learning
    settings = everything(config)
    table = pd.read_csv(root / "metalearn/both/hyperparameters.csv")
    both = {"both": learned.Learned(pd.read_csv(root / "metalearn/both/theta.csv"), table)}
    rule, own = learned.rule_under(settings, "both", both, CPU)
    values = dict(zip(table.name, table.value, strict=True))
    assert rule.params.baseline_exponent == values["plasticity.baseline_exponent"]
    assert rule.params.weight_quadratic == values["plasticity.weight_quadratic"]
    assert rule.params.shape == GateShape(gate_baseline=values["plasticity.gate_baseline"])
    assert rule.params.weight_unit == 1.5 / 12**0.5
    assert rule.params.eligibility_decay == pytest.approx(1 - 10 / values["plasticity.eligibility_time_ms"])
    standard = rule.params.standard
    assert standard.square_decay == pytest.approx(math.exp(-10 / values["plasticity.deviation_rms_ms"]))
    assert standard.bound == values["plasticity.deviation_bound"]
    assert build.environment(own).perturbation.size == values["perturbation.size"]
    begun, given = learned.rule_under(settings, "start_both", both, CPU)
    assert value_at(given, "perturbation.size") == config.perturbation.size
    assert begun.params.baseline_exponent == config.plasticity.baseline_exponent
    elsewhere = learned.rule_under(settings.changed({"plasticity.baseline_exponent": 1.0}), "both", both, CPU)
    assert elsewhere.settings.plasticity.baseline_exponent == 1.0, "what a condition changes stays"
    assert elsewhere.settings.perturbation.size == values["perturbation.size"]
    errors = [pd.read_csv(root / f"retrain/{name}/0.csv").error_last for name in ("both", "start_both")]
    assert (errors[0] != errors[1]).all()
