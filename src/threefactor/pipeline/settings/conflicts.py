"""What no single key can know: names of files, and keys that contradict each other."""

from collections.abc import Iterator
from importlib.util import find_spec

from threefactor.metalearning import masks
from threefactor.experiment import rules as names
from threefactor.experiment.conditions import derive
from threefactor.experiment.settings.errors import ConfigError
from threefactor.experiment.hyperparameters import MOST, OF_KIND, RATE, SIGNED
from threefactor.experiment.rule_classes import recoverable
from threefactor.config.metalearn import LearnedRule
from threefactor.pipeline.settings.model import Config
from threefactor.config.recover import RANDOM, SIZED_BY

FIFTHS = 5  # periods of a trial

EXACT = ("pathwise", "reverse")
"""Estimators that differentiate the reward itself."""

TOLD = ("bptt", "eprop", "rflo")
"""Learning rules that are told the derivative of the reward."""

FEWEST = 2
"""Networks that a gradient can be averaged over."""


def conflicts(config: Config) -> Iterator[str]:
    """Yield a line for each key that does not fit the others: its value, and what is allowed."""
    yield from _names(config)
    yield from _inner_learning(config)
    yield from _meta_learning(config)
    yield from _hyperparameters(config)
    yield from _own_weight(config)
    yield from _estimators(config)
    yield from _compared_rules(config)
    yield from _rewarded_rules(config)
    yield from _omissions(config)
    yield from _hidden_rules(config)
    yield from _transfer(config)
    folds, trials = config.analyse.decoding_folds, config.analyse.decoding_trials
    if folds > trials:
        yield f"analyse.decoding_folds = {folds}: allowed are 2 to {trials} (analyse.decoding_trials)"


def _inner_learning(config: Config) -> Iterator[str]:
    """Look at all that decides how a network learns."""
    if config.task.name not in names.tasks():
        yield f"task.name = {config.task.name!r}: allowed are {', '.join(names.tasks())}"
    yield from _task(config, "task.name")
    yield from _network(config)
    yield from _times(config)


def _task(config: Config, place: str) -> Iterator[str]:
    """Look at whether there is what the task of a place needs: NeuroGym, or units for its outputs."""
    if config.task.name == "neurogym" and find_spec("neurogym") is None:
        yield f"{place} = 'neurogym': allowed once NeuroGym is there: pip install 'threefactor[neurogym]'"
    free, cues = config.network.units - len(config.network.clamped), config.task.dpa_cues
    pair = 1 if config.network.activation == "tanh" else 2
    if config.task.name == "dpa" and config.network.readout == "unit" and pair * cues > free:
        yield f"task.dpa_cues = {cues}: allowed are up to {free // pair}, each outcome being {pair} of {free} free units"


def _transfer(config: Config) -> Iterator[str]:
    """Look at rules under other settings."""
    own = config.transfer
    for name in own.conditions:
        place = f"transfer.conditions.{name}"
        try:
            derived = derive(config, name)
            yield from (f"{place}: {line}" for line in _inner_learning(derived))
            if derived.transfer.rules != own.rules:
                yield from _known_rules(config, f"{place}: transfer.rules", derived.transfer.rules)
            yield from _told(derived, f"{place}: transfer.rules", derived.transfer.rules)
        except ConfigError as problem:
            yield str(problem)
    yield from _known_rules(config, "transfer.rules", own.rules)
    yield from _references(config)


def _references(config: Config) -> Iterator[str]:
    """Look for the conditions that others are compared with, by theta_33."""
    own = config.transfer
    places = {"tuned": own.tuned, "untuned": own.untuned}
    for key, name in [*places.items(), *(("published", name) for name in own.published)]:
        if name and name not in own.conditions:
            yield f"transfer.{key}: {name!r}: allowed are conditions: {', '.join(own.conditions)}"
        elif name and key != "tuned" and "theta_33" not in names.transferred(derive(config, name)):
            yield f"transfer.{key}: {name!r}: allowed are conditions with 'theta_33' among their transfer.rules"
    for name, paper in own.published.items():
        low, high = paper.quartiles
        if not low <= paper.median <= high:
            yield (
                f"transfer.published.{name}.quartiles = {[low, high]}: allowed is one at most and one at least "
                f"the median, {paper.median}"
            )


