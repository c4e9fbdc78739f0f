"""One job of a stage: the only place that reads inputs, writes outputs, tracks, resumes and shows progress.

A stage has one function, ``compute(work) -> Results``, in ``stages/<stage>/compute.py``.
"""

import contextlib
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import torch

from threefactor.experiment.device import resolve_device
from threefactor.experiment.spec import Spec
from threefactor.experiment.view import View
from threefactor.experiment.work import Loop, Results
from threefactor.kernels import backend, precision
from threefactor.pipeline import declared, fingerprints
from threefactor.pipeline.files import Files
from threefactor.pipeline.identity import describe
from threefactor.pipeline.inputs import Checked, FileInputs, blamed, checked, placed
from threefactor.pipeline.progress import progress
from threefactor.pipeline.storage import manifest, outputs
from threefactor.pipeline.storage.checkpoint import Checkpoint, alone
from threefactor.pipeline.storage.damage import DamagedError
from threefactor.pipeline.storage.trees import flatten, restore
from threefactor.pipeline.tracking.courier import track
from threefactor.pipeline.tracking.journal import SUFFIX, Description, Journal

State = TypeVar("State")
Item = TypeVar("Item")

PICTURED = {".csv", ".json", ".svg", ".pdf", ".png", ".txt", ".html", ".md"}
"""Kinds of output that are copied to the tracked run; arrays stay where they are."""

PATIENCE = 20
"""A checkpoint is due after so many times the time that the last one took to write: at most 5 % go into them."""


class Job(FileInputs):
    """A job as the stage's ``compute`` sees it; see `threefactor.experiment.work.Work`."""

    def __init__(
        self,
        inputs: FileInputs,
        wildcards: Mapping[str, str],
        log: logging.Logger,
        notes: Journal,
        saved: Checkpoint,
    ) -> None:
        super().__init__(inputs._paths, inputs._patterns, inputs.settings, inputs.device)
        self.wildcards, self.log = wildcards, log
        self._notes, self._saved = notes, saved

    def run(self, loop: Loop[State]) -> State:
        """Run a loop to its end, from where a killed job left it; return its last state."""
        state = self._resumed(loop)
        written, took = time.monotonic(), 0.0
        with progress(loop.total, loop.unit, loop.done(state), self.log) as bar:
            while not loop.is_finished(state):
                before, state = loop.done(state), loop.step(state)
                done = loop.done(state)
                self._notes.metrics(loop.metrics(state), done)
                bar.advance(done - before)
                if time.monotonic() - written >= PATIENCE * took:
                    took, written = self._keep(state), time.monotonic()
        return state

    def each(self, items: Sequence[Item], unit: str) -> Iterable[Item]:
        """Pass the items on, showing how far the job is."""
        with progress(len(items), unit, 0, self.log) as bar:
            for item in items:
                yield item
                bar.advance()

    def _resumed(self, loop: Loop[State]) -> State:
        """Return the state of the last checkpoint, if the same code and settings wrote it, or that of the start."""
        kept = self._saved.load(self.device)
        if kept is None:
            return loop.state
        self.log.info("going on from %s", self._saved.path)
        return restore(loop.state, kept)

    def _keep(self, state: Any) -> float:
        """Write a checkpoint, after the metrics up to here; return the seconds that it took."""
        began = time.monotonic()
        self._notes.flush()
        self._saved.save(flatten(state))
        return time.monotonic() - began


