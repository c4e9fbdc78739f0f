"""What a file is that is not as it was written, in words."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threefactor.pipeline.storage.manifest import (
        Written,
    )  # which imports pandas, and whoever plans does without


class DamagedError(Exception):
    """A file of results that is not whole; the message is one line: the file, what it is, what it must be."""


HEAD = 512
"""Bytes from the beginning of a file that tell what it is."""

STARTS = {
    rb"\x80[\x02-\x05]": "is a pickle",
    rb"PK\x03\x04": "is a ZIP archive, as torch.save and numpy write",
    rb"\x93NUMPY": "is an array of numpy",
    rb"\x1f\x8b": "is compressed by gzip",
    rb"\xff\xfe|\xfe\xff": "is text in UTF-16, must be in UTF-8",
    rb"(?i)\s*<(!doctype html|html)": "is a page in HTML",
    rb"version https://git-lfs": "is a pointer of Git LFS",
}
"""How files begin that are often found in the place of others."""

TEXTS = (".csv", ".json", ".svg", ".html", ".md", ".txt")
"""Endings of files in UTF-8."""


def kind(path: Path) -> str:
    """Say what a file is by how it begins, if that belongs to no file of its ending; else nothing."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head:
        return "is empty"
    for start, words in STARTS.items():
        if re.match(start, head) and not (path.suffix == ".html" and words.endswith("HTML")):
            return words
    if path.suffix in TEXTS and b"\x00" in head:
        return "is no text"
    return ""


def found(path: Path, wanted: "Written") -> str:
    """Say how a file differs from what was written."""
    if words := kind(path):
        return words
    content = path.read_bytes()
    if path.suffix in TEXTS:
        try:
            content.decode("utf-8")
        except UnicodeDecodeError:
            return "is no text in UTF-8"
    rows = content.count(b"\n") - 1
    if wanted.rows is not None and rows != wanted.rows:
        return f"has {rows} rows"
    return f"has {len(content)} bytes" if len(content) != wanted.size else "has other content"


def must(wanted: "Written") -> str:
    """Say what a file must have, in the words of `found`."""
    rows = "" if wanted.rows is None else f"{wanted.rows} rows, "
    return f"must have {rows}{wanted.size} bytes, sha256 {wanted.sha256[:12]}"
