"""What the files of stage ``retrain`` hold, by the name of the output."""

from threefactor.analysis.table import Array, Column, Table

NETWORKS = (
    Column("network", "", "number of the network; equal numbers are equal initial weights"),
    Column("reached", "", "whether it reached the criterion"),
    Column("trials_to_criterion", "trials", "trials to the criterion; the horizon where it was not reached"),
    Column("error_last", "", "mean |y − y*| over its last criterion.window trials"),
    Column("accuracy_last", "fraction of trials", "right answers in its last criterion.window trials"),
    Column("diverged", "", "whether it stopped because weights were not finite"),
)

TABLES = {"networks": Table("a network", NETWORKS)}

ARRAYS = {
    "solutions": (
        Array("initial.weights", "b i j", "", "weights before learning"),
        Array("final.weights", "b i j", "", "weights after learning"),
        Array("input_weights", "b i c", "", "weights of the inputs"),
        Array("output_weights", "b o i", "", "readout"),
        Array("clamped", "i", "", "whether a unit is clamped"),
        Array("clamped_state", "i", "", "state of clamped units"),
        Array("exists", "b i j", "", "whether a synapse exists, in sparse networks"),
        Array("sign", "j", "", "sign of the weights from a unit, under Dale's law"),
        Array("leak", "1", "", "α = dt/τ"),
        Array("error", "b h", "", "mean |y − y*| of each trial; NaN after stopping"),
        Array("correct", "b h", "", "whether the answer was right; NaN after stopping"),
        Array("trials_to_criterion", "b", "trials", "as in the table"),
        Array("reached", "b", "", "as in the table"),
        Array("diverged", "b", "", "as in the table"),
        Array("snapshot.weights", "b s i j", "", "weights at retrain.snapshots, then at the end"),
        Array("snapshot.trial", "b s", "trials", "trial of each snapshot"),
    ),
}
