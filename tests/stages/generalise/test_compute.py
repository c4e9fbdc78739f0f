"""Stage generalise: errors as a loop has them, and the next task as networks learn it without the stage."""

import sys
from types import ModuleType

import pytest
import torch

from stages.generalise.batches import (
    CROSSED,
    CROSSED_LOWER,
    LOWER,
    PLACE,
    TRIALS,
    at,
    column,
    generalised,
    learned,
    noise_free,
    noisy,
)
from threefactor import seeding
from threefactor.experiment import build
from threefactor.network.lesion import draw_silent
from threefactor.stages.generalise.tables import TABLES
from threefactor.tasks import dnms

NEXT = ["next_crossed", "next_trials", "naive_crossed", "naive_trials", "error_retained"]

CLOSE = {"rtol": 1e-11, "atol": 1e-13}
"""Compiled scans sum in another order than a loop."""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return what the stage makes of the usual batch."""
    return generalised(tmp_path_factory.mktemp("generalise"))


def conditions(found, network):
    """Return the errors of networks under each condition (b), each simulated step by step."""
    settings, task = found.settings, build.task(found.settings)
    delay, length = (
        build.task(settings.changed(one)) for one in ({"task.delay_ms": 60.0}, {"task.duration_ms": 250.0})
    )
    assert [one.steps - task.steps for one in (delay, length)] == [2, 5], (
        "of 4 steps and 20, half and 0.3 as long again"
    )
    weaker, stronger = (
        network._replace(input_weights=factor * network.input_weights) for factor in (0.3, 1.7)
    )
    return {
        "error": noise_free(network, task),
        "error_longer_delay": noise_free(network, delay),
        "error_longer_trial": noise_free(network, length),
        "error_weaker_input": noise_free(weaker, task),
        "error_stronger_input": noise_free(stronger, task),
        "error_known_noise": noisy(network, settings),
        "error_unseen_noise": noisy(
            network, settings.changed({"perturbation.kind": "gaussian", "perturbation.noise": 0.3})
        ),
        "error_lesion": torch.stack(
            [noise_free(lesioned(network, settings, draw), task) for draw in range(2)]
        ).mean(0),
    }


def lesioned(network, settings, draw):
    """Return networks without what comes from the units of a lesion."""
    source = seeding.generator(settings.seed, "generalise", "lesion", draw)
    silent = draw_silent(network, 0.35, generator=source)
    keep = torch.diag((~silent).double())
    return network._replace(weights=network.weights @ keep, output_weights=network.output_weights @ keep)


BEYOND = ["longer_delay", "longer_trial", "weaker_input", "stronger_input", "unseen_noise", "lesion"]


def test_errors_are_those_of_a_simulation_step_by_step(made):
    """All networks of the batch meet the same noise, those that did not cross the level too."""
    expected = conditions(made, made.batch)
    expected["error_out_of_distribution"] = sum(expected[f"error_{name}"] for name in BEYOND) / len(BEYOND)
    for name, values in expected.items():
        torch.testing.assert_close(column(made, name), values[CROSSED], **CLOSE, msg=name)
    assert len({tuple(values.tolist()) for values in expected.values()}) == len(BEYOND) + 3


def test_networks_are_measured_at_every_level_with_the_weights_that_they_had_there(made):
    rows = at(made, LOWER)
    for name, values in conditions(made, made.lower).items():
        found = torch.tensor(rows[name].to_numpy()[CROSSED_LOWER])
        torch.testing.assert_close(found, values[CROSSED_LOWER], **CLOSE, msg=name)
    assert rows[NEXT].isna().all(axis=None), "the next task is learned from one level alone"


def test_rows_are_of_every_network_and_level_and_empty_where_it_never_crossed(made):
    table = made.table
    assert list(table) == TABLES["networks"].names()
    assert table.network.tolist() == [3, 3, 4, 4, 5, 5]
    assert table.level.tolist() == [1.08, 0.9] * 3
    upper, lower = (at(made, place).drop(columns=["network", "level"]) for place in (PLACE, LOWER))
    assert upper.iloc[1].isna().all()
    assert upper.iloc[CROSSED].notna().all(axis=None)
    assert lower.drop(columns=NEXT).notna().all(axis=1).tolist() == [False, True, False]
    assert lower.iloc[CROSSED].isna().all(axis=None)


def expect_learned(found, runs):
    """Check the columns of the next task."""
    for name, run in runs.items():
        when = run.levels.trial[:, 0]
        assert column(found, f"{name}_crossed").tolist() == (when >= 0).double().tolist()
        assert column(found, f"{name}_trials").tolist() == [TRIALS if h < 0 else h for h in when.tolist()]
    after = runs["next"].learner.network
    retained = noise_free(after, build.task(found.settings))
    torch.testing.assert_close(column(found, "error_retained"), retained, **CLOSE)


def test_the_next_task_is_learned_by_the_same_rule_with_and_without_the_first(made):
    runs = {"next": learned(made, made.trained), "naive": learned(made, made.before)}
    expect_learned(made, runs)
    (next_one, next_other), (naive_one, naive_other) = (
        run.levels.trial[:, 0].tolist() for run in runs.values()
    )
    assert 0 <= next_one < naive_one, "one network saves trials"
    assert next_other == naive_other == -1, "and one does not get there"
    assert (column(made, "error_retained") != column(made, "error")).all()


def test_a_rule_of_ones_own_constants_learns_the_next_task_with_them(made, tmp_path):
    constants = {"tune": {"constants": {"theta_33": {"plasticity.learning_rate": 0.5}}}}
    found = generalised(tmp_path, **constants)
    settings = found.settings.changed({"plasticity.learning_rate": 0.5})
    under = found._replace(settings=settings)
    expect_learned(found, {"next": learned(under, found.trained), "naive": learned(under, found.before)})
    assert (column(found, "error_retained") != column(made, "error_retained")).all()


def test_weights_decay_by_the_length_of_the_next_tasks_trials(tmp_path):
    """With a delay of its own length, trials of the two tasks have different lengths."""
    found = generalised(
        tmp_path, task={"duration_ms": 200.0, "delay_ms": 100.0}, plasticity={"weight_time_ms": 2e4}
    )
    lengths = [build.task(found.settings.changed({"task.name": name})).steps for name in ("dnms", "pulses")]
    assert lengths == [26, 22]
    expect_learned(found, {"next": learned(found, found.trained), "naive": learned(found, found.before)})


def test_a_batch_without_a_network_at_the_level_is_all_empty_there(tmp_path):
    found = generalised(tmp_path, crossed=[])
    assert list(found.table) == TABLES["networks"].names()
    assert at(found).network.tolist() == [3, 4, 5]
    assert at(found).drop(columns=["network", "level"]).isna().all(axis=None)


@pytest.mark.parametrize("task", ["", "context"])
def test_without_a_next_task_or_with_one_of_another_shape_only_its_columns_are_empty(made, tmp_path, task):
    table = generalised(tmp_path, generalise={"next_task": task}).table
    assert table[NEXT].isna().all(axis=None)
    same = table.columns.drop(NEXT)
    assert table[same].equals(made.table[same])


def test_known_noise_is_that_of_the_constants_which_the_rule_has(made, tmp_path):
    found = generalised(tmp_path, tune={"constants": {"theta_33": {"perturbation.size": 5.0}}})
    expected = noisy(found.batch, found.settings.changed({"perturbation.size": 5.0}))
    torch.testing.assert_close(column(found, "error_known_noise"), expected[CROSSED], **CLOSE)
    assert (column(found, "error_known_noise") != column(made, "error_known_noise")).any()
    assert column(found, "error").equal(column(made, "error"))


@pytest.mark.parametrize(("factor", "steps"), [(1.3, 5), (0.01, 1)])
def test_a_longer_delay_is_a_whole_number_of_steps(tmp_path, factor, steps):
    found = generalised(tmp_path, generalise={"delay_factor": factor, "next_task": ""})
    expected = noise_free(found.trained, build.task(found.settings.changed({"task.delay_ms": 10.0 * steps})))
    torch.testing.assert_close(column(found, "error_longer_delay"), expected, **CLOSE)


class Immediate(dnms.Task):
    """Delayed nonmatch to sample of which no period is called a delay."""

    @property
    def periods(self):
        """Onset and end of each period, ms."""
        return {name: span for name, span in super().periods.items() if name != "delay"}


def test_noise_and_lesions_do_not_depend_on_who_crossed(made, tmp_path):
    alone = at(generalised(tmp_path, crossed=[2], generalise={"next_task": ""})).iloc[2]
    names = [f"error_{name}" for name in BEYOND] + ["error_known_noise"]
    assert alone[names].tolist() == at(made).iloc[2][names].tolist()


def test_a_longer_trial_has_a_longer_delay_where_that_has_a_length_of_its_own(tmp_path):
    found = generalised(tmp_path, task={"duration_ms": 200.0, "delay_ms": 70.0}, generalise={"next_task": ""})
    longer = found.settings.changed(
        {"task.duration_ms": 250.0, "task.delay_ms": 90.0}
    )  # 91 ms in whole steps
    expected = noise_free(found.trained, build.task(longer))
    torch.testing.assert_close(column(found, "error_longer_trial"), expected, **CLOSE)


def test_a_task_without_a_delay_has_no_longer_one(made, tmp_path, monkeypatch):
    module = ModuleType("immediate")
    module.make = lambda *arguments, **named: Immediate(*dnms.make(*arguments, **named))
    monkeypatch.setitem(sys.modules, "threefactor.tasks.immediate", module)
    found = generalised(tmp_path, task_name="immediate")
    assert found.table.error_longer_delay.isna().all()
    others = [name for name in BEYOND if name != "longer_delay"]
    expected = sum(column(made, f"error_{name}") for name in others) / len(others)
    torch.testing.assert_close(column(found, "error_out_of_distribution"), expected)
    rest = found.table.columns.drop(["error_longer_delay", "error_out_of_distribution"])
    assert found.table[rest].equals(made.table[rest])


def test_a_task_that_has_its_own_length_has_no_longer_trial(made, tmp_path, monkeypatch):
    module = ModuleType("immediate")
    module.make = lambda duration, *arguments, **named: dnms.make(200.0, *arguments, **named)
    monkeypatch.setitem(sys.modules, "threefactor.tasks.immediate", module)
    found = generalised(tmp_path, task_name="immediate")
    assert found.table.error_longer_trial.isna().all()
    assert found.table.error_longer_delay.equals(made.table.error_longer_delay)
