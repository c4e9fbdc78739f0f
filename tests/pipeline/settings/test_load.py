"""Settings from files: what is wrong is named in one line, with the key, its value and what it must be."""

import errno
import re
import subprocess
import sys
from pathlib import Path

import pytest

from threefactor.experiment import conditions
from threefactor.experiment.settings.errors import SettingsError
from threefactor.pipeline.settings import load

ROOT = Path(__file__).parents[3]

FILES = sorted(path.stem for path in (ROOT / "config").glob("*.yaml"))


def learned(**rule):
    """Return settings in which one rule is learned, and retrained alone."""
    return {"metalearn": {"rules": {"a": rule}}, "retrain": {"rules": ["a"]}}


def condition(**changed):
    """Return settings with one condition, keys with dots written as ``__``."""
    return {"transfer": {"conditions": {"a": {key.replace("__", "."): one for key, one in changed.items()}}}}


WRONG = {
    "unknown key": ({"network": {"unts": 3}}, "network.unts = 3", ["units", "gain"]),
    "unknown block": ({"netwrk": {}}, "netwrk = {}", ["results", "seed", "network"]),
    "unknown key of a rule": (
        learned(start="random", odd=1),
        "metalearn.rules.a.odd = 1",
        ["start", "terms"],
    ),
    "missing key": ({"metalearn": {"rules": {"a": {}}}}, "metalearn.rules.a.start", ["given"]),
    "text for a number": ({"network": {"units": "64"}}, "network.units = '64'", ["integer"]),
    "truth for a number": ({"network": {"units": True}}, "network.units = True", ["integer"]),
    "number for a block": ({"task": 3}, "task = 3", ["group of keys"]),
    "out of range": ({"plasticity": {"clip": -1.0}}, "plasticity.clip = -1.0", ["greater than 0"]),
    "one of a union": (
        {"plasticity": {"weight_time_ms": "x"}},
        "plasticity.weight_time_ms = 'x'",
        ["number", "''"],
    ),
    "item of a list": ({"validate": {"step_sizes": [0.1, "a"]}}, "validate.step_sizes.1 = 'a'", ["number"]),
    "choice": ({"device": "tpu"}, "device = 'tpu'", ["'auto'", "'cpu'", "'cuda'"]),
    "a home that nothing fills in": (
        {"tracking": {"uri": "sqlite:///~/mlflow.db"}},
        "tracking.uri = 'sqlite:///~/mlflow.db'",
        ["~ or $NAME"],
    ),
    "a variable that nothing fills in": (
        {"tracking": {"uri": "sqlite:////$SCRATCH/mlflow.db"}},
        "tracking.uri = 'sqlite:////$SCRATCH/mlflow.db'",
        ["~ or $NAME"],
    ),
    "a home as results": ({"results": "~/results"}, "results = '~/results'", ["match"]),
    "unknown task": ({"task": {"name": "dnm"}}, "task.name = 'dnm'", ["context", "dnms"]),
    "no snapshot to compare": (
        {"align": {"snapshots": [7]}},
        "align.snapshots = [7]",
        ["[0, 25, 50, 100, 200, 400, 800, 1600]"],
    ),
    "levels that rise": ({"retrain": {"levels": [0.5, 0.7]}}, "retrain.levels = [0.5, 0.7]", ["fall"]),
    "no level": ({"retrain": {"levels": []}}, "retrain.levels = []", ["at least 1"]),
    "a level of no error": (
        {"retrain": {"levels": [0.5, 0.0]}},
        "retrain.levels.1 = 0.0",
        ["greater than 0"],
    ),
    "a horizon of no rule": (
        {"retrain": {"horizons": {"oja": 10}}},
        "retrain.horizons.oja",
        ["theta_<k><l>", "bptt"],
    ),
    "a level at which no weights are kept": (
        {"analyse": {"level": 0.6}},
        "analyse.level = 0.6",
        ["0.7, 0.5, 0.35, 0.2", "retrain.levels"],
    ),
    "levels without that of the analysis": (
        {"retrain": {"levels": [0.7, 0.2]}},
        "analyse.level = 0.5",
        ["0.7, 0.2"],
    ),
    "name that tables have": (
        {"metalearn": {"rules": {"shuffled": {"start": "random"}}}, "retrain": {"rules": ["shuffled"]}},
        "metalearn.rules.shuffled",
        ["a name of its own"],
    ),
    "name of a monomial of align": (
        {"metalearn": {"rules": {"term_11": {"start": "random"}}}, "retrain": {"rules": ["term_11"]}},
        "metalearn.rules.term_11",
        ["a name of its own"],
    ),
    "name of another rule": (
        {"metalearn": {"rules": {"bptt": {"start": "random"}}}, "retrain": {"rules": ["bptt"]}},
        "metalearn.rules.bptt",
        ["a name of its own"],
    ),
    "unknown rule": (
        {"retrain": {"rules": ["theta_33", "oja"]}},
        "retrain.rules.1 = 'oja'",
        ["theta_<k><l>", "start_learned_random", "bptt"],
    ),
    "start of no rule": ({"retrain": {"rules": ["start_bptt"]}}, "retrain.rules.0 = 'start_bptt'", ["bptt"]),
    "bare polynomial": ({"retrain": {"rules": ["polynomial"]}}, "retrain.rules.0 = 'polynomial'", ["bptt"]),
    "rule twice": ({"retrain": {"rules": ["bptt", "bptt"]}}, "retrain.rules.1 = 'bptt'", ["once"]),
    "no such unit": ({"network": {"units": 8}}, "network.clamped.10", ["0 to 7"]),
    "clamped output": ({"network": {"clamped": {0: 1.0}}}, "network.clamped.0", ["another unit"]),
    "perturbations too dense": (
        {"perturbation": {"rate_per_ms": 0.1}},
        "perturbation.rate_per_ms = 0.1",
        ["less than 0.1"],
    ),
    "no such activation": (
        {"network": {"activation": "cube"}},
        "network.activation = 'cube'",
        ["'tanh'", "'relu'", "'softplus'"],
    ),
    "no synapse": ({"network": {"density": 0.0}}, "network.density = 0.0", ["greater than 0"]),
    "too few synapses": (
        {"network": {"density": 0.005}},
        "network.density = 0.005",
        ["at least 0.0078125"],
    ),
    "all inhibit": ({"network": {"inhibitory": 1.0}}, "network.inhibitory = 1.0", ["less than 1", "''"]),
    "none inhibits": ({"network": {"inhibitory": 0.001}}, "network.inhibitory = 0.001", ["125", "''"]),
    "feedback of a unit": (
        {"network": {"feedback": 0.5}},
        "network.feedback = 0.5",
        ["0 with network.readout = 'unit'"],
    ),
    "feedback onto some synapses": (
        {"network": {"feedback": 0.5, "readout": "random", "density": 0.5}},
        "network.feedback = 0.5",
        ["0 with network.density < 1"],
    ),
    "feedback under Dale's law": (
        {"network": {"feedback": 0.5, "readout": "random", "inhibitory": 0.2}},
        "network.feedback = 0.5",
        ["network.inhibitory"],
    ),
    "outcomes of two units each": (
        {
            "task": {"name": "dpa", "dpa": {"cues": 3}},
            "network": {"activation": "relu", "units": 8, "clamped": {1: 1.0, 2: 1.0, 3: 1.0}},
        },
        "task.dpa.cues = 3",
        ["at most 2"],
    ),
    "a single cue": ({"task": {"dpa": {"cues": 1}}}, "task.dpa.cues = 1", ["greater than or equal to 2"]),
    "setting of no learning rule": (
        {"learning_rules": {"rflo": {"feedback": "none"}}},
        "learning_rules.rflo.feedback = 'none'",
        ["'random'", "'symmetric'"],
    ),
    "no such perturbation": (
        {"perturbation": {"kind": "waves"}},
        "perturbation.kind = 'waves'",
        ["'sparse'", "'gaussian'"],
    ),
    "a start at perturbations that are none": (
        {"perturbation": {"kind": "gaussian", "noise": 0.0}, **learned(start="perturbation")},
        "metalearn.rules.a.start = 'perturbation'",
        ["another start"],
    ),
    "a readout that is a unit and moves": (
        {"retrain": {"rules": ["theta_33", "force"]}},
        "retrain.rules: 'force'",
        ["network.readout = 'random'"],
    ),
    "a readout that is a unit and moves, in a condition": (
        {
            "network": {"readout": "random"},
            "transfer": {"rules": ["full_force"], "conditions": {"units": {"network.readout": "unit"}}},
        },
        "transfer.conditions.units: transfer.rules: 'full_force'",
        ["network.readout = 'random'"],
    ),
    "the reward's derivative where it has none": (
        {
            "task": {"reward": "correct"},
            "metalearn": {"rules": {"a": {"start": "random", "estimator": "evolution"}}},
            "retrain": {"rules": ["theta_33", "bptt"]},
        },
        "retrain.rules: 'bptt'",
        ["the reward alone"],
    ),
    "step too long": (
        {"network": {"time_step_ms": 200.0}},
        "network.time_step_ms = 200.0",
        ["at most 100.0 (network.time_constant_ms)"],
    ),
    "no fifths": ({"task": {"duration_ms": 130.0}}, "task.duration_ms = 130.0", ["a multiple of 50.0"]),
    "delay between two steps": (
        {"task": {"delay_ms": 205.0}},
        "task.delay_ms = 205.0",
        ["a multiple of 10.0", "''"],
    ),
    "fast decay": (
        {"plasticity": {"eligibility_time_ms": 5.0}},
        "plasticity.eligibility_time_ms = 5.0",
        ["at least 10.0", "''"],
    ),
    "fast forgetting": (
        {"plasticity": {"weight_time_ms": 5.0}},
        "plasticity.weight_time_ms = 5.0",
        ["at least 1000.0", "''"],
    ),
    "late onset": ({"plasticity": {"onset_steps": 100}}, "plasticity.onset_steps = 100", ["less than 100"]),
    "no trial after the warm-up": (
        {"plasticity": {"warm_up_trials": 2000}},
        "criterion.horizon = 2000",
        ["more than 2000 (plasticity.warm_up_trials)"],
    ),
    "no trial after the warm-up of a condition": (
        condition(plasticity__warm_up_trials=2000),
        "transfer.conditions.a: criterion.horizon = 2000",
        ["more than 2000 (plasticity.warm_up_trials)"],
    ),
    "long window": (
        {"criterion": {"horizon": 50}},
        "criterion.window = 100",
        ["at most 50 (criterion.horizon)"],
    ),
    "short learning run": (
        {"metalearn": {"trials": 20}},
        "metalearn.trials = 20",
        ["more than 20 trials (plasticity.warm_up_trials)"],
    ),
    "score without noise": (
        learned(start="random", estimator="score_local"),
        "metalearn.rules.a.noise = 0",
        ["positive"],
    ),
    "exact gradient of a reward that has none": (
        {"task": {"reward": "correct"}},
        "metalearn.rules.learned_theta33.estimator = 'pathwise'",
        ["'score_local'", "'score_total'", "'evolution'"],
    ),
    "term beyond the degree": (
        {
            "metalearn": {"degree": 3, "rules": {"a": {"start": "random", "terms": ["35"]}}},
            "retrain": {"rules": ["a"]},
        },
        "metalearn.rules.a.terms: '35'",
        ["up to 3 (metalearn.degree)"],
    ),
    "start that is not learned": (
        learned(start="theta_22"),
        "metalearn.rules.a.start = 'theta_22'",
        ["'random'", "'perturbation'"],
    ),
    "term twice": (
        learned(start="random", terms=["33", "33"]),
        "metalearn.rules.a.terms = ['33', '33']",
        ["once"],
    ),
    "learning rate beside a θ of free norm": (
        learned(start="random", norm=0.0, hyperparameters=["plasticity.learning_rate"]),
        "metalearn.rules.a.norm = 0",
        ["positive", "'plasticity.learning_rate'"],
    ),
    "a rule's own task of more outcomes than units": (
        {
            "task": {"dpa": {"cues": 26}},
            "network": {"units": 20},
            **learned(start="random", task="dpa"),
        },
        "task.dpa.cues = 26",
        ["at most 17"],
    ),
    "infinite": ({"plasticity": {"clip": float("inf")}}, "plasticity.clip = inf", ["finite"]),
    "not a number": ({"network": {"clamped": {1: float("nan")}}}, "network.clamped.1 = nan", ["finite"]),
    "folder that a shell would split": (
        {"results": "my results"},
        "results = 'my results'",
        ["^/?[\\w+][\\w.+-]*(/"],
    ),
    "estimators away from θ₃₃": (
        {"estimate": {"terms": ["13", "11"]}},
        "estimate.terms = ['13', '11']",
        ["'33'"],
    ),
    "horizons that fall": ({"estimate": {"horizons": [50, 25]}}, "estimate.horizons = [50, 25]", ["rise"]),
    "a noise twice": (
        {"estimate": {"noise": [0.5, 0.5]}},
        "estimate.noise = [0.5, 0.5]",
        ["each value once"],
    ),
    "no plasticity": (
        {"estimate": {"plasticity_strength": {"none": 0.0}}},
        "estimate.plasticity_strength.none = 0.0",
        ["greater than 0"],
    ),
    "ground truth outside the terms": (
        {"recover": {"terms": "odd", "rules": ["theta_33", "theta_12"]}},
        "recover.degree = 5, recover.terms = 'odd'",
        ["term 12"],
    ),
    "learned ground truth outside the terms": (
        {"recover": {"degree": 3}},
        "recover.degree = 3, recover.terms = 'all'",
        ["term 15"],
    ),
    "a ground truth twice": (
        {"recover": {"rules": ["theta_33", "theta_33"]}},
        "recover.rules = ['theta_33', 'theta_33']",
        ["once"],
    ),
    "gains twice": ({"validate": {"gains": [1.7, 1.7]}}, "validate.gains = [1.7, 1.7]", ["each value once"]),
    "no gains": ({"validate": {"gains": []}}, "validate.gains = []", ["at least 1"]),
    "times between steps": (
        {"analyse": {"interval_ms": 14.0}},
        "analyse.interval_ms = 14.0",
        ["a multiple of 10.0 (network.time_step_ms) up to 1000.0"],
    ),
    "times beyond a trial": ({"analyse": {"interval_ms": 5000.0}}, "analyse.interval_ms = 5000.0", ["up to"]),
    "too many folds": (
        {"analyse": {"decoding_folds": 11}},
        "analyse.decoding_folds = 11",
        ["2 to 10 (analyse.decoding_trials)"],
    ),
    "unknown key of a condition": (
        condition(network__unts=3),
        "transfer.conditions.a: network.unts = 3",
        ["units"],
    ),
    "value of a condition": (
        condition(network__units="many"),
        "transfer.conditions.a: network.units = 'many'",
        ["integer"],
    ),
    "key that no condition changes": (
        condition(metalearn__steps=3),
        "transfer.conditions.a: metalearn.steps = 3",
        ["task, network, ", "transfer.rules"],
    ),
    "key below a number": (
        condition(network__units__more=3),
        "transfer.conditions.a: network.units.more = 3",
        ["'units'"],
    ),
    "group of a condition": (
        condition(network={"units": 64}),
        "transfer.conditions.a: network = {'units': 64}",
        ["single keys", "'network.units'"],
    ),
    "conflict under a condition": (
        condition(network__time_step_ms=200.0),
        "transfer.conditions.a: network.time_step_ms = 200.0",
        ["at most 100.0"],
    ),
    "unknown task of a condition": (
        condition(task__name="dnm"),
        "transfer.conditions.a: task.name = 'dnm'",
        ["context", "dnms"],
    ),
    "unknown rule of transfer": ({"transfer": {"rules": ["oja"]}}, "transfer.rules.0 = 'oja'", ["bptt"]),
    "comparison with no condition": (
        {"compare_conditions": {"untuned": "b"}},
        "compare_conditions.untuned = 'b'",
        ["sparse_large"],
    ),
    "no condition": ({"transfer": {"conditions": {}}}, "transfer.conditions = {}", ["at least 1"]),
    "one rule instead of a list": (
        condition(transfer__rules="theta_33"),
        "transfer.conditions.a: transfer.rules = 'theta_33'",
        ["a list, as [a, b]"],
    ),
    "a list instead of keys": (
        {"transfer": {"conditions": {"a": ["network.units"]}}},
        "transfer.conditions.a = ['network.units']",
        ["{key: value}"],
    ),
    "the reward's derivative under a condition": (
        condition(task__reward="correct", transfer__rules=["bptt"]),
        "transfer.conditions.a: transfer.rules: 'bptt'",
        ["the reward alone"],
    ),
    "comparison with a condition that has no θ₃₃": (
        {
            "transfer": {"conditions": {"a": {"transfer.rules": ["bptt"]}}},
            "compare_conditions": {"untuned": "a"},
        },
        "compare_conditions.untuned = 'a'",
        ["'theta_33'"],
    ),
    "quartiles that fall": (
        {
            "compare_conditions": {
                "published": {"sparse_large": {"median": 8.0, "quartiles": [9.0, 5.0], "runs": 4}}
            }
        },
        "compare_conditions.published.sparse_large.quartiles = [9.0, 5.0]",
        ["8.0"],
    ),
    "not a mapping": ([1], "the whole = [1]", ["group of keys"]),
}
"""By what is wrong: the settings, the key and its value in the message, and what it says they must be."""


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_named_in_one_line(case):
    raw, place, allowed = WRONG[case]
    with pytest.raises(SettingsError) as raised:
        load.parse(raw, "file.yaml")
    message = str(raised.value)
    assert "\n" not in message
    assert message.startswith(f"file.yaml: {place}")
    _, must, after = message.partition(" must ")
    assert must
    for words in allowed:
        assert words in after


