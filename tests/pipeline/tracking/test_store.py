"""A store that is moved with its artifacts finds them, and leaves its old place alone."""

import shutil

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
