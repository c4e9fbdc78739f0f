"""Describe and compare the solutions that the learning rules found (stage ``analyse``).

Geometry is compared at matched accuracy: only networks that reached the criterion enter it, the first
``analyse.networks_per_rule`` of them by network id. Networks that failed stay in ``networks.csv`` and
``criterion.csv`` with ``analysed = False`` and empty (NaN) geometry; a rule with fewer than two networks at
criterion has no geometry rows, and its counts in ``criterion.csv`` say why. The trials analysed are
noise-free (no kicks, start 0), one per trial type; decoding alone uses trials with kicks and random starts.
All geometry uses the rates of the free units. Times are ms since trial onset, of the rate *after* a step;
only every ``analyse.interval_ms`` is kept (axis ``t`` below has T' = duration / interval_ms entries).

Inputs: ``solutions`` (all retrain ``*.safetensors``) and ``networks`` (all retrain ``*.csv``). Outputs:

networks.csv, a row per retrained network
    learning_rule, network (id), batch, reached (bool), trials_to_criterion (trials; the horizon where not
    reached), accuracy (fraction correct over the last trials, ``accuracy_last`` of retrain), analysed
    (bool); then, NaN where not analysed: participation_ratio, components_90 (components for 90 % of
    variance), delay_speed (root mean square over free units of the change of state in the task's period
    ``delay``, per ms; NaN where it has none), selectivity_<factor> for each factor of the task (fractions of
    the variance between trial types; dnms: first, second and choice, sum 1), kernel_alignment (0..1,
    representation before against after), change_norm (Frobenius norm of the weight change),
    relative_change (by the norm of the initial weights), top_singular_fraction (largest squared singular value
    of the change / sum), rank_entropy, rank_participation (effective ranks of the change), abscissa_initial,
    abscissa_final (largest real part of the eigenvalues of W on free units), eigenvalue_change (mean distance
    between matched eigenvalues), distance_from_initial (Procrustes, radians); for the first
    ``decoding_networks``: decoding_<factor>_delay,
    static_<factor>_delay (the static index in the delay: 1 static, 0 dynamic) for the first factor of the
    task, and decoding_<factor>_response for the last, in the period ``decision`` (accuracies 0..1; dnms:
    first and choice); for the first ``fixed_point_networks``: fixed_points,
    stable_fixed_points (count over all input conditions), fixed_point_arrivals (fraction of the
    starts that ended on a fixed point)
decoding.csv, a row per rule, variable and time
    learning_rule, variable (a factor of the task; dnms: first, second, choice), time_ms, accuracy (mean over
    networks, 0..1), low, high (quartiles over networks), networks
cross_temporal.safetensors
    time_ms t; for each rule with decoding and each factor, ``<learning_rule>.<factor>`` (train t, test t):
    accuracy, mean over networks
spectrum.csv, a row per analysed network and index
    learning_rule, network, index (1 = largest), singular_value (of the weight change), initial_real,
    initial_imaginary, final_real, final_imaginary (eigenvalues of W on free units, by decreasing modulus;
    one row an eigenvalue, NaN beyond the free units)
fixed_points.csv, a row per distinct fixed point
    learning_rule, network, condition (none; a, b …: the constant input on that channel), index, residual
    (largest absolute flow), hits (number of starts that ended here), starts (number of starts), stable (bool),
    largest_real (of the eigenvalues of J, in units of 1/time constant), unstable (number of eigenvalues with positive
    real part), henrici (departure from normality, ||J||_F^2 - sum |lambda|^2), output (the first one, at the
    fixed point), readout_overlap (|cosine| of the readout with the leading right eigenvector), pc1, pc2, pc3 (on
    the axes of trajectories.safetensors)
trajectories.safetensors, arrays per rule
    time_ms t; ``<learning_rule>.network`` b (ids), ``.projection`` (b, y, t, 3) scores on the network's own
    principal components of the rates, ``.explained`` (b, 3) fractions of variance, ``.output`` (b, y, t)
    first output, ``.speed`` (b, y, t) root mean square change of state per ms. y = trial types in the task's
    order (dnms: aa, ab, ba, bb)
distances.safetensors, n = all analysed networks of all rules, in the order of embedding.csv's ``row``
    cka (n, n) arccos of linear CKA, radians; procrustes (n, n) angular shape distance, radians; network n
    (ids); rule n (index of the rule, counted in the order of embedding.csv); confusion.cka and
    confusion.procrustes
    (rule, predicted rule) fractions of networks, rows sum to 1
embedding.csv, a row per distance and network
    distance (cka, procrustes), row, learning_rule, network, x, y (classical MDS, radians), explained
    (fraction of the positive eigenvalues in x and y)
spread.csv, a row per rule and quantity
    learning_rule, quantity (cka, procrustes: mean distance between two networks of the rule, radians;
    participation_ratio, rank_participation, relative_change, kernel_alignment: mean over networks),
    networks, estimate, low, high (95 % bootstrap over initialisations; NaN for a distance of two networks,
    which cannot be resampled), ratio_to_bptt, ratio_low, ratio_high (paired bootstrap; NaN where bptt is
    absent, and without an interval where either has two networks)
permanova.csv, a row per distance and test
    distance (cka, procrustes), test (permanova, dispersion, classification), factor (learning_rule,
    initialisation), groups, networks, statistic (pseudo-F; for classification the accuracy 0..1), effect
    (R^2; for classification accuracy minus chance), chance (classification only), p, permutations,
    permuted_within (initialisation, learning_rule, none)
criterion.csv, a row per rule, every network counted
    learning_rule, networks, reached (count), reached_fraction, reached_low, reached_high (Wilson 95 %),
    restricted_mean, restricted_mean_low, restricted_mean_high (trials up to the horizon, bootstrap),
    ratio_to_theta_33, ratio_low, ratio_high (paired bootstrap over networks, 95 %), median, iqr_low,
    iqr_high (Kaplan-Meier quantiles, trials; NaN where never reached), accuracy (mean over the networks
    that reached), logrank_p (against theta_33), analysed (count in geometry), horizon (trials)
survival.csv, a row per rule and step of the curve
    learning_rule, trial, waiting (Kaplan-Meier fraction not yet at criterion), low, high (95 %, log-log),
    at_risk (networks)
"""

