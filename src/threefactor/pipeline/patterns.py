"""Patterns of files, as specs and figures write them: names of wildcards in braces."""

import re
from string import Formatter

from threefactor.experiment.settings.errors import SettingsError


def wildcards_in(pattern: str) -> list[str]:
    """List the wildcards of a pattern, each once."""
    return list(dict.fromkeys(name for _, name, _, _ in Formatter().parse(pattern) if name))


def match(pattern: str, path: str) -> dict[str, str]:
    """Return the values of the wildcards of a pattern in a path that ends as it says.

    Raises
    ------
    SettingsError
        If the path does not.
    """
    regex = ""
    for text, name, _, _ in Formatter().parse(pattern):
        regex += re.escape(text)
        if name:
            regex += f"(?P={name})" if f"(?P<{name}>" in regex else f"(?P<{name}>[^/]+)"
    found = re.search(rf"(?:^|/){regex}$", path)
    if not found:
        raise SettingsError(f"{path}: must end as {pattern}, which says what it is of")
    return found.groupdict()
