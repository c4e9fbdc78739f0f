"""Settings that are learned beside theta: bounded, written down, and lived under by the learned rule."""

import math

import pandas as pd
import pytest
import torch

from threefactor.cli.main import main
from threefactor.pipeline.settings import load
from threefactor.experiment.settings.errors import ConfigError
from threefactor.experiment.hyperparameters import MOST, RATE, SIGNED
from threefactor.metalearning import transforms
from threefactor.metalearning.sides import SHARE, value_of
from threefactor.stages import hyperparameters
from threefactor.experiment import build as assemble
from threefactor.experiment import learned

CPU = torch.device("cpu")
KEYS = tuple(hyperparameters.CORE)
TIMES = {"eligibility_time_ms": 800.0, "weight_time_ms": 50_000.0}
CONFIG = load.parse({"plasticity": TIMES, "perturbation": {"rate_per_ms": 0.002}})
LEARNED = [
    "plasticity.baseline_exponent",
    "perturbation.size",
    "plasticity.eligibility_time_ms",
    "plasticity.weight_quadratic",
]
TINY = f"""
device: cpu
precision: float64
task: {{duration_ms: 200.0}}
network: {{units: 12}}
perturbation: {{rate_per_ms: 0.01}}
plasticity: {{warm_up_trials: 4, eligibility_time_ms: 150.0}}
criterion: {{window: 5, horizon: 12}}
metalearn:
  scaling_networks: 2
  networks: 2
  lifetime: 12
  steps: 3
  held_out_networks: 0
  rules:
    beside: {{start: theta_33, estimator: reverse, objective: soft, learn: {LEARNED}}}
    kicks: {{start: theta_33, terms: ['33'], estimator: evolution, learn: [{RATE}]}}
    alone: {{start: theta_33, terms: ['33']}}
retrain: {{networks: 2, batches: 1, rules: [beside, start_beside, alone], snapshots: [0]}}
tracking: {{uri: ""}}
"""


def rule_at(free):
    config = hyperparameters.settings(CONFIG, KEYS, free)
    return config, assemble.polynomial(config, [(3, 3)], torch.ones(1), hyperparameters.names(KEYS))


def size_of(name, key, free):
    """Return what can grow by a factor: a size, the odds of a decay, or of a coefficient its exponential."""
    config, rule = rule_at(free)
    if name.startswith("kick"):  # the core knows kicks by a factor alone
        return assemble.value(config, key)
    value = value_of(rule, name)
    if name.endswith("decay"):
        return value / (1 - value)
    return math.exp(value) if key in SIGNED else value


def test_settings_begin_where_they_are_and_stay_within_a_factor_of_four():
    nothing = torch.zeros(len(KEYS), dtype=torch.float64)
    for name, key in zip(hyperparameters.names(KEYS), KEYS, strict=True):
        here = assemble.value(rule_at(nothing)[0], key)
        assert here == pytest.approx(assemble.value(CONFIG, key), rel=1e-12)
        start, most, least = (size_of(name, key, nothing + far) for far in (0, 1e3, -1e3))
        assert [most / start, least / start] == pytest.approx([4, 1 / 4], rel=1e-9), key


def test_a_time_at_its_very_bound_cannot_be_learned():
    config = load.parse({"task": {"delay_ms": 900.0}, "plasticity": {"weight_time_ms": 1500.0}})
    with pytest.raises(ConfigError, match=r"^plasticity\.weight_time_ms = 1500\.0: .*to be learned"):
        hyperparameters.settings(config, ["plasticity.weight_time_ms"], torch.zeros(1))


