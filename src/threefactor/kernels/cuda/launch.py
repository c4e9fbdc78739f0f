"""Loading the compiled kernels onto a device and launching them on torch's stream."""

import ctypes
from functools import cache
from typing import Any

import torch
from torch import Tensor

from threefactor.kernels.cuda import build
from threefactor.kernels.cuda.plan import SHARED_ANYWHERE, Capability, Plan


@cache
def ready(capability: Capability) -> bool:
    """Tell whether kernels can be compiled for a device here."""
    try:
        return build.available() and build.known(capability)
    except RuntimeError:  # bindings without the library that they bind
        return False


def launch(layout: Plan, name: str, blocks: tuple[int, int], *arguments: Tensor | float | int) -> None:
    """Launch a kernel on the current stream of the tensors' device.

    Parameters
    ----------
    layout
        Of the kernel.
    name
        Of the kernel in its file.
    blocks
        Of the grid's two axes.
    arguments
        In the kernel's order: contiguous float32 tensors as pointers, float as float, int as int.
    """
    from cuda.bindings import driver

    device = next(x.device for x in arguments if isinstance(x, Tensor))
    values, types = zip(*map(as_argument, arguments), strict=True)
    with torch.cuda.device(device):
        kernel = _kernel(layout, name, device.index)
        stream = torch.cuda.current_stream(device).cuda_stream
        threads, shared = layout.threads, layout.shared
        build.check(
            driver.cuLaunchKernel(kernel, *blocks, 1, threads, 1, 1, shared, stream, (values, types), 0)
        )


def aligned(x: Tensor) -> Tensor:
    """Return the tensor in one piece that begins at a multiple of 16 bytes, as the kernels read it."""
    x = x.contiguous()
    return x if x.data_ptr() % 16 == 0 else x.clone()


@cache
def _kernel(layout: Plan, name: str, index: int) -> Any:
    """Load a kernel onto a device and let it have its shared memory."""
    from cuda.bindings import driver

    torch.cuda.current_stream(index).synchronize()  # makes torch's context the current one
    code, _ = build.compiled(layout, torch.cuda.get_device_capability(index))
    kernel = build.check(driver.cuModuleGetFunction(_module(code, index), name.encode()))
    if layout.shared > SHARED_ANYWHERE:
        attribute = driver.CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES
        build.check(driver.cuFuncSetAttribute(kernel, attribute, layout.shared))
    return kernel


@cache
def _module(code: bytes, index: int) -> Any:
    """Load machine code once a device; it stays for the life of the process."""
    from cuda.bindings import driver

    return build.check(driver.cuModuleLoadData(code))


def as_argument(value: Tensor | float | int) -> tuple[Any, Any]:
    """Return value and C type of a kernel's argument."""
    if isinstance(value, Tensor):
        return value.data_ptr(), ctypes.c_void_p
    return (value, ctypes.c_int) if isinstance(value, int) else (float(value), ctypes.c_float)
