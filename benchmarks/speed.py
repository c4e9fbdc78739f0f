"""Time every peer in every piece of a case, in one interleaved run, once its numbers have been checked."""

import gc
from collections.abc import Iterator
from typing import Any

from benchmarks import floor, machine
from benchmarks.agreement import TOLERANCE, Reference
from benchmarks.peers.contract import Peer, Work
from benchmarks.peers.table import peers
from benchmarks.problem import make
from benchmarks.settings import Case, Plan
from benchmarks.timing import Entry, interleave

Row = dict[str, object]


def measure(case: Case, pieces: list[str], plan: Plan, only: tuple[str, ...] = ()) -> list[Row]:
    """Return one row for each piece and peer of a case.

    A row has the median ``ms`` per trial and network, all ``samples``, the relative ``error`` against float64, whether it
    ``agrees``; or a reason why it was ``skipped``. Our own rows also have both floors.
    """
    problem, rows, entries = make(case), [], []
    products = [Entry(name, run) for name, run in machine.squares().items()]
    for piece in pieces:
        reference = Reference(piece, problem)
        for peer in _offering(piece, only):
            row = _row(case, piece, peer.name)
            rows.append(row)
            if case.preset == "paper" and case.networks > 1 and peer.slow:
                row["skipped"] = "slow: see one network"
                continue
            work = peer.pieces[piece](problem)
            entry = Entry(len(rows) - 1, work.run)
            row |= _checked(reference, work, entry.result, piece)
            entry.result = None
            if entry.first > plan.slow:
                row["skipped"] = f"one call takes {entry.first:.0f} s"
            elif row["agrees"]:
                entries.append(entry)
    interleave(products + entries, plan.rounds, plan.budget)
    rate = machine.square_rate(min(entry.median for entry in products))
    for entry in entries:
        rows[entry.key] |= _timed(entry, case, rows[entry.key]["piece"], rate)
    gc.collect()
    return rows


def _offering(piece: str, only: tuple[str, ...]) -> Iterator[Peer]:
    """Return the peers that do a piece; of some, if they are named."""
    return (peer for peer in peers() if piece in peer.pieces and (not only or peer.name in only))


def _row(case: Case, piece: str, peer: str) -> Row:
    return case._asdict() | {"coefficients": case.coefficients, "piece": piece, "peer": peer, "skipped": ""}


def _checked(reference: Reference, work: Work, result: Any, piece: str) -> Row:
    """Return how far the numbers of a peer are off."""
    error = reference.error(work.read(result))
    return {"error": error, "agrees": error < TOLERANCE[piece], "note": work.note}


def _timed(entry: Entry, case: Case, piece: object, rate: float) -> Row:
    """Return the times of an entry per trial and network, with the floors at the rate of this run."""
    share = 1e3 / case.networks / (case.trials if piece in ("reverse", "learning_run") else 1)
    return {
        "ms": entry.median * share,
        "samples": [sample * share for sample in entry.samples],
        "gflops": rate,
        "floor_products": floor.milliseconds(floor.products(str(piece), case), rate),
        "floor_fused": floor.milliseconds(floor.fused(str(piece), case), rate),
    }
