"""Any NeuroGym environment with discrete actions, learned from its observations and right answers (``ob`` and ``gt``).

A fixed pool of trials of the environment is made once; a trial of learning is one of the pool. The right answer is the
right action (``gt``) in the last step of the period ``decision``, where the output counts, and each answer that occurs is
an outcome with an output of its own. What the network should do before, as a rule to fixate, is not rewarded.

Trial types are the answers; ``conditions``, names in the environment's ``trial``, divide them further. Trials shorter
than the longest of the pool are followed by steps without input.
"""

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import torch
from torch import Generator, Tensor

from threefactor.contract import Trial
from threefactor.tasks.neurogym_pool import draw_pool
from threefactor.tasks.outcomes import shares, wanted

REQUIRES = ("neurogym",)

SETTINGS = {
    "environment": {
        "default": "PerceptualDecisionMaking-v0",
        "meaning": "environment, by NeuroGym's name for it",
    },
    "conditions": {
        "default": (),
        "meaning": "names in its trials that divide trial types, beside the right answer",
    },
}


class Task(NamedTuple):
    """Trials of a NeuroGym environment; h, the trials of the pool, are ordered by type."""

    target: float  # wanted output of the right answer; that of the others is its opposite
    reward: str  # see tasks/reward.py
    trial_types: tuple[str, ...]  # y
    factors: dict[str, tuple[int, ...]]
    periods: dict[str, tuple[float, float]]  # of the longest trial, ms
    observations: Tensor  # h t c
    windows: Tensor  # h t, each sums to one
    first: Tensor  # y, the first trial of each type
    number: Tensor  # y, trials of each type
    answer: Tensor  # y, the right outcome

    @property
    def steps(self) -> int:
        """Steps of a trial, T."""
        return self.observations.shape[1]

    @property
    def inputs(self) -> int:
        """Numbers in an observation."""
        return self.observations.shape[2]

    @property
    def outputs(self) -> int:
        """Answers."""
        return len(set(self.answer.tolist()))

    @property
    def chance(self) -> float:
        """Share of right answers by guessing; types, of which each answer may have several, are as frequent."""
        answers = Counter(self.answer.tolist())
        return max(answers.values()) / len(self.answer)

    def draw(
        self, trial_type: Tensor, *, generator: Generator | None = None, dtype: torch.dtype = torch.float32
    ) -> Trial:
        """Return trials of the given types out of the pool.

        Parameters
        ----------
        trial_type
            b, index into ``trial_types``.
        generator
            Chooses the trials; None for the mean over the trials of a type.
        dtype
            Of the tensors; they follow the device of ``trial_type``.
        """
        asked = trial_type.cpu()
        if generator is None:
            parts = [slice(a, a + n) for a, n in zip(self.first.tolist(), self.number.tolist(), strict=True)]
            inputs, window = (
                torch.stack([every[part].mean(0) for part in parts])[asked]
                for every in (self.observations, self.windows)
            )
        else:
            among = torch.rand(len(asked), generator=generator, dtype=torch.float64) * self.number[asked]
            place = self.first[asked] + among.long()
            inputs, window = self.observations[place], self.windows[place]
        right = self.answer[asked]
        target = wanted(right, self.outputs, self.target)[:, None].expand(-1, self.steps, -1)
        inputs, target, window, share = (
            part.to(trial_type.device, dtype)
            for part in (inputs, target, window, shares(right, self.outputs, dtype))
        )
        return Trial(inputs, target, window, trial_type, self.reward, share)


@lru_cache(maxsize=4)
def make(
    duration: float,
    time_step: float,
    target: float,
    reward: str,
    *,
    delay: float | None = None,
    environment: str = "PerceptualDecisionMaking-v0",
    conditions: tuple[str, ...] = (),
) -> Task:
    """Return the task of an environment, whose own timing decides how long a trial is.

    Parameters
    ----------
    duration
        Without use here.
    time_step
        dt, ms; the environment is made with it.
    target, reward
        As in `threefactor.tasks.dnms.make`.
    delay
        Length of the environment's period ``delay``, ms; None for its own.
    environment
        Name that NeuroGym knows it by.
    conditions
        Names in its ``trial`` that divide trials into types, beside the answer.

    Raises
    ------
    ImportError
        If NeuroGym is not installed.
    ValueError
        If the environment has no discrete actions, no period ``decision``, a single answer or no such condition.
    """
    pool = draw_pool(environment, time_step, delay)
    for name in conditions:
        if any(name not in one["trial"] for one in pool):
            known = ", ".join(pool[0]["trial"])
            raise ValueError(f"conditions = {name!r}: must be among {known}, of {environment}")
    answers = sorted({one["answer"] for one in pool})
    if len(answers) < 2:
        raise ValueError(f"environment = {environment!r}: must have several answers")
    pool.sort(key=lambda one: _type(one, conditions))
    types = Counter(_type(one, conditions) for one in pool)
    steps = max(len(one["ob"]) for one in pool)
    observations = torch.zeros(len(pool), steps, pool[0]["ob"].shape[1])
    windows = torch.zeros(len(pool), steps)
    for h, one in enumerate(pool):
        observations[h, : len(one["ob"])] = torch.as_tensor(one["ob"])
        first, end = one["decision"]
        windows[h, first:end] = 1 / (end - first)
    count = torch.tensor(list(types.values()))
    names = (*conditions, "answer")
    return Task(
        target=target,
        reward=reward,
        trial_types=tuple(
            "_".join(map("".join, zip(names, trial_type, strict=True))) for trial_type in types
        ),
        factors={
            name: _classes([trial_type[place] for trial_type in types]) for place, name in enumerate(names)
        },
        periods=max(pool, key=lambda one: len(one["ob"]))["periods"],
        observations=observations,
        windows=windows,
        first=count.cumsum(0) - count,
        number=count,
        answer=torch.tensor([answers.index(int(trial_type[-1])) for trial_type in types]),
    )


def _type(one: dict[str, Any], conditions: Sequence[str]) -> tuple[str, ...]:
    """Return the type of a trial: its conditions and the right answer."""
    return (*(str(one["trial"][name]) for name in conditions), str(one["answer"]))


def _classes(values: Sequence[str]) -> tuple[int, ...]:
    """Return the class of each value of a factor, from 0."""
    known = sorted(set(values))
    return tuple(known.index(value) for value in values)
