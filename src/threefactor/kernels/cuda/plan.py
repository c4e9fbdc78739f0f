"""How each kernel is laid out on the device for a number of units and coefficients, and where it can run at all.

A layout depends on sizes and device only, not on the batch: a network's numbers are the same whatever runs beside it.
"""

from typing import NamedTuple

from threefactor.kernels.activation import ACTIVATIONS, TANH

Capability = tuple[int, int]
"""Compute capability, such as (9, 0)."""

OLDEST: Capability = (8, 0)
"""Older devices run PyTorch: nothing was compiled for them."""

REGISTERS = 65536  # of a multiprocessor, on every device so far
WORK = 32  # registers a thread of `scan` needs beside its weights
WARP = 32
ADDRESSABLE = 255  # registers of a thread
SHARED = {
    (8, 0): 166912,
    (8, 6): 101376,
    (8, 7): 166912,
    (8, 9): 101376,
    (9, 0): 232448,
    (10, 0): 232448,
    (10, 3): 232448,
    (12, 0): 101376,
    (12, 1): 101376,
}
"""Bytes of shared memory that one block may ask for (CUDA C++ Programming Guide, technical specifications)."""
SHARED_ANYWHERE = 49152  # without asking
TANGENT_THREADS = 512  # a block: more would leave a thread fewer registers than it needs
TANGENT_TILES = 9  # of four coefficients in a slice; more coefficients are spread over several blocks
TANGENT_GROUPS = 4


class Plan(NamedTuple):
    """One compiled file and the launch of its kernels."""

    source: str  # the file, without .cu
    defines: tuple[tuple[str, int], ...]
    threads: int  # a block
    shared: int  # bytes a block
    slices: int = 1  # blocks a network


def scan(units: int, capability: Capability) -> Plan | None:
    """Lay out the state scan and its adjoint; None where the weights do not fit in registers.

    Among the layouts that fit, take the one with the fewest cycles a step on paper, of those with eight warps to hide
    latency if there are any.
    """
    quads = -(-units // 4)
    layouts = [(columns, max(4, -(-units // columns))) for columns in range(4, 61, 4)]
    fitting = [
        layout for layout in layouts if 4 * layout[0] + WORK <= registers(quads * layout[1], capability)
    ]
    if not fitting:
        return None
    columns, groups = min(fitting, key=lambda layout: _cost(units, *layout))
    shared = 4 * (groups * columns + 4 * groups * quads)
    return Plan("scan", (("N", units), ("K", columns), ("G", groups)), quads * groups, shared)


def of_activation(layout: Plan, activation: str) -> Plan:
    """Return the state scan for another nonlinearity than tanh."""
    chosen = ("ACTIVATION", ACTIVATIONS.index(activation))
    return layout if activation == TANH else layout._replace(defines=(*layout.defines, chosen))


def tangent_scan(units: int, count: int, capability: Capability) -> Plan | None:
    """Lay out the scan of some tangents; None where the weights do not fit in shared memory.

    Where shared memory is short, twice as many blocks share the coefficients; more would lose what the kernel gains.
    """
    quads, tiles = -(-units // 4), -(-count // 4)
    fewest = -(-tiles // max(1, min(TANGENT_TILES, TANGENT_THREADS // quads)))
    for slices in range(fewest, 2 * fewest + 1):
        slice_tiles = -(-tiles // slices)
        for groups in range(max(1, min(TANGENT_GROUPS, TANGENT_THREADS // (quads * slice_tiles))), 0, -1):
            threads = quads * slice_tiles * groups
            shared = 16 * (units * quads + units * slice_tiles + 4 * (groups - 1) * quads * slice_tiles)
            if threads <= TANGENT_THREADS and shared <= SHARED.get(capability, SHARED_ANYWHERE):
                sizes = ("N", units), ("S", slice_tiles), ("G", groups)
                return Plan("tangent_scan", sizes, threads, shared, -(-tiles // slice_tiles))
    return None


def trace_scan(capability: Capability) -> Plan | None:
    """Lay out the trace, which holds nothing; None on devices that are too old."""
    return Plan("trace_scan", (), 128, 0) if capability >= OLDEST else None


def registers(threads: int, capability: Capability) -> int:
    """Return the registers that the assembler grants each thread of a block; 0 for a block that cannot be.

    It shares them out among four warps at a time, in eights.
    """
    if threads > 1024 or capability < OLDEST:
        return 0
    return min(ADDRESSABLE, REGISTERS // (-(-threads // (4 * WARP)) * 4 * WARP) // 8 * 8)


def _cost(units: int, columns: int, groups: int) -> tuple[bool, int]:
    """Count the cycles of a step: products, reads of the vector, shares written and read."""
    warps = -(-(-(-units // 4) * groups) // WARP)
    return warps < 8, warps * columns + warps * columns // 4 + 4 * warps + groups * -(-units // WARP)
