"""The files of each stage: one table for the Snakefile and for stages run by hand."""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from threefactor.experiment import conditions
from threefactor.experiment import rules as names
from threefactor.experiment.rule_classes import first, recoverable
from threefactor.pipeline.settings.model import Config

_ORIGINS = "Meta-learning plasticity rules"
_DISCOVERY = "Discovering three-factor rules"
_DYNAMICS = "Network and plasticity dynamics"
_GRADIENTS = "Subspace-sensitivities provide accurate gradient information"
_DIFFERENCES = "Different plasticity rules result in different representations and learning dynamics"

FIGURES: dict[str, str] = {
    "meta_learning": _ORIGINS,
    "search": _ORIGINS,
    "learned_rules": _DISCOVERY,
    "sparsity": _DISCOVERY,
    "families": _DISCOVERY,
    "learning_speed": _DISCOVERY,
    "transfer": _DISCOVERY,
    "recovery": _DISCOVERY,
    "plasticity_dynamics": _DYNAMICS,
    "tangent_accuracy": _GRADIENTS,
    "omissions": _GRADIENTS,
    "estimators": _GRADIENTS,
    "gradient_alignment": _GRADIENTS,
    "rule_alignments": _GRADIENTS,
    "descent": _GRADIENTS,
    "learning_curves": _DIFFERENCES,
    "trajectories": _DIFFERENCES,
    "codes": _DIFFERENCES,
    "landscape": _DIFFERENCES,
    "solution_space": _DIFFERENCES,
}
"""The figures in the poster's order, each with the heading that it answers; captions are in workflow/report."""

ELSEWHERE = {
    "found": ("meta_learning", "search", "learned_rules", "sparsity", "families"),
    "judge": ("transfer",),
}
"""The figures of stages that draw their own, so that they need no more of an experiment than they show."""

ANALYSES = (
    "networks.csv",
    "decoding.csv",
    "cross_temporal.safetensors",
    "spectrum.csv",
    "fixed_points.csv",
    "trajectories.safetensors",
    "distances.safetensors",
    "embedding.csv",
    "spread.csv",
    "permanova.csv",
    "criterion.csv",
    "survival.csv",
)
"""The files of the analysis."""


class Files(NamedTuple):
    """What a job reads and writes, by name."""

    inputs: dict[str, list[str]]
    outputs: dict[str, str]


def metalearn(config: Config, learned_rule: str) -> Files:
    """Name the files of one run of meta-learning."""
    folder = f"{config.results}/metalearn/{learned_rule}"
    outputs = {
        "theta": f"{folder}/theta.csv",
        "hyperparameters": f"{folder}/hyperparameters.csv",
        "history": f"{folder}/history.csv",
        "held_out": f"{folder}/held_out.csv",
        "gradients": f"{folder}/gradients.safetensors",
    }
    return Files({}, outputs)


def prune(config: Config, pruned_rule: str) -> Files:
    """Name the files of one learned rule's path from dense to sparse."""
    folder = f"{config.results}/prune/{pruned_rule}"
    return Files(
        _learned(config, [pruned_rule]), {name: f"{folder}/{name}.csv" for name in ("path", "worth")}
    )


def families(config: Config) -> Files:
    """Name the files of the comparison of learned rules with one another."""
    outputs = ("members", "distances", "visited", "rank")
    return Files(validate(config).inputs, {name: f"{config.results}/families/{name}.csv" for name in outputs})


def recover(config: Config) -> Files:
    """Name the files of known-rule recovery."""
    outputs = {name: f"{config.results}/recover/{name}.csv" for name in ("terms", "coverage")}
    return Files(_learned(config, recoverable(config)), outputs)


def validate(config: Config) -> Files:
    """Name the files of the validation."""
    outputs = {name: f"{config.results}/validate/{name}.csv" for name in ("accuracy", "growth")}
    return Files(_learned(config, config.metalearn.rules), outputs)


def ablate(config: Config) -> Files:
    """Name the files of what the meta-gradient loses by what is left out of it."""
    return Files(validate(config).inputs, {"omissions": f"{config.results}/ablate/omissions.csv"})


def estimate(config: Config, regime: str) -> Files:
    """Name the files of the estimators' bias and variance in one regime of plasticity."""
    stem = f"{config.results}/estimate/{regime}"
    outputs = {"estimators": f"{stem}.csv", "errors": f"{stem}.errors.csv", "samples": f"{stem}.safetensors"}
    return Files({}, outputs)


def retrain(config: Config, learning_rule: str, batch: str) -> Files:
    """Name the files of one batch of networks under one learning rule."""
    key = names.learned(config, learning_rule)
    stem = f"{config.results}/retrain/{learning_rule}/{batch}"
    outputs = {"solutions": f"{stem}.safetensors", "networks": f"{stem}.csv"}
    return Files(_learned(config, [key] if key else []), outputs)


def transfer(config: Config, condition: str, learning_rule: str, batch: str) -> Files:
    """Name the files of one batch of networks under one learning rule and one condition."""
    stem = f"{config.results}/transfer/{condition}/{learning_rule}/{batch}"
    theta = retrain(config, learning_rule, batch).inputs
    return Files(theta, {"networks": f"{stem}.csv", "curve": f"{stem}.curve.csv"})


