"""Constants of learning rules that were tuned."""

from typing import Any

import pandas as pd

from threefactor.experiment.view import value_at


def with_constants(settings: Any, rule: str, tuned: pd.DataFrame | None) -> Any:
    """Return the settings under which a learning rule runs: with its own constants in force, whole numbers whole.

    Parameters
    ----------
    settings
        Of an experiment, with ``tune.constants``, or those of this rule.
    rule
        Name of the learning rule.
    tuned
        ``tuned.csv`` of stage ``tune``, which comes before ``tune.constants``; None for a rule that was not tuned.
    """
    found = settings.tune.constants
    constants = dict(found[rule]) if rule in found else {}
    if tuned is not None:
        constants |= dict(zip(tuned["name"], tuned["value"].astype(float).tolist(), strict=True))
    return settings.changed({key: _like(value_at(settings, key), value) for key, value in constants.items()})


def _like(usual: float, value: float) -> float:
    """Return a value of the type of the usual one: a table of constants knows no whole numbers."""
    return round(value) if isinstance(usual, int) else value