def test_slopes_are_those_of_the_core_values():
    free = torch.linspace(-1, 1, len(KEYS), dtype=torch.float64)
    _, rule = rule_at(free)
    found = hyperparameters.slopes(rule, free)
    step = 1e-5
    for s, key in enumerate(KEYS):
        moved = torch.zeros_like(free)
        moved[s] = step
        (up_config, up), (down_config, down) = rule_at(free + moved), rule_at(free - moved)
        name = hyperparameters.names(KEYS)[s]
        if name.startswith("kick"):  # the core knows kicks by a factor alone
            here = assemble.value(rule_at(free)[0], key)
            rise = (assemble.value(up_config, key) - assemble.value(down_config, key)) / here
            rise *= value_of(rule, name)
        else:
            rise = value_of(up, name) - value_of(down, name)
        assert found[s].item() == pytest.approx(rise / (2 * step), rel=1e-5), key


def test_candidates_come_more_often_where_their_rate_is_learned():
    plain = assemble.environment(CONFIG).perturbation_probability
    assert hyperparameters.environment(CONFIG, ()).perturbation_probability == plain
    assert hyperparameters.environment(CONFIG, (RATE,)).perturbation_probability == pytest.approx(
        plain / SHARE
    )
    assert pytest.approx(torch.tensor(transforms.REACH).exp().item() / SHARE) == MOST


@pytest.fixture(scope="module")
def learning(tmp_path_factory):
    """Learn three rules and train networks under them; return settings and folder."""
    root = tmp_path_factory.mktemp("hyperparameters")
    path = root / "tiny.yaml"
    path.write_text(f"{TINY}\nresults: {root}\n")
    for key in ("beside", "kicks", "alone"):
        assert main(["metalearn", "--learned-rule", key, "--config", str(path)]) == 0
    for name in ("beside", "start_beside", "alone"):
        assert main(["retrain", "--learning-rule", name, "--batch", "0", "--config", str(path)]) == 0
    return load.load(path), root


def test_what_was_learned_is_written_with_its_start(learning):
    config, root = learning
    found = pd.read_csv(root / "metalearn/beside/hyperparameters.csv")
    assert list(found.name) == LEARNED
    assert list(found.start) == [assemble.value(config, key) for key in LEARNED]
    assert (found.start != found.value).all()
    assert found.unit.fillna("").tolist() == ["", "", "ms", ""]
    assert len(pd.read_csv(root / "metalearn/alone/hyperparameters.csv")) == 0
    steps = pd.read_csv(root / "metalearn/beside/history.csv")
    for key, start in zip(found.name, found.start, strict=True):
        assert steps[f"value_{key}"][0] == pytest.approx(start, rel=1e-12)
        assert steps[f"value_{key}"].nunique() == 3
        assert (steps[f"slope_{key}"] != 0).all()
    kicks = pd.read_csv(root / "metalearn/kicks/hyperparameters.csv")
    assert kicks.name.tolist() == [RATE]
    assert kicks.value[0] != kicks.start[0]


def test_the_learned_rule_lives_under_its_settings_and_its_start_under_those_given(learning):
    config, root = learning
    table = pd.read_csv(root / "metalearn/beside/hyperparameters.csv")
    theta = pd.read_csv(root / "metalearn/beside/theta.csv")
    both = {"beside": learned.Learned(theta, table)}
    rule, own = learned.living(config, "beside", both, CPU)
    values = dict(zip(table.name, table.value, strict=True))
    assert rule.params.baseline_exponent == values["plasticity.baseline_exponent"]
    assert rule.params.weight_quadratic == values["plasticity.weight_quadratic"]
    assert rule.params.weight_unit == 1.5 / 12**0.5
    assert rule.params.eligibility_decay == pytest.approx(1 - 10 / values["plasticity.eligibility_time_ms"])
    assert assemble.environment(own).perturbation_size == values["perturbation.size"]
    begun, given = learned.living(config, "start_beside", both, CPU)
    assert given == config
    assert begun.params.baseline_exponent == config.plasticity.baseline_exponent
    changed = assemble.with_values(config, {"plasticity.baseline_exponent": 1.0})
    elsewhere = learned.living(changed, "beside", both, CPU)[1]
    assert elsewhere.plasticity.baseline_exponent == 1.0, "what a condition changes stays"
    assert elsewhere.perturbation.size == values["perturbation.size"]
    errors = [pd.read_csv(root / f"retrain/{name}/0.csv").error_last for name in ("beside", "start_beside")]
    assert (errors[0] != errors[1]).all()


