"""A job goes on where it was killed, under the same record; without a record it works too."""

import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
import torch
import yaml
from mlflow import MlflowClient
from safetensors.torch import load_file

from stages import counting
from threefactor.config import paths
from threefactor.pipeline.settings import load
from threefactor.experiment.settings.errors import ConfigError
from threefactor.config.paths import Files
from threefactor.pipeline.storage import outputs
from threefactor.pipeline.tracking.store import open_store
from threefactor.stages import judge
from threefactor.pipeline import job

SCRIPT = Path(counting.__file__)


@pytest.fixture(scope="session")
def uri(tmp_path_factory):
    """Return the address of a store, made once, which takes seconds."""
    address = f"sqlite:///{tmp_path_factory.mktemp('store')}/mlflow.db"
    open_store(address, "tests")
    return address


@pytest.fixture
def settings(tmp_path):
    """Return a function that writes a file of settings."""

    def write(uri="", milliseconds=2):
        path = tmp_path / "config.yaml"
        tracking = {"uri": uri, "experiment": "tests"}
        path.write_text(
            yaml.safe_dump({"device": "cpu", "align": {"draws": milliseconds}, "tracking": tracking})
        )
        return path

    return write


def start(settings, folder):
    environment = {**os.environ, "PYTHONPATH": str(SCRIPT.parents[1]), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, str(SCRIPT), str(settings), str(folder)],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )


def kill(process, folder, with_signal):
    """Kill a process once its first checkpoint stands."""
    checkpoint = folder / "sum.csv.checkpoint"
    for _ in range(600):
        if checkpoint.exists() or process.poll() is not None:
            break
        time.sleep(0.05)
    assert checkpoint.exists(), process.stderr.read()
    process.send_signal(with_signal)
    process.wait()
    assert not (folder / "sum.csv").exists()


@pytest.mark.parametrize(("with_signal", "status"), [(signal.SIGTERM, 143), (signal.SIGKILL, -9)])
def test_a_killed_job_goes_on_under_the_same_record(settings, uri, tmp_path, with_signal, status):
    process = start(settings(uri, milliseconds=150), tmp_path)
    kill(process, tmp_path, with_signal)
    assert process.returncode == status
    run_id = (tmp_path / "sum.csv.run").read_text()
    client = MlflowClient(uri)
    if with_signal == signal.SIGTERM:
        assert client.get_run(run_id).info.status == "KILLED"
    counting.main(settings(uri, milliseconds=150), tmp_path)
    assert (tmp_path / "sum.csv").read_text() == "total\n45.0\n"
    assert load_file(tmp_path / "state.safetensors")["begun"] > 0, "it began again instead of going on"
    run = client.get_run(run_id)
    assert run.info.status == "FINISHED"
    assert [metric.step for metric in client.get_metric_history(run_id, "total")] == list(range(10))
    assert run.data.tags["threefactor.stage"] == "align"
    assert run.data.tags["threefactor.learning_rule"] == "theta_33"
    assert {"threefactor.commit", "threefactor.config", "threefactor.device"} <= set(run.data.tags)
    assert run.data.params["network.units"] == "128"
    assert "nothing" not in run.data.metrics
    assert [file.path for file in client.list_artifacts(run_id)] == ["sum.csv"]
    left = {path.name for path in tmp_path.iterdir()} - {"config.yaml"}
    assert left == {"sum.csv", "state.safetensors"}, "checkpoint, note and lock are gone"


def test_another_setting_begins_again(settings, tmp_path):
    process = start(settings(milliseconds=150), tmp_path)
    kill(process, tmp_path, signal.SIGKILL)
    counting.main(settings(milliseconds=2), tmp_path)
    assert load_file(tmp_path / "state.safetensors")["begun"] == 0


@pytest.mark.parametrize("uri", ["sqlite:////proc/none/mlflow.db", "http://127.0.0.1:9"])
def test_a_broken_store_costs_one_warning(settings, tmp_path, caplog, uri):
    with caplog.at_level(logging.WARNING):
        counting.main(settings(uri), tmp_path)
    assert (tmp_path / "sum.csv").exists()
    assert len([record for record in caplog.records if record.name.startswith("threefactor")]) == 1


def test_a_store_that_breaks_midway_costs_one_warning(settings, tmp_path, caplog, uri, monkeypatch):
    def broken(*_, **__):
        raise OSError("disk full")

    monkeypatch.setattr(MlflowClient, "log_batch", broken)
    with caplog.at_level(logging.WARNING, logger="threefactor"):
        counting.main(settings(uri), tmp_path)
    assert (tmp_path / "sum.csv").exists()
    assert len([record for record in caplog.records if "disk full" in record.message]) == 1


