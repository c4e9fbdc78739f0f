"""What the compiled kernels take of the device: ``python -m threefactor.kernels.cuda.resources`` prints the table."""

import re
from typing import NamedTuple

from threefactor.kernels.cuda import build, plan
from threefactor.kernels.cuda.plan import REGISTERS, SHARED, WARP, Capability, Plan

CAPABILITIES: tuple[Capability, ...] = ((8, 0), (9, 0), (10, 0))
SIZES = ((64, 16), (128, 9), (128, 16), (128, 36), (200, 9), (200, 16), (200, 36))
"""Units and coefficients."""

_WORDS = re.compile(
    r"Compiling entry function '(?P<kernel>\w+)'.*?(?P<stores>\d+) bytes spill stores, (?P<loads>\d+) bytes spill loads"
    r".*?Used (?P<registers>\d+) registers",
    re.DOTALL,
)


class Resources(NamedTuple):
    """Of one kernel."""

    kernel: str
    registers: int  # a thread
    spilled: int  # bytes a thread, written and read


def measure(layout: Plan, capability: Capability) -> list[Resources]:
    """Compile the kernels of a plan and read what they take."""
    _, log = build.compiled(layout, capability)
    return [
        Resources(found["kernel"], int(found["registers"]), int(found["stores"]) + int(found["loads"]))
        for found in _WORDS.finditer(log)
    ]


def fits(layout: Plan, capability: Capability) -> bool:
    """Tell whether a plan, compiled, can be launched and spills nothing."""
    warps = -(-layout.threads // WARP)
    return layout.threads <= 1024 and all(
        not kernel.spilled
        and warps * WARP * -(-kernel.registers // 8) * 8 <= REGISTERS
        and layout.shared <= SHARED[capability]
        for kernel in measure(layout, capability)
    )


def table() -> list[str]:
    """Describe each kernel for each size and capability, one a line."""
    lines = [f"{'sm':>4} {'N':>4} {'P':>4}  {'kernel':<13} registers x threads  slices  shared  spilled"]
    for capability in CAPABILITIES:
        for units in sorted({units for units, _ in SIZES}):
            lines += _lines(plan.scan(units, capability), units, "-", capability)
        for units, count in SIZES:
            lines += _lines(plan.tangent_scan(units, count, capability), units, str(count), capability)
    return lines


def _lines(layout: Plan | None, units: int, count: str, capability: Capability) -> list[str]:
    """Describe the kernels of one plan."""
    size = f"{10 * capability[0] + capability[1]:>4} {units:>4} {count:>4}  "
    if layout is None:
        return [f"{size}does not fit: CUDA graphs of the PyTorch scan"]
    shares = f"{layout.slices:>6}  {layout.shared:>6}"
    return [
        f"{size}{kernel.kernel:<13} {kernel.registers:>9} x {layout.threads:<7}  {shares}  {kernel.spilled:>7}"
        for kernel in measure(layout, capability)
    ]


if __name__ == "__main__":
    print("\n".join(table()))
