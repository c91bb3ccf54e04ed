from dataclasses import replace

from sample_tables import daily, marks, prices

from shoplake.declare import Replace, RowSplit
from shoplake.operations.definitions.definition import Definition, declared_definition, describe_mode, shape_hash


def test_a_definition_is_the_same_after_it_was_a_row():
    definition = replace(
        declared_definition(prices, {"bronze.prices_raw": "x"}), plan_hash={"shop": "p"}, settings={"shop": {"a": None}}
    )

    assert Definition.from_row(definition.to_row()) == definition


def test_a_row_of_a_definition_is_texts():
    assert {type(value) for value in declared_definition(marks, {}).to_row().values()} == {str}


def test_the_shape_is_key_partitions_and_write_mode_and_those_upstream():
    definition = declared_definition(daily, {"silver.marks": "x"})

    assert shape_hash(definition) == shape_hash(replace(definition, doc="Other", columns=()))
    others = [{"key": ("feed",)}, {"partition_by": ()}, {"write": "Append()"}, {"inputs": {"silver.marks": "y"}}]
    assert shape_hash(definition) not in {shape_hash(replace(definition, **other)) for other in others}


def test_what_parts_are_counted_by_is_in_no_definition():
    one, other = (Replace(split=RowSplit("day", each, of)) for each, of in ((1, ()), (2, ("marks",))))

    assert describe_mode(one) == describe_mode(other)
    assert describe_mode(Replace("day", bytes_per_row=7)) == describe_mode(Replace("day"))
