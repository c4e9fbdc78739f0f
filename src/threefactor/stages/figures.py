"""Draw every figure and gather the headline numbers (stage ``figures``).

Inputs are the results of all stages, by the names of `threefactor.config.paths.figures`. Outputs are a
figure for each key of `threefactor.config.paths.FIGURES` and ``summary``, whose keys
`threefactor.analysis.learning.headline` explains.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray
from torch import Tensor

from threefactor.analysis.landscape.quantiles import relative_spectrum
from threefactor.analysis.learning.headline import headline
from threefactor.analysis.learning.learning_curve import curve
from threefactor.analysis.recovery.words import finding as recovery_finding
from threefactor.analysis.representation.contrasts import guessing
from threefactor.experiment import build as assemble
from threefactor.pipeline.job import Job, by_folder
from threefactor.pipeline.storage.outputs import Output
from threefactor.plotting import style
from threefactor.plotting.pages import differences, discovery, dynamics, recovery
from threefactor.plotting.representation import CrossTemporal, Trajectories
from threefactor.stages import exemplar, gradient_figures


def compute(job: Job) -> dict[str, Output]:
    """Draw the poster's story in its order, and sum it up in numbers."""
    with job.progress(5, "figures") as bar:
        gradients, findings = gradient_figures.draw(job)
        bar.advance()
        recovered, told = _recovered(job)
        bar.advance()
        trained = _trained(job)
        bar.advance()
        compared = _compared(job)
        bar.advance()
        summary = {**_summary(job), "findings": findings | told | _elsewhere(job)}
        bar.advance()
    drawn = {**gradients, **recovered, **trained, **compared}
    return {
        **{name: style.without_empty_logarithms(page) for name, page in drawn.items()},
        "summary": summary,
    }


def _elsewhere(job: Job) -> dict[str, str]:
    """Read what the stages found that draw figures of their own."""
    return {name: str(text) for path in job.inputs["findings"] for name, text in job.json(path).items()}


def _recovered(job: Job) -> tuple[dict[str, Figure], dict[str, str]]:
    """Draw the rules that were hidden and found again, with what that says."""
    tables = _table(job, "recover_terms"), _table(job, "recover_coverage")
    name, drawn = "recovery", recovery.page(*tables, job.config.figures.dpi)
    return {name: drawn}, {name: recovery_finding(*tables)}


def _trained(job: Job) -> dict[str, Figure]:
    """Draw one trial, how errors fell, and how soon networks learned."""
    dpi = job.config.figures.dpi
    curves, counts = _curves(job)
    return {
        "plasticity_dynamics": dynamics.page(exemplar.trial(job), dpi),
        "learning_speed": discovery.learning_speed(_table(job, "survival"), _table(job, "criterion"), dpi),
        "learning_curves": differences.learning_curves(curves, counts, assemble.task(job.config).chance, dpi),
    }


def _compared(job: Job) -> dict[str, Figure]:
    """Draw the solutions: trajectories, codes, landscapes, and how far they lie apart."""
    dpi, networks = job.config.figures.dpi, _table(job, "networks")
    analysed = networks[networks.analysed.astype(bool)]
    spectrum, points = _table(job, "spectrum"), _table(job, "fixed_points")
    chosen, task = _examples(analysed), assemble.task(job.config)
    chance = {name: guessing(classes) for name, classes in task.factors.items()}
    own = [spectrum[(spectrum.learning_rule == r) & (spectrum.network == n)] for r, n in chosen.items()]
    placed, spread, tests = (_table(job, name) for name in ("embedding", "spread", "permanova"))
    return {
        "trajectories": differences.trajectories(_trajectories(job, chosen, points), dpi),
        "codes": differences.codes(_table(job, "decoding"), _cross_temporal(job), chance, task.periods, dpi),
        "landscape": differences.landscape(analysed, relative_spectrum(spectrum), own, points, dpi),
        "solution_space": differences.solution_space(placed, spread, tests, dpi),
    }


def _summary(job: Job) -> dict[str, object]:
    """Gather the headline numbers."""
    return headline(
        _table(job, "criterion"),
        by_folder(job, "theta"),
        by_folder(job, "history"),
        _table(job, "accuracy"),
        gradient_figures.aligned(job),
        _table(job, "spread"),
        _table(job, "permanova"),
    )


def _table(job: Job, name: str) -> pd.DataFrame:
    """Read the only table of an input."""
    return job.table(job.inputs[name][0])


def _curves(job: Job) -> tuple[pd.DataFrame, dict[str, int]]:
    """Summarise the training of every rule, and count its networks."""
    batches: dict[str, list[tuple[NDArray[np.float64], NDArray[np.float64]]]] = {}
    for path in job.inputs["retrain_solutions"]:
        arrays = job.arrays(path)
        pair = (_numpy(arrays["error"]), _numpy(arrays["correct"]))
        batches.setdefault(path.parent.name, []).append(pair)
    window, parts, counts = job.config.criterion.window, [], {}
    for rule, pairs in batches.items():
        error, correct = (np.concatenate(both) for both in zip(*pairs, strict=True))
        parts.append(curve(error, correct, window).assign(learning_rule=rule))
        counts[rule] = len(error)
    return pd.concat(parts, ignore_index=True), counts


def _examples(analysed: pd.DataFrame) -> dict[str, int]:
    """Choose a network of every rule: if possible the same, whose fixed points are known, after long training."""
    known = analysed.assign(known=analysed.stable_fixed_points.notna())
    worth = known.groupby("network").agg(
        {"known": "sum", "learning_rule": "size", "trials_to_criterion": "min"}
    )
    order = worth.sort_values(list(worth.columns), ascending=False, kind="stable").index.tolist()
    return {
        str(rule): int(min(part.network, key=order.index))
        for rule, part in analysed.groupby("learning_rule", sort=False)
    }


def _trajectories(job: Job, chosen: dict[str, int], points: pd.DataFrame) -> list[Trajectories]:
    """Take the trajectories of the chosen networks, with their fixed points without input."""
    arrays, trial_types = job.arrays(job.inputs["trajectories"][0]), assemble.task(job.config).trial_types
    found = []
    for rule, network in chosen.items():
        at = arrays[f"{rule}.network"].tolist().index(network)
        own = points[
            (points.learning_rule == rule) & (points.network == network) & (points.condition == "none")
        ]
        projection, explained = (_numpy(arrays[f"{rule}.{name}"][at]) for name in ("projection", "explained"))
        spots, stable = own[["pc1", "pc2", "pc3"]].to_numpy(float), own.stable.to_numpy(bool)
        found.append(Trajectories(rule, network, projection, explained, tuple(trial_types), spots, stable))
    return found


def _cross_temporal(job: Job) -> list[CrossTemporal]:
    """Take the decoding of the task's first factor across time, a matrix per rule."""
    arrays, factors = job.arrays(job.inputs["cross_temporal"][0]), assemble.task(job.config).factors
    held = next(iter(factors))
    rules = [name.removesuffix(f".{held}") for name in arrays if name.endswith(f".{held}")]
    kept = [rule for rule in map(_rule_of, job.inputs["retrain_solutions"]) if rule in rules]
    return [
        CrossTemporal(
            rule, _numpy(arrays["time_ms"]), _numpy(arrays[f"{rule}.{held}"]), guessing(factors[held])
        )
        for rule in dict.fromkeys(kept)
    ]


def _rule_of(path: Path) -> str:
    """Return the learning rule of a batch's file."""
    return path.parent.name


def _numpy(tensor: Tensor) -> NDArray[np.float64]:
    """Bring a tensor to float64 on the CPU."""
    return tensor.double().cpu().numpy()
