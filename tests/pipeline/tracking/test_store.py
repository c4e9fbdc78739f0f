"""A store that is moved, deleted or opened by several at once stops no work and loses no more than it must."""

import shutil
import subprocess
import sys
import time

from mlflow import MlflowClient

from threefactor.pipeline.tracking import courier, journal
from threefactor.pipeline.tracking.delivery import Delivery
from threefactor.pipeline.tracking.pipeline import left
from threefactor.pipeline.tracking.store import open_store


def test_a_store_that_was_moved_keeps_its_artifacts_beside_it(tmp_path):
    old, new = tmp_path / "a_b (ü)", tmp_path / "a%b new"
    file = tmp_path / "table.csv"
    file.write_text("a")
    client, number = open_store(f"sqlite:///{old}/mlflow.db", "tests")
    first = client.create_run(number).info.run_id
    client.log_artifact(first, str(file))
    elsewhere = client.create_experiment("elsewhere", artifact_location=(tmp_path / "own").as_uri())
    shutil.move(old, new)
    client, moved = open_store(f"sqlite:///{new}/mlflow.db", "tests")
    assert moved == number
    second = client.create_run(number).info.run_id
    client.log_artifact(second, str(file))
    assert not old.exists()
    for run in (first, second):
        assert [one.path for one in client.list_artifacts(run)] == ["table.csv"]
        assert (new / "mlruns" / run / "artifacts/table.csv").exists()
    assert client.get_experiment(elsewhere).artifact_location == (tmp_path / "own").as_uri()


PIPELINE = """
import os, sys
from pathlib import Path
from threefactor.pipeline.tracking.journal import INVOCATION
from threefactor.pipeline.tracking.pipeline import TrackedPipeline
uri, folder = sys.argv[1], Path(sys.argv[2])
os.environ[INVOCATION] = folder.name
folder.mkdir()
tracked = TrackedPipeline(uri, "tests", folder / "pipeline.tracking")
tracked.begin({}, folder / "config.yaml", [])
tracked.end("FINISHED")
"""


def pipeline(uri, folder):
    """Start a pipeline without jobs."""
    return subprocess.Popen([sys.executable, "-c", PIPELINE, uri, str(folder)])


def test_pipelines_that_start_together_share_a_fresh_store(tmp_path):
    uri, names = f"sqlite:///{tmp_path}/new (ü) store/mlflow.db", ["a", "b"]
    assert [one.wait() for one in [pipeline(uri, tmp_path / name) for name in names]] == [0, 0]
    Delivery(uri, "tests").send(left(tmp_path))  # on a slow machine they may have left their notes
    runs = MlflowClient(uri).search_runs(["1"])
    found = {run.data.tags["threefactor.invocation"]: run.info.status for run in runs}
    assert len(runs) == len(names)
    assert found == dict.fromkeys(names, "FINISHED")


def test_a_store_that_is_deleted_stops_no_work_and_is_made_again(tmp_path):
    store, key = tmp_path / "store", "tags.threefactor.stage"
    uri = f"sqlite:///{store}/mlflow.db"
    client, number = open_store(uri, "tests")
    described = journal.Description("sum", {"threefactor.stage": "align"})
    with courier.track(uri, "tests", tmp_path / "a.tracking", described) as notes:
        while not client.search_runs([number], f"{key} = 'align'"):
            time.sleep(0.05)
        shutil.rmtree(store)
        notes.metrics({"error": 1.0}, 1)
    assert pipeline(uri, tmp_path / "later").wait() == 0
    assert (store / "mlflow.db").exists()
