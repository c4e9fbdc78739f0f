"""Settings: one line for what is wrong, every key described, one table of files."""

import errno
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from threefactor.config import paths, uses
from threefactor.pipeline.settings import load
from threefactor.experiment import rules as names
from threefactor.experiment.settings.block import Block
from threefactor.pipeline.settings.conflicts import conflicts
from threefactor.experiment.settings.errors import ConfigError
from threefactor.config.metalearn import LearnedRule
from threefactor.pipeline.settings.model import Config

ROOT = Path(__file__).parents[2]

WRONG = {
    "unknown key": ({"network": {"unts": 3}}, "'network.unts' = 3: allowed here are units, "),
    "unknown block": ({"netwrk": {}}, "'netwrk' = {}: allowed here are results, seed, "),
    "unknown key of a rule": (
        {"metalearn": {"rules": {"a": {"start": "random", "odd": 1}}}},
        "'metalearn.rules.a.odd' = 1: allowed here are start, ",
    ),
    "missing key": ({"metalearn": {"rules": {"a": {}}}}, "'metalearn.rules.a.start' is missing"),
    "text for a number": ({"network": {"units": "64"}}, "network.units = '64': should be a valid integer"),
    "truth for a number": ({"network": {"units": True}}, "network.units = True: should be a valid integer"),
    "number for a block": ({"task": 3}, "task = 3: should be a group of keys"),
    "out of range": ({"plasticity": {"clip": -1.0}}, "plasticity.clip = -1.0: should be greater than 0"),
    "one of a union": (
        {"plasticity": {"weight_time_ms": "x"}},
        "plasticity.weight_time_ms = 'x': should be a valid number or should be ''",
    ),
    "item of a list": ({"validate": {"step_sizes": [0.1, "a"]}}, "validate.step_sizes.1 = 'a'"),
    "choice": ({"device": "tpu"}, "device = 'tpu': should be 'auto', 'cpu' or 'cuda'"),
    "unknown task": ({"task": {"name": "dnm"}}, "task.name = 'dnm': allowed are "),
    "no snapshot to compare": (
        {"align": {"snapshots": [7]}},
        "align.snapshots = [7]: allowed are trials of which one at least is among retrain.snapshots, [0, 100,",
    ),
    "name of a table's own": (
        {"metalearn": {"rules": {"shuffled": {"start": "random"}}}, "retrain": {"rules": ["shuffled"]}},
        "metalearn.rules.shuffled: the name is that of another learning rule, allowed are names of your own",
    ),
    "name of a monomial of align": (
        {"metalearn": {"rules": {"term_11": {"start": "random"}}}, "retrain": {"rules": ["term_11"]}},
        "metalearn.rules.term_11: the name is that of another learning rule",
    ),
    "unknown rule": (
        {"retrain": {"rules": ["theta_33", "hebb"]}},
        "retrain.rules.1 = 'hebb': allowed are theta_",
    ),
    "start of no rule": ({"retrain": {"rules": ["start_bptt"]}}, "retrain.rules.0 = 'start_bptt'"),
    "bare polynomial": ({"retrain": {"rules": ["polynomial"]}}, "retrain.rules.0 = 'polynomial'"),
    "rule twice": ({"retrain": {"rules": ["bptt", "bptt"]}}, "retrain.rules.1 = 'bptt' stands twice"),
    "no such unit": ({"network": {"units": 8}}, "network.clamped.10: allowed are units 0 to 7"),
    "clamped output": ({"network": {"clamped": {0: 1.0}}}, "network.clamped.0: unit 0 is the output"),
    "kicks too dense": (
        {"perturbation": {"rate_per_ms": 0.1}},
        "perturbation.rate_per_ms = 0.1: allowed is less",
    ),
    "no such activation": (
        {"network": {"activation": "cube"}},
        "network.activation = 'cube': should be 'tanh', 'relu' or 'softplus' (rate of a unit by its state",
    ),
    "no synapse": ({"network": {"density": 0.0}}, "network.density = 0.0: should be greater than 0"),
    "too few synapses": (
        {"network": {"density": 0.005}},
        "network.density = 0.005: allowed is at least 0.0078125, a synapse onto each unit on average",
    ),
    "all inhibit": ({"network": {"inhibitory": 1.0}}, "network.inhibitory = 1.0: should be less than 1"),
    "none inhibits": (
        {"network": {"inhibitory": 0.001}},
        "network.inhibitory = 0.001: allowed are shares that leave both kinds among 125 free units, or ''",
    ),
    "outcomes of two units each": (
        {
            "task": {"name": "dpa", "dpa_cues": 3},
            "network": {"activation": "relu", "units": 8, "clamped": {1: 1.0, 2: 1.0, 3: 1.0}},
        },
        "task.dpa_cues = 3: allowed are up to 2, each outcome being 2 of 5 free units",
    ),
    "kicks for noise": (
        {"perturbation": {"kind": "waves"}},
        "perturbation.kind = 'waves': should be 'kicks' or 'noise'",
    ),
    "a start at noise that is none": (
        {
            "perturbation": {"kind": "noise", "noise": 0.0},
            "metalearn": {"rules": {"a": {"start": "kicks"}}},
            "retrain": {"rules": ["a"]},
        },
        "metalearn.rules.a.start = 'kicks': allowed is another start without kicks",
    ),
    "the reward's derivative where it has none": (
        {
            "task": {"reward": "correct"},
            "metalearn": {"rules": {"a": {"start": "random", "estimator": "evolution"}}},
            "retrain": {"rules": ["theta_33", "bptt"]},
        },
        "retrain.rules: 'bptt' is told the reward's derivative, which is zero almost everywhere with",
    ),
    "step too long": (
        {"network": {"time_step_ms": 200.0}},
        "network.time_step_ms = 200.0: allowed is at most 100",
    ),
    "no fifths": (
        {"task": {"duration_ms": 130.0}},
        "task.duration_ms = 130.0: allowed are multiples of 50.0",
    ),
    "delay between two steps": (
        {"task": {"delay_ms": 205.0}},
        "task.delay_ms = 205.0: allowed are multiples of 10.0 (a time step), or ''",
    ),
    "a single cue": ({"task": {"dpa_cues": 1}}, "task.dpa_cues = 1: should be greater than or equal to 2"),
    "fast decay": (
        {"plasticity": {"eligibility_time_ms": 5.0}},
        "eligibility_time_ms = 5.0: allowed is at least",
    ),
    "fast forgetting": ({"plasticity": {"weight_time_ms": 5.0}}, "weight_time_ms = 5.0: allowed is at least"),
    "late onset": (
        {"plasticity": {"onset_steps": 100}},
        "plasticity.onset_steps = 100: allowed is less than 100",
    ),
    "no trial after the warm-up": (
        {"plasticity": {"warm_up_trials": 2000}},
        "criterion.horizon = 2000: allowed is more than 2000 (plasticity.warm_up_trials)",
    ),
    "no trial after the warm-up of a condition": (
        {"transfer": {"conditions": {"late": {"plasticity.warm_up_trials": 2000}}}},
        "transfer.conditions.late: criterion.horizon = 2000: allowed is more than 2000 (plasticity.warm_up_trials)",
    ),
    "long window": ({"criterion": {"horizon": 50}}, "criterion.window = 100: allowed is at most 50"),
    "short lifetime": ({"metalearn": {"lifetime": 20}}, "metalearn.lifetime = 20: allowed is more than 20"),
    "score without noise": (
        {
            "metalearn": {"rules": {"a": {"start": "random", "estimator": "score_local"}}},
            "retrain": {"rules": ["a"]},
        },
        "metalearn.rules.a.noise = 0: allowed are positive",
    ),
    "exact gradient of a reward that has none": (
        {"task": {"reward": "correct"}},
        "metalearn.rules.learned_theta33.estimator = 'pathwise': allowed are 'score_local', ",
    ),
    "term beyond the degree": (
        {
            "metalearn": {"degree": 3, "rules": {"a": {"start": "random", "terms": ["35"]}}},
            "retrain": {"rules": ["a"]},
        },
        "metalearn.rules.a.terms: '35': allowed are digits up to 3",
    ),
    "start that is not learned": (
        {"metalearn": {"rules": {"a": {"start": "theta_22"}}}, "retrain": {"rules": ["a"]}},
        "metalearn.rules.a.start = 'theta_22': allowed is 'random', 'kicks' or",
    ),
    "term twice": (
        {
            "metalearn": {"rules": {"a": {"start": "random", "terms": ["33", "33"]}}},
            "retrain": {"rules": ["a"]},
        },
        "metalearn.rules.a.terms = ['33', '33']: a term stands twice",
    ),
    "name of another rule": (
        {"metalearn": {"rules": {"bptt": {"start": "random"}}}, "retrain": {"rules": ["bptt"]}},
        "metalearn.rules.bptt: the name is that of another",
    ),
    "infinite": ({"plasticity": {"clip": float("inf")}}, "plasticity.clip = inf: should be a finite number"),
    "not a number": (
        {"network": {"clamped": {1: float("nan")}}},
        "network.clamped.1 = nan: should be a finite",
    ),
    "folder that a shell would split": ({"results": "my results"}, "results = 'my results'"),
    "estimators away from θ₃₃": (
        {"estimate": {"terms": ["13", "11"]}},
        "estimate.terms = ['13', '11']: allowed are terms that stand once, '33' among them",
    ),
    "horizons that fall": (
        {"estimate": {"horizons": [50, 25]}},
        "estimate.horizons = [50, 25]: allowed are numbers that rise",
    ),
    "a noise twice": (
        {"estimate": {"noise": [0.5, 0.5]}},
        "estimate.noise = [0.5, 0.5]: a share stands twice",
    ),
    "regime without plasticity": (
        {"estimate": {"regimes": {"none": 0.0}}},
        "estimate.regimes.none = 0.0: should be greater than 0",
    ),
    "hidden rule that nobody looks for": (
        {"recover": {"terms": "odd", "rules": ["theta_33", "theta_12"]}},
        "recover.degree = 5, recover.terms = 'odd': allowed are such with term 12, which rule 'theta_12' needs",
    ),
    "learned rule that nobody looks for": (
        {"recover": {"degree": 3}},
        "recover.degree = 3, recover.terms = 'all': allowed are such with term 15, which rule 'learned_theta33' needs",
    ),
    "a hidden rule twice": (
        {"recover": {"rules": ["theta_33", "theta_33"]}},
        "recover.rules = ['theta_33', 'theta_33']: one stands twice, allowed is once",
    ),
    "too many folds": (
        {"analyse": {"decoding_folds": 11}},
        "analyse.decoding_folds = 11: allowed are 2 to 10",
    ),
    "unknown key of a condition": (
        {"transfer": {"conditions": {"a": {"network.unts": 3}}}},
        "transfer.conditions.a: unknown key 'network.unts' = 3: allowed here are units, ",
    ),
    "value of a condition": (
        {"transfer": {"conditions": {"a": {"network.units": "many"}}}},
        "transfer.conditions.a: network.units = 'many': should be a valid integer",
    ),
    "key that no condition changes": (
        {"transfer": {"conditions": {"a": {"metalearn.steps": 3}}}},
        "transfer.conditions.a: 'metalearn.steps' = 3: allowed are keys of task, network, ",
    ),
    "key below a number": (
        {"transfer": {"conditions": {"a": {"network.units.more": 3}}}},
        "transfer.conditions.a: 'network.units.more' = 3: 'units' has no keys",
    ),
    "conflict under a condition": (
        {"transfer": {"conditions": {"a": {"network.time_step_ms": 200.0}}}},
        "transfer.conditions.a: network.time_step_ms = 200.0: allowed is at most 100",
    ),
    "unknown task of a condition": (
        {"transfer": {"conditions": {"a": {"task.name": "dnm"}}}},
        "transfer.conditions.a: task.name = 'dnm': allowed are ",
    ),
    "unknown rule of transfer": (
        {"transfer": {"rules": ["hebb"]}},
        "transfer.rules.0 = 'hebb': allowed are ",
    ),
    "comparison with no condition": (
        {"transfer": {"untuned": "b"}},
        "transfer.untuned: 'b': allowed are conditions: regime_a",
    ),
    "no condition": (
        {"transfer": {"conditions": {}}},
        "transfer.conditions = {}: should have at least 1 of these",
    ),
    "one rule instead of a list": (
        {"transfer": {"conditions": {"a": {"transfer.rules": "theta_33"}}}},
        "transfer.conditions.a: transfer.rules = 'theta_33': should be a list, as [a, b] (",
    ),
    "a list instead of keys": (
        {"transfer": {"conditions": {"a": ["network.units"]}}},
        "transfer.conditions.a = ['network.units']: should be a group of keys, as {key: value} (",
    ),
    "the reward's derivative under a condition": (
        {"transfer": {"conditions": {"a": {"task.reward": "correct", "transfer.rules": ["bptt"]}}}},
        "transfer.conditions.a: transfer.rules: 'bptt' is told the reward's derivative, which is zero",
    ),
    "comparison with a condition that has no θ₃₃": (
        {"transfer": {"untuned": "a", "conditions": {"a": {"transfer.rules": ["bptt"]}}}},
        "transfer.untuned: 'a': allowed are conditions with 'theta_33' among their transfer.rules",
    ),
    "quartiles that fall": (
        {"transfer": {"published": {"regime_a": {"median": 8.0, "quartiles": [9.0, 5.0], "runs": 4}}}},
        "transfer.published.regime_a.quartiles = [9.0, 5.0]: allowed is one at most and one at least",
    ),
    "learning rate beside a θ of free norm": (
        {
            "metalearn": {
                "rules": {"a": {"start": "random", "norm": 0.0, "learn": ["plasticity.learning_rate"]}}
            },
            "retrain": {"rules": ["a"]},
        },
        "metalearn.rules.a.learn: 'plasticity.learning_rate' needs a positive norm (metalearn.rules.a.norm or",
    ),
    "a rule's own task of more outcomes than units": (
        {
            "task": {"dpa_cues": 26},
            "network": {"units": 20},
            "metalearn": {"rules": {"a": {"start": "random", "task": "dpa"}}},
            "retrain": {"rules": ["a"]},
        },
        "task.dpa_cues = 26: allowed are up to 17, each outcome being 1 of 17 free units",
    ),
    "not a mapping": ([1], "should be a group of keys"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_named_in_one_line(case):
    raw, words = WRONG[case]
    with pytest.raises(ConfigError) as raised:
        load.parse(raw, "file.yaml")
    message = str(raised.value)
    assert words in message
    assert message.startswith("file.yaml: ")
    assert "\n" not in message


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"seed: \xff\xfe", "not YAML in UTF-8: 'utf-8' codec can't decode"),
        (b"seed: 2024-13-45", "not YAML in UTF-8: month must be in 1..12"),
        (b"seed: [1", "not YAML in UTF-8: while parsing"),
        (b"just words", "the whole = 'just words': should be a group of keys"),
    ],
)
def test_a_file_that_is_no_yaml_is_named_in_one_line(content, words, tmp_path):
    path = tmp_path / "odd.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as raised:
        load.load(path)
    message = str(raised.value)
    assert message.startswith(f"{path}: {words}")
    assert "\n" not in message
    assert not message.endswith("()")


