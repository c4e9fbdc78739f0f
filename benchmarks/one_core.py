"""Keep this process on one core; to be called before torch, numba or JAX are imported."""

import os


def allowed() -> list[int]:
    """Return the cores that this process may use."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]


def confine(core: int | None = None) -> None:
    """Bind the process to one core (the last one, if none is given) and every library to one thread."""
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ[name] = "1"
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    os.environ["JAX_PLATFORMS"] = "cpu"
    if hasattr(os, "sched_setaffinity"):  # not on macOS
        os.sched_setaffinity(0, {allowed()[-1] if core is None else core})
