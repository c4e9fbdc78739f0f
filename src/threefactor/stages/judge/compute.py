"""Let fresh networks learn by one judged rule to the horizon: the same networks and noise under every rule."""

from threefactor.experiment import build, build_rule
from threefactor.experiment.follow_batch import follow_batch, level_table, network_table, plan_to
from threefactor.experiment.learned import RuleUnder, rule_under, tables
from threefactor.experiment.tuned_rules import judged_name
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
    name, (family, _, place) = work.wildcards["judged"], work.wildcards["judged"].rpartition("_")
    thetas, constants = (work.by(key, "family") for key in ("rival_theta", "rival_constants"))
    if family not in thetas:
        return rule_under(work.settings, name, tables(work), work.device)
    theta, own = (table[table.place == int(place)] for table in (thetas[family], constants[family]))
    if theta.empty:
        raise ValueError(f"--judged {name}: must be up to {judged_name(family, thetas[family].place.max())}")
    under = work.settings.changed(dict(zip(own.name, own.value, strict=True)))
    rule = build_rule.learning_rule(under, name, theta, work.device)
    return RuleUnder(rule, under)
