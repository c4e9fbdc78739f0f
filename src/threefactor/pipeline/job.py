"""One job: the only place that reads inputs, writes outputs, records, resumes and shows progress.

A stage is a module of this folder with one function, ``compute(job: Job) -> dict[str, Output]``, which
returns one value for each declared output.
"""

import contextlib
import hashlib
import logging
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import torch

from threefactor.config import uses
from threefactor.experiment.settings.errors import ConfigError
from threefactor.pipeline.identity import describe
from threefactor.pipeline.settings.model import Config
from threefactor.config.paths import Files
from threefactor.kernels import precision
from threefactor.pipeline.storage import arrays, outputs
from threefactor.pipeline.storage.checkpoint import Checkpoint, alone
from threefactor.pipeline.storage.outputs import Output
from threefactor.pipeline.tracking.client import Description, Record, record
from threefactor.pipeline.progress import Advance, progress

Compute = Callable[["Job"], Mapping[str, Output]]

PICTURED = {".csv", ".json", ".svg", ".pdf", ".png", ".txt", ".html", ".md"}
"""Kinds of output that are copied into the record; arrays stay where they are."""


class Job(NamedTuple):
    """What a stage may see and do."""

    stage: str
    config: Config
    wildcards: dict[str, str]
    inputs: dict[str, list[Path]]
    outputs: dict[str, Path]
    device: torch.device
    log: logging.Logger
    record: Record
    saved: Checkpoint

    def table(self, path: Path) -> pd.DataFrame:
        """Read a table."""
        return outputs.read_table(path)

    def arrays(self, path: Path) -> dict[str, torch.Tensor]:
        """Read named arrays, to the job's device."""
        return arrays.load(path, self.device)

    def json(self, path: Path) -> dict[str, object]:
        """Read a JSON object."""
        return outputs.read_json(path)

    def progress(
        self, total: int, description: str, done: int = 0
    ) -> contextlib.AbstractContextManager[Advance]:
        """Show progress while a block runs.

        Parameters
        ----------
        total : int
            Pieces of work in all.
        description : str
            What they are.
        done : int
            Pieces done before, when the job goes on from a checkpoint.

        Returns
        -------
        context manager
            Its value has ``advance(n=1)``.
        """
        return progress(total, description, done, self.log)

    def metrics(self, values: Mapping[str, float], step: int) -> None:
        """Record values at a step; what is not finite is left out."""
        self.record.metrics(values, step)

    def checkpoint(self, state: Mapping[str, torch.Tensor]) -> None:
        """Keep all that is needed to go on from here, after the metrics up to here."""
        self.record.flush()
        self.saved.save(state)

    def resume(self) -> dict[str, torch.Tensor] | None:
        """Return the last checkpoint, on the job's device, if the same code and settings wrote it."""
        state = self.saved.load()
        if state is None:
            return None
        self.log.info("going on from %s", self.saved.path)
        return {name: tensor.to(self.device) for name, tensor in state.items()}


def run(compute: Compute, stage: str, config: Config, wildcards: dict[str, str], files: Files) -> None:
    """Run one job: load, compute, save.

    Parameters
    ----------
    compute : callable
        The stage's function.
    stage : str
        Name of the stage.
    config : Config
        All settings.
    wildcards : dict of str to str
        What tells this job from its siblings, for example ``{"learning_rule": "theta_33", "batch": "0"}``.
    files : Files
        Inputs and outputs.

    Raises
    ------
    FileNotFoundError
        If an input is missing.
    ValueError
        If the stage returns other outputs than the declared ones.
    """
    torch.set_num_threads(1)  # so that results do not depend on how many jobs run side by side
    inputs, device = _existing(stage, files), resolve(config.device)  # before any folder is made
    first = next(iter(files.outputs.values()))
    with alone(Path(f"{first}.lock")), _job(stage, config, wildcards, inputs, files, device) as job:
        job.log.info("%s begins on %s", " ".join([stage, *wildcards.values()]), job.device)
        with precision.matmul(config.tf32):
            results = compute(job)
        if set(results) != set(job.outputs):
            raise ValueError(f"{stage} returned {sorted(results)}, declared are {sorted(job.outputs)}")
        outputs.save({path: results[name] for name, path in job.outputs.items()})
        job.record.artifacts([path for path in job.outputs.values() if path.suffix in PICTURED])
        job.saved.discard()
        job.log.info("wrote %s", ", ".join(map(str, job.outputs.values())))


def _existing(stage: str, files: Files) -> dict[str, list[Path]]:
    """Return the inputs, all of which exist."""
    inputs = {name: [Path(path) for path in paths] for name, paths in files.inputs.items()}
    for path in [path for paths in inputs.values() for path in paths]:
        if not path.exists():
            raise FileNotFoundError(
                f"{stage}: input {path} does not exist; run the stage that makes it first"
            )
    return inputs


@contextlib.contextmanager
def _job(
    stage: str,
    config: Config,
    wildcards: dict[str, str],
    inputs: dict[str, list[Path]],
    files: Files,
    device: torch.device,
) -> Iterator[Job]:
    """Open the record and the checkpoint of a job."""
    named = {name: Path(path) for name, path in files.outputs.items()}
    first = next(iter(named.values()))
    saved = Checkpoint(Path(f"{first}.checkpoint"), fingerprint(stage, config, wildcards, device, inputs))
    note = Path(f"{first}.run")
    with record(_description(stage, config, wildcards, device, note)) as current:
        log = logging.getLogger(f"threefactor.{stage}")
        yield Job(stage, config, wildcards, inputs, named, device, log, current, saved)


def by_folder(job: Job, name: str) -> dict[str, pd.DataFrame]:
    """Read the tables of an input, each under the rule that its folder is named after."""
    return {path.parent.name: job.table(path) for path in job.inputs[name]}


def resolve(device: str) -> torch.device:
    """Turn the setting into a device: 'auto' is a GPU if there is one.

    Raises
    ------
    ConfigError
        If a GPU is wanted and torch sees none.
    """
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cuda" and not torch.cuda.is_available():
        raise ConfigError("device = 'cuda': torch sees no GPU here; allowed are 'cpu' and 'auto'")
    return torch.device(device)


def fingerprint(
    stage: str,
    config: Config,
    wildcards: Mapping[str, str],
    device: torch.device,
    inputs: Mapping[str, list[Path]],
) -> str:
    """Hash all that decides what a job computes: code, settings, inputs and device."""
    described = [
        *uses.shared_lines(config, stage),
        *uses.chosen_lines(config, stage, wildcards),
        *(f"{name} = {value}" for name, value in wildcards.items()),
        *(hashlib.sha256(path.read_bytes()).hexdigest() for paths in inputs.values() for path in paths),
        str(device),
    ]
    return hashlib.sha256("\n".join(described).encode()).hexdigest()


def _description(
    stage: str, config: Config, wildcards: Mapping[str, str], device: torch.device, note: Path
) -> Description:
    """Say what is recorded of a job beside its metrics."""
    tags = {"stage": stage, **wildcards, **describe(config), "device": str(device)}
    parameters = {**uses.settings(config, stage), **uses.choices(config, stage, wildcards), **wildcards}
    return Description(
        uri=config.tracking.uri,
        experiment=config.tracking.experiment,
        name=" ".join([stage, *wildcards.values()]),
        tags={f"threefactor.{name}": value for name, value in tags.items()},
        parameters=parameters,
        note=note,
    )