@pytest.mark.parametrize("text", ["{units", "[1", "{a: 2024-13-45}"])
def test_a_text_of_the_command_line_that_is_no_yaml_is_named_in_one_line(text):
    with pytest.raises(ConfigError, match=r"^--config network\.units=.*: not YAML, as '{units: 64}' is: .*$"):
        load.retype({"network": {"units": text}})


def test_settings_are_saved_whole_or_not_at_all(tmp_path, monkeypatch):
    load.save(Config(seed=1), tmp_path / "config.yaml")

    def fill_the_disk(path, text, **_):
        path.write_bytes(text.encode()[:100])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", fill_the_disk)
    with pytest.raises(
        ConfigError, match=r"^results = 'results': .*config\.yaml cannot be written: No space"
    ):
        load.save(Config(seed=2), tmp_path / "config.yaml")
    monkeypatch.undo()
    assert [path.name for path in tmp_path.iterdir()] == ["config.yaml"]
    assert load.load(tmp_path / "config.yaml").seed == 1


def test_results_inside_of_a_file_are_refused(tmp_path):
    (tmp_path / "file").touch()
    load.expect_folder(Config(results=f"{tmp_path}/none/yet"))
    with pytest.raises(
        ConfigError, match=r"^results = '.*/file/deeper': .*/file is a file, allowed are folders"
    ):
        load.expect_folder(Config(results=f"{tmp_path}/file/deeper"))


