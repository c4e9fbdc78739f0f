"""Stage tune_condition: draws of the constants under a condition, judged as stage transfer judges rules."""

import pandas as pd
import pytest
import torch

from stages.in_pieces import InPieces
from threefactor.cli.main import main
from threefactor.experiment import build, build_rule, conditions
from threefactor.experiment.constants import bounds_for_condition
from threefactor.experiment.settings.errors import SettingsError
from threefactor.experiment.view import everything, value_at
from threefactor.pipeline import registry
from threefactor.pipeline.settings import load
from threefactor.pipeline.storage import outputs
from threefactor.stages.tune_condition.compute import compute
from threefactor.stages.tune_condition.search import RATES
from threefactor.stages.tune_condition.tables import TABLES
from threefactor.training.learning_run import train

NETWORKS, DRAWS, HORIZON = 3, 8, 24
CPU = torch.device("cpu")

SETTINGS = {
    "device": "cpu",
    "precision": "float64",
    "task": {"duration_ms": 200.0},
    "network": {"units": 12},
    "perturbation": {"rate_per_ms": 0.05},
    "plasticity": {"warm_up_trials": 2, "learning_rate": 0.3, "clip": 0.05},
    "criterion": {"window": 4, "fraction": 0.7, "error": 0.97, "horizon": HORIZON},
    "metalearn": {"rules": {"mine": {"start": "random"}}},
    "retrain": {"rules": ["theta_33"]},
    "transfer": {
        "conditions": {
            "same": {},
            "hopeless": {"criterion.error": 0.01, "plasticity.trace_decay": 0.3},
            "other": {"network.units": 15, "transfer.tuned_rules": ["theta_33", "rflo"], "transfer.tuning_draws": 2},
        },
        "rules": ["theta_33"],
        "tuned_rules": ["theta_33"],
        "tuning_draws": DRAWS,
        "tuning_networks": NETWORKS,
        "networks": 2,
    },
    "tracking": {"uri": ""},
}  # fmt: skip


def config(root="results", **transfer):
    """Return the settings, with others of transfer."""
    return load.parse({**SETTINGS, "results": str(root), "transfer": {**SETTINGS["transfer"], **transfer}})


class Tables(InPieces):
    """A job with the tables of a learned rule, or without any."""

    def by(self, name, wildcard):
        return self.tables.get(name, {})


def tuned(condition, rule="theta_33", settings=None, tables=None):
    """Return what the stage finds, its loop interrupted after every draw."""
    names = {"condition": condition, "tuned_rule": rule}
    return compute(Tables("tune_condition", settings or config(), names, tables)).outputs


@pytest.fixture(scope="module", params=["same", "hopeless"])
def found(request):
    return request.param, tuned(request.param)


def by_draw(table):
    return table.pivot_table(index="draw", columns="name", values="value")


def test_every_output_is_declared_and_has_its_columns(found):
    assert set(registry.stages()["tune_condition"].outputs) == set(TABLES) == set(found[1])
    for name, table in found[1].items():
        assert list(table) == TABLES[name].names()
        assert table.notna().all(axis=None)


def test_the_first_draws_are_the_usual_constants_at_several_learning_rates(found):
    condition, made = found
    under = everything(conditions.derive(config(), condition))
    usual = {key: value_at(under, key) for key in bounds_for_condition("theta_33")}
    constants = made["constants"]
    assert dict(zip(constants.name, constants.usual, strict=True)) == usual
    draws = by_draw(made["draws"])
    rates = draws["plasticity.learning_rate"] / usual["plasticity.learning_rate"]
    assert rates[: len(RATES)].tolist() == pytest.approx(list(RATES))
    for key in usual.keys() - {"plasticity.learning_rate"}:
        assert draws[key][: len(RATES)].tolist() == pytest.approx([usual[key]] * len(RATES))
        assert (draws[key][len(RATES) :] != usual[key]).all()


def test_draws_lie_within_the_bounds_and_decays_below_one(found):
    condition, made = found
    under, draws = everything(conditions.derive(config(), condition)), by_draw(made["draws"])
    for key, (low, high) in bounds_for_condition("theta_33").items():
        multiples = draws[key] / value_at(under, key)
        assert multiples.between(low - 1e-9, high + 1e-9).all()
    assert (draws["plasticity.trace_decay"] < 1).all()
    assert (draws["plasticity.baseline_decay"] < 1).all()


def test_the_best_is_the_fastest_or_of_equally_fast_ones_that_with_the_smallest_error_rate(found):
    condition, made = found
    each = made["draws"].drop_duplicates("draw")
    best = each.sort_values(["objective", "smoothed_error_rate"]).iloc[0]
    assert (each.objective == HORIZON).all() == (condition == "hopeless")
    values = by_draw(made["draws"]).loc[best.draw]
    constants = made["constants"]
    assert dict(zip(constants.name, constants.value, strict=True)) == values.to_dict()
    assert set(constants.objective) == {best.objective}
    assert set(constants.reached) == {best.reached}
    assert set(constants.usual_objective) == {each.objective.iloc[0]}
    assert set(constants.trials) == {each.trials.sum()}


@pytest.mark.parametrize("draw", [0, DRAWS - 1])
def test_an_objective_is_that_of_networks_that_learn_under_the_condition(found, draw):
    condition, made = found
    of_draw = made["draws"][made["draws"].draw == draw]
    under = everything(conditions.derive(config(), condition))
    under = under.changed(dict(zip(of_draw.name, of_draw.value, strict=True)))
    run = train(
        build_rule.learning_rule(under, "theta_33", None, CPU),
        build.network(under, range(NETWORKS), CPU, purpose="tune_condition"),
        build.environment(under),
        build.criterion(under),
        generator=build.noise(under, "tune_condition"),
    )
    assert set(of_draw.objective) == {run.trials_to_criterion.double().mean().item()}
    assert set(of_draw.reached) == {run.reached.sum().item()}
    assert set(of_draw.trials) == {(~run.error.isnan()).sum().item()}


