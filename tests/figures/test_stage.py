import contextlib
import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from threefactor.config import paths

from figures import synthetic as made
from threefactor.experiment import build as assemble
from threefactor.pipeline.settings.model import Config
from threefactor.pipeline.storage import arrays, outputs
from threefactor.stages import exemplar, figures, found
from threefactor.training.trial import learn, start_learning

LEARNED = ("learned_theta33", "learned_random")
TABLES = ("criterion", "survival", "networks", "decoding", "spectrum", "fixed_points", "embedding", "spread")


def solutions(config, rule):
    network = assemble.network(config, range(made.NETWORKS), torch.device("cpu"), purpose="retrain")
    error, correct = made.errors(rule)
    fields = ("input_weights", "output_weights", "clamped", "clamped_state")
    return {
        "final.weights": network.weights,
        **{name: getattr(network, name) for name in fields},
        "leak": torch.tensor([network.leak], dtype=torch.float64),
        "error": torch.tensor(error),
        "correct": torch.tensor(correct.astype(float)),
        "reached": torch.arange(made.NETWORKS) > 2,
        "trials_to_criterion": torch.arange(made.NETWORKS, 0, -1),
    }


def trajectories():
    found = {"time_ms": torch.arange(20.0, 1001, 20)}
    for rule in made.ANALYSED:
        found[f"{rule}.network"] = torch.arange(made.NETWORKS)
        found[f"{rule}.projection"] = torch.tensor(made.draws(rule).normal(size=(made.NETWORKS, 4, 50, 3)))
        found[f"{rule}.explained"] = torch.tensor([[0.4, 0.2, 0.1]]).repeat(made.NETWORKS, 1)
    return found


def across():
    return {
        "time_ms": torch.arange(20.0, 1001, 20),
        **{f"{r}.first": torch.rand(50, 50) for r in made.ANALYSED},
    }


@pytest.fixture(scope="module")
def job(tmp_path_factory):
    root = tmp_path_factory.mktemp("results")
    config = Config.model_validate(
        {"results": str(root), "network": {"units": 16}, "retrain": {"batches": 1}}
    )
    inputs = {name: [Path(path) for path in found] for name, found in paths.figures(config).inputs.items()}
    inputs["retrain_solutions"] = [root / "retrain" / rule / "0.safetensors" for rule in made.RULES]
    compared = {"alignment": made.aligned(), "similarity": made.similarity(), "descent": made.descent()}
    for name in compared:
        inputs[name] = [root / "align" / rule / f"0.{name}.csv" for rule in made.RULES]
    more = ("permanova", "accuracy", "growth", "omissions")
    written = {inputs[name][0]: getattr(made, name)() for name in (*TABLES, *more)}
    for number, regime in enumerate(config.estimate.regimes):
        pair = made.estimated(regime)
        for name, table in zip(("estimators", "estimator_errors"), pair, strict=True):
            written[inputs[name][number]] = table
    written |= {path: made.theta() for path in inputs["theta"]}
    for name, table in zip(("terms", "coverage"), made.recovered(), strict=True):
        written[inputs[f"recover_{name}"][0]] = table
    written |= {path: made.history(path.parent.name) for path in inputs["history"]}
    for name, table in compared.items():
        written |= {path: table[table.learning_rule == path.parent.name] for path in inputs[name]}
    written |= {path: solutions(config, path.parent.name) for path in inputs["retrain_solutions"]}
    written |= {inputs["trajectories"][0]: trajectories(), inputs["cross_temporal"][0]: across()}
    written |= {path: {path.parent.name: "said elsewhere"} for path in inputs["findings"]}
    outputs.save(written)
    return SimpleNamespace(
        config=config,
        inputs=inputs,
        device=torch.device("cpu"),
        table=outputs.read_table,
        arrays=arrays.load,
        json=outputs.read_json,
        progress=lambda *_: contextlib.nullcontext(SimpleNamespace(advance=lambda: None)),
    )


def test_the_stage_returns_every_declared_output_and_writes_it(job, tmp_path):
    results = figures.compute(job)
    assert set(results) == set(paths.figures(job.config).outputs)
    outputs.save(
        {tmp_path / f"{name}.svg": results[name] for name in ("learning_speed", "plasticity_dynamics")}
    )
    outputs.save({tmp_path / "summary.json": results["summary"]})
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert summary["horizon_trials"] == made.HORIZON
    assert summary["findings"] | {"found": "said elsewhere", "judge": "said elsewhere"} == summary["findings"]
    assert summary["findings"]["recovery"].startswith("Without noise, θ of 2 hidden rules comes back")


def test_what_was_found_is_drawn_without_any_other_stage(tmp_path):
    rules = {
        "learned_random": {"start": "random"},
        "evolved": {"start": "random", "estimator": "evolution", "deviation": "standardised"},
    }
    config = Config.model_validate(
        {"results": str(tmp_path), "metalearn": {"rules": rules}, "prune": {"learned_rules": 1}}
    )
    files = paths.found(config)
    inputs = {name: [Path(path) for path in found] for name, found in files.inputs.items()}
    written = {path: made.theta() for path in inputs["theta"]}
    written[inputs["theta"][1]] = made.theta().assign(deviation="standardised")
    written |= {
        inputs[f"families_{name}"][0]: getattr(made, name)() for name in ("members", "distances", "rank")
    }
    for name, table in zip(("path", "worth"), made.pruned(), strict=True):
        written |= dict.fromkeys(inputs[f"prune_{name}"], table)
    for name in ("history", "held_out"):
        written |= {path: getattr(made, name)(path.parent.name) for path in inputs[name]}
    outputs.save(written)
    results = found.compute(
        SimpleNamespace(config=config, inputs=inputs, table=outputs.read_table, arrays=arrays.load)
    )
    assert set(results) == set(files.outputs)
    labels = {ax.get_xlabel() for ax in results["learned_rules"].axes}
    assert {"deviation Δx (no unit)", "deviation Δx (running rms)"} <= labels
    assert results["savings"].empty  # the evolved rule may be what no other rule may


def test_the_trial_shown_is_one_that_the_rule_itself_would_live_through(job):
    shown = exemplar.trial(job)
    network = assemble.network(job.config, [3], torch.device("cpu"), purpose="retrain")
    environment, source = assemble.environment(job.config), assemble.noise(job.config, "figures")
    sampled = exemplar.experience(environment, network, exemplar.TRIAL, generator=source(exemplar.TRIAL))
    rule = assemble.learning_rule(job.config, "theta_33", None, torch.device("cpu"))
    _, outcome = learn(rule, start_learning(rule, network, 4), *sampled)
    assert np.array_equal(shown.output, outcome.trajectory.output[0].double().numpy())
    perturbed = shown.kick != 0
    assert perturbed.any()
    opposite = -np.sign(shown.kick[perturbed]) == np.sign(shown.deviation[perturbed])
    assert opposite.mean() > 0.7  # old minus new: a kick upward makes the deviation negative
    assert not shown.eligibility[network.clamped.numpy()].any()
