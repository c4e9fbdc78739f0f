"""CUDA C++ to machine code by NVRTC, which the CUDA wheel of torch brings: no compiler, and no GPU to compile."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from threefactor.kernels.cuda.plan import Capability, Plan


def available() -> bool:
    """Tell whether the bindings to CUDA are installed."""
    try:
        return find_spec("cuda.bindings") is not None
    except (ImportError, ValueError):  # no package cuda, or one that was blocked
        return False


def known(capability: Capability) -> bool:
    """Tell whether this NVRTC compiles for a compute capability."""
    from cuda.bindings import nvrtc

    major, minor = capability
    return 10 * major + minor in check(nvrtc.nvrtcGetSupportedArchs())


@cache
def compiled(plan: Plan, capability: Capability) -> tuple[bytes, str]:
    """Compile the kernels of a plan.

    Returns
    -------
    cubin : bytes
        Machine code.
    log : str
        What the assembler says of registers and spills.

    Raises
    ------
    RuntimeError
        With the compiler's words.
    """
    from cuda.bindings import nvrtc

    source = Path(__file__).with_name(f"{plan.source}.cu").read_text(encoding="utf-8").encode()
    program = check(nvrtc.nvrtcCreateProgram(source, f"{plan.source}.cu".encode(), 0, [], []))
    try:
        options = _options(plan, capability)
        failed = int(nvrtc.nvrtcCompileProgram(program, len(options), options)[0])
        log = _text(program, nvrtc.nvrtcGetProgramLogSize, nvrtc.nvrtcGetProgramLog)
        if failed:
            raise RuntimeError(f"{plan.source}.cu does not compile for {capability}: {log.decode()}")
        return _text(program, nvrtc.nvrtcGetCUBINSize, nvrtc.nvrtcGetCUBIN), log.decode().strip("\0 \n")
    finally:
        check(nvrtc.nvrtcDestroyProgram(program))


def check(result: tuple[Any, ...]) -> Any:
    """Return what a call of the bindings returned after its error code.

    Raises
    ------
    RuntimeError
        If the code is an error.
    """
    error, *values = result
    if int(error):
        raise RuntimeError(f"CUDA: {error!s}")
    return values[0] if len(values) == 1 else tuple(values)


def _options(plan: Plan, capability: Capability) -> list[bytes]:
    major, minor = capability
    sizes = [f"-D{name}={value}" for name, value in plan.defines]
    return [word.encode() for word in (f"--gpu-architecture=sm_{major}{minor}", "--ptxas-options=-v", *sizes)]


def _text(program: Any, size: Any, get: Any) -> bytes:
    """Fetch the log or the machine code of a program."""
    text = b" " * check(size(program))
    check(get(program, text))
    return text
