"""How the attractors of the first networks of a batch change along learning."""

from collections.abc import Mapping

import pandas as pd
import torch
from torch import Tensor

from threefactor import seeding
from threefactor.analysis.attractors.class_changes import class_changes
from threefactor.experiment.solutions import network_of
from threefactor.experiment.work import Work
from threefactor.stages.analyse.costly import attractors
from threefactor.training.batch import convert, select


def attractor_changes(work: Work, arrays: Mapping[str, Tensor]) -> pd.DataFrame:
    """List when the attractors of the first networks change, over ``retrain.snapshots``; empty without any.

    The arrays are those of the file of the batch. The starts of a network are the same at every snapshot.
    """
    settings = work.settings
    rule, batch = work.wildcards["learning_rule"], int(work.wildcards["batch"])
    count = min(settings.analyse.tracked_networks, settings.retrain.networks)
    ids = [batch * settings.retrain.networks + at for at in range(count)]
    points = []
    for place, trials in enumerate(arrays["snapshot.trial"].T.tolist()):
        there = [at for at in range(count) if trials[at] >= 0]
        if not there:
            continue
        network = network_of(arrays, "snapshot", settings.network.activation, place)
        exact = convert(select(network, torch.tensor(there, device=work.device)), dtype=torch.float64)
        free = int((~exact.clamped).sum())
        starts = torch.stack([_starts(work, ids[at], free) for at in there]).to(exact.weights)
        found = attractors(work, exact, [ids[at] for at in there], starts).attractors
        points.append(found.assign(trials=max(trials)))
    return class_changes(pd.concat(points)).assign(learning_rule=rule) if points else pd.DataFrame()


def _starts(work: Work, network: int, free: int) -> Tensor:
    """Draw the starts (s, f) of a network, about rest."""
    source = seeding.generator(work.settings.seed, "analyse", "tracked", network)
    return torch.randn(work.settings.analyse.attractor_starts, free, generator=source, dtype=torch.float64)
