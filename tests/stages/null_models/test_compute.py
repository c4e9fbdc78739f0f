"""The networks of the null models: from which anchors they came, and what they kept."""

import pandas as pd
import pytest
import torch

from stages.analyse.retrained import analyse, batch, make_nulls, read, settings
from threefactor.experiment import build
from threefactor.experiment.solutions import network_of
from threefactor.experiment.view import everything
from threefactor.pipeline import registry
from threefactor.pipeline.settings import load
from threefactor.stages.null_models.tables import ARRAYS, TABLES
from threefactor.training.batch import convert
from threefactor.training.evaluation import evaluate

RULES = {"theta_33": [True, True, False, False], "bptt": [False, True, True, True]}
WALKS = 2
CONFIG = everything(load.parse(settings("nowhere", RULES)))


def anchor_of(arrays):
    own = {**arrays, "input_weights": arrays["0.5.noise.input_weights"]}
    return convert(network_of(own, "0.5.noise", "tanh"), dtype=torch.float64)


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    folder = tmp_path_factory.mktemp("nulls")
    analyse(folder, RULES)
    jobs = make_nulls(load.parse(settings(folder, RULES)))
    return {job: {name: read(path) for name, path in made.items()} for job, made in jobs.items()}


def test_every_output_is_declared_and_has_its_columns_and_arrays(found):
    assert set(registry.stages()["null_models"].outputs) == set(TABLES) | set(ARRAYS)
    made = found["bptt", 1]
    assert list(made["networks"].columns) == TABLES["networks"].names()
    for one in ARRAYS["weights"]:
        key = one.name.replace("<level>", "0.5").replace("<null>", "steered")
        array = made["weights"][key]
        assert array.dim() == len(one.axes.split()), key


def test_anchors_are_the_first_analysed_networks_of_a_batch(found):
    for job, anchor in ((("theta_33", 0), 0), (("bptt", 0), 1), (("bptt", 1), 2)):
        table, arrays = found[job]["networks"], found[job]["weights"]
        assert set(table.network) == {anchor}
        walks = ("steered", "steered_halfway", "random", "random_halfway")
        assert table.groupby("null").size().to_dict() == {"directions": 1, **dict.fromkeys(walks, WALKS)}
        assert arrays["0.5.steered.network"].tolist() == [anchor] * WALKS
        assert arrays["0.5.noise.network"].tolist() == [anchor]


def test_walks_keep_the_error_and_leave_the_weights_of_the_anchor(found):
    made = found["bptt", 1]
    table, arrays = made["networks"], made["weights"]
    walked = table[table.null != "directions"]
    error = evaluate(anchor_of(arrays), build.task(CONFIG)).error.max().item()
    assert walked.error.max() <= max(0.5, error) * (1 + 1e-5), "single precision"
    assert walked.taken.between(0, 1).all()
    anchor = arrays["0.5.noise.weights"]
    for null in ("steered", "steered_halfway", "random"):
        weights = arrays[f"0.5.{null}.weights"]
        change = torch.linalg.matrix_norm(weights - anchor) / torch.linalg.matrix_norm(anchor)
        own = walked[walked.null == null].change.to_numpy()
        assert change.numpy() == pytest.approx(own, abs=2e-2), "of weights onto free units"


def test_walks_were_elsewhere_halfway(found):
    table = found["bptt", 1]["networks"].set_index(["null", "copy"])
    for null in ("steered", "random"):
        assert (table.length[null] > table.length[f"{null}_halfway"]).all()


def test_random_directions_keep_the_singular_values_of_the_change_and_not_the_error(found):
    made = found["bptt", 1]
    arrays, table = made["weights"], made["networks"].set_index("null")
    solutions, _ = batch(CONFIG, "bptt", 1, RULES["bptt"][2:])
    initial, free = solutions["initial.weights"][0], ~arrays["clamped"]
    changes = [arrays[f"0.5.{null}.weights"][0] - initial for null in ("directions", "noise")]
    singular = [torch.linalg.svdvals(change[free]) for change in changes]
    torch.testing.assert_close(*singular, rtol=1e-3, atol=1e-5)  # single precision
    assert not torch.allclose(*changes, atol=1e-2)
    assert table.error["directions"] != table.error["random"].min()


def test_noise_gives_other_rates_each_time(found):
    rates = found["bptt", 1]["weights"]["0.5.noise.rates"]
    assert rates.shape[:3] == (1, 2, 4)
    assert (rates[:, 0] - rates[:, 1]).abs().max() > 1e-3


def test_nobody_at_the_level_makes_nothing(found):
    made = found["theta_33", 1]
    assert isinstance(made["networks"], pd.DataFrame)
    assert not len(made["networks"])
    assert not made["weights"]