@pytest.mark.parametrize("estimator", ["pathwise", "reverse"])
def test_every_exact_estimator_needs_a_reward_with_a_gradient(estimator):
    def lines(reward):
        rule = LearnedRule(start="random").model_copy(update={"estimator": estimator})
        learned = Config().metalearn.model_copy(update={"rules": {"a": rule}})
        task = Config().task.model_copy(update={"reward": reward})
        chosen = Config().model_copy(update={"task": task, "metalearn": learned})
        return [line for line in conflicts(chosen) if line.startswith("metalearn.rules.a.estimator")]

    assert len(lines("correct")) == 1
    assert not lines("graded")


def test_several_problems_are_counted():
    with pytest.raises(ConfigError, match=r"network\.units = -3.*\(and 1 more: network\.gain\)"):
        load.parse({"network": {"units": -3, "gain": -1.0}})


def test_tasks_and_rules_are_known_by_their_files():
    assert "dnms" in names.tasks()
    assert "reward" not in names.tasks(), "a helper beside the tasks is none"
    assert {"bptt", "node_perturbation"} <= set(names.rule_files())


@pytest.mark.parametrize("file", ["config", "smoke", "paper", "miconi", "discovery", "tuning", "options"])
def test_settings_survive_being_written(file, tmp_path):
    config = load.load(ROOT / "config" / f"{file}.yaml")
    load.save(config, tmp_path / "config.yaml")
    assert load.load(tmp_path / "config.yaml") == config