from typing import NamedTuple

import pandas as pd
import torch
from torch import Tensor

from threefactor import seeding
from threefactor.analysis.columns import KEYS, columns, stacked
from threefactor.analysis.group import Group, Moments, joined, moments
from threefactor.analysis.landscape.conditions import constant_inputs, draw_starts, search
from threefactor.analysis.landscape.points_table import points_profile, points_table
from threefactor.analysis.landscape.profile import landscape_profile, spectra, spectrum_table
from threefactor.analysis.representation.codes import code_profile, code_rows
from threefactor.analysis.representation.components import Components, principal_components
from threefactor.analysis.representation.contrasts import guessing
from threefactor.analysis.representation.decoding import cross_temporal_accuracy, stratified_folds
from threefactor.analysis.representation.profile import representation_profile
from threefactor.analysis.representation.responses import noise_free, repeated, respond
from threefactor.analysis.representation.speed import speed
from threefactor.analysis.solutions import tables
from threefactor.contract import Network
from threefactor.experiment import build as assemble
from threefactor.experiment.solutions import network_of
from threefactor.network.perturbation import draw_start
from threefactor.pipeline.job import Job
from threefactor.pipeline.storage.outputs import Output
from threefactor.training.batch import convert, select
from threefactor.training.environment import Task, draw_perturbation


class Geometry(NamedTuple):
    """What is known of one rule's networks: its parts of the outputs."""

    profile: pd.DataFrame  # a row per network
    rates: Tensor  # b, y t, i
    tables: dict[str, pd.DataFrame]
    trajectories: dict[str, Tensor]
    cross_temporal: dict[str, Tensor]


def compute(job: Job) -> dict[str, Output]:
    """Analyse all retrained networks: the geometry of one rule at a time, then all rules together."""
    retrained = _retrained(job)
    task = assemble.task(job.config)
    at = moments(task.steps, job.config.network.time_step_ms, job.config.analyse.interval_ms)
    rules = retrained.loc[retrained.analysed, "learning_rule"].unique()
    parts = []
    with job.progress(len(rules) + 1, "analyse") as bar:
        for rule in rules:
            parts.append(_geometry(job, _group(job, retrained, rule), task, at))
            bar.advance()
        together = _together(job, retrained, parts)
        bar.advance()
    return {**_collected(retrained, parts, at, list(task.factors)), **together}


def _retrained(job: Job) -> pd.DataFrame:
    """Read the table of all retrained networks, and mark those that enter the geometry."""
    parts = []
    for path in job.inputs["networks"]:
        part = job.table(path).rename(columns={"accuracy_last": "accuracy"})
        parts.append(part.assign(learning_rule=path.parent.name, batch=int(path.stem)))
    table = pd.concat(parts, ignore_index=True)
    table["reached"] = table.reached.astype(bool)
    place = table.sort_values("network").groupby("learning_rule").reached.cumsum()
    enough = table.groupby("learning_rule").reached.transform("sum") >= 2
    table["analysed"] = table.reached & enough & (place <= job.config.analyse.networks_per_rule)
    return table[columns("networks")[:7]]


