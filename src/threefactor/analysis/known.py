"""All that is known of a group of networks: what their measures are computed from."""

from collections.abc import Mapping
from typing import NamedTuple

from torch import Tensor

from threefactor.analysis.group import Group, Moments
from threefactor.analysis.landscape.points_table import Search
from threefactor.analysis.landscape.spectra import Spectra
from threefactor.analysis.representation.components import Components
from threefactor.training.environment import Task


class Known(NamedTuple):
    """The b networks of one learning rule, before and after learning, in noise-free trials of every type y.

    Rates and states are those of the i free units, at the moments t.
    """

    group: Group  # the networks
    task: Task
    moments: Moments
    before: Tensor  # b y t i, rates before learning
    after: Tensor  # b y t i, rates after learning
    components: Components  # of the rates after learning, all trials and moments together
    speed: Tensor  # b y t, of the state after learning, per ms
    spectra: Spectra
    accuracy: Mapping[
        str, Tensor
    ]  # b' t t, of decoders by factor, trained × tested; b' ≤ b, the first networks
    search: Search  # fixed points of the first networks
    shape_components: int  # principal components that enter a Procrustes distance

    def during(self, period: str) -> Tensor:
        """Tell which moments (t) lie in a period of the task; none do where it has no such period."""
        return self.moments.within(self.task.periods.get(period))
