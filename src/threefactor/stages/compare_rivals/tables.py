"""What the table of stage ``compare_rivals`` holds."""

from collections.abc import Mapping

from threefactor.analysis.learning.judged import JUDGED
from threefactor.analysis.table import Table

TABLES: Mapping[str, Table] = {"judged": JUDGED}
