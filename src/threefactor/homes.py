"""Where a user's files lie, also of a user who has no home: a container's, or one whom the machine does not know."""

import contextlib
import functools
import os
import stat
import tempfile
from pathlib import Path


def provide() -> None:
    """Give a user without a home one, which libraries ask for when they are imported."""
    try:
        Path.home()
    except RuntimeError:  # no HOME, and no entry in the list of users
        os.environ["HOME"] = str(own())


@functools.cache
def own() -> Path:
    """Return a folder of this user alone that all of the user's processes find again, in the temporary folder.

    Where another user took its name it is a new one, of this process.
    """
    place = Path(tempfile.gettempdir(), f"threefactor-{os.geteuid()}")
    with contextlib.suppress(FileExistsError):
        place.mkdir(mode=0o700)
    found = place.lstat()  # of a link itself, which could lead anywhere
    if stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o022:
        return place
    return Path(tempfile.mkdtemp(prefix="threefactor-"))