WRONG = {
    "a score": (
        {
            "rules": {
                "a": {
                    "start": "theta_33",
                    "estimator": "score_local",
                    "noise": 0.5,
                    "learn": ["plasticity.clip"],
                }
            }
        },
        {},
        "metalearn.rules.a.learn = ['plasticity.clip']: allowed is [] with estimator 'score_local'",
    ),
    "how often kicks come": (
        {"rules": {"a": {"start": "theta_33", "learn": [RATE]}}},
        {},
        "metalearn.rules.a.learn: 'perturbation.rate_per_ms' needs estimator 'evolution'",
    ),
    "a scale twice": (
        {"norm": 0.0, "rules": {"a": {"start": "theta_33", "learn": ["plasticity.learning_rate"]}}},
        {},
        "metalearn.rules.a.learn: 'plasticity.learning_rate' needs a positive norm (metalearn.rules.a.norm",
    ),
    "a setting twice": (
        {"rules": {"a": {"start": "theta_33", "learn": ["plasticity.clip", "plasticity.clip"]}}},
        {},
        "a setting stands twice, allowed is once",
    ),
    "a time that is none": (
        {"rules": {"a": {"start": "theta_33", "learn": ["plasticity.weight_time_ms"]}}},
        {},
        "plasticity.weight_time_ms = '': to be learned, allowed is more than 1000",
    ),
    "no weights to look at": (
        {"rules": {"a": {"start": "theta_33", "learn": ["plasticity.weight_linear"]}}},
        {"network": {"gain": 0.0}},
        "network.gain = 0.0: allowed is a positive one with plasticity.weight_linear or .weight_quadratic",
    ),
    "no baseline_exponent": (
        {"rules": {"a": {"start": "theta_33", "learn": ["plasticity.baseline_exponent"]}}},
        {"plasticity": {"baseline_exponent": 0.0}},
        "plasticity.baseline_exponent = 0.0: to be learned, allowed is more than 0",
    ),
    "kicks that could not come more often": (
        {"rules": {"a": {"start": "theta_33", "estimator": "evolution", "learn": [RATE]}}},
        {"perturbation": {"rate_per_ms": 0.02}},
        "perturbation.rate_per_ms = 0.02: to be learned, allowed is less than 0.0125",
    ),
    "the size of kicks under noise": (
        {"rules": {"a": {"start": "theta_33", "learn": ["perturbation.size"]}}},
        {"perturbation": {"kind": "noise"}},
        "perturbation.size = 0.5: to be learned, perturbation.kind should be 'kicks'; it is 'noise'",
    ),
    "noise under kicks": (
        {"rules": {"a": {"start": "theta_33", "learn": ["perturbation.noise"]}}},
        {},
        "perturbation.noise = 0.065: to be learned, perturbation.kind should be 'noise'; it is 'kicks'",
    ),
    "a soft error of another reward": (
        {"rules": {"a": {"start": "theta_33", "objective": "soft"}}},
        {"task": {"reward": "squared"}},
        "metalearn.rules.a.objective = 'soft': allowed is 'mean' with task.reward = 'squared'",
    ),
    "a time of two": (
        {
            "rules": {
                "a": {
                    "start": "theta_33",
                    "learn": ["plasticity.eligibility_time_ms"],
                    "eligibility_time_ms": 300.0,
                }
            }
        },
        {"plasticity": TIMES},
        "is learned or the rule's own, allowed is one of both",
    ),
    "no such setting": (
        {"rules": {"a": {"start": "theta_33", "learn": ["network.gain"]}}},
        {},
        "metalearn.rules.a.learn.0 = 'network.gain': should be 'plasticity.learning_rate'",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_learned_is_refused_in_one_line(case):
    metalearn, others, words = WRONG[case]
    with pytest.raises(ConfigError) as raised:
        load.parse({"metalearn": metalearn, "retrain": {"rules": ["theta_33"]}, **others}, "file.yaml")
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)
