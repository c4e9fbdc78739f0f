"""What the tables of stage ``rivals`` hold, by the name of the output."""

from collections.abc import Mapping

from threefactor.analysis.table import Column, Table

_PLACE = Column("place", "", "place of the rule among all of its deviation, the best being 1", finite=True)

TABLES: Mapping[str, Table] = {
    "rivals": Table(
        "a hand-made rule",
        (
            _PLACE,
            Column(
                "rival",
                "",
                "powers k and l of its term, with a sign where both are tried; a sum; least squares",
            ),
            Column("objective", "fraction of trials", "smoothed error rate of its best draw"),
            Column("usual_objective", "fraction of trials", "that of the usual constants"),
            Column("draws", "draws", "values of the constants that were tried"),
            Column("trials", "trials", "simulated trials of all draws"),
            Column(
                "budget", "trials", "simulated trials that learning had, of the rule that is held against it"
            ),
        ),
    ),
    "constants": Table(
        "a hand-made rule and constant",
        (
            _PLACE,
            Column("name", "", "key of the settings"),
            Column("usual", "", "its value in the settings, in the unit of the setting"),
            Column("value", "", "its best value", finite=True),
        ),
    ),
    "theta": Table(
        "a hand-made rule and term",
        (
            _PLACE,
            Column("k", "", "power of the presynaptic rate", finite=True),
            Column("l", "", "power of the postsynaptic deviation", finite=True),
            Column("theta", "", "coefficient θ_kl, raw", finite=True),
        ),
        optional=(
            Column(
                "eligibility_time_ms", "ms", "decay time of the eligibility, if a learned rule has its own"
            ),
            Column("deviation", "", "deviation in the eligibility"),
            Column("deviation_bound", "rms", "bound of the deviation, if a learned rule has its own"),
            Column("update_size", "g/√N", "size of its normalised updates, if a learned rule has its own"),
        ),
    ),
}
