"""The job of the headline numbers reads every table that it says it reads, and writes them."""

import json
from pathlib import Path

from analysis.learning import headline_tables as made
from threefactor.analysis.learning.headline import headline
from threefactor.pipeline import files, job, registry
from threefactor.pipeline.settings import load
from threefactor.pipeline.storage import outputs
from threefactor.stages.headline.compute import compute


def test_the_summary_is_that_of_the_tables(tmp_path):
    rules = {"metalearn": {"rules": {"learned_random": {"start": "random"}}}, "retrain": {"rules": ["bptt"]}}
    config = load.parse({"results": str(tmp_path), "device": "cpu", "tracking": {"uri": ""}, **rules})
    of_job = files.of_job(config, registry.stages()["headline"], {})
    tables = {
        **{name: getattr(made, name)() for name in ("theta", "history", "accuracy", "spread")},
        "tests": made.comparisons(),
        **{name: getattr(made, name)() for name in ("criterion", "levels", "endings")},
        "alignment": made.aligned(),
    }
    outputs.save({Path(path): tables[name] for name, paths in of_job.inputs.items() for path in paths})
    job.run(compute, config, registry.stages()["headline"], {}, of_job)
    summary = json.loads(Path(of_job.outputs["summary"]).read_text())
    thetas, histories = ({"learned_random": tables[name]} for name in ("theta", "history"))
    parts = tables["accuracy"], made.aligned(), tables["spread"], tables["tests"]
    learning = (tables[name] for name in ("criterion", "levels", "endings"))
    wanted = headline(*learning, thetas, histories, *parts)
    assert summary == json.loads(json.dumps(wanted))
