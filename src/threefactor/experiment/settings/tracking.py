"""Settings of tracking."""

from typing import Annotated

from pydantic import AfterValidator, Field

from threefactor.experiment.settings.block import Block

FILES = ("sqlite", "file", "")
"""Schemes of addresses that are places of files; without one, an address is a folder."""


def _written_out(uri: str) -> str:
    scheme, sign, rest = uri.partition(":")
    place = rest if sign else uri
    is_short = "$" in place or any(part.startswith("~") for part in place.split("/"))
    if is_short and (scheme if sign else "") in FILES:
        raise ValueError("must have its folder written out, nothing here replaces ~ or $NAME")
    return uri


class Tracking(Block):
    """Where MLflow tracks runs; results never depend on it."""

    uri: Annotated[str, AfterValidator(_written_out)] = Field(
        "sqlite:///mlflow.db", description="address of the MLflow store, '' for no tracking"
    )
    experiment: str = Field("threefactor", min_length=1, description="name of the MLflow experiment")
