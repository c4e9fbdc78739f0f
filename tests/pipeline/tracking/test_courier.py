"""Notes reach the store once, whatever happens on the way, and no store holds work up."""

import logging
import socket
import threading
import time

import pytest
from mlflow import MlflowClient

from threefactor.experiment.settings.addresses import shown
from threefactor.pipeline.tracking import claims, courier, delivery, journal
from threefactor.pipeline.tracking.pipeline import TrackedPipeline
from threefactor.pipeline.tracking.store import open_store, said

RUN = journal.Description("sum", {"threefactor.stage": "align"}, {"network.units": 128}, fingerprint="a")


@pytest.fixture(scope="module")
def uri(tmp_path_factory):
    address = f"sqlite:///{tmp_path_factory.mktemp('store')}/mlflow.db"
    open_store(address, "tests")
    return address


def written(path, status="FINISHED", steps=3):
    """Write a journal of one run and return the run's key."""
    notes = journal.begin(path, RUN)
    for step in range(steps):
        notes.metrics({"error": float(step)}, step)
    file = path.with_name("table.csv")
    file.write_text("a\n1\n")
    notes.artifacts([file])
    notes.flush()
    if status:
        notes.end(status)
    return journal.read(path)[0][0]["run"]


def found(uri, key):
    """Return the runs of a key."""
    client = MlflowClient(uri)
    return client.search_runs(["1"], f"tags.threefactor.run = '{key}'")


def test_a_journal_taken_twice_is_one_run_with_each_value_once(uri, tmp_path):
    path = tmp_path / "a.tracking"
    key = written(path)
    for _ in range(2):  # two couriers, neither of which knows of the other
        delivery.Delivery(uri, "tests").send([path])
    (run,) = found(uri, key)
    client = MlflowClient(uri)
    history = client.get_metric_history(run.info.run_id, "error")
    assert [(metric.step, metric.value) for metric in history] == [(0, 0.0), (1, 1.0), (2, 2.0)]
    assert run.info.status == "FINISHED"
    assert run.data.params == {"network.units": "128"}
    assert [file.path for file in client.list_artifacts(run.info.run_id)] == ["table.csv"]


def test_couriers_side_by_side_make_one_run(uri, tmp_path):
    path = tmp_path / "a.tracking"
    key = written(path)
    several = [
        threading.Thread(target=delivery.Delivery(uri, "tests").send, args=([path],)) for _ in range(4)
    ]
    for thread in several:
        thread.start()
    for thread in several:
        thread.join()
    assert len(found(uri, key)) == 1


def test_what_a_store_did_not_take_is_taken_later(uri, tmp_path, monkeypatch, caplog):
    path = tmp_path / "a.tracking"
    key = written(path)
    with monkeypatch.context() as broken, caplog.at_level(logging.WARNING):

        def full(*_, **__):
            raise OSError("disk full")

        broken.setattr(MlflowClient, "log_batch", full)
        first = courier.Courier(uri, "tests", [path])
        first.start()
        first.stop()
    assert [record.message.count("disk full") for record in caplog.records] == [1]
    assert path.exists()
    second = courier.Courier(uri, "tests", [path])
    second.start()
    second.stop()
    (run,) = found(uri, key)
    assert run.data.metrics == {"error": 2.0}
    assert not path.exists()


def test_a_note_that_the_store_refuses_holds_no_other_up(uri, tmp_path, caplog):
    first, second = tmp_path / "a.tracking", tmp_path / "b.tracking"
    key, other = written(first, status=""), written(second)
    sent = delivery.Delivery(uri, "tests")
    sent.send([first])
    (run,) = found(uri, key)
    MlflowClient(uri).delete_run(run.info.run_id)
    more = journal.begin(first, RUN)
    more.metrics({"error": 9.0}, 9)
    more.end("FINISHED")
    with caplog.at_level(logging.WARNING):
        sent.send([first, second])
    assert "refuses" in caplog.text
    assert [one.info.status for one in found(uri, other)] == ["FINISHED"]


def test_notes_of_jobs_that_are_asked_for_no_more_are_taken_too(uri, tmp_path, monkeypatch):
    monkeypatch.setenv(journal.INVOCATION, "another invocation")
    (tmp_path / "retrain").mkdir()
    key = written(tmp_path / "retrain/a.tracking")
    settings = tmp_path / "config.yaml"
    settings.write_text("a: 1\n")
    tracked = TrackedPipeline(uri, "tests", tmp_path / "pipeline.tracking")
    tracked.begin({}, settings, [])
    tracked.end("FINISHED")
    assert [run.info.status for run in found(uri, key)] == ["FINISHED"]
    assert not list(tmp_path.rglob("*.tracking"))