MISSPELT = {
    "network.unts": "network.units",
    "task.dpa_cues": "task.dpa.cues",
    "estimate.regimes": "estimate.plasticity_strength",
    "metalearn.lifetime": "metalearn.trials",
    "metalearn.rules.a.learn": "metalearn.rules.a.hyperparameters",
    "retrain.rflo_feedback": "learning_rules.rflo.feedback",
    "transfer.untuned": "compare_conditions.untuned",
    "ablate": "ablation",
}
"""Keys that are unknown, and what the message suggests."""


@pytest.mark.parametrize("key", MISSPELT)
def test_an_unknown_key_is_answered_with_the_one_that_was_meant(key):
    raw = 2
    for part in reversed(key.split(".")):
        raw = {part: raw, "start": "random"} if part == key.split("metalearn.rules.a.")[-1] else {part: raw}
    with pytest.raises(SettingsError) as raised:
        load.parse(raw)
    _, _, meant = str(raised.value).rpartition(";")
    assert repr(MISSPELT[key]) in meant or repr(MISSPELT[key].rpartition(".")[2]) in meant


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"seed: \xff\xfe", "not YAML in UTF-8: 'utf-8' codec can't decode"),
        (b"seed: 2024-13-45", "seed = '2024-13-45': must be a valid integer"),
        (b"seed: [1", "not YAML in UTF-8: while parsing"),
        (b"just words", "the whole = 'just words': must be a group of keys"),
    ],
)
def test_a_file_that_is_no_yaml_is_named_in_one_line(content, words, tmp_path):
    path = tmp_path / "odd.yaml"
    path.write_bytes(content)
    with pytest.raises(SettingsError) as raised:
        load.load(path)
    message = str(raised.value)
    assert message.startswith(f"{path}: {words}")
    assert "\n" not in message
    assert not message.endswith("()")


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(SettingsError, match=r"^--config .*/none\.yaml: No such file"):
        load.load(tmp_path / "none.yaml")


