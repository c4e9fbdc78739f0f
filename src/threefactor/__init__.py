"""Learning to learn dynamical associations with reward-gated local plasticity.

``import threefactor as tf`` gives the functions of `threefactor.api`; they are loaded when the first of them is used.
"""

import importlib
from typing import Any


def __getattr__(name: str) -> Any:
    """Look a public name up in `threefactor.api`."""
    if name.startswith("_"):
        raise AttributeError(f"module 'threefactor' has no attribute {name!r}")
    api = importlib.import_module("threefactor.api")
    if name not in api.__all__:
        raise AttributeError(f"module 'threefactor' has no attribute {name!r}; it has {', '.join(api.__all__)}")
    return getattr(api, name)


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(importlib.import_module("threefactor.api").__all__)
