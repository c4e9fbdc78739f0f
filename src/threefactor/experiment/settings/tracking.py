"""Settings of the record of runs."""

from pydantic import Field

from threefactor.experiment.settings.block import Block


class Tracking(Block):
    """Where MLflow keeps the record; results never depend on it."""

    uri: str = Field("sqlite:///mlflow.db", description="address of the MLflow store, '' for no record")
    experiment: str = Field("threefactor", min_length=1, description="name of the MLflow experiment")
