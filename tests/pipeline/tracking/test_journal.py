"""A job's notes: one run each, which goes on after a kill and holds every value once."""

import resource
import signal

import pytest

from threefactor.pipeline.tracking.journal import Description, begin, note, read

RUN = Description("sum", {"threefactor.stage": "align"}, {"network.units": 128}, fingerprint="a")


def keys(path):
    return list(dict.fromkeys(entry["run"] for entry in read(path)[0]))


def values(path):
    return [
        (name, value, step) for entry in read(path)[0] for name, value, _, step in entry.get("metrics", ())
    ]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "new/sum.csv.tracking"


def killed(path, steps, run=RUN):
    """Note some steps, and nothing of the end."""
    journal = begin(path, run)
    for step in steps:
        journal.metrics({"error": 1 / (step + 1), "none": float("nan")}, step)
    journal.flush()


def test_a_killed_job_goes_on_with_its_run_and_repeats_no_value(path):
    killed(path, range(4))
    killed(path, range(2, 6))  # from its last checkpoint
    assert len(keys(path)) == 1
    assert values(path) == [("error", 1 / (step + 1), step) for step in range(6)]


def test_a_line_that_a_kill_cut_is_left_out_and_spoils_no_other(path):
    killed(path, range(2))
    whole = values(path)
    with path.open("ab") as file:
        file.write(b'{"run": "x", "metr')
    entries, end = read(path)
    assert end < path.stat().st_size
    assert all("metr" not in entry for entry in entries)
    killed(path, range(2, 4))
    assert values(path)[: len(whole)] == whole
    assert len(values(path)) == 4
    assert len(keys(path)) == 1


def test_another_fingerprint_begins_another_run_and_ends_the_first(path):
    killed(path, range(2))
    killed(path, range(2), RUN._replace(fingerprint="b"))
    first, _ = keys(path)
    ends = {entry["run"]: entry["end"] for entry in read(path)[0] if "end" in entry}
    assert ends == {first: "KILLED"}
    assert [step for _, _, step in values(path)] == [0, 1, 0, 1]


@pytest.mark.parametrize(
    ("problem", "status", "runs"),
    [(None, "FINISHED", 2), (ValueError, "FAILED", 2), (SystemExit, "KILLED", 1)],
)
def test_a_run_that_was_killed_goes_on_and_one_that_ended_does_not(path, problem, status, runs):
    def once(problem):
        with note(path, RUN) as journal:
            journal.metrics({"error": 1.0}, 0)
            if problem:
                raise problem

    if problem:
        with pytest.raises(problem):
            once(problem)
    else:
        once(None)
    assert read(path)[0][-1]["end"] == status
    once(None)
    assert len(keys(path)) == runs


def test_reading_goes_on_where_it_stopped(path):
    killed(path, range(2))
    entries, end = read(path)
    assert read(path, end) == ([], end)
    killed(path, range(2, 3))
    assert entries + read(path, end)[0] == read(path)[0]


def test_without_tracking_nothing_is_written(tmp_path):
    with note(None, RUN) as journal:
        journal.metrics({"error": 1.0}, 0)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_costs_notes_and_no_work(tmp_path):
    (tmp_path / "folder").mkdir()
    with note(tmp_path / "folder", RUN) as journal:  # cannot be written to, as a full disk
        journal.metrics({"error": 1.0}, 0)


def test_a_line_that_a_full_disk_cut_spoils_no_later_one(path):
    journal = begin(path, RUN)
    size = path.stat().st_size
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 10, before[1]))
        journal.metrics({"error": 1.0}, 0)
        journal.flush()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    journal.end("FINISHED")
    assert read(path)[0][-1]["end"] == "FINISHED"


def test_names_in_other_encodings_are_noted(path):
    journal = begin(path, RUN)
    journal.artifacts([path.parent / b"caf\xe9".decode("utf-8", "surrogateescape")])
    assert len(read(path)[0]) == 2
