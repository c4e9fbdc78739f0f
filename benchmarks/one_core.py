"""Keep this process on one core; to be called before torch, numba or JAX are imported."""

import os


def confine(core: int | None = None) -> int | None:
    """Bind the process to one core and every library to one thread.

    Parameters
    ----------
    core
        Which of the allowed cores; the last one if not given.

    Returns
    -------
    int or None
        The core, or None where the system cannot bind.
    """
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ[name] = "1"
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    os.environ["JAX_PLATFORMS"] = "cpu"
    if not hasattr(os, "sched_setaffinity"):  # not on macOS
        return None
    chosen = max(os.sched_getaffinity(0)) if core is None else core
    os.sched_setaffinity(0, {chosen})
    return chosen
