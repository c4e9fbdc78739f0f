"""When networks are evaluated, and what tables say of networks that were followed."""

import itertools
import math

import pytest
import torch

from small_runs import DOUBLE
from stages.in_pieces import InPieces
from threefactor.experiment import build, follow_batch
from threefactor.experiment.learned import rule_under
from threefactor.experiment.view import everything
from threefactor.pipeline.settings import load
from threefactor.stages.retrain.tables import TABLES
from threefactor.training.followed_run import Evaluations, FollowedRun, Plan, follow, start_following
from threefactor.training.kept_weights import Kept
from threefactor.training.learning_run import Criterion

CPU = torch.device("cpu")
SETTINGS = {
    "device": "cpu",
    "precision": "float64",
    "task": {"duration_ms": 200.0},
    "network": {"units": 12},
    "plasticity": {"warm_up_trials": 1, "learning_rate": 0.3, "clip": 0.05},
    "criterion": {"window": 4, "horizon": 40},
    "retrain": {
        "networks": 2, "batches": 2, "rules": ["theta_33", "bptt"], "horizon": 70, "horizons": {"bptt": 30},
        "levels": [0.97, 0.5], "evaluation_spacing": 0.3, "snapshots": [0, 20, 50],
    },
    "tracking": {"uri": ""},
}  # fmt: skip


@pytest.mark.parametrize("spacing", [0.05, 0.3, 1.0])
@pytest.mark.parametrize("also", [(), (0, 25, 63)])
def test_evaluations_are_of_each_trial_first_and_ever_further_apart(spacing, also):
    horizon = 1000
    found = follow_batch.evaluation_trials(horizon, spacing, also)
    assert list(found) == sorted(set(found))
    assert {0, 1, 2, horizon, *also} <= set(found)
    assert found[-1] == horizon
    for trial, following in itertools.pairwise(found):
        assert following - trial <= max(1, spacing * trial + 0.5), "a share of the trials done, rounded"
    regular = follow_batch.evaluation_trials(horizon, spacing, ())[:-1]
    gaps = [following - trial for trial, following in itertools.pairwise(regular)]
    assert gaps == sorted(gaps)
    assert gaps[-1] > gaps[0] == 1
    assert len(regular) < 2 / spacing + math.log(horizon) / math.log1p(spacing)


def test_evaluations_by_hand():
    assert follow_batch.evaluation_trials(12, 0.5, ()) == (0, 1, 2, 3, 5, 7, 11, 12)
    assert follow_batch.evaluation_trials(12, 0.5, (4,)) == (0, 1, 2, 3, 4, 5, 7, 11, 12)
    assert follow_batch.evaluation_trials(1, 0.5, (0,)) == (0, 1)


def test_a_rule_may_have_a_horizon_of_its_own():
    settings = everything(load.parse(SETTINGS))
    usual, short = (follow_batch.plan(settings, name) for name in ("theta_33", "bptt"))
    assert (usual.horizon, short.horizon) == (70, 30)
    assert (usual.snapshots, short.snapshots) == ((0, 20, 50), (0, 20))
    for one in (usual, short):
        assert one.levels == (0.97, 0.5)
        assert one.criterion == build.criterion(settings)
        assert one.evaluations == follow_batch.evaluation_trials(one.horizon, 0.3, one.snapshots)


def test_a_batch_in_pieces_learns_as_at_one_go_and_tells_how_far_it_is():
    config, values = load.parse(SETTINGS), {"learning_rule": "theta_33", "batch": "1"}
    settings, work = everything(config), InPieces("retrain", config, values)
    network, wanted = (
        build.network(settings, [2, 3], CPU, purpose="retrain"),
        follow_batch.plan(settings, "theta_33"),
    )
    one = rule_under(settings, "theta_33", {}, CPU)
    run = follow_batch.follow_batch(work, one, network, wanted, purpose="retrain", batch=1)
    environment, noise = build.environment(settings), build.noise(settings, "retrain", 1)
    start = start_following(one.rule, network, environment, wanted)
    whole = follow(start, one.rule, network, environment, wanted, 70, generator=noise)
    assert torch.equal(run.learner.network.weights, whole.learner.network.weights)
    assert torch.equal(run.error, whole.error)
    assert torch.equal(run.found.error, whole.found.error)
    (first, early), (last, late) = work.seen
    assert (first, last) == (50, 70)
    at = wanted.evaluations.index(50)
    assert early["noise_free_error"] == run.found.error[:, at].median()
    assert late["accuracy"] == run.found.correct[:, -1].mean()
    assert late["fraction_at_criterion"] == (run.criterion_trial >= 0).double().mean()
    for place, level in enumerate((0.97, 0.5)):
        assert late[f"fraction_at_level.{level}"] == (run.levels.trial[:, place] >= 0).double().mean()
    assert late["networks_diverged"] == 0


