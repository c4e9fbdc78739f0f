"""Time left of a whole run: by what jobs of each rule took, in this run and in earlier ones."""

import math

import pytest

from threefactor.pipeline.time_left import Jobs, earlier


@pytest.fixture
def jobs():
    found = Jobs()
    found.plan({"retrain": 4, "draw_levels": 1})
    return found


def test_nothing_is_known_before_the_first_job(jobs):
    assert jobs.total == 5
    assert math.isnan(jobs.left())


def test_earlier_runs_tell_how_long_each_rule_takes_and_the_others_count_as_usual(jobs):
    jobs.remember({"retrain": [10.0, 10.0, 70.0]})
    assert jobs.left() == 5 * 10.0
    jobs.remember({"draw_levels": [2.0]})
    assert jobs.left() == 4 * 10.0 + 2.0


def test_jobs_side_by_side_share_the_time(jobs):
    jobs.remember({"retrain": [10.0], "draw_levels": [10.0]})
    jobs.begin(1, "retrain")
    jobs.begin(2, "retrain")
    assert jobs.at_work() == ["retrain"]
    assert jobs.left() == pytest.approx((3 * 10 + 2 * 10) / 2, abs=0.5)


def test_a_job_that_ends_is_done_and_one_that_failed_is_to_come_again(jobs):
    jobs.remember({"retrain": [10.0], "draw_levels": [10.0]})
    jobs.begin(1, "retrain")
    jobs.end(1, failed=True)
    assert (jobs.done, jobs.left()) == (0, 50.0)
    jobs.begin(1, "draw_levels")
    jobs.end(1)
    jobs.end(1)
    assert jobs.done == 1
    assert jobs.at_work() == []


def test_benchmarks_of_earlier_runs_are_read_by_rule_without_those_that_are_none(tmp_path):
    for name, text in {
        "retrain/theta_33/0": "s\tmax_rss\n3.5\t1\n",
        "retrain/bptt/0": "s\tmax_rss\n1.5\t1\n",
        "headline": "s\tmax_rss\n1.0\t1\n",
        "draw/levels": "s\tmax_rss\n2.0\t1\n",
        "draw/gains": "",
        "draw/codes": "h\n1\n",
    }.items():
        path = tmp_path / f"benchmarks/{name}.tsv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    found = earlier(tmp_path / "benchmarks/retrain/rflo/0.tsv")
    assert {rule: sorted(seconds) for rule, seconds in found.items()} == {
        "retrain": [1.5, 3.5],
        "headline": [1.0],
        "draw_levels": [2.0],
    }
    assert earlier(tmp_path / "other/0.tsv") == {}
