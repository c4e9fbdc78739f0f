"""Let fresh networks learn by one judged rule to the horizon: the same networks and noise under every rule."""

import torch

from threefactor.experiment import build, build_rule
from threefactor.experiment.follow_batch import follow_batch, level_table, network_table, plan_to
from threefactor.experiment.learned import RuleUnder, rule_under, tables
from threefactor.experiment.work import Results, Work

PURPOSE = "judge"


def compute(work: Work) -> Results:
    """Judge it.  Outputs: ``networks`` (a row per network), ``levels`` (a row per network and level)."""
    chosen, ids = work.settings.rivals, range(work.settings.rivals.held_out_networks)
    wanted = plan_to(work.settings, chosen.horizon, work.settings.retrain.levels)
    wanted = wanted._replace(criterion=wanted.criterion._replace(horizon=chosen.horizon))
    network = build.network(work.settings, ids, work.device, purpose=PURPOSE)
    run = follow_batch(work, _rule(work), network, wanted, purpose=PURPOSE, batch=0)
    return Results({"networks": network_table(ids, run, wanted), "levels": level_table(ids, run, wanted)})


def _rule(work: Work) -> RuleUnder:
    """Return the rule that is judged, and the settings under which it runs."""
    name, (deviation, _, place) = work.wildcards["judged"], work.wildcards["judged"].rpartition("_")
    thetas, constants = (work.by(key, "deviation") for key in ("rival_theta", "rival_constants"))
    if deviation not in thetas:
        return rule_under(work.settings, name, tables(work), work.device)
    theta, own = (table[table.place == int(place)] for table in (thetas[deviation], constants[deviation]))
    if theta.empty:
        raise ValueError(f"--judged {name}: must be up to {deviation}_{thetas[deviation].place.max()}")
    changed = dict(zip(own.name, own.value, strict=True)) | {"plasticity.deviation": deviation}
    under = work.settings.changed(changed)
    values = torch.tensor(theta.theta.to_numpy(), dtype=build.dtype(under), device=work.device)
    return RuleUnder(build_rule.polynomial(under, list(zip(theta.k, theta.l, strict=True)), values), under)
