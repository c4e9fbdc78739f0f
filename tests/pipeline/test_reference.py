"""The page of output files and the table of stages, and what they are written from."""

import pandas as pd
import pytest

from threefactor.pipeline import declared, reference, registry

OUTPUTS = [
    (stage, output, pattern)
    for stage, spec in registry.stages().items()
    for output, pattern in spec.outputs.items()
]


@pytest.mark.parametrize("place", reference.texts(), ids=str)
def test_the_pages_are_those_of_the_declarations(place):
    repair = f"{place} is not as stages declare; to mend it: {reference.COMMAND}"
    written = (reference.CHECKOUT / place).read_text(encoding="utf-8")
    assert written == reference.texts()[place], repair


@pytest.mark.parametrize(("stage", "output", "pattern"), OUTPUTS)
def test_every_file_declares_what_it_holds(stage, output, pattern):
    if pattern.endswith(".safetensors"):
        fields = declared.arrays_of(stage)[output]
    elif pattern.endswith((".csv", ".json")):
        table = declared.tables_of(stage)[output]
        fields = (*table.columns, *table.optional)
        assert table.row
    else:
        return
    names = [one.name for one in fields]
    assert names
    assert len(set(names)) == len(names)
    assert all(one.meaning for one in fields)


@pytest.mark.parametrize("stage", registry.stages())
def test_nothing_is_declared_of_files_that_no_stage_writes(stage):
    outputs = set(registry.stages()[stage].outputs)
    assert {*declared.tables_of(stage), *declared.arrays_of(stage)} <= outputs


def test_columns_that_are_not_as_declared_are_found(tmp_path):
    folder = tmp_path / "metalearn/a"
    folder.mkdir(parents=True)
    names = declared.tables_of("metalearn")["theta"].names()
    pd.DataFrame(columns=[*names, "deviation"]).to_csv(folder / "theta.csv", index=False)
    assert list(reference.differences(tmp_path)) == []
    pd.DataFrame(columns=[*names[1:], "kk"]).to_csv(folder / "theta.csv", index=False)
    lines = list(reference.differences(tmp_path))
    assert [line.rpartition(": ")[2] for line in lines] == ["kk is not declared", "has no k"]


def test_a_name_in_brackets_stands_for_any(tmp_path):
    folder = tmp_path / "metalearn/a"
    folder.mkdir(parents=True)
    names = [name for name in declared.tables_of("metalearn")["history"].names() if "<" not in name]
    more = ["theta_scaled_33", "value_plasticity.clip"]
    pd.DataFrame(columns=[*names, *more]).to_csv(folder / "history.csv", index=False)
    assert list(reference.differences(tmp_path)) == []


def test_files_with_a_longer_name_are_others(tmp_path):
    folder = tmp_path / "transfer/a/theta_33"
    folder.mkdir(parents=True)
    for output, name in (("networks", "0.csv"), ("curve", "0.curve.csv")):
        names = declared.tables_of("transfer")[output].names()
        pd.DataFrame(columns=names).to_csv(folder / name, index=False)
    assert list(reference.differences(tmp_path)) == []