def _names(config: Config) -> Iterator[str]:
    """Look for the files that settings name."""
    yield from _known_rules(config, "retrain.rules", config.retrain.rules)
    batches = config.align.batches
    if batches > config.retrain.batches:
        yield f"align.batches = {batches}: allowed is at most {config.retrain.batches} (retrain.batches)"
    if not set(config.align.snapshots) & set(config.retrain.snapshots):
        yield (
            f"align.snapshots = {list(config.align.snapshots)}: allowed are trials of which one at least is among "
            f"retrain.snapshots, {list(config.retrain.snapshots)}"
        )
    for position, rule in enumerate(config.align.references):
        if not names.exists(config, rule) or names.learned(config, rule):
            yield f"align.references.{position} = {rule!r}: allowed are {names.allowed_references()}"


def _known_rules(config: Config, place: str, rules: tuple[str, ...]) -> Iterator[str]:
    """Look for the learning rules of a list."""
    for position, rule in enumerate(rules):
        if not names.exists(config, rule):
            yield f"{place}.{position} = {rule!r}: allowed are {names.allowed_rules(config)}"
        if rule in rules[:position]:
            yield f"{place}.{position} = {rule!r} stands twice, allowed is once"


def _network(config: Config) -> Iterator[str]:
    """Look at clamped units and kicks."""
    last = config.network.units - 1
    for unit in config.network.clamped:
        if unit > last:
            yield f"network.clamped.{unit}: allowed are units 0 to {last} (network.units - 1)"
        if unit == 0 and config.network.readout == "unit":
            yield "network.clamped.0: unit 0 is the output (network.readout = 'unit'), allowed are other units"
    most = 1 / config.network.time_step_ms
    if config.perturbation.rate_per_ms >= most:
        rate = config.perturbation.rate_per_ms
        yield f"perturbation.rate_per_ms = {rate}: allowed is less than {most:g}, one kick a time step"
    yield from _synapses(config, last + 1 - len(config.network.clamped))


def _synapses(config: Config, free: int) -> Iterator[str]:
    """Look at which synapses there are, of so many free units."""
    density, share, units = config.network.density, config.network.inhibitory, config.network.units
    if density * units < 1:
        yield f"network.density = {density}: allowed is at least {1 / units:g}, a synapse onto each unit on average"
    if share != "" and not 0 < round(share * free) < free:
        yield (
            f"network.inhibitory = {share}: allowed are shares that leave both kinds among {free} free units, or ''"
        )


def _times(config: Config) -> Iterator[str]:
    """Look at times that others must contain."""
    step, tau, length = config.network.time_step_ms, config.network.time_constant_ms, config.task.duration_ms
    delay = config.task.delay_ms
    if step > tau:
        yield f"network.time_step_ms = {step}: allowed is at most {tau} (network.time_constant_ms)"
    if abs(length / step / FIFTHS - round(length / step / FIFTHS)) > 1e-9 or length < FIFTHS * step:
        yield f"task.duration_ms = {length}: allowed are multiples of {FIFTHS * step} (5 time steps)"
    if delay != "" and (abs(delay / step - round(delay / step)) > 1e-9 or delay < step):
        yield f"task.delay_ms = {delay}: allowed are multiples of {step} (a time step), or ''"
    if config.plasticity.eligibility_time_ms != "" and config.plasticity.eligibility_time_ms < step:
        value = config.plasticity.eligibility_time_ms
        yield f"plasticity.eligibility_time_ms = {value}: allowed is at least {step} (a time step), or ''"
    if config.plasticity.weight_time_ms != "" and config.plasticity.weight_time_ms < length:
        value = config.plasticity.weight_time_ms
        yield f"plasticity.weight_time_ms = {value}: allowed is at least {length} (a trial), or ''"
    if config.plasticity.onset_steps >= length / step:
        value = config.plasticity.onset_steps
        yield f"plasticity.onset_steps = {value}: allowed is less than {length / step:.0f}, the steps of a trial"
    if config.criterion.window > config.criterion.horizon:
        value = config.criterion.window
        yield f"criterion.window = {value}: allowed is at most {config.criterion.horizon} (criterion.horizon)"
    if config.criterion.horizon <= config.plasticity.warm_up_trials:
        value, warm_up = config.criterion.horizon, config.plasticity.warm_up_trials
        yield f"criterion.horizon = {value}: allowed is more than {warm_up} (plasticity.warm_up_trials)"


