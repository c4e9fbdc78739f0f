"""Delayed match to sample: tell whether two stimuli are the same, with NeuroGym's periods.

Its target is the opposite of that of `threefactor.tasks.dnms`, which makes no difference by itself: to flip the sign of
an output unit and of its weights turns the one task into the other, and initial weights are as likely with either sign.
What differs is the time that the answer has: the decision follows the test stimulus at once.
"""

from threefactor.tasks import dnms
from threefactor.tasks.layout import layout

PERIODS = {"fixation": 1, "sample": 1, "delay": 1, "test": 1, "decision": 1}
"""Fifths of the trial."""


def make(
    duration: float, time_step: float, target: float, reward: str, *, delay: float | None = None
) -> dnms.Task:
    """Return the task; arguments as in `threefactor.tasks.dnms.make`."""
    return dnms.Task(layout(PERIODS, duration, time_step, delay), -target, reward)