def test_the_default_file_spells_every_key_out():
    def keys(tree):
        return {str(name): keys(value) if isinstance(value, dict) else None for name, value in tree.items()}

    given = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    assert keys(given) == keys(load.dump(load.load(ROOT / "config/config.yaml")))


def test_the_paper_settings_hold_the_posters_scale():
    config = load.load(ROOT / "config/paper.yaml")
    assert (config.network.units, config.network.time_step_ms, config.metalearn.degree) == (200, 1.0, 5)
    assert config.metalearn.lifetime == 500
    assert config.metalearn.networks >= 20
    assert config.retrain.networks * config.retrain.batches >= 20


def test_every_key_is_described_with_its_unit():
    for key, kind, description in _keys(Config):
        assert description, key
        if kind in (int, float) and key != "seed":
            assert re.search(r", no unit|\bms\b|per |number|trials|±|steps|dots|units", description), key


def _keys(model, above=""):
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Block):
            yield from _keys(kind, f"{above}{name}.")
        else:
            yield f"{above}{name}", kind, field.description


def test_settings_load_without_torch():
    code = "import sys; from threefactor.config import load, paths, uses; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("stage", paths.STAGES)
def test_a_stage_reads_only_settings_that_exist(stage):
    known = uses._flatten(load.dump(Config()))
    for prefix in (*uses.USES[stage], *uses.ELSEWHERE):
        assert any(uses._within(key, (prefix,)) for key in known), prefix


