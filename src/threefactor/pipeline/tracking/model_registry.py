"""MLflow's registry of models: a model of a name has versions, and an alias points to one of them."""

import contextlib
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from numpy.typing import NDArray

from threefactor.experiment.settings.addresses import shown
from threefactor.experiment.settings.errors import SettingsError
from threefactor.pipeline.tracking.store import prepare, reach, said

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.models import ModelSignature

ALIAS = "best"
"""Points to the version that was registered last."""

PACKAGES = ("torch", "numpy")
"""What a registered model needs beside MLflow."""


class Model(NamedTuple):
    """What is registered."""

    name: str
    data: Path  # a file
    source: Path  # Python source that needs `PACKAGES` alone, whose function `_load_pyfunc` reads the data
    inputs: NDArray[Any]  # an example; trial, time, channel
    outputs: NDArray[Any]  # what the model answers; trial, network, time, output
    tags: Mapping[str, str]
    parameters: Mapping[str, object]
    metrics: Mapping[str, float]


def register(uri: str, experiment: str, model: Model) -> str:
    """Add a version to a model of the store, and let the alias point to it; return the version.

    Parameters
    ----------
    uri, experiment : str
        The store, and the experiment that gets a run for it.
    model : Model
        With its name in the registry.

    Raises
    ------
    OSError, SettingsError
        In one line: if the store cannot be reached, or refuses the name.
    """
    prepare()
    from mlflow.exceptions import MlflowException

    client, number = reach(uri, experiment)
    try:
        with _store(uri):
            return _register(client, number, model)
    except MlflowException as problem:
        if problem.error_code == "INVALID_PARAMETER_VALUE":
            raise SettingsError(f"model {model.name!r}: {said(problem)}") from None
        raise OSError(f"tracking.uri = {shown(uri)!r}: {said(problem)}") from problem


def _register(client: "MlflowClient", experiment: str, model: Model) -> str:
    """Make the run, log the model, and add the version."""
    import mlflow
    from mlflow.exceptions import MlflowException

    try:
        client.create_registered_model(model.name)
    except MlflowException as problem:
        if problem.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
    with mlflow.start_run(
        experiment_id=experiment, run_name=f"register {model.name}", tags=dict(model.tags)
    ) as run:
        mlflow.log_params(dict(model.parameters))
        mlflow.log_metrics(dict(model.metrics))
        logged = mlflow.pyfunc.log_model(
            name="networks",
            loader_module=model.source.stem,
            data_path=str(model.data),
            code_paths=[str(model.source)],
            signature=_signature(model),
            input_example=model.inputs,
            pip_requirements=[f"{name}=={metadata.version(name).partition('+')[0]}" for name in PACKAGES],
        )
    made = client.create_model_version(
        model.name, logged.model_uri, run.info.run_id, dict(model.tags), model_id=logged.model_id
    )
    client.set_registered_model_alias(model.name, ALIAS, made.version)
    return str(made.version)


def _signature(model: Model) -> "ModelSignature":
    """Return types and shapes of inputs and outputs, for any number of trials and time steps."""
    from mlflow.models import ModelSignature
    from mlflow.types import Schema, TensorSpec

    inputs, outputs = model.inputs, model.outputs
    return ModelSignature(
        Schema([TensorSpec(inputs.dtype, (-1, -1, inputs.shape[2]))]),
        Schema([TensorSpec(outputs.dtype, (-1, outputs.shape[1], -1, outputs.shape[3]))]),
    )


@contextlib.contextmanager
def _store(uri: str) -> Iterator[None]:
    """Let MLflow's functions without a client use this store."""
    import mlflow

    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(uri)
    try:
        yield
    finally:
        mlflow.set_tracking_uri(before)
