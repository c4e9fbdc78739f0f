"""The MLflow run of an invocation, and the file of settings that its jobs read."""

from uuid import uuid4

from snakemake.exceptions import WorkflowError

from threefactor.pipeline.identity import describe
from threefactor.pipeline.tracking import pipeline

os.environ.setdefault(pipeline.INVOCATION, uuid4().hex)

STORE = (CONFIG.tracking.uri, CONFIG.tracking.experiment)
SHOWN = [Path(CONFIG.results, name) for name in ("summary.json", "figures", "findings")]


envvars:
    "THREEFACTOR_INVOCATION",
    "PYTHONPATH",


onstart:
    if not workflow.touch:
        try:
            load.save(CONFIG, Path(SETTINGS))
        except SettingsError as problem:
            raise WorkflowError(str(problem)) from None
        tags = {f"threefactor.{name}": value for name, value in describe(CONFIG).items()}
        pipeline.begin(*STORE, tags, Path(SETTINGS))


onsuccess:
    if not workflow.touch:
        pipeline.end(*STORE, "FINISHED", SHOWN)


onerror:
    if not workflow.touch:
        pipeline.end(*STORE, "FAILED")
