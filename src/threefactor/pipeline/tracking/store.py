"""How the MLflow store is opened: by whoever comes first, alone, and never for long."""

import contextlib
import importlib
import logging
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from threefactor import homes
from threefactor.experiment.settings.addresses import shown
from threefactor.locks import take

if TYPE_CHECKING:
    from mlflow import MlflowClient

LOG = logging.getLogger(__name__)

SQLITE = "sqlite:///"

QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",  # a dead server would hang a job for 200 s
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
    "GIT_PYTHON_REFRESH": "quiet",
}


MISSING = "MLflow is not installed: pip install 'threefactor[pipeline]'"


def prepare() -> None:
    """Import MLflow, as a guest that neither calls home nor waits for a dead server.

    Raises
    ------
    ModuleNotFoundError
        If it is not installed, with the command that does it.
    """
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    homes.provide()
    try:
        importlib.import_module("mlflow")
    except ModuleNotFoundError as problem:
        raise ModuleNotFoundError(MISSING) from problem
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("mlflow").setLevel(logging.WARNING)


def said(problem: Exception) -> str:
    """Return what an exception says, in one line and without passwords."""
    return " ".join(shown(str(problem)).split())[:300] or type(problem).__name__


def open_store(uri: str, experiment: str) -> tuple["MlflowClient", str]:
    """Return a client and the number of the experiment; make both if they do not exist yet.

    Parameters
    ----------
    uri : str
        Address of the store, for example ``sqlite:///mlflow.db``.
    experiment : str
        Name of the experiment.
    """
    prepare()
    from mlflow import MlflowClient

    database = Path(uri.removeprefix(SQLITE)) if uri.startswith(SQLITE) else None
    with opening(database):
        is_fresh = database is not None and not database.exists()
        client = MlflowClient(uri)  # makes the tables of a fresh database, which takes 8 s
        number = _experiment(client, experiment, database)
        if is_fresh and database is not None:
            _write_ahead(database)
    return client, number


def reach(uri: str, experiment: str) -> tuple["MlflowClient", str]:
    """Open the store as `open_store` does, for who can do nothing without it.

    Raises
    ------
    OSError
        In one line, without passwords, if the store is broken or its server does not answer.
    """
    try:
        return open_store(uri, experiment)
    except Exception as problem:  # of SQLAlchemy, of requests, of MLflow
        raise OSError(
            f"tracking.uri = {shown(uri)!r}: must be a store that can be opened: {said(problem)}"
        ) from problem


ARTIFACTS = "mlruns"
"""Folder of artifacts, beside the database."""

PLACES = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
)
"""Where a database says where artifacts lie: table and column."""

KIND = {"mlflow.experimentKind": "custom_model_development"}
"""Makes the page of an experiment show runs and metrics, not traces of language models."""


def _experiment(client: "MlflowClient", name: str, database: Path | None) -> str:
    """Find or make the experiment; its artifacts lie beside its database."""
    found = client.get_experiment_by_name(name)
    place = (database.parent / ARTIFACTS).resolve().as_uri() if database else None
    if found is not None:
        if database is not None and place is not None and _has_moved(str(found.artifact_location), place):
            _follow(database, str(found.artifact_location), place)
        return str(found.experiment_id)
    return str(client.create_experiment(name, artifact_location=place, tags=KIND))


def _has_moved(before: str, place: str) -> bool:
    """Tell whether artifacts that lay beside the database are no longer where it says; elsewhere they are not ours."""
    parts = urlsplit(before)
    old = Path(unquote(parts.path))
    return parts.scheme == "file" and before != place and old.name == ARTIFACTS and not old.exists()


def _follow(database: Path, before: str, place: str) -> None:
    """Write the place of artifacts anew in a database that was moved with them: MLflow keeps it whole in each row."""
    LOG.warning("%s was moved: artifacts are now in %s", database, place)
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        for table, column in PLACES:
            starts = f"substr({column} || '/', 1, ?) = ?"
            connection.execute(
                f"UPDATE {table} SET {column} = ? || substr({column}, ?) WHERE {starts}",
                (place, len(before) + 1, len(before) + 1, f"{before}/"),
            )


def _write_ahead(database: Path) -> None:
    """Let readers and a writer work side by side; the database remembers it."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")


@contextlib.contextmanager
def opening(database: Path | None) -> Iterator[None]:
    """Hold a lock beside the database: of 16 jobs that opened a fresh one together, 15 died."""
    if database is None:
        yield
        return
    database.parent.mkdir(parents=True, exist_ok=True)
    with Path(f"{database}.lock").open("w") as file:
        take(file)
        yield
