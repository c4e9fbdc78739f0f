"""Stage generalise: errors as a loop has them, and the next task as networks learn it without the stage."""

import sys
from types import ModuleType

import pytest
import torch

from stages.generalise.batches import (
    CROSSED,
    TRIALS,
    column,
    generalised,
    learned,
    noise_free,
    noisy,
)
from threefactor.experiment import build
from threefactor.stages.generalise.tables import TABLES
from threefactor.tasks import dnms

CLOSE = {"rtol": 1e-11, "atol": 1e-13}
"""Compiled scans sum in another order than a loop."""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return what the stage makes of the usual batch."""
    return generalised(tmp_path_factory.mktemp("generalise"))


def test_errors_are_those_of_a_simulation_step_by_step(made):
    settings, network = made.settings, made.trained
    task = build.task(settings)
    longer = build.task(settings.changed({"task.delay_ms": 60.0}))
    assert longer.steps == task.steps + 2, "a delay of 40 ms, half as long again, in steps of 10 ms"
    unseen = settings.changed({"perturbation.kind": "gaussian", "perturbation.noise": 0.3})
    expected = {
        "error": noise_free(network, task),
        "error_longer_delay": noise_free(network, longer),
        "error_known_noise": noisy(network, settings),
        "error_unseen_noise": noisy(network, unseen),
    }
    for name, values in expected.items():
        torch.testing.assert_close(column(made, name), values, **CLOSE, msg=name)
    assert len({tuple(values.tolist()) for values in expected.values()}) == 4


def test_rows_are_of_every_network_and_empty_where_it_never_crossed(made):
    table = made.table
    assert list(table) == TABLES["networks"].names()
    assert table.network.tolist() == [3, 4, 5]
    rest = table.drop(columns="network")
    assert rest.iloc[1].isna().all()
    assert rest.iloc[CROSSED].notna().all(axis=None)


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


def test_a_batch_without_a_network_at_the_level_is_all_empty(tmp_path):
    table = generalised(tmp_path, crossed=[]).table
    assert table.network.tolist() == [3, 4, 5]
    assert list(table) == TABLES["networks"].names()
    assert table.drop(columns="network").isna().all(axis=None)


NEXT = ["next_crossed", "next_trials", "naive_crossed", "naive_trials", "error_retained"]


@pytest.mark.parametrize("task", ["", "context"])
def test_without_a_next_task_or_with_one_of_another_shape_only_its_columns_are_empty(made, tmp_path, task):
    table = generalised(tmp_path, generalise={"next_task": task}).table
    assert table[NEXT].isna().all(axis=None)
    same = table.columns.drop(NEXT)
    assert table[same].equals(made.table[same])


def test_known_noise_is_that_of_the_constants_which_the_rule_has(made, tmp_path):
    found = generalised(tmp_path, tune={"constants": {"theta_33": {"perturbation.size": 5.0}}})
    expected = noisy(found.trained, found.settings.changed({"perturbation.size": 5.0}))
    torch.testing.assert_close(column(found, "error_known_noise"), expected, **CLOSE)
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


def test_a_task_without_a_delay_has_no_longer_one(made, tmp_path, monkeypatch):
    module = ModuleType("immediate")
    module.make = lambda *arguments, **named: Immediate(*dnms.make(*arguments, **named))
    monkeypatch.setitem(sys.modules, "threefactor.tasks.immediate", module)
    table = generalised(tmp_path, task_name="immediate").table
    assert table.error_longer_delay.isna().all()
    rest = table.columns.drop("error_longer_delay")
    assert table[rest].equals(made.table[rest])
