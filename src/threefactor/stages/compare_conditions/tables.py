"""What the tables of stage ``compare_conditions`` hold, by the name of the output."""

from collections.abc import Mapping

from threefactor.analysis.table import Table
from threefactor.analysis.transfer.condition_columns import PAIRS, RULES, WAITING
from threefactor.analysis.transfer.published import PUBLISHED

TABLES: Mapping[str, Table] = {"rules": RULES, "pairs": PAIRS, "waiting": WAITING, "published": PUBLISHED}
