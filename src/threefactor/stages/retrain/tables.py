"""What the files of stage ``retrain`` hold, by the name of the output."""

from threefactor.analysis.table import NETWORK, Array, Column, Table
from threefactor.experiment.followed_tables import LEVELS, OF_NETWORKS

TABLES = {
    "networks": Table(
        "a network of the batch",
        (*OF_NETWORKS, Column("gain", "", "gain g of its initial weights", finite=True)),
        least=1,
    ),
    "levels": LEVELS,
    "evaluations": Table(
        "a network of the batch and an evaluation",
        (
            NETWORK,
            Column("trial", "trials", "trials of learning before the evaluation", finite=True),
            Column("error", "", "noise-free error |y − y*|, mean over trial types; empty after diverging"),
            Column("accuracy", "fraction of trial types", "right answers without noise"),
            Column("change_norm", "", "Frobenius norm of the weight change ΔW"),
            Column(
                "change_rank",
                "rank",
                "effective rank of ΔW, participation ratio of its squared singular values",
            ),
            Column("clipped", "fraction of synapses", "synapses whose last update was as large as the clip"),
        ),
        least=1,
    ),
}

ARRAYS = {
    "solutions": (
        Array("initial.weights", "b i j", "", "weights before learning, onto i from j", finite=True),
        Array("initial.output_weights", "b o i", "", "weights of the readout before learning", finite=True),
        Array("final.weights", "b i j", "", "weights at the end of learning"),
        Array("final.output_weights", "b o i", "", "weights of the readout at the end of learning"),
        Array("input_weights", "b i c", "", "weights of the inputs", finite=True),
        Array("clamped", "i", "", "whether a unit is held at a state"),
        Array("clamped_state", "i", "", "state at which a unit is held", finite=True),
        Array("leak", "1", "", "time step by time constant", finite=True),
        Array(
            "exists", "b i j", "", "whether a synapse exists; absent where all do", finite=True, optional=True
        ),
        Array(
            "sign",
            "j",
            "",
            "sign of all weights from a unit; absent where they may have either",
            finite=True,
            optional=True,
        ),
        Array(
            "feedback_weights",
            "b i o",
            "",
            "weights from the outputs back; absent where none is fed back",
            finite=True,
            optional=True,
        ),
        Array("error", "b h", "", "mean |y − y*| of each trial; NaN after diverging"),
        Array("correct", "b h", "", "1 where the answer was right; NaN after diverging"),
        Array("criterion_trial", "b", "trials", "trials until the criterion; -1 where it was not reached"),
        Array("diverged", "b", "", "whether it was stopped by an update that was not finite", finite=True),
        Array("level", "l", "", "levels of the noise-free error", finite=True),
        Array(
            "level.trial", "b l", "trials", "trials until a level was first crossed; -1 where it never was"
        ),
        Array(
            "level.weights",
            "b l i j",
            "",
            "weights when a level was first crossed; zero where it never was",
            finite=True,
        ),
        Array(
            "level.output_weights",
            "b l o i",
            "",
            "weights of the readout when a level was first crossed; zero where it never was",
            finite=True,
        ),
        Array("snapshot.trial", "b s", "trials", "trials at each snapshot; -1 after the end of learning"),
        Array("snapshot.weights", "b s i j", "", "weights at each snapshot"),
        Array("snapshot.output_weights", "b s o i", "", "weights of the readout at each snapshot"),
    )
}