def test_the_networks_are_not_those_that_are_judged():
    under = everything(config())
    ours, judged = (build.network(under, [0], CPU, purpose=name) for name in ("tune_condition", "transfer"))
    assert not torch.equal(ours.weights, judged.weights)


def test_the_same_seed_gives_the_same_draws_and_another_condition_others():
    one, other = (tuned("same") for _ in range(2))
    pd.testing.assert_frame_equal(one["draws"], other["draws"], check_exact=True)
    last = [
        by_draw(tuned(name)["draws"])["plasticity.clip"].iloc[len(RATES)] for name in ("same", "hopeless")
    ]
    assert last[0] != last[1]


def test_a_rule_of_a_file_is_tuned_in_what_it_declares():
    made = tuned("other", "rflo")["constants"]
    assert list(made.name) == ["learning_rules.rflo.learning_rate", "plasticity.clip"]
    assert set(made.draws) == {2}


def test_the_hyperparameters_of_a_learned_rule_are_its_usual_constants():
    theta = pd.DataFrame({"k": [3], "l": [3], "theta": [-1.0], "start": [-1.0]})
    clip = config().plasticity.clip
    learned = pd.DataFrame({"name": ["plasticity.clip"], "start": [clip], "value": [3 * clip]})
    tables = {"theta": {"mine": theta}, "hyperparameters": {"mine": learned}}
    made = tuned("other", "mine", tables=tables)["constants"].set_index("name")
    assert made.usual["plasticity.clip"] == 3 * clip


def test_a_rule_is_run_with_what_was_found_for_the_condition(tmp_path):
    path = tmp_path / "tiny.yaml"
    load.save(config(tmp_path / "results"), path)
    own = ["--condition", "same", "--config", str(path)]
    assert main(["tune_condition", "--tuned-rule", "theta_33", *own]) == 0
    for rule in ("theta_33", "tuned_theta_33"):
        assert main(["transfer", "--learning-rule", rule, "--batch", "0", *own]) == 0
    constants = outputs.read_table(tmp_path / "results/tune_condition/same/theta_33.constants.csv")
    under = everything(config()).changed(dict(zip(constants.name, constants.value, strict=True)))
    run = train(
        build_rule.learning_rule(under, "theta_33", None, CPU),
        build.network(under, range(2), CPU, purpose="transfer"),
        build.environment(under),
        build.criterion(under),
        generator=build.noise(under, "transfer", 0),
    )
    plain, made = (
        outputs.read_table(tmp_path / f"results/transfer/same/{rule}/0.csv")
        for rule in ("theta_33", "tuned_theta_33")
    )
    assert set(made.learning_rule) == {"tuned_theta_33"}
    last = [error[~error.isnan()][-4:].mean().item() for error in run.error]
    assert list(made.error_last) == pytest.approx(last, rel=1e-12)
    assert list(made.error_last) != list(plain.error_last)


def test_each_condition_names_the_rules_that_are_tuned_for_it():
    found = conditions.tuning_jobs(config())
    assert [(job["condition"], job["tuned_rule"]) for job in found] == [
        *(("same", "theta_33"), ("hopeless", "theta_33")),
        *(("other", "theta_33"), ("other", "rflo")),
    ]
    trained = [job["learning_rule"] for job in conditions.jobs(config()) if job["condition"] == "other"]
    assert trained == ["theta_33", "tuned_theta_33", "tuned_rflo"]
    assert not [job for job in conditions.jobs(config(tuned_rules=[])) if job["condition"] == "same"][1:]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"transfer": {"tuned_rules": ["oja"]}}, "transfer.tuned_rules.0 = 'oja': must be"),
        ({"transfer": {"tuned_rules": ["tuned_theta_33"]}}, "transfer.tuned_rules.0 = 'tuned_theta_33': must"),
        ({"transfer": {"rules": ["tuned_theta_33"]}}, "transfer.rules.0 = 'tuned_theta_33': must"),
        ({"transfer": {"tuned_rules": ["theta_33", "theta_33"]}}, "must stand once"),
        ({"metalearn": {"rules": {"tuned_mine": {"start": "random"}}}}, "tuned_mine: must have a name of its own"),
        (
            {"transfer": {"conditions": {"a": {"task.reward": "correct", "transfer.tuned_rules": ["bptt"]}}}},
            "transfer.conditions.a: transfer.tuned_rules: 'bptt' has access",
        ),
        (
            {"transfer": {"conditions": {"a": {"transfer.tuned_rules": ["oja"]}}}},
            "transfer.conditions.a: transfer.tuned_rules.0 = 'oja': must be",
        ),
    ],
)  # fmt: skip
def test_rules_that_cannot_be_tuned_are_refused(changed, words):
    with pytest.raises(SettingsError, match=words.replace(".", r"\.")):
        load.parse({**changed, "retrain": {"rules": ["theta_33"]}})


def test_an_unknown_condition_or_rule_is_one_line(tmp_path, capsys):
    path = tmp_path / "tiny.yaml"
    load.save(config(tmp_path / "results"), path)
    for word, value in (("--condition", "none"), ("--tuned-rule", "none")):
        chosen = {"--condition": "same", "--tuned-rule": "theta_33", word: value}
        words = [part for pair in chosen.items() for part in pair]
        assert main(["tune_condition", *words, "--config", str(path)]) == 2
        assert f"Error: {word} {value}: must be " in capsys.readouterr().err
