"""The MLflow run of an invocation, and the file of settings that its jobs read."""

from uuid import uuid4

from snakemake.exceptions import WorkflowError

from threefactor.pipeline.identity import describe
from threefactor.pipeline.tracking.journal import INVOCATION, SUFFIX
from threefactor.pipeline.tracking.pipeline import TrackedPipeline

os.environ.setdefault(INVOCATION, uuid4().hex)

TRACKED = TrackedPipeline(
    CONFIG.tracking.uri, CONFIG.tracking.experiment, Path(CONFIG.results, f"pipeline{SUFFIX}")
)
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
        TRACKED.begin(tags, Path(SETTINGS), files.journals(CONFIG))


onsuccess:
    if not workflow.touch:
        TRACKED.end("FINISHED", SHOWN)


onerror:
    if not workflow.touch:
        TRACKED.end("FAILED")