def run(
    compute: Callable[[Any], Results], config: Any, spec: Spec, wildcards: Mapping[str, str], files: Files
) -> None:
    """Run one job: read, compute, write.

    Parameters
    ----------
    compute : callable
        The function of the stage.
    config : Config
        All settings.
    spec : Spec
        The stage.
    wildcards : mapping of str to str
        What tells this job from its siblings, for example ``{"learning_rule": "theta_33", "batch": "0"}``.
    files : Files
        Inputs and outputs.

    Raises
    ------
    FileNotFoundError
        If an input is missing.
    DamagedError
        If one is not whole, or the stage made what it does not declare.
    ValueError
        If the stage returns other outputs than those it declares.
    """
    torch.set_num_threads(1)  # so that results do not depend on how many jobs run side by side
    places = {name: Path(path) for name, path in files.outputs.items()}
    patterns = {name: one.pattern for name, one in spec.inputs.items()}
    found = checked(spec.name, files, patterns)  # before any folder is made
    inputs = _inputs(config, spec, wildcards, found)
    first = next(iter(places.values()))
    with alone(Path(f"{first}.lock")), _job(config, spec, wildcards, inputs, found, first) as job:
        job.log.info("%s begins on %s", " ".join([spec.name, *wildcards.values()]), job.device)
        with precision.matmul(config.tf32), blamed(found, patterns):
            made = compute(job)
        if set(made.outputs) != set(places):
            raise ValueError(f"{spec.name}: returned {sorted(made.outputs)}, must return {sorted(places)}")
        _expect_declared(spec.name, made)
        by = manifest.Job(spec.name, wildcards, job._saved.fingerprint, placed(found, config.results))
        outputs.save_job(places, made.outputs, by)
        job._notes.metrics(made.metrics, 0)
        job._notes.artifacts([path for path in places.values() if path.suffix in PICTURED])
        job._saved.discard()
        job.log.info("wrote %s", ", ".join(map(str, places.values())))


def _expect_declared(stage: str, made: Results) -> None:
    """Refuse to write what a stage does not declare: no reader could take it."""
    for name, value in made.outputs.items():
        if fault := declared.fault_of(stage, name, value):
            raise DamagedError(f"{stage}: its {name} {fault}")


def _inputs(config: Any, spec: Spec, wildcards: Mapping[str, str], found: Checked) -> FileInputs:
    """Return the inputs, and the settings that the stage may read."""
    under = spec.effective(config, wildcards)
    view = View(under, fingerprints.declared_keys(under, spec, wildcards), f"stage {spec.name}")
    patterns = {name: one.pattern for name, one in spec.inputs.items()}
    return FileInputs(found.paths, patterns, view, resolve_device(config.device))


@contextlib.contextmanager
def _job(
    config: Any,
    spec: Spec,
    wildcards: Mapping[str, str],
    inputs: FileInputs,
    found: Checked,
    first: Path,
) -> Iterator[Job]:
    """Open the tracked run and the checkpoint of a job, beside its first output."""
    lines = fingerprints.lines(config, spec, wildcards)
    saved = Checkpoint(Path(f"{first}.checkpoint"), fingerprint(lines, wildcards, found, inputs.device))
    described = _description(config, spec, wildcards, inputs.device)._replace(fingerprint=saved.fingerprint)
    store = config.tracking
    with track(store.uri, store.experiment, Path(f"{first}{SUFFIX}"), described) as notes:
        log = logging.getLogger(f"threefactor.{spec.name}")
        yield Job(inputs, wildcards, log, notes, saved)


def fingerprint(
    lines: Sequence[str], wildcards: Mapping[str, str], found: Checked, device: torch.device
) -> str:
    """Hash all that decides what a job computes: code, settings, inputs, device, and compiled kernels or none."""
    described = [
        *lines,
        *(f"{name} = {value}" for name, value in wildcards.items()),
        *found.digests.values(),
        str(device),
        f"kernels: {backend.choose(torch.zeros(1, device=device))}",
    ]
    return fingerprints.digest(described)


def _description(config: Any, spec: Spec, wildcards: Mapping[str, str], device: torch.device) -> Description:
    """Say what is tracked of a job beside its metrics."""
    tags = {"stage": spec.name, **wildcards, **describe(config), "device": str(device)}
    under = spec.effective(config, wildcards)
    parameters = fingerprints.read(under, fingerprints.declared_keys(under, spec, wildcards))
    return Description(
        name=" ".join([spec.name, *wildcards.values()]),
        tags={f"threefactor.{name}": value for name, value in tags.items()},
        parameters={**parameters, **wildcards},
    )
