"""Which settings each stage reads: a changed value reruns what depends on it and nothing else."""

from collections.abc import Mapping, Sequence
from typing import Any

from threefactor.experiment import rules as names
from threefactor.pipeline.fingerprints import code
from threefactor.experiment.conditions import derive
from threefactor.pipeline.settings.load import dump
from threefactor.experiment.rule_classes import members
from threefactor.pipeline.settings.model import Config
from threefactor.experiment.settings.task import Task

_NUMBERS = ("seed", "device", "precision", "tf32")
_LEARNING = ("task", "network", "perturbation", "plasticity")
_GOOD = ("criterion.window", "criterion.fraction", "criterion.error")

USES: dict[str, tuple[str, ...]] = {
    "metalearn": (*_NUMBERS, *_LEARNING, *_GOOD, "metalearn"),
    "prune": (*_NUMBERS, *_LEARNING, *_GOOD, "prune", "metalearn"),
    "families": (
        *_NUMBERS,
        *_LEARNING,
        *_GOOD,
        "families",
        "metalearn.degree",
        "metalearn.scaling_networks",
    ),
    "recover": ("seed", *_LEARNING, "recover", "metalearn.norm"),
    "validate": (*_NUMBERS, *_LEARNING, "validate", "metalearn.norm", "metalearn.scaling_networks"),
    "ablate": (*_NUMBERS, *_LEARNING, "ablate", "metalearn.degree"),
    "estimate": (*_NUMBERS, *_LEARNING, "estimate", "metalearn.norm", "metalearn.scaling_networks"),
    "retrain": (*_NUMBERS, *_LEARNING, "criterion", "retrain"),
    "align": (*_NUMBERS, *_LEARNING, "align", "retrain.networks", "retrain.snapshots"),
    "analyse": (*_NUMBERS, *_LEARNING, "criterion", "analyse"),
    "transfer": _NUMBERS,
    "judge": ("seed", "transfer", "figures"),
    "found": (
        "task.name",
        "perturbation.size",
        "plasticity.deviation",
        "plasticity.deviation_floor",
        "figures",
    ),
    "figures": (*_NUMBERS, *_LEARNING, "criterion.window", "figures"),
}
"""Blocks, or single keys of blocks, that each stage reads."""

ELSEWHERE = (
    "estimate.regimes",
    "metalearn.rules",
    "prune.learned_rules",
    "retrain.rules",
    "retrain.batches",
    "align.batches",
    "transfer.batches",
)
"""Keys that decide which jobs there are; a job's own entry is among its `choices`."""

DYNAMIC = {
    "metalearn",
    "prune",
    "families",
    "recover",
    "validate",
    "ablate",
    "estimate",
    "retrain",
    "align",
    "analyse",
    "figures",
}
"""Stages that import the task by its name."""


def settings(config: Config, stage: str) -> dict[str, object]:
    """Return the settings that every job of a stage reads, by dotted key."""
    others = [key for key in _of_tasks() if not _is_of(key, [config.task.name])]
    elsewhere = (*ELSEWHERE, *names.of_rules(config), *others)
    flat = _flatten(dump(config))
    return {
        key: value for key, value in flat.items() if _within(key, USES[stage]) and not _within(key, elsewhere)
    }


def choices(config: Config, stage: str, wildcards: Mapping[str, str]) -> dict[str, object]:
    """Return the settings that one job reads and its siblings do not, by dotted key."""
    own: tuple[str, ...] = ()
    if "condition" in wildcards:
        config = derive(config, wildcards["condition"])
        own = (*_LEARNING, "criterion", "transfer.networks")
    tasks = [config.task.name]
    if learned := _learned(wildcards):
        learned_on = config.metalearn.rules[learned].task
        tasks += [learned_on] if learned_on else []
        own = (f"metalearn.rules.{learned}", *(key for key in _of_tasks() if _is_of(key, tasks[1:])))
    if "regime" in wildcards:
        own = (f"estimate.regimes.{wildcards['regime']}",)
    if "learning_rule" in wildcards:
        rules = _rules(config, stage, wildcards)
        own = (*own, *(key for key, rule in names.of_rules(config).items() if rule in rules))
    others = [key for key in _of_tasks() if not _is_of(key, tasks)]
    flat = _flatten(dump(config))
    return {key: value for key, value in flat.items() if _within(key, own) and key not in others}


def _of_tasks() -> list[str]:
    """List the keys that only one task reads: ``task.<name>_<key>``."""
    tasks = names.tasks()
    return [key for key in (f"task.{field}" for field in Task.model_fields) if _is_of(key, tasks)]


def _is_of(key: str, tasks: Sequence[str]) -> bool:
    """Tell whether a key is one of those that only these tasks read."""
    return key.startswith(tuple(f"task.{name}_" for name in tasks))


def modules(config: Config, stage: str, wildcards: Mapping[str, str]) -> list[str]:
    """Name the modules that a job imports by name, which no import statement shows."""
    found = [f"tasks.{config.task.name}"] if stage in DYNAMIC else []
    if "condition" in wildcards:
        found.append(f"tasks.{derive(config, wildcards['condition']).task.name}")
    if learned := _learned(wildcards):
        rule = config.metalearn.rules[learned]
        found.append(f"metalearning.estimators.{rule.estimator}")
        found += [f"tasks.{rule.task}"] if rule.task else []
    if "learning_rule" in wildcards:
        found += dict.fromkeys(names.module(config, rule) for rule in _rules(config, stage, wildcards))
    return found


def _learned(wildcards: Mapping[str, str]) -> str | None:
    """Return the key of the rule that a job learns, or learns on."""
    return wildcards.get("learned_rule") or wildcards.get("pruned_rule")


def _rules(config: Config, stage: str, wildcards: Mapping[str, str]) -> list[str]:
    """Name the learning rules that a job runs."""
    return names.compared(config) if stage == "align" else [wildcards["learning_rule"]]


def shared_lines(config: Config, stage: str) -> list[str]:
    """Describe the code and settings of a stage, one line a file and one line a key."""
    task = modules(config, stage, {})
    lines = [f"{key} = {value!r}" for key, value in settings(config, stage).items()]
    return [*code(f"stages.{stage}", *task), *lines]


def chosen_lines(config: Config, stage: str, wildcards: Mapping[str, str]) -> list[str]:
    """Describe what one job reads beside `shared_lines`: its own settings and its learning rule's files."""
    lines = [f"{key} = {value!r}" for key, value in choices(config, stage, wildcards).items()]
    if stage in ("families", "found"):
        lines.append(f"members = {members(config)!r}")
    if stage == "found":
        sought = {
            name: (rule.estimator, rule.start, rule.learn) for name, rule in config.metalearn.rules.items()
        }
        lines.append(f"sought = {sought!r}")
    if stage == "align":
        lines.append(f"compared rules = {names.compared(config)!r}")
    known = set(shared_lines(config, stage))
    files = code(f"stages.{stage}", *modules(config, stage, wildcards))
    return [*(line for line in files if line not in known), *lines]


def _flatten(tree: Mapping[str, Any], above: str = "") -> dict[str, object]:
    """Turn nested settings into dotted keys."""
    flat: dict[str, object] = {}
    for name, value in tree.items():
        if isinstance(value, dict):
            flat |= _flatten(value, f"{above}{name}.")
        else:
            flat[f"{above}{name}"] = value
    return flat


def _within(key: str, prefixes: tuple[str, ...]) -> bool:
    return any(key == prefix or key.startswith(f"{prefix}.") for prefix in prefixes)