def judge(config: Config) -> Files:
    """Name the files that compare rules under every condition."""
    networks = [transfer(config, *job).outputs["networks"] for job in conditions.jobs(config)]
    outputs = {
        name: f"{config.results}/judge/{name}.csv" for name in ("rules", "pairs", "waiting", "published")
    }
    words = {"table": f"{config.results}/judge/table.html", "finding": f"{config.results}/judge/finding.json"}
    return Files({"networks": networks}, {**_drawn(config, ELSEWHERE["judge"]), **outputs, **words})


def found(config: Config) -> Files:
    """Name the files of what meta-learning found."""
    learned = [metalearn(config, key).outputs for key in config.metalearn.rules]
    pruned = [prune(config, key).outputs for key in first(config, config.prune.learned_rules)]
    inputs = {
        **{name: [outputs[name] for outputs in learned] for name in ("theta", "history", "held_out")},
        **{f"prune_{name}": [outputs[name] for outputs in pruned] for name in ("path", "worth")},
        **{f"families_{name}": [path] for name, path in families(config).outputs.items()},
    }
    outputs = {
        "savings": f"{config.results}/found/savings.csv",
        "finding": f"{config.results}/found/finding.json",
    }
    return Files(inputs, {**_drawn(config, ELSEWHERE["found"]), **outputs})


def align(config: Config, learning_rule: str, batch: str) -> Files:
    """Name the files of the alignment of one batch."""
    solutions = retrain(config, learning_rule, batch).outputs["solutions"]
    learned = dict.fromkeys(filter(None, (names.learned(config, rule) for rule in config.retrain.rules)))
    stem = f"{config.results}/align/{learning_rule}/{batch}"
    return Files(
        {"solutions": [solutions], **_learned(config, learned)},
        {
            "alignment": f"{stem}.csv",
            "similarity": f"{stem}.similarity.csv",
            "descent": f"{stem}.descent.csv",
        },
    )


def analyse(config: Config) -> Files:
    """Name the files of the analysis, over all rules and batches."""
    outputs = {name.partition(".")[0]: f"{config.results}/analyse/{name}" for name in ANALYSES}
    return Files(_everywhere(config, retrain, config.retrain.batches), outputs)


def figures(config: Config) -> Files:
    """Name the files of the figures, which may look at every result."""
    learned = [metalearn(config, key).outputs for key in config.metalearn.rules]
    inputs = {
        **{name: [outputs[name] for outputs in learned] for name in ("theta", "history")},
        **{f"recover_{name}": [path] for name, path in recover(config).outputs.items()},
        **{name: [path] for name, path in validate(config).outputs.items()},
        "omissions": [ablate(config).outputs["omissions"]],
        **{
            name: [estimate(config, regime).outputs[output] for regime in config.estimate.regimes]
            for name, output in (("estimators", "estimators"), ("estimator_errors", "errors"))
        },
        **{
            f"retrain_{name}": paths
            for name, paths in _everywhere(config, retrain, config.retrain.batches).items()
        },
        **_everywhere(config, align, config.align.batches),
        **{name: [path] for name, path in analyse(config).outputs.items()},
        "findings": findings(config),
    }
    elsewhere = [name for names in ELSEWHERE.values() for name in names]
    drawn = _drawn(config, [name for name in FIGURES if name not in elsewhere])
    return Files(inputs, {**drawn, "summary": f"{config.results}/summary.json"})


def findings(config: Config) -> list[str]:
    """Name what stages found that draw figures of their own."""
    return [files(config, stage, {}).outputs["finding"] for stage in ELSEWHERE]


STAGES: dict[str, Callable[..., Files]] = {
    "metalearn": metalearn,
    "prune": prune,
    "families": families,
    "recover": recover,
    "validate": validate,
    "ablate": ablate,
    "estimate": estimate,
    "retrain": retrain,
    "align": align,
    "analyse": analyse,
    "transfer": transfer,
    "judge": judge,
    "found": found,
    "figures": figures,
}
"""All stages, in the order of the chain."""

WILDCARDS: dict[str, tuple[str, ...]] = {
    "metalearn": ("learned_rule",),
    "prune": ("pruned_rule",),
    "estimate": ("regime",),
    "retrain": ("learning_rule", "batch"),
    "align": ("learning_rule", "batch"),
    "transfer": ("condition", "learning_rule", "batch"),
}
"""What tells the jobs of a stage apart; a stage that is not listed is one job."""


def files(config: Config, stage: str, wildcards: Mapping[str, str]) -> Files:
    """Name the files of one job."""
    return STAGES[stage](config, **wildcards)


def patterns(config: Config, stage: str) -> dict[str, str]:
    """Name the outputs of a stage with its wildcards left open, as Snakemake wants them."""
    return files(config, stage, {name: f"{{{name}}}" for name in WILDCARDS.get(stage, ())}).outputs


def _drawn(config: Config, names: Iterable[str]) -> dict[str, str]:
    """Name the files of figures."""
    return {name: f"{config.results}/figures/{name}.svg" for name in names}


def _learned(config: Config, keys: Iterable[str]) -> dict[str, list[str]]:
    """Gather what meta-learning found of some rules: theta, and the settings that were learned beside it."""
    found = [metalearn(config, key).outputs for key in keys]
    return {name: [outputs[name] for outputs in found] for name in ("theta", "hyperparameters")}


def _everywhere(
    config: Config, stage: Callable[[Config, str, str], Files], batches: int
) -> dict[str, list[str]]:
    """Gather the outputs of a stage over all learning rules and its batches, rule by rule."""
    jobs = [
        stage(config, rule, str(batch)).outputs for rule in config.retrain.rules for batch in range(batches)
    ]
    return {name: [outputs[name] for outputs in jobs] for name in jobs[0]}
