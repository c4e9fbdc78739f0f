"""Distances between networks: what they cost, and whether published packages give the same numbers.

Networks are drawn, not trained: they do as well here. A package that cannot be imported is skipped.
"""

import sys
import time
from pathlib import Path

import torch

import threefactor as tf
from benchmarks import distance_peers
from benchmarks.tables import table
from threefactor.analysis.group import moments
from threefactor.analysis.representation.responses import noise_free
from threefactor.analysis.solutions.compared import Compared, of_networks, some
from threefactor.analysis.solutions.distances import DISTANCES
from threefactor.experiment import build
from threefactor.training.batch import convert

INTERVAL_MS, SHAPE_COMPONENTS = 20.0, 16  # the defaults of stage `analyse`
COSTLY_NETWORKS = 12
PEER_NETWORKS = 6


def run(networks: int, units: int, packages: list[Path]) -> None:
    """Print what each distance costs, and how far other packages are from it."""
    sys.path += [str(path) for path in packages]
    compared = drawn(networks, units)
    print(table(["distance", "networks", "CPU time, s", "per pair, ms"], costs(compared)))
    rows = []
    for package, peer in distance_peers.PEERS.items():
        try:
            rows += [[package, *row] for row in peer(some(compared, slice(PEER_NETWORKS)))]
        except ImportError as problem:
            print(f"{package}: skipped, {problem}", file=sys.stderr)
    if rows:
        print("\n" + table(["package", "what", "largest difference", "per pair, ms"], rows))


def drawn(networks: int, units: int) -> Compared:
    """Draw networks and run them through noise-free trials of every type."""
    settings = tf.load_settings().changed({"network.units": units})
    network = convert(tf.draw_networks(settings, networks), dtype=torch.float64)
    task = build.task(settings)
    inputs = task.draw(torch.arange(len(task.trial_types)), generator=None, dtype=torch.float64).inputs
    at = moments(task.steps, settings.network.time_step_ms, INTERVAL_MS)
    rates = noise_free(network, inputs).rate[:, :, at.step][..., ~network.clamped]
    within = at.within(task.periods["delay"])
    return of_networks(network, rates, inputs[:, at.step], within, SHAPE_COMPONENTS)


def costs(compared: Compared) -> list[list[str]]:
    """Time every distance, a costly one on a few networks."""
    few = some(compared, slice(COSTLY_NETWORKS))
    rows = []
    for distance in DISTANCES:
        given = few if distance.costly else compared
        count = len(given.rates)
        began = time.process_time()
        distance.function(given)
        seconds = time.process_time() - began
        pairs = count * (count - 1) / 2
        rows.append([distance.name, str(count), f"{seconds:.2g}", f"{1000 * seconds / pairs:.2g}"])
    return rows
