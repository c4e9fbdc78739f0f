"""All peers, in the order in which they are printed."""

import importlib.util

from benchmarks.peers import eager, functional, inplace, ours
from benchmarks.peers.contract import Peer

JAX_MISSING = "JAX is not installed: pip install -e '.[bench]'"


def has_jax() -> bool:
    """Return whether JAX can be imported."""
    return importlib.util.find_spec("jax") is not None


def peers() -> list[Peer]:
    """Return ourselves and every peer that is installed."""
    found = [ours.PEER, eager.LOOP, eager.EINSUM, inplace.PEER, functional.PEER]
    if has_jax():
        from benchmarks.peers import jax_products, jax_scan

        found += [jax_scan.PEER, jax_products.PEER]
    return found