@pytest.mark.parametrize("text", ["{units", "[1", "{a: 'b}"])
def test_a_text_of_the_command_line_that_is_no_yaml_is_named_in_one_line(text):
    with pytest.raises(SettingsError, match=r"^--config network=.*: not YAML, as '{units: 64}' is: .*$"):
        load.options([f"network={text}"])


def test_a_key_that_stands_twice_on_the_command_line_is_refused():
    words = r"^--config network=.*: key 'units' in line 1: must stand once"
    with pytest.raises(SettingsError, match=words):
        load.options(["network={units: 20, units: 30}"])


def test_options_are_read_as_they_would_stand_in_a_file(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text("results: 2026_11_29\nseed: 1_000\ntf32: no\nnetwork: {clamped: {3: 0.5}}\n")
    options = ["results=2026_11_29", "seed=1_000", "tf32=no", "network={clamped: {3: 0.5}}"]
    assert load.parse(load.options(options)) == load.load(path)


NAMES = ("2026-11-29", "2026_11_29", "2026", "1.50", "0x1f", "010", "6e-3", "no", "on", "2026-13-45")


@pytest.mark.parametrize("text", NAMES)
def test_a_name_is_the_text_that_was_written(text, tmp_path):
    path = tmp_path / "config.yaml"
    for written in (text, f"'{text}'", f'"{text}"'):
        path.write_text(f"results: {written}\ntracking: {{experiment: {written}}}\n")
        found = load.load(path)
        assert (found.results, found.tracking.experiment) == (text, text)
        assert load.options([f"results={written}"]) == {"results": text}
    load.save(found, path)
    assert load.load(path) == found


def test_names_in_lists_and_keys_are_the_text_that_was_written(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text(
        "metalearn: {rules: {on: {start: random, terms: [13, 33]}, null: {start: random}}}\n"
        "retrain: {rules: [on, theta_33]}\nrecover: {rules: [theta_33]}\nnetwork: {clamped: {0x3: 1}}\n"
    )
    found = load.load(path)
    assert set(found.metalearn.rules) == {"on", "null"}
    assert found.metalearn.rules["on"].terms == ("13", "33")
    assert found.retrain.rules == ("on", "theta_33")
    assert found.network.clamped == {3: 1.0}


@pytest.mark.parametrize(
    ("text", "place", "hint"),
    [
        ("plasticity: {learning_rate: 6e-3}", "plasticity.learning_rate = '6e-3'", "did you mean 6.0e-3?"),
        ("plasticity: {learning_rate: 6.0e3}", "plasticity.learning_rate = '6.0e3'", "did you mean 6.0e+3?"),
        ("criterion: {horizon: 1e3}", "criterion.horizon = '1e3'", "did you mean 1000?"),
        ("seed: 010", "seed = '010'", "did you mean 10?"),
        ("network: {units: '64'}", "network.units = '64'", "did you mean 64?"),
        ("task: {duration_ms: 1:40}", "task.duration_ms = '1:40'", "(length of a trial with the usual delay, in ms)"),
    ],
)  # fmt: skip
def test_a_number_that_yaml_reads_otherwise_is_refused_with_how_to_write_it(text, place, hint, tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text(text)
    with pytest.raises(SettingsError) as raised:
        load.load(path)
    message = str(raised.value)
    assert message.startswith(f"{path}: {place}: must be a valid ")
    assert message.endswith(hint)
    assert "\n" not in message
    if hint.startswith("did you mean "):
        written = text.replace(place.rpartition(" = ")[2], place.rpartition(" = ")[2].strip("'"))
        meant = hint.removeprefix("did you mean ").removesuffix("?")
        path.write_text(re.sub(r"(: )'?[\d.e+-]+'?(?=}?$)", rf"\g<1>{meant}", written))
        load.load(path)


def test_settings_are_saved_whole_or_not_at_all(tmp_path, monkeypatch):
    load.save(load.parse({"seed": 1}), tmp_path / "config.yaml")

    def fill_the_disk(path, text, **_):
        path.write_bytes(text.encode()[:100])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", fill_the_disk)
    with pytest.raises(SettingsError, match=r"^results = 'results': .*config\.yaml .*: No space"):
        load.save(load.parse({"seed": 2}), tmp_path / "config.yaml")
    monkeypatch.undo()
    assert [path.name for path in tmp_path.iterdir()] == ["config.yaml"]
    assert load.load(tmp_path / "config.yaml").seed == 1


def test_results_do_not_overwrite_the_settings_that_ask_for_them(tmp_path):
    given = tmp_path / "config.yaml"
    load.expect_folder(load.parse({"results": f"{tmp_path}/results"}), [given])
    with pytest.raises(SettingsError, match=r"^results = '.*': must be another folder, .*config\.yaml would"):
        load.expect_folder(load.parse({"results": str(tmp_path)}), [given])


def test_a_condition_may_replace_a_setting_that_is_a_group_of_names():
    under = conditions.derive(load.parse(condition(network__clamped={3: 0.5})), "a")
    assert under.network.clamped == {3: 0.5}
    assert under.network.units == load.parse({}).network.units


@pytest.mark.parametrize(
    "text", ["seed: 1\nseed: 2", "network: {units: 5, gain: 1.0, units: 6}", "1: 2\n1: 3"]
)
def test_a_key_that_stands_twice_is_refused(text, tmp_path):
    path = tmp_path / "twice.yaml"
    path.write_text(text)
    with pytest.raises(
        SettingsError, match=r"twice\.yaml: key '\w+' in line \d: must stand once, line 1 has"
    ):
        load.load(path)


def test_anchors_and_merged_keys_stay_allowed(tmp_path):
    path = tmp_path / "merged.yaml"
    path.write_text("network: &own {units: 40}\n")
    assert load.load(path).network.units == 40
    path.write_text("transfer: {conditions: {a: &a {network.units: 30}, b: {<<: *a, network.units: 20}}}\n")
    assert load.load(path).transfer.conditions["b"] == {"network.units": 20}


def test_results_inside_of_a_file_are_refused(tmp_path):
    (tmp_path / "file").touch()
    load.expect_folder(load.parse({"results": f"{tmp_path}/none/yet"}))
    with pytest.raises(SettingsError, match=r"^results = '.*/file/deeper': must be a folder, .*/file is"):
        load.expect_folder(load.parse({"results": f"{tmp_path}/file/deeper"}))


@pytest.mark.parametrize("estimator", ["pathwise", "reverse"])
def test_every_exact_estimator_needs_a_reward_with_a_gradient(estimator):
    raw = learned(start="random", estimator=estimator)
    load.parse({**raw, "task": {"reward": "graded"}})
    with pytest.raises(SettingsError, match=rf"metalearn\.rules\.a\.estimator = '{estimator}'"):
        load.parse({**raw, "task": {"reward": "correct"}})


def test_several_problems_are_counted():
    with pytest.raises(SettingsError, match=r"network\.units = -3.*\(and 1 more: network\.gain\)"):
        load.parse({"network": {"units": -3, "gain": -1.0}})


@pytest.mark.parametrize("file", FILES)
def test_settings_survive_being_written(file, tmp_path):
    config = load.load(ROOT / "config" / f"{file}.yaml")
    load.save(config, tmp_path / "config.yaml")
    assert load.load(tmp_path / "config.yaml") == config


def test_settings_and_stages_are_known_without_torch():
    code = (
        "import sys; from threefactor.pipeline import registry; from threefactor.pipeline.settings import load; "
        "load.parse({}); registry.stages(); registry.figures(); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    "uri", ["http://host/~me/mlflow", "https://me:a$b@host", "sqlite:///a~1/mlflow.db", "mlruns"]
)
def test_an_address_that_is_written_out_is_taken(uri):
    assert load.parse({"tracking": {"uri": uri}}).tracking.uri == uri


FOLDERS = [
    "-rf",
    "..",
    ".",
    "a/../b",
    "../results",
    "results/.git",
    ".hidden",
    "~/results",
    "a b",
    "a;b",
    "$(b)",
    "a\n",
    "",
]
"""Names that a program would take for an option, that lead out of the project, or that a shell would read."""


@pytest.mark.parametrize("name", FOLDERS)
def test_a_folder_that_is_no_plain_name_is_refused(name):
    with pytest.raises(SettingsError, match=r"^config: results = .*: must match "):
        load.parse({"results": name})


@pytest.mark.parametrize("name", ["results", "results/smoke", "/tmp/results", "2026-11-29", "a_b+c.d/e-f"])
def test_a_plain_folder_is_taken(name):
    assert load.parse({"results": name}).results == name


@pytest.mark.parametrize(
    "raw",
    [
        {"a\nb": 1},
        {"metalearn": {"rules": {"a\nb": {"start": "theta_33"}}}},
        {"tune": {"constants": {"a\rb": {}}}},
        {"task": {"name": "a\u2028b"}},
        {b"\xff": 1},
        {"seed": b"\xff"},
    ],
    ids=range(6),
)
def test_whatever_a_key_or_value_holds_the_message_is_one_line(raw):
    with pytest.raises(SettingsError) as raised:
        load.parse(raw)
    assert len(str(raised.value).splitlines()) == 1


ADDRESSES = ["http://me:secret@host:5000", "postgresql://me:sec@ret@host/runs"]


@pytest.mark.parametrize("uri", ADDRESSES)
def test_a_password_is_neither_written_nor_said(uri, tmp_path):
    config = load.parse({"tracking": {"uri": uri}})
    assert config.tracking.uri == uri, "who connects has it"
    load.save(config, tmp_path / "config.yaml")
    text = (tmp_path / "config.yaml").read_text()
    assert "://host" in text
    for wrong in ({"tracking": {"address": uri}}, {"seed": uri}, {"tracking": uri}):
        with pytest.raises(SettingsError) as raised:
            load.parse(wrong)
        text += str(raised.value)
    assert "sec" not in text.replace("seconds", "")
    assert "ret@" not in text
