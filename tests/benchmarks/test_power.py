"""What tests of solutions find: in a small design, and on the page."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from threefactor import seeding
from threefactor.analysis.solutions.variance_partition import partition

ROOT = Path(__file__).resolve().parents[2]
SMALL = {"rules": 8, "networks": 9}
DRAWS = 15  # and four times as many of no difference
LARGE = {
    "R² of the rule": 0.5,
    "R² of the rule, 40 % of half of the rules' networks missing": 0.7,
    "R² of the rule beyond a covariate": 0.5,
    "classification, nearest centroid": 0.6,
    "R² of gain": 2.0,
    "dispersion": 0.5,
    "three clusters": 2.0,
    "locality": 3.0,
    "interaction": 6.0,
}
"""Differences that 72 networks show nearly always."""


@pytest.fixture
def power(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))
    from benchmarks import power

    return power


@pytest.mark.parametrize("name", LARGE)
def test_large_differences_are_found_and_others_as_often_as_the_level_says(power, name):
    from benchmarks.planted import Plan

    (study,) = (one for one in power.STUDIES if one.name == name)
    none, large = power.measure(Plan(**SMALL), DRAWS, [study._replace(sizes=(0.0, LARGE[name]))])
    error = (0.05 * 0.95 / none["draws"]) ** 0.5  # binomial
    assert none["found"] <= 0.05 + 4 * error
    assert large["found"] >= 0.8
    if "held" in none:
        assert none["held"] >= 0.95 - 4 * error
        assert none["held_these"] >= 0.95 - 4 * error
        assert none["held_networks"] < none["held"]


def test_planted_networks_have_the_shape_that_the_page_says(power):
    from benchmarks.planted import Plan, planted

    drawn = planted(Plan(), 0.3, seeding.generator(0))
    distances = drawn.distances
    above = distances[np.triu_indices(len(distances), 1)]
    assert 0.35 < above.mean() < 0.55  # rad; CKA 0.50, Procrustes 0.40
    none = np.zeros((len(distances), 0))
    shares = partition(distances, drawn.factors, none, 9, generator=seeding.generator(0))
    rule, initialisation, gain = (one.adjusted for one in shares[:3])
    assert 0.05 < rule < 0.2
    assert 0.15 < initialisation < 0.35
    assert abs(gain) < 0.05


def test_a_shift_has_the_size_that_it_says(power):
    from benchmarks.planted import Plan, planted

    plan = Plan(networks=4000)
    still, moved = (planted(plan, shift, seeding.generator(1)) for shift in (0.0, 0.5))
    places = (moved.points - still.points)[::4000]  # of each rule
    np.testing.assert_allclose(places.mean(0), 0, atol=1e-12)
    within = still.points[still.rule == 0].std(0)
    assert np.sqrt(((places / within) ** 2).mean()) == pytest.approx(0.5, rel=0.02)  # SD of 4,000 networks
    assert np.sqrt((within**2).sum()) == pytest.approx(plan.radius, rel=0.02)


def test_the_command_prints_what_it_writes(tmp_path):
    page, output = tmp_path / "page.md", tmp_path / "power.json"
    page.write_text("before\n<!-- benchmarks:begin --><!-- benchmarks:end -->\n")
    sizes = "--draws", "1", "--networks", "4"
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "power", *sizes, "--output", output, "--page", page],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONWARNINGS": "ignore"},
    )
    assert done.returncode == 0, done.stderr
    table = [line for line in done.stdout.splitlines() if line.startswith("|")]
    assert table == [line for line in page.read_text().splitlines() if line.startswith("|")]
    assert {row["study"] for row in json.loads(output.read_text())["rows"]} >= set(LARGE)


def test_the_page_says_what_was_measured(power):
    from benchmarks.power_table import markdown
    from benchmarks.report import between

    page = ROOT / "docs/results/power.md"
    result = json.loads((ROOT / "benchmarks/published/power.json").read_text())
    assert page.read_text("utf-8") == between(page, markdown(result)), "run `python -m benchmarks power`"
    assert {row["study"] for row in result["rows"]} == {study.name for study in power.STUDIES}