def test_each_job_reads_its_own_settings():
    config = load.parse(
        {
            "metalearn": {"rules": {"a": {"start": "random"}, "b": {"start": "theta_33"}}},
            "retrain": {"rules": ["a", "bptt"]},
        }
    )
    assert uses.choices(config, "metalearn", {"learned_rule": "b"})["metalearn.rules.b.start"] == "theta_33"
    assert not [key for key in uses.settings(config, "metalearn") if ".rules" in key]
    bptt = uses.choices(config, "retrain", {"learning_rule": "bptt", "batch": "0"})
    assert list(bptt) == ["retrain.bptt_learning_rate"]
    assert uses.choices(config, "retrain", {"learning_rule": "a", "batch": "0"}) == {}
    assert "retrain.bptt_learning_rate" not in uses.settings(config, "retrain")


def test_a_job_under_a_condition_reads_what_holds_there():
    config = load.parse({"transfer": {"conditions": {"a": {}, "b": {"network.units": 32}}}})
    read = {
        name: uses.choices(config, "transfer", {"condition": name, "learning_rule": "theta_33", "batch": "0"})
        for name in ("a", "b")
    }
    assert {name: found["network.units"] for name, found in read.items()} == {"a": 128, "b": 32}
    assert "network.units" not in uses.settings(config, "transfer")
    changed = load.parse(
        {"network": {"units": 64}, "transfer": {"conditions": {"a": {}, "b": {"network.units": 32}}}}
    )
    assert uses.chosen_lines(
        changed, "transfer", {"condition": "b", "learning_rule": "bptt", "batch": "0"}
    ) == (uses.chosen_lines(config, "transfer", {"condition": "b", "learning_rule": "bptt", "batch": "0"}))


