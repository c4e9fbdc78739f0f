"""What the tables of stage ``metalearning_report`` hold, by the name of the output."""

from collections.abc import Mapping

from threefactor.analysis.learning.search_cost import SAVINGS, SEARCHES
from threefactor.analysis.table import Table

TABLES: Mapping[str, Table] = {"searches": SEARCHES, "savings": SAVINGS}
