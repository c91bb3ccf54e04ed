import pytest
from pyspark.sql.types import StructType

from shoplake.columns.schema import data_type, struct_type
from shoplake.columns.user_agent import TYPE
from shoplake.transforms.cart_periods import SCHEMA


@pytest.mark.parametrize(
    "ddl",
    [
        "id string",
        "a int, b bigint,c double, d float, e boolean, f date, g timestamp, h binary",
        "amount decimal(18,2), rate decimal(18, 8)",
        "m map<string,string>, l array<array<int>>",
        "lines array<struct<sku: string, attributes:map<string,decimal(10,0)>>>",
        "`odd-name` string, b string",
        SCHEMA,
    ],
)
def test_a_text_is_parsed_as_the_engine_parses_it(spark, ddl):
    assert struct_type(ddl) == StructType.fromDDL(ddl)


def test_the_type_of_a_column_is_that_of_its_text():
    assert data_type(TYPE).simpleString() == "struct<browser:string,device:string,is_bot:boolean>"


@pytest.mark.parametrize("text", ["strng", "decimal", "array<strng>", ""])
def test_an_unknown_type_is_an_error_that_quotes_it(text):
    with pytest.raises(ValueError, match="Unknown type"):
        data_type(text)


def test_a_field_without_a_type_is_an_error():
    with pytest.raises(ValueError, match="'id' is no field"):
        struct_type("id")