def _compared_rules(config: Config) -> Iterator[str]:
    """Look at how learned rules are compared and pruned."""
    warm_up = config.plasticity.warm_up_trials
    for place, own in (("families", config.families), ("prune", config.prune)):
        if own.trials <= warm_up:
            yield f"{place}.trials = {own.trials}: allowed is more than {warm_up} (plasticity.warm_up_trials)"
    for place, values in (
        ("families.rank_trials", config.families.rank_trials),
        ("prune.weights", config.prune.weights),
    ):
        if list(values) != sorted(set(values)):
            yield f"{place} = {list(values)}: allowed are numbers that rise"


def _rewarded_rules(config: Config) -> Iterator[str]:
    """Look for rules that are told the derivative of the reward where it has none; `_transfer` looks at conditions."""
    yield from _told(config, "retrain.rules", config.retrain.rules)


def _told(config: Config, place: str, rules: tuple[str, ...]) -> Iterator[str]:
    """Look for them in a list."""
    if config.task.reward == "correct":
        for told in (name for name in rules if name in TOLD):
            yield (
                f"{place}: {told!r} is told the reward's derivative, which is zero almost everywhere with "
                "task.reward = 'correct': allowed are rules that are told the reward"
            )


def _omissions(config: Config) -> Iterator[str]:
    """Look at the horizons of the omissions."""
    warm_up, horizons = config.plasticity.warm_up_trials, config.ablate.horizons
    for position, horizon in enumerate(horizons):
        if horizon <= warm_up:
            yield f"ablate.horizons.{position} = {horizon}: allowed is more than {warm_up} (plasticity.warm_up_trials)"
        elif position and horizon <= horizons[position - 1]:
            yield f"ablate.horizons.{position} = {horizon}: allowed is more than the one before, {horizons[position - 1]}"


def _hidden_rules(config: Config) -> Iterator[str]:
    """Look for rules that hide a term which nobody looks for."""
    own = config.recover
    for key, values in (("rules", own.rules), ("noise", own.noise), ("rate_noise", own.rate_noise)):
        if len(set(values)) < len(values):
            yield f"recover.{key} = {list(values)}: one stands twice, allowed is once"
    there = {name: [SIZED_BY if name == RANDOM else (int(name[-2]), int(name[-1]))] for name in own.rules}
    for name in recoverable(config):
        there[name] = masks.chosen(config.metalearn.rules[name].terms, config.metalearn.degree)
    looked_for = masks.chosen(own.terms, own.degree)
    for name, terms in there.items():
        if unseen := [f"{k}{l}" for k, l in terms if (k, l) not in looked_for]:
            yield (
                f"recover.degree = {own.degree}, recover.terms = {own.terms!r}: allowed are such with term {unseen[0]}, "
                f"which rule {name!r} needs (recover.rules, recover.learned_rules)"
            )