def _group(job: Job, retrained: pd.DataFrame, rule: str) -> Group:
    """Load the analysed networks of one rule, in float64."""
    initial, final, ids = [], [], []
    for path in job.inputs["solutions"]:
        rows = retrained[(retrained.learning_rule == rule) & (retrained.batch == int(path.stem))]
        if path.parent.name == rule and rows.analysed.any():
            arrays = job.arrays(path)
            keep = torch.as_tensor(rows.analysed.to_numpy(), device=job.device)
            initial.append(_weighted(job, arrays, "initial.weights", keep))
            final.append(_weighted(job, arrays, "final.weights", keep))
            ids += rows.network[rows.analysed].tolist()
    return Group(rule, ids, joined(initial), joined(final))


def _weighted(job: Job, arrays: dict[str, Tensor], weights: str, keep: Tensor) -> Network:
    """Return some networks of one batch with their weights of that name, in float64."""
    network = network_of(arrays, arrays[weights], job.config.network.activation)
    return select(convert(network, dtype=torch.float64), keep)


def _geometry(job: Job, group: Group, task: Task, at: Moments) -> Geometry:
    """Describe the representations and landscapes of one rule's networks."""
    settings = job.config.analyse
    kind = torch.arange(len(task.trial_types))
    inputs = task.draw(kind, generator=None, dtype=torch.float64).inputs.to(job.device)
    before, after = noise_free(group.initial, inputs), noise_free(group.final, inputs)
    free = ~group.final.clamped
    start, rates = (response.rate[:, :, at.step][..., free] for response in (before, after))
    axes = principal_components(rates.flatten(1, 2), settings.components)
    pace = speed(after.state[..., free], job.config.network.time_step_ms)[:, :, at.step]
    spectrum = spectra(group.initial.weights, group.final.weights, group.final.clamped)
    points, found = _fixed_points(
        job, group.first(settings.fixed_point_networks), after.state[..., free], axes
    )
    coded, decoding, cross_temporal = _codes(job, group.first(settings.decoding_networks), task, at)
    values = representation_profile(start, rates, task.factors, settings.shape_components)
    values |= landscape_profile(group.initial.weights, group.final.weights, *spectrum)
    values["delay_speed"] = pace[..., at.within(task.periods.get("delay"))].mean((1, 2))
    profile = _frame(values).assign(network=group.network).join([coded, found])
    parts = {
        "spectrum": spectrum_table(group.network, *spectrum),
        "decoding": decoding,
        "fixed_points": points,
    }
    paths = {
        "network": torch.tensor(group.network),
        "projection": axes.scores.unflatten(1, rates.shape[1:3]),
        "explained": axes.variance[:, : settings.components] / axes.variance.sum(1, keepdim=True),
        "output": after.output[:, :, at.step, 0],
        "speed": pace,
    }
    return Geometry(
        profile.assign(learning_rule=group.rule),
        rates.flatten(1, 2),
        {name: part.assign(learning_rule=group.rule) for name, part in parts.items()},
        {f"{group.rule}.{name}": value for name, value in paths.items()},
        {f"{group.rule}.{name}": value for name, value in cross_temporal.items()},
    )


def _codes(
    job: Job, group: Group, task: Task, at: Moments
) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, Tensor]]:
    """Decode the factors of the task from trials with kicks: profile, table over time, matrices."""
    if not group.network:
        return pd.DataFrame(), pd.DataFrame(), {}
    settings = job.config.analyse
    kind = torch.arange(len(task.trial_types) * settings.decoding_trials) % len(task.trial_types)
    source = seeding.generator(job.config.seed, "analyse", "decoding inputs")
    inputs = task.draw(kind, generator=source, dtype=torch.float64).inputs.to(job.device)
    fold = stratified_folds(kind, settings.decoding_folds).to(job.device)
    classes = torch.tensor(list(task.factors.values())).T[kind].to(job.device)
    parts = []
    for index, network in enumerate(group.network):
        alone = select(group.final, slice(index, index + 1))
        start, perturbation = _noise(job, alone, network, len(inputs))
        rate = respond(alone, inputs, start, perturbation).rate[:, :, at.step][..., ~alone.clamped]
        parts.append(cross_temporal_accuracy(rate, classes, fold, settings.decoding_ridge))
    accuracy = dict(zip(task.factors, torch.cat(parts).unbind(1), strict=True))
    delay, decision = (at.within(task.periods.get(name)) for name in ("delay", "decision"))
    values = code_profile(accuracy, guessing(next(iter(task.factors.values()))), delay, decision)
    matrices = {name: whole.mean(0) for name, whole in accuracy.items()}
    return _frame(values), pd.DataFrame(code_rows(accuracy, at.time)), matrices


