"""The stage on small made-up results: every output, its columns, and what failures leave behind."""

import contextlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from threefactor.analysis.columns import COLUMNS, columns
from threefactor.config.paths import ANALYSES

from threefactor import seeding
from threefactor.network.initial import draw
from threefactor.pipeline.settings.model import Config

analyse = pytest.importorskip(
    "threefactor.stages.analyse", reason="needs stages.assemble", exc_type=ImportError
)

CLAMPED = {1: 1.0, 3: -1.0}
CONFIG = Config.model_validate(
    {
        "network": {"units": 16, "clamped": CLAMPED},
        "analyse": {
            **{"networks_per_rule": 3, "decoding_networks": 2, "decoding_trials": 4, "decoding_folds": 2},
            **{"fixed_point_networks": 2, "fixed_point_starts": 4, "permutations": 9, "bootstraps": 20},
        },
    }
)


def batch(rule, number):
    """Make two networks of a rule, whose weights change at random."""
    generators = [seeding.generator(1, "network", 2 * number + i) for i in range(2)]
    shape = {"units": 16, "inputs": 2, "outputs": 1, "gain": 1.5, "input_scale": 2.0, "leak": 0.1}
    network = draw(**shape, clamped=CLAMPED, readout="unit", generators=generators)
    change = 0.1 * torch.randn(2, 16, 16, generator=seeding.generator(2, rule, number))
    return {
        "initial.weights": network.weights,
        "final.weights": network.weights + change,
        "input_weights": network.input_weights,
        "output_weights": network.output_weights,
        "clamped": network.clamped,
        "clamped_state": network.clamped_state,
        "leak": torch.tensor([network.leak]),
    }


class Job:
    """What the stage sees of a job, with results that live in memory."""

    config, device = CONFIG, torch.device("cpu")

    def __init__(self, rules):
        self.made, self.read = {}, {}
        for rule, reached in rules.items():
            for number in range(2):
                path = Path("retrain", rule, str(number))
                self.made[path.with_suffix(".safetensors")] = batch(rule, number)
                here = reached[2 * number : 2 * number + 2]
                self.read[path.with_suffix(".csv")] = pd.DataFrame(
                    {
                        "network": [2 * number, 2 * number + 1],
                        "reached": here,
                        "trials_to_criterion": np.where(here, 300, 2000),
                        "accuracy_last": 0.9,
                    }
                )
        self.inputs = {"solutions": list(self.made), "networks": list(self.read)}

    def arrays(self, path):
        return self.made[path]

    def table(self, path):
        return self.read[path]

    @contextlib.contextmanager
    def progress(self, total, description, done=0):
        class Bar:
            def advance(self, n=1):
                pass

        yield Bar()


def test_every_output_has_its_columns_and_failures_are_counted_not_dropped():
    yes = [True] * 4
    job = Job({"theta_33": yes, "theta_11": [False, False, True, False], "bptt": [False, True, True, True]})
    found = analyse.compute(job)
    assert set(found) == {name.partition(".")[0] for name in ANALYSES}
    factors = ("first", "second", "choice")
    assert all(list(found[name].columns) == columns(name, factors) for name in COLUMNS)
    networks = found["networks"].set_index(["learning_rule", "network"])
    assert networks.analysed.groupby("learning_rule").sum().to_dict() == {
        "theta_33": 3,
        "theta_11": 0,
        "bptt": 3,
    }
    assert networks.participation_ratio.notna().equals(networks.analysed)
    assert found["criterion"].set_index("learning_rule").reached.to_dict() == {
        "theta_33": 4,
        "theta_11": 1,
        "bptt": 3,
    }
    assert set(found["spread"].learning_rule) == {"theta_33", "bptt"}
    assert found["distances"]["network"].tolist() == [0, 1, 2, 1, 2, 3]
    assert found["distances"]["rule"].tolist() == [0, 0, 0, 1, 1, 1]


def test_the_same_seed_gives_the_same_results():
    first, second = (analyse.compute(Job({"theta_33": [True] * 4, "bptt": [True] * 4})) for _ in range(2))
    for name, value in first.items():
        if isinstance(value, pd.DataFrame):
            pd.testing.assert_frame_equal(value, second[name], check_exact=True)
        else:
            assert all(
                np.array_equal(array, second[name][key], equal_nan=True) for key, array in value.items()
            )


def test_nobody_at_criterion_leaves_counts_and_empty_geometry():
    found = analyse.compute(Job({"theta_33": [False] * 4}))
    assert found["criterion"].reached.tolist() == [0]
    assert len(found["networks"]) == 4
    assert not any(
        len(found[name]) for name in ("decoding", "spectrum", "fixed_points", "permanova", "spread")
    )