NAN = float("nan")

PLAN = Plan(
    horizon=6,
    criterion=Criterion(window=3, fraction=0.5, error=0.5, horizon=5),
    levels=(0.8, 0.3),
    evaluations=(0, 2, 6),
    snapshots=(),
)
IDS = range(6, 10)


def made_run():
    """Return four networks: one that learns, a late one, one that diverges in its fourth trial, and one in its first."""
    error = [[1.0, 0.9, 0.8, 0.7, 0.5, 0.3], [1.0] * 6, [1.0, 0.6, 0.2, NAN, NAN, NAN], [NAN] * 6]
    right = [[0.0, 0.0, 1.0, 1.0, 0.0, 1.0], [0.0] * 6, [0.0, 1.0, 1.0, NAN, NAN, NAN], [NAN] * 6]
    found = Evaluations(
        error=torch.tensor(
            [[1.0, 0.75, 0.25], [1.0, 0.95, 0.9], [0.9, 0.5, NAN], [0.85, NAN, NAN]], dtype=DOUBLE
        ),
        correct=torch.tensor(
            [[0.0, 0.5, 1.0], [0.0, 0.0, 0.25], [0.5, 0.75, NAN], [0.5, NAN, NAN]], dtype=DOUBLE
        ),
        change_norm=torch.tensor([[0.0, 0.1, 0.2]] * 4, dtype=DOUBLE),
        change_rank=torch.tensor([[NAN, 1.5, 2.0]] * 4, dtype=DOUBLE),
        clipped=torch.tensor([[0.0, 0.125, 0.25]] * 4, dtype=DOUBLE),
    )
    crossed = torch.tensor([[2, 6], [-1, -1], [2, -1], [-1, -1]])
    return FollowedRun(
        learner=None,
        error=torch.tensor(error, dtype=DOUBLE),
        correct=torch.tensor(right, dtype=DOUBLE),
        criterion_trial=torch.tensor([5, 6, -1, -1]),
        diverged=torch.tensor([False, False, True, True]),
        found=found,
        levels=Kept(crossed, None, None),
        snapshots=None,
    )


def test_a_row_per_network():
    table = follow_batch.network_table(IDS, made_run(), PLAN)
    assert [*table, "gain"] == TABLES["networks"].names(), "the gain is that of the batch"
    assert table.network.tolist() == [6, 7, 8, 9]
    assert table.reached.tolist() == [True, False, False, False], (
        "six trials are more than the criterion's horizon"
    )
    assert table.trials_to_criterion.tolist() == [5, 5, 5, 5]
    assert table.trials.tolist() == [6, 6, 3, 0]
    assert table.error_last.tolist() == pytest.approx([0.5, 1.0, 0.6, NAN], nan_ok=True)
    assert table.accuracy_last.tolist() == pytest.approx([2 / 3, 0.0, 2 / 3, NAN], nan_ok=True)
    assert table.noise_free_error.tolist() == [0.25, 0.9, 0.5, 0.85], "the last that is known"
    assert table.noise_free_accuracy.tolist() == [1.0, 0.25, 0.75, 0.5]
    assert table.diverged.tolist() == [False, False, True, True]


def test_a_row_per_network_and_level_those_included_that_never_cross_it():
    table = follow_batch.level_table(IDS, made_run(), PLAN)
    assert list(table) == TABLES["levels"].names()
    assert table.network.tolist() == [6, 6, 7, 7, 8, 8, 9, 9]
    assert table.level.tolist() == [0.8, 0.3] * 4
    assert table.crossed.tolist() == [True, True, False, False, True, False, False, False]
    assert table.trials.tolist() == [2, 6, 6, 6, 2, 3, 0, 0], "else all trials of learning"
    assert table.error.tolist() == pytest.approx([0.75, 0.25, NAN, NAN, 0.5, NAN, NAN, NAN], nan_ok=True)


def test_a_row_per_network_and_evaluation():
    run = made_run()
    table = follow_batch.evaluation_table(IDS, run, PLAN)
    assert list(table) == TABLES["evaluations"].names()
    assert table.network.tolist() == [number for number in IDS for _ in range(3)]
    assert table.trial.tolist() == [0, 2, 6] * 4
    assert table.error.tolist() == pytest.approx(run.found.error.flatten().tolist(), nan_ok=True)
    assert table.accuracy.tolist() == pytest.approx(run.found.correct.flatten().tolist(), nan_ok=True)
    assert table.change_rank.tolist() == pytest.approx([NAN, 1.5, 2.0] * 4, nan_ok=True)
    assert table.clipped.tolist() == [0.0, 0.125, 0.25] * 4
