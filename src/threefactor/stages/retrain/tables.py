"""What the files of stage ``retrain`` hold, by the name of the output."""

from threefactor.analysis.table import NETWORK, Array, Column, Table

TABLES = {
    "networks": Table(
        "a network of the batch",
        (
            NETWORK,
            Column("reached", "", "whether it reached the criterion"),
            Column("trials_to_criterion", "trials", "trials until the criterion; else the horizon"),
            Column("error_last", "", "error over its last trials, as many as the criterion's window"),
            Column("accuracy_last", "fraction of trials", "right answers over the same trials"),
            Column("diverged", "", "whether it was stopped by an update that was not finite"),
        ),
    )
}

ARRAYS = {
    "solutions": (
        Array("initial.weights", "b i j", "", "weights before learning, onto i from j"),
        Array("final.weights", "b i j", "", "weights after learning"),
        Array("input_weights", "b i c", "", "weights of the inputs"),
        Array("output_weights", "b o i", "", "weights of the readout"),
        Array("clamped", "i", "", "whether a unit is held at a state"),
        Array("clamped_state", "i", "", "that state"),
        Array("leak", "1", "", "time step by time constant"),
        Array("exists", "b i j", "", "whether a synapse exists; absent where all do"),
        Array("sign", "j", "", "sign of all weights from a unit; absent where they may have either"),
        Array("error", "b h", "", "mean |y − y*| of each trial; NaN after stopping"),
        Array("correct", "b h", "", "1 where the answer was right; NaN after stopping"),
        Array("trials_to_criterion", "b", "trials", "trials until the criterion; else the horizon"),
        Array("reached", "b", "", "whether it reached the criterion"),
        Array("diverged", "b", "", "whether it was stopped by an update that was not finite"),
        Array("snapshot.weights", "b s i j", "", "weights at each snapshot, the last being the final ones"),
        Array("snapshot.trial", "b s", "trials", "trials done when a snapshot was taken"),
    )
}
