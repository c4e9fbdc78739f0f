"""Trials of a NeuroGym environment, made once: the pool that `threefactor.tasks.neurogym` draws from."""

from typing import Any

POOL = 400
"""Trials of the environment that are made."""

SEED = 1
"""Of the environment, when it makes the pool."""


def draw_pool(environment: str, time_step: float, delay: float | None) -> list[dict[str, Any]]:
    """Make trials of the environment: observations, what is known of the trial, its periods, and the right answer."""
    try:
        import neurogym
    except ImportError:
        raise ImportError("task = 'neurogym': must have NeuroGym: pip install -e '.[neurogym]'") from None
    timing: dict[str, Any] = {} if delay is None else {"timing": {"delay": delay}}
    made = neurogym.make(environment, dt=time_step, **timing).unwrapped
    if not hasattr(made.action_space, "n"):
        raise ValueError(f"environment = {environment!r}: must have discrete actions")
    made.seed(SEED)
    pool = []
    for _ in range(POOL):
        trial = made.new_trial()
        if "decision" not in made.start_ind:
            raise ValueError(f"environment = {environment!r}: must have a period 'decision'")
        spans = {name: (made.start_ind[name], made.end_ind[name]) for name in made.start_ind}
        first, end = spans["decision"]
        pool.append(
            {
                "ob": made.ob.copy(),
                "trial": dict(trial),
                "answer": int(made.gt[end - 1]),
                "decision": (int(first), int(end)),
                "periods": {
                    name: (float(a) * time_step, float(b) * time_step) for name, (a, b) in spans.items()
                },
            }
        )
    return pool