def test_a_failing_job_leaves_no_output_and_says_so(settings, uri, tmp_path):
    config = load.load(settings(uri))
    files = Files({}, {"sum": f"{tmp_path}/sum.csv"})
    with pytest.raises(ValueError, match=r"align returned \['other'\], declared are \['sum'\]"):
        job.run(lambda _: {"other": "text"}, "align", config, {"learning_rule": "bptt", "batch": "0"}, files)
    assert not (tmp_path / "sum.csv").exists()
    (run,) = MlflowClient(uri).search_runs(["1"], "tags.threefactor.learning_rule = 'bptt'")
    assert run.info.status == "FAILED"


def test_a_missing_input_is_named_and_leaves_no_folder(settings, tmp_path):
    config = load.load(settings())
    files = Files({"solutions": [f"{tmp_path}/none.safetensors"]}, {"sum": f"{tmp_path}/new/sum.csv"})
    with pytest.raises(FileNotFoundError, match=r"align: input .*none\.safetensors does not exist"):
        job.run(counting.compute, "align", config, {"learning_rule": "bptt", "batch": "0"}, files)
    assert not (tmp_path / "new").exists()


def test_a_gpu_that_is_not_there_is_one_line_and_leaves_no_folder(settings, tmp_path, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    config = load.load(settings()).model_copy(update={"device": "cuda"})
    files = Files({}, {"sum": f"{tmp_path}/new/sum.csv"})
    with pytest.raises(ConfigError, match=r"^device = 'cuda': torch sees no GPU here; allowed are 'cpu'"):
        job.run(counting.compute, "align", config, {"learning_rule": "bptt", "batch": "0"}, files)
    assert not (tmp_path / "new").exists()


def test_products_may_round_where_the_settings_say_so(settings, tmp_path):
    wildcards, seen = {"learning_rule": "bptt", "batch": "0"}, []

    def compute(running):
        seen.append(torch.backends.cuda.matmul.fp32_precision)
        return {"result": {"number": 1}}

    before = torch.backends.cuda.matmul.fp32_precision
    for tf32 in (True, False):
        config = load.load(settings()).model_copy(update={"tf32": tf32})
        files = Files(inputs={}, outputs={"result": str(tmp_path / f"{tf32}.json")})
        job.run(compute, "align", config, wildcards, files)
    assert seen == ["tf32", "ieee"]
    assert torch.backends.cuda.matmul.fp32_precision == before


def test_a_record_has_what_was_judged(uri, tmp_path):
    """The networks of two rules under a condition, one of which never learned."""
    raw = {"rules": ["theta_33", "node_perturbation"], "conditions": {"same": {}}, "bootstraps": 20}
    tracking = {"uri": uri, "experiment": "tests"}
    config = load.parse(
        {"device": "cpu", "results": str(tmp_path), "transfer": raw, "tracking": tracking}, "config"
    )
    files = paths.files(config, "judge", {})
    for path, rule, trials in zip(files.inputs["networks"], raw["rules"], (300, 100), strict=True):
        table = pd.DataFrame({"network": range(3), "reached": [True, True, False], "diverged": False})
        table = table.assign(trials_to_criterion=[trials, 2 * trials, 2000], trials=1000, horizon=2000)
        table = table.assign(error_last=0.5, accuracy_last=0.75, condition="same", learning_rule=rule)
        outputs.save({Path(path): table})
    job.run(judge.compute, "judge", config, {}, files)
    client = MlflowClient(uri)
    (run,) = client.search_runs(["1"], "tags.`threefactor.stage` = 'judge'")
    assert run.info.status == "FINISHED"
    assert run.data.metrics["restricted_mean.same.theta_33"] == pytest.approx(2900 / 3)
    assert run.data.metrics["restricted_mean.same.node_perturbation"] == pytest.approx(2300 / 3)
    assert run.data.metrics["reached_fraction.same.theta_33"] == pytest.approx(2 / 3)
    assert run.data.metrics["accuracy.same.theta_33"] == 0.75
    assert run.data.metrics["ratio_to_theta_33.same.node_perturbation"] == pytest.approx(23 / 29)
    assert [run.data.metrics[f"closed.same.{rule}"] for rule in raw["rules"]] == [0, 1]
    tables = {"rules.csv", "pairs.csv", "waiting.csv", "published.csv", "table.html", "finding.json"}
    assert {file.path for file in client.list_artifacts(run.info.run_id)} == tables | {"transfer.svg"}