def _meta_learning(config: Config) -> Iterator[str]:
    """Look at the rules that are to be learned."""
    own, warm_up = config.metalearn, config.plasticity.warm_up_trials
    for name in ("lifetime", "held_out_trials"):
        if getattr(own, name) <= warm_up:
            yield f"metalearn.{name} = {getattr(own, name)}: allowed is more than {warm_up} (plasticity.warm_up_trials)"
    shortest = min(own.curriculum)
    if own.lifetime > warm_up >= round(shortest * own.lifetime):
        yield (
            f"metalearn.curriculum = {list(own.curriculum)}: allowed are shares of metalearn.lifetime, {own.lifetime} "
            f"trials, that are more than {warm_up} trials (plasticity.warm_up_trials)"
        )
    if own.patience and not own.held_out_networks:
        yield f"metalearn.patience = {own.patience}: allowed is 0 without metalearn.held_out_networks"
    for key, rule in own.rules.items():
        yield from _learned_rule(config, f"metalearn.rules.{key}", rule)
        if names.taken(key):
            yield f"metalearn.rules.{key}: the name is that of another learning rule, allowed are names of your own"


def _learned_rule(config: Config, place: str, rule: LearnedRule) -> Iterator[str]:
    """Look at one rule that is to be learned."""
    degree = config.metalearn.degree
    if rule.estimator.startswith("score") and rule.noise == 0:
        yield f"{place}.noise = 0: allowed are positive shares with estimator {rule.estimator!r}"
    if rule.estimator in EXACT and config.task.reward == "correct":
        yield (
            f"{place}.estimator = {rule.estimator!r}: allowed are 'score_local', 'score_total' and 'evolution' "
            "with task.reward = 'correct', whose gradient is zero almost everywhere"
        )
    if rule.memory != "" and rule.estimator not in EXACT:
        yield f"{place}.memory = {rule.memory}: allowed is '' with estimator {rule.estimator!r}, which has no derivative"
    listed = rule.terms if isinstance(rule.terms, tuple) else ()
    if len(set(listed)) < len(listed):
        yield f"{place}.terms = {list(listed)}: a term stands twice, allowed is once"
    for term in listed:
        if max(map(int, term)) > degree:
            yield f"{place}.terms: {term!r}: allowed are digits up to {degree} (metalearn.degree)"
    terms = masks.chosen(rule.terms, degree)
    if not terms:
        yield f"{place}.terms = {rule.terms!r}: no term has these powers up to {degree} (metalearn.degree)"
    if rule.start.startswith("theta_") and (int(rule.start[-2]), int(rule.start[-1])) not in terms:
        yield f"{place}.start = {rule.start!r}: allowed is 'random', 'kicks' or a term that is learned"
    if rule.rank != "" and not masks.is_grid(terms):
        yield f"{place}.rank = {rule.rank}: allowed is '' unless terms are all pairs of some powers k and some powers l"
    yield from _own_settings(config, place, rule)


def _own_settings(config: Config, place: str, rule: LearnedRule) -> Iterator[str]:
    """Look at what a rule sets instead of other blocks."""
    warm_up, step = config.plasticity.warm_up_trials, config.network.time_step_ms
    if rule.rank != "" and rule.sparsity:
        yield f"{place}.sparsity = {rule.sparsity}: allowed is 0 with a rank, which few terms would break"
    if rule.coordinates == "orthonormal" and (rule.rank != "" or rule.sparsity):
        yield f"{place}.coordinates = 'orthonormal': allowed is 'monomials' with a rank or sparsity"
    own = config.perturbation
    if rule.start == "kicks" and not (own.noise if own.kind == "noise" else own.size * own.rate_per_ms):
        yield f"{place}.start = 'kicks': allowed is another start without kicks or noise (perturbation)"
    if rule.networks != "" and rule.networks < FEWEST:
        yield f"{place}.networks = {rule.networks}: allowed is at least {FEWEST}"
    if rule.lifetime != "" and round(min(config.metalearn.curriculum) * rule.lifetime) <= warm_up:
        yield f"{place}.lifetime = {rule.lifetime}: allowed is more than {warm_up} (plasticity.warm_up_trials)"
    if rule.eligibility_time_ms != "" and rule.eligibility_time_ms < step:
        value = rule.eligibility_time_ms
        yield f"{place}.eligibility_time_ms = {value}: allowed is at least {step} (a time step), or ''"
    if rule.task and rule.task not in names.tasks():
        yield f"{place}.task = {rule.task!r}: allowed are {', '.join(names.tasks())}, or ''"
    elif rule.task:
        own_task = config.task.model_copy(update={"name": rule.task})
        yield from _task(config.model_copy(update={"task": own_task}), f"{place}.task")