def test_findings_of_conditions_are_told_without_a_summary(tmp_path):
    config = Config(results=str(tmp_path))
    assert set(load.findings(config).values()) == {""}
    (tmp_path / "judge").mkdir()
    (tmp_path / "judge/finding.json").write_text('{"transfer": "alone"}')
    assert load.findings(config)["transfer"] == "alone"
    (tmp_path / "summary.json").write_text('{"findings": {"transfer": "with all", "codes": "more"}}')
    assert load.findings(config)["transfer"] == "with all"
    assert load.findings(config)["codes"] == "more"


def test_the_start_of_a_learned_rule_waits_for_its_scaling():
    config = Config()
    job = {"learning_rule": "start_learned_random", "batch": "0"}
    assert paths.files(config, "retrain", job).inputs["theta"] == [
        "results/metalearn/learned_random/theta.csv"
    ]
    assert paths.files(config, "retrain", {**job, "learning_rule": "theta_33"}).inputs["theta"] == []


def test_learned_rules_of_the_raw_deviation_alone_are_hidden():
    def hidden(deviation):
        rules = {"a": {"start": "random", "deviation": "standardised"}, "b": {"start": "random"}}
        config = load.parse(
            {
                "metalearn": {"rules": rules},
                "plasticity": {"deviation": deviation},
                "retrain": {"rules": ["b"]},
            }
        )
        return paths.recover(config).inputs["theta"]

    assert hidden("raw") == ["results/metalearn/b/theta.csv"]
    assert hidden("normalised") == []


def test_conda_and_pip_agree():
    pins = dict(
        line.lower().split("==")
        for line in (ROOT / "envs/requirements.txt").read_text().split()
        if "==" in line
    )
    pins["pytorch"] = pins["torch"]
    wanted = yaml.safe_load((ROOT / "envs/threefactor.yaml").read_text())["dependencies"]
    for name, version in (line.split(" =") for line in wanted if not line.startswith("python ")):
        assert pins[name] == version, name


def test_both_backends_of_the_scans_are_among_the_code_of_a_stage():
    from threefactor.pipeline.fingerprints import code

    lines = " ".join(code("stages.retrain"))
    assert "kernels/compiled.py" in lines
    assert "kernels/reference.py" in lines


def test_a_key_of_one_task_concerns_those_who_run_that_task():
    def lines(cues, stage="retrain", wildcards=(), **more):
        raw = {"task": {"dpa_cues": cues}, "metalearn": {"rules": {"own": {"start": "theta_33", **more}}}}
        config = load.parse({**raw, "retrain": {"rules": ["own"]}})
        return [*uses.shared_lines(config, stage), *uses.chosen_lines(config, stage, dict(wildcards))]

    assert lines(3) == lines(4)
    own = {"stage": "metalearn", "wildcards": {"learned_rule": "own"}.items()}
    assert lines(3, **own) == lines(4, **own)
    assert lines(3, **own, task="dpa") != lines(4, **own, task="dpa")
    config = [load.parse({"task": {"name": "dpa", "dpa_cues": cues}}) for cues in (3, 4)]
    assert uses.shared_lines(config[0], "retrain") != uses.shared_lines(config[1], "retrain")
