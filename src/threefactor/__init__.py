"""Learning to learn dynamical associations with reward-gated local plasticity.

``import threefactor as tf`` gives the functions of `threefactor.api`; they are loaded when the first of them is used.
"""

import importlib.util
from typing import Any

from threefactor import bytecode

bytecode.install()


def __getattr__(name: str) -> Any:
    """Look a name up: a module of the package, or a public name of `threefactor.api`."""
    if name.startswith("_"):
        raise AttributeError(f"module 'threefactor' has no attribute {name!r}")
    if importlib.util.find_spec(f"threefactor.{name}") is not None:
        return importlib.import_module(f"threefactor.{name}")  # a package or module, which needs no api
    api = importlib.import_module("threefactor.api")
    if name not in api.__all__:
        raise AttributeError(
            f"module 'threefactor' has no attribute {name!r}; it has {', '.join(api.__all__)}"
        )
    return getattr(api, name)


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(importlib.import_module("threefactor.api").__all__)