@pytest.mark.parametrize("status", ["", "KILLED"])
def test_the_journal_of_a_job_that_may_go_on_stays(uri, tmp_path, status):
    path = tmp_path / "a.tracking"
    written(path, status)
    one = courier.Courier(uri, "tests", [path, tmp_path / "none.tracking"])
    one.start()
    one.stop()
    assert path.exists()


def test_a_server_that_never_answers_holds_nothing_up(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(courier, "PATIENCE", 0.5)
    path = tmp_path / "a.tracking"
    with socket.create_server(("127.0.0.1", 0)) as server, caplog.at_level(logging.WARNING):
        address = f"http://someone:secret@127.0.0.1:{server.getsockname()[1]}"
        began = time.monotonic()
        with courier.track(address, "tests", path, RUN) as notes:
            notes.metrics({"error": 1.0}, 0)
        assert time.monotonic() - began < 20
    assert path.exists()
    assert "no answer within" in caplog.text
    assert "secret" not in caplog.text


def test_jobs_of_a_pipeline_are_runs_below_its_own(uri, tmp_path, monkeypatch):
    monkeypatch.setenv(journal.INVOCATION, "one invocation")
    path = tmp_path / "a.tracking"
    settings = tmp_path / "config.yaml"
    settings.write_text("a: 1\n")
    tracked = TrackedPipeline(uri, "tests", tmp_path / "pipeline.tracking")
    tracked.begin({"threefactor.commit": "abc"}, settings, [path, tmp_path / "b.tracking"])
    with courier.track(uri, "tests", path, RUN) as notes:
        notes.metrics({"error": 1.0}, 0)
    killed = written(tmp_path / "b.tracking", status="")  # a job that is killed at its beginning
    tracked.end("FINISHED", [settings])
    (parent,) = MlflowClient(uri).search_runs(["1"], "tags.threefactor.invocation = 'one invocation'")
    below = MlflowClient(uri).search_runs(["1"], f"tags.mlflow.parentRunId = '{parent.info.run_id}'")
    assert parent.info.status == "FINISHED"
    assert sorted(run.info.status for run in below) == ["FINISHED", "KILLED"]
    assert [run.info.status for run in found(uri, killed)] == ["KILLED"]
    assert parent.data.tags["threefactor.commit"] == "abc"
    assert not path.exists()


def test_a_pipeline_closes_what_killed_jobs_and_dead_pipelines_left_running(uri, tmp_path, monkeypatch):
    monkeypatch.setenv(journal.INVOCATION, "a dead invocation")
    dead = {"threefactor.stage": "pipeline", delivery.INVOCATION: "a dead invocation"}
    dead |= {claims.HOST: socket.gethostname(), claims.PID: str(2**22 + 1)}
    own, job = tmp_path / "pipeline.tracking", tmp_path / "job.tracking"
    journal.begin(own, journal.Description("pipeline", dead))
    key = written(job, status="")
    sent = delivery.Delivery(uri, "tests")
    sent.send([own, job])
    running = "tags.threefactor.invocation = 'a dead invocation' and attributes.status = 'RUNNING'"
    assert len(MlflowClient(uri).search_runs(["1"], running)) == 1
    monkeypatch.setenv(journal.INVOCATION, "the next")
    settings = tmp_path / "config.yaml"
    settings.write_text("a: 1\n")
    following = TrackedPipeline(uri, "tests", tmp_path / "next.tracking")
    following.begin({}, settings, [])
    following.end("FINISHED")
    assert not MlflowClient(uri).search_runs(["1"], running)
    assert [run.info.status for run in found(uri, key)] == ["KILLED"]


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("postgresql://user:pass@host:5432/mlflow", "postgresql://host:5432/mlflow"),
        ("API request to http://bob:s3/c@ret@host:9/api failed", "API request to http://host:9/api failed"),
        ("http://host:5000", "http://host:5000"),
        ("sqlite:///mlflow.db", "sqlite:///mlflow.db"),
    ],
)
def test_no_password_is_said(uri, said):
    assert shown(uri) == said


def test_a_password_is_not_said_where_a_long_message_is_cut():
    problem = OSError("x" * 270 + " http://someone:" + "secret" * 20 + "@host/api")
    assert "secret" not in said(problem)
