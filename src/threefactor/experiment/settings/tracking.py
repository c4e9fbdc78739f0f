"""Settings of tracking."""

from pydantic import Field

from threefactor.experiment.settings.block import Block


class Tracking(Block):
    """Where MLflow tracks runs; results never depend on it."""

    uri: str = Field("sqlite:///mlflow.db", description="address of the MLflow store, '' for no tracking")
    experiment: str = Field("threefactor", min_length=1, description="name of the MLflow experiment")
