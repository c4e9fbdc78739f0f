"""Help at any width: each line of a text is wrapped for itself, and no word is broken."""

import argparse
import re
import textwrap
from collections.abc import Mapping


class HelpFormatter(argparse.HelpFormatter):
    """Wraps lines where words end; a second column, or what a line begins with spaces, goes on below itself."""

    def _split_lines(self, text: str, width: int) -> list[str]:
        return _wrapped(" ".join(text.split()), width)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        lines = [line for one in text.splitlines() for line in _wrapped(one, width - len(indent))]
        return "\n".join(f"{indent}{line}" for line in lines)


def _wrapped(line: str, width: int) -> list[str]:
    """Break a line where words end; a word that is longer than the width stays whole."""
    if column := re.match(r" +\S+ {2,}", line):
        below = column.end()
    else:
        below = 2 * (len(line) - len(line.lstrip()))
    return textwrap.wrap(
        line,
        max(width, below + 1),
        subsequent_indent=" " * below,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [""]


def listed(meanings: Mapping[str, str]) -> str:
    """Write names and what they mean in two columns."""
    width = max(map(len, meanings))
    return "\n".join(f"  {name:{width}}  {words}" for name, words in meanings.items())