def _hyperparameters(config: Config) -> Iterator[str]:
    """Look at the settings that are learned beside θ, and at what is climbed."""
    for key, rule in config.metalearn.rules.items():
        place = f"metalearn.rules.{key}"
        if len(set(rule.learn)) < len(rule.learn):
            yield f"{place}.learn = {list(rule.learn)}: a setting stands twice, allowed is once"
        if rule.learn and rule.estimator.startswith("score"):
            yield (
                f"{place}.learn = {list(rule.learn)}: allowed is [] with estimator {rule.estimator!r}, "
                "which is for θ alone"
            )
        if RATE in rule.learn and rule.estimator in EXACT:
            yield (
                f"{place}.learn: {RATE!r} needs estimator 'evolution', since how often kicks come has no derivative; "
                f"it is {rule.estimator!r}"
            )
        norm = config.metalearn.norm if rule.norm == "" else rule.norm
        if "plasticity.learning_rate" in rule.learn and norm == 0:
            yield (
                f"{place}.learn: 'plasticity.learning_rate' needs a positive norm ({place}.norm or metalearn.norm), "
                "since the scale of θ and the learning rate are one; it is 0"
            )
        if "plasticity.eligibility_time_ms" in rule.learn and rule.eligibility_time_ms != "":
            yield f"{place}.learn: 'plasticity.eligibility_time_ms' is learned or the rule's own, allowed is one of both"
        if rule.objective == "soft" and config.task.reward != "graded":
            yield (
                f"{place}.objective = 'soft': allowed is 'mean' with task.reward = {config.task.reward!r}, "
                "which is not the error"
            )
    for name in dict.fromkeys(name for rule in config.metalearn.rules.values() for name in rule.learn):
        yield from _start(config, name)


def _own_weight(config: Config) -> Iterator[str]:
    """Look at whether there are weights that a synapse can look at."""
    own = config.plasticity
    learned = any(key in SIGNED for rule in config.metalearn.rules.values() for key in rule.learn)
    if config.network.gain == 0 and (learned or own.weight_linear or own.weight_quadratic):
        yield "network.gain = 0.0: allowed is a positive one with plasticity.weight_linear or .weight_quadratic"


def _start(config: Config, key: str) -> Iterator[str]:
    """Look at where a setting starts that is learned."""
    step, length = config.network.time_step_ms, config.task.duration_ms
    block, name = key.split(".")
    value = getattr(getattr(config, block), name)
    kind = config.perturbation.kind
    if OF_KIND.get(key, kind) != kind:
        yield f"{key} = {value}: to be learned, perturbation.kind should be {OF_KIND[key]!r}; it is {kind!r}"
    least = {"plasticity.eligibility_time_ms": step, "plasticity.weight_time_ms": length}.get(key, 0)
    if key in SIGNED:
        return
    if value == "" or value <= least:
        yield f"{key} = {value!r}: to be learned, allowed is more than {least:g}"
    elif key == RATE and MOST * step * value >= 1:
        yield f"{key} = {value}: to be learned, allowed is less than {1 / MOST / step:g}, one kick in {MOST} time steps"


def _estimators(config: Config) -> Iterator[str]:
    """Look at the comparison of estimators."""
    terms, horizons = config.estimate.terms, config.estimate.horizons
    if "33" not in terms or len(set(terms)) < len(terms):
        yield f"estimate.terms = {list(terms)}: allowed are terms that stand once, '33' among them"
    if list(horizons) != sorted(set(horizons)):
        yield f"estimate.horizons = {list(horizons)}: allowed are numbers that rise"
    if len(set(config.estimate.noise)) < len(config.estimate.noise):
        yield f"estimate.noise = {list(config.estimate.noise)}: a share stands twice, allowed is once"
