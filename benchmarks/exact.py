"""All peers in float64 on a small problem: there no rounding can hide a different computation."""

from contextlib import nullcontext

from benchmarks.agreement import EXACT, Reference
from benchmarks.peers.table import has_jax, peers
from benchmarks.problem import make, precise
from benchmarks.settings import Case

SMALL = (Case("default", "4x4", 3, 2, 24, 20), Case("paper", "odd", 2, 2, 20, 30))


def check(pieces: list[str], cases: int = len(SMALL)) -> list[dict[str, object]]:
    """Return the relative error of each peer in each piece, in float64, in the first few of the small cases."""
    return [row for case in SMALL[:cases] for row in _case(case, pieces)]


def _case(case: Case, pieces: list[str]) -> list[dict[str, object]]:
    problem, rows = precise(make(case)), []
    with _double():
        for piece in pieces:
            reference = Reference(piece, problem)
            for peer in (peer for peer in peers() if piece in peer.pieces):
                work = peer.pieces[piece](problem)
                error = reference.error(work.read(work.run()))
                rows.append(
                    {"case": case.label, "piece": piece, "peer": peer.name}
                    | {"error": error, "agrees": error < EXACT}
                )
    return rows


def _double():
    """Return the context in which JAX keeps float64."""
    if not has_jax():
        return nullcontext()
    import jax

    return jax.enable_x64(True)
