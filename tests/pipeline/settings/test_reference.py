"""The page and the schema of all settings, and the files of settings in ``config``."""

import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml

from threefactor.pipeline.settings import load, reference
from threefactor.pipeline.settings.schema import leaves, resolve, schema

ROOT = Path(__file__).parents[3]

FILES = sorted((ROOT / "config").glob("*.yaml"))


@pytest.mark.parametrize("place", reference.texts(), ids=str)
def test_the_reference_is_that_of_the_settings(place):
    repair = f"{place} is not as the settings say; to mend it: {reference.COMMAND}"
    assert (ROOT / place).exists(), repair
    assert (ROOT / place).read_text(encoding="utf-8") == reference.texts()[place], repair


def test_only_what_changed_is_written(tmp_path):
    assert len(reference.write(tmp_path)) == len(reference.texts())
    assert reference.write(tmp_path) == []


def test_the_page_has_every_key_with_its_default():
    page = reference.page(schema())
    for key, one in leaves(schema(), schema()):
        assert f"| `{key}` | " in page
        if isinstance(one.get("default"), int | float) and not isinstance(one["default"], bool):
            assert f"| `{key}` | `{one['default']}` |" in page
    assert "`metalearn.rules.<name>.start`" in page
    assert "`compare_conditions.published.<name>.median`" in page


def test_a_new_setting_is_on_the_page():
    whole = schema()
    whole["$defs"]["Network"]["properties"]["added"] = {
        "default": 3,
        "description": "added | here, in ms, for a test",
        "minimum": 1,
        "type": "integer",
    }
    row = "| `network.added` | `3` | ms | whole number ≥ 1 | added \\| here, for a test |"
    assert row in reference.page(whole).splitlines()


def test_every_number_has_a_meaning_and_a_unit():
    whole = schema()
    blocks = [
        ("", whole),
        *(("", resolve(whole, {"$ref": f"/{name}"})) for name in ("LearnedRule", "Published")),
    ]
    for key, one in (pair for above, block in blocks for pair in leaves(whole, block, above)):
        meaning, unit = reference.unit(one["description"])
        assert meaning, key
        numbers = [
            branch for branch in [one, *one.get("anyOf", [])] if branch.get("type") in ("integer", "number")
        ]
        if numbers and key != "seed":
            assert unit or meaning.startswith("number of "), f"{key}: {one['description']!r} names no unit"


def plain(path):
    """Read a file of settings as JSON has it: keys are texts."""
    return json.loads(json.dumps(yaml.safe_load(path.read_text(encoding="utf-8"))))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_editor_finds_nothing_wrong_in_a_file(path):
    assert path.read_text(encoding="utf-8").startswith(
        "# yaml-language-server: $schema=settings.schema.json\n"
    )
    jsonschema.validate(plain(path), schema())


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        ({"network": {"unts": 3}}, ["network"]),
        ({"network": {"units": 1}}, ["network", "units"]),
        ({"transfer": {"conditions": {"a": {"network.unts": 3}}}}, ["transfer", "conditions", "a"]),
        ({"transfer": {"conditions": {"a": {"metalearn.steps": 3}}}}, ["transfer", "conditions", "a"]),
        (
            {"transfer": {"conditions": {"a": {"network.units": "x"}}}},
            ["transfer", "conditions", "a", "network.units"],
        ),
        ({"metalearn": {"rules": {"a": {"terms": "odd"}}}}, ["metalearn", "rules", "a"]),
    ],
)
def test_an_editor_finds_what_is_wrong(raw, place):
    with pytest.raises(jsonschema.ValidationError) as raised:
        jsonschema.validate(raw, schema())
    assert list(raised.value.absolute_path) == place


def test_the_default_file_is_the_default_experiment():
    """But for constants that were tuned: another experiment has other networks, and no such constants."""
    file = load.load(ROOT / "config/config.yaml")
    assert load.parse({}).tune.constants == {}
    assert file == load.parse({"tune": {"constants": file.tune.constants}})


def test_the_default_file_is_short_and_explains_each_key():
    lines = (ROOT / "config/config.yaml").read_text(encoding="utf-8").splitlines()
    assert len(lines) < 120
    named = set()
    for line in lines:
        key = re.match(r" *([\w.]+): *([^ #{]\S*)?(.*)", line)
        if key and key[2] and not key[1].count("."):
            # what is said once of a key holds for the same key of a rule
            assert " # " in key[3] or key[1] in named, line
            named.add(key[1])


def test_the_paper_settings_hold_the_scale_of_the_poster():
    config = load.load(ROOT / "config/paper.yaml")
    assert (config.network.units, config.network.time_step_ms, config.metalearn.degree) == (200, 1.0, 5)
    assert config.metalearn.trials == 500
    assert config.metalearn.networks >= 20
    assert config.retrain.networks * config.retrain.batches >= 20
