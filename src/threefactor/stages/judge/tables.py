"""What the tables of stage ``judge`` hold, by the name of the output."""

from collections.abc import Mapping

from threefactor.analysis.table import Table
from threefactor.experiment.followed_tables import LEVELS, OF_NETWORKS

TABLES: Mapping[str, Table] = {"networks": Table("a network", OF_NETWORKS), "levels": LEVELS}
