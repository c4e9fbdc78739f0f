"""The kernels' own source, compiled by g++ for the emulator of `emulator.h` and called in place of the driver."""

import ctypes
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from threefactor.kernels.cuda import launch
from threefactor.kernels.cuda.plan import Plan

HERE = Path(__file__).parent
SOURCES = Path(launch.__file__).parent
BARRIER = "__syncthreads();"
MARGIN = 64  # numbers
OUTCOMES = ("done", "some threads skipped a barrier", "wrote beyond the shared memory")

MISSING = "" if shutil.which("g++") else "there is no g++: the kernels' source cannot be emulated here"


def source(name: str, *, without: int | None = None) -> str:
    """Return a kernel's file as it stands, or with one of its barriers taken out."""
    parts = (SOURCES / f"{name}.cu").read_text().split(BARRIER)
    if without is None:
        return BARRIER.join(parts)
    return BARRIER.join(parts[: without + 1]) + BARRIER.join(parts[without + 1 :])


class Emulator:
    """Builds each source for each size once, and runs it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.libraries: dict[tuple, ctypes.CDLL] = {}
        self.order = 0  # of the threads
        self.without: int | None = None  # the barrier that is taken out
        self.launched: list[str] = []  # names of the kernels

    def launch(self, layout: Plan, name: str, blocks: tuple[int, int], *arguments: Tensor | float) -> None:
        """Do what `threefactor.kernels.cuda.launch.launch` does, on the CPU; refuse what writes out of its place."""
        self.launched.append(name)
        placed = [surrounded(x) if isinstance(x, Tensor) else x for x in arguments]
        given = [x[MARGIN:-MARGIN] if isinstance(x, Tensor) else x for x in placed]
        values = [convert(value) for value, convert in map(launch.as_argument, given)]
        pointers = (ctypes.c_void_p * len(values))(*map(ctypes.addressof, values))
        run: Callable[..., int] = getattr(self._library(layout), f"run_{name}")
        outcome = run((ctypes.c_int * 2)(*blocks), layout.threads, layout.shared, self.order, pointers)
        if outcome:
            raise RuntimeError(OUTCOMES[outcome])
        for whole, tensor in zip(placed, arguments, strict=True):
            if isinstance(tensor, Tensor):
                if not (whole[:MARGIN].isnan().all() and whole[-MARGIN:].isnan().all()):
                    raise RuntimeError("wrote beyond a tensor")
                tensor.copy_(whole[MARGIN:-MARGIN].view(tensor.shape))

    def _library(self, layout: Plan) -> ctypes.CDLL:
        key = (layout.source, layout.defines, self.without)
        if key not in self.libraries:
            self.libraries[key] = self._build(layout)
        return self.libraries[key]

    def _build(self, layout: Plan) -> ctypes.CDLL:
        text = source(layout.source, without=self.without)
        offers = [
            f"OFFER({name})" for name in re.findall(r'extern "C" __global__[^{]*?\b(\w+_scan|scan)\(', text)
        ]
        stem = self.folder / f"{layout.source}{len(self.libraries)}"
        stem.with_suffix(".cpp").write_text("\n".join(['#include "emulator.h"', text, *offers]))
        sizes = [f"-D{name}={value}" for name, value in layout.defines]
        command = ["g++", "-std=c++17", "-O1", "-w", "-shared", "-fPIC", f"-I{HERE}", *sizes]
        subprocess.check_call([*command, "-o", stem.with_suffix(".so"), stem.with_suffix(".cpp")])
        return ctypes.CDLL(str(stem.with_suffix(".so")))


def surrounded(x: Tensor) -> Tensor:
    """Return the tensor's numbers with NaN before and behind them: what reads there shows."""
    whole = torch.full((x.numel() + 2 * MARGIN,), torch.nan, dtype=x.dtype)
    whole[MARGIN:-MARGIN] = x.flatten()
    return whole
