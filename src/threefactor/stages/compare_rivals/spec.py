"""Stage ``compare_rivals``: one job, whose table is empty where no learned rule is held against hand-made ones."""

from threefactor.experiment.spec import Input, Spec

SPEC = Spec(
    name="compare_rivals",
    help="compare a learned rule with the best hand-made ones on fresh networks",
    inputs={
        "rivals": Input("rivals/{family}.csv"),
        "networks": Input("judge/{judged}.csv"),
        "levels": Input("judge/{judged}.levels.csv"),
    },
    outputs={"judged": "compare_rivals/judged.csv"},
    settings=("seed", "rivals"),
)
