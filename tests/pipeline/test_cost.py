"""CPU time of jobs, from their logs."""

import pytest

from threefactor.cli.main import main
from threefactor.pipeline import cost


def write(folder, logs):
    for name, text in logs.items():
        path = folder / "logs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


LOGS = {
    "retrain/bptt/0.log": "used 3.00 s of CPU, 1.00 s of them to start\n"
    "going on\nused 10.00 s of CPU, 2.00 s of them to start",
    "retrain/rflo/0.log": "began\nused 5.50 s of CPU, 2.50 s of them to start\n",
    "retrain/eprop/0.log": "killed",
    "analyse.log": "used 30.00 s of CPU, 4.00 s of them to start",
}


def test_each_job_counts_once_and_the_dearest_stage_comes_first(tmp_path):
    write(tmp_path, LOGS)
    assert cost.by_stage(tmp_path / "logs") == [("analyse", 1, 30.0, 4.0), ("retrain", 2, 15.5, 4.5)]


def test_what_a_job_writes_is_read(tmp_path, caplog):
    with caplog.at_level("INFO"):
        cost.log(0.25)
    write(tmp_path, {"a/a.log": caplog.text})
    (found,) = cost.by_stage(tmp_path / "logs")
    assert found.start_s == 0.25
    assert found.cpu_s == pytest.approx(cost.used(), abs=5)


def test_the_table_has_a_row_a_stage_and_the_sum(tmp_path, capsys):
    write(tmp_path / "results", LOGS)
    (tmp_path / "settings.yaml").write_text(f"results: {tmp_path}/results\n")
    assert main(["cost", "--config", str(tmp_path / "settings.yaml")]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["analyse", "1", "30.0", "4.0", "66%"] in rows
    assert ["all", "3", "45.5", "8.5", "100%"] in rows


def test_without_logs_there_is_one_line(tmp_path, capsys):
    (tmp_path / "settings.yaml").write_text(f"results: {tmp_path}/results\n")
    assert main(["cost", "--config", str(tmp_path / "settings.yaml")]) == 2
    assert "logs has no log of a finished job" in capsys.readouterr().err
