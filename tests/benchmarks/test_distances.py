"""The command that times distances between networks and compares them with published packages."""

import subprocess
import sys
from pathlib import Path

import pytest

from threefactor.analysis.solutions.distances import NAMES

ROOT = Path(__file__).resolve().parents[2]
MODULES = {"netrep": "netrep", "rsatoolbox": "rsatoolbox", "dsa-metric": "DSA"}


@pytest.fixture
def peers(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))
    from benchmarks import distance_peers

    return distance_peers


@pytest.fixture
def drawn(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))
    from benchmarks import distances

    return distances.drawn(4, 12)


def test_every_distance_is_timed_and_absent_packages_are_skipped():
    command = [sys.executable, "-m", "benchmarks", "distances", "--networks", "6", "--units", "12"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    rows = [line.split(" | ")[0].strip("| ") for line in done.stdout.splitlines()]
    assert [row for row in rows if row in NAMES] == list(NAMES)


@pytest.mark.parametrize("package", ["netrep", "rsatoolbox"])
def test_packages_that_are_here_give_the_same_numbers(package, peers, drawn):
    pytest.importorskip(MODULES[package])
    for what, difference, _ in peers.PEERS[package](drawn):
        assert float(difference) < 1e-6, what  # arccos near 1 loses half of the digits


def test_dsa_metric_gives_the_same_numbers_where_it_does_not_err(peers, drawn):
    pytest.importorskip(MODULES["dsa-metric"])
    found = {what: difference for what, difference, _ in peers.dsa_metric(drawn)}
    assert float(found["eigenvalues of A, one trial"]) < 1e-3  # single precision
    assert float(found["controllability, its matrix and rotation"]) < 1e-6
    assert float(found["spectral, its Wasserstein distance"]) < 1e-6
