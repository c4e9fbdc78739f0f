"""Settings of which only those that were declared can be read."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from threefactor.experiment.settings.block import Unreadable


class UndeclaredError(KeyError):
    """A stage reads a setting that its spec does not declare: its results would not follow the setting."""

    def __str__(self) -> str:
        return str(self.args[0])


class View:
    """Settings behind a list of keys.

    Parameters
    ----------
    settings : Block
        All settings of an experiment.
    declared : iterable of str
        Dotted keys, of single settings or of whole groups, that may be read.
    reader : str
        Who reads, for the message.
    """

    def __init__(self, settings: Any, declared: Iterable[str], reader: str) -> None:
        self._node, self._declared, self._reader, self._path = settings, tuple(declared), reader, ""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._at(name)

    def __getitem__(self, name: str) -> Any:
        return self._at(name)

    def __iter__(self) -> Iterator[str]:
        paths = ((name, f"{self._path}.{name}" if self._path else name) for name, _ in members(self._node))
        return (name for name, path in paths if self._reads(path) or self._reads_below(path))

    def changed(self, values: Mapping[str, Any]) -> "View":
        """Return the settings with other values, by dotted key; they are not checked again."""
        return self._like(changed(self._node, values), self._path)

    def _at(self, name: str) -> Any:
        path = f"{self._path}.{name}" if self._path else name
        value = child(self._node, name)
        if self._reads(path):
            return value
        if self._reads_below(path):
            return self._like(value, path)
        raise UndeclaredError(f"{self._reader} reads {path}: its spec must declare it among its settings")

    def _reads(self, path: str) -> bool:
        """Tell whether a setting or a group was declared, alone or with a group around it."""
        return any(path == key or path.startswith(f"{key}.") for key in self._declared)

    def _reads_below(self, path: str) -> bool:
        """Tell whether something within a group was declared."""
        return any(key.startswith(f"{path}.") for key in self._declared)

    def _like(self, node: Any, path: str) -> "View":
        view = View(node, self._declared, self._reader)
        view._path = path
        return view


def members(node: Any) -> Iterator[tuple[str, Any]]:
    """Yield the names that files use, and the values, of a group of settings; nothing of a single setting."""
    if isinstance(node, Mapping):
        yield from node.items()
    elif isinstance(node, BaseModel):
        yield from (
            (info.alias or field, getattr(node, field)) for field, info in type(node).model_fields.items()
        )


def child(node: Any, name: str) -> Any:
    """Return a setting or a group of settings by the name that files use.

    Raises
    ------
    AttributeError
        If there is none.
    DeclarationError
        If the file of a stage that declares the settings is broken.
    """
    if isinstance(node, Mapping):
        return node[name]
    for field, info in type(node).model_fields.items():
        if name in (info.alias or field, field):
            return getattr(node, field)
    if isinstance(node, Unreadable):
        return getattr(node, name)
    raise AttributeError(f"settings have no key {name!r}")


def value_at(settings: Any, key: str) -> Any:
    """Return a setting by its dotted key; of all settings or of a view of them."""
    for name in key.split("."):
        settings = settings[name] if isinstance(settings, View) else child(settings, name)
    return settings


def changed(node: Any, values: Mapping[str, Any]) -> Any:
    """Return settings with other values, by dotted key; they are not checked again."""
    for key, value in values.items():
        first, _, rest = key.partition(".")
        inner = changed(child(node, first), {rest: value}) if rest else value
        node = node | {first: inner} if isinstance(node, dict) else _replaced(node, first, inner)
    return node


def _replaced(block: BaseModel, name: str, value: Any) -> BaseModel:
    """Return a block with another value of a field, by the name that files use; see `child`."""
    for field, info in type(block).model_fields.items():
        if name in (info.alias, field):
            return block.model_copy(update={field: value})
    raise AttributeError(f"settings have no key {name!r}")


def dump(settings: Any) -> dict[str, Any]:
    """Turn all settings into plain values."""
    found: dict[str, Any] = settings.model_dump(mode="json", by_alias=True)
    return found


def flatten(tree: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Turn nested settings into dotted keys."""
    flat: dict[str, Any] = {}
    for name, value in tree.items():
        if isinstance(value, dict) and value:
            flat |= flatten(value, f"{above}{name}.")
        else:
            flat[f"{above}{name}"] = value
    return flat


def everything(settings: Any) -> View:
    """Return a view of all settings, for whoever is no stage: the command line, a notebook, a test."""
    return View(settings, [name for name, _ in members(settings)], "everything")
