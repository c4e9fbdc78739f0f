"""What this machine is, and what one core of it can do."""

import os
import platform
import re
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

if TYPE_CHECKING:
    from benchmarks.settings import Case  # which needs pydantic: a bare machine may lack it

SQUARE = 1024  # a matrix product that fits in the cache and is far from overheads
PACKAGES = ("torch", "numpy", "numba", "jax", "jaxlib", "snakemake")


def describe() -> dict[str, object]:
    """Return processor, caches of a core, cores, system and versions."""
    return {
        "processor": _processor(),
        "caches": _caches(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": {name: _version(name) for name in PACKAGES},
        "date": time.strftime("%Y-%m-%d"),
    }


def squares(size: int = SQUARE) -> dict[str, Callable[[], object]]:
    """Return a product of two square matrices by each library, ready to run."""
    a, b, out = torch.randn(size, size), torch.randn(size, size), torch.empty(size, size)
    left, right, result = a.numpy(), b.numpy(), out.numpy()
    return {
        "torch": lambda: torch.mm(a, b, out=out),
        "numpy": lambda: np.matmul(left, right, out=result),
    }


def square_rate(seconds: float) -> float:
    """Return GFLOP/s of `squares` from the time of one call."""
    return 2 * SQUARE**3 / seconds / 1e9


def rates(case: "Case") -> dict[str, float]:
    """Return measured GFLOP/s of products, large ones and those of the case, and GB/s of memory."""
    p, n, t = case.coefficients, case.units, case.steps
    powers = max(1, sum(power > 0 for power in case.powers))
    shapes = {f"square {size}": (size, size, size) for size in (256, 512, 1024, 2048)} | {
        f"U r ({p * n} x {n} x {t})": (p * n, n, t),
        f"z ({p * n} x {powers * t} x {n})": (p * n, powers * t, n),
        f"e ({n} x {powers * t} x {n})": (n, powers * t, n),
        f"one step of chi ({p} x {n} x {n})": (p, n, n),
        f"one step of x (1 x {n} x {n})": (1, n, n),
    }
    result = {f"{name}, GFLOP/s": _product(*shape) for name, shape in shapes.items()}
    return result | {"memory, GB/s": _bandwidth()}


def _product(rows: int, inner: int, columns: int) -> float:
    a, b, out = torch.randn(rows, inner), torch.randn(inner, columns), torch.empty(rows, columns)
    seconds = _seconds(lambda: torch.mm(a, b, out=out), 2 * rows * inner * columns / 5e10)
    return 2 * rows * inner * columns / seconds / 1e9


def _bandwidth(numbers: int = 25_000_000) -> float:
    """Return GB/s of a triad a = b + s c over arrays far larger than the cache, written lines not counted twice."""
    a, b, c = torch.zeros(numbers), torch.ones(numbers), torch.ones(numbers)
    seconds = _seconds(lambda: torch.add(b, c, alpha=3.0, out=a), 0.02)
    return 3 * 4 * numbers / seconds / 1e9


def _seconds(run: Callable[[], object], expected: float) -> float:
    """Return the median CPU time of a call."""
    repeats = max(1, int(0.02 / max(expected, 1e-7)))
    samples = []
    for _ in range(6):
        begin = time.process_time()
        for _ in range(repeats):
            run()
        samples.append((time.process_time() - begin) / repeats)
    return median(samples[1:])


def _processor() -> str:
    """Return what the processor calls itself."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def _caches(core: Path = Path("/sys/devices/system/cpu/cpu0/cache")) -> dict[str, str]:
    """Return the size of each cache that keeps data, as Linux tells it; nothing on other systems."""
    found = {}
    for place in sorted(core.glob("index*")):
        level, kind, size = (
            (place / name).read_text(encoding="utf-8").strip() for name in ("level", "type", "size")
        )
        if kind != "Instruction":
            found[f"L{level}"] = _size(size)
    return found


def _size(text: str) -> str:
    """Return a number of K as people write it: 32768K is 32 MB."""
    kilobytes = int(text.removesuffix("K"))
    return f"{kilobytes} KB" if kilobytes % 1024 else f"{kilobytes // 1024} MB"


def label(machine: dict[str, Any]) -> str:
    """Return what a machine is, in words that tell it from others."""
    caches = ", ".join(f"{level} {size}" for level, size in machine.get("caches", {}).items())
    return f"{machine['processor']}, {caches}" if caches else str(machine["processor"])


def name(machine: dict[str, Any]) -> str:
    """Return the label as the name of a file."""
    return re.sub(r"[^a-z0-9]+", "-", label(machine).lower()).strip("-")


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
