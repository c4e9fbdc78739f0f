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
        done: set[Plan] = set()
        for units, count in SIZES:
            for layout in (plan.scan(units, capability), plan.tangent_scan(units, count, capability)):
                if layout and layout not in done:
                    lines += _lines(layout, units, count, capability)
                    done.add(layout)
                elif not layout:
                    lines.append(
                        f"{_name(capability):>4} {units:>4} {count:>4}  does not fit: PyTorch runs it"
                    )
    return lines


def _lines(layout: Plan, units: int, count: int, capability: Capability) -> list[str]:
    coefficients = count if layout.source == "tangent_scan" else "-"
    return [
        f"{_name(capability):>4} {units:>4} {coefficients:>4}  {kernel.kernel:<13} "
        f"{kernel.registers:>9} x {layout.threads:<7}  {layout.slices:>6}  {layout.shared:>6}  {kernel.spilled:>7}"
        for kernel in measure(layout, capability)
    ]


def _name(capability: Capability) -> str:
    return "{}{}".format(*capability)


if __name__ == "__main__":
    print("\n".join(table()))