def _noise(job: Job, alone: Network, network: int, trials: int) -> tuple[Tensor, Tensor]:
    """Draw starts (1, h, i) and kicks or noise (1, h, T, i) of one network, the same under every rule."""
    config = job.config
    copies = repeated(alone, trials)
    generator = seeding.generator(config.seed, "analyse", "decoding", network)
    start = draw_start(copies, config.network.start_scale, generator=generator)
    perturbation = draw_perturbation(assemble.environment(config), copies, generator=generator)
    return start[None], perturbation[None]


def _fixed_points(
    job: Job, group: Group, states: Tensor, axes: Components
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Search the fixed points of each network under each constant input: the table, and counts a network."""
    settings = job.config.analyse
    parts = []
    for index, network in enumerate(group.network):
        own = slice(index, index + 1)
        generator = seeding.generator(job.config.seed, "analyse", "fixed_points", network)
        starts = draw_starts(states[index].flatten(0, 1), settings.fixed_point_starts, generator=generator)
        found = search(
            select(group.final, own),
            starts,
            steps=settings.fixed_point_steps,
            tolerance=settings.fixed_point_tolerance,
            separation=settings.fixed_point_separation,
        )
        components = Components(*(part[own] for part in axes))
        part = points_table(select(group.final, own), found, components, len(starts))
        parts.append(part.assign(network=network))
    table = stacked(parts, "fixed_points")
    inputs = len(constant_inputs(group.final.input_weights.shape[2]))
    return table, points_profile(table, group.network, settings.fixed_point_starts * inputs)


def _together(job: Job, retrained: pd.DataFrame, parts: list[Geometry]) -> dict[str, Output]:
    """Compare all rules: networks that are analysed by their geometry, all networks by their learning."""
    settings, seed = job.config.analyse, job.config.seed
    profile = _profile(parts)
    rule, network = pd.factorize(profile.learning_rule)[0], profile.network.to_numpy(int)
    rates = [part.rates for part in parts]
    distances = tables.all_distances(torch.cat(rates), settings.shape_components) if rates else {}
    tests, confusions = tables.tests_table(distances, rule, network, settings.permutations, seed)
    counts = tables.bootstrap_counts(int(retrained.network.max()) + 1, settings.bootstraps, seed)
    confusion = {f"confusion.{name}": matrix for name, matrix in confusions.items()}
    return {
        "distances": {"network": network, "rule": rule, **distances, **confusion},
        "embedding": tables.embedding_table(distances, profile),
        "permanova": tests,
        "spread": tables.spread_table(profile, distances, counts),
        "criterion": tables.criterion_table(retrained, job.config.criterion.horizon, counts),
        "survival": tables.survival_table(retrained),
    }


def _collected(
    retrained: pd.DataFrame, parts: list[Geometry], at: Moments, factors: list[str]
) -> dict[str, Output]:
    """Join the parts of all rules."""
    names = ("decoding", "spectrum", "fixed_points")
    trajectories = {key: value for part in parts for key, value in part.trajectories.items()}
    matrices = {key: value for part in parts for key, value in part.cross_temporal.items()}
    networks = retrained.merge(_profile(parts), on=list(KEYS), how="left", validate="one_to_one")
    return {
        "networks": stacked([networks], "networks", factors),
        **{name: stacked([part.tables[name] for part in parts], name) for name in names},
        "trajectories": {"time_ms": at.time, **trajectories},
        "cross_temporal": {"time_ms": at.time, **matrices},
    }


def _profile(parts: list[Geometry]) -> pd.DataFrame:
    """Stack the profiles of all analysed networks, rule by rule."""
    empty = pd.DataFrame({"learning_rule": pd.Series(dtype=str), "network": pd.Series(dtype=int)})
    return pd.concat([part.profile for part in parts], ignore_index=True) if parts else empty


def _frame(values: dict[str, Tensor]) -> pd.DataFrame:
    """Turn values of each network (b) into a table."""
    return pd.DataFrame({name: value.cpu().numpy() for name, value in values.items()})
