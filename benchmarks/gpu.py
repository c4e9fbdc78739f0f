"""A GPU in one command: its tests, and the speed of a trial there, in one JSON file.

It needs torch, numpy and pytest alone: neither the pipeline's packages nor an installed threefactor.
"""

import importlib.util
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any
from xml.etree import ElementTree

import torch

from benchmarks import machine
from benchmarks.gpu_work import PIECES, TRIALS, Size, problem

ROOT = Path(__file__).resolve().parents[1]
TESTS = "tests/kernels/cuda/test_gpu.py"
ROUNDS = 5

SIZES = (
    Size("default", 128, 10.0, 5, 32),
    Size("default", 128, 10.0, 5, 528),
    Size("paper", 200, 1.0, 5, 132),
)
QUICK = (Size("tiny", 12, 50.0, 3, 2),)


def run(output: Path, device: str, limit: float, quick: bool) -> None:
    """Test, measure, and save after each part; parts that would begin after the limit are named as left out.

    Parameters
    ----------
    output
        The file.
    device
        ``cuda``; ``cpu`` shows that it works.
    limit
        Seconds after which no further part begins.
    quick
        Tiny sizes.
    """
    if device == "cuda" and not torch.cuda.is_available():
        raise SystemExit("--device cuda: must be cpu, since torch sees no GPU here")
    began = time.monotonic()
    result: dict[str, Any] = {"machine": machine.describe() | card(device), "speed": [], "left_out": []}
    result["tests"] = tested(limit)
    output.parent.mkdir(parents=True, exist_ok=True)
    for size in QUICK if quick else SIZES:
        for piece in PIECES:
            if time.monotonic() - began > limit:
                result["left_out"].append([size.name, size.networks, piece])
            else:
                result["speed"].append(measured(size, piece, device))
            result["seconds"] = round(time.monotonic() - began, 1)
            output.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(output.read_text(encoding="utf-8"))


def card(device: str) -> dict[str, Any]:
    """Return what the GPU is."""
    if device == "cpu":
        return {"card": None}
    found = torch.cuda.get_device_properties(0)
    return {
        "card": found.name,
        "capability": list(torch.cuda.get_device_capability()),
        "memory_gb": round(found.total_memory / 2**30, 1),
        "cuda": torch.version.cuda,
    }


def tested(limit: float) -> dict[str, Any]:
    """Run the tests that need a GPU; return their numbers, and the last words of each that failed."""
    if importlib.util.find_spec("pytest") is None:
        return {"error": "pytest is not installed"}
    report = ROOT / ".gpu-tests.xml"
    command = [sys.executable, "-m", "pytest", TESTS, "-q", f"--junitxml={report}", "-p", "no:cacheprovider"]
    try:
        subprocess.run(command, cwd=ROOT, timeout=limit, check=False)
        suite = next(ElementTree.parse(report).iter("testsuite"))
    except (subprocess.TimeoutExpired, OSError, ElementTree.ParseError, StopIteration) as problem:
        return {"error": str(problem)}
    finally:
        report.unlink(missing_ok=True)
    failed = [
        {"test": case.get("name"), "words": (part.text or "")[-800:]}
        for case in suite.iter("testcase")
        for part in [*case.findall("failure"), *case.findall("error")]
    ]
    counts = {name: int(suite.get(name, 0)) for name in ("tests", "failures", "errors", "skipped")}
    return {**counts, "seconds": float(suite.get("time", 0)), "failed": failed}


def measured(size: Size, piece: str, device: str) -> dict[str, Any]:
    """Return ms per trial and network, the peak of memory, and how far the numbers are from the CPU's in float64."""
    row = size._asdict() | {"piece": piece}
    try:
        work = PIECES[piece](*problem(size, device, torch.float32))
        small = size._replace(networks=2)
        found = PIECES[piece](*problem(small, device, torch.float32))().cpu().double()
        exact = PIECES[piece](*problem(small, "cpu", torch.float64))()
        work()
        _wait(device)
        if device != "cpu":
            torch.cuda.reset_peak_memory_stats()
        samples = [_seconds(work, device) for _ in range(ROUNDS)]
    except (RuntimeError, MemoryError) as failure:
        return row | {"error": str(failure)[:800]}
    each = 1e3 / size.networks / (TRIALS if piece == "reverse" else 1)
    peak = torch.cuda.max_memory_allocated() / 2**20 if device != "cpu" else None
    error = ((found - exact).abs().max() / exact.abs().max()).item()
    return row | {
        "ms": median(samples) * each,
        "samples": [sample * each for sample in samples],
        "peak_mb": peak,
        "error": error,
    }


def _seconds(work: Callable[[], object], device: str) -> float:
    begin = time.perf_counter()
    work()
    _wait(device)
    return time.perf_counter() - begin


def _wait(device: str) -> None:
    if device != "cpu":
        torch.cuda.synchronize()
