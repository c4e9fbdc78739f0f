"""A job goes on where it was killed, under the same tracked run; without tracking it works too."""

import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
import yaml
from mlflow import MlflowClient
from safetensors.torch import load_file

from pipeline import counting
from threefactor.experiment.settings.errors import SettingsError
from threefactor.experiment.view import UndeclaredError
from threefactor.experiment.work import Results
from threefactor.pipeline import job, registry
from threefactor.pipeline.files import Files
from threefactor.pipeline.settings import load
from threefactor.pipeline.tracking import courier, journal
from threefactor.pipeline.tracking.store import open_store

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
    """Start a process that waits to be killed after five steps of ten."""
    path = [str(SCRIPT.parents[1]), os.environ.get("PYTHONPATH", "")]  # else it could run another checkout
    own = {"PYTHONPATH": os.pathsep.join(filter(None, path)), "OMP_NUM_THREADS": "1", counting.HOLD: "5"}
    return subprocess.Popen(
        [sys.executable, str(SCRIPT), str(settings), str(folder)],
        env=os.environ | own,
        stderr=subprocess.PIPE,
        text=True,
    )


def kill(process, folder, with_signal, is_ready=lambda: True):
    """Kill a process once its first checkpoint stands, and something else, however long that takes."""
    checkpoint = folder / "sum.csv.checkpoint"
    while not (checkpoint.exists() and is_ready()):
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.05)
    process.send_signal(with_signal)
    process.wait()
    assert not (folder / "sum.csv").exists()


@pytest.mark.parametrize(("with_signal", "status"), [(signal.SIGTERM, 143), (signal.SIGKILL, -9)])
def test_a_killed_job_goes_on_under_the_same_run(settings, uri, tmp_path, with_signal, status, monkeypatch):
    monkeypatch.setattr(courier, "PATIENCE", 600.0)  # of this process, on however slow a machine
    client, process = MlflowClient(uri), start(settings(uri), tmp_path)

    def begun():
        entries, _ = journal.read(tmp_path / "sum.csv.tracking")
        return client.search_runs(["1"], f"tags.threefactor.run = '{entries[0]['run']}'")

    kill(process, tmp_path, with_signal, begun)
    assert process.returncode == status
    (killed,) = begun()
    assert killed.info.status == ("KILLED" if with_signal == signal.SIGTERM else "RUNNING")
    counting.main(settings(uri), tmp_path)
    assert (tmp_path / "sum.csv").read_text() == "total\n45.0\n"
    assert load_file(tmp_path / "state.safetensors")["added"] < 10, "it began again instead of going on"
    assert load_file(tmp_path / "state.safetensors")["seen"].tolist() == list(range(10))
    run_id = killed.info.run_id
    run = client.get_run(run_id)
    assert run.info.status == "FINISHED"
    assert [metric.step for metric in client.get_metric_history(run_id, "total")] == list(range(1, 11))
    assert run.data.tags["threefactor.stage"] == "align"
    assert run.data.tags["threefactor.learning_rule"] == "theta_33"
    assert {"threefactor.commit", "threefactor.config", "threefactor.device"} <= set(run.data.tags)
    assert run.data.params["network.units"] == "128"
    assert "nothing" not in run.data.metrics
    assert [file.path for file in client.list_artifacts(run_id)] == ["sum.csv"]
    left = {path.name for path in tmp_path.iterdir()} - {"config.yaml"}
    kept = {"sum.csv", "sum.csv.manifest", "state.safetensors"}
    assert left == kept, "checkpoint, journal and lock are gone"


def test_another_setting_begins_again(settings, tmp_path):
    process = start(settings(milliseconds=3), tmp_path)
    kill(process, tmp_path, signal.SIGKILL)
    counting.main(settings(milliseconds=2), tmp_path)
    assert load_file(tmp_path / "state.safetensors")["added"] == 10


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


def run(compute, config, files, wildcards=None):
    job.run(compute, config, counting.SPEC, wildcards or {"learning_rule": "bptt", "batch": "0"}, files)


def test_a_failing_job_leaves_no_output_and_says_so(settings, uri, tmp_path):
    config = load.load(settings(uri))
    files = Files({}, {"sum": f"{tmp_path}/sum.csv"})
    with pytest.raises(ValueError, match=r"align: returned \['other'\], must return \['sum'\]"):
        run(lambda _: Results({"other": "text"}), config, files)
    assert not (tmp_path / "sum.csv").exists()
    (tracked,) = MlflowClient(uri).search_runs(["1"], "tags.threefactor.learning_rule = 'bptt'")
    assert tracked.info.status == "FAILED"


def test_a_missing_input_is_named_and_leaves_no_folder(settings, tmp_path):
    config = load.load(settings())
    files = Files({"solutions": [f"{tmp_path}/none.safetensors"]}, {"sum": f"{tmp_path}/new/sum.csv"})
    with pytest.raises(FileNotFoundError, match=r"align: input .*none\.safetensors does not exist"):
        job.run(counting.compute, config, registry.stages()["align"], counting.WILDCARDS, files)
    assert not (tmp_path / "new").exists()


def test_a_gpu_that_is_not_there_is_one_line_and_leaves_no_folder(settings, tmp_path, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    config = load.load(settings()).model_copy(update={"device": "cuda"})
    files = Files({}, {"sum": f"{tmp_path}/new/sum.csv"})
    with pytest.raises(
        SettingsError, match=r"^device = 'cuda': must be 'auto' or 'cpu'|^device = 'cuda': must be 'cpu'"
    ):
        run(counting.compute, config, files)
    assert not (tmp_path / "new").exists()


def test_products_may_round_where_the_settings_say_so(settings, tmp_path):
    seen = []

    def compute(running):
        seen.append(torch.backends.cuda.matmul.fp32_precision)
        return Results({"result": {"number": 1}})

    before = torch.backends.cuda.matmul.fp32_precision
    for tf32 in (True, False):
        config = load.load(settings()).model_copy(update={"tf32": tf32})
        run(compute, config, Files(inputs={}, outputs={"result": str(tmp_path / f"{tf32}.json")}))
    assert seen == ["tf32", "ieee"]
    assert torch.backends.cuda.matmul.fp32_precision == before


@pytest.mark.parametrize(
    "key",
    [
        "compare_solutions.permutations",
        "retrain.batches",
        "metalearn.degree",
        "tracking.uri",
        "task.dpa.cues",
    ],
)
def test_a_stage_that_reads_what_its_spec_does_not_declare_fails(settings, tmp_path, key):
    def compute(work):
        node = work.settings
        for name in key.split("."):
            node = getattr(node, name)
        return Results({"result": {"number": 1}})

    with pytest.raises(UndeclaredError, match=r"^stage align reads .*: its spec must declare it"):
        run(compute, load.load(settings()), Files({}, {"result": str(tmp_path / "a.json")}))
    assert not (tmp_path / "a.json").exists()


def test_numbers_at_the_end_are_tracked(settings, uri, tmp_path):
    files = Files({}, {"result": str(tmp_path / "a.json")})
    run(lambda _: Results({"result": {}}, {"a.b": 2.5, "c": float("nan")}), load.load(settings(uri)), files)
    runs = MlflowClient(uri).search_runs(
        ["1"], "tags.threefactor.learning_rule = 'bptt' and attributes.status = 'FINISHED'"
    )
    assert runs[0].data.metrics == {"a.b": 2.5}
